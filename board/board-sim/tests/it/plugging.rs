//! Plugging in, pulling, restarting, lights and events.

use std::sync::Arc;
use std::time::Duration;

use board::{
    Agreement, Board, BoardError, DiskContent, Event, Light, MountAs, Place, Power, Press,
    SmartFacts, VolumeMark,
};
use board_sim::{Faults, Machine, NewDisk, SimError};
use nix::errno::Errno;
use types::{Bytes, VaultId, VolumeId};
use volume::Volume;

use crate::common::{SIZE, errno, order, rig, write};

const NOW: Duration = Duration::ZERO;

#[test]
fn a_disk_is_seen_where_it_was_plugged_in_and_nowhere_after_it_was_pulled() {
    let rig = rig();
    rig.machine.create(&NewDisk::sata("left", "S1", SIZE)).unwrap();
    assert_eq!(rig.machine.disks().unwrap(), []);
    rig.machine.insert("left", "bay-2").unwrap();
    let seen = rig.machine.disks().unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].place, Place::Bay("2".to_owned()));
    assert_eq!(seen[0].identity.serial.as_deref(), Some("S1"));
    assert_eq!(rig.machine.next_event(NOW).unwrap(), Some(Event::Inserted(seen[0].clone())));
    rig.machine.pull("left").unwrap();
    assert_eq!(rig.machine.disks().unwrap(), []);
    rig.machine.insert("left", "bay-2").unwrap();
    assert_ne!(rig.machine.disks().unwrap()[0].attached, seen[0].attached, "another time");
    rig.machine.pull("left").unwrap();
    let pulled = Event::Removed(seen[0].identity.clone());
    assert_eq!(rig.machine.next_event(NOW).unwrap(), Some(pulled));
    assert!(matches!(rig.machine.next_event(NOW).unwrap(), Some(Event::Inserted(_))));
    assert!(matches!(rig.machine.next_event(NOW).unwrap(), Some(Event::Removed(_))));
    assert_eq!(rig.machine.next_event(NOW).unwrap(), None);
}

#[test]
fn whoever_waits_for_an_event_is_woken_by_it() {
    let rig = rig();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| rig.machine.next_event(Duration::from_secs(60)).unwrap());
        rig.machine.press(Press::Held);
        assert_eq!(waiting.join().unwrap(), Some(Event::Button(Press::Held)));
    });
}

#[test]
fn a_box_that_does_not_listen_is_told_to_look_at_everything() {
    let rig = rig();
    (0..65).for_each(|_| rig.machine.press(Press::Short));
    assert_eq!(rig.machine.next_event(NOW).unwrap(), Some(Event::Overflow));
    assert_eq!(rig.machine.next_event(NOW).unwrap(), None);
}

#[test]
fn what_is_open_on_a_pulled_disk_fails_for_ever_even_when_it_is_back() {
    let rig = rig();
    let (disk, mounted) = rig.mounted("left", "bay-1");
    let mut file = mounted.disk.create_new("a").unwrap();
    file.append(b"one").unwrap();
    file.sync_data().unwrap();
    rig.machine.pull("left").unwrap();
    let mut buffer = [0; 3];
    assert_eq!(errno(file.append(b"two")), Some(Errno::EIO));
    assert_eq!(errno(file.read_at(0, &mut buffer)), Some(Errno::EIO));
    assert_eq!(errno(mounted.disk.list("")), Some(Errno::EIO));
    assert!(!mounted.path.exists(), "the mount point went with the disk");
    rig.machine.insert("left", "bay-1").unwrap();
    assert_eq!(errno(file.read_at(0, &mut buffer)), Some(Errno::EIO));
    let again = rig.machine.mount(&disk, MountAs::Volume).unwrap();
    assert_eq!(again.disk.open("a").unwrap().read_at(0, &mut buffer).unwrap(), 3);
    assert_eq!(&buffer, b"one");
    assert!(mounted.path.join("holdfast/a").is_file());
}

#[test]
fn what_was_not_synced_goes_with_the_pull_under_whatever_name_it_has_by_then() {
    let rig = rig();
    let (disk, mounted) = rig.mounted("left", "bay-1");
    let mut files = Vec::new();
    for name in ["a", "b", "c"] {
        let mut file = mounted.disk.create_new(name).unwrap();
        file.append(b"safe").unwrap();
        file.sync_data().unwrap();
        file.append(b"not").unwrap();
        files.push(file);
    }
    files[2].sync_data().unwrap();
    mounted.disk.rename("b", "d").unwrap();
    drop(files);
    rig.machine.pull("left").unwrap();
    rig.machine.insert("left", "bay-1").unwrap();
    let again = rig.machine.mount(&disk, MountAs::Volume).unwrap();
    let len = |name: &str| again.disk.open(name).unwrap().len().unwrap();
    assert_eq!([len("a"), len("d"), len("c")], [4, 4, 7]);
}

#[test]
fn a_disk_in_another_bay_is_no_target_under_its_old_identity() {
    let rig = rig();
    let before = rig.disk("left", "bay-1");
    rig.machine.pull("left").unwrap();
    let after = rig.plug("left", "bay-3");
    assert_eq!(before.agrees(&after), Agreement::Same);
    for refused in [
        rig.machine.probe(&before).err(),
        rig.machine.prepare(&before, &order(DiskContent::Blank)).err(),
        rig.machine.mount(&before, MountAs::Volume).err(),
        rig.machine.sleep(&before).err(),
    ] {
        assert!(matches!(refused, Some(BoardError::NotThere { .. })), "{refused:?}");
    }
}

