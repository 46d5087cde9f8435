//! What becomes of a job that was cut off, or that was put by for long.
//!
//! Most go on by themselves. What would write over somebody's files does not: days later other work
//! may lie there, so it waits for a word. What ended the program again and again is given up, so that
//! the others go on. Pure. Start at [`found_at_start`].

use types::Millis;
use types::clock::Moment;

use super::JobState;

/// A job that was at work this often when the program ended, one beginning after the other, is to
/// blame for it. Two power cuts in a row are bad luck.
pub const CUT_OFF_MAX: u32 = 3;
/// Somebody who restores over files knows for this long what he asked for: a lock, or a disk that is
/// changed, takes less.
pub const OVERWRITE_WAIT_MAX: Millis = Millis::from_secs(600);

/// What is known of a job whose record is found at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Where its record says that it stands.
    pub state: JobState,
    /// It takes the place of files that are there.
    pub overwrites: bool,
    /// How often in a row it was at work when the program ended, this time included.
    pub cut_off: u32,
}

/// Where such a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// There.
    As(JobState),
    /// Paused, until somebody says that it may go on.
    Asks,
    /// Failed.
    GivenUp,
}

/// Where a job stands when its record is found at the start. One that was at work was cut off, and
/// waits for its turn again.
pub fn found_at_start(cut: Cut) -> Found {
    match cut.state {
        JobState::Running if cut.cut_off >= CUT_OFF_MAX => Found::GivenUp,
        JobState::Running | JobState::Queued if cut.overwrites => Found::Asks,
        JobState::Running => Found::As(JobState::Queued),
        other => Found::As(other),
    }
}

/// Whether a job that takes the place of files has waited too long to begin by itself. Both clocks
/// count: one stands still while the computer sleeps, and the other can be set.
pub fn has_waited_too_long(since: Moment, now: Moment) -> bool {
    let ran = now.uptime.0.saturating_sub(since.uptime.0);
    ran.max(now.wall.since(since.wall).0) > OVERWRITE_WAIT_MAX.0
}
