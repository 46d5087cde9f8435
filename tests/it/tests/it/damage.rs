//! Rot on one disk, on both, in different places and in the same.

use testkit::simdisk::{Fault, Lasting};
use types::{Bytes, PackId};
use vault::{PruneOptions, Vault};

use crate::rig::{Rig, check, get, noise, put};

/// Two disks with files of a frame each in one pack, and that pack's path.
fn one_pack_of_many_frames() -> (Rig, Vault, String) {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    for n in 0..6_u8 {
        put(&vault, "box", &format!("file-{n}"), &noise(n.into(), 900_000));
    }
    vault.close().unwrap();
    let packs = rig.disks["a"].packs().into_iter();
    let data: Vec<_> = packs.filter(|(path, _)| path.starts_with("data/")).collect();
    let [(path, len)] = data.as_slice() else { panic!("{data:?}") };
    assert!(*len > 5_000_000);
    (rig, vault, path.clone())
}

fn readable(vault: &Vault) -> Vec<u8> {
    let whole = |n: &u8| {
        get(vault, "box", &format!("file-{n}"))
            .is_ok_and(|bytes| bytes == noise((*n).into(), 900_000))
    };
    (0..6).filter(whole).collect()
}

#[test]
fn rot_on_one_disk_is_read_past_named_and_mended() {
    let (rig, vault, path) = one_pack_of_many_frames();
    rig.sim("a").flip_byte(&path, 2_000_000);
    assert_eq!(readable(&vault).len(), 6);
    let found = check(&vault, true, false);
    assert_eq!(found.damaged.len(), 1, "{found:?}");
    assert!(!found.is_clean());
    let mended = check(&vault, true, true);
    assert!(mended.is_clean(), "{mended:?}");
    assert!(check(&vault, true, false).damaged.is_empty());
    assert!(rig.sim("a").files().contains(&file_of(&rig, "b", &path)), "byte for byte");
}

fn file_of(rig: &Rig, serial: &str, path: &str) -> (String, Vec<u8>) {
    rig.sim(serial).files().into_iter().find(|(name, _)| name == path).unwrap()
}

#[test]
fn two_damaged_copies_lose_nothing_when_they_are_damaged_in_different_places() {
    let (rig, vault, path) = one_pack_of_many_frames();
    rig.sim("a").flip_byte(&path, 500_000);
    rig.sim("b").flip_byte(&path, 4_500_000);
    let mended = check(&vault, true, true);
    assert!(mended.is_clean(), "{mended:?}");
    assert_eq!(readable(&vault).len(), 6);
    drop(vault);
    rig.lose_catalog();
    let (vault, report) = rig.open(&["b"]);
    assert!(report.missing_packs.is_empty(), "{report:?}");
    assert_eq!(readable(&vault).len(), 6);
}

#[test]
fn two_copies_damaged_in_the_same_place_lose_exactly_the_files_that_are_named() {
    let (rig, vault, path) = one_pack_of_many_frames();
    for serial in ["a", "b"] {
        rig.sim(serial).flip_byte(&path, 2_500_000);
    }
    let mended = check(&vault, true, true);
    assert!(!mended.is_clean());
    let named: Vec<_> = mended
        .lost_files
        .iter()
        .map(|(_, path)| String::from_utf8(path.clone()).unwrap())
        .collect();
    let whole = readable(&vault);
    assert!(whole.len() >= 4, "a frame or two of six files: {whole:?}");
    let gone: Vec<_> = (0..6).filter(|n| !whole.contains(n)).map(|n| format!("file-{n}")).collect();
    assert_eq!(named, gone);
    // The rest restores, and what is lost is said, not made up.
    let found = vault.find_snapshot("latest:box").unwrap();
    let to = rig.path("out");
    let options = vault::RestoreOptions::default();
    let restored = vault.restore(&found, b"", &to, options, &mut crate::rig::quiet).unwrap();
    assert_eq!(restored.lost.len(), gone.len());
    for n in whole {
        let bytes = std::fs::read(to.join(format!("file-{n}"))).unwrap();
        assert!(bytes == noise(n.into(), 900_000));
    }
    // Put again, the lost bytes heal every version that had them.
    for n in 0..6_u8 {
        put(&vault, "again", &format!("file-{n}"), &noise(n.into(), 900_000));
    }
    assert_eq!(readable(&vault).len(), 6);
    assert_eq!(check(&vault, true, true).lost_file_count, 0);
}

#[test]
fn a_pack_that_vanished_from_one_disk_comes_back_from_the_other() {
    let mut rig = Rig::new(crate::rig::DiskKind::Folder, vault::WriterMode::Threads, 3);
    for serial in ["a", "b"] {
        rig.add_disk(serial, Bytes(0));
    }
    let vault = rig.create(2);
    put(&vault, "box", "file", &noise(1, 500_000));
    vault.close().unwrap();
    let (path, _) = rig.disks["a"].packs().into_iter().next().unwrap();
    std::fs::remove_file(rig.path("a").join("holdfast").join(&path)).unwrap();
    let found = check(&vault, false, false);
    assert!(found.damaged.len() == 1 && found.lost_packs == Vec::<PackId>::new(), "{found:?}");
    let mended = check(&vault, false, true);
    assert!(mended.is_clean(), "{mended:?}");
    assert!(rig.disks["a"].packs().iter().any(|(name, _)| *name == path));
}

/// A check once ended with an error when a disk stopped answering while its heads were listed, or
/// when a copy that had been noticed before was looked at again: the owner of a failing disk learned
/// nothing of the other one.
#[test]
fn a_disk_that_stops_answering_at_any_point_of_a_check_is_reported_with_all_the_rest() {
    let (mut reported, mut nth) = (0, 1);
    loop {
        let rig = Rig::inline(&["a", "b"]);
        let vault = rig.create(2);
        put(&vault, "box", "file", &noise(1, 30_000));
        vault.close().unwrap();
        let packs = rig.disks["a"].packs().into_iter();
        let data = packs.map(|(path, _)| path).find(|path| path.starts_with("data/")).unwrap();
        rig.sim("a").flip_byte(&data, 9_000);
        assert!(get(&vault, "box", "file").unwrap() == noise(1, 30_000));
        let before = rig.sim("a").op_count();
        rig.sim("a").fail_after(nth, Fault::Eio, Lasting::Forever);
        let found = check(&vault, true, false);
        assert_eq!(found.lost_file_count, 0, "{found:?}");
        assert!(!found.is_clean(), "{found:?}");
        reported += u64::from(found.damaged.len() > 1);
        if rig.sim("a").op_count() < before + nth {
            break;
        }
        nth += 1;
    }
    assert!(nth > 20 && reported > 0, "{nth} operations, {reported} reports");
}

/// A course of events found this: a check that read every byte called packs missing that prune had
/// put into the trash, on every disk, until they were removed a week later.
#[test]
fn packs_in_the_trash_are_missed_by_no_check() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    for n in 0..5_u64 {
        put(&vault, "box", "file", &noise(n, 20_000));
        vault.close().unwrap();
    }
    let all = vault.snapshots(None).unwrap();
    vault.forget(&all[..all.len() - 1]).unwrap();
    let prune = || {
        let options = PruneOptions { allow_large: true, ..PruneOptions::default() };
        vault.prune(options, &mut crate::rig::quiet).unwrap()
    };
    assert!(prune().tombstoned > 0);
    rig.pass_days(31);
    assert!(prune().trashed > 0, "something lies in the trash now");
    for read_data in [false, true] {
        let found = check(&vault, read_data, false);
        assert!(found.is_clean() && found.damaged.is_empty(), "{found:?}");
    }
}
