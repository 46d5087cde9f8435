//! Whether the clock can be believed: a box may have none that runs without power.
//!
//! The wall clock is compared with the time that the box has been up, from a moment at which it was
//! known to be right. More than a day between them, in either direction, and nothing is deleted until
//! the clock is set right, or somebody says that it is. Nothing is remembered here: the anchor is the
//! caller's to keep. Start at [`Anchor::drift`].

use types::{Millis, UnixTime};

use crate::gc::CLOCK_JUMP_MAX;

/// What a time server's file says counts only when it was touched this short a time ago: a clock that
/// jumped since has moved away from it. The conductor looks every minute.
pub const WORD_FRESH: Millis = Millis::from_secs(3_600);

/// Both clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What the clock said.
    pub wall: UnixTime,
    /// How long the program had run.
    pub uptime: Millis,
}

/// A moment at which the clock was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor(pub Moment);

/// What survives a restart: the last time that was seen, and how wrong it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The last time seen.
    pub wall: UnixTime,
    /// How much further it was then than it should have been, in milliseconds.
    pub drift_ms: i64,
}

impl Anchor {
    /// The anchor of a program that starts. How long it was off nobody can tell, so all of that
    /// counts as drift: a box that was off for more than a day waits to be told the time. One that
    /// never ran believes its clock.
    pub fn at_start(before: Option<Remembered>, now: Moment) -> Self {
        match before {
            None => Self(now),
            Some(before) => {
                let wall = UnixTime(before.wall.0.saturating_sub(before.drift_ms));
                Self(Moment { wall, uptime: now.uptime })
            }
        }
    }

    /// How much further the clock is than it should be, in milliseconds; negative when it is behind.
    pub fn drift(self, now: Moment) -> i64 {
        let ran = now.uptime.0.saturating_sub(self.0.uptime.0);
        let should = self.0.wall.plus(Millis(ran));
        now.wall.0.saturating_sub(should.0)
    }

    /// Whether deletion has to wait.
    pub fn is_frozen(self, now: Moment) -> bool {
        self.drift(now).unsigned_abs() > CLOCK_JUMP_MAX.0
    }

    /// What to remember.
    pub fn remember(self, now: Moment) -> Remembered {
        Remembered { wall: now.wall, drift_ms: self.drift(now) }
    }
}

/// Whether the file that a time server's client touches says anew that the clock is right. `seen` is
/// when it had last been touched, `touched` when it was now. The same word counts once: what the clock
/// does afterwards it knows nothing of.
pub fn is_new_word(seen: Option<UnixTime>, touched: UnixTime, now: UnixTime) -> bool {
    let away = now.0.saturating_sub(touched.0).unsigned_abs();
    seen != Some(touched) && away <= WORD_FRESH.0
}
