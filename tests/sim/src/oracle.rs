//! What is true, and whose fault it is. Nothing here is known to any box. Start at [`World::watch`].

use peer_proto::host::Given;
use plan::offsite::Standing;
use types::Bytes;

use crate::world::{Character, Set, World, at, bit, index, members};

/// A pack that could have been made safer for so many days, and was not, is the plan's fault: a scrub comes
/// after 30 at the latest, a friend that is away is believed for 14, and a day's line may be full.
pub(crate) const HEALS: u32 = 60;
/// Room for the longest pack there is.
const LONGEST: Bytes = Bytes(16 * Bytes::MIB);

impl World {
    /// Good copies at friends who give them back when asked, and who are asked: a pact that the owner ended,
    /// since its friend kept nothing, is over.
    fn good_elsewhere(&self, owner: usize) -> Set {
        let gives = |host: &usize| {
            let house = &self.houses[*host];
            let is_asked = self.houses[owner].views[*host].standing != Standing::Ended;
            let gives = !house.gone && house.behaves(self.day) != Character::Staller;
            *host != owner && is_asked && gives
        };
        let hosts = (0..self.houses.len()).filter(gives);
        hosts.fold(0, |set, host| set | self.houses[host].shelves[owner].good)
    }

    /// Packs that could go to an honest friend who is there, has room and does not have them.
    fn could_go(&self, owner: usize) -> Set {
        let me = &self.houses[owner];
        let mut could = 0;
        for (host, house) in self.houses.iter().enumerate() {
            let (view, shelf) = (&me.views[host], &house.shelves[owner]);
            let used = me.bytes(shelf.claimed());
            let room = Given { given: shelf.given, used }.room();
            let facts = view.facts(0, used, true);
            let takes = host != owner && house.is_up(self.day) && facts.takes(at(self.day));
            if takes && house.behaves(self.day) == Character::Honest && room >= LONGEST {
                could |= !shelf.good;
            }
        }
        could
    }

    /// Looks at all packs at the end of a day.
    pub(crate) fn watch(&mut self) {
        for owner in 0..self.houses.len() {
            if self.houses[owner].gone {
                continue;
            }
            let elsewhere = self.good_elsewhere(owner);
            let could_go = self.could_go(owner);
            let betrayed = self.houses.iter().fold(0, |set, h| set | h.shelves[owner].betrayed);
            let is_up = self.houses[owner].is_up(self.day);
            let me = &mut self.houses[owner];
            let (here, needed) = (me.good_here(), me.needed());
            let lost = needed & !here & !elsewhere & !me.truly_lost;
            me.truly_lost |= lost;
            let blamed =
                |pack: &u32| betrayed & bit(*pack) != 0 || me.neglected[index(*pack)] > HEALS;
            self.tally.lost += u64::from(lost.count_ones());
            self.tally.blamed += members(lost).filter(blamed).map(|_| 1).sum::<u64>();
            let alive = me.disks.iter().filter(|disk| disk.alive);
            let alive: Vec<Set> = alive.map(|disk| disk.has & !disk.rotten).collect();
            let twice = (0..alive.len()).fold(0, |set, one| {
                (0..one).fold(set, |set, other| set | (alive[one] & alive[other]))
            });
            let thin = if alive.len() > 1 { here & !twice } else { 0 };
            let weak = needed & here & (thin | !elsewhere & could_go);
            for (pack, days) in (0..).zip(&mut me.neglected) {
                *days = match (is_up, weak & bit(pack) != 0) {
                    (true, true) => *days + 1,
                    (true, false) => 0,
                    (false, _) => *days,
                };
                self.tally.neglected += u64::from(*days == HEALS + 1 && is_up);
            }
        }
    }

    /// The end: everything that is somewhere is here again, and everything else is named: as lost, or as
    /// held by a friend of whom nothing was heard, and of whom nobody but the oracle knows that it is gone.
    pub(crate) fn judge(&mut self) {
        for owner in 0..self.houses.len() {
            let (elsewhere, me) = (self.good_elsewhere(owner), &self.houses[owner]);
            if me.gone {
                continue;
            }
            let (here, needed) = (me.good_here(), me.needed());
            let count = |set: Set| u64::from((needed & set).count_ones());
            self.tally.unrecovered += count(elsewhere & !here);
            self.tally.unnamed += count(!elsewhere & !here & !me.named & !me.away);
            self.tally.cried_wolf += count((elsewhere | here) & me.named);
        }
    }
}
