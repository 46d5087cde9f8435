//! A full disk: what does not fit is refused by name, and whatever was stored before is kept. Small
//! memory file systems, mounted below the test's own folder; who is not root can mount nothing, and
//! the test then says that it showed nothing.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use calls::{FaultCode, JobSpec, JobState};

use crate::rig::{Rig, program};

/// A mounted memory file system, unmounted at the end.
pub(crate) struct Mounted<'p>(&'p Path);

fn run(name: &str, args: &[&str], at: &Path) -> bool {
    let mut command = program(name);
    command.args(args).arg(at).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

impl<'p> Mounted<'p> {
    pub(crate) fn new(at: &'p Path, size: &str) -> Option<Self> {
        let option = format!("size={size}");
        run("mount", &["-t", "tmpfs", "-o", &option, "tmpfs"], at).then_some(Self(at))
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        run("umount", &["--lazy"], self.0);
    }
}

/// Says why a test shows nothing here.
pub(crate) fn cannot_mount() {
    std::io::stderr().write_all(b"not run: mounting is not allowed here\n").unwrap();
}

#[test]
fn a_box_whose_own_disk_is_full_takes_no_job_that_it_could_forget() {
    let rig = Rig::vault(1);
    let spec = rig.big_folder("docs", 1);
    let state = rig.path("state");
    std::fs::create_dir(&state).unwrap();
    let Some(_mounted) = Mounted::new(&state, "256k") else { return cannot_mount() };
    let running = rig.start();
    running.unlock();
    // To the last byte.
    let filler = state.join("filler");
    let mut file = std::fs::File::create(&filler).unwrap();
    while file.write_all(&[0; 512]).is_ok() {}
    drop(file);
    let fault = running.refused(calls::Call::Start { spec: spec.clone() });
    assert!(fault.sentence.contains("cannot be written"), "{fault}");
    assert!(fault.advice.contains("own disk"), "{fault:?}");
    assert!(running.jobs().is_empty());
    // All was well once, in a box that could not write anything down any more.
    let cannot_write = |running: &crate::running::Running<'_>| {
        let findings = running.health().findings;
        findings.iter().any(|one| one.sentence.contains("cannot write its own records"))
    };
    assert!(cannot_write(&running));
    assert!(running.status().verdict >= Some(calls::Severity::Warning));
    std::fs::remove_file(&filler).unwrap();
    let job = running.done(spec);
    assert_eq!((job.id.0, running.snapshots().len()), (1, 1));
    assert!(!cannot_write(&running), "until one can be written again");
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn a_full_disk_fails_the_job_by_name_is_a_finding_and_loses_nothing() {
    let rig = Rig::folders(1);
    let disk = rig.path("disk1");
    let Some(_mounted) = Mounted::new(&disk, "64m") else {
        return cannot_mount();
    };
    rig.create(1);
    let small = rig.big_folder("small", 3);
    let huge = rig.big_folder("huge", 80);
    let running = rig.start();
    running.unlock();
    running.done(small.clone());
    let job = running.begin(huge.clone()).job.id;
    let failed = running.until(job, |job| job.state == JobState::Failed);
    let fault = failed.fault.unwrap();
    assert_eq!(fault.code, FaultCode::Full, "{fault}");
    assert!(fault.advice.contains("Add a disk"), "{fault:?}");
    let findings = running.health().findings;
    let path = disk.display().to_string();
    let full = findings.iter().find(|one| one.sentence == format!("{path} is full."));
    assert!(full.is_some(), "{findings:?}");
    let refused = running.refused(calls::Call::Start { spec: huge });
    assert_eq!(refused.code, FaultCode::Full, "refused before it is a job");
    // To let versions go was advised once, and frees nothing for weeks.
    assert!(refused.advice.contains("weeks after a prune"), "{refused:?}");
    assert_eq!(running.snapshots().len(), 1);
    running.done(JobSpec::Check { read_data: true, repair: false });
    assert_eq!(running.stop(), Some(0));
    let (vault, _) = rig.open();
    let options = vault::CheckOptions { read_data: true, repair: false };
    assert!(vault.check(options, &mut |_| true).unwrap().is_clean());
}
