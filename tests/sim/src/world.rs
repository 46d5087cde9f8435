//! What there is in a world: houses with a box each, their disks and packs, and what each box believes of
//! the others, apart from what is true.
//!
//! Sets of packs are bits by their number, so that what is true and what is believed can be compared in
//! one step. Start reading at [`World`].

use plan::PackKind;
use plan::offsite::Standing;
use plan::offsite::score::Day;
use plan::offsite::silence::Guest;
use testkit::dice::Dice;
use types::{Bytes, Millis, UnixTime};

use crate::Sabotage;

/// Packs of one house at most: they are bits.
pub(crate) const PACKS: usize = 64;
/// The first day.
const START: UnixTime = UnixTime(1_767_225_600_000);

/// Some packs of one house.
pub(crate) type Set = u128;

pub(crate) fn bit(pack: u32) -> Set {
    1_u128.checked_shl(pack).unwrap_or(0)
}

/// A pack's number as a place in a list.
pub(crate) fn index(pack: u32) -> usize {
    usize::try_from(pack).unwrap_or(PACKS)
}

/// The numbers in a set.
pub(crate) fn members(set: Set) -> impl Iterator<Item = u32> {
    (0..u128::BITS).filter(move |pack| set & bit(*pack) != 0)
}

/// The morning of a day.
pub(crate) fn at(day: u32) -> UnixTime {
    START.plus(Millis::from_days(u64::from(day)))
}

/// A disk. Everything on it goes when it dies.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    pub(crate) serial: u32,
    /// It is there and works.
    pub(crate) alive: bool,
    /// What lies on it, as far as the box knows.
    pub(crate) has: Set,
    /// Of that, what has rotted.
    pub(crate) rotten: Set,
    /// When somebody puts another in its place.
    pub(crate) replaced_on: u32,
}

/// A pack of a house.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pack {
    pub(crate) kind: PackKind,
    pub(crate) len: Bytes,
    pub(crate) sealed: u32,
    pub(crate) pruned: Option<u32>,
}

/// What an owner's box believes of a friend.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) standing: Standing,
    pub(crate) is_paused: bool,
    /// Since when nothing there counts.
    pub(crate) distrusted: Option<u32>,
    pub(crate) last_seen: UnixTime,
    pub(crate) given: Bytes,
    pub(crate) at: Set,
    pub(crate) going: Set,
    pub(crate) begun: Set,
    pub(crate) lost: Set,
    pub(crate) unproved: Set,
    pub(crate) proved: Vec<UnixTime>,
    pub(crate) proved_any: UnixTime,
    pub(crate) history: Vec<Day>,
    pub(crate) listed: u32,
}

/// What truly lies at a friend's for somebody.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    /// Whole and right.
    pub(crate) good: Set,
    /// There, and rotten.
    pub(crate) rotten: Set,
    /// Thrown away by a liar, who says that it is there.
    pub(crate) feigned: Set,
    /// When the owner's box asked to let them go.
    pub(crate) asked: Vec<Option<u32>>,
    pub(crate) given: Bytes,
    pub(crate) guest: Guest,
    /// It is over, and a person let everything go.
    pub(crate) cleared: bool,
    /// Let go sooner than was promised: never, unless sabotaged.
    pub(crate) betrayed: Set,
}

impl Shelf {
    /// What the host says that it has.
    pub(crate) fn claimed(&self) -> Set {
        self.good | self.rotten | self.feigned
    }
}

/// How a box treats what is not its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Character {
    Honest,
    /// Throws packs away and answers with other bytes.
    Liar,
    /// Throws packs away and answers nothing.
    Staller,
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
    pub(crate) views: Vec<View>,
    pub(crate) shelves: Vec<Shelf>,
    /// Packs that the last plan called lost.
    pub(crate) named: Set,
    /// Packs that it said only a friend has who is away.
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

    /// What truly lies good on a disk here.
    pub(crate) fn good_here(&self) -> Set {
        self.disks.iter().fold(0, |set, disk| set | (disk.has & !disk.rotten))
    }

    pub(crate) fn bytes(&self, set: Set) -> Bytes {
        let packs = (0..).zip(&self.packs).filter(|(no, _)| set & bit(*no) != 0);
        packs.map(|(_, pack)| pack.len).sum()
    }
}

/// Houses whose boxes are all friends of one another.
#[derive(Clone, Debug)]
pub struct World {
    pub(crate) day: u32,
    pub(crate) houses: Vec<House>,
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
        let count = dice.within(2, 6);
        let mut world = Self {
            day: 0,
            houses: Vec::new(),
            dice: dice.clone(),
            sabotage,
            serials: 0,
            is_rough: true,
            tally: crate::Tally::default(),
        };
        for _ in 0..count {
            let house = world.new_house(count);
            world.houses.push(house);
        }
        // Both sides count by the same figure.
        for owner in 0..world.houses.len() {
            for host in 0..world.houses.len() {
                world.houses[host].shelves[owner].given = world.houses[owner].views[host].given;
            }
        }
        world
    }

    pub(crate) fn new_disk(&mut self) -> Disk {
        self.serials += 1;
        Disk { serial: self.serials, alive: true, has: 0, rotten: 0, replaced_on: 0 }
    }

    fn new_house(&mut self, count: u32) -> House {
        let character = match self.dice.within(0, 8) {
            0 => Character::Liar,
            1 => Character::Staller,
            _ => Character::Honest,
        };
        let disks = (0..self.dice.within(1, 4)).map(|_| self.new_disk()).collect();
        let views: Vec<View> = (0..count).map(|_| self.new_view()).collect();
        let shelf = |_| Shelf {
            good: 0,
            rotten: 0,
            feigned: 0,
            asked: vec![None; PACKS],
            given: Bytes(0),
            guest: Guest { last_heard: at(0), notice: None, silence_months: 12 },
            cleared: false,
            betrayed: 0,
        };
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
            shelves: views.iter().map(shelf).collect(),
            views,
            named: 0,
            away: 0,
            truly_lost: 0,
            neglected: vec![0; PACKS],
        }
    }

    fn new_view(&mut self) -> View {
        View {
            standing: Standing::Active,
            is_paused: false,
            distrusted: None,
            last_seen: at(0),
            given: Bytes(u64::from(self.dice.within(250, 1_500)) * Bytes::MIB),
            at: 0,
            going: 0,
            begun: 0,
            lost: 0,
            unproved: 0,
            proved: vec![at(0); PACKS],
            proved_any: at(0),
            history: Vec::new(),
            listed: 0,
        }
    }
}
