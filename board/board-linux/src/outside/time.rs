//! Deadlines: how long is left, and waiting until something holds.
//!
//! Never says what time of day it is. Start at [`Deadline`].

use std::time::{Duration, Instant};

/// Between two looks at something that the system does not announce. Short beside what a person
/// notices, long beside what a look costs.
const PAUSE: Duration = Duration::from_millis(20);

/// A moment until which something is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    /// So far from now.
    pub(crate) fn within(span: Duration) -> Self {
        Self(Instant::now() + span)
    }

    /// What is left of it.
    pub(crate) fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether it has come.
    pub(crate) fn is_over(self) -> bool {
        self.left().is_zero()
    }
}

/// Waits until `look` finds something.
pub(crate) fn until<T>(span: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Deadline::within(span);
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if deadline.is_over() {
            return None;
        }
        std::thread::sleep(PAUSE.min(deadline.left()));
    }
}
