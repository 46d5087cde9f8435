//! What there is in a world: houses with a box each, their disks and packs, the machines that speak for
//! them, and what is true apart from what any box believes. Start reading at [`World`].

use std::collections::BTreeMap;

use peer_proto::clock::Now;
use plan::PackKind;
use testkit::dice::Dice;
use types::{Bytes, Millis, UnixTime};

use crate::Sabotage;
use crate::heads::Head;
use crate::keys::Keys;
use crate::line::Line;
use crate::owning::View;
use crate::pacts::Bond;
use crate::sets::{PACKS, Set, bit, root};
use crate::shelf::Shelf;

/// The first day.
const START: UnixTime = UnixTime(1_767_225_600_000);

/// Noon of a day, by a clock that nothing moves.
pub(crate) fn at(day: u32) -> UnixTime {
    START.plus(Millis::from_days(u64::from(day)))
}

/// A disk.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    pub(crate) serial: u32,
    /// It is there and works.
    pub(crate) alive: bool,
    /// It is not there, and will come back with all that lies on it.
    pub(crate) away: bool,
    /// What of the house's own lies on it, as far as the box knows.
    pub(crate) has: Set,
    /// Of that, what has rotted.
    pub(crate) rotten: Set,
    /// When it comes back, or somebody puts another in its place.
    pub(crate) back_on: u32,
}

/// A pack of a house.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pack {
    pub(crate) kind: PackKind,
    pub(crate) len: Bytes,
    pub(crate) sealed: u32,
    pub(crate) pruned: Option<u32>,
    /// How often the number was used before.
    pub(crate) again: u32,
}

/// How a box treats what is not its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Character {
    Honest,
    /// Throws packs away and answers with other bytes.
    Liar,
    /// Throws packs away and answers nothing.
    Staller,
    /// Throws packs away and says so when it is asked.
    Dropper,
    /// Keeps packs, says everything twice, and offers and names heads that are old, other, or none.
    Forger,
}

/// What a fetch on its way is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fetch {
    Pack(u32),
    Head(peer_proto::wire::HeadPoint),
}

/// A house with a box.
#[derive(Clone, Debug)]
pub(crate) struct House {
    pub(crate) character: Character,
    /// The day from which its box shows that character.
    pub(crate) turns: u32,
    /// Its box is off until then.
    pub(crate) off_until: u32,
    /// Its box never comes back.
    pub(crate) gone: bool,
    /// It burned, or was taken over, and somebody comes back with the words on that day.
    pub(crate) reborn_on: Option<u32>,
    /// When its disks were last read.
    pub(crate) scrubbed: u32,
    pub(crate) disks: Vec<Disk>,
    pub(crate) packs: Vec<Pack>,
    pub(crate) wanted: u8,
    /// Packs that some friend once took.
    pub(crate) sent: Set,
    /// What each other house's box is to it: as a friend who keeps, and as one for whom it keeps.
    pub(crate) views: Vec<View>,
    pub(crate) shelves: Vec<Shelf>,
    pub(crate) bonds: Vec<Option<Bond>>,
    /// What was asked for outside the machines, by the number of its stream.
    pub(crate) fetches: BTreeMap<u64, Fetch>,
    pub(crate) keys: Keys,
    /// Its heads, oldest first, and those that a box had which is no more.
    pub(crate) chain: Vec<Head>,
    pub(crate) old_chain: Vec<Head>,
    /// How much further its clock is than it should be, in milliseconds, and until when.
    pub(crate) clock_off: i64,
    pub(crate) clock_right_on: Option<u32>,
    /// When its box started, in milliseconds of the world.
    pub(crate) booted: u64,
    /// Actions that are still carried out before it loses its power.
    pub(crate) dies_in: Option<u32>,
    /// It lost its power in the middle of something and was not started again.
    pub(crate) crashed: bool,
    /// Bytes that its line still carries in this step.
    pub(crate) line_left: Bytes,
    /// Packs that the last plan called lost.
    pub(crate) named: Set,
    /// Packs that it said only somebody has who is away.
    pub(crate) away: Set,
    /// Packs of which there is no good copy anywhere.
    pub(crate) truly_lost: Set,
    /// For how many days each pack could have been made safer and was not.
    pub(crate) neglected: Vec<u32>,
}

impl House {
    pub(crate) fn is_up(&self, day: u32) -> bool {
        !self.gone && self.reborn_on.is_none() && self.off_until <= day
    }

    pub(crate) fn behaves(&self, day: u32) -> Character {
        if day >= self.turns { self.character } else { Character::Honest }
    }

