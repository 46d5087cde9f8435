//! What is due: chores that come again and again.
//!
//! Each chore has a rhythm, counted from its last success. A clock that went back makes a chore wait
//! its whole rhythm once more from then: nothing happens twice, and nothing waits for a date that
//! the box once believed in. Start at [`due`].

use types::{Millis, UnixTime};

use super::JobKind;
use super::again::{CHORES, rests};
pub use crate::health::SCRUB_EVERY;

/// Versions are thinned out and packs let go once a day: the finest grid of old versions.
pub const TIDY_EVERY: Millis = Millis::from_days(1);
/// A chore that failed is tried again after this, and later each time it fails once more: long enough for a disk to be pushed back in,
/// short enough to be done the same day.
pub const RETRY_AFTER: Millis = Millis::from_secs(6 * 3_600);

/// A chore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chore {
    /// What it does.
    pub kind: JobKind,
    /// Its rhythm; none when the owner wants it never.
    pub every: Option<Millis>,
    /// When it last succeeded, or when the box first ran.
    pub done: UnixTime,
    /// When it last failed or was cancelled, if that was after.
    pub failed: Option<UnixTime>,
    /// How often in a row it failed by then.
    pub failures: u32,
    /// It waits, runs or rests already.
    pub under_way: bool,
}

/// The chores to begin now.
pub fn due(chores: &[Chore], now: UnixTime, clock_jumped: bool) -> Vec<JobKind> {
    let is_due = |chore: &&Chore| {
        let Some(every) = chore.every else { return false };
        let rested = retry_in(chore, now).is_none();
        !chore.under_way
            && rested
            && now.since(chore.done) >= every
            && !(clock_jumped && chore.kind.deletes())
    };
    chores.iter().filter(is_due).map(|chore| chore.kind).collect()
}

/// How long a chore that failed still rests before it is tried again; none when it did not fail, or may
/// be tried now.
pub fn retry_in(chore: &Chore, now: UnixTime) -> Option<Millis> {
    let failed = chore.failed?;
    let left = rests(CHORES, chore.failures.max(1), failed, now)?;
    // It may be wanted more often than it would be tried again.
    let due = chore.every?.0.saturating_sub(now.since(failed).0);
    Some(left.min(Millis(due))).filter(|left| *left > Millis(0))
}

/// A time in a record as it is to count from now on: never after now.
pub fn anchored(recorded: UnixTime, now: UnixTime) -> UnixTime {
    recorded.min(now)
}
