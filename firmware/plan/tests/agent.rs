//! When a computer backs itself up, whatever it is like.

use plan::agent::{Decision, Facts, LOOK_AGAIN, Power, Rules, TRY_AGAIN_MOST, Why, decide};
use proptest::prelude::*;
use types::{Millis, UnixTime};

const HOUR: i64 = 3_600_000;

fn facts() -> Facts {
    Facts {
        now: UnixTime(1_000 * HOUR),
        last_success: None,
        last_try: None,
        failures: 0,
        power: Power::Mains,
        metered: None,
        box_answers: true,
    }
}

fn hours_ago(hours: i64) -> Option<UnixTime> {
    Some(UnixTime((1_000 - hours) * HOUR))
}

fn why(facts: &Facts) -> Option<Why> {
    match decide(&Rules::default(), facts) {
        Decision::Run => None,
        Decision::Wait { why, .. } => Some(why),
    }
}

#[test]
fn a_computer_that_was_away_for_weeks_begins_when_the_box_is_there_again() {
    let away = Facts { last_success: hours_ago(500), box_answers: false, ..facts() };
    assert_eq!(why(&away), Some(Why::NoBox));
    assert_eq!(why(&Facts { box_answers: true, ..away }), None);
}

#[test]
fn battery_and_line_speak_against_it_unless_the_rules_say_otherwise() {
    let low = Facts { power: Power::Battery(Some(49)), ..facts() };
    assert_eq!(why(&low), Some(Why::Battery(Some(49))));
    assert_eq!(why(&Facts { power: Power::Battery(Some(50)), ..low }), None);
    assert_eq!(why(&Facts { power: Power::Battery(None), ..low }), Some(Why::Battery(None)));
    let paid = Facts { metered: Some(true), ..facts() };
    assert_eq!(why(&paid), Some(Why::Metered));
    let rules = Rules { metered: true, ..Rules::default() };
    assert_eq!(decide(&rules, &paid), Decision::Run);
    let never = Rules { battery_least: 101, ..Rules::default() };
    let full = Facts { power: Power::Battery(Some(100)), ..facts() };
    assert!(matches!(decide(&never, &full), Decision::Wait { why: Why::Battery(_), .. }));
}

#[test]
fn what_fails_is_tried_less_and_less_often_and_never_given_up() {
    let tried = |failures, hours| Facts {
        last_success: hours_ago(400),
        last_try: hours_ago(hours),
        failures,
        ..facts()
    };
    assert_eq!(why(&tried(3, 0)), Some(Why::Failed(3)));
    assert_eq!(why(&tried(3, 1)), None);
    assert_eq!(why(&tried(1_000, 5)), Some(Why::Failed(1_000)));
    assert_eq!(why(&tried(1_000, 6)), None);
}

fn any_time() -> impl Strategy<Value = Option<UnixTime>> {
    proptest::option::of((-2_000_000_i64..4_000_000).prop_map(|minutes| UnixTime(minutes * 60_000)))
}

prop_compose! {
    fn any_facts()(
        now in 0_i64..2_000_000,
        last_success in any_time(),
        last_try in any_time(),
        failures in prop_oneof![0_u32..5, any::<u32>()],
        battery in proptest::option::of(proptest::option::of(0_u8..=100)),
        metered in any::<Option<bool>>(),
        box_answers in any::<bool>(),
    ) -> Facts {
        let power = battery.map_or(Power::Mains, Power::Battery);
        let now = UnixTime(now * 60_000);
        Facts { now, last_success, last_try, failures, power, metered, box_answers }
    }
}

prop_compose! {
    fn any_rules()(minutes in 0_u64..100_000, battery_least in any::<u8>(), metered in any::<bool>()) -> Rules {
        Rules { every: Millis(minutes * 60_000), battery_least, metered }
    }
}

proptest! {
    #[test]
    fn it_never_runs_against_the_rules(rules in any_rules(), facts in any_facts()) {
        if decide(&rules, &facts) == Decision::Run {
            prop_assert!(facts.box_answers);
            prop_assert!(rules.metered || facts.metered != Some(true));
            if let Power::Battery(percent) = facts.power {
                prop_assert!(percent.is_some_and(|percent| percent >= rules.battery_least));
            }
            if let Some(last) = facts.last_success.filter(|last| *last <= facts.now) {
                prop_assert!(last.plus(rules.every) <= facts.now);
            }
        }
    }

    #[test]
    fn it_waits_for_a_moment_that_comes_and_never_longer_than_its_reason_lasts(
        rules in any_rules(),
        facts in any_facts(),
    ) {
        if let Decision::Wait { until, why } = decide(&rules, &facts) {
            prop_assert!(until > facts.now);
            let longest = match why {
                Why::NotDue => rules.every.max(plan::agent::EVERY_LEAST),
                Why::Failed(_) => TRY_AGAIN_MOST,
                Why::Battery(_) | Why::Metered | Why::NoBox => LOOK_AGAIN,
            };
            prop_assert!(until <= facts.now.plus(longest));
        }
    }

    #[test]
    fn with_a_box_on_mains_and_a_free_line_it_runs_once_what_it_waited_for_has_come(
        rules in any_rules(),
        facts in any_facts(),
    ) {
        let free = Facts { power: Power::Mains, metered: None, box_answers: true, ..facts };
        if let Decision::Wait { until, .. } = decide(&rules, &free) {
            let later = Facts { now: until, ..free };
            // It was due, or it failed; both are over within two looks.
            let then = match decide(&rules, &later) {
                Decision::Wait { until, why: Why::Failed(_) } => decide(&rules, &Facts { now: until, ..free }),
                other => other,
            };
            // Unless what was noted in the future comes to count by then.
            let future = |time: Option<UnixTime>| time.is_some_and(|time| time > facts.now);
            if !future(facts.last_success) && !future(facts.last_try) {
                prop_assert_eq!(then, Decision::Run);
            }
        }
    }
}
