//! How much memory all bodies that are being received share, whatever their number.
//!
//! Counts bytes, holds none. Start at [`Budget::part_len`] and [`Budget::weigh`].

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Bytes of bodies that wait to be stored, all together.
const WAITING_MAX: usize = 64 << 20;
/// One body waits for this many bytes before they are stored: what a killed box costs its sender.
const PART_LEN_MAX: usize = 8 << 20;
/// And never for fewer, however many there are: each part is a commit.
pub(crate) const PART_LEN_MIN: usize = 1 << 20;
/// Bytes that are being cut and sealed at one time.
const SEALING_MAX: usize = 32 << 20;

#[derive(Debug, Default)]
pub(crate) struct Budget {
    counts: Mutex<Counts>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct Counts {
    bodies: usize,
    sealing: usize,
}

/// A body is being received.
#[derive(Debug)]
pub(crate) struct Body<'b>(&'b Budget);

/// Bytes are being sealed.
#[derive(Debug)]
pub(crate) struct Weight<'b>(&'b Budget, usize);

impl Budget {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more body.
    pub(crate) fn body(&self) -> Body<'_> {
        self.counts().bodies += 1;
        Body(self)
    }

    /// Waits until that many bytes more may be sealed.
    pub(crate) fn weigh(&self, bytes: usize) -> Weight<'_> {
        let weight = bytes.min(SEALING_MAX);
        let full = |counts: &mut Counts| counts.sealing + weight > SEALING_MAX;
        let waited = self.freed.wait_while(self.counts(), full);
        waited.unwrap_or_else(PoisonError::into_inner).sealing += weight;
        Weight(self, weight)
    }
}

impl Body<'_> {
    /// How much of it may wait now.
    pub(crate) fn part_len(&self) -> usize {
        let bodies = self.0.counts().bodies.max(1);
        (WAITING_MAX / bodies).clamp(PART_LEN_MIN, PART_LEN_MAX)
    }
}

impl Drop for Body<'_> {
    fn drop(&mut self) {
        self.0.counts().bodies -= 1;
    }
}

impl Drop for Weight<'_> {
    fn drop(&mut self) {
        self.0.counts().sealing -= self.1;
        self.0.freed.notify_all();
    }
}
