//! Restores to drives: everything arrives and proves it, goes on after a pulled drive, and nothing
//! is ever written beside it.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test's own files; it stops")]

mod rig;
mod sent;
mod small;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use restore::{Choice, MANIFEST, Options, RestoreError, restore_to_drives, verify};
use types::{Clock, UnixTime};
use vault::VaultError;
use volume::FsDisk;

use crate::rig::{Rig, files, same_as_sources};
use crate::small::Small;

#[test]
fn everything_arrives_is_read_back_and_stands_in_the_manifest() {
    let rig = Rig::new();
    let report = rig.restore(u64::MAX).unwrap();
    assert!(report.is_whole() && !report.continued && !report.by_class, "{report:?}");
    assert_eq!((report.written.0, report.checked.files, report.wanted.0), (44, 44, 44));
    same_as_sources(&rig);
    let time = |path: PathBuf| fs::metadata(path).unwrap().modified().unwrap();
    let name = "laptop/letters/will.odt";
    assert_eq!(time(rig.path(name)), time(rig.root().join("files").join(name)));
    // The manifest, read without this crate.
    let manifest = fs::read_to_string(rig.root().join(MANIFEST)).unwrap();
    for line in manifest.lines().filter(|line| !line.starts_with('\\')) {
        let (hash, path) = line.split_once("  ").unwrap();
        let bytes = fs::read(rig.root().join(path)).unwrap();
        assert_eq!(blake3::hash(&bytes).to_hex().as_str(), hash, "{path}");
    }
    assert_eq!(manifest.lines().count(), 44);
    let page = fs::read_to_string(rig.root().join("index.html")).unwrap();
    assert!(page.contains("will.odt") && page.contains("IMG_0039.jpg"));
}

/// Somebody sent a file into folders in folders: it was written, and then said to be damaged, since reading it back
/// named it by a path that the system takes no longer.
#[test]
fn a_file_deeper_than_a_path_may_be_long_arrives_and_is_read_back() {
    let rig = Rig::new();
    let source = filetree::Target::open(&rig.path("phone"), filetree::TargetOptions::default());
    let mut folder = source.unwrap().folder();
    for _ in 0..25 {
        folder = folder.make_folder(&[b'd'; 200]).unwrap();
    }
    let mut file = folder.create_file(b"deep").unwrap();
    file.append(b"far down").unwrap();
    file.finish().unwrap();
    rig.backup("phone");
    let report = rig.restore(u64::MAX).unwrap();
    assert!(report.is_whole() && report.checked.damaged.is_empty(), "{report:?}");
    assert_eq!((report.written.0, report.checked.files, report.wanted.0), (45, 45, 45));
}

#[test]
fn a_restore_that_was_cut_off_goes_on_and_writes_nothing_twice() {
    let rig = Rig::new();
    let stopped = rig.restore(20).unwrap_err();
    assert!(matches!(stopped, RestoreError::Vault(VaultError::Stopped)), "{stopped}");
    let before = files(&rig.root().join("files")).len();
    assert!((20..44).contains(&before), "{before}");
    // A newer version does not mix in: what was begun is of one moment.
    fs::write(rig.path("laptop/new"), b"later").unwrap();
    rig.clock.jump_to(UnixTime(1_800_000_600_000));
    rig.backup("laptop");
    fs::remove_file(rig.path("laptop/new")).unwrap();
    let report = rig.restore(u64::MAX).unwrap();
    assert!(report.is_whole() && report.continued, "{report:?}");
    assert_eq!(report.written.0 + report.earlier, 44);
    assert!(report.earlier >= 19, "{report:?}");
    same_as_sources(&rig);
}

#[test]
fn what_is_to_be_read_back_after_a_mount_stays_unfinished_until_it_was() {
    let rig = Rig::new();
    let unread = Options { unread: true, ..Options::default() };
    let written = rig.restore_with(u64::MAX, unread).unwrap();
    assert_eq!((written.written.0, written.checked.files), (44, 0));
    assert!(!rig.root().join("index.html").exists());
    let read = rig.restore(u64::MAX).unwrap();
    assert_eq!((read.written.0, read.earlier, read.checked.files), (0, 44, 44));
    assert!(read.continued && read.is_whole() && rig.root().join("index.html").exists());
    same_as_sources(&rig);
}

