//! Some houses over some years, and everything that happens to disks, lines, clocks and friends: driven by
//! `plan` and the machines of `peer_proto` as they run in life, and judged by what is true.
//!
//! A step is one to four days. Each box decides with `plan`, `Host`, `Owner` and `PactLife`, from what it
//! believes; their actions are carried out one after the other, as a driver would, and a crash may come
//! between any two: what was not durable is gone. No bytes are sent: a pack is a name and a length, and a
//! copy is good, rotten, or feigned. The same seed is the same world.
//!
//! What must hold is [`Wrong`], and that it would be seen is shown by each [`Sabotage`].
//! Start reading at [`run`], then [`World`].

mod disks;
mod facts;
mod fate;
mod heads;
mod hosting;
mod keys;
mod line;
mod oracle;
mod owning;
mod pacts;
mod restart;
mod sets;
mod shelf;
mod store;
mod talk;
mod tally;
mod world;

pub use tally::{Event, Tally, Wrong};
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
    /// Whoever jumps a clock says that it is right.
    BelievesAnyClock,
    /// Hosts say that a pack is durable, and a power cut shows that it was not.
    AcksEarly,
    /// Owners do not look at friends' lists.
    NoLists,
}

/// All sabotages, each with the wrong by which it must be seen.
pub const SABOTAGES: [(Sabotage, Wrong); 8] = [
    (Sabotage::NoAudits, Wrong::Neglected),
    (Sabotage::NoSecondSend, Wrong::Blamed),
    (Sabotage::DeletesAtOnce, Wrong::Early),
    (Sabotage::SilenceExpires, Wrong::Blamed),
    (Sabotage::NoRepair, Wrong::Blamed),
    (Sabotage::BelievesAnyClock, Wrong::Early),
    (Sabotage::AcksEarly, Wrong::Unkept),
    (Sabotage::NoLists, Wrong::Apart),
];

/// Lives through one world: one to three years, and a while in which it comes to rest.
pub fn run(seed: u64, sabotage: Sabotage) -> Tally {
    let mut world = World::new(seed, sabotage);
    let days = world.dice.within(365, 1_096);
    while world.day < days {
        world.live();
    }
    world.calm_down();
    while world.day < days + SETTLES {
        world.live();
    }
    world.judge();
    world.tally
}

impl World {
    /// A step in all houses.
    fn live(&mut self) {
        let stride = self.dice.within(1, 5);
        (self.stride, self.day, self.ms) = (stride, self.day + stride, 0);
        self.strike();
        for house in 0..self.houses.len() {
            if self.houses[house].is_up(self.day) {
                self.tally.note(Event::BoxStep);
                self.keep_house(house);
                self.look_after_guests(house);
                self.tick(house);
            }
        }
        self.meet();
        for house in 0..self.houses.len() {
            if self.houses[house].is_up(self.day) {
                self.see_friends(house);
            }
        }
        self.meet();
        self.watch();
    }
}
