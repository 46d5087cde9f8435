//! Jobs that would fight never run together, none waits for ever, and each stands where it should.

use plan::jobs::cut::{
    CUT_OFF_MAX, Cut, Found, OVERWRITE_WAIT_MAX, found_at_start, has_waited_too_long,
};
use plan::jobs::failures::{Failure, TOLD_FOR, is_told};
use plan::jobs::gently::{PAUSE_MAX, gives_way, pause};
use plan::jobs::{
    ALL_KINDS, BURNING_MAX, Gate, Granted, JobKind, JobState, Outcome, RUNNING_MAX, StopFor,
    Waiting, Wish, after, choose, grant, may_run_together,
};
use proptest::prelude::*;
use types::clock::Moment;
use types::{Millis, UnixTime};

fn kind() -> impl Strategy<Value = JobKind> {
    (0..ALL_KINDS.len()).prop_map(|at| ALL_KINDS[at])
}

fn waiting() -> impl Strategy<Value = Vec<Waiting>> {
    proptest::collection::vec((kind(), any::<bool>()), 0..12).prop_map(|all| {
        let job = |(id, (kind, asked_for)): (usize, (JobKind, bool))| Waiting {
            id: id as u64,
            kind,
            asked_for,
        };
        all.into_iter().enumerate().map(job).collect()
    })
}

/// Jobs that may be at work: begun by `choose` from any queue.
fn running() -> impl Strategy<Value = Vec<JobKind>> {
    waiting().prop_map(|all| {
        let begun = choose(&all, &[], Gate::default());
        all.iter().filter(|job| begun.contains(&job.id)).map(|job| job.kind).collect()
    })
}

fn all_get_on(kinds: &[JobKind]) -> bool {
    let pairs = (0..kinds.len()).flat_map(|a| (0..a).map(move |b| (a, b)));
    pairs.into_iter().all(|(a, b)| may_run_together(kinds[a], kinds[b]))
}

#[test]
fn what_would_fight_is_never_allowed_together() {
    use JobKind::{Backup, Check, Forget, Prune, Rebuild, Repair, Restore, Scrub};
    for (one, other) in [
        (Prune, Repair),
        (Prune, Backup),
        (Prune, Scrub),
        (Prune, Rebuild),
        (Prune, Prune),
        (Rebuild, Rebuild),
        (Rebuild, Check),
        (Rebuild, Scrub),
        (Rebuild, Repair),
        (Backup, Backup),
        (Backup, Forget),
        (Backup, Repair),
        (Check, Scrub),
        (Repair, Scrub),
    ] {
        assert!(!may_run_together(one, other), "{one:?} beside {other:?}");
    }
    for (one, other) in [
        (Restore, Prune),
        (Restore, Backup),
        (Backup, Scrub),
        (Forget, Check),
        (Rebuild, Backup),
        (Rebuild, Forget),
        (Rebuild, Restore),
    ] {
        assert!(may_run_together(one, other), "{one:?} beside {other:?}");
    }
    for one in ALL_KINDS {
        for other in ALL_KINDS {
            assert_eq!(may_run_together(one, other), may_run_together(other, one));
        }
    }
}

