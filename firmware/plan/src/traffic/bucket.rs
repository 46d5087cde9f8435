//! A token bucket: holds a rate over a minute to a few parts in a hundred, however its caller sleeps.
//!
//! Bytes and times in, a time to wait out; what was asked for is taken at once and paid for by waiting,
//! so that nobody has to ask twice. One bucket for each direction and friend. Start at
//! [`Bucket::take`].

use types::{Bytes, Millis};

use super::Rate;

/// What was not sent may be made up for within this: a thread that wakes late loses nothing, and a line
/// that was idle is not flooded. Two per cent of a minute, whose rate is to hold to five.
pub const BURST: Millis = Millis(1_000);
/// The longest piece to send at once. Longer ones would make others on the line wait.
pub const PIECE_MAX: Bytes = Bytes(128 * Bytes::KIB);
/// And the shortest: below it headers cost more than data.
pub const PIECE_MIN: Bytes = Bytes(1_024);
/// Pieces in a second, so that one piece more or less does not matter to the rate.
const PIECES_A_SECOND: u64 = 8;

/// How long a piece to send at once at a rate.
pub fn piece(rate: Rate) -> Bytes {
    Bytes(rate.0 / PIECES_A_SECOND).clamp(PIECE_MIN, PIECE_MAX)
}

/// What may go, in thousandths of a byte; negative while pieces that went are still paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    thousandths: i128,
    at: Millis,
}

impl Bucket {
    /// An empty one, at a time of a clock that never goes back.
    pub fn new(now: Millis) -> Self {
        Self { thousandths: 0, at: now }
    }

    /// Takes `len` and says how long to wait before sending them. None, and nothing is taken, when
    /// nothing goes at this rate.
    ///
    /// The rate may be another at each call; what was earned was earned at the one before.
    pub fn take(&mut self, len: Bytes, rate: Rate, now: Millis) -> Option<Millis> {
        if !rate.is_open() {
            // Hours that were closed earn nothing.
            (self.at, self.thousandths) = (self.at.max(now), self.thousandths.min(0));
            return None;
        }
        if rate == Rate::UNLIMITED {
            *self = Self::new(self.at.max(now));
            return Some(Millis(0));
        }
        let rate = i128::from(rate.0);
        let passed = i128::from(now.0.saturating_sub(self.at.0));
        self.at = self.at.max(now);
        // Bytes in a second are thousandths of a byte in a millisecond.
        let full = rate * i128::from(BURST.0);
        self.thousandths = self.thousandths.saturating_add(passed * rate).min(full);
        self.thousandths -= i128::from(len.0) * 1_000;
        let owed = (-self.thousandths).max(0);
        let wait = owed.div_euclid(rate) + i128::from(owed.rem_euclid(rate) > 0);
        Some(Millis(u64::try_from(wait).unwrap_or(u64::MAX)))
    }
}
