//! When a volume will be full: from how much room it had over the last weeks.
//!
//! One look a day is kept. A volume that does not get fuller has no such day. Start at [`full_on`].

use types::{Bytes, Millis, UnixTime};

/// Looks are kept this far apart.
const LOOK_EVERY: Millis = Millis::from_days(1);
/// As many of them: a month, so that one busy day does not make the forecast.
const LOOKS_MAX: usize = 30;
/// A day further away than this is not worth telling.
const AHEAD_MAX: Millis = Millis::from_days(3_650);

/// How much room a volume had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: UnixTime,
    /// Room left, the reserve taken off.
    pub free: Bytes,
}

/// Keeps a look if it is time for one; whether anything changed. Looks from the future, of a clock
/// that was wrong, are let go.
pub fn keep(looks: &mut Vec<Look>, new: Look) -> bool {
    let before = looks.len();
    looks.retain(|look| look.at <= new.at);
    let due = looks.last().is_none_or(|last| new.at.since(last.at) >= LOOK_EVERY);
    if due {
        looks.push(new);
        let over = looks.len().saturating_sub(LOOKS_MAX);
        looks.drain(..over);
    }
    due || looks.len() != before
}

/// The day on which a volume is full if it goes on like this; none when it does not get fuller, or
/// when there is less than a day to judge from.
pub fn full_on(looks: &[Look], now: Look) -> Option<UnixTime> {
    let first = looks.first()?;
    let span = now.at.since(first.at);
    if span < LOOK_EVERY {
        return None;
    }
    let grown = first.free.0.checked_sub(now.free.0).filter(|grown| *grown > 0)?;
    let ahead = u128::from(now.free.0) * u128::from(span.0) / u128::from(grown);
    let ahead = u64::try_from(ahead).ok().map(Millis).filter(|ahead| *ahead <= AHEAD_MAX)?;
    Some(now.at.plus(ahead))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(days: u64, free: u64) -> Look {
        Look { at: UnixTime(0).plus(Millis::from_days(days)), free: Bytes(free) }
    }

    #[test]
    fn a_volume_that_gets_fuller_has_a_day_and_any_other_has_none() {
        let looks = [look(10, 1_000), look(11, 950)];
        assert_eq!(full_on(&looks, look(20, 500)), Some(look(30, 0).at));
        assert_eq!(full_on(&looks, look(20, 1_000)), None, "no fuller");
        assert_eq!(full_on(&looks, look(20, 2_000)), None, "emptier");
        assert_eq!(full_on(&looks, look(10, 10)), None, "too soon to say");
        assert_eq!(full_on(&[], look(20, 500)), None);
        assert_eq!(full_on(&[look(0, u64::MAX)], look(9, u64::MAX - 1)), None, "in ages");
        assert_eq!(full_on(&looks, look(20, 0)), Some(look(20, 0).at), "it is");
    }

    #[test]
    fn one_look_a_day_is_kept_for_a_month_and_none_from_the_future() {
        let mut looks = Vec::new();
        for day in 0..40 {
            assert!(keep(&mut looks, look(day, 1_000 - day)));
            assert!(!keep(&mut looks, look(day, 0)), "the same day");
        }
        assert_eq!(looks.len(), LOOKS_MAX);
        assert_eq!(looks[0], look(10, 990));
        assert!(keep(&mut looks, look(12, 7)));
        assert_eq!(looks.last(), Some(&look(12, 988)), "later ones are of a clock that was wrong");
    }
}