proptest! {
    #[test]
    fn whatever_waits_the_jobs_at_work_get_on_and_are_few(
        waiting in waiting(), running in running()
    ) {
        let begun = choose(&waiting, &running, Gate::default());
        let mut at_work = running.clone();
        at_work.extend(waiting.iter().filter(|job| begun.contains(&job.id)).map(|job| job.kind));
        prop_assert!(all_get_on(&at_work), "{at_work:?}");
        let burning = at_work.iter().filter(|kind| **kind == JobKind::BurnIn).count();
        prop_assert!(at_work.len() - burning <= RUNNING_MAX && burning <= BURNING_MAX);
        let mut once = begun.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(once.len(), begun.len());
    }

    #[test]
    fn an_idle_box_begins_the_first_in_line(waiting in waiting()) {
        let begun = choose(&waiting, &[], Gate::default());
        let first = waiting.iter().min_by_key(|job| (!job.asked_for, job.kind, job.id));
        prop_assert_eq!(begun.first().copied(), first.map(|job| job.id));
    }

    #[test]
    fn nothing_that_comes_later_delays_what_waits_first_in_line(
        mut waiting in waiting(), running in running(), late in kind()
    ) {
        // The first in line waits for what is at work; newcomers behind it must not be begun when
        // it could not run beside them.
        waiting.retain(|job| job.asked_for);
        let first = waiting.iter().min_by_key(|job| (job.kind, job.id)).copied();
        let Some(first) = first else { return Ok(()) };
        let begun = choose(&waiting, &running, Gate::default());
        prop_assume!(!begun.contains(&first.id));
        waiting.push(Waiting { id: 99, kind: late, asked_for: false });
        let begun = choose(&waiting, &running, Gate::default());
        // A disk that fills is the exception: what waits for that holds nobody up.
        let copying = running.contains(&JobKind::Rebuild)
            && !may_run_together(first.kind, JobKind::Rebuild);
        prop_assert!(!begun.contains(&99) || may_run_together(first.kind, late) || copying);
    }

    #[test]
    fn behind_a_gate_nothing_is_begun_that_it_holds_back(
        waiting in waiting(), running in running()
    ) {
        let locked = Gate { locked: true, ..Gate::default() };
        for id in choose(&waiting, &running, locked) {
            let job = waiting.iter().find(|job| job.id == id).unwrap();
            let keyless = matches!(job.kind, JobKind::Scrub | JobKind::BurnIn);
            prop_assert!(keyless, "nothing else can be done without keys");
        }
        let stopping = Gate { stopping: true, ..Gate::default() };
        prop_assert!(choose(&waiting, &running, stopping).is_empty());
        let jumped = Gate { clock_jumped: true, ..Gate::default() };
        for id in choose(&waiting, &running, jumped) {
            let job = waiting.iter().find(|job| job.id == id).unwrap();
            prop_assert!(!job.kind.deletes(), "{job:?}");
        }
    }

    #[test]
    fn every_queue_is_worked_off(mut waiting in waiting()) {
        // However it is fed, a box that finishes one job after the other finishes all.
        let mut running: Vec<Waiting> = Vec::new();
        for _ in 0..=waiting.len() {
            let kinds: Vec<JobKind> = running.iter().map(|job| job.kind).collect();
            for id in choose(&waiting, &kinds, Gate::default()) {
                let at = waiting.iter().position(|job| job.id == id).unwrap();
                running.push(waiting.remove(at));
            }
            if !running.is_empty() {
                running.remove(0);
            }
        }
        prop_assert!(waiting.is_empty() && running.len() <= RUNNING_MAX, "{waiting:?}");
    }
}

/// A pruning that the owner asked for waits until the new disk is full; the backups that are due do
/// not wait with it, and once the disk is full it goes first.
#[test]
fn what_waits_for_a_disk_that_fills_holds_back_no_backup() {
    let prune = Waiting { id: 1, kind: JobKind::Prune, asked_for: true };
    let backup = Waiting { id: 2, kind: JobKind::Backup, asked_for: false };
    assert_eq!(choose(&[prune, backup], &[JobKind::Rebuild], Gate::default()), [2]);
    let both = [JobKind::Rebuild, JobKind::Backup];
    assert!(choose(&[prune], &both, Gate::default()).is_empty());
    assert_eq!(choose(&[prune, backup], &[JobKind::Check], Gate::default()), []);
    assert_eq!(choose(&[prune, backup], &[], Gate::default()), [1]);
}

#[test]
fn a_job_that_is_over_stays_over() {
    for state in [JobState::Done, JobState::Failed, JobState::Cancelled] {
        for wish in [Wish::Pause, Wish::Resume, Wish::Cancel] {
            let granted = grant(state, None, wish);
            assert!(matches!(granted, None | Some(Granted::Already)), "{state:?} {wish:?}");
        }
        assert_eq!(found_at_start(cut(state, true, CUT_OFF_MAX)), Found::As(state));
    }
}

#[test]
fn a_wish_for_a_job_at_work_stops_it_and_the_strongest_counts() {
    let running = JobState::Running;
    assert_eq!(grant(running, None, Wish::Pause), Some(Granted::Stop(StopFor::Pause)));
    let pausing = Some(StopFor::Pause);
    assert_eq!(grant(running, pausing, Wish::Pause), Some(Granted::Already));
    assert_eq!(grant(running, pausing, Wish::Resume), Some(Granted::GoOn));
    assert_eq!(grant(running, pausing, Wish::Cancel), Some(Granted::Stop(StopFor::Cancel)));
    let cancelling = Some(StopFor::Cancel);
    assert_eq!(grant(running, cancelling, Wish::Pause), Some(Granted::Already));
    assert_eq!(grant(running, cancelling, Wish::Resume), None);
    assert!(StopFor::Cancel > StopFor::Pause && StopFor::Pause > StopFor::Later);
}

#[test]
fn what_was_finished_before_it_could_stop_is_done() {
    for stopping in [None, Some(StopFor::Later), Some(StopFor::Pause), Some(StopFor::Cancel)] {
        assert_eq!(after(Outcome::Done, stopping), JobState::Done);
        assert_eq!(after(Outcome::Failed, stopping), JobState::Failed);
    }
    assert_eq!(after(Outcome::Stopped, Some(StopFor::Pause)), JobState::Paused);
    assert_eq!(after(Outcome::Stopped, Some(StopFor::Cancel)), JobState::Cancelled);
    assert_eq!(after(Outcome::Stopped, Some(StopFor::Later)), JobState::Queued);
    assert_eq!(after(Outcome::Stopped, None), JobState::Queued);
}

