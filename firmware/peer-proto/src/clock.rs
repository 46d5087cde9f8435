//! Both clocks of a box, and whether the one that may jump is to be believed.
//!
//! The same rule that `plan` has for the box's own packs: the wall clock is compared with the time
//! that the box has been up, and after a restart with the last time written down; more than a day
//! between them, either way, and nothing is deleted until somebody who knows says that it is right.
//! The friend whose packs are at stake is not somebody who knows. Start at [`ClockWatch`].

use serde::{Deserialize, Serialize};
use types::{Millis, UnixTime};

use crate::limits::CLOCK_JUMP_MAX;

/// One moment by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// May jump.
    pub wall: UnixTime,
    /// Only counts, from an arbitrary start.
    pub uptime: Millis,
}

/// What is written down of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockMark {
    /// What it should have been then.
    pub wall: UnixTime,
}

/// A moment at which the clock was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockWatch {
    anchor: Now,
}

impl ClockWatch {
    /// At a start, with what was written down. How long the box was off nobody can tell: off for more
    /// than a day, it waits to be told the time.
    pub fn at_start(before: Option<ClockMark>, now: Now) -> Self {
        let wall = before.map_or(now.wall, |mark| mark.wall);
        Self { anchor: Now { wall, uptime: now.uptime } }
    }

    /// What the clock should be.
    fn expected(&self, now: Now) -> UnixTime {
        self.anchor.wall.plus(Millis(now.uptime.0.saturating_sub(self.anchor.uptime.0)))
    }

    /// Whether deletions may go by it.
    pub fn is_sure(&self, now: Now) -> bool {
        let expected = self.expected(now);
        now.wall.since(expected).max(expected.since(now.wall)) <= CLOCK_JUMP_MAX
    }

    /// Somebody who knows says that the clock is right.
    pub fn agree(&mut self, now: Now) {
        self.anchor = now;
    }

    /// What to write down.
    pub fn mark(&self, now: Now) -> ClockMark {
        ClockMark { wall: if self.is_sure(now) { now.wall } else { self.expected(now) } }
    }
}
