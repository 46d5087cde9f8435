//! What a box does by itself as time goes by, and what it leaves alone when the clock jumps. The
//! clock is the test's; the vault, the folders and the socket are real.

#[path = "../../../api/tests/door/client.rs"]
mod client;
mod fresh;
mod keeping;
mod quiet;
mod rig;
mod told;

use std::path::Path;
use std::time::Duration;

use calls::{Answer, AskedBy, Call, Clock, Job, JobSpec, JobState, Secret};
use types::Millis;

use crate::rig::InThreads;

fn by_schedule(jobs: &[Job]) -> Vec<&JobSpec> {
    jobs.iter().filter(|job| job.asked_by == AskedBy::Schedule).map(|job| &job.spec).collect()
}

const FORGET: JobSpec = JobSpec::Forget { snapshots: Vec::new() };
const PRUNE: JobSpec = JobSpec::Prune { allow_large: false };
const SCRUB: JobSpec = JobSpec::Scrub {};

#[test]
fn each_chore_is_done_once_when_it_is_due_and_not_again_when_the_clock_goes_back() {
    let running = InThreads::start();
    running.looks_around();
    assert!(by_schedule(&running.jobs()).is_empty(), "nothing is due on the first day");

    running.clock.pass(Millis::from_days(1));
    let jobs = running.until(|jobs| {
        by_schedule(jobs).len() == 2 && jobs.iter().all(|job| job.state == JobState::Done)
    });
    assert!(by_schedule(&jobs).contains(&&FORGET) && by_schedule(&jobs).contains(&&PRUNE));

    running.clock.pass(Millis::from_days(29));
    let jobs = running.until(|jobs| {
        by_schedule(jobs).len() == 5 && jobs.iter().all(|job| job.state == JobState::Done)
    });
    assert_eq!(by_schedule(&jobs).iter().filter(|spec| ***spec == SCRUB).count(), 1);

    // Twelve hours back: less than what freezes deletion, and still nothing is done again.
    running.jump(-43_200_000);
    running.looks_around();
    assert_eq!(by_schedule(&running.jobs()).len(), 5);
}

#[test]
fn a_clock_that_jumps_a_year_lets_nothing_go_until_its_owner_says_that_it_is_right() {
    let running = InThreads::start();
    running.looks_around();
    running.jump(365 * 86_400_000);
    assert_eq!(running.clock(), Clock::Jumped);
    let Answer::Health(health) = running.ask(Call::Health {}) else { panic!() };
    assert!(health.findings.iter().any(|one| one.sentence.contains("clock jumped")), "{health:?}");
    // Reading is due and harmless; letting go is due and waits.
    let jobs = running.until(|jobs| jobs.iter().any(|job| job.spec == SCRUB));
    assert_eq!(by_schedule(&jobs), [&SCRUB]);
    // Neither does it happen because somebody asks.
    let Answer::Started(asked) = running.ask(Call::Start { spec: PRUNE }) else { panic!() };
    running.looks_around();
    let Answer::Job(waiting) = running.ask(Call::Job { job: asked.job.id }) else { panic!() };
    assert_eq!(waiting.state, JobState::Queued);

    running.ask(Call::TrustClock {});
    assert_eq!(running.clock(), Clock::Trusted);
    running.until(|jobs| {
        let over = |spec: &JobSpec| {
            jobs.iter().any(|job| job.spec == *spec && job.state == JobState::Done)
        };
        over(&PRUNE) && over(&FORGET)
    });
}

#[test]
fn a_clock_that_is_set_back_to_what_it_was_needs_nobody() {
    let running = InThreads::start();
    running.jump(365 * 86_400_000);
    assert_eq!(running.clock(), Clock::Jumped);
    running.jump(-365 * 86_400_000);
    assert_eq!(running.clock(), Clock::Trusted);
}

