//! One disk while the machine runs: its facts, who may touch it, and the gate that every operation
//! passes and where its faults strike.
//!
//! A session is the time between plugging in and pulling. A handle belongs to one session: after a
//! pull it answers EIO for ever, also when the same disk is plugged in again, as the kernel does it.
//! Start at [`Medium::pass`].

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use board::MountAs;
use nix::errno::Errno;
use types::Bytes;
use volume::Space;

use crate::error::SimError;
use crate::facts::Facts;
use crate::unsynced::Unsynced;

/// What an operation does, as far as faults care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Changes nothing.
    Read,
    /// Takes room.
    Grow,
    /// Changes or syncs, and takes no room.
    Change,
}

/// A disk.
#[derive(Debug)]
pub(crate) struct Medium {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    state: Mutex<State>,
    changed: Condvar,
}

/// What is known of it now.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) facts: Facts,
    /// Counts pulls.
    pub(crate) session: u64,
    pub(crate) mounted: Option<Mount>,
    pub(crate) unsynced: Unsynced,
    /// Bytes in its files.
    used: u64,
}

/// How it is mounted.
#[derive(Clone, Debug)]
pub(crate) struct Mount {
    pub(crate) how: MountAs,
    /// Shared with every handle, to see whether one is left.
    pub(crate) users: Arc<()>,
}

impl Medium {
    pub(crate) fn new(name: String, folder: PathBuf, facts: Facts) -> Self {
        let state = Mutex::new(State {
            facts,
            session: 0,
            mounted: None,
            unsynced: Unsynced::default(),
            used: 0,
        });
        Self { name, folder, state, changed: Condvar::new() }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where its file system is: the machine's own folder, or somebody's that it shows.
    pub(crate) fn root(&self) -> PathBuf {
        let shown = self.state().facts.file_system.as_ref().and_then(|fs| fs.shows.clone());
        shown.unwrap_or_else(|| self.own_root())
    }

    /// The machine's own folder for its content.
    pub(crate) fn own_root(&self) -> PathBuf {
        self.folder.join("content")
    }

    /// Where lies what was on it before it was formatted.
    pub(crate) fn own_before(&self) -> PathBuf {
        self.folder.join("before")
    }

    /// Changes its facts, keeps them, and wakes whoever waits at the gate.
    pub(crate) fn change(&self, how: impl FnOnce(&mut State)) -> Result<(), SimError> {
        let mut state = self.state();
        how(&mut state);
        let stored = state.facts.store(&self.folder);
        self.changed.notify_all();
        stored
    }

    /// Lets an operation through, later or never, or refuses it.
    pub(crate) fn pass(&self, session: u64, kind: Kind) -> io::Result<()> {
        let state = self.plugged(self.state(), session)?;
        let state = self.awake(state)?;
        let delay = Duration::from_millis(state.facts.faults.slow_ms);
        let slow = |state: &mut State| state.session == session;
        let (state, _) = self
            .changed
            .wait_timeout_while(state, delay, slow)
            .unwrap_or_else(PoisonError::into_inner);
        let hung = |state: &mut State| state.session == session && state.facts.faults.hangs;
        let state = self.changed.wait_while(state, hung).unwrap_or_else(PoisonError::into_inner);
        let faults = self.plugged(state, session)?.facts.faults;
        match kind {
            Kind::Read if faults.reads_fail => Err(Errno::EIO.into()),
            Kind::Grow | Kind::Change if faults.writes_fail => Err(Errno::EIO.into()),
            Kind::Grow | Kind::Change if faults.read_only => Err(Errno::EROFS.into()),
            Kind::Grow if faults.full => Err(Errno::ENOSPC.into()),
            Kind::Read | Kind::Grow | Kind::Change => Ok(()),
        }
    }

    fn plugged<'a>(
        &self,
        state: MutexGuard<'a, State>,
        session: u64,
    ) -> io::Result<MutexGuard<'a, State>> {
        let there = state.session == session && state.facts.port.is_some();
        if there { Ok(state) } else { Err(Errno::EIO.into()) }
    }

    fn awake<'a>(&self, mut state: MutexGuard<'a, State>) -> io::Result<MutexGuard<'a, State>> {
        if state.facts.counts.asleep {
            state.facts.counts.asleep = false;
            state.facts.counts.wakes += 1;
            state.facts.store(&self.folder).map_err(io::Error::other)?;
        }
        Ok(state)
    }

    /// Takes room for bytes that are about to be written.
    pub(crate) fn take(&self, len: u64) -> io::Result<()> {
        let mut state = self.state();
        let used = state.used.saturating_add(len);
        if used > state.facts.size {
            return Err(Errno::ENOSPC.into());
        }
        state.used = used;
        Ok(())
    }

    /// Gives room back.
    pub(crate) fn give(&self, len: u64) {
        let mut state = self.state();
        state.used = state.used.saturating_sub(len);
    }

    /// Says how much is in its files: counted when it is mounted.
    pub(crate) fn set_used(&self, used: Bytes) {
        self.state().used = used.0;
    }

    /// Known to the file system without asking the disk: nobody is woken.
    pub(crate) fn space(&self, session: u64) -> io::Result<Space> {
        let state = self.plugged(self.state(), session)?;
        let total = Bytes(state.facts.size);
        let free = if state.facts.faults.full {
            Bytes(0)
        } else {
            total.saturating_sub(Bytes(state.used))
        };
        Ok(Space { total, free })
    }
}
