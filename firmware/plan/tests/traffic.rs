//! How fast bytes may go: hours, relays and caps each have their say, others have theirs, and the rate
//! that comes of it is held over any minute.

use plan::jobs::quiet::Quiet;
use plan::traffic::{
    Allowance, BURST, Because, Bucket, Days, Line, Others, PIECE_MAX, PIECE_MIN, QUEUE_MAX,
    RELAYED_DEFAULT, RULES_MAX, Rate, Rule, Rules, Share, Week, YIELD_MIN, allowed, piece, yielded,
};
use proptest::prelude::*;
use types::{Bytes, Millis};

const MONDAY: u8 = 0;
const SATURDAY: u8 = 5;

fn hours(text: &str) -> Quiet {
    let Some(hours) = Quiet::parse(text) else { panic!("{text} are no hours") };
    hours
}

fn week(otherwise: Rate, rules: Vec<Rule>) -> Week {
    let Some(week) = Week::new(otherwise, rules) else { panic!("too many rules") };
    week
}

/// Closed on evenings of working days, slow from ten at night until six on all.
fn family() -> Week {
    let evening = Rule { days: Days::WORK, hours: Some(hours("17:00-22:00")), rate: Rate::CLOSED };
    let night =
        Rule { days: Days::ALL, hours: Some(hours("22:00-06:00")), rate: Rate::from_mbit(20) };
    week(Rate::from_mbit(5), vec![evening, night])
}

fn line(weekday: u8, minute: u16) -> Line {
    Line { weekday, minute, is_relayed: false, this_month: Bytes(0) }
}

#[test]
fn the_last_rule_that_holds_says_the_rate_and_nights_belong_to_the_day_they_began() {
    let week = family();
    assert_eq!(week.rate(MONDAY, 12 * 60), Rate::from_mbit(5));
    assert_eq!(week.rate(MONDAY, 17 * 60), Rate::CLOSED);
    assert_eq!(week.rate(SATURDAY, 17 * 60), Rate::from_mbit(5));
    assert_eq!(week.rate(MONDAY, 23 * 60), Rate::from_mbit(20));
    let friday_night =
        Rule { days: Days(1 << 4), hours: Some(hours("22:00-06:00")), rate: Rate::CLOSED };
    let week = self::week(Rate::UNLIMITED, vec![friday_night]);
    assert_eq!(week.rate(SATURDAY, 3 * 60), Rate::CLOSED, "the night from Friday");
    assert_eq!(week.rate(4, 3 * 60), Rate::UNLIMITED, "the night from Thursday");
    assert!(Week::new(Rate::CLOSED, vec![friday_night; RULES_MAX + 1]).is_none());
}

#[test]
fn when_it_opens_again_can_be_told() {
    let week = family();
    assert_eq!(week.opens_in(MONDAY, 12 * 60), Some(0));
    assert_eq!(week.opens_in(MONDAY, 17 * 60), Some(5 * 60));
    let sundays = Rule { days: Days(1 << 6), hours: None, rate: Rate::from_mbit(1) };
    let week = self::week(Rate::CLOSED, vec![sundays]);
    assert_eq!(week.opens_in(MONDAY, 0), Some(6 * 24 * 60));
    assert_eq!(self::week(Rate::CLOSED, vec![]).opens_in(MONDAY, 0), None, "never");
}

#[test]
fn the_narrowest_of_hours_relay_and_cap_decides_and_is_named() {
    let mut rules = Rules { month_cap: Some(Bytes(1_000)), ..Rules::default() };
    let now = line(MONDAY, 0);
    let check = |rules: &Rules, line: Line, rate, because| {
        assert_eq!(allowed(rules, &line), Allowance { rate, because });
    };
    check(&rules, now, Rate::UNLIMITED, Because::Nothing);
    let relayed = Line { is_relayed: true, ..now };
    check(&rules, relayed, RELAYED_DEFAULT, Because::Relayed);
    check(&rules, Line { this_month: Bytes(999), ..now }, Rate::UNLIMITED, Because::Nothing);
    let full = Line { this_month: Bytes(1_000), ..relayed };
    check(&rules, full, Rate::CLOSED, Because::MonthCap);
    rules.week = week(Rate::from_mbit(1), vec![]);
    check(&rules, relayed, Rate::from_mbit(1), Because::Hours);
}

#[test]
fn a_queue_on_the_line_halves_the_share_at_once_and_it_comes_back_in_a_quarter_of_a_minute() {
    let mut share = Share::FULL;
    for _ in 0..20 {
        assert!(share.after(Some(Millis(QUEUE_MAX.0 + 1))) <= share);
        share = share.after(Some(Millis(QUEUE_MAX.0 + 1)));
    }
    let others = Others { people: true, share, best: Rate::from_mbit(100) };
    assert_eq!(yielded(Rate::UNLIMITED, &others), Rate::from_mbit(100).min(Rate(12_207)));
    let slow = Others { best: Rate::from_mbit(1), ..others };
    assert_eq!(yielded(Rate::UNLIMITED, &slow), YIELD_MIN, "it never stops for others");
    for _ in 0..16 {
        share = share.after(None);
    }
    assert_eq!(share, Share::FULL);
}