#[test]
fn a_restore_that_was_begun_too_early_is_not_gone_on_with() {
    let rig = Rig::new();
    rig.restore(20).unwrap_err();
    let now = UnixTime(rig.clock.now().0 / 60_000);
    let after = |time| Options { not_before: Some(time), ..Options::default() };
    assert!(rig.restore_with(30, after(now)).is_err());
    assert_eq!(fs::read_dir(rig.path("drive")).unwrap().count(), 1, "it went on with that one");
    rig.clock.pass(types::Millis(60_000));
    let later = UnixTime(now.0 + 1);
    let report = rig.restore_with(u64::MAX, after(later)).unwrap();
    assert!(!report.continued && report.written.0 == 44, "{report:?}");
}

#[test]
fn a_drive_with_less_room_than_its_folder_has_is_asked_itself() {
    let rig = Rig::new();
    let disk: Arc<dyn volume::Disk> =
        Arc::new(Small(FsDisk::plain_folder(&rig.path("drive")).unwrap()));
    let disks = [disk];
    let options = Options { disks: &disks, ..Options::default() };
    let report = rig.restore_with(u64::MAX, options).unwrap();
    assert!(report.by_class && report.short > types::Bytes(0), "{report:?}");
    assert!(report.written.0 > 0 && !report.no_room.is_empty());
}

#[test]
fn a_file_that_was_half_written_when_the_drive_was_pulled_is_written_again() {
    let rig = Rig::new();
    rig.restore(20).unwrap_err();
    let manifest = fs::read_to_string(rig.root().join(MANIFEST)).unwrap();
    let mut missing = (0..40).map(|n| format!("files/phone/IMG_{n:04}.jpg"));
    let missing = missing.find(|path| !manifest.contains(path.as_str())).unwrap();
    fs::create_dir_all(rig.root().join("files/phone")).unwrap();
    fs::write(rig.root().join(missing), b"half").unwrap();
    // On a FAT drive it has another name until it is whole.
    let begun = rig.root().join("files/phone/.holdfast-restore-1-7");
    fs::write(&begun, b"half").unwrap();
    assert!(rig.restore(u64::MAX).unwrap().is_whole());
    assert!(!begun.exists(), "it is nobody's");
    same_as_sources(&rig);
}

#[test]
fn what_a_drive_did_not_keep_is_named() {
    let rig = Rig::new();
    rig.restore(u64::MAX).unwrap();
    let victim = rig.root().join("files/phone/IMG_0007.jpg");
    let mut bytes = fs::read(&victim).unwrap();
    bytes[100] ^= 1;
    fs::write(&victim, bytes).unwrap();
    fs::remove_file(rig.root().join("files/laptop/letters/will.odt")).unwrap();
    let found = verify(&rig.path("drive"), &mut |_| true).unwrap();
    let names: Vec<_> = found.damaged.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(names, ["files/laptop/letters/will.odt", "files/phone/IMG_0007.jpg"]);
    let again = verify(&rig.root(), &mut |_| true).unwrap();
    assert_eq!((again.damaged_count, again.files), (2, 42), "the folder itself may be named, too");
}

#[test]
fn what_changed_on_a_drive_before_the_restore_was_done_is_struck_off_and_written_again() {
    let rig = Rig::new();
    rig.restore(30).unwrap_err();
    let manifest = fs::read_to_string(rig.root().join(MANIFEST)).unwrap();
    let first = manifest.lines().find(|line| line.contains("IMG_")).unwrap();
    let victim = rig.root().join(first.split_once("  ").unwrap().1);
    fs::write(&victim, b"rotten").unwrap();
    let report = rig.restore(u64::MAX).unwrap();
    assert_eq!(report.checked.damaged_count, 1, "{report:?}");
    let report = rig.restore(u64::MAX).unwrap();
    assert!(report.is_whole() && report.continued && report.written.0 == 1, "{report:?}");
    same_as_sources(&rig);
}

