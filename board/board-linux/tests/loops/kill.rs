//! kill -9 in the middle of preparing, at every program that it starts, before and after it: the
//! same order again leads to the same end, and another order is refused.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus};

use board::{Board, BoardError, DiskContent, DiskIdentity, Foreign, Prepared};
use board_linux::LinuxBoard;

use crate::rig::{Ends, Loop, Rig, foreign, order, photos, photos_content, run, settings};

/// First word of the process that is killed.
pub(crate) const PREPARE: &str = "prepare-as-told";
const LABEL: &str = "hf-kill";

/// Where the process is killed: by which program, and what that does before.
const PLACES: &[(&str, &str)] = &[
    ("addpart", ""),
    ("addpart", "/usr/bin/addpart \"$@\""),
    ("mkfs.ext4", ""),
    // Half a file system.
    ("mkfs.ext4", "for last; do :; done; head -c 300000 /dev/urandom > \"$last\""),
    ("mkfs.ext4", "/usr/sbin/mkfs.ext4 \"$@\""),
];

/// What the process to be killed does: a folder and a serial are its words.
pub(crate) fn prepare_as_told(words: &[String]) {
    let profile = board::profile::by_id("desk").unwrap();
    let board = LinuxBoard::new(settings(Path::new(&words[0])), profile).unwrap();
    let disk = find(&board, &words[1]);
    board.prepare(&disk, &order(&board, &disk, photos_content(), LABEL)).unwrap();
}

fn find(board: &LinuxBoard, serial: &str) -> DiskIdentity {
    let mut disks = board.disks().unwrap().into_iter().map(|info| info.identity);
    disks.find(|disk| disk.serial.as_deref() == Some(serial)).unwrap()
}

fn prepare_in_another_process(rig: &Rig) -> ExitStatus {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([PREPARE, rig.path().to_str().unwrap(), "stick"]);
    command.status().unwrap()
}

/// The file system's own id, and the table's: the same end has the same.
fn ids(image: &Path) -> (String, Vec<u8>) {
    let offset = (1_u64 << 20).to_string();
    let words = ["-p", "-O", &offset, "-s", "UUID", "-o", "value", image.to_str().unwrap()];
    let mut table = fs::read(image).unwrap();
    table.truncate(34 * 512);
    (run("blkid", &words), table)
}

pub(crate) fn anywhere() {
    let mut ends = Vec::new();
    for (program, before) in PLACES {
        let rig = Rig::new();
        let image = rig.image("usb-front", "stick");
        photos(&image);
        let plugged = Loop::attach(&image, &[]);
        let disk = rig.identity("stick");
        let script = rig.path().join("programs").join(program);
        fs::create_dir_all(script.parent().unwrap()).unwrap();
        let killer = Ends::new(&rig);
        let text = format!("#!/bin/sh\n{}\n{before}\nkill -9 $PPID\n", killer.line());
        fs::write(&script, text).unwrap();
        fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();

        let ended = prepare_in_another_process(&rig);
        assert_eq!(ended.signal(), Some(9), "{program}: it was killed, not done");
        killer.wait();
        fs::remove_file(&script).unwrap();

        let unfinished = Foreign { label: Some(LABEL.to_owned()), ..Foreign::default() };
        assert_eq!(rig.board.probe(&disk).unwrap(), DiskContent::Foreign(unfinished));
        let other = rig
            .board
            .prepare(&disk, &order(&rig.board, &disk, photos_content(), "hf-other"))
            .unwrap_err();
        assert!(matches!(other, BoardError::Changed { .. }), "{program}: {other}");

        let same = order(&rig.board, &disk, photos_content(), LABEL);
        assert_eq!(rig.board.prepare(&disk, &same).unwrap(), Prepared::Formatted);
        assert_eq!(rig.board.probe(&disk).unwrap(), foreign("ext4", LABEL, 0, 0));
        assert_eq!(rig.board.prepare(&disk, &same).unwrap(), Prepared::AlreadyDone);
        plugged.pull();
        run("e2fsck", &["-f", "-n", &format!("{}?offset={}", image.display(), 1 << 20)]);
        ends.push(ids(&image));
    }
    let rig = Rig::new();
    let image = rig.image("usb-front", "stick");
    photos(&image);
    let plugged = Loop::attach(&image, &[]);
    rig.identity("stick");
    assert!(prepare_in_another_process(&rig).success(), "this one is not killed");
    plugged.pull();
    ends.push(ids(&image));
    assert!(ends.windows(2).all(|pair| pair[0] == pair[1]), "every end is the same");
}
