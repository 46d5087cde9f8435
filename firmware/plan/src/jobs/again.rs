//! When something that failed is tried again: later each time, and at most so late.
//!
//! Counted are failures in a row, so one that goes well begins anew. What somebody asks for himself is never
//! kept waiting, and neither is anything once a disk came or went: what failed may go well now. Pure.
//! Start at [`Patience::after`] and [`rests`].

use types::{Millis, UnixTime};

/// How long is waited between tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// After the first failure; twice as long after each further one.
    pub first: Millis,
    /// Never longer.
    pub most: Millis,
}

/// Copies that are missing: until they are made, one more disk that fails may take data with it.
pub const COPYING: Patience =
    Patience { first: Millis::from_secs(60), most: Millis::from_secs(6 * 3_600) };
/// Chores: long enough for a disk to be pushed back in, short enough to be done the same day.
pub const CHORES: Patience =
    Patience { first: super::schedule::RETRY_AFTER, most: Millis::from_days(2) };
/// A disk that could not be mounted, formatted or made a part of the vault. Trying wakes it.
pub const DISKS: Patience =
    Patience { first: Millis::from_secs(5), most: Millis::from_secs(3_600) };

impl Patience {
    /// How long is waited after so many failures in a row.
    pub fn after(self, failures: u32) -> Millis {
        let Some(doublings) = failures.checked_sub(1) else { return Millis(0) };
        let factor = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
        Millis(self.first.0.saturating_mul(factor)).min(self.most)
    }
}

/// How long something that failed so often, last at `last`, still rests; none: it may be tried now.
/// A clock that went back does not make the wait longer than it ever was.
pub fn rests(patience: Patience, failures: u32, last: UnixTime, now: UnixTime) -> Option<Millis> {
    let whole = patience.after(failures);
    let passed = now.since(last);
    let left = Millis(whole.0.saturating_sub(passed.0)).min(whole);
    (left > Millis(0)).then_some(left)
}
