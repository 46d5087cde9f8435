//! Waiting for what is soon over.
//!
//! Nothing fails here that stays as it is: whoever waits looks at it afterwards. Start at
//! [`Outside::wait_while`].

use std::time::Duration;

use crate::Outcome;
use crate::outside::{LOOK_EVERY, Outside};

impl Outside {
    /// Waits until something is over, and not longer than that.
    pub fn wait_while(
        &mut self,
        most: Duration,
        mut is_so: impl FnMut(&mut Self) -> Outcome<bool>,
    ) -> Outcome<()> {
        let deadline = self.real() + i64::try_from(most.as_millis()).unwrap_or(i64::MAX);
        while self.real() < deadline && is_so(self)? {
            self.linger(LOOK_EVERY);
        }
        Ok(())
    }
}
