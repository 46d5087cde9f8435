//! A disk that does not answer at all: a file system whose server hangs holds nobody up for ever.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use calls::{Call, JobResult, Lock, Severity};

use crate::rig::{Rig, program};

/// A mounted file system behind which nobody answers. Whoever touches it waits until it is dropped.
struct Hanging<'p> {
    at: &'p Path,
    server: Option<File>,
}

impl<'p> Hanging<'p> {
    fn new(at: &'p Path) -> Option<Self> {
        let server = File::options().read(true).write(true).open("/dev/fuse").ok()?;
        // The kernel takes the server's end from standard input.
        let options = "fd=0,rootmode=40000,user_id=0,group_id=0";
        let mut mount = program("mount");
        mount.args(["-i", "-t", "fuse", "-o", options, "hanging"]).arg(at);
        mount.stdin(Stdio::from(server.try_clone().ok()?)).stderr(Stdio::null());
        let mounted = mount.status().is_ok_and(|status| status.success());
        mounted.then_some(Self { at, server: Some(server) })
    }
}

impl Hanging<'_> {
    /// From now on whoever touches it gets an error.
    fn dies(&mut self) {
        self.server.take();
    }
}

impl Drop for Hanging<'_> {
    fn drop(&mut self) {
        // Once its server is gone, everybody who waits is told so.
        self.dies();
        let mut umount = program("umount");
        drop(umount.arg("--lazy").arg(self.at).stderr(Stdio::null()).status());
    }
}

/// Says why a test shows nothing here.
fn cannot_mount() {
    std::io::stderr().write_all(b"not run: mounting is not allowed here\n").unwrap();
}

/// Such a disk once held up whoever unlocked the box, and every verdict, for ever.
#[test]
fn a_disk_that_hangs_is_named_and_the_box_works_with_the_others() {
    let rig = Rig::vault(2);
    let spec = rig.big_folder("docs", 1);
    let at = rig.path("disk2");
    let Some(hanging) = Hanging::new(&at) else { return cannot_mount() };
    let running = rig.start();
    running.unlock();
    let health = running.health();
    let named = |state: &str| health.volumes.iter().any(|volume| volume.state == state);
    assert!(named("member") && named("absent"), "{health:?}");
    assert!(health.findings.first().unwrap().severity >= Severity::Warning);
    let said = health.findings.iter().any(|one| one.sentence.contains("disk2 did not answer"));
    assert!(said, "{health:?}");
    running.done(spec);
    running.ask(Call::Lock {});
    // It was waited for once, and is not again.
    let why = |part: &str| {
        let volumes = running.health().volumes;
        volumes.iter().any(|one| one.detail.as_ref().is_some_and(|why| why.contains(part)))
    };
    assert!(why("disk2 did not answer"), "{:?}", running.health());
    running.unlock();
    running.ask(Call::Lock {});
    drop(hanging);
    running.unlock();
    let volumes = running.health().volumes;
    assert!(volumes.iter().all(|volume| volume.state == "member"), "{volumes:?}");
    assert_eq!(running.status().lock, Lock::Unlocked);
    assert_eq!(running.stop(), Some(0));
}

/// An owner once heard that something was left out, and never what.
#[test]
fn what_a_backup_left_out_is_named_and_a_bundle_does_not_say_it() {
    let rig = Rig::vault(1);
    let spec = rig.big_folder("docs", 2);
    let at = rig.path("docs/unreadable");
    std::fs::create_dir(&at).unwrap();
    let Some(mut dead) = Hanging::new(&at) else { return cannot_mount() };
    dead.dies();
    let running = rig.start();
    running.unlock();
    let job = running.done(spec);
    let Some(JobResult::Backup(result)) = job.result else { panic!("{:?}", job.result) };
    assert_eq!((result.files, result.skipped, result.left_out.len()), (2, 1, 1));
    let one = &result.left_out[0];
    assert!(one.path.to_string().ends_with("unreadable") && !one.why.is_empty(), "{one:?}");
    let text = serde_json::to_string(&running.ask(Call::SupportBundle {})).unwrap();
    assert!(!text.contains("unreadable") && text.contains("\"skipped\":1"), "{text}");
    assert_eq!(running.stop(), Some(0));
}
