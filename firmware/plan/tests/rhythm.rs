//! A rhythm is learned from days, whatever happens within them, and from more than one of them.

use plan::rhythm::{VISIT_APART, learned};
use proptest::prelude::*;
use types::{Millis, UnixTime};

const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;

/// Times on these days, each a number of hours after its beginning.
fn on(days: &[u64], hours: &[u64]) -> Vec<UnixTime> {
    let begin = UnixTime(1_790_000_000_000);
    let at = |day: &u64| {
        let day = *day;
        hours.iter().map(move |hour| begin.plus(Millis(day * DAY + hour * HOUR)))
    };
    days.iter().flat_map(at).collect()
}

fn days(days: u64) -> Option<Millis> {
    Some(Millis::from_days(days))
}

#[test]
fn who_comes_at_weekends_each_hour_comes_at_weekends() {
    let weekends = [5, 6, 12, 13, 19, 20, 26, 27];
    assert_eq!(learned(on(&weekends, &[8, 9, 10, 11, 12])), days(6));
    assert_eq!(learned(on(&[0, 1, 2, 3, 4, 5, 6, 7], &[8, 9, 23])), days(1));
    // A holiday does not make somebody slow who comes each day, and neither does one more visit make them quick.
    assert_eq!(learned(on(&[0, 1, 2, 3, 4, 18, 19], &[8])), days(1));
    assert_eq!(learned(on(&[0, 7, 14, 21, 28, 29], &[8])), days(7));
}

#[test]
fn of_what_came_once_or_never_no_rhythm_is_known() {
    assert_eq!(learned([]), None);
    assert_eq!(learned(on(&[3], &[0, 1, 5, 19])), None);
}

#[test]
fn who_came_daily_and_comes_weekly_now_is_known_for_that_after_a_while() {
    let mut came: Vec<u64> = (0..30).collect();
    assert_eq!(learned(on(&came, &[8])), days(1));
    came.extend((1..4).map(|week| 29 + week * 7));
    assert_eq!(learned(on(&came, &[8])), days(7));
}

proptest! {
    /// Whoever comes in a beat is known by it, whatever the order in which that was noted, however often they
    /// come within an hour of it, and by how little the beat wavers.
    #[test]
    fn a_beat_is_learned(
        every in 1_u64..60,
        times in 2_usize..40,
        wavers in proptest::collection::vec(0_u64..HOUR, 40),
        more in proptest::collection::vec(0_usize..40, 0..60),
    ) {
        let beat: Vec<u64> = (0..times).map(|n| n as u64 * every).collect();
        let beat = on(&beat, &[0]);
        let mut came: Vec<UnixTime> =
            beat.iter().zip(&wavers).map(|(at, waver)| at.plus(Millis(*waver))).collect();
        came.extend(more.iter().filter_map(|n| came.get(*n).copied()).collect::<Vec<_>>());
        came.reverse();
        let is = learned(came).map(|rhythm| rhythm.0);
        let off = is.map(|is| is.abs_diff(every * DAY));
        prop_assert!(off.is_some_and(|off| off < HOUR), "{is:?} of {every} days");
    }

    /// A rhythm is never shorter than what tells two visits apart, nor longer than the longest pause.
    #[test]
    fn a_rhythm_lies_between_the_bounds_of_what_was_seen(
        mut came in proptest::collection::vec(0_u64..400 * DAY, 0..80),
    ) {
        let rhythm = learned(came.iter().map(|at| UnixTime(*at as i64)));
        came.sort_unstable();
        let span = came.last().copied().unwrap_or(0) - came.first().copied().unwrap_or(0);
        match rhythm {
            None => prop_assert!(span < VISIT_APART.0),
            Some(rhythm) => prop_assert!(rhythm >= VISIT_APART && rhythm.0 <= span),
        }
    }
}
