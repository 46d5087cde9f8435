//! A box that is dark is waited for; nothing ends by itself; and everybody is told in time.

use plan::offsite::silence::{Duty, Guest, NOTICE, Tell, Whom, Word, duty, heard, tells};
use proptest::prelude::*;
use types::pact::{MONTH, SILENCE_MONTHS};
use types::{Millis, UnixTime};

use crate::model::NOW;

fn day(n: u64) -> UnixTime {
    NOW.plus(Millis::from_days(n))
}

fn guest() -> Guest {
    Guest { last_heard: NOW, notice: None, silence_months: SILENCE_MONTHS }
}

#[test]
fn a_year_of_silence_ends_nothing_and_only_lets_the_host_speak() {
    let ends = day(12 * 31);
    assert_eq!(duty(&guest(), day(2)), Duty::Keep);
    assert_eq!(duty(&guest(), day(3)), Duty::KeepDark { until: ends });
    assert_eq!(duty(&guest(), day(371)), Duty::KeepDark { until: ends });
    assert_eq!(duty(&guest(), day(372)), Duty::MayGiveNotice { since: ends });
    assert_eq!(duty(&guest(), day(9_999)), Duty::MayGiveNotice { since: ends });
    let noticed = Guest { notice: Some(day(400)), ..guest() };
    assert_eq!(duty(&noticed, day(429)), Duty::Ending { on: day(430) });
    assert_eq!(duty(&noticed, day(430)), Duty::Over);
}

#[test]
fn half_a_year_is_the_least_whatever_was_agreed() {
    let short = Guest { silence_months: 1, ..guest() };
    assert_eq!(short.clause_ends(), NOW.plus(Millis(6 * MONTH.0)));
}

#[test]
fn notice_to_a_box_that_then_burns_waits_for_the_clause() {
    let noticed = Guest { notice: Some(day(1)), ..guest() };
    assert_eq!(duty(&noticed, day(10)), Duty::Ending { on: day(31) });
    assert_eq!(duty(&noticed, day(31)), Duty::Ending { on: day(12 * 31 + 30) });
    // It comes back after half a year: all of the notice is before it.
    let back = heard(&noticed, day(180));
    assert_eq!(duty(&back, day(180)), Duty::Ending { on: day(210) });
}

#[test]
fn each_word_comes_once_to_each_and_in_time() {
    let told = |guest: &Guest, days: u64| {
        let each = |n: u64| tells(guest, day(n), day(n + 1)).into_iter().map(move |t| (n + 1, t));
        (0..days).flat_map(each).collect::<Vec<_>>()
    };
    let owner = |list: &[(u64, Tell)]| -> Vec<(u64, Word)> {
        let his = list.iter().filter(|(_, tell)| tell.whom == Whom::Owner);
        his.map(|(day, tell)| (*day, tell.word)).collect()
    };
    let silent = told(&guest(), 500);
    let expected = [(14, Word::Dark), (341, Word::ClauseEndsSoon), (372, Word::ClauseEnded)];
    assert_eq!(owner(&silent), expected);
    let kept = silent.iter().filter(|(_, tell)| tell.word == Word::StillKept);
    assert_eq!(kept.map(|(day, _)| *day).collect::<Vec<_>>(), [91, 182, 273, 364]);
    let noticed = told(&Guest { notice: Some(day(400)), ..guest() }, 500);
    let ending = [(400, Word::NoticeGiven), (423, Word::EndsSoon), (430, Word::Ended)];
    assert_eq!(owner(&noticed)[3..], ending);
    let missed = tells(&guest(), NOW, day(500));
    assert_eq!(missed.len(), 7, "who looks once is told everything once: {missed:?}");
}

/// What happens to a guest: days pass, it is heard, somebody gives notice.
#[derive(Clone, Debug)]
enum Step {
    Pass(u64),
    Heard,
    Notice,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1_u64..90).prop_map(Step::Pass),
        3 => Just(Step::Heard),
        1 => Just(Step::Notice),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    #[test]
    fn it_is_never_over_without_a_person_and_a_whole_notice_that_could_be_used(steps in steps()) {
        let (mut guest, mut now) = (guest(), 0);
        // Days since notice on which the box was there, and days that it was dark.
        let (mut noticed, mut last, mut back) = (None, 0, 0);
        for step in steps {
            match step {
                Step::Pass(days) => now += days,
                Step::Heard => {
                    if now - last >= 14 {
                        back = now;
                    }
                    last = now;
                    guest = heard(&guest, day(now));
                }
                Step::Notice => {
                    noticed = noticed.or(Some(now));
                    guest.notice = guest.notice.or(Some(day(now)));
                }
            }
            if duty(&guest, day(now)) == Duty::Over {
                let Some(noticed) = noticed else { panic!("over and nobody said so") };
                let told = now - noticed >= 30;
                let was_there = last >= noticed + 16 && now - back.max(noticed) >= 30;
                let waited = now - last >= 12 * 31 + 30;
                prop_assert!(told && (was_there || waited), "{now} {noticed} {last} {back}");
                break;
            }
        }
        prop_assert!(NOTICE == Millis::from_days(30));
    }
}
