//! The life of a disk: plugged in, prepared, filled, unmounted, pulled, and back again.

use std::sync::Arc;

use board::{Board, BoardError, DiskContent, Event, MountAs, Place, Prepared};
use format::superblock::Superblock;
use types::{UnixTime, VaultId, VolumeId};
use volume::Volume;

use crate::rig::{Loop, Rig, foreign, order, run, wait};

pub(crate) fn superblock() -> Superblock {
    Superblock {
        compat: 0,
        ro_compat: 0,
        incompat: 0,
        vault: VaultId([1; 16]),
        volume: VolumeId([2; 16]),
        generation: 1,
        created: UnixTime(0),
        serial: "new".to_owned(),
    }
}

/// Makes a volume on a prepared disk and leaves it unmounted.
pub(crate) fn make_volume(rig: &Rig, serial: &str) {
    let disk = rig.identity(serial);
    assert_eq!(
        rig.board.prepare(&disk, &order(&rig.board, &disk, DiskContent::Blank, "hf-1")).unwrap(),
        Prepared::Formatted
    );
    let mounted = rig.board.mount(&disk, MountAs::NewVolume).unwrap();
    let block = Superblock { serial: mounted.disk.serial(), ..superblock() };
    Volume::create(mounted.disk, block).unwrap();
    rig.board.unmount(&disk).unwrap();
}

pub(crate) fn a_disk_appears_is_prepared_filled_unmounted_and_known_as_a_volume() {
    let rig = Rig::new();
    assert_eq!(rig.board.disks().unwrap(), []);
    let plugged = rig.new_disk("bay-2", "new");
    let inserted = rig.event(|event| match event {
        Event::Inserted(info) => Some(info),
        _ => None,
    });
    assert_eq!(inserted.place, Place::Bay("2".to_owned()));
    let disk = inserted.identity;
    assert_eq!(disk.serial.as_deref(), Some("new"));
    assert_eq!(rig.board.probe(&disk).unwrap(), DiskContent::Blank);

    let wish = order(&rig.board, &disk, DiskContent::Blank, "hf-1");
    assert_eq!(rig.board.prepare(&disk, &wish).unwrap(), Prepared::Formatted);
    assert_eq!(rig.board.prepare(&disk, &wish).unwrap(), Prepared::AlreadyDone);
    assert_eq!(rig.board.probe(&disk).unwrap(), foreign("ext4", "hf-1", 0, 0));
    let refused = rig.board.mount(&disk, MountAs::Volume).unwrap_err();
    assert!(matches!(refused, BoardError::Nothing { wanted: "volume", .. }), "{refused}");

    let mounted = rig.board.mount(&disk, MountAs::NewVolume).unwrap();
    let block = Superblock { serial: mounted.disk.serial(), ..superblock() };
    let volume = Volume::create(Arc::clone(&mounted.disk), block).unwrap();
    assert_eq!(volume.superblock().generation, 1);
    drop((volume, mounted));
    rig.board.unmount(&disk).unwrap();
    rig.board.unmount(&disk).expect("one that is not mounted is no error");

    let DiskContent::Volume(mark) = rig.board.probe(&disk).unwrap() else { panic!("a volume") };
    assert_eq!((mark.vault, mark.volume), (VaultId([1; 16]), VolumeId([2; 16])));
    assert_eq!((mark.generation, mark.serial.as_str()), (1, "new"));
    let mounted = rig.board.mount(&disk, MountAs::Volume).unwrap();
    let (_, findings) = Volume::open(mounted.disk).unwrap();
    assert_eq!(findings, []);
    rig.board.unmount(&disk).unwrap();

    drop(plugged);
    let gone = rig.event(|event| match event {
        Event::Removed(disk) => Some(disk),
        _ => None,
    });
    assert_eq!(gone, disk);
    assert!(matches!(rig.board.probe(&disk), Err(BoardError::NotThere { .. })));
}