    /// Packs that are needed.
    pub(crate) fn needed(&self) -> Set {
        let needed = (0..).zip(&self.packs).filter(|(_, pack)| pack.pruned.is_none());
        needed.fold(0, |set, (no, _)| set | bit(no))
    }

    /// What truly lies good on a disk that is here.
    pub(crate) fn good_here(&self) -> Set {
        let alive = self.disks.iter().filter(|disk| disk.alive);
        alive.fold(0, |set, disk| set | (disk.has & !disk.rotten))
    }

    /// The same on disks that are away.
    pub(crate) fn good_away(&self) -> Set {
        let away = self.disks.iter().filter(|disk| disk.away);
        away.fold(0, |set, disk| set | (disk.has & !disk.rotten))
    }
}

/// Houses whose boxes are all friends of one another.
#[derive(Clone, Debug)]
pub struct World {
    pub(crate) day: u32,
    /// Days that the last step took.
    pub(crate) stride: u32,
    /// Milliseconds beyond the day: steps within a step.
    pub(crate) ms: u64,
    pub(crate) houses: Vec<House>,
    /// Between each two, by [`World::line`].
    pub(crate) lines: Vec<Line>,
    pub(crate) line_count: u64,
    pub(crate) fetch_count: u64,
    pub(crate) dice: Dice,
    pub(crate) sabotage: Sabotage,
    pub(crate) serials: u32,
    /// Faults still happen.
    pub(crate) is_rough: bool,
    pub(crate) tally: crate::Tally,
}

impl World {
    /// A world of two to five houses.
    pub fn new(seed: u64, sabotage: Sabotage) -> Self {
        let mut dice = Dice::new(seed);
        let count = usize::try_from(dice.within(2, 6)).unwrap_or(2);
        let mut world = Self {
            day: 0,
            stride: 1,
            ms: 0,
            houses: Vec::new(),
            lines: vec![Line::default(); count * count],
            line_count: 0,
            fetch_count: 0,
            dice,
            sabotage,
            serials: 0,
            is_rough: true,
            tally: crate::Tally::default(),
        };
        for number in 0..count {
            let house = world.new_house(number, count);
            world.houses.push(house);
        }
        for one in 0..count {
            (0..one).for_each(|other| world.make_friends(other, one));
        }
        world
    }

    /// Milliseconds since the beginning.
    pub(crate) fn elapsed(&self) -> u64 {
        u64::from(self.day) * 86_400_000 + self.ms
    }

    /// Both clocks of a box.
    pub(crate) fn now(&self, house: usize) -> Now {
        let (true_time, house) = (START.plus(Millis(self.elapsed())), &self.houses[house]);
        Now {
            wall: UnixTime(true_time.0 + house.clock_off),
            uptime: Millis(self.elapsed() - house.booted),
        }
    }

    pub(crate) fn new_disk(&mut self) -> Disk {
        self.serials += 1;
        let serial = self.serials;
        Disk { serial, alive: true, away: false, has: 0, rotten: 0, back_on: 0 }
    }

    /// The name of a house's pack, as it is now.
    pub(crate) fn root(&self, house: usize, pack: u32) -> types::PackId {
        let again = self.houses[house].packs.get(crate::sets::index(pack));
        root(house, pack, again.map_or(0, |pack| pack.again))
    }

    fn new_house(&mut self, number: usize, count: usize) -> House {
        let character = match self.dice.within(0, 12) {
            0 => Character::Liar,
            1 => Character::Staller,
            2 => Character::Dropper,
            3 => Character::Forger,
            _ => Character::Honest,
        };
        let disks = (0..self.dice.within(1, 5)).map(|_| self.new_disk()).collect();
        let now = Now { wall: at(0), uptime: Millis(0) };
        House {
            character,
            turns: self.dice.within(10, 700),
            off_until: 0,
            gone: false,
            reborn_on: None,
            scrubbed: 0,
            disks,
            packs: Vec::with_capacity(PACKS),
            sent: 0,
            wanted: if self.dice.once_in(4) { 2 } else { 1 },
            views: (0..count).map(|_| View::new(at(0))).collect(),
            shelves: (0..count).map(|_| Shelf::new(now)).collect(),
            bonds: vec![None; count],
            fetches: BTreeMap::new(),
            keys: Keys::new(number, self.dice.seed()),
            chain: Vec::new(),
            old_chain: Vec::new(),
            clock_off: 0,
            clock_right_on: None,
            booted: 0,
            dies_in: None,
            crashed: false,
            line_left: Bytes(0),
            named: 0,
            away: 0,
            truly_lost: 0,
            neglected: vec![0; PACKS],
        }
    }
}
