//! What a box without rights does with its disks, day by day.

use std::fs::{self, File, Permissions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use board::{Board, DiskContent, Foreign, MountAs};
use nix::fcntl::OFlag;
use nix::mount::{MntFlags, MsFlags, mount, umount, umount2};

use crate::rig::{BOX, Loop, Rig, SIZE, files, run, wait};

pub(crate) fn a_box_without_rights_makes_a_volume_and_finds_it_again() {
    let rig = Rig::new();
    let plugged = Loop::attach(&rig.image("bay-1", "new"));
    rig.plays("volume", &[&plugged.node]);
    let log = rig.log();
    for part in ["\"act\":\"prepare\"", "\"act\":\"mount\"", "\"act\":\"unmount\""] {
        assert!(log.contains(part), "{part} is not in the log: {log}");
    }
}

pub(crate) fn what_is_plugged_in_and_pulled_is_told() {
    let rig = Rig::new();
    let mut asker = rig.asker(BOX, "events", &[]);
    assert_eq!(asker.hear(), "ready");
    let plugged = Loop::attach(&rig.image("bay-1", "new"));
    assert_eq!(asker.hear(), "inserted");
    drop(plugged);
    asker.ends();
}

/// A volume that somebody made by hand as root, or that comes from a box with another number.
pub(crate) fn a_volume_that_another_user_made_is_its_own_when_it_takes_part() {
    let rig = Rig::new();
    let image = rig.image("bay-1", "new");
    let plugged = Loop::attach(&image);
    rig.plays("volume", &[&plugged.node]);
    let partition = format!("{}p1", plugged.node);
    let at = rig.path().join("elsewhere");
    fs::create_dir(&at).unwrap();
    wait(|| mount(Some(&*partition), &at, Some("ext4"), MsFlags::empty(), None::<&str>).ok());
    run("chown", &["-R", "games:games", at.to_str().unwrap()]);
    umount(&at).unwrap();
    rig.plays("take part", &["new"]);
    let point = rig.as_root().mount(&rig.identity("new"), MountAs::VolumeReadOnly).unwrap().path;
    let of = |name: &str| fs::metadata(point.join(name)).unwrap().uid();
    let number = nix::unistd::User::from_name(BOX).unwrap().unwrap().uid.as_raw();
    assert_eq!((of("holdfast"), of("holdfast/superblock.1")), (number, number));
    assert_ne!(of("lost+found"), number, "what is not of the volume keeps its owner");
}

pub(crate) fn somebodys_files_keep_their_owners() {
    let rig = Rig::new();
    let image = rig.image("usb-front", "stick");
    files(&image, &["list.txt", "private.txt", "holdfast/notes.txt"]);
    let _plugged = Loop::attach(&image);
    rig.plays("look", &[]);
    let point = rig.as_root().mount(&rig.identity("stick"), MountAs::Target).unwrap().path;
    for name in ["list.txt", "private.txt", "holdfast", "holdfast/notes.txt", "."] {
        assert_eq!(fs::metadata(point.join(name)).unwrap().uid(), 0, "{name}");
    }
    // Its folder lets the box's group pass, and nobody change what the next mount stands on.
    let file = point.join("list.txt").display().to_string();
    let around = point.parent().unwrap().display().to_string();
    for (user, group, sees) in [(BOX, BOX, true), ("nobody", "nogroup", false)] {
        let may = |what: &str, path: &str| {
            let mut test = std::process::Command::new("setpriv");
            test.args(["--reuid", user, "--regid", group, "--clear-groups", "test", what, path]);
            test.status().unwrap().success()
        };
        assert_eq!(may("-r", &file), sees, "{user}");
        assert!(!may("-w", &around), "{user}");
    }
}

pub(crate) fn a_target() {
    let rig = Rig::new();
    let _plugged = Loop::attach(&rig.image("usb-front", "new"));
    rig.plays("target", &[]);
}

pub(crate) fn a_helper_that_is_killed() {
    let mut rig = Rig::new();
    let _plugged = Loop::attach(&rig.image("bay-1", "new"));
    let mut asker = rig.asker(BOX, "restart", &[]);
    assert_eq!(asker.hear(), "mounted");
    rig.kill();
    rig.start();
    asker.go_on();
    asker.ends();
}

/// A program that stands where another is, until this is dropped.
struct InPlaceOf(PathBuf);

impl InPlaceOf {
    fn new(program: &Path, other: &Path) -> Self {
        let nothing = None::<&str>;
        mount(Some(program), other, nothing, MsFlags::MS_BIND, nothing).unwrap();
        Self(other.to_owned())
    }
}

impl Drop for InPlaceOf {
    fn drop(&mut self) {
        umount2(&self.0, MntFlags::MNT_DETACH).unwrap();
    }
}

/// The helper is killed while the program that makes the file system waits at a pipe.
pub(crate) fn killed_while_erasing() {
    let mut rig = Rig::new();
    let plugged = Loop::attach(&rig.image("bay-1", "new"));
    let disk = rig.identity("new");
    // Its own programs come first in this process' mounts, and in those of the helper.
    let gate = rig.path().join("gate");
    nix::unistd::mkfifo(&gate, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let script = rig.path().join("mkfs");
    // It ends by itself when a failure leaves nobody to let it go on.
    let waits = format!("echo begun > {0}; read line < {0}", gate.display());
    let ends = rig.path().join("ends");
    nix::unistd::mkfifo(&ends, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let mut how = File::options();
    let held = how.read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(&ends).unwrap();
    let text = format!("#!/bin/sh\nexec 9> {}\nexec timeout 60 sh -c '{waits}'\n", ends.display());
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    let real = ["/usr/sbin/mkfs.ext4", "/sbin/mkfs.ext4"].map(Path::new);
    let real = fs::canonicalize(real.iter().find(|path| path.exists()).unwrap()).unwrap();
    let in_its_place = InPlaceOf::new(&script, &real);
    let mut asker = rig.asker(BOX, "erase", &[]);
    assert_eq!(asker.hear(), "ready");
    assert_eq!(fs::read_to_string(&gate).unwrap(), "begun\n");
    rig.kill();
    drop(in_its_place);
    assert_eq!(asker.hear(), "broken");
    // The program outlives the helper, as it does not under a service manager, and has the disk open until it
    // has ended.
    drop(File::options().write(true).open(&gate).unwrap());
    wait(|| matches!((&held).read(&mut [0]), Ok(0)).then_some(()));
    rig.start();
    let unfinished = Foreign { label: Some("hf-1".to_owned()), ..Foreign::default() };
    assert_eq!(rig.as_root().probe(&disk).unwrap(), DiskContent::Foreign(unfinished));
    asker.go_on();
    asker.ends();
    assert_eq!(disk.size.0, SIZE);
    drop(plugged);
}
