//! Disks with which something failed, and when each is tried again: later each time.
//!
//! Trying wakes a disk, and formatting one that fails writes to it; so it is not done every minute. A disk
//! that something happened to is tried at once. How long is decided in `plan::jobs::again`. Start at
//! [`Refused::insert`].

use std::collections::BTreeMap;

use plan::jobs::again::DISKS;
use types::{DiskIdentity, Millis};

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Refused(BTreeMap<DiskIdentity, Tried>);

/// How often in a row it failed, and how long it is still left alone.
#[derive(Clone, Copy, Debug, Default)]
struct Tried {
    times: u32,
    left: Millis,
}

impl Refused {
    /// Something failed once more.
    pub(crate) fn insert(&mut self, disk: DiskIdentity) {
        let tried = self.0.entry(disk).or_default();
        tried.times = tried.times.saturating_add(1);
        tried.left = DISKS.after(tried.times);
    }

    /// It did not answer in time, and may be at it still: it is asked again with the next tick.
    pub(crate) fn insert_silent(&mut self, disk: DiskIdentity) {
        self.0.entry(disk).or_default().left = Millis(1);
    }

    /// Something went well with it, or happened to it.
    pub(crate) fn remove(&mut self, disk: &DiskIdentity) {
        self.0.remove(disk);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn retain(&mut self, is_here: impl Fn(&DiskIdentity) -> bool) {
        self.0.retain(|disk, _| is_here(disk));
    }

    /// Whether it is left alone now.
    pub(crate) fn contains(&self, disk: &DiskIdentity) -> bool {
        self.left(disk).is_some()
    }

    /// Whether nothing has failed with it so far.
    pub(crate) fn is_first(&self, disk: &DiskIdentity) -> bool {
        self.0.get(disk).is_none_or(|tried| tried.times == 0)
    }

    /// For how long it is still left alone.
    pub(crate) fn left(&self, disk: &DiskIdentity) -> Option<Millis> {
        self.0.get(disk).map(|tried| tried.left).filter(|left| *left > Millis(0))
    }

    /// Whether none is left alone.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.values().all(|tried| tried.left == Millis(0))
    }

    pub(crate) fn passed(&mut self, span: Millis) {
        for tried in self.0.values_mut() {
            tried.left = Millis(tried.left.0.saturating_sub(span.0));
        }
    }
}
