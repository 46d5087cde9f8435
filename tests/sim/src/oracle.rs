//! What is true, and whose fault it is. Nothing here is known to any box. Start at [`World::watch`].

use types::Bytes;

use crate::sets::{Set, bit, index, members};
use crate::shelf::Truth;
use crate::world::{Character, World, at};
use crate::{Event, Wrong};

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
            let is_over = [(owner, *host), (*host, owner)].iter().any(|(one, other)| {
                self.houses[*one].bonds[*other].as_ref().is_none_or(|bond| bond.is_over())
            });
            let is_asked = !self.houses[owner].views[*host].given_up && !is_over;
            is_asked && !house.gone && self.behaves(*host) != Character::Staller
        };
        let hosts = (0..self.houses.len()).filter(gives);
        let is_mine = |root: &types::PackId| self.root(owner, crate::sets::number(*root)) == *root;
        hosts.fold(0, |set, host| {
            let shelf = &self.houses[host].shelves[owner];
            let good =
                shelf.files.iter().filter(|(root, file)| file.is == Truth::Good && is_mine(root));
            good.fold(set, |set, (root, _)| set | bit(crate::sets::number(*root)))
        })
    }

    /// Packs that could go to an honest friend who is there, has room and does not have them.
    fn could_go(&self, owner: usize) -> Set {
        let mut could = 0;
        for (host, house) in self.houses.iter().enumerate() {
            if host == owner {
                continue;
            }
            let facts = self.facts(owner, host);
            let has_disk = house.disks.iter().any(|disk| disk.alive);
            let takes = house.is_up(self.day) && facts.takes(at(self.day)) && has_disk;
            let pauses = house.bonds[owner]
                .as_ref()
                .is_none_or(|bond| bond.life.may_bring(self.now(host).wall).is_err());
            if takes && !pauses && self.is_honest(host) && facts.room() >= LONGEST {
                could |= !house.shelves[owner].good();
            }
        }
        could
    }

    /// Looks at all packs at the end of a step.
    pub(crate) fn watch(&mut self) {
        for owner in 0..self.houses.len() {
            if self.houses[owner].gone {
                continue;
            }
            self.count_unkept(owner);
            let elsewhere = self.good_elsewhere(owner);
            let could_go = self.could_go(owner);
            let betrayed = self.houses.iter().fold(0, |set, h| set | h.shelves[owner].betrayed);
            let knows_time = self.houses[owner].clock_off == 0;
            let (is_up, stride) = (self.houses[owner].is_up(self.day) && knows_time, self.stride);
            let me = &mut self.houses[owner];
            let (here, needed) = (me.good_here(), me.needed());
            let lost = needed & !here & !me.good_away() & !elsewhere & !me.truly_lost;
            me.truly_lost |= lost;
            let blamed =
                |pack: &u32| betrayed & bit(*pack) != 0 || me.neglected[index(*pack)] > HEALS;
            self.tally.notes(Event::Lost, u64::from(lost.count_ones()));
            self.tally.wrong(Wrong::Blamed, members(lost).filter(blamed).map(|_| 1).sum());
            let alive = me.disks.iter().filter(|disk| disk.alive);
            let alive: Vec<Set> = alive.map(|disk| disk.has & !disk.rotten).collect();
            let twice = (0..alive.len()).fold(0, |set, one| {
                (0..one).fold(set, |set, other| set | (alive[one] & alive[other]))
            });
            // A copy on a disk that is away for a while is not made again at once.
            let thin = if alive.len() > 1 { here & !twice & !me.good_away() } else { 0 };
            let weak = needed & here & (thin | !elsewhere & could_go);
            for (pack, days) in (0..).zip(&mut me.neglected) {
                let before = *days;
                *days = match (is_up, weak & bit(pack) != 0) {
                    (true, true) => *days + stride,
                    (true, false) => 0,
                    (false, _) => *days,
                };
                let is_over = before <= HEALS && *days > HEALS;
                self.tally.wrong(Wrong::Neglected, u64::from(is_over && is_up));
            }
        }
    }

    /// Every copy that an owner counts at a host who keeps what it is given is there, unless a disk lost it.
    fn count_unkept(&mut self, owner: usize) {
        for host in 0..self.houses.len() {
            // Whoever did not speak since cannot know.
            if !self.is_honest(host) || !self.line(owner, host).open {
                continue;
            }
            let shelf = &self.houses[host].shelves[owner];
            let held =
                self.houses[owner].views[host].machine.copies().filter(|copy| copy.is_safe());
            let missing = held.filter(|copy| {
                !shelf.files.contains_key(&copy.root) && !shelf.excused.contains(&copy.root)
            });
            let missing = missing.count();
            self.tally.wrong(Wrong::Unkept, u64::try_from(missing).unwrap_or(u64::MAX));
        }
    }

    /// The end: everything that is somewhere is here again, and everything else is named: as lost, or as
    /// held by a friend of whom nothing was heard, and of whom nobody but the oracle knows that it is gone.
    pub(crate) fn judge(&mut self) {
        for owner in 0..self.houses.len() {
            for host in 0..self.houses.len() {
                self.compare_sides(owner, host);
            }
            let (elsewhere, me) = (self.good_elsewhere(owner), &self.houses[owner]);
            if me.gone {
                continue;
            }
            let (here, needed) = (me.good_here(), me.needed());
            let count = |set: Set| u64::from((needed & set).count_ones());
            let found = [
                (Wrong::Unrecovered, count(elsewhere & !here)),
                (Wrong::Unnamed, count(!elsewhere & !here & !me.named & !me.away)),
                (Wrong::CriedWolf, count((elsewhere | here) & me.named)),
            ];
            found.into_iter().for_each(|(wrong, packs)| self.tally.wrong(wrong, packs));
        }
    }
}
