//! Waiting less for one disk while another has the same bytes.
//!
//! A hurried request that is late is no error of the disk: it is left to end by itself, and until it
//! has, the disk counts as late. Nothing is given up for it. Start at [`hurried`].

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

thread_local! {
    /// How long this thread waits for a disk at most, and whether that was too short.
    static HURRY: Cell<Option<Duration>> = const { Cell::new(None) };
    static WAS_LATE: Cell<bool> = const { Cell::new(false) };
}

/// Does something for which no disk is waited for longer than this by this thread; whether one was
/// late. What it returns then is an error that says nothing of the disk.
pub fn hurried<T>(patience: Duration, act: impl FnOnce() -> T) -> (T, bool) {
    let before = HURRY.replace(Some(patience));
    WAS_LATE.set(false);
    let done = act();
    HURRY.set(before);
    (done, WAS_LATE.replace(false))
}

/// The shorter patience of this thread, if it is in a hurry.
pub(super) fn patience(deadline: Duration) -> Option<Duration> {
    HURRY.get().filter(|hurry| *hurry < deadline)
}

const UNDER_WAY: u8 = 0;
const DONE: u8 = 1;
const LATE: u8 = 2;

/// One hurried request, known to who waits and to who works.
#[derive(Debug)]
pub(super) struct Request {
    state: AtomicU8,
    /// Requests of that disk that are late now.
    late: Arc<AtomicUsize>,
}

impl Request {
    pub(super) fn of(late: &Arc<AtomicUsize>) -> Arc<Self> {
        Arc::new(Self { state: AtomicU8::new(UNDER_WAY), late: Arc::clone(late) })
    }

    /// Nobody waits for it any more.
    pub(super) fn is_late(&self) {
        WAS_LATE.set(true);
        // Counted first: its end may come at any moment.
        self.late.fetch_add(1, Ordering::SeqCst);
        if self.state.swap(LATE, Ordering::SeqCst) == DONE {
            self.late.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// It came back.
    pub(super) fn is_done(&self) {
        if self.state.swap(DONE, Ordering::SeqCst) == LATE {
            self.late.fetch_sub(1, Ordering::SeqCst);
        }
    }
}
