//! What is kept: the grid of the defaults, always the newest, and never less for asking twice.

use std::collections::BTreeSet;

use plan::retention::{BadRule, Change, DAYS_MAX, Days, Policy, change, expired, older_than};
use proptest::prelude::*;
use types::{Millis, UnixTime};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// 2026-01-01T00:00:00Z, a Thursday.
const NEW_YEAR: i64 = 1_767_225_600_000;

fn versions(times: &[i64]) -> Vec<(usize, UnixTime)> {
    times.iter().copied().map(UnixTime).enumerate().collect()
}

fn kept(times: &[i64], now: i64) -> Vec<i64> {
    let gone = expired(&versions(times), UnixTime(now), &Policy::default());
    (0..times.len()).filter(|n| !gone.contains(n)).map(|n| times[n]).collect()
}

#[test]
fn a_day_is_kept_whole_and_of_each_hour_before_that_the_newest() {
    let now = NEW_YEAR + 10 * DAY;
    let day = [now - 20 * HOUR, now - 20 * HOUR + 1, now];
    assert_eq!(kept(&day, now), day);
    let hour = now - 5 * DAY;
    assert_eq!(
        kept(&[hour, hour + 10, hour + HOUR - 1, hour + HOUR, now], now),
        [hour + HOUR - 1, hour + HOUR, now]
    );
}

#[test]
fn then_one_a_day_one_a_week_from_monday_and_one_a_calendar_month() {
    let now = NEW_YEAR + 500 * DAY;
    let forty = now - 40 * DAY;
    assert_eq!(
        kept(&[forty, forty + 5 * HOUR, forty + DAY, now], now),
        [forty + 5 * HOUR, forty + DAY, now]
    );
    // 2026-06-08 was a Monday: 158 days after New Year.
    let monday = NEW_YEAR + 158 * DAY;
    assert_eq!(
        kept(&[monday - 1, monday, monday + 6 * DAY, monday + 7 * DAY, now], now),
        [monday - 1, monday + 6 * DAY, monday + 7 * DAY, now]
    );
    // 2024 was a leap year: its February had 29 days.
    let february = NEW_YEAR - (365 + 366 - 31) * DAY;
    let march = february + 29 * DAY;
    assert_eq!(
        kept(&[february - 1, february, march - 1, march, now], now),
        [february - 1, march - 1, march, now]
    );
}

#[test]
fn the_newest_stays_however_old_and_the_future_never_goes() {
    assert_eq!(kept(&[0], NEW_YEAR), [0]);
    // Both within one old month; a version from the future must not make the newest real one go.
    let future = NEW_YEAR + 9 * DAY;
    assert_eq!(
        kept(&[5 * DAY, 6 * DAY, future, future + 1], NEW_YEAR),
        [6 * DAY, future, future + 1]
    );
}

#[test]
fn older_than_takes_by_age_alone_but_never_the_newest() {
    let now = UnixTime(NEW_YEAR);
    let times = versions(&[0, NEW_YEAR - 10 * DAY, NEW_YEAR - 5 * DAY, NEW_YEAR + 1]);
    assert_eq!(older_than(&times, now, Millis::from_days(7)), [0, 1]);
    assert_eq!(older_than(&times[..3], now, Millis(0)), [0, 1]);
    assert_eq!(older_than(&times[..1], now, Millis(0)), [0_usize; 0]);
}

/// Times thick near now, thin long ago, some in the future.
fn times() -> impl Strategy<Value = Vec<i64>> {
    let age = prop_oneof![0..2 * DAY, 0..40 * DAY, 0..500 * DAY, 0..4000 * DAY, -3 * DAY..0,];
    prop::collection::vec(age.prop_map(|age| NEW_YEAR - age), 0..80)
}

proptest! {
    #[test]
    fn twice_is_once_and_the_newest_is_always_kept(times in times(), later in 0..400 * DAY) {
        let policy = Policy::default();
        let all = versions(&times);
        let mut left = all.clone();
        for now in [NEW_YEAR, NEW_YEAR + later].map(UnixTime) {
            let gone: BTreeSet<_> = expired(&left, now, &policy).into_iter().collect();
            for (n, received) in &left {
                let stays = *received > now || now.since(*received) < policy.all;
                prop_assert!(!(stays && gone.contains(n)));
            }
            left.retain(|(n, _)| !gone.contains(n));
            prop_assert_eq!(expired(&left, now, &policy), Vec::<usize>::new());
            for kept_if in [UnixTime(i64::MAX), now] {
                let newest = |list: &[(usize, UnixTime)]| {
                    list.iter().map(|(_, t)| *t).filter(|t| *t <= kept_if).max()
                };
                prop_assert_eq!(newest(&left), newest(&all));
            }
        }
        // Not more is kept than the grid has cells: a day of everything is the only open end.
        let grid = left.iter().filter(|(_, t)| t.0 <= NEW_YEAR - DAY).count();
        prop_assert!(grid <= 29 * 24 + 2 + 61 + 41 + 135);
    }

    #[test]
    fn something_stays_of_every_month_ever(times in times()) {
        let gone = expired(&versions(&times), UnixTime(NEW_YEAR), &Policy::default());
        for (n, time) in times.iter().enumerate().filter(|(n, _)| gone.contains(n)) {
            let near = |other: &i64| (other - time).abs() < 31 * DAY;
            let stays = (0..times.len()).any(|m| !gone.contains(&m) && near(&times[m]));
            prop_assert!(stays, "nothing near version {} is left", n);
        }
    }
}

