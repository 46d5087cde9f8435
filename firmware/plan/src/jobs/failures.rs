//! For how long a job that failed is worth telling: what is due until it succeeds, what somebody
//! asked for until he has had the time to see it.
//!
//! Pure. Start at [`is_told`].

use types::{Millis, UnixTime};

/// Whoever asked for a job looks after it within this.
pub const TOLD_FOR: Millis = Millis::from_days(1);

/// A job that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Somebody asked for it; else it was due.
    pub asked_for: bool,
    /// When it failed.
    pub ended: UnixTime,
    /// A newer job that does the same is over, or one of its kind was done.
    pub made_up_for: bool,
}

/// Whether it is still told.
pub fn is_told(failure: Failure, now: UnixTime) -> bool {
    !failure.made_up_for && (!failure.asked_for || now.since(failure.ended) < TOLD_FOR)
}
