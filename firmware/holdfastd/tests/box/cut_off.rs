//! Jobs that were cut off: what would write over files asks first, what ends the box each time is given
//! up, and records that are none hold nobody up.

use std::fs;

use calls::{Call, Health, JobId, JobSpec, JobState, RawPath};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::rig::{Rig, bytes_of, put};

fn restore(rig: &Rig, overwrite: bool, to: &str) -> JobSpec {
    JobSpec::Restore {
        snapshot: "latest".to_owned(),
        path: RawPath::default(),
        to: RawPath(rig.path(to).to_str().unwrap().into()),
        overwrite,
    }
}

/// Rewrites a job's record, as a cut at the right moment leaves it.
fn as_if(rig: &Rig, job: JobId, from: &str, to: &str) {
    let record = rig.path(&format!("state/jobs/{:010}.json", job.0));
    let text = String::from_utf8(bytes_of(&record)).unwrap();
    let changed = text.replace(from, to);
    assert_ne!(changed, text);
    put(&record, changed.as_bytes());
}

fn says<'h>(health: &'h Health, part: &str) -> Option<&'h calls::Finding> {
    health.findings.iter().find(|one| one.sentence.contains(part))
}

/// A restore with `overwrite` once began again by itself, perhaps days later, over later work.
#[test]
fn a_restore_over_files_that_a_restart_cut_off_waits_for_its_owners_word() {
    let rig = Rig::vault(1);
    let spec = rig.big_folder("docs", 1);
    let running = rig.start();
    running.unlock();
    running.done(spec);
    let over = running.done(restore(&rig, true, "back")).id;
    let beside = running.done(restore(&rig, false, "new")).id;
    assert_eq!(running.stop(), Some(0));
    for job in [over, beside] {
        as_if(&rig, job, "\"state\": \"done\"", "\"state\": \"running\"");
    }
    put(&rig.path("back/0000"), b"later work");
    let running = rig.start();
    running.unlock();
    running.until(beside, |job| job.state.is_over() && job.attempts == 2);
    assert_eq!(running.job(Call::Job { job: over }).state, JobState::Paused);
    let health = running.health();
    let asks = says(&health, &format!("Job {over}, a restore that takes the place")).unwrap();
    for command in [format!("jobs resume {over}"), format!("jobs cancel {over}")] {
        assert!(asks.action.contains(&command), "{asks:?}");
    }
    assert_eq!(bytes_of(&rig.path("back/0000")), b"later work");
    assert_eq!(running.stop(), Some(0));

    let running = rig.start();
    running.unlock();
    assert_eq!(running.job(Call::Job { job: over }).state, JobState::Paused, "and after the next");
    running.job(Call::Resume { job: over });
    running.until(over, |job| job.state == JobState::Done);
    assert!(says(&running.health(), "takes the place").is_none());
    assert_eq!(bytes_of(&rig.path("back/0000")).len(), 1 << 20);
    assert_eq!(running.stop(), Some(0));
}

/// A job that ends the program (a panic, no memory left) was once begun again at every start.
#[test]
fn a_job_that_ended_the_box_three_times_is_given_up_and_the_others_go_on() {
    let rig = Rig::vault(1);
    let spec = rig.big_folder("docs", 2);
    let running = rig.start();
    running.unlock();
    let bad = running.done(spec).id;
    let good = running.done(JobSpec::Check { read_data: false, repair: false }).id;
    assert_eq!(running.stop(), Some(0));
    for job in [bad, good] {
        as_if(&rig, job, "\"state\": \"done\"", "\"state\": \"running\"");
    }
    // It was at work twice before, and then once more.
    as_if(&rig, bad, "\"cut_off\": 0", "\"cut_off\": 2");
    let running = rig.start();
    running.unlock();
    running.until(good, |job| job.state == JobState::Done && job.attempts == 2);
    let given_up = running.job(Call::Job { job: bad });
    assert_eq!((given_up.state, given_up.attempts), (JobState::Failed, 1));
    let said = given_up.fault.unwrap().sentence;
    assert!(said.contains("ended 3 times"), "{said}");
    assert!(says(&running.health(), &said).is_some());
    assert_eq!(running.stop(), Some(0));
    let running = rig.start();
    assert_eq!(running.job(Call::Job { job: bad }).state, JobState::Failed, "for good");
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn each_cut_in_a_row_is_counted_and_a_stop_in_order_is_none() {
    let rig = Rig::vault(1);
    let spec = rig.big_folder("docs", 150);
    let mut job = None;
    let counted = |job: JobId| {
        let text = bytes_of(&rig.path(&format!("state/jobs/{:010}.json", job.0)));
        let text = String::from_utf8(text).unwrap();
        text.lines().find(|line| line.contains("cut_off")).unwrap().trim().to_owned()
    };
    for cut in 0..2 {
        let running = rig.start();
        running.unlock();
        let id = *job.get_or_insert_with(|| running.begin(spec.clone()).job.id);
        running.until(id, |job| job.state == JobState::Running && job.progress.bytes > 0);
        assert_eq!(counted(id), format!("\"cut_off\": {cut},"));
        running.kill();
    }
    let id = job.unwrap();
    let running = rig.start();
    running.unlock();
    running.until(id, |job| job.state == JobState::Running && job.progress.bytes > 0);
    assert_eq!(counted(id), "\"cut_off\": 2,");
    assert_eq!(running.stop(), Some(0));
    assert_eq!(counted(id), "\"cut_off\": 0,");
    let running = rig.start();
    running.unlock();
    let done = running.until(id, |job| job.state == JobState::Done);
    assert_eq!(done.attempts, 4);
    assert_eq!(running.stop(), Some(0));
}

/// A pipe by the name of a record once held the start up for ever, and a folder ended it.
#[test]
fn a_record_that_is_no_file_holds_nobody_up_and_its_number_is_not_given_again() {
    let rig = Rig::vault(1);
    assert_eq!(rig.start().stop(), Some(0));
    let jobs = rig.path("state/jobs");
    mkfifo(&jobs.join("0000000001.json"), Mode::S_IRWXU).unwrap();
    fs::create_dir(jobs.join("0000000002.json")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", jobs.join("0000000003.json")).unwrap();
    fs::remove_file(rig.path("state/box.json")).unwrap();
    mkfifo(&rig.path("state/box.json"), Mode::S_IRWXU).unwrap();
    let running = rig.start();
    running.unlock();
    let job = running.done(JobSpec::Check { read_data: false, repair: false });
    assert_eq!(job.id, JobId(4));
    assert_eq!(rig.log().matches("a job's record cannot be read").count(), 3);
    assert_eq!(running.stop(), Some(0));
}