fn cut(state: JobState, overwrites: bool, cut_off: u32) -> Cut {
    Cut { state, overwrites, cut_off }
}

#[test]
fn a_job_that_a_crash_cut_off_waits_again_and_no_other_moves() {
    let found = |state| found_at_start(cut(state, false, 1));
    assert_eq!(found(JobState::Running), Found::As(JobState::Queued));
    assert_eq!(found(JobState::Paused), Found::As(JobState::Paused));
    assert_eq!(found(JobState::Queued), Found::As(JobState::Queued));
}

#[test]
fn what_writes_over_files_asks_after_a_restart_and_after_a_long_wait() {
    for state in [JobState::Running, JobState::Queued] {
        assert_eq!(found_at_start(cut(state, true, 1)), Found::Asks);
    }
    assert_eq!(found_at_start(cut(JobState::Paused, true, 1)), Found::As(JobState::Paused));
    let at = |wall: u64, uptime: u64| Moment {
        wall: UnixTime(1_000_000).plus(Millis(wall)),
        uptime: Millis(uptime),
    };
    let max = OVERWRITE_WAIT_MAX.0;
    assert!(!has_waited_too_long(at(0, 0), at(max, max)));
    assert!(has_waited_too_long(at(0, 0), at(max + 1, 0)), "the computer slept");
    assert!(has_waited_too_long(at(max, 0), at(0, max + 1)), "the clock was set back");
}

#[test]
fn what_ended_the_program_again_and_again_is_given_up() {
    let found = |state, cut_off| found_at_start(cut(state, false, cut_off));
    assert_eq!(found(JobState::Running, CUT_OFF_MAX - 1), Found::As(JobState::Queued));
    assert_eq!(found(JobState::Running, CUT_OFF_MAX), Found::GivenUp);
    let waits = found(JobState::Queued, CUT_OFF_MAX);
    assert_eq!(waits, Found::As(JobState::Queued), "it was stopped in order");
}

#[test]
fn a_failure_of_what_is_due_is_told_until_it_succeeds_and_a_slip_for_a_day() {
    let ended = UnixTime(5_000);
    let failure = |asked_for, made_up_for| Failure { asked_for, ended, made_up_for };
    let later = |days| ended.plus(Millis::from_days(days));
    assert!(is_told(failure(false, false), later(900)));
    assert!(!is_told(failure(false, true), later(0)));
    assert!(is_told(failure(true, false), later(0)));
    assert!(!is_told(failure(true, true), later(0)));
    assert!(!is_told(failure(true, false), ended.plus(TOLD_FOR)));
}

/// A scrub beside a backup took half of each disk from it.
#[test]
fn a_scrub_that_was_due_reads_a_quarter_of_the_time_while_something_is_waited_for() {
    use JobKind::{Backup, Check, Rebuild, Restore, Scrub};
    let second = Millis::from_secs(1);
    for waited_for in [Backup, Restore, Rebuild] {
        assert_eq!(pause(Scrub, false, second, &[Scrub, waited_for]), Millis::from_secs(3));
    }
    assert_eq!(pause(Scrub, false, second, &[Scrub]), Millis(0), "alone it is soon done");
    assert_eq!(pause(Scrub, true, second, &[Scrub, Backup]), Millis(0), "somebody waits for it");
    assert_eq!(pause(Check, false, second, &[Check, Backup]), Millis(0), "it mends");
    assert_eq!(pause(Scrub, false, Millis(u64::MAX), &[Scrub, Backup]), PAUSE_MAX);
    let give_way: Vec<JobKind> = ALL_KINDS.into_iter().filter(|k| gives_way(*k, false)).collect();
    assert_eq!(give_way, [Scrub]);
}

proptest! {
    #[test]
    fn a_scrub_beside_a_backup_that_never_ends_comes_to_its_end(
        packs in proptest::collection::vec(1..20_000_u64, 1..200)
    ) {
        let at_work = [JobKind::Scrub, JobKind::Backup];
        let rests: u64 =
            packs.iter().map(|ms| pause(JobKind::Scrub, false, Millis(*ms), &at_work).0).sum();
        let reads: u64 = packs.iter().sum();
        prop_assert!(rests <= 3 * reads, "never longer than four times as long as alone");
        prop_assert!(packs.iter().any(|ms| *ms > 3_000) || rests == 3 * reads);
    }
}
