//! Hands that do anything at all to a box: to its disks, its owner's acts, its jobs, its clock, its power.
//!
//! Most of it makes no sense, and the box may refuse it. One thing is not done: a disk is destroyed
//! only while everything has its two copies elsewhere; whoever destroys more loses by design. Start
//! at [`Hands::one_step`].

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use calls::{Call, DeskAct, DeskFault, RawPath, Secret};
use testkit::dice::Dice;
use testkit::env::noise;

use crate::Outcome;
use crate::outside::{Outside, put};
pub use crate::tally::Tally;

/// Every disk has this size.
pub const SIZE: u64 = 2_000_000_000;
/// Disks that take part from the beginning.
pub const FIRST: [&str; 3] = ["disk-1", "disk-2", "disk-3"];
/// Where disks are pushed in.
pub const BAYS: [&str; 4] = ["bay-1", "bay-2", "bay-3", "bay-4"];
/// A stranger's card, what it says it is, and what has to be typed to erase it.
pub const CARD: (&str, &str, &str) = ("card", "CARD-77AB", "77ab");
/// Where the card is pushed in.
pub(crate) const CARD_PORT: &str = "usb-front";
/// Disks that may be destroyed in one course.
pub(crate) const DESTROYED_MAX: u64 = 1;
/// A file is at most this long.
pub(crate) const FILE_MAX: u32 = 300_000;

/// The hands, and what they have to remember.
#[derive(Debug)]
pub struct Hands {
    dice: Dice,
    pub(crate) seed: u64,
    /// Disks that were not destroyed.
    pub disks: Vec<String>,
    /// Disks that hang now, which is ended soon.
    hanging: Vec<String>,
    /// Last letters of the serials of disks that were destroyed.
    pub destroyed: Vec<String>,
    /// Last letters of the serials of disks that take part and were never told to leave.
    pub stay: BTreeSet<String>,
    /// The card's owner wants it erased.
    pub card_may_go: bool,
    pub(crate) versions: u32,
    pub(crate) restores: u32,
    /// What was done.
    pub tally: Tally,
    /// Steps, for whoever has to find out what happened.
    pub story: Vec<String>,
}

fn serial(name: &str) -> String {
    format!("SN-{:0>4}", name.trim_start_matches("disk-"))
}

/// Last letters of a disk's serial, as the box shows them.
pub(crate) fn letters(name: &str) -> String {
    serial(name).split_off(3)
}

pub(crate) fn path(path: PathBuf) -> RawPath {
    RawPath(path.into_os_string().into_encoded_bytes())
}

impl Hands {
    /// Hands for a seed.
    pub fn new(seed: u64) -> Self {
        Self {
            dice: Dice::new(seed),
            seed,
            disks: Vec::new(),
            hanging: Vec::new(),
            destroyed: Vec::new(),
            stay: BTreeSet::new(),
            card_may_go: false,
            versions: 0,
            restores: 0,
            tally: Tally::default(),
            story: Vec::new(),
        }
    }

    /// A box with a vault of two copies on three disks, a fourth disk beside it, and a card in it.
    pub fn set_up(&mut self, out: &mut Outside) -> Outcome<()> {
        let card = out.folder.join("card");
        std::fs::create_dir(&card).map_err(|error| error.to_string())?;
        for name in ["one.jpg", "two.jpg"] {
            put(&card.join(name), &self.photo())?;
        }
        out.start()?;
        for (name, bay) in FIRST.iter().zip(BAYS) {
            self.make(out, name)?;
            out.desk(DeskAct::Insert { name: (*name).to_owned(), port: bay.to_owned() })?;
        }
        self.make(out, "disk-4")?;
        let (name, serial) = (CARD.0.to_owned(), Some(CARD.1.to_owned()));
        out.desk(DeskAct::New { name, size: SIZE, usb: true, serial, formatted: false })?;
        out.desk(DeskAct::Show { name: CARD.0.to_owned(), folder: path(card) })?;
        out.desk(DeskAct::Insert { name: CARD.0.to_owned(), port: CARD_PORT.to_owned() })?;
        out.until("all disks are seen", |out| Ok((out.disks()?.disks.len() == 4).then_some(())))?;
        let disks = (1..=3).map(|bay: u32| bay.to_string()).collect();
        match out.ask(Call::Create { disks, copies: 2, password: None })? {
            Ok(calls::Answer::Created { words, .. }) => out.words = Some(Secret::Words(words)),
            other => return Err(format!("no vault: {other:?}")),
        }
        // Killed before it knows that its answer arrived, it throws the empty vault away.
        let untold = out.folder.join("state/untold");
        out.until("the box knows that somebody has the words", |_| {
            Ok((!untold.exists()).then_some(()))
        })?;
        self.stay = FIRST.iter().map(|name| letters(name)).collect();
        Ok(())
    }

    /// What is on the card.
    pub fn photo(&self) -> Vec<u8> {
        noise(self.seed, 5_000)
    }