#[test]
fn a_finished_restore_is_not_gone_on_with_and_a_new_one_stands_beside_it() {
    let rig = Rig::new();
    assert!(rig.restore(u64::MAX).unwrap().is_whole());
    rig.clock.jump_to(UnixTime(1_800_000_600_000));
    let report = rig.restore(u64::MAX).unwrap();
    assert!(report.is_whole() && !report.continued && report.written.0 == 44, "{report:?}");
    assert_eq!(fs::read_dir(rig.path("drive")).unwrap().count(), 2);
}

#[test]
fn a_strange_drive_leads_nobody_out_of_it() {
    let rig = Rig::new();
    let outside = rig.path("outside");
    fs::create_dir(&outside).unwrap();
    let link = |to: &Path, at: PathBuf| std::os::unix::fs::symlink(to, at).unwrap();
    for planted in ["files", MANIFEST, "renamed.txt", "index.html"] {
        rig.restore(3).unwrap_err();
        let at = rig.root().join(planted);
        if at.is_dir() {
            fs::remove_dir_all(&at).unwrap();
        } else {
            fs::remove_file(&at).ok();
        }
        let bait = outside.join("bait");
        fs::write(&bait, b"untouched").unwrap();
        link(if planted == "files" { &outside } else { &bait }, at.clone());
        let refused = rig.restore(u64::MAX);
        assert!(refused.is_err(), "{planted}");
        assert_eq!(fs::read(&bait).unwrap(), b"untouched", "{planted}");
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 1, "{planted}");
        fs::remove_dir_all(rig.root()).unwrap();
    }
    // A whole folder that is a link, by the name that the restore would have.
    rig.restore(3).unwrap_err();
    let root = rig.root();
    fs::remove_dir_all(&root).unwrap();
    link(&outside, root);
    assert!(rig.restore(u64::MAX).is_err());
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
}

#[test]
fn what_the_vault_lost_is_listed_and_the_rest_arrives() {
    let rig = Rig::new();
    rig.vault.close().unwrap();
    let packs = files(&rig.path("disk/holdfast/data"));
    assert!(!packs.is_empty());
    for name in packs.keys() {
        fs::remove_file(rig.path("disk/holdfast/data").join(name)).unwrap();
    }
    let report = rig.restore(u64::MAX).unwrap();
    assert_eq!((report.left_out_count, report.written.0), (43, 1), "only the empty file is left");
    let list = fs::read_to_string(rig.root().join("left-out.txt")).unwrap();
    assert!(list.contains("laptop/letters/will.odt"), "{list}");
}

#[test]
fn a_wish_that_names_nothing_is_refused_before_the_drive_is_touched() {
    let rig = Rig::new();
    let options = Options { today: "2027-01-15", ..Options::default() };
    for choice in [
        Choice { sources: vec!["desk".to_owned()], ..Choice::default() },
        Choice { at: Some(UnixTime(5)), ..Choice::default() },
    ] {
        let drives = [rig.path("drive")];
        let refused = restore_to_drives(&rig.vault, &choice, &drives, options, &mut |_, _| true);
        assert!(refused.is_err());
        assert_eq!(fs::read_dir(rig.path("drive")).unwrap().count(), 0);
    }
    let nowhere = [rig.path("no-drive")];
    let refused =
        restore_to_drives(&rig.vault, &Choice::default(), &nowhere, options, &mut |_, _| true);
    assert!(matches!(refused, Err(RestoreError::Drive { .. })), "{refused:?}");
    assert!(!rig.path("no-drive").exists(), "a drive that is not there is not made");
}

#[test]
fn more_bytes_than_can_be_counted_keep_nobody_elses_files_from_coming_back() {
    let rig = Rig::new();
    // Each as long as a file can be: three of them come to more than 64 bits hold.
    for source in ["tablet", "television", "toaster"] {
        sent::all_holes(&rig.vault, source, i64::MAX as u64);
    }
    let report = rig.restore(u64::MAX).unwrap();
    assert_eq!((report.wanted, report.written.0), ((47, u64::MAX), 44));
    assert_eq!(report.left_out_count + report.no_room.iter().map(|kind| kind.1).sum::<u64>(), 3);
    assert!(!report.is_whole() && report.by_class, "{report:?}");
    let list = fs::read_to_string(rig.root().join("left-out.txt")).unwrap();
    for source in ["tablet", "television", "toaster"] {
        assert!(list.contains(&format!("{source}/all-holes")), "{list}");
    }
    same_as_sources(&rig);
}
