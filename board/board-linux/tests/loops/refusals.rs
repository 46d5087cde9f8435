//! Disks that are not erased, and keep every byte.

use std::fs;

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
        let refused = rig.board.prepare(&disk, &order(expects, "hf-1")).unwrap_err();
        assert!(matches!(refused, BoardError::Changed { .. }), "{refused}");
    }
    assert_eq!(sum(&image), before);
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
        let refused = rig.board.prepare(&named, &order(expects, "hf-1")).unwrap_err();
        assert!(matches!(refused, BoardError::NotThere { .. }), "{refused}");
    }
    assert_eq!(sum(&image), before);
}

pub(crate) fn mounted() {
    let rig = Rig::new();
    let image = rig.image("usb-front", "stick");
    photos(&image);
    let plugged = Loop::attach(&image, &[]);
    let disk = rig.identity("stick");
    let erase = order(photos_content(), "hf-1");
    let refused = |how: &str| {
        let refused = rig.board.prepare(&disk, &erase).unwrap_err();
        assert!(matches!(refused, BoardError::InUse { .. }), "{how}: {refused}");
    };
    let at = rig.elsewhere();
    run("mount", &["-o", "ro,noload", &plugged.node, at.to_str().unwrap()]);
    refused("by somebody else");
    run("umount", &[at.to_str().unwrap()]);
    let mounted = rig.board.mount(&disk, MountAs::Look).unwrap();
    refused("by the board");
    drop(mounted);
    rig.board.unmount(&disk).unwrap();
    assert_eq!(rig.board.probe(&disk).unwrap(), photos_content(), "nothing was erased");
}

pub(crate) fn held_or_read_only() {
    let rig = Rig::new();
    let image = rig.image("usb-front", "locked");
    let before = sum(&image);
    let plugged = Loop::attach(&image, &["--read-only"]);
    let info = rig.info("locked");
    assert!(info.read_only);
    let erase = order(DiskContent::Blank, "hf-1");
    let refused = rig.board.prepare(&info.identity, &erase).unwrap_err();
    assert!(matches!(refused, BoardError::ReadOnly { .. }), "{refused}");
    let refused = rig.board.mount(&info.identity, MountAs::Target).unwrap_err();
    assert!(matches!(refused, BoardError::ReadOnly { .. }), "{refused}");
    drop(plugged);
    assert_eq!(sum(&image), before);

    let plugged = rig.new_disk("usb-back", "busy");
    let disk = rig.identity("busy");
    let held = fs::File::open(&plugged.node).unwrap();
    held.lock().unwrap();
    let refused = rig.board.prepare(&disk, &erase).unwrap_err();
    assert!(matches!(refused, BoardError::InUse { .. }), "{refused}");
    drop(held);
    rig.board.prepare(&disk, &erase).unwrap();
}
