//! The verdict in plain words: nothing when all is well, the worst first when not.

use plan::VolumeState;
use plan::health::{
    DeviceHealth, Finding, HealthFacts, RHYTHM_UNKNOWN, SILENT_AT_LEAST, Severity, SourceHealth,
    VolumeHealth, findings,
};
use proptest::prelude::*;
use types::{Bytes, Millis, UnixTime};

const NOW: UnixTime = UnixTime(1_767_225_600_000);

fn disk(name: &str) -> VolumeHealth {
    VolumeHealth {
        name: name.to_owned(),
        plugged: false,
        state: VolumeState::Member,
        free: Bytes(500_000_000_000),
        size: Bytes(1_000_000_000_000),
        serial_differs: false,
        cloned: false,
        failed: false,
        drained: false,
        full_on: None,
    }
}

fn well() -> HealthFacts {
    HealthFacts {
        now: NOW,
        volumes: vec![disk("Left"), disk("Right")],
        copies: 2,
        disks: 2,
        under_copied: 0,
        single: 0,
        lost: 0,
        last_scrub: Some(NOW.minus(Millis::from_days(20))),
        scrubbed_in_part: false,
        created: UnixTime(0),
        sources: vec![SourceHealth {
            name: "Laptop".to_owned(),
            last: Some(NOW.minus(Millis::from_days(1))),
            rhythm: Millis::from_days(1),
        }],
        devices: vec![device(1, Some(Millis::from_days(1)))],
    }
}

/// One that was last up to date so many days ago.
fn device(days: u64, rhythm: Option<Millis>) -> DeviceHealth {
    let last = Some(NOW.minus(Millis::from_days(days)));
    let name = "anna's laptop".to_owned();
    DeviceHealth { name, since: UnixTime(0), last, heard: last, rhythm }
}

#[track_caller]
fn check(change: impl FnOnce(&mut HealthFacts), severity: Severity, sentence: &str) {
    let mut facts = well();
    change(&mut facts);
    let found = findings(&facts);
    let [Finding { severity: was, sentence: said, action }] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!((*was, said.as_str()), (severity, sentence));
    assert!(action.ends_with('.'));
}

#[test]
fn nothing_is_said_when_all_is_well() {
    assert_eq!(findings(&well()), []);
}

#[test]
fn each_trouble_is_one_plain_sentence() {
    use Severity::{Alarm, Notice, Warning};
    check(|f| f.lost = 3, Alarm, "No disk here has 3 packs.");
    let one = "Everything lies on one disk only: there is one, and you want 2 copies.";
    check(|f| f.disks = 1, Warning, one);
    let one = "Everything lies on one disk only: if that disk dies, all is lost.";
    check(|f| (f.copies, f.disks) = (1, 1), Notice, one);
    let each = "There are 2 disks, and each piece lies on one disk only.";
    check(|f| f.copies = 1, Notice, each);
    check(|f| (f.under_copied, f.single) = (4, 1), Warning, "1 pack has only one copy here.");
    check(|f| f.under_copied = 4, Notice, "4 packs have fewer copies than wanted.");
    check(|f| f.volumes[0].state = VolumeState::Absent, Warning, "Left is not here.");
    check(
        |f| (f.volumes[0].state, f.volumes[0].failed) = (VolumeState::Absent, true),
        Warning,
        "Left failed and is left alone.",
    );
    check(
        |f| f.volumes[0].state = VolumeState::ReadOnly,
        Warning,
        "Left can be read but not written.",
    );
    check(
        |f| f.volumes[1].cloned = true,
        Warning,
        "Two disks claim to be Right, so one is only read.",
    );
    check(
        |f| f.volumes[1].serial_differs = true,
        Warning,
        "Right is on another disk than the one it was made on.",
    );
    check(
        |f| (f.volumes[0].state, f.volumes[0].drained) = (VolumeState::Retiring, true),
        Notice,
        "Left is empty of anything needed.",
    );
    check(
        |f| f.volumes[0].free = Bytes(90_000_000_000),
        Notice,
        "Left is 91 % full: 90.0 GB are left.",
    );
    check(
        |f| f.volumes[0].free = Bytes(50_000_000_000),
        Warning,
        "Left is 95 % full: 50.0 GB are left.",
    );
    check(|f| f.volumes[0].free = Bytes(5), Warning, "Left is full.");
    check(
        |f| f.sources[0].last = Some(NOW.minus(Millis::from_days(9))),
        Warning,
        "Laptop was last backed up 9 days ago.",
    );
    check(|f| f.sources[0].last = None, Warning, "Laptop has never been backed up.");
    check(|f| f.last_scrub = None, Notice, "Not every byte was ever checked.");
    check(
        |f| {
            f.last_scrub = Some(NOW.minus(Millis::from_days(70)));
            f.scrubbed_in_part = true;
        },
        Notice,
        "Not every byte was checked in the last 70 days: when the disks were read, not all were here.",
    );
}

#[test]
fn a_source_is_given_three_of_its_rhythms_and_two_days_at_least() {
    for (rhythm, age, silent) in [(1, 3, false), (1, 4, true), (0, 2, false), (7, 20, false)] {
        let mut facts = well();
        facts.sources[0].rhythm = Millis::from_days(rhythm);
        facts.sources[0].last = Some(NOW.minus(Millis::from_days(age)));
        assert_eq!(!findings(&facts).is_empty(), silent, "{rhythm} {age}");
    }
}

