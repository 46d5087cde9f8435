//! Who keeps whom waiting in an open vault, and for how long.
//!
//! Decides nothing and touches no disk. `docs/operations/concurrency.md` says the same to those who
//! use a vault. Taken in this order, never the other way round: upkeep, activity, membership, edit
//! queue, writer, catalog batch, members, caches. None of the last four is held while a rebuild moves
//! bytes; only the part of a disk that fails under a backup is copied with the writer held, because
//! the next acknowledgement waits for it. Start at [`Vault::upkeep`].

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::Vault;

/// The locks that long work holds.
#[derive(Debug, Default)]
pub(crate) struct Locks {
    /// One at a time changes which copies there are: pruning, repairing, rebuilding, retiring,
    /// removing. Checks share it. Nothing that stores waits for it.
    upkeep: RwLock<()>,
    /// Shared by everything that stores, exclusive for what must not see half of it or take away
    /// what it relies on. Whoever takes it alone has the upkeep: nobody waits here for hours.
    activity: RwLock<()>,
    /// A volume joins or leaves: whether a disk is in the vault already, and which slot it has.
    membership: Mutex<()>,
    /// How many store something now.
    storing: AtomicUsize,
    /// One at a time looks what another rule of versions would take.
    foreseeing: Mutex<()>,
}

impl Locks {
    /// Whoever reckons what would go. Held by nobody else, and taken first.
    pub(crate) fn foreseeing(&self) -> MutexGuard<'_, ()> {
        self.foreseeing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nobody else changes copies, and nothing is stored.
#[derive(Debug)]
pub(crate) struct Alone<'v> {
    _upkeep: RwLockWriteGuard<'v, ()>,
    _activity: RwLockWriteGuard<'v, ()>,
}

/// Something is being stored: what it relies on stays until this is dropped.
#[derive(Debug)]
pub(crate) struct Storing<'v> {
    _activity: RwLockReadGuard<'v, ()>,
    count: &'v AtomicUsize,
}

impl Drop for Storing<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Vault {
    /// For what changes which copies there are and goes beside everything that stores.
    pub(crate) fn upkeep(&self) -> RwLockWriteGuard<'_, ()> {
        self.locks.upkeep.write().expect("no code panics while it holds this")
    }

    /// For what looks at all copies and wants none of them moved meanwhile.
    pub(crate) fn looking(&self) -> RwLockReadGuard<'_, ()> {
        self.locks.upkeep.read().expect("no code panics while it holds this")
    }

    /// Waits until nobody else is at work, and keeps it so; restoring goes on.
    pub(crate) fn alone(&self) -> Alone<'_> {
        let upkeep = self.upkeep();
        let activity = self.locks.activity.write().expect("no code panics while it holds this");
        Alone { _upkeep: upkeep, _activity: activity }
    }

    /// For what stores something and acknowledges it before this is dropped.
    pub(crate) fn storing(&self) -> Storing<'_> {
        let activity = self.beside_storing();
        let mut writer = self.writer();
        // What the first relies on came before it; from here on the writer remembers for all.
        if self.locks.storing.fetch_add(1, Ordering::SeqCst) == 0 {
            writer.forget_least();
        }
        drop(writer);
        Storing { _activity: activity, count: &self.locks.storing }
    }

    /// For what stores nothing of its own and must not meet pruning.
    pub(crate) fn beside_storing(&self) -> RwLockReadGuard<'_, ()> {
        self.locks.activity.read().expect("no code panics while it holds this")
    }

    /// The same, for what had rather not wait: none while something is pruned, or is about to be.
    pub(crate) fn try_beside_storing(&self) -> Option<RwLockReadGuard<'_, ()>> {
        self.locks.activity.try_read().ok()
    }

    /// While a volume joins or leaves.
    pub(crate) fn membership(&self) -> MutexGuard<'_, ()> {
        self.locks.membership.lock().expect("no code panics while it holds this")
    }
}