#[test]
fn a_policy_that_kept_nothing_would_be_noticed() {
    let nothing = Policy { all: Millis(0), hourly: Millis(0), daily: Millis(0), weekly: Millis(0) };
    let gone = expired(&versions(&[1, 2, 3]), UnixTime(NEW_YEAR), &nothing);
    assert_eq!(gone, [0, 1], "one a month is the least there is");
    assert_eq!(*gone.last().unwrap(), 1);
}

#[test]
fn a_rule_that_nobody_can_mean_is_refused_by_the_name_of_its_field() {
    let rule = |all, hourly, daily, weekly| Days { all, hourly, daily, weekly };
    assert_eq!(Days::default(), rule(1, 30, 90, 365), "the usual rule, as it is said");
    assert_eq!(Policy::from(Days::default()), Policy::default());
    for (rule, said) in [
        (rule(0, 30, 90, 365), "all_days is 0 days; it has to be 1 to 3650"),
        (rule(1, 30, 90, DAYS_MAX + 1), "weekly_days is 3651 days; it has to be 1 to 3650"),
        (rule(31, 30, 90, 365), "hourly_days is 30 days, fewer than the 31 of all_days"),
        (rule(1, 30, 29, 365), "daily_days is 29 days, fewer than the 30 of hourly_days"),
        (rule(1, 30, 90, 89), "weekly_days is 89 days, fewer than the 90 of daily_days"),
    ] {
        let bad: BadRule = rule.check().unwrap_err();
        assert_eq!(bad.to_string(), said);
        assert!(!bad.advice().is_empty());
    }
    assert_eq!(rule(7, 7, 7, 7).check(), Ok(()), "steps may be left out");
    assert!(rule(7, 30, 90, 364).is_shorter_than(&Days::default()));
    assert!(!rule(7, 30, 90, 365).is_shorter_than(&Days::default()));
}

fn rules() -> impl Strategy<Value = Days> {
    (1..60_u32, 0..60_u32, 0..120_u32, 0..600_u32).prop_map(|(all, hourly, daily, weekly)| Days {
        all,
        hourly: all + hourly,
        daily: all + hourly + daily,
        weekly: all + hourly + daily + weekly,
    })
}

proptest! {
    /// What is shown before a rule is chosen is what goes once it is: whatever the rule before took first.
    #[test]
    fn what_is_foreseen_goes_and_nothing_else(times in times(), from in rules(), to in rules()) {
        let all = versions(&times);
        let now = UnixTime(NEW_YEAR);
        let (from, to) = (Policy::from(from), Policy::from(to));
        let Change { goes, sooner, .. } = change(&all, now, &from, &to);
        prop_assert_eq!(&goes, &expired(&all, now, &to));
        let anyway: BTreeSet<_> = expired(&all, now, &from).into_iter().collect();
        let by_then = goes.iter().filter(|n| anyway.contains(n)).count();
        prop_assert_eq!(sooner + by_then, goes.len());
        prop_assert_eq!(change(&all, now, &to, &to).sooner, 0, "no change takes nothing sooner");
        // What goes under the new rule goes in one step, also when the old one was followed before.
        let mut left = all.clone();
        left.retain(|(n, _)| !goes.contains(n));
        prop_assert_eq!(change(&left, now, &from, &to).goes, Vec::<usize>::new());
    }
}

#[test]
fn a_longer_rule_may_take_what_a_shorter_one_kept_and_says_so() {
    let now = NEW_YEAR + 12 * HOUR;
    // At noon ninety days ago the days end and the weeks begin: each side kept one of that day.
    let (morning, evening) = (now - 90 * DAY - HOUR, now - 90 * DAY + HOUR);
    let (from, to) = (Policy::default(), Policy::from(Days { daily: 91, ..Days::default() }));
    let times = [morning, evening, now];
    assert_eq!(kept(&times, now), times);
    let found = change(&versions(&times), UnixTime(now), &from, &to);
    assert_eq!(found, Change { goes: vec![0], sooner: 1, ahead: 0 });
}

#[test]
fn what_claims_to_be_from_later_than_now_is_named_and_not_taken_to_stay() {
    let now = NEW_YEAR;
    let days = [now - DAY, now + DAY, now + DAY + 1, now + 40 * DAY, now + 40 * DAY + 1];
    let short = Policy::from(Days { all: 1, hourly: 1, daily: 1, weekly: 1 });
    let found = change(&versions(&days), UnixTime(now), &Policy::default(), &short);
    assert_eq!(found, Change { goes: vec![], sooner: 0, ahead: 3 }, "a day off is no wrong clock");
}
