//! Disks that are full or may only be read: small memory file systems, mounted below the test's own
//! folder. Who is not root can mount nothing; the tests then say that they showed nothing.

use std::fs;
use std::path::Path;

use crate::rig::{Rig, noise, program, put, ran};

/// A mounted memory file system, unmounted at the end.
struct Mounted<'p>(&'p Path);

impl<'p> Mounted<'p> {
    /// None where mounting is not allowed.
    fn new(at: &'p Path, size: &str) -> Option<Self> {
        let mut mount = program("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(at);
        (ran(&mut mount).code == Some(0)).then_some(Self(at))
    }

    fn remount(&self, option: &str) {
        let mut mount = program("mount");
        ran(mount.args(["-o", &format!("remount,{option}")]).arg(self.0)).ok();
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        ran(program("umount").arg("--lazy").arg(self.0));
    }
}

/// Says why a test shows nothing here.
#[expect(clippy::print_stderr, reason = "a test that could not run has to say so")]
fn cannot_mount() {
    eprintln!("not run: mounting is not allowed here");
}

#[test]
fn a_full_disk_refuses_the_backup_by_name_and_keeps_all_before_it() {
    let rig = Rig::empty(2);
    let (one, two) = (rig.path("disk1"), rig.path("disk2"));
    let (Some(_one), Some(_two)) = (Mounted::new(&one, "24m"), Mounted::new(&two, "24m")) else {
        return cannot_mount();
    };
    rig.create(2).ok();
    rig.make_tree();
    rig.run(&["backup", "tree", "--source", "docs"]).ok();
    fs::create_dir(rig.path("huge")).unwrap();
    put(&rig.path("huge/noise"), &noise(60 << 20, 7));
    let refused = rig.run(&["backup", "huge", "--source", "huge"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains("needed") && refused.stderr.contains("most room"));
    assert!(refused.stderr.contains("do: Add a disk"), "{}", refused.stderr);
    rig.everything_restores();
    rig.run(&["snapshots"]).ok();
    rig.run(&["check", "--read-data"]).ok();
    rig.everything_restores();
}

#[test]
fn a_full_vault_can_be_forgotten_from_and_pruned() {
    let rig = Rig::empty(1);
    let one = rig.path("disk1");
    let Some(_one) = Mounted::new(&one, "64m") else { return cannot_mount() };
    rig.create(1).ok();
    rig.make_tree();
    rig.run(&["backup", "tree", "--source", "docs"]).ok();
    // Version after version, until there is no room for another.
    fs::create_dir(rig.path("turn")).unwrap();
    let full = (0..20).any(|n| {
        put(&rig.path("turn/noise"), &noise(9 << 20, 100 + n));
        rig.run(&["backup", "turn", "--source", "turn"]).code == Some(1)
    });
    assert!(full);
    rig.run(&["forget", "--older-than", "0s", "--source", "turn"]).ok();
    rig.run(&["prune", "--grace", "0s", "--allow-large"]).ok();
    rig.run(&["backup", "turn", "--source", "turn"]).ok();
    rig.run(&["check", "--read-data"]).ok();
    rig.everything_restores();
}

#[test]
fn a_full_vault_of_two_disks_with_half_dead_packs_can_be_pruned() {
    let rig = Rig::empty(2);
    let (one, two) = (rig.path("disk1"), rig.path("disk2"));
    let Some(_one) = Mounted::new(&one, "100m") else { return cannot_mount() };
    let Some(_two) = Mounted::new(&two, "100m") else { return cannot_mount() };
    rig.create(2).ok();
    for name in ["mix", "fill", "more"] {
        fs::create_dir(rig.path(name)).unwrap();
    }
    for n in 0..60 {
        put(&rig.path(&format!("mix/{n:02}")), &noise(1 << 20, n));
    }
    rig.run(&["backup", "mix", "--source", "mix"]).ok();
    // Every other file goes, so that every pack is half dead; then the disk is filled to the brim.
    for n in (0..60).step_by(2) {
        fs::remove_file(rig.path(&format!("mix/{n:02}"))).unwrap();
    }
    rig.run(&["backup", "mix", "--source", "mix"]).ok();
    put(&rig.path("fill/noise"), &noise(60 << 20, 999));
    assert_eq!(rig.run(&["backup", "fill", "--source", "fill"]).code, Some(1));
    rig.run(&["forget", "--older-than", "0s", "--source", "mix"]).ok();
    rig.run(&["prune", "--grace", "0s", "--allow-large"]).ok();
    rig.run(&["check", "--read-data"]).ok();
    // What the failed backup left and the dead halves made room for another.
    put(&rig.path("more/noise"), &noise(20 << 20, 1000));
    rig.run(&["backup", "more", "--source", "more"]).ok();
    rig.run(&["restore", "latest:mix", "--to", "back"]).ok();
    rig.run(&["compare", "mix", "back"]).ok();
}

#[test]
fn a_disk_that_may_only_be_read_still_gives_everything_back() {
    let rig = Rig::empty(1);
    let one = rig.path("disk1");
    let Some(mounted) = Mounted::new(&one, "64m") else { return cannot_mount() };
    rig.create(1).ok();
    rig.make_tree();
    rig.run(&["backup", "tree", "--source", "docs"]).ok();
    mounted.remount("ro");
    rig.everything_restores();
    rig.run(&["ls", "latest:docs"]).ok();
    rig.run(&["rescue", "--volume", "disk1", "--to", "out"]).ok();
    rig.is_the_tree(&rig.path("out/docs"));
    let refused = rig.run(&["backup", "tree", "--source", "docs"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains("do: "), "{}", refused.stderr);
    mounted.remount("rw");
    rig.run(&["backup", "tree", "--source", "docs"]).ok();
    rig.everything_restores();
}

#[test]
fn one_disk_of_two_that_may_only_be_read_lowers_the_copies_and_says_so() {
    let rig = Rig::empty(2);
    let one = rig.path("disk1");
    let Some(mounted) = Mounted::new(&one, "64m") else { return cannot_mount() };
    rig.create(2).ok();
    rig.make_tree();
    rig.run(&["backup", "tree", "--source", "docs"]).ok();
    mounted.remount("ro");
    put(&rig.path("tree/new"), b"new");
    rig.run(&["backup", "tree", "--source", "docs"])
        .ended(3)
        .saying("stored on 1 instead of 2")
        .saying("disk1 is read-only");
    rig.everything_restores();
    mounted.remount("rw");
    rig.run(&["check", "--repair"]).code.unwrap();
    rig.run(&["check", "--read-data"]).ok();
    rig.everything_restores();
}