#[test]
fn two_disks_with_one_serial_are_told_apart_by_their_port() {
    let rig = rig();
    for (name, port) in [("one", "usb-front.1"), ("two", "usb-front.2")] {
        rig.machine.create(&NewDisk::usb(name, Some("DOCK"), SIZE)).unwrap();
        rig.machine.insert(name, port).unwrap();
    }
    let (one, two) = (rig.at("usb-front.1"), rig.at("usb-front.2"));
    assert_ne!(one, two);
    for disk in [&one, &two] {
        rig.machine.prepare(disk, &order(DiskContent::Blank)).unwrap();
    }
    let first = rig.machine.mount(&one, MountAs::NewVolume).unwrap();
    let second = rig.machine.mount(&two, MountAs::NewVolume).unwrap();
    assert_ne!(first.disk.serial(), second.disk.serial(), "a vault takes them for two");
    write(&*first.disk, "only-here", 1).unwrap();
    assert_eq!(errno(second.disk.open("only-here")), Some(Errno::ENOENT));
}

#[test]
fn a_restarted_process_finds_the_same_machine_unmounted() {
    let rig = rig();
    let (disk, mounted) = rig.volume("left", "bay-1", 2);
    let smart = SmartFacts { passed: Some(false), ..SmartFacts::default() };
    rig.machine.set_smart("left", smart.clone()).unwrap();
    rig.machine.set_faults("left", Faults { slow_ms: 1, ..Faults::default() }).unwrap();
    rig.machine.create(&NewDisk::usb("table", None, SIZE)).unwrap();
    drop(mounted);
    let rig = rig.restarted();
    assert_eq!(rig.machine.names(), ["left", "table"]);
    assert_eq!(rig.machine.port("left").unwrap().as_deref(), Some("bay-1"));
    assert_eq!(rig.machine.port("table").unwrap(), None);
    assert_eq!(rig.at("bay-1"), disk);
    assert_eq!(rig.machine.smart(&disk).unwrap(), smart);
    assert_eq!(rig.machine.faults("left").unwrap().slow_ms, 1);
    let again = rig.machine.mount(&disk, MountAs::Volume).unwrap();
    Volume::open(Arc::clone(&again.disk)).unwrap();
}

#[test]
fn a_second_process_is_refused() {
    let rig = rig();
    let second = Machine::open(rig.folder.path());
    assert!(matches!(second, Err(SimError::InUse { .. })), "{second:?}");
}

#[test]
fn a_volume_is_shown_with_its_ids_and_so_is_its_clone() {
    let rig = rig();
    let (disk, mounted) = rig.volume("left", "bay-1", 2);
    let mark = DiskContent::Volume(VolumeMark {
        vault: VaultId([1; 16]),
        volume: VolumeId([2; 16]),
        generation: 3,
        serial: "SN-left".to_owned(),
    });
    assert_eq!(rig.machine.probe(&disk).unwrap(), mark);
    drop(mounted);
    rig.machine.clone_disk("left", &NewDisk::sata("copy", "SN-copy", SIZE)).unwrap();
    let copy = rig.plug("copy", "bay-2");
    assert_eq!(rig.machine.probe(&copy).unwrap(), mark);
}

#[test]
fn listing_wakes_nobody_and_every_waking_is_counted() {
    let rig = rig();
    let (disk, mounted) = rig.mounted("left", "bay-1");
    rig.machine.sleep(&disk).unwrap();
    rig.machine.sleep(&disk).unwrap();
    assert_eq!(rig.machine.disks().unwrap()[0].power, Power::Asleep);
    assert!(matches!(rig.machine.smart(&disk), Err(BoardError::Asleep { .. })));
    let counts = rig.machine.counts("left").unwrap();
    assert_eq!((counts.asleep, counts.sleeps, counts.wakes), (true, 1, 0));
    mounted.disk.space().unwrap();
    assert!(rig.machine.counts("left").unwrap().asleep, "its room is known without it");
    mounted.disk.list("").unwrap();
    mounted.disk.list("").unwrap();
    let counts = rig.machine.counts("left").unwrap();
    assert_eq!((counts.asleep, counts.sleeps, counts.wakes), (false, 1, 1));
    rig.machine.smart(&disk).unwrap();
}

#[test]
fn a_light_shows_what_it_was_told_and_a_bay_that_is_not_there_is_an_error() {
    let rig = rig();
    assert_eq!(rig.machine.lit("2"), Light::Off);
    rig.machine.light("2", Light::Here).unwrap();
    assert_eq!(rig.machine.lit("2"), Light::Here);
    assert!(matches!(rig.machine.light("9", Light::Good), Err(BoardError::NoBay { .. })));
}

#[test]
fn what_no_hand_could_do_is_refused() {
    let rig = rig();
    rig.disk("left", "bay-1");
    rig.machine.create(&NewDisk::sata("right", "S2", SIZE)).unwrap();
    let refused = |result: Result<(), SimError>| {
        let error = result.unwrap_err();
        assert!(error.advice().ends_with('.'));
        error.to_string()
    };
    let machine = &rig.machine;
    assert_eq!(refused(machine.insert("right", "bay-1")), "left is plugged in at bay-1 already");
    assert_eq!(refused(machine.insert("left", "bay-2")), "left is plugged in at desk/bay-1");
    assert_eq!(refused(machine.insert("right", "bay-9")), "this box has no port bay-9");
    assert_eq!(refused(machine.insert("up", "bay-2")), "there is no simulated disk up");
    assert_eq!(refused(machine.pull("right")), "right is not plugged in");
    let again = NewDisk::sata("left", "S1", Bytes(1));
    assert_eq!(refused(machine.create(&again)), "there is a simulated disk left already");
    let name = NewDisk::sata("../left", "S1", Bytes(1));
    assert_eq!(refused(machine.create(&name)), "\"../left\" cannot be a simulated disk's name");
}
