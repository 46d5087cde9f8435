//! Which file system of a disk is mounted: the one that was meant, and no other is touched.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use board::{Board, BoardError, DiskContent, MountAs};
use volume::Volume;

use crate::foreign::cut_photos;
use crate::life::{make_volume, superblock};
use crate::rig::{Loop, Rig, order, photos, photos_content, sum};

const MIB: u64 = 1 << 20;

fn part_of(image: &Path, start: u64, len: u64) -> Vec<u8> {
    let mut file = File::open(image).unwrap();
    file.seek(SeekFrom::Start(start)).unwrap();
    let mut bytes = Vec::new();
    file.take(len).read_to_end(&mut bytes).unwrap();
    bytes
}

/// An image with these as its partitions, in a table of the older kind, each from a whole MiB.
fn partitioned(image: &Path, parts: &[Vec<u8>]) {
    let mut file = File::options().write(true).open(image).unwrap();
    let mut table = vec![0_u8; 512];
    let mut start = MIB;
    for (at, part) in parts.iter().enumerate() {
        file.seek(SeekFrom::Start(start)).unwrap();
        file.write_all(part).unwrap();
        let sectors = |bytes: u64| u32::try_from(bytes / 512).unwrap().to_le_bytes();
        let entry = &mut table[446 + 16 * at..462 + 16 * at];
        entry[4] = 0x83;
        entry[8..12].copy_from_slice(&sectors(start));
        entry[12..16].copy_from_slice(&sectors(part.len() as u64));
        start += (part.len() as u64).next_multiple_of(MIB);
    }
    table[510..].copy_from_slice(&[0x55, 0xaa]);
    file.set_len(start + MIB).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    file.write_all(&table).unwrap();
}

/// Each partition was mounted for writing until one turned out to be the volume: somebody's file
/// system beside it had its journal replayed, and was marked as used.
pub(crate) fn no_other_partition() {
    let rig = Rig::new();
    let cut = rig.image("bay-1", "cut");
    cut_photos(&rig, &cut);
    let ours = rig.image("bay-2", "ours");
    let plugged = Loop::attach(&ours, &[]);
    make_volume(&rig, "ours");
    drop(plugged);
    let image = rig.image("bay-3", "both");
    let foreign = part_of(&cut, 0, u64::MAX);
    partitioned(&image, &[foreign.clone(), part_of(&ours, MIB, 62 * MIB)]);
    let plugged = Loop::attach(&image, &[]);
    let disk = rig.identity("both");
    assert!(matches!(rig.board.probe(&disk).unwrap(), DiskContent::Volume(_)));
    for how in [MountAs::Volume, MountAs::VolumeReadOnly] {
        let mounted = rig.board.mount(&disk, how).unwrap();
        let (volume, _) = Volume::open(mounted.disk).unwrap();
        assert_eq!(volume.superblock().volume, superblock().volume);
        drop(volume);
        rig.board.unmount(&disk).unwrap();
    }
    let refused = rig.board.mount(&disk, MountAs::NewVolume).unwrap_err();
    assert!(matches!(refused, BoardError::Nothing { .. }), "{refused}");
    drop(plugged);
    assert!(part_of(&image, MIB, foreign.len() as u64) == foreign, "not one byte of it");
}

/// A volume is never looked for by mounting, and none is made among somebody's files.
pub(crate) fn nothing_of_ours() {
    let rig = Rig::new();
    let cut = rig.image("bay-1", "cut");
    cut_photos(&rig, &cut);
    let before = sum(&cut);
    let plugged = Loop::attach(&cut, &[]);
    let disk = rig.identity("cut");
    for how in [MountAs::Volume, MountAs::VolumeReadOnly, MountAs::NewVolume] {
        let refused = rig.board.mount(&disk, how).unwrap_err();
        assert!(matches!(refused, BoardError::Nothing { .. }), "{refused}");
    }
    drop(plugged);
    assert_eq!(sum(&cut), before);
}

/// What was durable before a power cut may stand in the journal alone. A look replays none, and so
/// does not see the volume; mounting it as a member does.
pub(crate) fn after_a_power_cut() {
    let rig = Rig::new();
    let ours = rig.image("bay-2", "ours");
    let _plugged = Loop::attach(&ours, &[]);
    let disk = rig.identity("ours");
    rig.board.prepare(&disk, &order(&rig.board, &disk, DiskContent::Blank, "hf-1")).unwrap();
    let mounted = rig.board.mount(&disk, MountAs::NewVolume).unwrap();
    Volume::create(mounted.disk, superblock()).unwrap();
    let cut = rig.image("bay-3", "cut");
    // What the kernel still holds back is lost.
    fs::copy(&ours, &cut).unwrap();
    rig.board.unmount(&disk).unwrap();
    let _cut = Loop::attach(&cut, &[]);
    let disk = rig.identity("cut");
    let seen = rig.board.probe(&disk).unwrap();
    assert!(matches!(seen, DiskContent::Foreign(_)), "or this would show nothing: {seen:?}");
    let mounted = rig.board.mount(&disk, MountAs::Volume).unwrap();
    let (volume, _) = Volume::open(mounted.disk).unwrap();
    assert_eq!(volume.superblock().volume, superblock().volume);
    drop(volume);
    rig.board.unmount(&disk).unwrap();
    assert!(matches!(rig.board.probe(&disk).unwrap(), DiskContent::Volume(_)));
}

/// A child that crashed over what is on a disk has not looked: that was told as a file system with
/// nothing known of its files, and could be erased as such.
pub(crate) fn nobody_looked() {
    let rig = Rig::new();
    let image = rig.image("usb-front", "stick");
    photos(&image);
    let before = sum(&image);
    let _plugged = Loop::attach(&image, &[]);
    let disk = rig.identity("stick");
    let probe = env!("CARGO_BIN_EXE_holdfast-probe");
    for ends in ["kill -SEGV $$", "exit 1", "echo nonsense", "exit 0"] {
        let script =
            format!("#!/bin/sh\n[ \"$1\" = look-inside ] || exec {probe} \"$@\"\n{ends}\n");
        let board = rig.with_probe(&script);
        let seen = board.probe(&disk).unwrap();
        assert_eq!(seen, DiskContent::Unknown, "{ends}");
        for shown in [seen, photos_content(), DiskContent::Blank] {
            let order = order(&board, &disk, shown, "hf-1");
            let refused = board.prepare(&disk, &order).unwrap_err();
            assert!(matches!(refused, BoardError::InUse { .. }), "{ends}: {refused}");
        }
    }
    assert_eq!(sum(&image), before);
    assert_eq!(rig.board.probe(&disk).unwrap(), photos_content(), "a child that ends well looks");
}
