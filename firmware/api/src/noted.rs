//! How much of the log one person may fill in an hour: what an owner has to be able to find again is not
//! pushed out of it by somebody who does one thing over and over.
//!
//! Owners are not counted. Start at [`Noted::take`].

use std::collections::HashMap;

use types::Millis;

/// Things that one person, or one device, is noted for in an hour.
const AN_HOUR: u32 = 200;
const HOUR: Millis = Millis::from_secs(3_600);

/// Who was noted how often, since when.
#[derive(Debug, Default)]
pub(crate) struct Noted(HashMap<String, (Millis, u32)>);

impl Noted {
    /// Counts one more; how long to wait where it is one too many.
    pub(crate) fn take(&mut self, who: &str, now: Millis) -> Result<(), Millis> {
        let over = |since: Millis| now.0.saturating_sub(since.0) >= HOUR.0;
        self.0.retain(|_, (since, _)| !over(*since));
        let (since, count) = self.0.entry(who.to_owned()).or_insert((now, 0));
        if *count >= AN_HOUR {
            return Err(Millis(HOUR.0 - now.0.saturating_sub(since.0)));
        }
        *count += 1;
        Ok(())
    }
}
