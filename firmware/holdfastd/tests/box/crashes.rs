//! Killed at any moment and started again: every job goes on or begins again, none is lost, none is
//! done twice.

use std::fs;

use calls::{Call, JobResult, JobSpec, JobState};

use crate::rig::{Rig, bytes_of, put, rename};

/// Everything that was promised is there and sound.
fn all_is_well(rig: &Rig, snapshots: usize) {
    let (vault, _) = rig.open();
    assert_eq!(vault.snapshots(None).unwrap().len(), snapshots);
    let options = vault::CheckOptions { read_data: true, repair: false };
    let report = vault.check(options, &mut |_| true).unwrap();
    assert!(report.is_clean(), "{report:?}");
    vault.close().unwrap();
}

#[test]
fn a_box_killed_in_the_middle_of_a_backup_finishes_it_after_the_next_start() {
    let rig = Rig::vault(2);
    let small = rig.big_folder("small", 2);
    let spec = rig.big_folder("docs", 150);
    let running = rig.start();
    running.unlock();
    running.done(small);
    let job = running.begin(spec).job.id;
    running.until(job, |job| job.state == JobState::Running && job.progress.bytes > 8 << 20);
    running.kill();

    let running = rig.start();
    let waiting = running.job(Call::Job { job });
    assert_eq!(waiting.state, JobState::Queued, "it waits for the keys");
    running.unlock();
    let done = running.until(job, |job| job.state == JobState::Done);
    assert_eq!(done.attempts, 2);
    let Some(JobResult::Backup(result)) = done.result else { panic!("no result") };
    assert_eq!((result.files, result.skipped), (150, 0));
    assert_eq!(running.snapshots().len(), 2, "both, once each");
    assert_eq!(running.jobs().len(), 2);
    assert_eq!(running.stop(), Some(0));
    all_is_well(&rig, 2);
}

#[test]
fn killed_again_and_again_the_box_still_does_each_job_once() {
    let rig = Rig::vault(1);
    let spec = rig.big_folder("docs", 40);
    let mut job = None;
    for events in 0..6 {
        let running = rig.start();
        running.unlock();
        let mut talk = running.talk();
        talk.ask(Call::Watch { job: None }).unwrap();
        job = Some(running.begin(spec.clone()).job.id);
        // Each time it gets one step further before it is cut off.
        for _ in 0..events {
            talk.event().unwrap().unwrap();
        }
        let now = running.job(Call::Job { job: job.unwrap() });
        if now.state.is_over() {
            break;
        }
        running.kill();
        // One that ended the box three times in a row would be given up.
        if now.attempts >= 2 {
            break;
        }
    }
    let running = rig.start();
    running.unlock();
    let done = running.until(job.unwrap(), |job| job.state == JobState::Done);
    assert_eq!(running.jobs().len(), 1, "{done:?}");
    assert_eq!(running.snapshots().len(), 1);
    assert_eq!(running.stop(), Some(0));
    all_is_well(&rig, 1);
}

/// The moment that a kill hits once in a thousand times: the vault has the snapshot, and the job's
/// record still says that it is at work. Without a look at what the source had before, the folder
/// would be backed up a second time.
#[test]
fn a_backup_that_was_finished_before_its_record_could_say_so_is_not_done_twice() {
    let rig = Rig::vault(1);
    let spec = rig.big_folder("docs", 2);
    let running = rig.start();
    running.unlock();
    let first = running.done(spec.clone());
    let second = running.done(spec);
    let Some(JobResult::Backup(result)) = &second.result else { panic!("{second:?}") };
    assert_eq!(running.stop(), Some(0));
    let record = rig.path(&format!("state/jobs/{:010}.json", second.id.0));
    let text = String::from_utf8(bytes_of(&record)).unwrap();
    let cut = text.replace("\"state\": \"done\"", "\"state\": \"running\"");
    assert_ne!(cut, text);
    put(&record, cut.as_bytes());

    let running = rig.start();
    running.unlock();
    let again = running.until(second.id, |job| job.state == JobState::Done && job.attempts == 2);
    let Some(JobResult::Backup(recognised)) = &again.result else { panic!("{again:?}") };
    assert_eq!(recognised.snapshot, result.snapshot);
    assert_eq!(running.snapshots().len(), 2);
    assert_eq!(running.job(Call::Job { job: first.id }).state, JobState::Done);
    assert_eq!(running.stop(), Some(0));
}

