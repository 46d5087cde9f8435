//! How long versions are kept is changed while a box runs: seen before, done at once, and remembered.

use std::fs::File;
use std::io::Write as _;

use calls::{
    Answer, Call, Fault, FaultCode, JobSpec, JobState, KeepRule, KeepWish, Keeping,
    KeepingForeseen, Page, RawPath, TalkError,
};
use testkit::env::noise;
use types::Millis;

use crate::rig::{InThreads, setup};

/// Two o'clock of the afternoon and six hours more: all on one day.
const VERSIONS: u64 = 4;
const DAY_MS: i64 = 86_400_000;

/// A box with a few versions of one folder, two hours apart, and three days after them.
fn with_versions() -> InThreads {
    let running = InThreads::start();
    fill(&running);
    running
}

fn fill(running: &InThreads) {
    let folder = running.dir().join("docs");
    std::fs::create_dir(&folder).expect("a folder");
    for n in 0..VERSIONS {
        let mut file = File::create(folder.join("letter")).expect("a file");
        file.write_all(&noise(n, 900_000)).expect("it is written");
        let paths = vec![RawPath(folder.to_str().expect("text").into())];
        let source = "docs".to_owned();
        running.ask(Call::Start {
            spec: JobSpec::Backup { source, paths, excludes: Vec::new(), space: None },
        });
        running.until(|jobs| jobs.iter().all(|job| job.state == JobState::Done));
        running.clock.pass(Millis::from_secs(2 * 3_600));
    }
    running.clock.pass(Millis::from_days(3));
    running.looks_around();
    running.until(|jobs| jobs.iter().all(|job| job.state.is_over()));
}

fn versions(running: &InThreads) -> usize {
    match running.ask(Call::Snapshots { source: None, space: None, page: Page::default() }) {
        Answer::Snapshots { snapshots, .. } => snapshots.len(),
        other => panic!("{other:?}"),
    }
}

fn keeping(running: &InThreads) -> Keeping {
    match running.ask(Call::Keeping {}) {
        Answer::Keeping(keeping) => keeping,
        other => panic!("{other:?}"),
    }
}

fn foreseen(running: &InThreads, wish: KeepWish) -> KeepingForeseen {
    match running.ask(Call::ForeseeKeeping { wish }) {
        Answer::KeepingForeseen(foreseen) => *foreseen,
        other => panic!("{other:?}"),
    }
}

fn refused(running: &InThreads, call: Call) -> Fault {
    match running.talk().ask(call) {
        Err(TalkError::Fault(fault)) => fault,
        other => panic!("not refused: {other:?}"),
    }
}

fn wish(all_days: u32, hourly_days: u32) -> KeepWish {
    let versions = KeepRule { all_days, hourly_days, daily_days: 90, weekly_days: 365 };
    KeepWish { copies: None, versions: Some(versions) }
}

#[test]
fn less_is_kept_only_as_it_was_foreseen_and_then_at_once_and_after_a_start() {
    let running = with_versions();
    assert_eq!(keeping(&running).versions, keeping(&running).usual);
    assert_eq!(versions(&running), 4, "one an hour stays for a month");
    let short = wish(1, 1);
    let found = foreseen(&running, short);
    assert!(found.less);
    assert_eq!((found.versions, found.sooner, found.others), (3, 3, 0));
    assert_eq!((found.sources[0].source.as_str(), found.sources[0].versions), ("docs", 3));
    assert_eq!(found.oldest_ms, Some(found.sources[0].oldest_ms));
    let frees = found.frees.expect("there is little to count");
    assert!((2_600_000..4_000_000).contains(&frees.bytes), "three letters: {frees:?}");
    let now = types::Clock::now(&*running.clock).0;
    let days = (found.from_ms.expect("it prunes by itself") - now) / DAY_MS;
    assert!((37..=38).contains(&days), "{days} days");
    assert_eq!(versions(&running), 4, "looking takes nothing");

    let keep = |less, goes_at_most| Call::Keep { wish: short, less, goes_at_most };
    assert_eq!(refused(&running, keep(false, 3)).code, FaultCode::WrongState);
    assert!(refused(&running, keep(true, 2)).sentence.contains("3 versions would go, and not 2"));
    assert_eq!(keeping(&running).versions, keeping(&running).usual, "as before");
    let Answer::Kept(kept) = running.ask(keep(true, 3)) else { panic!() };
    assert_eq!(kept.jobs[0].spec, JobSpec::Forget { snapshots: Vec::new() });
    running.until(|jobs| jobs.iter().all(|job| job.state.is_over()));
    assert_eq!(versions(&running), 1);
    let running = running.restart();
    running.unlock();
    assert_eq!(Some(keeping(&running).versions), short.versions);
}

