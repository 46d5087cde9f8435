//! What happens between two steps of preparing, when somebody else has a hand on the disk: it is not
//! gone on with. A program that preparing starts plays the hand.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::thread;

use board::{Board, BoardError, DiskContent, Prepared};

use crate::life::make_volume;
use crate::rig::{Loop, Rig, foreign, order, photos, photos_content, wait};

/// Programs that are started instead of the system's. The second says that it was.
fn instead(rig: &Rig, name: &str, script: &str) {
    let path = rig.path().join("programs").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
}

/// Between the tables and the file system nobody looked: whatever was behind the partition's name by
/// then was formatted.
pub(crate) fn tables_and_file_system() {
    let photos_on = "/usr/sbin/mkfs.ext4 -q -F -L PHOTOS";
    for meddles in [
        // As another disk would look.
        "dd if=/dev/zero of=\"$1\" bs=512 count=1 conv=fsync,notrunc 2>/dev/null".to_owned(),
        format!("{photos_on} \"$1\""),
        // Something new on the very partition.
        format!("{photos_on} \"$1p$2\""),
    ] {
        let rig = Rig::new();
        let image = rig.image("usb-front", "stick");
        photos(&image);
        let _plugged = Loop::attach(&image, &[]);
        let disk = rig.identity("stick");
        instead(&rig, "addpart", &format!("/usr/bin/addpart \"$@\"\n{meddles}"));
        let ran = rig.path().join("ran");
        instead(&rig, "mkfs.ext4", &format!("touch {}", ran.display()));
        let erase = order(&rig.board, &disk, photos_content(), "hf-1");
        let refused = rig.board.prepare(&disk, &erase).unwrap_err();
        assert!(matches!(refused, BoardError::Io { .. }), "it is not untouched: {refused}");
        assert!(!ran.exists(), "{meddles}: {refused}");
    }
}

/// What stands behind the name of a partition may change; the program gets what was looked at.
pub(crate) fn a_name_and_what_is_behind_it() {
    let rig = Rig::new();
    let _plugged = rig.new_disk("usb-front", "stick");
    let disk = rig.identity("stick");
    let said = rig.path().join("said");
    let script = format!(
        "for last; do :; done\nreadlink \"$last\" > {0}\n/usr/sbin/mkfs.ext4 \"$@\"",
        said.display()
    );
    instead(&rig, "mkfs.ext4", &script);
    let erase = order(&rig.board, &disk, DiskContent::Blank, "hf-1");
    assert_eq!(rig.board.prepare(&disk, &erase).unwrap(), Prepared::Formatted);
    let said = fs::read_to_string(said).unwrap();
    assert!(said.trim().starts_with("/dev/loop") && said.trim().ends_with("p1"), "{said}");
}

/// The mark is taken away last, and only from the disk that bears it.
pub(crate) fn file_system_and_end() {
    let rig = Rig::new();
    let image = rig.image("usb-front", "stick");
    photos(&image);
    let plugged = Loop::attach(&image, &[]);
    let disk = rig.identity("stick");
    let node = &plugged.node;
    let script = format!(
        "/usr/sbin/mkfs.ext4 \"$@\"\nprintf X | dd of={node} bs=1 conv=fsync,notrunc 2>/dev/null"
    );
    instead(&rig, "mkfs.ext4", &script);
    let erase = order(&rig.board, &disk, photos_content(), "hf-1");
    let refused = rig.board.prepare(&disk, &erase).unwrap_err();
    assert!(matches!(refused, BoardError::Io { .. }), "it is not untouched: {refused}");
    assert_eq!(fs::read(&image).unwrap()[0], b'X', "nothing was written over it");
}

/// A file system whose last user went in another process closes its partition after it gave the disk free: an
/// order in between was refused half way, as if something had failed.
pub(crate) fn let_go_late() {
    let rig = Rig::new();
    let plugged = rig.new_disk("bay-1", "new");
    make_volume(&rig, "new");
    let disk = rig.identity("new");
    let tried = rig.path().join("tried");
    let script = format!("/usr/bin/delpart \"$@\" && exit\ntouch {}\nexit 1", tried.display());
    instead(&rig, "delpart", &script);
    let still_open = File::open(format!("{}p1", plugged.node)).unwrap();
    let again = order(&rig.board, &disk, rig.board.probe(&disk).unwrap(), "hf-2");
    thread::scope(|scope| {
        let preparing = scope.spawn(|| rig.board.prepare(&disk, &again));
        wait(|| tried.exists().then_some(()));
        drop(still_open);
        assert_eq!(preparing.join().unwrap().unwrap(), Prepared::Formatted);
    });
    assert_eq!(rig.board.probe(&disk).unwrap(), foreign("ext4", "hf-2", 0, 0));
}
