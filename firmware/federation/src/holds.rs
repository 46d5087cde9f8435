//! Who holds something of the box just now, counted, so that whoever needs it alone can wait for the last.
//!
//! It ends nobody: those who hold are told elsewhere. Start at [`Holds::all_gone`].

use std::ops::Deref;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// All who hold it.
#[derive(Debug, Default)]
pub(crate) struct Holds {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    out: usize,
    is_shut: bool,
}

impl Holds {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For whoever has it already, or has to be waited for.
    pub(crate) fn hold(self: &Arc<Self>) -> Hold {
        self.state().out += 1;
        Hold(Arc::clone(self))
    }

    /// For whoever begins; none while it is shut.
    pub(crate) fn begin(self: &Arc<Self>) -> Option<Hold> {
        let mut state = self.state();
        if state.is_shut {
            return None;
        }
        state.out += 1;
        Some(Hold(Arc::clone(self)))
    }

    /// Nobody begins from now on, or may again.
    pub(crate) fn shut(&self, is_shut: bool) {
        self.state().is_shut = is_shut;
    }

    pub(crate) fn is_shut(&self) -> bool {
        self.state().is_shut
    }

    /// Waits until nobody holds it; whether that came in time.
    pub(crate) fn all_gone(&self, within: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.state(), within, |state| state.out > 0);
        waited.unwrap_or_else(PoisonError::into_inner).0.out == 0
    }
}

/// One who holds it, until this is dropped.
#[derive(Debug)]
pub(crate) struct Hold(Arc<Holds>);

impl Clone for Hold {
    fn clone(&self) -> Self {
        self.0.hold()
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.out = state.out.saturating_sub(1);
        drop(state);
        self.0.changed.notify_all();
    }
}

/// Something that keeps a disk for itself, and that it does. What is held goes first.
#[derive(Debug)]
pub(crate) struct Held<T> {
    what: T,
    hold: Hold,
}

impl<T> Held<T> {
    pub(crate) fn new(what: T, hold: Hold) -> Self {
        Self { what, hold }
    }

    /// Something else that keeps the same for itself.
    pub(crate) fn with<U>(&self, what: U) -> Held<U> {
        Held { what, hold: self.hold.clone() }
    }

    /// Both; the second has to live longer.
    pub(crate) fn apart(self) -> (T, Hold) {
        (self.what, self.hold)
    }
}

impl<T> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.what
    }
}
