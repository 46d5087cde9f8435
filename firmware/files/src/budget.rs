//! How much memory all bodies that are being received share, whatever their number and however they come.
//!
//! Each may hold a little at any time; what is more is taken from a pool that all have together, piece by
//! piece, and given back when it is stored. Counts bytes, holds none. Start at [`Body::may_hold`] and
//! [`Budget::weigh`].

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Bytes of bodies that wait to be stored, beyond what each may hold anyway, all together.
const POOL: usize = 24 << 20;
/// One body waits for this many bytes before they are stored: what a killed box costs its sender.
const PART_LEN_MAX: usize = 8 << 20;
/// What one may hold however many there are: each part is a commit.
const PART_LEN_MIN: usize = 512 << 10;
/// Bytes that are being cut and sealed at one time. Each is there twice: as it came, and where it is cut.
const SEALING_MAX: usize = 8 << 20;
/// A file of so many bytes at most is put in one go, without a place on the bench.
pub(crate) const SMALL_LEN_MAX: usize = 1 << 20;

#[derive(Debug, Default)]
pub(crate) struct Budget {
    counts: Mutex<Counts>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct Counts {
    bodies: usize,
    pooled: usize,
    sealing: usize,
}

/// A body is being received.
#[derive(Debug)]
pub(crate) struct Body<'b> {
    budget: &'b Budget,
    /// Taken from the pool.
    pooled: usize,
}

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
        Body { budget: self, pooled: 0 }
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
    /// Whether its part may grow to this length now. One that began alone gets no more, either, once others
    /// have come.
    pub(crate) fn may_hold(&mut self, len: usize) -> bool {
        if len <= PART_LEN_MIN {
            return true;
        }
        let mut counts = self.budget.counts();
        let share = (POOL / counts.bodies.max(1)).clamp(PART_LEN_MIN, PART_LEN_MAX);
        let more = (len - PART_LEN_MIN).saturating_sub(self.pooled);
        if len > share || counts.pooled + more > POOL {
            return false;
        }
        counts.pooled += more;
        self.pooled += more;
        true
    }

    /// Its part was stored, and is held no more.
    pub(crate) fn is_stored(&mut self) {
        self.budget.counts().pooled -= std::mem::take(&mut self.pooled);
    }
}

impl Drop for Body<'_> {
    fn drop(&mut self) {
        self.is_stored();
        self.budget.counts().bodies -= 1;
    }
}

impl Drop for Weight<'_> {
    fn drop(&mut self) {
        self.0.counts().sealing -= self.1;
        self.0.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: usize = 64 << 10;

    fn grows(body: &mut Body<'_>) -> usize {
        let mut len = 0;
        while body.may_hold(len + STEP) {
            len += STEP;
        }
        len
    }

    /// Each that begins alone, or nearly, takes what is its share then, and keeps it: 190 MiB were held so.
    #[test]
    fn bodies_that_begin_one_after_the_other_and_stall_hold_no_more_than_the_pool_and_a_little_each()
     {
        let budget = Budget::default();
        let mut bodies = Vec::new();
        let mut held = 0;
        for n in 0..64 {
            let mut body = budget.body();
            held += grows(&mut body);
            assert!(n > 0 || held == PART_LEN_MAX, "alone it may have {held}");
            bodies.push(body);
        }
        assert!(held > POOL, "they do hold something: {held}");
        assert!(held <= POOL + 64 * PART_LEN_MIN, "{held}");
        // Whoever comes to store gives it back, and nothing is lost of the pool.
        drop(bodies);
        let mut alone = budget.body();
        assert_eq!(grows(&mut alone), PART_LEN_MAX);
        alone.is_stored();
        assert_eq!(grows(&mut alone), PART_LEN_MAX);
    }

    #[test]
    fn one_that_began_alone_gets_no_more_once_others_have_come() {
        let budget = Budget::default();
        let mut first = budget.body();
        assert!(first.may_hold(2 << 20));
        let _others: Vec<_> = (0..30).map(|_| budget.body()).collect();
        assert!(!first.may_hold((2 << 20) + STEP));
    }
}
