//! Nothing is erased but what the owner was shown, and somebody's files are never written.

use std::fs;
use std::path::Path;

use board::{
    Board, BoardError, DiskContent, DiskIdentity, Foreign, MountAs, PrepareOrder, Prepared,
};
use board_sim::{Faults, NewDisk};
use nix::errno::Errno;
use types::Bytes;

use crate::common::{Rig, SIZE, errno, order, put, rig, write};

/// A folder with two files, as a camera card has them.
fn photos() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("DCIM")).expect("a temporary folder");
    put(&folder.path().join("DCIM"), "a.jpg", "first");
    put(folder.path(), "b.txt", "second!");
    folder
}

/// A card that shows somebody's folder, in the socket at the front.
fn card_with(rig: &Rig, photos: &Path) -> DiskIdentity {
    rig.machine.create(&NewDisk::usb("card", None, SIZE)).expect("there is room");
    rig.machine.show_folder("card", "exfat", photos).expect("the folder is there");
    rig.plug("card", "usb-front")
}

#[test]
fn a_blank_disk_gets_an_empty_file_system_once() {
    let rig = rig();
    let disk = rig.disk("left", "bay-1");
    assert_eq!(rig.machine.probe(&disk).unwrap(), DiskContent::Blank);
    assert!(matches!(
        rig.machine.mount(&disk, MountAs::NewVolume),
        Err(BoardError::Nothing { wanted: "file system", .. })
    ));
    let order = order(DiskContent::Blank);
    assert_eq!(rig.machine.prepare(&disk, &order).unwrap(), Prepared::Formatted);
    assert_eq!(rig.machine.prepare(&disk, &order).unwrap(), Prepared::AlreadyDone);
    let mounted = rig.machine.mount(&disk, MountAs::NewVolume).unwrap();
    write(&*mounted.disk, "a", 10).unwrap();
    drop(mounted);
    rig.machine.unmount(&disk).unwrap();
    let late = rig.machine.prepare(&disk, &order);
    assert!(matches!(late, Err(BoardError::Changed { .. })), "something is on it now: {late:?}");
}

#[test]
fn somebodys_files_are_counted_and_never_written() {
    let rig = rig();
    let photos = photos();
    let card = card_with(&rig, photos.path());
    let DiskContent::Foreign(found) = rig.machine.probe(&card).unwrap() else { panic!() };
    assert_eq!(found.file_system.as_deref(), Some("exfat"));
    assert_eq!((found.files, found.bytes), (Some(2), Some(Bytes(12))));
    for how in [MountAs::Volume, MountAs::NewVolume, MountAs::Target] {
        let refused = rig.machine.mount(&card, how);
        assert!(matches!(refused, Err(BoardError::ReadOnly { .. })), "{refused:?}");
    }
    let seen = rig.machine.mount(&card, MountAs::Look).unwrap();
    assert_eq!(seen.disk.list("DCIM").unwrap().len(), 1);
    assert_eq!(errno(write(&*seen.disk, "x", 1)), Some(Errno::EROFS));
    assert_eq!(errno(seen.disk.unlink("b.txt")), Some(Errno::EROFS));
    assert!(seen.disk.read_only());
}

#[test]
fn erasing_a_disk_that_shows_somebodys_folder_leaves_the_folder_alone() {
    let rig = rig();
    let photos = photos();
    let card = card_with(&rig, photos.path());
    let shown = rig.machine.probe(&card).unwrap();
    assert_eq!(rig.machine.prepare(&card, &order(shown)).unwrap(), Prepared::Formatted);
    let empty = DiskContent::Foreign(Foreign {
        file_system: Some("ext4".to_owned()),
        label: Some("hf-0001".to_owned()),
        files: Some(0),
        bytes: Some(Bytes(0)),
    });
    assert_eq!(rig.machine.probe(&card).unwrap(), empty);
    assert_eq!(fs::read(photos.path().join("DCIM/a.jpg")).unwrap(), b"first");
    assert_eq!(fs::read(photos.path().join("b.txt")).unwrap(), b"second!");
}

