//! Each call through the socket does and says what it does and says without one.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use board::{
    Board, BoardError, DiskContent, DiskIdentity, Event, Light, MountAs, Prepared, Press,
    SmartFacts,
};
use board_sim::Faults;
use volume::Volume;

use crate::common::{Rig, order, same, superblock};

#[test]
fn what_can_be_known_of_disks_is_the_same_through_the_socket() {
    let rig = Rig::new();
    let (remote, machine) = (&rig.remote, &rig.machine);
    assert_eq!(remote.profile(), machine.profile());
    assert_eq!(same(remote.disks(), machine.disks()).unwrap(), []);
    let disk = rig.disk("left", "bay-1");
    rig.disk("right", "usb-front.2");
    assert_eq!(same(remote.disks(), machine.disks()).unwrap().len(), 2);
    let facts = SmartFacts {
        passed: Some(false),
        temperature_c: Some(-7),
        reallocated: Some(u64::MAX),
        ..SmartFacts::default()
    };
    machine.set_smart("left", facts.clone()).unwrap();
    assert_eq!(same(remote.smart(&disk), machine.smart(&disk)).unwrap(), facts);
    assert_eq!(same(remote.probe(&disk), machine.probe(&disk)).unwrap(), DiskContent::Blank);
}

#[test]
fn a_disk_is_prepared_mounted_filled_and_known_again_through_the_socket() {
    let rig = Rig::new();
    let disk = rig.disk("left", "bay-1");
    let remote = &rig.remote;
    let wish = order(&rig, &disk, DiskContent::Blank);
    assert_eq!(remote.prepare(&disk, &wish).unwrap(), Prepared::Formatted);
    assert_eq!(remote.prepare(&disk, &wish).unwrap(), Prepared::AlreadyDone);
    same(remote.probe(&disk), rig.machine.probe(&disk)).unwrap();

    let mounted = remote.mount(&disk, MountAs::NewVolume).unwrap();
    assert_eq!(mounted.disk.serial(), "SN-left");
    let block = superblock(mounted.disk.serial());
    let volume = Volume::create(Arc::clone(&mounted.disk), block).unwrap();
    assert_eq!(volume.superblock().generation, 1);
    drop(volume);
    let again = remote.mount(&disk, MountAs::Volume).unwrap();
    assert_eq!(again.path, mounted.path);
    let (_, findings) = Volume::open(again.disk).unwrap();
    assert_eq!(findings, []);
    same(
        remote.mount(&disk, MountAs::Look).map(drop),
        rig.machine.mount(&disk, MountAs::Look).map(drop),
    )
    .unwrap_err();
    drop(mounted);
    remote.unmount(&disk).unwrap();
    let content = same(remote.probe(&disk), rig.machine.probe(&disk)).unwrap();
    assert!(matches!(content, DiskContent::Volume(_)), "{content:?}");
    let read_only = remote.mount(&disk, MountAs::VolumeReadOnly).unwrap();
    assert!(read_only.path.join("holdfast/superblock.0").is_file());
}

#[test]
fn lights_and_sleep_reach_the_machine() {
    let rig = Rig::new();
    let disk = rig.disk("left", "bay-1");
    rig.remote.light("1", Light::Here).unwrap();
    assert_eq!(rig.machine.lit("1"), Light::Here);
    rig.remote.sleep(&disk).unwrap();
    assert_eq!(rig.machine.counts("left").unwrap().sleeps, 1);
    let asleep = same(rig.remote.smart(&disk), rig.machine.smart(&disk)).unwrap_err();
    assert!(matches!(asleep, BoardError::Asleep { .. }), "{asleep}");
}

