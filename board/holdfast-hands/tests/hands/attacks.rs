//! What a box that was taken over, or anybody else, can try.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use board::{Board, DiskContent, MountAs};

use crate::rig::{BOX, Loop, Rig, STRANGER, files};

pub(crate) fn nobody_else_is_answered() {
    let rig = Rig::new();
    drop(rig.as_root());
    rig.asker(STRANGER, "stranger", &["refused by the file"]).ends();
    fs::set_permissions(rig.socket(), Permissions::from_mode(0o666)).unwrap();
    rig.asker(STRANGER, "stranger", &["refused by the helper"]).ends();
    rig.asker(BOX, "stranger", &["welcome"]).ends();
    assert!(rig.log().contains("a stranger called"));
}

pub(crate) fn a_link_at_the_mount_point() {
    let rig = Rig::new();
    let plugged = Loop::attach(&rig.image("bay-1", "new"));
    rig.plays("volume", &[&plugged.node]);
    let disk = rig.identity("new");
    let board = rig.as_root();
    let point = board.mount(&disk, MountAs::VolumeReadOnly).unwrap().path;
    board.unmount(&disk).unwrap();
    let elsewhere = rig.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::create_dir_all(point.parent().unwrap()).unwrap();
    symlink(&elsewhere, &point).unwrap();
    rig.plays("refused mount", &["new"]);
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!mounts.contains(elsewhere.to_str().unwrap()), "{mounts}");
    fs::remove_file(&point).unwrap();
    let again = board.mount(&disk, MountAs::VolumeReadOnly).unwrap();
    assert_eq!(again.path, point);
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(mounts.contains(point.to_str().unwrap()), "or it would not be seen above");
}

pub(crate) fn a_disk_that_was_exchanged() {
    let rig = Rig::new();
    let image = rig.image("bay-1", "new");
    let plugged = Loop::attach(&image);
    let mut asker = rig.asker(BOX, "exchanged", &[]);
    assert_eq!(asker.hear(), "looked");
    plugged.pull();
    files(&image, &["a.jpg"]);
    let twin = Loop::attach(&image);
    rig.identity("new");
    asker.go_on();
    assert_eq!(asker.hear(), "looked");
    twin.pull();
    let other = rig.image("bay-1", "other");
    let _other = Loop::attach(&other);
    let disk = rig.identity("other");
    asker.go_on();
    asker.ends();
    assert_eq!(rig.as_root().probe(&disk).unwrap(), DiskContent::Blank, "and it is as it was");
}

pub(crate) fn a_folder_of_others() {
    let mut rig = Rig::without_helper();
    let run = rig.path().join("run");
    fs::create_dir(&run).unwrap();
    fs::set_permissions(&run, Permissions::from_mode(0o777)).unwrap();
    rig.start();
    let log = rig.ends_badly();
    assert!(!rig.socket().exists());
    assert!(log.contains("can be changed by others"), "{log}");
    fs::set_permissions(&run, Permissions::from_mode(0o755)).unwrap();
    rig.start();
    drop(rig.as_root());
}
