//! What goes wrong with simulated disks goes wrong as with real ones, and with no others.

use std::sync::Arc;
use std::time::Duration;

use board::{Board, MountAs};
use board_sim::Faults;
use nix::errno::Errno;
use types::Bytes;
use volume::{Disk, PatientDisk};

use crate::common::{Rig, SIZE, errno, rig, write};

fn with(rig: &Rig, faults: Faults) {
    rig.machine.set_faults("left", faults).expect("it is there");
}

#[test]
fn a_disk_holds_its_size_and_no_byte_more_and_deleting_gives_room_back() {
    let rig = rig();
    let (disk, mounted) = rig.mounted("left", "bay-1");
    write(&*mounted.disk, "a", 600_000).unwrap();
    assert_eq!(mounted.disk.space().unwrap().free, Bytes(400_000));
    assert_eq!(errno(write(&*mounted.disk, "b", 400_001)), Some(Errno::ENOSPC));
    write(&*mounted.disk, "c", 400_000).unwrap();
    mounted.disk.unlink("a").unwrap();
    assert_eq!(mounted.disk.space().unwrap().free, Bytes(600_000));
    write(&*mounted.disk, "d", 100_000).unwrap();
    mounted.disk.rename("d", "c").unwrap();
    assert_eq!(mounted.disk.space().unwrap().free, Bytes(900_000));
    rig.machine.pull("left").unwrap();
    rig.machine.insert("left", "bay-1").unwrap();
    let again = rig.machine.mount(&disk, MountAs::Volume).unwrap();
    let space = again.disk.space().unwrap();
    assert_eq!((space.total, space.free), (SIZE, Bytes(900_000)), "counted anew");
}

#[test]
fn each_fault_hits_its_own_kind_of_operation_and_goes_when_it_is_taken_away() {
    let rig = rig();
    let (_, mounted) = rig.mounted("left", "bay-1");
    let disk = &*mounted.disk;
    write(disk, "a", 10).unwrap();
    let well = Faults::default();
    for (faults, read, written) in [
        (Faults { reads_fail: true, ..well }, Some(Errno::EIO), None),
        (Faults { writes_fail: true, ..well }, None, Some(Errno::EIO)),
        (Faults::dead(), Some(Errno::EIO), Some(Errno::EIO)),
        (Faults { read_only: true, ..well }, None, Some(Errno::EROFS)),
        (Faults { full: true, ..well }, None, Some(Errno::ENOSPC)),
    ] {
        with(&rig, faults);
        assert_eq!(errno(disk.list("")), read, "{faults:?}");
        assert_eq!(errno(disk.open("a")), read, "{faults:?}");
        assert_eq!(errno(write(disk, "b", 1)), written, "{faults:?}");
        let synced = if faults.full { None } else { written };
        assert_eq!(errno(disk.sync_dir("")), synced, "{faults:?}");
        assert_eq!(disk.read_only(), faults.read_only);
        with(&rig, well);
    }
    write(disk, "c", 1).unwrap();
}

#[test]
fn a_full_disk_lets_go_of_files_and_says_that_it_has_no_room() {
    let rig = rig();
    let (_, mounted) = rig.mounted("left", "bay-1");
    write(&*mounted.disk, "a", 10).unwrap();
    with(&rig, Faults { full: true, ..Faults::default() });
    assert_eq!(mounted.disk.space().unwrap().free, Bytes(0));
    mounted.disk.unlink("a").unwrap();
}

#[test]
fn a_disk_that_hangs_holds_up_nobody_else_and_comes_back_when_it_is_healed() {
    let rig = rig();
    let (_, left) = rig.mounted("left", "bay-1");
    let (_, right) = rig.mounted("right", "bay-2");
    with(&rig, Faults { hangs: true, ..Faults::default() });
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| left.disk.list("").map(|list| list.len()));
        write(&*right.disk, "a", 10).unwrap();
        assert_eq!(rig.machine.disks().unwrap().len(), 2, "it can still be listed");
        with(&rig, Faults::default());
        assert_eq!(waiting.join().unwrap().unwrap(), 0);
    });
}

#[test]
fn whoever_waits_for_a_disk_that_hangs_is_let_go_when_it_is_pulled() {
    let rig = rig();
    let (_, left) = rig.mounted("left", "bay-1");
    with(&rig, Faults { hangs: true, ..Faults::default() });
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| errno(left.disk.list("")));
        rig.machine.pull("left").unwrap();
        assert_eq!(waiting.join().unwrap(), Some(Errno::EIO));
    });
}

#[test]
fn a_slow_disk_misses_a_deadline_that_it_keeps_when_it_is_well() {
    let rig = rig();
    let (_, left) = rig.mounted("left", "bay-1");
    let within = |deadline| PatientDisk::around(Arc::clone(&left.disk), deadline).list("");
    // Far apart: whoever waits may be late itself. Nobody waits for this answer.
    with(&rig, Faults { slow_ms: 30_000, ..Faults::default() });
    assert_eq!(errno(within(Duration::from_millis(20))), Some(Errno::ETIMEDOUT));
    with(&rig, Faults { slow_ms: 300, ..Faults::default() });
    assert_eq!(errno(within(Duration::from_secs(60))), None);
    with(&rig, Faults::default());
    assert_eq!(errno(within(Duration::from_secs(60))), None);
}

#[test]
fn a_disk_that_turns_read_only_tells_the_box() {
    let rig = rig();
    let (disk, _mounted) = rig.mounted("left", "bay-1");
    while rig.machine.next_event(Duration::ZERO).unwrap().is_some() {}
    with(&rig, Faults { read_only: true, ..Faults::default() });
    match rig.machine.next_event(Duration::ZERO).unwrap() {
        Some(board::Event::Changed(info)) => {
            assert!(info.read_only);
            assert_eq!(info.identity, disk);
        }
        other => panic!("{other:?}"),
    }
}
