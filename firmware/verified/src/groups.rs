//! Which groups of a pack: a set small enough to be copied, and its runs, as they are sent.

use std::fmt;
use std::ops::Range;

use bao_tree::{ChunkNum, ChunkRanges};
use types::Bytes;

use crate::{CHUNKS_PER_GROUP, GROUP_LEN, GROUPS_MAX, Told};

const WORDS: usize = GROUPS_MAX / 64;

/// A set of groups of one pack, counted from 0.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Groups {
    bits: [u64; WORDS],
}

impl Groups {
    /// No group.
    pub fn none() -> Self {
        Self::default()
    }

    /// Every group of a pack.
    pub fn all(told: &Told) -> Self {
        (0..told.groups()).collect()
    }

    /// The groups that hold some of these bytes of a pack.
    pub fn of_bytes(told: &Told, bytes: Range<u64>) -> Self {
        let end = bytes.end.min(told.len);
        if bytes.start >= end {
            return Self::none();
        }
        (group_at(bytes.start)..group_at(end - 1) + 1).collect()
    }

    /// The set with these runs; none when a run is empty, out of order, touches the one before, or
    /// ends behind the pack. So one set has one way to be written.
    pub fn from_runs(told: &Told, runs: &[Range<u16>]) -> Option<Self> {
        let (mut set, mut free_from) = (Self::none(), 0);
        for run in runs {
            let (start, end) = (usize::from(run.start), usize::from(run.end));
            if start < free_from || start >= end || end > told.groups() {
                return None;
            }
            set.extend(start..end);
            free_from = end + 1;
        }
        Some(set)
    }

    /// Its runs, in order.
    pub fn runs(&self) -> Vec<Range<u16>> {
        let mut runs: Vec<Range<u16>> = Vec::new();
        for group in self.iter().filter_map(|group| u16::try_from(group).ok()) {
            match runs.last_mut() {
                Some(run) if run.end == group => run.end += 1,
                _ => runs.push(group..group + 1),
            }
        }
        runs
    }

    /// Adds a group. Numbers that no pack has are left out.
    pub fn insert(&mut self, group: usize) {
        if let Some(word) = self.bits.get_mut(group / 64) {
            *word |= 1 << (group % 64);
        }
    }

    /// Whether a group is among them.
    pub fn contains(&self, group: usize) -> bool {
        self.bits.get(group / 64).is_some_and(|word| word & (1 << (group % 64)) != 0)
    }

    /// Those that are not in `other`.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut left = *self;
        left.bits.iter_mut().zip(other.bits).for_each(|(mine, theirs)| *mine &= !theirs);
        left
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bits.iter().all(|word| *word == 0)
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.bits.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Their numbers, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..GROUPS_MAX).filter(|group| self.contains(*group))
    }

    /// How many bytes of a pack they are.
    pub fn len(&self, told: &Told) -> Bytes {
        let of = |group: usize| GROUP_LEN.min(told.len.saturating_sub(group as u64 * GROUP_LEN));
        Bytes(self.iter().map(of).sum())
    }

    pub(crate) fn chunks(&self) -> ChunkRanges {
        let chunk = |group: u16| ChunkNum(u64::from(group) * CHUNKS_PER_GROUP);
        let runs = self.runs().into_iter().map(|run| chunk(run.start)..chunk(run.end));
        runs.fold(ChunkRanges::empty(), |all, run| all | ChunkRanges::from(run))
    }
}

/// The group that holds the byte at an offset.
pub(crate) fn group_at(offset: u64) -> usize {
    usize::try_from(offset / GROUP_LEN).unwrap_or(usize::MAX)
}

impl Extend<usize> for Groups {
    fn extend<I: IntoIterator<Item = usize>>(&mut self, groups: I) {
        groups.into_iter().for_each(|group| self.insert(group));
    }
}

impl FromIterator<usize> for Groups {
    fn from_iter<I: IntoIterator<Item = usize>>(groups: I) -> Self {
        let mut set = Self::none();
        set.extend(groups);
        set
    }
}

impl fmt::Debug for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.runs()).finish()
    }
}
