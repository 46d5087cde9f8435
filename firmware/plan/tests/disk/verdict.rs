//! One grade, one plain sentence, one thing to do.

use plan::disk::{Evidence, Grade, IoRecord, Latency, verdict};
use proptest::prelude::*;
use types::SmartFacts;

fn grade(change: impl Fn(&mut Evidence)) -> Grade {
    let mut evidence = Evidence::default();
    change(&mut evidence);
    let found = verdict(&evidence);
    assert!(found.sentence.ends_with('.') && found.action.ends_with('.'), "{found:?}");
    for word in ["sector", "SMART", "EIO", "S.M.A.R.T", "I/O"] {
        assert!(!found.sentence.contains(word), "{word} needs explaining");
    }
    found.grade
}

#[test]
fn a_disk_that_says_nothing_and_did_nothing_wrong_is_well() {
    assert_eq!(grade(|_| {}), Grade::Healthy);
    assert!(verdict(&Evidence::default()).sentence.contains("says nothing"));
    assert_eq!(grade(|e| e.smart.passed = Some(true)), Grade::Healthy);
}

#[test]
fn each_sign_has_its_grade() {
    use Grade::{Failed, Healthy, ReplaceSoon, Watch};
    for (wanted, found) in [
        (ReplaceSoon, grade(|e| e.smart.passed = Some(false))),
        (Watch, grade(|e| e.smart.pending = Some(1))),
        (ReplaceSoon, grade(|e| (e.smart.pending, e.smart.uncorrectable) = (Some(5), Some(5)))),
        (Healthy, grade(|e| e.smart.reallocated = Some(9))),
        (Watch, grade(|e| e.smart.reallocated = Some(10))),
        (ReplaceSoon, grade(|e| e.smart.reallocated = Some(100))),
        (Watch, grade(|e| e.smart.worn_percent = Some(90))),
        (ReplaceSoon, grade(|e| e.smart.worn_percent = Some(120))),
        (ReplaceSoon, grade(|e| e.smart.spare_percent = Some(3))),
        (Watch, grade(|e| e.smart.cable_errors = Some(10))),
        (Watch, grade(|e| e.smart.temperature_c = Some(61))),
        (Watch, grade(|e| e.io.write_errors = 1)),
        (Failed, grade(|e| e.io.write_errors = 3)),
        (Watch, grade(|e| e.io.missed_deadlines = 1)),
        (Failed, grade(|e| e.io.missed_deadlines = 3)),
        (Watch, grade(|e| e.io.read_errors = 1)),
        (ReplaceSoon, grade(|e| e.io.read_errors = 10)),
        (Failed, grade(|e| e.io.read_errors = 100)),
        (ReplaceSoon, grade(|e| e.io.mismatches = 5)),
        (Watch, grade(|e| e.io.resets = 1)),
        (Watch, grade(|e| e.latency = Some(Latency { usual_ms: 20, recent_ms: 5_000 }))),
        (Healthy, grade(|e| e.latency = Some(Latency { usual_ms: 20, recent_ms: 900 }))),
        (Healthy, grade(|e| e.latency = Some(Latency { usual_ms: 900, recent_ms: 5_000 }))),
    ] {
        assert_eq!(found, wanted);
    }
}

#[test]
fn a_cable_is_blamed_before_a_disk_is_bought() {
    let mut evidence = Evidence::default();
    evidence.io.resets = 2;
    assert!(verdict(&evidence).action.contains("cable"));
}

#[test]
fn the_worst_sign_speaks() {
    let mut evidence = Evidence::default();
    (evidence.io.resets, evidence.smart.passed) = (2, Some(false));
    assert_eq!(verdict(&evidence).sentence, "The disk expects to fail.");
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let count = || prop_oneof![Just(0_u64), 0..200_u64];
    let io = (count(), count(), count(), count(), count());
    let smart = (
        proptest::option::of(any::<bool>()),
        proptest::option::of(count()),
        proptest::option::of(count()),
        proptest::option::of(0..130_u8),
        proptest::option::of(0..=100_u8),
    );
    (io, smart, proptest::option::of((0..5_000_u64, 0..50_000_u64))).prop_map(
        |(io, smart, latency)| Evidence {
            io: IoRecord {
                read_errors: io.0,
                write_errors: io.1,
                mismatches: io.2,
                resets: io.3,
                missed_deadlines: io.4,
            },
            smart: SmartFacts {
                passed: smart.0,
                pending: smart.1,
                reallocated: smart.2,
                worn_percent: smart.3,
                spare_percent: smart.4,
                ..SmartFacts::default()
            },
            latency: latency.map(|(usual_ms, recent_ms)| Latency { usual_ms, recent_ms }),
        },
    )
}

proptest! {
    #[test]
    fn more_of_anything_bad_never_makes_it_better(
        before in evidence(),
        which in 0..9_u8,
        more in 1..300_u64,
    ) {
        let mut after = before.clone();
        let byte = u8::try_from(more.min(100)).unwrap();
        match which {
            0 => after.io.read_errors += more,
            1 => after.io.write_errors += more,
            2 => after.io.mismatches += more,
            3 => after.io.resets += more,
            4 => after.io.missed_deadlines += more,
            5 => after.smart.pending = Some(after.smart.pending.unwrap_or(0) + more),
            6 => after.smart.worn_percent = Some(after.smart.worn_percent.unwrap_or(0) + byte),
            7 => {
                let spare = after.smart.spare_percent.unwrap_or(100);
                after.smart.spare_percent = Some(spare.saturating_sub(byte));
            }
            _ => after.smart.passed = Some(false),
        }
        prop_assert!(verdict(&after).grade >= verdict(&before).grade);
    }
}