#[test]
fn the_worst_comes_first() {
    let mut facts = well();
    (facts.lost, facts.last_scrub, facts.volumes[0].state) = (1, None, VolumeState::Absent);
    let found: Vec<_> = findings(&facts).iter().map(|finding| finding.severity).collect();
    assert_eq!(found, [Severity::Alarm, Severity::Warning, Severity::Notice]);
}

#[test]
fn a_disk_that_fills_up_says_until_when_it_lasts() {
    let mut facts = well();
    facts.volumes[0].free = Bytes(80_000_000_000);
    facts.volumes[0].full_on = Some(NOW.plus(Millis::from_days(12)));
    let found = findings(&facts);
    assert_eq!(found.len(), 1);
    assert!(found[0].sentence.starts_with("Left is 92 % full: "), "{found:?}");
    assert!(found[0].sentence.ends_with(" are left, enough until about 2026-01-13."), "{found:?}");
}

/// A failed disk that its owner kept was plugged in, and said to be not here.
#[test]
fn a_disk_that_cannot_be_used_is_not_called_away_while_it_is_plugged_in() {
    for (plugged, sentence) in
        [(true, "Left is plugged in, and cannot be used now."), (false, "Left is not here.")]
    {
        let absent = VolumeHealth { state: VolumeState::Absent, plugged, ..disk("Left") };
        check(|facts| facts.volumes[0] = absent.clone(), Severity::Warning, sentence);
    }
}

#[test]
fn a_device_that_is_silent_is_named_with_what_it_usually_does() {
    use Severity::Warning;
    let day = Some(Millis::from_days(1));
    let silent = "anna's laptop has been silent for 9 days; it usually comes every day.";
    check(|f| f.devices = vec![device(9, day)], Warning, silent);
    let once = "anna's laptop has been silent for 9 days.";
    check(|f| f.devices = vec![device(9, None)], Warning, once);
    let week = Some(Millis(Millis::from_days(7).0 - 5_000));
    let seldom = "anna's laptop has been silent for 30 days; it usually comes every 7 days.";
    check(|f| f.devices = vec![device(30, week)], Warning, seldom);
    let heard = "anna's laptop reaches the box and has stored nothing for 9 days; \
                 it usually comes every day.";
    let comes = DeviceHealth { heard: Some(NOW), ..device(9, day) };
    check(|f| f.devices = vec![comes], Warning, heard);
    let never = "anna's laptop was let in 9 days ago and has stored nothing since.";
    let new = NOW.minus(Millis::from_days(9));
    let new = DeviceHealth { last: None, since: new, ..device(9, None) };
    check(|f| f.devices = vec![new], Warning, never);
}

/// A box whose clock was ahead once called whoever came that day up to date for years.
#[test]
fn nobody_is_up_to_date_by_a_time_that_is_still_to_come() {
    use Severity::Warning;
    let (day, years) = (Some(Millis::from_days(1)), NOW.plus(Millis::from_days(1_000)));
    let undated = |name: &str| {
        format!(
            "{name} came last at a time that is still to come, so nobody knows how old that is."
        )
    };
    check(|f| f.sources[0].last = Some(years), Warning, &undated("Laptop"));
    let of = |since, last, heard| DeviceHealth { since, last, heard, ..device(9, day) };
    let ahead = of(UnixTime(0), Some(years), Some(years));
    check(|f| f.devices = vec![ahead], Warning, &undated("anna's laptop"));
    let let_in_ahead = of(years, None, None);
    check(|f| f.devices = vec![let_in_ahead], Warning, &undated("anna's laptop"));
    let nine_days = Some(NOW.minus(Millis::from_days(9)));
    let silent = "anna's laptop has been silent for 9 days; it usually comes every day.";
    check(|f| f.devices = vec![of(years, nine_days, Some(years))], Warning, silent);
    // A clock that was set back by an hour makes nobody miss what came just now.
    let mut facts = well();
    let soon = NOW.plus(Millis::from_secs(3_600));
    facts.sources[0].last = Some(soon);
    facts.devices = vec![of(soon, Some(soon), Some(soon))];
    assert_eq!(findings(&facts), []);
}

proptest! {
    /// Told exactly when it is later than three of its rhythms and two days, counted from the last time or
    /// from when it was let in; and while it is told, the verdict is none that says that all is well.
    #[test]
    fn a_device_is_waited_for_as_long_as_its_rhythm_says(
        rhythm in proptest::option::of(0_u64..40 * 86_400_000),
        last in proptest::option::of(0_u64..200 * 86_400_000),
        since in 0_u64..200 * 86_400_000,
        heard in proptest::option::of(0_u64..200 * 86_400_000),
    ) {
        let ago = |ms: u64| NOW.minus(Millis(ms));
        let mut facts = well();
        facts.devices = vec![DeviceHealth {
            name: "it".to_owned(),
            since: ago(since),
            last: last.map(ago),
            heard: heard.map(ago),
            rhythm: rhythm.map(Millis),
        }];
        let waited = last.map_or(since, |last| last.min(since));
        let patience = (rhythm.unwrap_or(RHYTHM_UNKNOWN.0) * 3).max(SILENT_AT_LEAST.0);
        let found = findings(&facts);
        prop_assert_eq!(found.len(), usize::from(waited > patience), "{:?}", found);
        prop_assert!(found.iter().all(|one| one.severity >= Severity::Warning));
        prop_assert!(found.iter().all(|one| one.sentence.starts_with("it ")));
    }
}