#[test]
fn a_locked_box_reads_every_byte_when_it_is_due_and_lets_the_other_chores_wait_for_the_keys() {
    let running = InThreads::start();
    running.ask(Call::Lock {});
    running.clock.pass(Millis::from_days(31));
    let jobs = running.until(|jobs| jobs.iter().any(|job| job.state == JobState::Done));
    assert_eq!(by_schedule(&jobs), [&SCRUB]);
    running.ask(Call::Unlock { secret: Secret::Words(running.words.clone().into()) });
    let jobs = running.until(|jobs| {
        by_schedule(jobs).len() == 3 && jobs.iter().all(|job| job.state == JobState::Done)
    });
    assert!(by_schedule(&jobs).contains(&&FORGET) && by_schedule(&jobs).contains(&&PRUNE));
}

/// A time server's client: it sets the clock and touches its file.
fn synchronized(running: &InThreads) {
    let now = types::Clock::now(&*running.clock).0;
    let at = std::time::UNIX_EPOCH + Duration::from_millis(u64::try_from(now).expect("after 1970"));
    let file = std::fs::File::create(running.dir().join("synchronized")).expect("a file");
    file.set_modified(at).expect("its time");
}

/// The file is never taken away, so every later jump was once believed.
#[test]
fn a_time_server_is_believed_each_time_it_says_so_and_not_for_good() {
    let running = InThreads::start();
    synchronized(&running);
    running.looks_around();
    running.jump(365 * 86_400_000);
    running.looks_around();
    assert_eq!(running.clock(), Clock::Jumped, "nobody has set the clock since");
    synchronized(&running);
    running.looks_around();
    assert_eq!(running.clock(), Clock::Trusted);
}

/// Half a vault that was read once counted as the whole of it for a month.
#[test]
fn a_reading_without_a_disk_is_no_reading_of_every_byte() {
    let running = InThreads::start_on(2);
    let said = |running: &InThreads| {
        let Answer::Health(health) = running.ask(Call::Health {}) else { panic!() };
        health.findings.into_iter().find(|one| one.sentence.contains("Not every byte"))
    };
    let (disk, away) = (running.dir().join("disk1"), running.dir().join("away"));
    let unlock = Call::Unlock { secret: Secret::Words(running.words.clone().into()) };
    running.ask(Call::Lock {});
    rename(&disk, &away);
    running.clock.pass(Millis::from_days(61));
    running.until(|jobs| jobs.iter().any(|job| job.spec == SCRUB && job.state == JobState::Done));
    running.ask(unlock.clone());
    let part = said(&running).expect("it is told");
    assert!(part.sentence.contains("not all were here"), "{part:?}");
    running.ask(Call::Lock {});
    rename(&away, &disk);
    running.ask(unlock);
    assert!(said(&running).is_some());
    let all = JobSpec::Check { read_data: true, repair: false };
    running.ask(Call::Start { spec: all.clone() });
    running.until(|jobs| jobs.iter().any(|job| job.spec == all && job.state == JobState::Done));
    assert_eq!(said(&running), None, "now it was");
}

fn rename(from: &Path, to: &Path) {
    nix::fcntl::renameat(nix::fcntl::AT_FDCWD, from, nix::fcntl::AT_FDCWD, to).expect("renamed");
}

#[test]
fn a_slip_is_told_for_a_day() {
    let running = InThreads::start();
    let paths = vec![calls::RawPath(b"/no/such/folder".to_vec())];
    let spec =
        JobSpec::Backup { source: "docs".to_owned(), paths, excludes: Vec::new(), space: None };
    running.ask(Call::Start { spec });
    running.until(|jobs| jobs.iter().any(|job| job.state == JobState::Failed));
    let told = |running: &InThreads| {
        let Answer::Health(health) = running.ask(Call::Health {}) else { panic!() };
        health.findings.into_iter().find(|one| one.sentence.starts_with("Job 1 failed"))
    };
    let slip = told(&running).expect("it is told");
    assert_eq!(slip.severity, calls::Severity::Notice, "no promise is broken");
    running.clock.pass(Millis::from_days(1));
    assert_eq!(told(&running), None, "it stood there for ever once");
}