/// What was recognised was once said to be on as many disks as there are, whatever lay on them.
#[test]
fn a_backup_that_is_recognised_claims_no_copies_that_are_not_there() {
    let rig = Rig::vault(2);
    let spec = rig.big_folder("docs", 2);
    rename(&rig.path("disk2"), &rig.path("away"));
    let running = rig.start();
    running.unlock();
    let job = running.done(spec);
    let Some(JobResult::Backup(result)) = &job.result else { panic!("{job:?}") };
    assert_eq!((result.copies, result.copies_wanted), (1, 2));
    assert_eq!(running.stop(), Some(0));
    let record = rig.path(&format!("state/jobs/{:010}.json", job.id.0));
    let text = String::from_utf8(bytes_of(&record)).unwrap();
    let cut = text.replace("\"state\": \"done\"", "\"state\": \"running\"");
    assert_ne!(cut, text);
    put(&record, cut.as_bytes());

    rename(&rig.path("away"), &rig.path("disk2"));
    let running = rig.start();
    running.unlock();
    let again = running.until(job.id, |job| job.state == JobState::Done && job.attempts == 2);
    let Some(JobResult::Backup(recognised)) = &again.result else { panic!("{again:?}") };
    assert_eq!(recognised.snapshot, result.snapshot);
    assert_eq!((recognised.copies, recognised.copies_wanted), (1, 2));
    let findings = running.health().findings;
    let single = findings.iter().find(|one| one.sentence.contains("only one copy here"));
    assert!(single.is_some_and(|one| one.severity == calls::Severity::Warning), "{findings:?}");
    running.done(JobSpec::Check { read_data: false, repair: true });
    let findings = running.health().findings;
    assert!(findings.iter().all(|one| !one.sentence.contains("only one copy")), "{findings:?}");
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn a_box_that_is_told_to_stop_puts_its_job_by_and_closes_the_vault() {
    let rig = Rig::vault(2);
    let spec = rig.big_folder("docs", 150);
    let running = rig.start();
    running.unlock();
    let job = running.begin(spec).job.id;
    running.until(job, |job| job.state == JobState::Running && job.progress.bytes > 0);
    assert_eq!(running.stop(), Some(0));
    let (vault, report) = rig.open();
    assert_eq!(
        (report.recovered_packs, report.replayed_commits),
        (0, 0),
        "nothing to put in order"
    );
    drop(vault);

    let running = rig.start();
    assert_eq!(running.job(Call::Job { job }).state, JobState::Queued);
    running.unlock();
    running.until(job, |job| job.state == JobState::Done);
    assert!(matches!(running.ask(Call::Shutdown {}), calls::Answer::Done {}));
    assert_eq!(running.ends(), Some(0));
    all_is_well(&rig, 1);
}

#[test]
fn a_record_that_cannot_be_read_is_told_and_its_number_is_not_given_again() {
    let rig = Rig::vault(1);
    let spec = rig.big_folder("docs", 1);
    let running = rig.start();
    running.unlock();
    let job = running.done(spec);
    assert_eq!(running.stop(), Some(0));
    let record = rig.path(&format!("state/jobs/{:010}.json", job.id.0));
    put(&record, b"{ \"job\": tru");
    let running = rig.start();
    running.unlock();
    let next = running.begin(JobSpec::Check { read_data: false, repair: false }).job;
    assert!(next.id > job.id);
    assert_eq!(running.stop(), Some(0));
    assert!(rig.log().contains("a job's record cannot be read"));
    assert!(fs::exists(record).unwrap(), "it is left for whoever looks into it");
}
