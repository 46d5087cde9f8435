//! How many requests of one friend are answered: so many a second, and some more after a pause.

//!
//! The host machine counts those about packs itself. Whoever drives a control connection asks [`Asks`]
//! before it hands a request to a pact or to messages. Start at [`Asks::asked`].

use types::Millis;

use crate::limits::{ASKS_A_SECOND, ASKS_AT_ONCE};
use crate::wire::{Refused, Why};

/// The requests of one friend on one kind of connection.
#[derive(Clone, Copy, Debug)]
pub struct Asks {
    bucket: Bucket,
    /// Refused, less those that were heard since.
    refused: u64,
}

/// One request too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// To be answered with this.
    Wait(Refused),
    /// It did not wait when it was told to: the connection is to be closed
    /// ([`crate::wire::ByeWhy::Flood`]).
    Cut,
}

impl Asks {
    /// After a start; times are those of the clock that only counts.
    pub fn new(uptime: Millis) -> Self {
        Self { bucket: Bucket::full(uptime), refused: 0 }
    }

    /// A request came: whether it is to be heard at all.
    pub fn asked(&mut self, uptime: Millis) -> Result<(), Over> {
        self.take(uptime)?;
        self.heard();
        Ok(())
    }

    pub(crate) fn take(&mut self, uptime: Millis) -> Result<(), Over> {
        self.bucket.take(uptime).map_err(|wait| self.over(wait))
    }

    /// One more that is refused, with milliseconds to wait.
    pub(crate) fn over(&mut self, wait: u64) -> Over {
        self.refused += 1;
        if self.refused <= ASKS_AT_ONCE { Over::Wait(Why::Busy.with(wait)) } else { Over::Cut }
    }

    /// One was heard, and makes up for one that was not. No more than that: of a flood one is heard every
    /// few milliseconds as well.
    pub(crate) fn heard(&mut self) {
        self.refused = self.refused.saturating_sub(1);
    }

    /// The connection is another.
    pub(crate) fn begin_anew(&mut self) {
        self.refused = 0;
    }
}

/// A bucket that fills with time. Counts thousandths of a request.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: u64,
    at: Millis,
}

impl Bucket {
    fn full(at: Millis) -> Self {
        Self { left: ASKS_AT_ONCE * 1_000, at }
    }

    /// Takes one, or says in how many milliseconds there will be one.
    fn take(&mut self, now: Millis) -> Result<(), u64> {
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

    #[test]
    fn who_does_not_wait_on_the_control_connection_is_cut_off() {
        let mut asks = Asks::new(Millis(0));
        assert!((0..400).all(|_| asks.asked(Millis(0)).is_ok()));
        assert_eq!(asks.asked(Millis(0)), Err(Over::Wait(Why::Busy.with(10))));
        assert!(asks.asked(Millis(10)).is_ok(), "who waits is heard");
        let waits = (0..1_000).take_while(|_| asks.asked(Millis(10)) != Err(Over::Cut)).count();
        assert_eq!(waits, 400);
    }

    #[test]
    fn a_flood_of_which_one_is_heard_now_and_then_is_cut_off_and_who_asks_half_in_vain_is_not() {
        // So many requests in the ten milliseconds in which one is heard.
        let is_cut = |requests: u64| {
            let mut asks = Asks::new(Millis(0));
            let mut all = (0..6_000).flat_map(|at| (0..requests).map(move |_| Millis(at * 10)));
            all.any(|at| asks.asked(at) == Err(Over::Cut))
        };
        assert!(is_cut(3));
        assert!(is_cut(20));
        assert!(!is_cut(2));
    }
}
