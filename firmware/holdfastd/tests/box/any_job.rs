//! Every kind of job, cut off at moments that follow from a seed, again and again: in the end each was
//! done once, every version that was not let go is there, and the vault is sound.

use std::fs;

use calls::{Call, Event, JobId, JobSpec, JobState, RawPath};

use crate::rig::{Rig, bytes_of, noise, put};
use crate::running::Running;

/// Numbers that follow from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % limit
    }
}

/// Begins a job and waits for so many events, or for its end.
fn some_way(running: &Running<'_>, spec: JobSpec, events: u64) -> JobId {
    let mut talk = running.talk();
    talk.ask(Call::Watch { job: None }).unwrap();
    let job = running.begin(spec).job.id;
    for _ in 0..events {
        if let Some(Event::Job(one)) = talk.event().unwrap()
            && one.id == job
            && one.state.is_over()
        {
            break;
        }
    }
    job
}

/// Lets a job come to its end; one that writes over files asks first.
fn go_on(running: &Running<'_>, job: JobId) {
    if running.job(Call::Job { job }).state == JobState::Paused {
        running.job(Call::Resume { job });
    }
    running.until(job, |job| job.state == JobState::Done);
}

#[test]
fn cut_off_anywhere_every_job_is_done_in_the_end_and_nothing_is_lost() {
    let seed = 0x5eed_0004;
    let mut dice = Dice(seed);
    let rig = Rig::vault(2);
    rig.big_folder("docs", 12);
    let mut jobs = Vec::new();
    let mut versions = 0;
    for round in 0..12_u64 {
        put(&rig.path("docs/changes"), &noise(1 << 20, 100 + round));
        let to = rig.path(&format!("back{round}"));
        let spec = match round % 6 {
            0 | 3 => rig.backup_of("docs"),
            1 => JobSpec::Check { read_data: true, repair: false },
            2 => JobSpec::Prune { allow_large: true },
            4 => JobSpec::Restore {
                snapshot: "latest".to_owned(),
                path: RawPath::default(),
                to: RawPath(to.to_str().unwrap().into()),
                overwrite: true,
            },
            _ => JobSpec::Check { read_data: false, repair: true },
        };
        versions += usize::from(matches!(spec, JobSpec::Backup { .. }));
        let running = rig.start();
        running.unlock();
        // What the last cut left is done first: each version is of its own content.
        for job in &jobs {
            go_on(&running, *job);
        }
        jobs.push(some_way(&running, spec, dice.below(7)));
        running.kill();
    }
    let running = rig.start();
    running.unlock();
    for job in &jobs {
        go_on(&running, *job);
    }
    assert_eq!(running.jobs().len(), jobs.len(), "seed {seed:#x}");
    assert_eq!(running.snapshots().len(), versions, "each backup made one version, seed {seed:#x}");
    running.done(JobSpec::Restore {
        snapshot: "latest:docs".to_owned(),
        path: RawPath::default(),
        to: RawPath(rig.path("end").to_str().unwrap().into()),
        overwrite: false,
    });
    for name in ["0000", "0011"] {
        assert_eq!(bytes_of(&rig.path("end").join(name)), bytes_of(&rig.path("docs").join(name)));
    }
    assert!(fs::exists(rig.path("end/changes")).unwrap());
    assert_eq!(running.stop(), Some(0));
    let (vault, _) = rig.open();
    let options = vault::CheckOptions { read_data: true, repair: false };
    let report = vault.check(options, &mut |_| true).unwrap();
    assert!(report.is_clean(), "seed {seed:#x}: {report:?}");
}