#[test]
fn every_refusal_arrives_as_it_left() {
    let rig = Rig::new();
    let (remote, machine) = (&rig.remote, &rig.machine);
    let disk = rig.disk("left", "bay-1");
    let other = DiskIdentity { serial: Some("SN-other".to_owned()), ..disk.clone() };
    let gone = same(remote.probe(&other), machine.probe(&other)).unwrap_err();
    assert!(matches!(gone, BoardError::NotThere { .. }), "{gone}");
    let wish = order(&rig, &disk, DiskContent::Blank);
    same(remote.prepare(&other, &wish), machine.prepare(&other, &wish)).unwrap_err();
    let bay = same(remote.light("9", Light::Off), machine.light("9", Light::Off)).unwrap_err();
    assert!(matches!(bay, BoardError::NoBay { .. }), "{bay}");
    let mount = |how| (remote.mount(&disk, how).map(drop), machine.mount(&disk, how).map(drop));
    let (through, direct) = mount(MountAs::Volume);
    let nothing = same(through, direct).unwrap_err();
    assert!(matches!(nothing, BoardError::Nothing { wanted: "file system", .. }), "{nothing}");
    let odd = board::PrepareOrder { label: "../../etc".to_owned(), ..wish.clone() };
    let refused = remote.prepare(&disk, &odd).unwrap_err();
    assert!(matches!(refused, BoardError::Order { .. }), "{refused}");
    machine.set_faults("left", Faults { read_only: true, ..Faults::default() }).unwrap();
    let locked = same(remote.prepare(&disk, &wish), machine.prepare(&disk, &wish)).unwrap_err();
    assert!(matches!(locked, BoardError::ReadOnly { .. }), "{locked}");
    machine.set_faults("left", Faults::dead()).unwrap();
    let dead = same(remote.probe(&disk), machine.probe(&disk)).unwrap_err();
    assert!(matches!(dead, BoardError::Io { .. }), "{dead}");
    machine.set_faults("left", Faults::default()).unwrap();
    machine.prepare(&disk, &wish).unwrap();
    std::fs::File::create(machine.content("left").unwrap().join("photo.jpg")).unwrap();
    let changed = same(remote.prepare(&disk, &wish), machine.prepare(&disk, &wish)).unwrap_err();
    assert!(matches!(changed, BoardError::Changed { .. }), "{changed}");
}

#[test]
fn what_happens_is_told_through_the_socket() {
    let rig = Rig::new();
    assert_eq!(rig.remote.next_event(Duration::from_millis(5)).unwrap(), None);
    let disk = rig.disk("left", "bay-1");
    let next = || rig.remote.next_event(Duration::from_secs(60)).unwrap().unwrap();
    assert!(matches!(next(), Event::Inserted(info) if info.identity == disk));
    rig.machine.press(Press::Held);
    assert_eq!(next(), Event::Button(Press::Held));
    rig.machine.pull("left").unwrap();
    assert_eq!(next(), Event::Removed(disk));
    for _ in 0..100 {
        rig.machine.press(Press::Short);
    }
    assert!((0..100).any(|_| next() == Event::Overflow));
}

#[test]
fn a_disk_that_hangs_holds_up_no_call_that_concerns_another() {
    let rig = Rig::new();
    let (hung, well) = (rig.disk("hung", "bay-1"), rig.disk("well", "bay-2"));
    rig.machine.set_faults("hung", Faults { hangs: true, ..Faults::default() }).unwrap();
    thread::scope(|scope| {
        let looking = scope.spawn(|| rig.remote.probe(&hung));
        assert_eq!(rig.remote.disks().unwrap().len(), 2);
        assert_eq!(rig.remote.probe(&well).unwrap(), DiskContent::Blank);
        rig.remote.prepare(&well, &order(&rig, &well, DiskContent::Blank)).unwrap();
        drop(rig.remote.mount(&well, MountAs::NewVolume).unwrap());
        assert!(!looking.is_finished(), "or this would show nothing");
        rig.machine.set_faults("hung", Faults::default()).unwrap();
        assert_eq!(looking.join().unwrap().unwrap(), DiskContent::Blank);
    });
}
