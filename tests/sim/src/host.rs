//! One box as a host: what it lets go, and how it answers. Start at [`World::tend_shelves`].

use plan::offsite::score::Answer;
use plan::offsite::silence::{Duty, duty};
use types::Millis;
use types::pact::NOT_BEFORE_DAYS;

use crate::Sabotage;
use crate::world::{Character, PACKS, Shelf, World, at, bit};

/// How soon a host lets a dark box's packs go when it is sabotaged, in days.
const EXPIRES_AFTER: u64 = 60;

impl World {
    /// What a host does by itself each day, whether anybody calls or not.
    pub(crate) fn tend_shelves(&mut self, host: usize) {
        if !self.houses[host].is_up(self.day) {
            return;
        }
        let (day, sabotage) = (self.day, self.sabotage);
        for shelf in &mut self.houses[host].shelves {
            let keeps = if sabotage == Sabotage::DeletesAtOnce { 0 } else { NOT_BEFORE_DAYS };
            for no in 0..PACKS {
                if shelf.asked[no].is_none_or(|asked| day - asked < u32::from(keeps)) {
                    continue;
                }
                let early = shelf.asked[no].is_some_and(|asked| day - asked < 30);
                let gone = 1_u128 << no;
                shelf.betrayed |= if early { gone & shelf.good } else { 0 };
                shelf.remove(gone);
                shelf.asked[no] = None;
            }
            let dark = at(day).since(shelf.guest.last_heard);
            if sabotage == Sabotage::SilenceExpires && dark > Millis::from_days(EXPIRES_AFTER) {
                shelf.betrayed |= shelf.good;
                shelf.remove(u128::MAX);
            }
            // Here the person always says yes once it is over.
            if duty(&shelf.guest, at(day)) == Duty::Over && !shelf.cleared {
                shelf.remove(u128::MAX);
                shelf.cleared = true;
                self.tally.ended += 1;
            }
        }
    }

    /// How a host answers when it is asked for bytes of a pack.
    pub(crate) fn answer(&mut self, host: usize, owner: usize, pack: u32) -> Answer {
        let character = self.houses[host].behaves(self.day);
        let shelf = &mut self.houses[host].shelves[owner];
        let asked = bit(pack);
        if character == Character::Staller {
            return Answer::TimedOut;
        }
        if shelf.good & asked != 0 {
            return Answer::Proved;
        }
        if shelf.claimed() & asked == 0 {
            return Answer::Missing;
        }
        // Either it finds by this that what it has is rotten, or it is found out.
        shelf.remove(asked);
        Answer::Mismatch
    }
}

impl Shelf {
    fn remove(&mut self, packs: u128) {
        self.good &= !packs;
        self.rotten &= !packs;
        self.feigned &= !packs;
    }
}
