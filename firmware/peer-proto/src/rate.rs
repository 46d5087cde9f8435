//! How many requests of one friend are answered: so many a second, and some more after a pause.

use types::Millis;

use crate::limits::{ASKS_A_SECOND, ASKS_AT_ONCE};

/// A bucket that fills with time. Counts thousandths of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    left: u64,
    at: Millis,
}

impl Bucket {
    pub(crate) fn full(at: Millis) -> Self {
        Self { left: ASKS_AT_ONCE * 1_000, at }
    }

    /// Takes one, or says in how many milliseconds there will be one.
    pub(crate) fn take(&mut self, now: Millis) -> Result<(), u64> {
        let came = now.0.saturating_sub(self.at.0).saturating_mul(ASKS_A_SECOND);
        self.at = Millis(now.0.max(self.at.0));
        self.left = self.left.saturating_add(came).min(ASKS_AT_ONCE * 1_000);
        match self.left.checked_sub(1_000) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err((1_000 - self.left).div_ceil(ASKS_A_SECOND)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_answered_and_then_so_many_a_second() {
        let mut bucket = Bucket::full(Millis(5));
        let taken = |bucket: &mut Bucket, at| {
            (0..10_000).filter(|_| bucket.take(Millis(at)).is_ok()).count()
        };
        assert_eq!(taken(&mut bucket, 5), 400);
        assert_eq!(bucket.take(Millis(5)), Err(10));
        assert_eq!(taken(&mut bucket, 1_005), 100);
        assert_eq!(taken(&mut bucket, 1_000), 0, "a clock that goes back gives nothing");
        assert_eq!(taken(&mut bucket, 1 << 40), 400);
    }
}
