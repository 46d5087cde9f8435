//! Which file system of a disk is mounted: the one that was meant, and no other is touched.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

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
    plugged.pull();
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
    plugged.pull();
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
    plugged.pull();
    assert_eq!(sum(&cut), before);
}

/// Everybody could look into a family's disks: the folder for mounts had whatever rights the umask
/// left it, and most file systems let everybody read.
pub(crate) fn who_may_look() {
    let rig = Rig::new();
    fs::set_permissions(rig.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let image = rig.image("usb-front", "stick");
    photos(&image);
    let _plugged = Loop::attach(&image, &[]);
    let disk = rig.identity("stick");
    let mounted = rig.board.mount(&disk, MountAs::Look).unwrap();
    let lists = |user: u32, path: &Path| {
        let mut ls = Command::new("ls");
        ls.arg(path).uid(user).gid(user).stdout(Stdio::null()).stderr(Stdio::null());
        ls.status().unwrap().success()
    };
    let nobody = 65_534;
    assert!(lists(nobody, rig.path()), "or this would show nothing");
    let home = rig.path().join("home");
    for path in [&mounted.path, &mounted.path.join("2024"), &home, &home.join("look")] {
        assert!(lists(0, path), "{}", path.display());
        assert!(!lists(nobody, path), "{}", path.display());
    }
    let point = mounted.path.clone();
    drop(mounted);
    rig.board.unmount(&disk).unwrap();
    assert!(!point.parent().unwrap().exists(), "nothing is left");
    // A folder that was there before, open to all, is closed.
    fs::set_permissions(&home, fs::Permissions::from_mode(0o777)).unwrap();
    let rig = rig.restarted();
    assert!(!lists(nobody, &home));
    assert_eq!(fs::metadata(&home).unwrap().mode() & 0o777, 0o711);
    drop(rig);
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
