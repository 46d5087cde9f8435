//! A clock that jumps neither deletes anything nor makes anything happen twice, and chores come round.

use plan::jobs::JobKind;
use plan::jobs::again::{Patience, rests};
use plan::jobs::clock::{WORD_FRESH, is_new_word};
use plan::jobs::pace::{self, Sample};
use plan::jobs::schedule::{self, Chore, SCRUB_EVERY, TIDY_EVERY};
use proptest::prelude::*;
use types::clock::{ClockWatch, Moment};
use types::{Millis, UnixTime};

const DAY: i64 = 86_400_000;

fn moment(wall: i64, uptime: u64) -> Moment {
    Moment { wall: UnixTime(wall), uptime: Millis(uptime) }
}

fn chores(done: UnixTime) -> Vec<Chore> {
    let chore =
        |kind, every| Chore { kind, every, done, failed: None, failures: 0, under_way: false };
    vec![chore(JobKind::Scrub, Some(SCRUB_EVERY)), chore(JobKind::Forget, Some(TIDY_EVERY))]
}

#[test]
fn a_chore_is_due_after_its_rhythm_once_at_a_time_and_not_when_nobody_wants_it() {
    let now = UnixTime(100 * DAY);
    let mut all = chores(now.minus(SCRUB_EVERY));
    assert_eq!(schedule::due(&all, now, false), [JobKind::Scrub, JobKind::Forget]);
    assert_eq!(schedule::due(&all, now, true), [JobKind::Scrub], "a clock that jumped");
    all[0].under_way = true;
    all[1].every = None;
    assert!(schedule::due(&all, now, false).is_empty());
    all[0] = Chore { under_way: false, failed: Some(now.minus(Millis(1))), ..all[0] };
    assert!(schedule::due(&all, now, false).is_empty(), "it failed a moment ago");
    let later = now.plus(schedule::RETRY_AFTER);
    assert_eq!(schedule::due(&all, later, false), [JobKind::Scrub]);
}

/// A chore that failed was tried again every six hours for ever.
#[test]
fn a_chore_that_fails_again_and_again_rests_longer_each_time_but_never_longer_than_its_rhythm() {
    let now = UnixTime(100 * DAY);
    let failed = |failures, every| Chore {
        every: Some(every),
        failed: Some(now),
        failures,
        ..chores(now.minus(SCRUB_EVERY))[0]
    };
    let hours = |chore: Chore| {
        let hours: Vec<u64> = (0..100)
            .filter(|hour| {
                let then = now.plus(Millis::from_secs(hour * 3_600));
                schedule::due(&[chore], then, false).is_empty()
            })
            .collect();
        let told = schedule::retry_in(&chore, now).unwrap();
        assert_eq!(told, Millis::from_secs(hours.len() as u64 * 3_600), "what is said is so");
        hours.len()
    };
    let waits: Vec<usize> = (1..7).map(|times| hours(failed(times, SCRUB_EVERY))).collect();
    assert_eq!(waits, [6, 12, 24, 48, 48, 48]);
    let daily: Vec<usize> = (1..5).map(|times| hours(failed(times, TIDY_EVERY))).collect();
    assert_eq!(daily, [6, 12, 24, 24]);
    assert_eq!(schedule::retry_in(&chores(now)[0], now), None, "it did not fail");
}

proptest! {
    #[test]
    fn no_number_of_failures_makes_a_wait_shorter_or_longer_than_the_longest(
        first in 1..1_000_000_u64, most in 1..u64::MAX, times in 0..u32::MAX, back in any::<i64>()
    ) {
        let patience = Patience { first: Millis(first), most: Millis(most) };
        let wait = patience.after(times);
        prop_assert!(wait <= patience.most && wait >= patience.after(times.saturating_sub(1)));
        prop_assert_eq!(wait == Millis(0), times == 0);
        let left = rests(patience, times, UnixTime(0), UnixTime(back)).unwrap_or(Millis(0));
        prop_assert!(left <= wait);
    }

    #[test]
    fn a_clock_that_goes_back_makes_nothing_happen_twice_and_nothing_never(
        done in 0..4_000_i64, back in 0..4_000_i64
    ) {
        let (done, now) = (UnixTime(done * DAY), UnixTime((done - back) * DAY));
        let counts_from = schedule::anchored(done, now);
        for chore in chores(counts_from) {
            let every = chore.every.unwrap();
            prop_assert!(schedule::due(&[chore], now, false).is_empty());
            let just_before = now.plus(Millis(every.0 - 1));
            prop_assert!(schedule::due(&[chore], just_before, false).is_empty() || back == 0);
            let then = now.plus(every);
            prop_assert_eq!(schedule::due(&[chore], then, false), vec![chore.kind]);
        }
    }

    #[test]
    fn any_times_are_judged_without_an_end(
        wall in any::<i64>(), up in any::<u64>(), other in any::<i64>(), later in any::<u64>()
    ) {
        let watch = ClockWatch::agreed(moment(wall, up));
        let now = moment(other, later);
        let again = ClockWatch::at_start(Some(watch.mark(now)), now);
        for watch in [watch, again] {
            let apart = watch.drift(now).unsigned_abs() > DAY.unsigned_abs();
            prop_assert_eq!(watch.is_sure(now), !apart);
        }
        drop(schedule::due(&chores(UnixTime(wall)), UnixTime(other), false));
    }
}

#[test]
fn the_rate_is_that_of_late_and_the_rest_takes_as_long_as_it_says() {
    let sample = |at, bytes| Sample { at: Millis(at), bytes };
    assert_eq!(pace::rate(&[]), None);
    assert_eq!(pace::rate(&[sample(0, 0), sample(100, 9)]), None, "too short to say");
    let rate = pace::rate(&[sample(1_000, 500), sample(3_000, 4_500)]);
    assert_eq!(rate, Some(2_000));
    assert_eq!(pace::left(4_500, Some(10_500), rate), Some(Millis(3_000)));
    assert_eq!(pace::left(0, None, rate), None);
    assert_eq!(pace::left(0, Some(1), Some(0)), None);
    assert_eq!(pace::rate(&[sample(0, 9), sample(1_000, 0)]), Some(0), "begun again");
}

#[test]
fn a_time_servers_word_counts_once_and_only_while_the_clock_is_near_it() {
    let touched = UnixTime(50 * DAY);
    let soon = touched.plus(Millis(60_000));
    assert!(is_new_word(None, touched, soon));
    assert!(!is_new_word(Some(touched), touched, soon), "it was heard before");
    assert!(is_new_word(Some(touched.minus(WORD_FRESH)), touched, soon));
    for away in [touched.plus(Millis(WORD_FRESH.0 + 1)), touched.minus(Millis(WORD_FRESH.0 + 1))] {
        assert!(!is_new_word(None, touched, away), "the clock jumped since");
    }
}