#[test]
fn what_came_onto_a_disk_since_it_was_shown_saves_it() {
    let rig = rig();
    let photos = photos();
    let card = card_with(&rig, photos.path());
    let shown = rig.machine.probe(&card).unwrap();
    put(photos.path(), "c.txt", "new");
    let refused = rig.machine.prepare(&card, &order(shown.clone()));
    assert!(matches!(refused, Err(BoardError::Changed { .. })), "{refused:?}");
    assert_ne!(rig.machine.probe(&card).unwrap(), shown);
    let blank = rig.machine.prepare(&card, &order(DiskContent::Blank));
    assert!(matches!(blank, Err(BoardError::Changed { .. })), "{blank:?}");
}

#[test]
fn a_disk_that_was_pulled_since_it_was_shown_is_not_erased_whatever_is_on_it() {
    let rig = rig();
    let disk = rig.disk("left", "bay-1");
    rig.machine.pull("left").unwrap();
    assert_eq!(rig.plug("left", "bay-1"), disk, "or this would show nothing");
    let refused = rig.machine.prepare(&disk, &order(DiskContent::Blank));
    assert!(matches!(refused, Err(BoardError::Changed { .. })), "{refused:?}");
    let attached = rig.machine.disks().unwrap()[0].attached;
    let anew = PrepareOrder { attached, ..order(DiskContent::Blank) };
    assert_eq!(rig.machine.prepare(&disk, &anew).unwrap(), Prepared::Formatted);
}

#[test]
fn a_disk_that_is_mounted_or_write_protected_is_not_erased() {
    let rig = rig();
    let (disk, mounted) = rig.volume("left", "bay-1", 2);
    let shown = rig.machine.probe(&disk).unwrap();
    let busy = rig.machine.prepare(&disk, &order(shown.clone()));
    assert!(matches!(busy, Err(BoardError::InUse { .. })), "{busy:?}");
    let open = rig.machine.unmount(&disk);
    assert!(matches!(open, Err(BoardError::InUse { .. })), "{open:?}");
    drop(mounted);
    rig.machine.unmount(&disk).unwrap();
    rig.machine.unmount(&disk).unwrap();
    rig.machine.set_faults("left", Faults { read_only: true, ..Faults::default() }).unwrap();
    let protected = rig.machine.prepare(&disk, &order(shown.clone()));
    assert!(matches!(protected, Err(BoardError::ReadOnly { .. })), "{protected:?}");
    rig.machine.set_faults("left", Faults { writes_fail: true, ..Faults::default() }).unwrap();
    let failing = rig.machine.prepare(&disk, &order(shown.clone()));
    assert!(matches!(failing, Err(BoardError::Io { .. })), "{failing:?}");
    rig.machine.set_faults("left", Faults::default()).unwrap();
    assert_eq!(rig.machine.probe(&disk).unwrap(), shown, "nothing of it was lost so far");
    assert_eq!(rig.machine.prepare(&disk, &order(shown)).unwrap(), Prepared::Formatted);
}

#[test]
fn an_erasing_that_was_cut_short_leaves_a_blank_disk_and_goes_on() {
    let rig = rig();
    let (_, mounted) = rig.volume("left", "bay-1", 2);
    drop(mounted);
    // The facts say already that nothing is on it, and its files are still there.
    let facts = rig.folder.path().join("disks/left/disk.toml");
    let text = fs::read_to_string(&facts).unwrap();
    let (before, rest) = text.split_once("[file_system]").unwrap();
    let after = rest.split_once("[faults]").unwrap().1;
    put(facts.parent().unwrap(), "disk.toml", &format!("{before}[faults]{after}"));
    let rig = rig.restarted();
    let disk = rig.at("bay-1");
    assert_eq!(rig.machine.probe(&disk).unwrap(), DiskContent::Blank);
    rig.machine.prepare(&disk, &order(DiskContent::Blank)).unwrap();
    let mounted = rig.machine.mount(&disk, MountAs::NewVolume).unwrap();
    assert_eq!(mounted.disk.list("").unwrap(), []);
}

#[test]
fn an_order_with_a_label_that_no_file_system_holds_is_refused() {
    let rig = rig();
    let disk = rig.disk("left", "bay-1");
    let order = PrepareOrder { label: "much too long a label".into(), ..order(DiskContent::Blank) };
    let refused = rig.machine.prepare(&disk, &order);
    assert!(matches!(refused, Err(BoardError::Order { .. })), "{refused:?}");
}
