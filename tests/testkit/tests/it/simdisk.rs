//! What a power cut may take from the simulated disk, and what it may not.

use std::collections::BTreeSet;

use testkit::dice::Dice;
use testkit::simdisk::{Fault, Lasting, SimDisk};
use types::Bytes;
use volume::Disk;

const TRIES: u64 = 200;

/// Everything that the power may leave of a disk, over many choices.
fn outcomes(disk: &SimDisk) -> BTreeSet<Vec<(String, Vec<u8>)>> {
    let mut seen = BTreeSet::new();
    for seed in 0..TRIES {
        let mut dice = Dice::new(seed);
        seen.insert(disk.crash(&mut |sides| dice.roll(sides)).files());
    }
    seen
}

fn disk() -> SimDisk {
    SimDisk::new("sim", Bytes(Bytes::MIB))
}

fn file(path: &str, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    vec![(path.to_owned(), bytes.to_vec())]
}

#[test]
fn what_is_synced_with_its_folder_always_survives() {
    let disk = disk();
    let mut f = disk.create_new("x").unwrap();
    f.append(b"synced").unwrap();
    f.sync_data().unwrap();
    disk.sync_dir("").unwrap();
    assert_eq!(outcomes(&disk), BTreeSet::from([file("x", b"synced")]));
}

#[test]
fn a_synced_file_in_an_unsynced_folder_may_vanish_but_not_tear() {
    let disk = disk();
    let mut f = disk.create_new("x").unwrap();
    f.append(b"synced").unwrap();
    f.sync_data().unwrap();
    assert_eq!(outcomes(&disk), BTreeSet::from([vec![], file("x", b"synced")]));
}

#[test]
fn a_durable_name_does_not_save_a_folder_that_is_not_durable_itself() {
    let disk = disk();
    disk.make_dir("a").unwrap();
    let mut f = disk.create_new("a/x").unwrap();
    f.append(b"synced").unwrap();
    f.sync_data().unwrap();
    disk.sync_dir("a").unwrap();
    assert_eq!(outcomes(&disk), BTreeSet::from([vec![], file("a/x", b"synced")]));
    disk.sync_dir("").unwrap();
    assert_eq!(outcomes(&disk), BTreeSet::from([file("a/x", b"synced")]));
}

#[test]
fn an_unsynced_append_may_be_there_missing_zeros_or_torn_at_a_sector() {
    let disk = disk();
    let mut f = disk.create_new("x").unwrap();
    f.append(&[1; 100]).unwrap();
    f.sync_data().unwrap();
    disk.sync_dir("").unwrap();
    f.append(&[2; 1_000]).unwrap();
    let seen = outcomes(&disk);
    let after = |parts: &[(u8, usize)]| {
        let bytes: Vec<u8> = parts.iter().flat_map(|(byte, len)| vec![*byte; *len]).collect();
        file("x", &bytes)
    };
    let expected = [
        after(&[(1, 100)]),
        after(&[(1, 100), (2, 1_000)]),
        after(&[(1, 100), (0, 1_000)]),
        after(&[(1, 100), (2, 412)]),
        after(&[(1, 100), (2, 924)]),
        after(&[(1, 100), (0, 412), (2, 588)]),
        after(&[(1, 100), (0, 924), (2, 76)]),
    ];
    assert_eq!(seen, BTreeSet::from(expected));
}

#[test]
fn a_later_append_may_survive_an_earlier_one() {
    let disk = disk();
    let mut f = disk.create_new("x").unwrap();
    disk.sync_dir("").unwrap();
    f.append(&[1; 4]).unwrap();
    f.append(&[2; 4]).unwrap();
    assert!(outcomes(&disk).contains(&file("x", &[0, 0, 0, 0, 2, 2, 2, 2])));
}

#[test]
fn a_move_is_atomic_and_lasts_once_the_new_folder_is_synced() {
    let disk = disk();
    disk.make_dir("a").unwrap();
    let mut f = disk.create_new("x").unwrap();
    f.append(b"1").unwrap();
    f.sync_data().unwrap();
    disk.sync_dir("").unwrap();
    disk.rename("x", "a/x").unwrap();
    let either = BTreeSet::from([file("x", b"1"), file("a/x", b"1")]);
    assert_eq!(outcomes(&disk), either);
    disk.sync_dir("").unwrap();
    assert_eq!(outcomes(&disk), either, "the old folder's sync is not enough");
    disk.sync_dir("a").unwrap();
    assert_eq!(outcomes(&disk), BTreeSet::from([file("a/x", b"1")]));
}

