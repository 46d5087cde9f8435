//! Disks that are not erased, and keep every byte.

use std::fs;
use std::os::unix::fs::FileExt;

use board::{Board, BoardError, DiskContent, MountAs};

use crate::rig::{Loop, Rig, order, photos, photos_content, run, sum, wait};

pub(crate) fn changed() {
    let rig = Rig::new();
    let image = rig.image("usb-front", "stick");
    photos(&image);
    let _plugged = Loop::attach(&image, &[]);
    let disk = rig.identity("stick");
    let shown = rig.board.probe(&disk).unwrap();
    let mounted = rig.board.mount(&disk, MountAs::Target).unwrap();
    fs::write(mounted.path.join("one more"), "x").unwrap();
    drop(mounted);
    rig.board.unmount(&disk).unwrap();
    let before = sum(&image);
    for expects in [shown, DiskContent::Blank, DiskContent::Unknown] {
        let refused =
            rig.board.prepare(&disk, &order(&rig.board, &disk, expects, "hf-1")).unwrap_err();
        assert!(matches!(refused, BoardError::Changed { .. }), "{refused}");
    }
    assert_eq!(sum(&image), before);
}

/// An order that was carried out does not stand for ever: what came onto the disk since is safe
/// from it.
pub(crate) fn used_since() {
    let rig = Rig::new();
    let _plugged = rig.new_disk("usb-front", "stick");
    let disk = rig.identity("stick");
    let wish = order(&rig.board, &disk, DiskContent::Blank, "hf-1");
    rig.board.prepare(&disk, &wish).unwrap();
    let mounted = rig.board.mount(&disk, MountAs::Target).unwrap();
    fs::write(mounted.path.join("letter"), "x").unwrap();
    drop(mounted);
    rig.board.unmount(&disk).unwrap();
    let refused = rig.board.prepare(&disk, &wish).unwrap_err();
    assert!(matches!(refused, BoardError::Changed { .. }), "{refused}");
    assert_eq!(rig.board.probe(&disk).unwrap(), crate::rig::foreign("ext4", "hf-1", 1, 1));
}

/// The last look and the first write are one after the other; what changes between them, by
/// whoever, is seen because the look is made once more when the disk is claimed. The program that
/// looks is asked to change it right after it counted the files.
pub(crate) fn changed_in_the_last_moment() {
    let rig = Rig::new();
    let image = rig.image("usb-front", "stick");
    photos(&image);
    let plugged = Loop::attach(&image, &[]);
    let disk = rig.identity("stick");
    let rename = format!("printf LATER | dd of={} bs=1 seek=1144 conv=notrunc,fsync", plugged.node);
    let probe = env!("CARGO_BIN_EXE_holdfast-probe");
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = look-inside ] || exec {probe} \"$@\"\n\
         {probe} \"$@\"\n{rename} 2>/dev/null\n"
    );
    let meddling = rig.with_probe(&script);
    let before = sum(&image);
    let refused =
        meddling.prepare(&disk, &order(&rig.board, &disk, photos_content(), "hf-1")).unwrap_err();
    assert!(matches!(refused, BoardError::Changed { .. }), "{refused}");
    assert_ne!(sum(&image), before, "or this would show nothing");
    let node = fs::File::options().write(true).open(&plugged.node).unwrap();
    node.write_all_at(b"PHOTO", 1144).unwrap();
    node.sync_all().unwrap();
    assert_eq!(sum(&image), before, "nothing but the name was changed");
}

pub(crate) fn another_disk() {
    let rig = Rig::new();
    let first = rig.new_disk("bay-1", "first");
    let named = rig.identity("first");
    drop(first);
    wait(|| rig.board.disks().unwrap().is_empty().then_some(()));
    let image = rig.image("bay-1", "second");
    photos(&image);
    let before = sum(&image);
    let _second = Loop::attach(&image, &[]);
    let there = rig.identity("second");
    assert_eq!(there.port, named.port, "or this would show nothing");
    for expects in [DiskContent::Blank, photos_content()] {
        let refused =
            rig.board.prepare(&named, &order(&rig.board, &named, expects, "hf-1")).unwrap_err();
        assert!(matches!(refused, BoardError::NotThere { .. }), "{refused}");
    }
    assert_eq!(sum(&image), before);
}

