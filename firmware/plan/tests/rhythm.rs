//! A rhythm is learned from days, whatever happens within them, and from more than one of them; and whatever
//! becomes of old versions, nobody who is silent is missed no longer for it.

use plan::health::{HealthFacts, RHYTHM_UNKNOWN, SourceHealth, findings};
use plan::retention::{Days, expired};
use plan::rhythm::{VISIT_APART, VISITS_MAX, Visits, learned};
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

/// A source whose versions are thinned out, and what is said of it.
#[derive(Default)]
struct Source {
    versions: Vec<UnixTime>,
    visits: Visits,
}

impl Source {
    /// As the box does from time to time: notes what came, thins out by this rule, and judges.
    fn is_missed(&mut self, now: UnixTime, rule: Days) -> bool {
        let whole = Millis::from_days(rule.daily.into());
        self.visits.note(self.versions.iter().copied(), now, whole);
        let all: Vec<_> = self.versions.iter().map(|at| (*at, *at)).collect();
        let gone = expired(&all, now, &rule.into());
        self.versions.retain(|at| !gone.contains(at));
        let rhythm = learned(self.visits.until(now)).unwrap_or(RHYTHM_UNKNOWN);
        let last = self.versions.last().copied();
        let source = SourceHealth { name: "it".to_owned(), last, rhythm };
        let facts = HealthFacts { now, copies: 1, disks: 1, sources: vec![source], ..facts() };
        findings(&facts).iter().any(|one| one.sentence.starts_with("it "))
    }
}

/// Of a box of which nothing else is known.
fn facts() -> HealthFacts {
    HealthFacts {
        now: UnixTime(0),
        volumes: Vec::new(),
        copies: 1,
        disks: 1,
        under_copied: 0,
        single: 0,
        lost: 0,
        last_scrub: None,
        scrubbed_in_part: false,
        created: UnixTime(0),
        sources: Vec::new(),
        devices: Vec::new(),
    }
}

fn rule([all, hourly, daily, weekly]: [u32; 4]) -> Days {
    Days { all, hourly, daily, weekly }
}

/// Versions that grow old are thinned out, and the rhythm was learned from those that were left: by the rule
/// 1/1/60/60 a laptop that came daily was missed from day 4 to day 67 and then for a month no longer.
#[test]
fn who_came_daily_is_missed_on_all_days_of_its_silence_whatever_is_left_of_its_versions() {
    for rule in [rule([1, 1, 60, 60]), rule([1; 4]), Days::default()] {
        let (mut laptop, mut now) = (Source::default(), on(&[0], &[8])[0]);
        for day in 0..100 {
            laptop.versions.push(now);
            assert!(!laptop.is_missed(now, rule), "{rule:?}, day {day}");
            now = now.plus(Millis(DAY));
        }
        for day in 1..500 {
            assert_eq!(laptop.is_missed(now, rule), day > 3, "{rule:?}, silent for {day} days");
            now = now.plus(Millis(DAY));
        }
    }
}

#[test]
fn what_was_thinned_out_before_anybody_noted_it_is_no_rhythm() {
    let came = on(&[0, 30, 60, 90, 91, 92, 93], &[8]);
    let (now, whole) = (came[6].plus(Millis(DAY)), Millis::from_days(5));
    let mut visits = Visits::default();
    visits.note(came.clone(), now, whole);
    assert_eq!(visits.times, came[3..]);
    // Another rule makes no visits of what was left by the one before it.
    let mut late = Visits::default();
    let now = now.plus(Millis::from_days(40));
    late.note(came.clone(), now, whole);
    late.note(came, now, Millis::from_days(400));
    assert_eq!(late.times, []);
    // And no more is remembered than has a use.
    let days: Vec<u64> = (0..40).collect();
    visits.note(on(&days, &[8, 12, 20]), on(&[40], &[0])[0], Millis::from_days(400));
    assert!(visits.times.len() <= VISITS_MAX);
}

#[test]
fn a_clock_that_was_ahead_leaves_no_visits_that_are_still_to_come() {
    let (came, whole) = (on(&[0, 1, 2, 700], &[8]), Millis::from_days(90));
    let mut visits = Visits::default();
    visits.note(came[..3].to_vec(), came[2], whole);
    // What claims to be of later is not noted now; by a clock that says the same, it is.
    visits.note(came.clone(), came[2].plus(Millis(DAY)), whole);
    assert_eq!(visits.times, came[..3]);
    visits.note(came.clone(), came[3], whole);
    assert_eq!(visits.times, came);
    // The clock is set right: it does not count, and gives way to the next that comes.
    let next = on(&[3], &[8])[0];
    assert!(visits.until(next).eq(came[..3].iter().copied()));
    visits.note([came[3], next], next, whole);
    assert_eq!((visits.times, visits.upto), (on(&[0, 1, 2, 3], &[8]), Some(next)));
    // A clock that is behind for a while takes nothing from it.
    let mut visits = Visits { times: came.clone(), upto: Some(came[3]) };
    visits.note(came.clone(), UnixTime(0), whole);
    assert_eq!(visits.times, came);
}

/// A rule as people say it, of any length.
fn any_rule() -> impl Strategy<Value = Days> {
    proptest::array::uniform4(prop_oneof![1_u32..4, 1_u32..100, 1_u32..400]).prop_map(|mut days| {
        days.sort_unstable();
        rule(days)
    })
}

proptest! {
    /// As time passes and nothing new comes, a warning that was given stays, by whatever rules versions are
    /// thinned out before and meanwhile, and wherever the box begins to take notes.
    #[test]
    fn a_warning_that_was_given_stays_until_something_comes(
        came in proptest::collection::vec((1_u64..200, any_rule()), 1..60),
        noted_from in 0_usize..60,
        silent in proptest::collection::vec((1_u64..800, any_rule()), 1..60),
    ) {
        let (mut source, mut now) = (Source::default(), on(&[0], &[0])[0]);
        for (n, (hours, rule)) in came.into_iter().enumerate() {
            source.versions.push(now);
            source.is_missed(now, rule);
            if n < noted_from {
                source.visits = Visits::default();
            }
            now = now.plus(Millis(hours * HOUR));
        }
        let mut warned = false;
        for (hours, rule) in silent {
            let missed = source.is_missed(now, rule);
            prop_assert!(missed || !warned, "{:?} at {:?}", source.visits, now);
            warned = missed;
            now = now.plus(Millis(hours * HOUR));
        }
    }

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
