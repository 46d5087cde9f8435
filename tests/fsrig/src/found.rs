//! What a search found, in numbers and in words.

use std::collections::BTreeMap;

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// States examined.
    pub states: u64,
    /// Acknowledged things that were lost, twice in the same state.
    pub lost: u64,
    /// The same, by what ran on the disks.
    pub lost_by: BTreeMap<&'static str, u64>,
    /// Failures that did not repeat.
    pub unrepeatable: u64,
    /// What was lost with the only disk that had it, by its file system: it did not mount, and its
    /// tool dropped its log.
    pub lost_below: u64,
    /// File systems that did not mount as the power had left them.
    pub repaired: u64,
    /// Requests that were written down.
    pub requests: u64,
    /// States in which the cut found writes that were not flushed.
    pub unflushed: u64,
    /// States whose last write was torn.
    pub torn: u64,
    /// States with a clone of the disk beside it.
    pub cloned: u64,
    /// States whose power went once more during recovery.
    pub again: u64,
    /// Failures in words.
    pub stories: Vec<String>,
}

/// Failures that are described; more are counted.
const DESCRIBED_MAX: usize = 20;

impl Found {
    /// Adds up.
    pub fn add(&mut self, other: Self) {
        self.states += other.states;
        self.lost += other.lost;
        for (shape, lost) in other.lost_by {
            *self.lost_by.entry(shape).or_default() += lost;
        }
        self.unrepeatable += other.unrepeatable;
        self.lost_below += other.lost_below;
        self.repaired += other.repaired;
        self.requests += other.requests;
        self.unflushed += other.unflushed;
        self.torn += other.torn;
        self.cloned += other.cloned;
        self.again += other.again;
        self.stories.extend(other.stories);
        self.stories.truncate(DESCRIBED_MAX);
    }
}
