//! What is searched: one workload, one kind of disks, and where it is cut.
//!
//! Pure: a seed and dice decide. Start at [`Job`].

use std::collections::BTreeSet;

use testkit::dice::Dice;

use crate::log::{Honesty, Log};

/// Draws of a moment until a disk has writes that are not flushed.
const CUT_TRIES: usize = 8;

/// What runs on the disks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A volume alone.
    Volume,
    /// A vault on one disk.
    One,
    /// A vault with two copies on two disks.
    Two,
    /// A vault on one disk that gets another, and loses one.
    Moving,
}

/// What is wrong with the disks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Honest,
    /// One of two drops every flush, or lost its power earlier than the other.
    OneLies,
    /// Sabotage: folder syncs are left out.
    NoFolderSyncs,
    /// Sabotage: all disks drop every flush.
    DropsFlushes,
}

/// One recording and its states.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// Everything that is chosen follows from it; the kernel's own order does not.
    pub seed: u64,
    /// What runs.
    pub shape: Shape,
    /// What is wrong.
    pub kind: Kind,
    /// States to examine.
    pub states: u64,
}

impl Shape {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Volume => "volume",
            Self::One => "one",
            Self::Two => "two",
            Self::Moving => "moving",
        }
    }
}

impl Job {
    /// Disks that it uses.
    pub fn disks(self) -> usize {
        if matches!(self.shape, Shape::Volume | Shape::One) { 1 } else { 2 }
    }

    /// Whether what these disks held may be on no other.
    pub(crate) fn is_lost_with(self, disks: &BTreeSet<usize>) -> bool {
        disks.len() >= if self.shape == Shape::Two { 2 } else { 1 }
    }

    /// How honest each disk is.
    pub(crate) fn honesty(self, disks: usize, dice: &mut Dice) -> Vec<Honesty> {
        let liar = dice.roll(2) as usize;
        // How much a disk holds in its cache: a few requests, or nearly all of a recording.
        let horizon = 1 << (3 + dice.roll(8));
        let early = dice.roll(3) == 0;
        let of = |n: usize| match self.kind {
            Kind::OneLies if n == liar && early => Honesty::StoppedEarlier(horizon),
            Kind::OneLies if n == liar => Honesty::DropsFlushes(horizon),
            Kind::DropsFlushes => Honesty::DropsFlushes(horizon),
            Kind::Honest | Kind::NoFolderSyncs | Kind::OneLies => Honesty::Honest,
        };
        (0..disks).map(of).collect()
    }

    /// Moments to cut at, in order: half of them just after an acknowledgement, where the promise is
    /// youngest, half where a disk has writes that it may lose.
    pub(crate) fn cuts(self, marks: &[u64], logs: &[Log], end: u64, dice: &mut Dice) -> Vec<u64> {
        let first = marks.first().copied().unwrap_or(0);
        let sides = |len: u64| u32::try_from(len.max(1)).unwrap_or(u32::MAX);
        let mut draw = || {
            if dice.roll(2) == 0 {
                let mark = marks[dice.roll(sides(marks.len() as u64)) as usize];
                return (mark + u64::from(dice.roll(3))).min(end);
            }
            let mut any = || first + u64::from(dice.roll(sides(end - first + 1)));
            let unflushed = |cut: &u64| logs.iter().any(|log| log.has_unflushed(*cut));
            (0..CUT_TRIES).map(|_| any()).find(unflushed).unwrap_or(end)
        };
        let mut cuts: Vec<u64> = (0..self.states).map(|_| draw()).collect();
        cuts.sort_unstable();
        cuts
    }
}
