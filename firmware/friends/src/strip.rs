//! At which hours of the last weeks a friend's box was there.
//!
//! Plain data and pure changes of it. Start at [`Strip::look`].

use serde::{Deserialize, Serialize};
use types::UnixTime;

/// Days of which it is remembered at which hours a friend's box was there: four weeks show a habit.
pub const DAYS_SEEN: usize = 28;

const HOUR_MS: i64 = 3_600_000;

/// At which hours of the last days somebody was there: a word of 24 bits for each day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strip {
    /// The number of the newest day, in UTC since 1970.
    day: i64,
    /// Of each day, the oldest first: hours at which this box looked, and at which the other was there.
    days: Vec<(u32, u32)>,
}

impl Strip {
    /// This box looked now, and the friend's was there or not.
    pub fn look(&mut self, now: UnixTime, there: bool) {
        let day = now.0.div_euclid(24 * HOUR_MS);
        // A clock that went back adds to the newest day.
        let ahead = if self.days.is_empty() { 1 } else { day.saturating_sub(self.day) };
        if ahead > 0 {
            let new = usize::try_from(ahead).unwrap_or(DAYS_SEEN).min(DAYS_SEEN);
            self.days.extend(std::iter::repeat_n((0, 0), new));
            self.days.drain(..self.days.len().saturating_sub(DAYS_SEEN));
            self.day = day;
        }
        let hour = now.0.div_euclid(HOUR_MS).rem_euclid(24);
        if let Some((looked, seen)) = self.days.last_mut() {
            *looked |= 1 << hour;
            *seen |= u32::from(there) << hour;
        }
    }

    /// Of each day, the oldest first, the hours at which it was there, scaled to a day of 24 hours that this
    /// box was on; none for days at which it was not.
    pub fn hours(&self) -> Vec<Option<u8>> {
        let hours = |(looked, seen): &(u32, u32)| {
            let all = looked.count_ones();
            let scaled = (seen.count_ones() * 24).div_ceil(all.max(1));
            (all > 0).then(|| u8::try_from(scaled).unwrap_or(24))
        };
        let gap = DAYS_SEEN.saturating_sub(self.days.len());
        std::iter::repeat_n(None, gap).chain(self.days.iter().map(hours)).collect()
    }
}