#[test]
fn a_removal_may_be_undone_until_its_folder_is_synced() {
    let disk = disk();
    drop(disk.create_new("x").unwrap());
    disk.sync_dir("").unwrap();
    disk.unlink("x").unwrap();
    assert_eq!(outcomes(&disk), BTreeSet::from([vec![], file("x", b"")]));
    disk.sync_dir("").unwrap();
    assert_eq!(outcomes(&disk), BTreeSet::from([vec![]]));
}

#[test]
fn unsynced_changes_of_names_are_kept_or_lost_each_for_itself() {
    let disk = disk();
    drop(disk.create_new("x").unwrap());
    drop(disk.create_new("y").unwrap());
    let both = vec![("x".to_owned(), vec![]), ("y".to_owned(), vec![])];
    let expected = BTreeSet::from([vec![], file("x", b""), file("y", b""), both]);
    assert_eq!(outcomes(&disk), expected);
}

#[test]
fn a_sync_that_failed_is_not_made_good_by_the_next_one() {
    let disk = disk();
    let mut f = disk.create_new("x").unwrap();
    disk.sync_dir("").unwrap();
    f.append(b"data").unwrap();
    disk.fail_after(1, Fault::Eio, Lasting::Once);
    f.sync_data().unwrap_err();
    f.sync_data().unwrap();
    assert!(outcomes(&disk).contains(&file("x", b"")), "the bytes were never written");
}

#[test]
fn a_lying_disk_loses_what_it_called_synced() {
    let disk = disk();
    disk.lying(true);
    let mut f = disk.create_new("x").unwrap();
    f.append(b"data").unwrap();
    f.sync_data().unwrap();
    disk.sync_dir("").unwrap();
    assert!(outcomes(&disk).contains(&vec![]));
}

#[test]
fn the_same_choices_give_the_same_disk() {
    let disk = disk();
    for name in ["x", "y", "z"] {
        let mut f = disk.create_new(name).unwrap();
        f.append(&[7; 3_000]).unwrap();
    }
    let crash = |seed| {
        let mut dice = Dice::new(seed);
        disk.crash(&mut |sides| dice.roll(sides)).files()
    };
    assert!((0..50).all(|seed| crash(seed) == crash(seed)));
}

#[test]
fn a_full_disk_takes_nothing_and_gives_room_back_when_files_go() {
    let disk = SimDisk::new("sim", Bytes(1_000));
    let mut f = disk.create_new("x").unwrap();
    f.append(&[0; 900]).unwrap();
    assert_eq!(f.append(&[0; 101]).unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    assert_eq!(disk.space().unwrap().free, Bytes(100));
    disk.unlink("x").unwrap();
    assert_eq!(disk.space().unwrap().free, Bytes(1_000));
}

#[test]
fn an_image_is_another_disk_with_the_same_files() {
    let disk = disk();
    disk.create_new("x").unwrap().append(b"1").unwrap();
    let image = disk.image("other");
    disk.unlink("x").unwrap();
    assert_eq!(image.files(), file("x", b"1"));
    assert_eq!(image.serial(), "other");
}

#[test]
fn bytes_written_over_others_may_be_old_new_or_some_of_each_until_they_are_synced() {
    let disk = disk();
    let mut file = disk.create_new("x").unwrap();
    file.append(&[1; 4096]).unwrap();
    file.sync_data().unwrap();
    disk.sync_dir("").unwrap();
    file.write_at(1024, &[2; 2048]).unwrap();
    let (mut old, mut new, mut torn) = (0, 0, 0);
    for seed in 0..200 {
        let mut dice = Dice::new(seed);
        let left = disk.crash(&mut |sides| dice.roll(sides)).files()[0].1.clone();
        assert_eq!(left.len(), 4096);
        assert!(left[..1024].iter().chain(&left[3072..]).all(|byte| *byte == 1));
        let written = left[1024..3072].iter().filter(|byte| **byte == 2).count();
        match written {
            0 => old += 1,
            2048 => new += 1,
            _ => torn += 1,
        }
    }
    assert!(old > 10 && new > 10 && torn > 10, "{old} {new} {torn}");
    file.sync_data().unwrap();
    let left = disk.crash(&mut |_| 1).files()[0].1.clone();
    assert!(left[1024..3072].iter().all(|byte| *byte == 2));
}