/// A mount keeps its loop device, so a disk cannot be pulled from under one here. What is left
/// behind by one that was, a mount of a device that is gone, is played by a file system in memory.
pub(crate) fn a_disk_that_was_pulled_comes_back_and_finds_its_old_mount_gone() {
    let rig = Rig::new();
    let image = rig.image("bay-1", "new");
    let plugged = Loop::attach(&image, &[]);
    make_volume(&rig, "new");
    let disk = rig.identity("new");
    let mounted = rig.board.mount(&disk, MountAs::Volume).unwrap();
    let point = mounted.path.clone();
    drop(mounted);
    rig.board.unmount(&disk).unwrap();
    drop(plugged);
    wait(|| rig.board.disks().unwrap().is_empty().then_some(()));
    rig.board.unmount(&disk).expect("letting go of what is not there is no error");
    let _again = Loop::attach(&image, &[]);
    assert_eq!(rig.identity("new"), disk, "it is the same disk, whatever its node is now");
    let rig = rig.restarted();
    std::fs::create_dir_all(&point).unwrap();
    run("mount", &["-t", "tmpfs", "left", point.to_str().unwrap()]);
    let mounted = rig.board.mount(&disk, MountAs::VolumeReadOnly).unwrap();
    assert_eq!(mounted.path, point);
    assert!(mounted.disk.read_only() && point.join("holdfast").exists());
    drop(mounted);
    rig.board.unmount(&disk).unwrap();
}

pub(crate) fn mounting_twice_is_a_second_handle_and_in_another_way_is_refused() {
    let rig = Rig::new();
    let _plugged = rig.new_disk("bay-1", "new");
    make_volume(&rig, "new");
    let disk = rig.identity("new");
    let one = rig.board.mount(&disk, MountAs::Volume).unwrap();
    let two = rig.board.mount(&disk, MountAs::Volume).unwrap();
    assert_eq!(one.path, two.path);
    for other in [MountAs::VolumeReadOnly, MountAs::Look, MountAs::Target] {
        let refused = rig.board.mount(&disk, other).unwrap_err();
        assert!(matches!(refused, BoardError::InUse { .. }), "{other:?}: {refused}");
    }
    drop((one, two));
    // Who was killed and started again finds the mount, and uses it as it is.
    let rig = rig.restarted();
    let refused = rig.board.mount(&disk, MountAs::VolumeReadOnly).unwrap_err();
    assert!(matches!(refused, BoardError::InUse { .. }), "{refused}");
    drop(rig.board.mount(&disk, MountAs::Volume).unwrap());
    rig.board.unmount(&disk).unwrap();
}

/// The box may be killed at any moment between mounting a new disk and writing its superblock.
pub(crate) fn a_new_volume_that_was_not_made_before_a_kill_is_made_after_it() {
    let rig = Rig::new();
    let _plugged = rig.new_disk("bay-1", "new");
    let disk = rig.identity("new");
    rig.board.prepare(&disk, &order(&rig.board, &disk, DiskContent::Blank, "hf-1")).unwrap();
    drop(rig.board.mount(&disk, MountAs::NewVolume).unwrap());
    let rig = rig.restarted();
    assert_eq!(rig.board.probe(&disk).unwrap(), foreign("ext4", "hf-1", 0, 0));
    let mounted = rig.board.mount(&disk, MountAs::NewVolume).unwrap();
    Volume::create(mounted.disk, superblock()).unwrap();
    let rig = rig.restarted();
    let refused = rig.board.mount(&disk, MountAs::NewVolume).unwrap_err();
    assert!(matches!(refused, BoardError::InUse { .. }), "{refused}");
    drop(rig.board.mount(&disk, MountAs::Volume).unwrap());
    rig.board.unmount(&disk).unwrap();
}

pub(crate) fn a_file_that_is_still_open_is_told_when_its_disk_is_unmounted() {
    let rig = Rig::new();
    let _plugged = rig.new_disk("bay-1", "new");
    make_volume(&rig, "new");
    let disk = rig.identity("new");
    let mounted = rig.board.mount(&disk, MountAs::Volume).unwrap();
    let shown = order(&rig.board, &disk, rig.board.probe(&disk).unwrap(), "hf-2");
    assert!(matches!(shown.expects, DiskContent::Volume(_)), "also while it is mounted");
    let told = rig.board.unmount(&disk).unwrap_err();
    assert!(matches!(told, BoardError::InUse { .. }), "{told}");
    assert!(!mounted.path.join("holdfast").exists(), "it is out of sight");
    let told = rig.board.unmount(&disk).unwrap_err();
    assert!(matches!(told, BoardError::InUse { .. }), "asked again, it is still so: {told}");
    assert_eq!(rig.board.probe(&disk).unwrap(), DiskContent::Unknown, "and not foreign");
    let refused = rig.board.prepare(&disk, &shown).unwrap_err();
    assert!(matches!(refused, BoardError::InUse { .. }), "{refused}");
    drop(mounted);
    wait(|| rig.board.unmount(&disk).ok());
    rig.board.prepare(&disk, &shown).unwrap();
    assert_eq!(rig.board.probe(&disk).unwrap(), foreign("ext4", "hf-2", 0, 0));
}
