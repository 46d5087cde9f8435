//! What others left on a disk: told, counted, and not changed.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use board::{Board, BoardError, DiskContent, Foreign, MountAs};

use crate::rig::{Loop, Rig, has, order, photos, photos_content, run, sum};

pub(crate) fn foreign_files_are_counted_and_not_one_byte_changes() {
    let rig = Rig::new();
    let image = rig.image("usb-front", "stick");
    photos(&image);
    let before = sum(&image);
    let plugged = Loop::attach(&image, &[]);
    let disk = rig.identity("stick");
    assert_eq!(rig.board.probe(&disk).unwrap(), photos_content());
    plugged.pull();
    assert_eq!(sum(&image), before);
}

/// An ext4 that says that it was not unmounted would be written by any ordinary mount, even one
/// that asks for reading only.
pub(crate) fn a_journal_that_waits_to_be_replayed_waits_on() {
    let rig = Rig::new();
    let copy = rig.image("bay-1", "cut");
    cut_photos(&rig, &copy);
    let before = sum(&copy);
    let cut = Loop::attach(&copy, &[]);
    let disk = rig.identity("cut");
    let DiskContent::Foreign(found) = rig.board.probe(&disk).unwrap() else { panic!("foreign") };
    assert_eq!(found.label.as_deref(), Some("PHOTOS"));
    drop(rig.board.mount(&disk, MountAs::Look).unwrap());
    rig.board.unmount(&disk).unwrap();
    cut.pull();
    assert!(needs_recovery(&copy));
    assert_eq!(sum(&copy), before);
}

/// Photos as a power cut leaves them: the file system wants to replay its journal.
pub(crate) fn cut_photos(rig: &Rig, copy: &Path) {
    let image = rig.image("usb-front", "uncut");
    photos(&image);
    let plugged = Loop::attach(&image, &[]);
    let at = rig.elsewhere();
    run("mount", &[&plugged.node, at.to_str().unwrap()]);
    File::create(at.join("late")).unwrap().sync_all().unwrap();
    // As a power cut leaves it: copied while it is mounted.
    let copied = File::open(&plugged.node).and_then(|mut from| {
        std::io::copy(&mut from, &mut File::options().write(true).open(copy)?)
    });
    run("umount", &[at.to_str().unwrap()]);
    copied.unwrap();
    assert!(needs_recovery(copy), "or this would show nothing");
}

pub(crate) fn needs_recovery(image: &Path) -> bool {
    let mut incompat = [0];
    let mut file = File::open(image).unwrap();
    file.seek(SeekFrom::Start(1024 + 96)).unwrap();
    file.read_exact(&mut incompat).unwrap();
    incompat[0] & 4 != 0
}

pub(crate) fn a_file_system_that_cannot_be_mounted_is_told_by_its_name() {
    let rig = Rig::new();
    let image = rig.image("bay-1", "torn");
    photos(&image);
    let mut file = File::options().write(true).open(&image).unwrap();
    // The table of inodes and all else; the super block stays.
    file.seek(SeekFrom::Start(4096)).unwrap();
    file.write_all(&vec![0x5a; 8 << 20]).unwrap();
    let _plugged = Loop::attach(&image, &[]);
    let label = Some("PHOTOS".to_owned());
    let file_system = Some("ext4".to_owned());
    let expected = Foreign { file_system, label, files: None, bytes: None };
    let disk = rig.identity("torn");
    assert_eq!(rig.board.probe(&disk).unwrap(), DiskContent::Foreign(expected));
}