#[test]
fn whoever_uses_the_box_has_three_quarters_of_the_line() {
    let others = Others { people: true, share: Share::FULL, best: Rate::from_mbit(40) };
    assert_eq!(yielded(Rate::from_mbit(8), &others), Rate::from_mbit(2));
    assert_eq!(yielded(Rate::UNLIMITED, &others), Rate::from_mbit(10));
    let nobody = Others { people: false, ..others };
    assert_eq!(yielded(Rate::UNLIMITED, &nobody), Rate::UNLIMITED);
}

/// What goes in each millisecond when as much is sent as a bucket lets go, by a sender that wakes up
/// late by the next of `late` each time.
fn sent(rate: Rate, late: &[u64], span: u64) -> Vec<(u64, u64)> {
    let (mut bucket, mut now, mut out) = (Bucket::new(Millis(0)), 0, Vec::new());
    let mut late = late.iter().cycle();
    while now < span {
        let len = piece(rate);
        let Some(wait) = bucket.take(len, rate, Millis(now)) else { panic!("{rate:?} is open") };
        let slept = if wait.0 > 0 { late.next().copied().unwrap_or(0) } else { 0 };
        now += wait.0 + slept;
        out.push((now, len.0));
    }
    out
}

proptest! {
    #[test]
    fn a_rate_holds_within_five_per_cent_over_any_minute_however_late_the_sender_wakes(
        rate in prop_oneof![16_000_u64..1_000_000, 1_000_000_u64..25_000_000],
        late in prop::collection::vec(0_u64..400, 1..20),
        from in 0_u64..60_000,
    ) {
        let rate = Rate(rate);
        let sent = sent(rate, &late, from + 60_000);
        let minute = sent.iter().filter(|(at, _)| (from..from + 60_000).contains(at));
        let went: u64 = minute.map(|(_, len)| len).sum();
        let meant = rate.0 * 60;
        prop_assert!(went.abs_diff(meant) * 20 <= meant, "{} of {}", went, meant);
    }

    #[test]
    fn never_more_than_the_rate_and_one_burst_whatever_is_asked_when(
        rate in 1_000_u64..100_000_000,
        asked in prop::collection::vec((1_u64..131_072, 0_u64..5_000), 1..200),
    ) {
        let (mut bucket, mut now, mut went) = (Bucket::new(Millis(0)), 0, 0);
        for (len, pause) in asked {
            let wait = bucket.take(Bytes(len), Rate(rate), Millis(now));
            now += wait.map_or(0, |wait| wait.0);
            went += len;
            let earned = u128::from(rate) * u128::from(now + BURST.0) / 1_000 + 1;
            prop_assert!(u128::from(went) <= earned, "{} of {}", went, earned);
            now += pause;
        }
    }

    #[test]
    fn what_is_yielded_is_never_more_than_allowed_and_never_nothing_of_something(
        allowed in prop_oneof![Just(0), Just(u64::MAX), 1_u64..1_000_000_000],
        best in 0_u64..1_000_000_000,
        people: bool,
        looks in prop::collection::vec(prop::option::of(0_u64..300), 0..40),
    ) {
        let looked = |share: Share, queue: &Option<u64>| share.after(queue.map(Millis));
        let share = looks.iter().fold(Share::FULL, looked);
        let others = Others { people, share, best: Rate(best) };
        let rate = yielded(Rate(allowed), &others);
        prop_assert!(rate <= Rate(allowed));
        prop_assert_eq!(rate.is_open(), allowed > 0);
    }
}

#[test]
fn two_sides_with_a_bucket_each_go_as_fast_as_the_slower_allows() {
    let (ours, theirs) = (Rate::from_mbit(5), Rate::from_mbit(3));
    let (mut out, mut taken) = (Bucket::new(Millis(0)), Bucket::new(Millis(0)));
    let (mut now, mut went) = (0, 0);
    while now < 60_000 {
        let len = piece(ours);
        let wait = out.take(len, ours, Millis(now)).map_or(0, |wait| wait.0);
        now += wait;
        // The host reads slowly, and the sender is held up by that.
        now += taken.take(len, theirs, Millis(now)).map_or(0, |wait| wait.0);
        went += len.0;
    }
    assert!(went.abs_diff(theirs.0 * 60) * 20 <= theirs.0 * 60, "{went}");
}

#[test]
fn closed_hours_earn_nothing_and_no_limit_costs_nothing() {
    let (mut bucket, rate) = (Bucket::new(Millis(0)), Rate(1_000));
    assert_eq!(bucket.take(Bytes(100), Rate::CLOSED, Millis(0)), None);
    assert_eq!(bucket.take(Bytes(100), Rate::CLOSED, Millis(900_000)), None);
    assert_eq!(bucket.take(Bytes(500), rate, Millis(900_000)), Some(Millis(500)));
    assert_eq!(bucket.take(Bytes(1 << 40), Rate::UNLIMITED, Millis(900_001)), Some(Millis(0)));
    assert_eq!(bucket.take(Bytes(1), rate, Millis(5)), Some(Millis(1)), "a clock that went back");
}

#[test]
fn pieces_are_an_eighth_of_a_second_within_bounds() {
    assert_eq!(piece(Rate(80_000)), Bytes(10_000));
    assert_eq!((piece(Rate(1)), piece(Rate::UNLIMITED)), (PIECE_MIN, PIECE_MAX));
}