#[test]
fn more_is_kept_without_another_word_and_what_nobody_can_mean_is_refused_by_its_field() {
    let running = with_versions();
    let long = wish(7, 60);
    let found = foreseen(&running, long);
    assert_eq!((found.less, found.versions, found.from_ms), (false, 0, None));
    let keep = |wish| Call::Keep { wish, less: false, goes_at_most: 0 };
    assert!(matches!(running.ask(keep(long)), Answer::Kept(kept) if kept.jobs.is_empty()));
    assert_eq!(Some(keeping(&running).versions), long.versions);
    for (wrong, said) in [
        (wish(0, 30), "all_days is 0 days"),
        (wish(1, 4_000), "hourly_days is 4000 days"),
        (wish(9, 8), "hourly_days is 8 days, fewer than the 9 of all_days"),
        (KeepWish { copies: Some(9), versions: None }, "copies is 9"),
        (KeepWish::default(), "Neither `copies` nor `versions`"),
    ] {
        for call in [keep(wrong), Call::ForeseeKeeping { wish: wrong }] {
            let fault = refused(&running, call);
            assert_eq!(fault.code, FaultCode::BadRequest);
            assert!(fault.sentence.contains(said), "{said:?} is not in {fault:?}");
        }
    }
    assert_eq!(Some(keeping(&running).versions), long.versions, "as before");
}

/// To a clock that is behind all versions are from the future: none seemed to go, and all went once it was right.
#[test]
fn while_nobody_knows_what_time_it_is_less_is_refused_and_more_is_not() {
    let running = with_versions();
    let (short, long) = (wish(1, 1), wish(7, 60));
    running.jump(-40 * DAY_MS);
    for said in ["the clock jumped by more than a day", "from later than now"] {
        let keep = Call::Keep { wish: short, less: true, goes_at_most: 0 };
        for call in [Call::ForeseeKeeping { wish: short }, keep] {
            let fault = refused(&running, call);
            assert_eq!(fault.code, FaultCode::WrongState);
            assert!(fault.sentence.contains(said), "{said:?} is not in {fault:?}");
            assert!(fault.advice.contains("Set the clock"), "{fault:?}");
        }
        assert_eq!(keeping(&running).versions, keeping(&running).usual, "as before");
        // Whoever believes that clock cannot believe the versions.
        running.ask(Call::TrustClock {});
    }
    assert!(!foreseen(&running, long).less);
    running.ask(Call::Keep { wish: long, less: false, goes_at_most: 0 });
    assert_eq!(Some(keeping(&running).versions), long.versions);
    running.jump(40 * DAY_MS);
    running.ask(Call::TrustClock {});
    assert_eq!(foreseen(&running, short).versions, 3);
}

#[test]
fn while_the_box_lets_none_go_by_itself_it_is_told_what_goes_once_it_does() {
    let (dir, clock, words) = InThreads::vault_on(1);
    let mut setup = setup(dir.path(), &clock);
    setup.config.schedule.forget_every_days = 0;
    let running = InThreads::run_with(setup, dir, clock, &words);
    fill(&running);
    assert!(!keeping(&running).thins);
    let found = foreseen(&running, wish(1, 1));
    assert_eq!((found.less, found.versions, found.from_ms), (true, 3, None));
    let keep = |goes_at_most| Call::Keep { wish: wish(1, 1), less: true, goes_at_most };
    assert!(refused(&running, keep(2)).sentence.contains("3 versions would go"));
    let Answer::Kept(kept) = running.ask(keep(3)) else { panic!() };
    assert_eq!((kept.jobs.len(), versions(&running)), (0, 4), "none goes yet");
}