    pub(crate) fn make(&mut self, out: &mut Outside, name: &str) -> Outcome<()> {
        self.disks.push(name.to_owned());
        let (name, serial) = (name.to_owned(), Some(serial(name)));
        out.desk(DeskAct::New { name, size: SIZE, usb: false, serial, formatted: false }).map(drop)
    }

    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.dice.roll(u32::try_from(sides).unwrap_or(u32::MAX)) as usize
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        if from.is_empty() { None } else { Some(from[self.roll(from.len())].clone()) }
    }

    /// A disk of ours, or now and then the card.
    pub(crate) fn any_disk(&mut self) -> String {
        let ours = self.disks.clone();
        if self.roll(8) == 0 { CARD.0.to_owned() } else { self.pick(&ours).unwrap_or_default() }
    }

    pub(crate) fn tells(&mut self, out: &Outside, what: String) {
        self.story.push(format!("{:>6} ms  {what}", out.real()));
    }

    /// Does one thing.
    pub fn one_step(&mut self, out: &mut Outside) -> Outcome<()> {
        if !out.is_on() {
            return self.while_off(out);
        }
        // What hangs is waited for by everybody: not for long.
        if !self.hanging.is_empty() && self.roll(2) == 0 {
            for name in std::mem::take(&mut self.hanging) {
                self.tells(out, format!("{name} hangs no more"));
                out.desk(DeskAct::Fault { name, fault: DeskFault::None })?;
            }
        }
        match self.roll(40) {
            0..=3 => self.push_in(out)?,
            4..=6 => self.pull(out)?,
            7..=9 => self.fail(out)?,
            10..=11 => self.heal(out)?,
            12..=16 => self.owner(out)?,
            17..=24 => self.back_up(out)?,
            25..=27 => self.other_job(out)?,
            28..=29 => self.wish(out)?,
            30 => self.lock(out)?,
            31 => self.unlock(out)?,
            32..=33 => self.time(out)?,
            34..=35 => self.power(out)?,
            36 => self.destroy(out)?,
            37 => self.card(out)?,
            _ => out.linger(Duration::from_millis(200)),
        }
        let moment = self.roll(60) as u64;
        out.linger(Duration::from_millis(moment));
        Ok(())
    }

    fn push_in(&mut self, out: &mut Outside) -> Outcome<()> {
        let name = self.any_disk();
        let port = match name == CARD.0 {
            true => CARD_PORT,
            false => BAYS[self.roll(BAYS.len())],
        };
        if out.desk(DeskAct::Insert { name: name.clone(), port: port.to_owned() })? {
            self.tally.moved += 1;
            self.tells(out, format!("{name} into {port}"));
        }
        Ok(())
    }

    fn pull(&mut self, out: &mut Outside) -> Outcome<()> {
        let name = self.any_disk();
        if out.desk(DeskAct::Pull { name: name.clone() })? {
            self.hanging.retain(|one| *one != name);
            self.tally.moved += 1;
            self.tells(out, format!("{name} pulled"));
        }
        Ok(())
    }

    fn fail(&mut self, out: &mut Outside) -> Outcome<()> {
        let name = self.any_disk();
        let fault = match self.roll(25) {
            0..=3 => DeskFault::Fail,
            4..=7 => DeskFault::Writes,
            8..=11 => DeskFault::Reads,
            12..=15 => DeskFault::Full,
            16..=19 => DeskFault::ReadOnly,
            20 => DeskFault::Hang,
            21..=22 => {
                self.tells(out, format!("{name} expects to fail"));
                return out.desk(DeskAct::Smart { name, passed: false }).map(drop);
            }
            _ => DeskFault::Slow { ms: 1 + self.roll(4) as u64 },
        };
        self.tally.faults += 1;
        self.tells(out, format!("{name}: {fault:?}"));
        if fault == DeskFault::Hang {
            self.hanging.push(name.clone());
        }
        out.desk(DeskAct::Fault { name, fault }).map(drop)
    }

    fn heal(&mut self, out: &mut Outside) -> Outcome<()> {
        let name = self.any_disk();
        self.hanging.retain(|one| *one != name);
        self.tells(out, format!("{name} is well"));
        out.desk(DeskAct::Fault { name, fault: DeskFault::None }).map(drop)
    }

    fn lock(&mut self, out: &mut Outside) -> Outcome<()> {
        let locked = out.ask(Call::Lock {})?.is_ok();
        self.tells(out, format!("lock: {locked}"));
        Ok(())
    }

    pub(crate) fn unlock(&mut self, out: &mut Outside) -> Outcome<()> {
        let unlocked = out.unlock()?;
        self.tells(out, format!("unlock: {unlocked}"));
        Ok(())
    }

    fn time(&mut self, out: &mut Outside) -> Outcome<()> {
        let hours = [1, 5, 30, 24 * 31, 24 * 365, 24 * 1_000][self.roll(6)];
        match self.roll(6) {
            0..=1 => {
                self.tells(out, format!("{hours} hours go by"));
                out.pass(hours)?;
            }
            2 => {
                self.tells(out, "the clock is right".to_owned());
                out.trust_clock()?;
            }
            which => {
                let by = if which == 3 { -hours } else { hours };
                self.tally.jumps += 1;
                self.tells(out, format!("the clock jumps by {by} hours"));
                out.jump(by)?;
            }
        }
        Ok(())
    }

    fn power(&mut self, out: &mut Outside) -> Outcome<()> {
        if self.roll(3) == 0 {
            self.tally.stops += 1;
            self.tells(out, "stop".to_owned());
            // What hangs for ever cannot be put by in time.
            for name in std::mem::take(&mut self.hanging) {
                out.desk(DeskAct::Fault { name, fault: DeskFault::None })?;
            }
            out.stop()
        } else {
            self.tally.kills += 1;
            self.tells(out, "kill".to_owned());
            out.kill()
        }
    }
}