/// The table is lost, the files are all there. Such a disk could count as blank, and one click
/// would have erased it.
pub(crate) fn a_lost_table() {
    let known = |name: &str| has(&format!("mkfs.{name}"));
    for (fs, start, size, wiped) in [
        ("ext4", 1_u64 << 20, 64_u64 << 20, 1_u64 << 20),
        ("ext4", 63 * 512, 64 << 20, 512),
        ("ext4", 4 << 20, 300 << 20, 20 << 20),
        ("xfs", 1 << 20, 400 << 20, 1 << 20),
        ("btrfs", 4 << 20, 200 << 20, 20 << 20),
    ] {
        if !known(fs) {
            crate::say(&format!("  {fs} is left out: this machine lacks it"));
            continue;
        }
        let rig = Rig::new();
        let image = rig.image("bay-1", "lost");
        let inner = rig.path().join("inner");
        let file = File::create(&inner).unwrap();
        file.set_len(size).unwrap();
        let force = if fs == "ext4" { "-F" } else { "-f" };
        run(&format!("mkfs.{fs}"), &["-q", force, "-L", "PHOTOS", inner.to_str().unwrap()]);
        let mut file = File::options().write(true).open(&image).unwrap();
        file.set_len(start + size + (2 << 20)).unwrap();
        file.seek(SeekFrom::Start(start)).unwrap();
        std::io::copy(&mut File::open(&inner).unwrap(), &mut file).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.write_all(&vec![0; usize::try_from(wiped).unwrap()]).unwrap();
        let plugged = Loop::attach(&image, &[]);
        let disk = rig.identity("lost");
        let DiskContent::Foreign(found) = rig.board.probe(&disk).unwrap() else {
            panic!("{fs} at {start} without its first {wiped} bytes is not nothing")
        };
        assert_eq!((found.files, found.bytes), (None, None), "nobody looked inside");
        if fs == "ext4" || wiped < start {
            let told = (found.file_system.as_deref(), found.label.as_deref());
            assert_eq!(told, (Some(fs), Some("PHOTOS")), "at {start}");
        }
        let before = sum(&image);
        let blank = order(&rig.board, &disk, DiskContent::Blank, "hf-1");
        let refused = rig.board.prepare(&disk, &blank).unwrap_err();
        assert!(matches!(refused, BoardError::Changed { .. }), "{refused}");
        plugged.pull();
        assert_eq!(sum(&image), before);
    }
}

pub(crate) fn other_kinds_are_looked_into() {
    let known = fs::read_to_string("/proc/filesystems").unwrap();
    for (fs, size, words) in [
        ("xfs", 320_u64 << 20, &["-q", "-f", "-K", "-L", "MEDIA"][..]),
        ("btrfs", 128 << 20, &["-q", "-f", "-L", "MEDIA"]),
        ("vfat", 64 << 20, &["-n", "MEDIA"]),
    ] {
        let program = format!("mkfs.{fs}");
        if !has(&program) || !known.lines().any(|line| line.trim() == fs) {
            crate::say(&format!("  {fs} is left out: this machine lacks it"));
            continue;
        }
        let rig = Rig::new();
        let image = rig.image("bay-1", "other");
        File::options().write(true).open(&image).unwrap().set_len(size).unwrap();
        run(&program, &[words, &[image.to_str().unwrap()]].concat());
        let plugged = Loop::attach(&image, &[]);
        let at = rig.elsewhere();
        run("mount", &[&plugged.node, at.to_str().unwrap()]);
        fs::write(at.join("film"), [1; 1000]).unwrap();
        run("umount", &[at.to_str().unwrap()]);
        let before = sum(&image);
        let disk = rig.identity("other");
        let shown = crate::rig::foreign(fs.trim_start_matches('v'), "MEDIA", 1, 1000);
        assert_eq!(rig.board.probe(&disk).unwrap(), shown);
        plugged.pull();
        assert_eq!(sum(&image), before, "{fs}");
    }
}

pub(crate) fn look_and_target() {
    let rig = Rig::new();
    let image = rig.image("usb-back", "stick");
    photos(&image);
    let before = sum(&image);
    let plugged = Loop::attach(&image, &[]);
    let disk = rig.identity("stick");
    let mounted = rig.board.mount(&disk, MountAs::Look).unwrap();
    assert_eq!(fs::read(mounted.path.join("list.txt")).unwrap().len(), 7);
    assert!(fs::write(mounted.path.join("new"), "x").is_err());
    drop(mounted);
    rig.board.unmount(&disk).unwrap();
    assert_eq!(sum(&image), before);
    let mounted = rig.board.mount(&disk, MountAs::Target).unwrap();
    fs::write(mounted.path.join("new"), "x").unwrap();
    let refused = rig.board.mount(&disk, MountAs::NewVolume).unwrap_err();
    assert!(matches!(refused, BoardError::InUse { .. }), "{refused}");
    drop(mounted);
    rig.board.unmount(&disk).unwrap();
    plugged.pull();
    assert_ne!(sum(&image), before);
}
