//! A scrub that was due keeps out of the way of what is waited for, and comes to its end all the same.

use calls::{AskedBy, Call, DeskFault, Job, JobSpec, JobState};

use crate::hand::rig;
use crate::rig::{bytes_of, put};
use crate::running::Running;

fn slowly(job: &Job) -> bool {
    job.rests.as_deref().is_some_and(|why| why.contains("reads slowly"))
}

fn scrub(running: &Running<'_>) -> Job {
    let is_it = |job: &Job| job.spec == (JobSpec::Scrub {}) && job.asked_by == AskedBy::Schedule;
    for _ in 0..200_000 {
        if let Some(job) = running.jobs().into_iter().find(is_it) {
            return job;
        }
    }
    panic!("no scrub was due: {}", running.rig.log());
}

#[test]
fn a_scrub_that_was_due_reads_slowly_while_a_backup_is_at_work_and_ends_all_the_same() {
    let rig = rig();
    let running = rig.start();
    let secret = running.create(&["red", "green"]);
    running.done(rig.big_folder("docs", 24));
    let other = rig.big_folder("other", 24);
    assert_eq!(running.stop(), Some(0));
    // A box that is older than it is: everything was last done when the world began.
    let record = rig.path("state/box.json");
    let mut memory: serde_json::Value = serde_json::from_slice(&bytes_of(&record)).unwrap();
    memory["first_ms"] = 0.into();
    memory["chores"] = serde_json::json!({});
    put(&record, memory.to_string().as_bytes());
    let running = rig.start();
    for disk in ["red", "green"] {
        running.fault(disk, DeskFault::Slow { ms: 40 });
    }
    running.open(&secret);
    let due = scrub(&running).id;
    let backup = running.begin(other).job.id;
    running.until(due, |job| slowly(job) || job.state.is_over());
    let seen = running.job(Call::Job { job: due });
    let beside = running.job(Call::Job { job: backup });
    assert!(slowly(&seen) && beside.state == JobState::Running, "{seen:?} beside {beside:?}");
    for disk in ["red", "green"] {
        running.fault(disk, DeskFault::None);
    }
    running.until(backup, |job| job.state == JobState::Done);
    let ended = running.until(due, |job| job.state == JobState::Done);
    assert_eq!(ended.rests, None);
    // Somebody who asks for one waits for it.
    let asked = running.done(JobSpec::Scrub {});
    assert_eq!((asked.state, asked.rests), (JobState::Done, None));
}
