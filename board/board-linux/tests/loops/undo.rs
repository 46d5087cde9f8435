//! An undo across a pull, and what an undo may and may not call a change: real ext4 on loop devices.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use board::{Board, BoardError, Prepared};

use crate::put_back::{PUT_BACK, keeps, kept, put_back, stick};
use crate::rig::{Loop, Rig, SIZE, photos_content, sum, wait};

/// A stick with photos that was formatted, all of it kept, and the sum of its bytes before.
fn formatted(rig: &Rig) -> (PathBuf, Loop, blake3::Hash) {
    let image = stick(rig, false);
    let plugged = Loop::attach(&image, &[]);
    let before = sum(&image);
    let disk = rig.identity("stick");
    assert_eq!(rig.board.prepare(&disk, &keeps(&rig.board, "stick")).unwrap(), Prepared::Kept);
    (image, plugged, before)
}

/// The system's program is not what answers, but a script.
fn instead_of_e2undo(rig: &Rig, text: &str) -> PathBuf {
    let script = rig.path().join("programs/e2undo");
    fs::create_dir_all(script.parent().unwrap()).unwrap();
    fs::write(&script, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    script
}

/// Pulled, and plugged in at another port.
fn moved(rig: &Rig, image: &Path, plugged: Loop) -> (PathBuf, Loop) {
    // Whoever was killed with it in hand may not have let go yet.
    plugged.pull();
    wait(|| rig.board.disks().unwrap().is_empty().then_some(()));
    let there = rig.path().join("images/bay-1/stick.img");
    fs::create_dir_all(there.parent().unwrap()).unwrap();
    fs::rename(image, &there).unwrap();
    let plugged = Loop::attach(&there, &[]);
    (there, plugged)
}

pub(crate) fn at_another_port() {
    for killed in [false, true] {
        let rig = Rig::new();
        let (image, plugged, before) = formatted(&rig);
        if killed {
            let kill = "[ \"$1\" = -n ] && exec /usr/sbin/e2undo \"$@\"\nkill -9 $PPID";
            let script = instead_of_e2undo(&rig, kill);
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.args([PUT_BACK, rig.path().to_str().unwrap(), "stick"]);
            assert_eq!(command.status().unwrap().signal(), Some(9), "it was killed, not done");
            fs::remove_file(script).unwrap();
        }
        let (image, plugged) = moved(&rig, &image, plugged);
        let rig = rig.restarted();
        let disk = rig.identity("stick");
        assert!(disk.port.contains("bay-1"), "{disk}");
        put_back(&rig.board, "stick").unwrap();
        assert_eq!(rig.board.probe(&disk).unwrap(), photos_content());
        plugged.pull();
        assert_eq!(sum(&image), before, "every byte, killed in the middle: {killed}");
    }
}

/// The program compares the super block alone; whatever else was written there since would be lost.
pub(crate) fn beside_the_super_block() {
    // The description of the first group, a place that was wiped, and the second table.
    for at in [(1 << 20) + 2048, (1 << 20) + 600, SIZE - 512 * 8] {
        let rig = Rig::new();
        let (image, plugged, before) = formatted(&rig);
        let file = File::options().read(true).write(true).open(&image).unwrap();
        let mut old = [0; 1];
        file.read_exact_at(&mut old, at).unwrap();
        let device = File::options().write(true).open(&plugged.node).unwrap();
        device.write_all_at(&[!old[0]], at).unwrap();
        device.sync_all().unwrap();
        let now = sum(&image);
        let refused = put_back(&rig.board, "stick").unwrap_err();
        assert!(matches!(refused, BoardError::Changed { .. }), "{at}: {refused}");
        assert_eq!(sum(&image), now, "nothing was written");
        // The change taken back, it is what it was.
        device.write_all_at(&old, at).unwrap();
        device.sync_all().unwrap();
        put_back(&rig.board, "stick").unwrap();
        drop(device);
        plugged.pull();
        assert_eq!(sum(&image), before, "{at}");
    }
}

/// A program that fails used to be taken for a disk that has changed, and what was kept for lost.
pub(crate) fn not_looked_at() {
    let fails = [
        ("exit 1", true),
        ("kill -9 $$", true),
        // It ends well where it could not write, too.
        ("[ \"$1\" = -n ] && exec /usr/sbin/e2undo \"$@\"; exit 0", false),
        ("[ \"$1\" = -n ] && exec /usr/sbin/e2undo \"$@\"; exit 8", false),
    ];
    for (script, untouched) in fails {
        let rig = Rig::new();
        let (image, plugged, before) = formatted(&rig);
        let formatted = sum(&image);
        let script_at = instead_of_e2undo(&rig, script);
        let refused = put_back(&rig.board, "stick").unwrap_err();
        assert!(matches!(refused, BoardError::Io { .. }), "{script}: {refused}");
        assert_eq!(sum(&image) == formatted, untouched, "{script}");
        assert_eq!(kept(&rig), 1, "it may work the next time");
        fs::remove_file(script_at).unwrap();
        put_back(&rig.board, "stick").unwrap();
        plugged.pull();
        assert_eq!(sum(&image), before, "{script}");
    }
}

pub(crate) fn only_what_is_needed() {
    let rig = Rig::new();
    let (_image, _plugged, _) = formatted(&rig);
    let folder = rig.path().join("keeps");
    assert!(folder.join("hf-back/undo").exists());
    fs::create_dir(folder.join("hf-gone")).unwrap();
    fs::write(folder.join("hf-gone/whole.json"), "of a disk that never came back").unwrap();
    fs::write(folder.join("a-file"), "somebody's").unwrap();
    rig.board.keep_only(&["hf-back".to_owned()].into()).unwrap();
    assert!(folder.join("hf-back/undo").exists() && !folder.join("hf-gone").exists());
    rig.board.keep_only(&[].into()).unwrap();
    assert!(!folder.join("hf-back").exists());
    assert!(folder.join("a-file").exists(), "only what the box itself put there goes");
    let refused = put_back(&rig.board, "stick").unwrap_err();
    assert!(matches!(refused, BoardError::Nothing { .. }), "{refused}");
}