/// The same disk with the same content, and yet nobody can say where it was meanwhile: a dock may
/// show another one behind the same serial.
pub(crate) fn pulled_since() {
    let rig = Rig::new();
    let image = rig.image("usb-front", "stick");
    photos(&image);
    let before = sum(&image);
    let plugged = Loop::attach(&image, &[]);
    let disk = rig.identity("stick");
    let erase = order(&rig.board, &disk, photos_content(), "hf-1");
    drop(plugged);
    wait(|| rig.board.disks().unwrap().is_empty().then_some(()));
    let _again = Loop::attach(&image, &[]);
    assert_eq!(rig.identity("stick"), disk, "or this would show nothing");
    assert_eq!(rig.board.probe(&disk).unwrap(), photos_content());
    let refused = rig.board.prepare(&disk, &erase).unwrap_err();
    assert!(matches!(refused, BoardError::Changed { .. }), "{refused}");
    assert_eq!(sum(&image), before);
}

pub(crate) fn mounted() {
    let rig = Rig::new();
    let image = rig.image("usb-front", "stick");
    photos(&image);
    let plugged = Loop::attach(&image, &[]);
    let disk = rig.identity("stick");
    let erase = order(&rig.board, &disk, photos_content(), "hf-1");
    let refused = |how: &str| {
        let refused = rig.board.prepare(&disk, &erase).unwrap_err();
        assert!(matches!(refused, BoardError::InUse { .. }), "{how}: {refused}");
        assert!(refused.to_string().ends_with("it is mounted"), "{how}: {refused}");
    };
    let at = rig.elsewhere();
    run("mount", &["-o", "ro,noload", &plugged.node, at.to_str().unwrap()]);
    refused("by somebody else");
    for how in [MountAs::Look, MountAs::Target] {
        let refused = rig.board.mount(&disk, how).unwrap_err();
        assert!(matches!(refused, BoardError::InUse { .. }), "{refused}");
    }
    run("umount", &[at.to_str().unwrap()]);
    let mounted = rig.board.mount(&disk, MountAs::Look).unwrap();
    refused("by the board");
    drop(mounted);
    rig.board.unmount(&disk).unwrap();
    assert_eq!(rig.board.probe(&disk).unwrap(), photos_content(), "nothing was erased");
}

/// Other parts of a system may have mounts that the board cannot see. The kernel knows of them: the
/// disk cannot be claimed.
pub(crate) fn mounted_out_of_sight() {
    let rig = Rig::new();
    let image = rig.image("usb-front", "stick");
    photos(&image);
    let plugged = Loop::attach(&image, &[]);
    let disk = rig.identity("stick");
    let hidden = rig.mounted_out_of_sight(&plugged.node);
    // Whoever looks sees a disk that no mount is known of, and cannot look into it.
    assert_eq!(rig.board.probe(&disk).unwrap(), DiskContent::Unknown);
    let refused =
        rig.board.prepare(&disk, &order(&rig.board, &disk, photos_content(), "hf-1")).unwrap_err();
    assert!(matches!(refused, BoardError::InUse { .. }), "{refused}");
    drop(hidden);
    assert_eq!(rig.board.probe(&disk).unwrap(), photos_content(), "nothing was erased");
    rig.board.prepare(&disk, &order(&rig.board, &disk, photos_content(), "hf-1")).unwrap();
}

pub(crate) fn held_or_read_only() {
    let rig = Rig::new();
    let image = rig.image("usb-front", "locked");
    let before = sum(&image);
    let plugged = Loop::attach(&image, &["--read-only"]);
    let info = rig.info("locked");
    assert!(info.read_only);
    let erase = order(&rig.board, &info.identity, DiskContent::Blank, "hf-1");
    let refused = rig.board.prepare(&info.identity, &erase).unwrap_err();
    assert!(matches!(refused, BoardError::ReadOnly { .. }), "{refused}");
    let refused = rig.board.mount(&info.identity, MountAs::Target).unwrap_err();
    assert!(matches!(refused, BoardError::ReadOnly { .. }), "{refused}");
    plugged.pull();
    assert_eq!(sum(&image), before);

    let plugged = rig.new_disk("usb-back", "busy");
    let disk = rig.identity("busy");
    let held = fs::File::open(&plugged.node).unwrap();
    held.lock().unwrap();
    let erase = order(&rig.board, &disk, DiskContent::Blank, "hf-1");
    let refused = rig.board.prepare(&disk, &erase).unwrap_err();
    assert!(matches!(refused, BoardError::InUse { .. }), "{refused}");
    drop(held);
    rig.board.prepare(&disk, &erase).unwrap();
}
