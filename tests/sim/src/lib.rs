//! Some houses, a few years, and everything that happens to disks and friends: driven by `plan`, and
//! judged by what is true.
//!
//! A step is a day. Each box decides with `plan` alone, from what it believes; disks die and rot, houses
//! burn, boxes are taken over, friends leave, lie, lose and come back. How friends answer is modelled here
//! directly: no bytes are sent, and the wire has tests of its own. The same seed is the same world.
//!
//! What must hold: a pack comes back exactly when a good copy is left anywhere that may be asked; what
//! does not is named; no pack is lost that `plan` had time to save; and both sides of a pact count alike.
//! Start reading at [`run`], then [`World`].

mod fate;
mod host;
mod oracle;
mod owner;
mod talk;
mod world;

use std::ops::AddAssign;

pub use world::World;

/// Days in which nothing more happens at the end, so that what is pending comes to rest: longer than a
/// round of audits, the grace of a friend that is away, and the patience with one that lies.
const SETTLES: u32 = 150;

/// What is left out on purpose, to see that it would be missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// Nothing.
    None,
    /// Friends are asked for nothing.
    NoAudits,
    /// What a friend once took is never sent to another.
    NoSecondSend,
    /// Hosts let go as soon as they are asked.
    DeletesAtOnce,
    /// Hosts let everything go when a box was dark for two months.
    SilenceExpires,
    /// Copies on disks are not made again.
    NoRepair,
}

/// All that sabotages, for whoever tries each.
pub const SABOTAGES: [Sabotage; 5] = [
    Sabotage::NoAudits,
    Sabotage::NoSecondSend,
    Sabotage::DeletesAtOnce,
    Sabotage::SilenceExpires,
    Sabotage::NoRepair,
];

/// What happened in a world, and what was wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Days that boxes lived through.
    pub box_days: u64,
    /// Packs that were stored.
    pub packs: u64,
    /// Disks that died.
    pub disks_died: u64,
    /// Houses that burned.
    pub burned: u64,
    /// Boxes that were taken over and told all friends to delete everything.
    pub taken_over: u64,
    /// Pacts that ended with notice.
    pub ended: u64,
    /// Boxes that vanished for ever.
    pub vanished: u64,
    /// Packs that liars threw away.
    pub feigned: u64,
    /// Copies that audits, lists and fetches found lost.
    pub found_lost: u64,
    /// Copies sent to friends.
    pub sent: u64,
    /// Packs fetched back from friends.
    pub fetched: u64,
    /// Packs that no good copy was left of.
    pub lost: u64,
    /// WRONG: of these, those that could have been saved for [`oracle::HEALS`] days, or that a host let go
    /// too soon.
    pub blamed: u64,
    /// WRONG: packs that could have been made safer for as long, lost or not.
    pub neglected: u64,
    /// WRONG: packs that an honest host had no room for, though the owner's box counted on it.
    pub refused: u64,
    /// WRONG: packs of which a good copy is left and that did not come back.
    pub unrecovered: u64,
    /// WRONG: packs that are lost and that nobody names.
    pub unnamed: u64,
    /// WRONG: packs that are called lost and are not.
    pub cried_wolf: u64,
}

impl Tally {
    /// Everything under WRONG, with its name.
    pub fn wrongs(&self) -> [(&'static str, u64); 6] {
        [
            ("lost by the plan's fault", self.blamed),
            ("neglected", self.neglected),
            ("refused for want of room", self.refused),
            ("not recovered", self.unrecovered),
            ("lost and not named", self.unnamed),
            ("named and not lost", self.cried_wolf),
        ]
    }

    /// Whether all that must hold held.
    pub fn is_right(&self) -> bool {
        self.wrongs().iter().all(|(_, count)| *count == 0)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        let pairs = [
            (&mut self.box_days, other.box_days),
            (&mut self.packs, other.packs),
            (&mut self.disks_died, other.disks_died),
            (&mut self.burned, other.burned),
            (&mut self.taken_over, other.taken_over),
            (&mut self.ended, other.ended),
            (&mut self.vanished, other.vanished),
            (&mut self.feigned, other.feigned),
            (&mut self.found_lost, other.found_lost),
            (&mut self.sent, other.sent),
            (&mut self.fetched, other.fetched),
            (&mut self.lost, other.lost),
            (&mut self.blamed, other.blamed),
            (&mut self.neglected, other.neglected),
            (&mut self.refused, other.refused),
            (&mut self.unrecovered, other.unrecovered),
            (&mut self.unnamed, other.unnamed),
            (&mut self.cried_wolf, other.cried_wolf),
        ];
        for (sum, one) in pairs {
            *sum += one;
        }
    }
}

/// Lives through one world: one to three years, and a while in which it comes to rest.
pub fn run(seed: u64, sabotage: Sabotage) -> Tally {
    let mut world = World::new(seed, sabotage);
    let days = world.dice.within(365, 1_096);
    for _ in 0..days {
        world.live();
    }
    world.calm_down();
    for _ in 0..SETTLES {
        world.live();
    }
    world.judge();
    world.tally
}

impl World {
    /// One day in all houses.
    fn live(&mut self) {
        self.strike();
        for house in 0..self.houses.len() {
            self.tend_shelves(house);
        }
        for house in 0..self.houses.len() {
            if self.houses[house].is_up(self.day) {
                self.tally.box_days += 1;
                self.keep_house(house);
                self.see_friends(house);
            }
        }
        self.watch();
        self.day += 1;
    }
}
