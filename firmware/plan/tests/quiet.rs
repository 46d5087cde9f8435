//! Quiet hours hold whatever the clock says, keep nothing waiting that must not, and starve nobody.

use plan::jobs::quiet::{DAY_MINUTES, Quiet, Rest, can_wait, rest};
use plan::jobs::{ALL_KINDS, Gate, JobKind, Waiting, choose, may_run_together};
use proptest::prelude::*;

fn quiet(text: &str) -> Quiet {
    Quiet::parse(text).expect("these are hours")
}

fn waiting() -> impl Strategy<Value = Vec<Waiting>> {
    let one = (0..ALL_KINDS.len(), any::<bool>());
    proptest::collection::vec(one, 0..12).prop_map(|all| {
        let job = |(id, (kind, asked_for)): (usize, (usize, bool))| Waiting {
            id: id as u64,
            kind: ALL_KINDS[kind],
            asked_for,
        };
        all.into_iter().enumerate().map(job).collect()
    })
}

#[test]
fn hours_are_read_as_they_are_written_and_what_is_none_is_refused() {
    let night = quiet("22:00-07:00");
    let at = |hours: u16, minutes: u16| night.holds(hours * 60 + minutes);
    assert!(at(22, 0) && at(23, 59) && at(0, 0) && at(6, 59));
    assert!(!at(7, 0) && !at(12, 0) && !at(21, 59));
    assert_eq!((night.minutes(), night.end().as_str()), (9 * 60, "07:00"));
    let lunch = quiet(" 12:30 - 14:00 ");
    assert!(lunch.holds(13 * 60) && !lunch.holds(23 * 60) && !lunch.holds(60));
    for none in [
        "",
        "22:00",
        "22:00-",
        "22-07",
        "24:00-07:00",
        "22:60-07:00",
        "22:00-22:00",
        "-1:00-07:00",
        "22:00-07:00-08:00",
        "+2:00-07:00",
        "022:00-07:00",
        "night",
    ] {
        assert_eq!(Quiet::parse(none), None, "{none:?}");
    }
}

#[test]
fn only_what_is_noisy_and_was_not_asked_for_waits_and_copies_that_are_missing_never_do() {
    let waits: Vec<JobKind> = ALL_KINDS.into_iter().filter(|kind| can_wait(*kind, false)).collect();
    assert_eq!(waits, [JobKind::Scrub, JobKind::BurnIn]);
    assert!(!can_wait(JobKind::Rebuild, false) && !can_wait(JobKind::Repair, false));
    assert!(can_wait(JobKind::BurnIn, true), "it takes days, whenever it was asked for");
    assert!(!can_wait(JobKind::Scrub, true), "whoever asks for it at night wants it at night");
}

#[test]
fn what_rests_gives_way_to_missing_copies_and_to_its_owner_and_to_nobody_else() {
    let one = |kind, asked_for| [Waiting { id: 1, kind, asked_for }];
    let scrub = |waiting: &[Waiting]| rest(JobKind::Scrub, false, true, waiting);
    assert_eq!(scrub(&[]), Rest::InPlace);
    assert_eq!(scrub(&one(JobKind::Rebuild, false)), Rest::GiveWay);
    assert_eq!(scrub(&one(JobKind::Repair, false)), Rest::GiveWay);
    assert_eq!(scrub(&one(JobKind::Check, true)), Rest::GiveWay);
    assert_eq!(scrub(&one(JobKind::Prune, false)), Rest::InPlace, "a chore has time");
    assert_eq!(scrub(&one(JobKind::Backup, true)), Rest::InPlace, "it runs beside it");
}

proptest! {
    #[test]
    fn a_day_is_quiet_for_as_long_as_it_says_and_in_one_piece(
        from in 0..DAY_MINUTES,
        until in 0..DAY_MINUTES,
    ) {
        let text = format!("{:02}:{:02}-{}:{:02}", from / 60, from % 60, until / 60, until % 60);
        prop_assert_eq!(Quiet::parse(&text).is_none(), from == until);
        let Some(hours) = Quiet::parse(&text) else { return Ok(()) };
        let held: Vec<u16> = (0..DAY_MINUTES).filter(|minute| hours.holds(*minute)).collect();
        prop_assert_eq!(held.len(), usize::from(hours.minutes()));
        prop_assert!(hours.holds(from) && !hours.holds(until));
        let begins = |minute: &&u16| !hours.holds((**minute + DAY_MINUTES - 1) % DAY_MINUTES);
        prop_assert_eq!(held.iter().filter(begins).count(), 1);
        prop_assert!(!hours.holds(DAY_MINUTES), "there is no such minute");
    }

    #[test]
    fn in_quiet_hours_all_goes_on_as_if_what_can_wait_were_not_there(
        waiting in waiting(),
        at_work in waiting(),
    ) {
        let begun = choose(&at_work, &[], Gate::default());
        let running: Vec<JobKind> =
            at_work.iter().filter(|job| begun.contains(&job.id)).map(|job| job.kind).collect();
        let rest: Vec<Waiting> =
            waiting.iter().filter(|job| !can_wait(job.kind, job.asked_for)).copied().collect();
        let gate = Gate { quiet: true, ..Gate::default() };
        prop_assert_eq!(
            choose(&waiting, &running, gate),
            choose(&rest, &running, Gate::default())
        );
    }

    #[test]
    fn nobody_who_must_not_wait_waits_for_one_that_rests(
        kind in 0..ALL_KINDS.len(),
        asked_for: bool,
        is_quiet: bool,
        waiting in waiting(),
    ) {
        let kind = ALL_KINDS[kind];
        let found = rest(kind, asked_for, is_quiet, &waiting);
        prop_assert_eq!(found == Rest::No, !is_quiet || !can_wait(kind, asked_for));
        let held_up = |job: &&Waiting| !may_run_together(kind, job.kind);
        let must = |job: &&Waiting| matches!(job.kind, JobKind::Rebuild | JobKind::Repair);
        if found == Rest::InPlace {
            prop_assert_eq!(waiting.iter().filter(held_up).filter(must).count(), 0);
        }
        if found == Rest::GiveWay {
            prop_assert!(waiting.iter().any(|job| !can_wait(job.kind, job.asked_for)));
        }
    }
}
