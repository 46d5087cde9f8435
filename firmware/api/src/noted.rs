//! How much of the log one person may fill in an hour: what an owner has to be able to find again is not
//! pushed out of it by somebody who does one thing over and over.
//!
//! Owners are not counted. Whoever has a password and not what is asked for beside it is noted the first, the
//! tenth, and the hundredth time. Start at [`Noted::take`] and [`Halves::take`].

use std::collections::HashMap;

use types::Millis;

/// Things that one person, or one device, is noted for in an hour.
const AN_HOUR: u32 = 200;
const HOUR: Millis = Millis::from_secs(3_600);

/// Names and places of which it is remembered how often they were refused; more are noted each time.
const HALVES_MAX: usize = 1_024;

/// Who was refused of late with the right password, from where, and how often.
#[derive(Debug, Default)]
pub(crate) struct Halves(HashMap<(String, String), (Millis, u32)>);

impl Halves {
    /// Counts one more; how many there were within the hour, where that is worth noting.
    pub(crate) fn take(&mut self, who: &str, from: &str, now: Millis) -> Option<u32> {
        let over = |since: Millis| now.0.saturating_sub(since.0) >= HOUR.0;
        self.0.retain(|_, (since, _)| !over(*since));
        let place = (who.to_owned(), from.to_owned());
        if self.0.len() >= HALVES_MAX && !self.0.contains_key(&place) {
            return Some(1);
        }
        let (_, count) = self.0.entry(place).or_insert((now, 0));
        *count = count.saturating_add(1);
        let is_round = 10_u32.checked_pow(count.ilog10()) == Some(*count);
        is_round.then_some(*count)
    }
}

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
