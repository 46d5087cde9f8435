//! Disks that went on without each other, came back, or claim to be somebody else.

use std::sync::Arc;

use testkit::simdisk::SimDisk;
use types::Bytes;
use vault::{Access, CreateSpec, Secrets, Vault, VaultError};

use crate::rig::{Rig, check, get, get_of, names, prune_now, put, volume_id};

/// Every file that any version of a source has.
fn anywhere(vault: &Vault, source: &str, path: &str) -> Option<Vec<u8>> {
    let all = vault.snapshots(Some(source)).unwrap();
    all.iter().rev().find_map(|info| {
        let found = vault.find_snapshot(&info.id.to_string()).unwrap();
        get_of(vault, &found, path).ok()
    })
}

#[test]
fn two_disks_that_went_on_apart_are_merged_with_the_versions_of_both() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "both", b"before");
    vault.close().unwrap();
    drop(vault);
    let (alone, _) = rig.open(&["a"]);
    assert_eq!(put(&alone, "box", "on-a", b"written on a").receipt.copies, 1);
    alone.close().unwrap();
    drop(alone);
    let (alone, _) = rig.open(&["b"]);
    assert_eq!(put(&alone, "box", "on-b", b"written on b").receipt.copies, 1);
    assert_eq!(put(&alone, "other", "new", b"a source that only b knows").receipt.copies, 1);
    alone.close().unwrap();
    drop(alone);
    let (vault, report) = rig.open(&["a", "b"]);
    assert!(report.findings.iter().any(|said| said.contains("went on alone")), "{report:?}");
    for (path, bytes) in [("both", "before"), ("on-a", "written on a"), ("on-b", "written on b")] {
        assert_eq!(anywhere(&vault, "box", path).as_deref(), Some(bytes.as_bytes()), "{path}");
    }
    assert_eq!(get(&vault, "other", "new").unwrap(), b"a source that only b knows");
    vault.rebuild(&mut crate::rig::quiet).unwrap();
    assert!(check(&vault, true, false).is_clean());
    vault.close().unwrap();
    drop(vault);
    let (_, report) = rig.open(&["a", "b"]);
    assert!(report.findings.is_empty(), "merged once and for all: {report:?}");
}

/// What is new since two disks parted was told by the clock once, and a first version that was received
/// after the clock had gone back was left out, although it was acknowledged.
#[test]
fn versions_of_both_sides_are_taken_in_when_the_clock_was_set_back_before_they_parted() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "both", b"before");
    vault.close().unwrap();
    drop(vault);
    rig.clock.jump_to(types::UnixTime(types::Clock::now(&*rig.clock).0 - 108_000_000));
    for (side, source) in [("a", "on-a"), ("b", "on-b")] {
        let (alone, _) = rig.open(&[side]);
        assert_eq!(put(&alone, source, "new", side.as_bytes()).receipt.copies, 1);
        alone.close().unwrap();
    }
    let (vault, _) = rig.open(&["a", "b"]);
    for (side, source) in [("a", "on-a"), ("b", "on-b")] {
        assert_eq!(get(&vault, source, "new").unwrap(), side.as_bytes());
    }
}

/// A disk that is opened alone must say so in a head at once. When it did not, two sides that were
/// both killed had commits of one number after one head, and one side's acknowledged files were
/// silently dropped.
#[test]
fn nothing_acknowledged_is_lost_when_both_sides_of_a_fork_were_killed() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "both", b"before");
    vault.close().unwrap();
    drop(vault);
    for (serial, path) in [("a", "on-a"), ("b", "on-b")] {
        let (alone, _) = rig.open(&[serial]);
        assert_eq!(put(&alone, "box", path, path.as_bytes()).receipt.copies, 1);
        assert_eq!(put(&alone, path, "file", path.as_bytes()).receipt.copies, 1);
        drop(alone);
    }
    let (vault, report) = rig.open(&["a", "b"]);
    for path in ["on-a", "on-b"] {
        let kept = anywhere(&vault, "box", path);
        assert_eq!(kept.as_deref(), Some(path.as_bytes()), "{path}: {report:?}");
        assert_eq!(get(&vault, path, "file").unwrap(), path.as_bytes());
    }
}

/// A killed member that comes back has commits in its unfinished packs which the others have long
/// replayed. When they were taken for news, the version of then became the newest again, and the
/// next edit went on from it, without what was put in between.
#[test]
fn a_disk_that_comes_back_after_a_kill_brings_no_old_version_back() {
    let rig = Rig::inline(&["a", "b", "c"]);
    let vault = rig.create(2);
    let first = put(&vault, "box", "one", b"1").snapshot;
    drop(vault);
    let (vault, _) = rig.open(&["a", "b"]);
    put(&vault, "box", "two", b"2");
    vault.close().unwrap();
    drop(vault);
    let (vault, _) = rig.open(&["a", "b", "c"]);
    let ids: Vec<_> = vault.snapshots(Some("box")).unwrap().iter().map(|info| info.id).collect();
    assert!(!ids.contains(&first), "the first version was replaced by one that has all it had");
    put(&vault, "box", "three", b"3");
    assert_eq!(names(&vault, "box"), ["one", "three", "two"]);
}

#[test]
fn a_version_that_was_forgotten_while_a_disk_was_away_stays_forgotten() {
    let rig = Rig::inline(&["a", "b", "c"]);
    let vault = rig.create(2);
    put(&vault, "box", "one", b"1");
    put(&vault, "box", "one", b"another");
    drop(vault);
    let (vault, _) = rig.open(&["a", "b"]);
    let all = vault.snapshots(Some("box")).unwrap();
    assert_eq!(all.len(), 2);
    vault.forget(&all[..1]).unwrap();
    vault.close().unwrap();
    drop(vault);
    let (vault, _) = rig.open(&["a", "b", "c"]);
    assert_eq!(vault.snapshots(Some("box")).unwrap().len(), 1);
    assert_eq!(get(&vault, "box", "one").unwrap(), b"another");
}

#[test]
fn edits_after_a_merge_go_on_from_the_newest_version_of_all() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "both", b"before");
    vault.close().unwrap();
    drop(vault);
    for (serial, path) in [("b", "on-b"), ("a", "on-a")] {
        let (alone, _) = rig.open(&[serial]);
        put(&alone, "box", path, path.as_bytes());
        alone.close().unwrap();
    }
    let (vault, _) = rig.open(&["a", "b"]);
    let newest = names(&vault, "box");
    assert_eq!(newest, ["both", "on-a"], "what was received last");
    put(&vault, "box", "later", b"later");
    assert_eq!(names(&vault, "box"), ["both", "later", "on-a"]);
}

/// The catalog was made anew while a disk was away, so it knew that disk's packs by name only.
#[test]
fn packs_that_only_an_absent_disk_has_are_readable_once_it_is_back() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(1);
    for n in 0..6_u8 {
        put(&vault, "box", &format!("file-{n}"), &crate::rig::noise(n.into(), 300_000));
        vault.close().unwrap();
    }
    drop(vault);
    for alone in ["a", "b"] {
        rig.lose_catalog();
        let (vault, report) = rig.open(&[alone]);
        assert_eq!(names(&vault, "box").len(), 6);
        assert!(!report.missing_packs.is_empty() || alone == "b", "{report:?}");
        vault.close().unwrap();
        drop(vault);
        let (vault, report) = rig.open(&["a", "b"]);
        assert!(report.missing_packs.is_empty(), "{report:?}");
        for n in 0..6_u8 {
            let bytes = get(&vault, "box", &format!("file-{n}")).unwrap();
            assert!(bytes == crate::rig::noise(n.into(), 300_000));
        }
    }
}

#[test]
fn a_stale_disk_that_was_removed_and_pruned_without_is_left_alone() {
    let rig = Rig::inline(&["a", "b", "c"]);
    let vault = rig.create(2);
    put(&vault, "box", "one", &crate::rig::noise(1, 100_000));
    put(&vault, "box", "one", b"short");
    vault.close().unwrap();
    let gone = volume_id(&vault, "c");
    drop(vault);
    let (vault, _) = rig.open(&["a", "b"]);
    vault.remove(gone, true).unwrap();
    let all = vault.snapshots(Some("box")).unwrap();
    vault.forget(&all[..1]).unwrap();
    prune_now(&vault).unwrap();
    vault.close().unwrap();
    drop(vault);
    let before = rig.sim("c").files();
    let (vault, report) = rig.open(&["c", "a", "b"]);
    assert!(report.findings.iter().any(|said| said.contains("was removed")), "{report:?}");
    assert_eq!(vault.snapshots(Some("box")).unwrap().len(), 1);
    assert_eq!(get(&vault, "box", "one").unwrap(), b"short");
    assert!(rig.sim("c").files() == before, "nothing on it was touched");
}

#[test]
fn a_clone_is_left_alone_and_the_original_goes_on() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "file", b"bytes");
    vault.close().unwrap();
    drop(vault);
    let clone = rig.sim("a").image("copy-of-a");
    let before = clone.files();
    let mut disks = rig.handles(&["a", "b"]);
    disks.insert(0, Arc::new(clone.clone()));
    let (vault, report) = rig.try_open_with(disks, Access::ReadWrite).unwrap();
    assert!(report.findings.iter().any(|said| said.contains("is a clone")), "{report:?}");
    assert_eq!(put(&vault, "box", "more", b"bytes").receipt.copies, 2);
    vault.close().unwrap();
    assert!(clone.files() == before, "nothing was written to the clone");
    let serials: Vec<_> = vault.volumes().unwrap().into_iter().map(|v| v.serial).collect();
    assert!(!serials.contains(&"copy-of-a".to_owned()), "{serials:?}");
}

#[test]
fn a_volume_named_twice_is_refused() {
    let rig = Rig::inline(&["a", "b"]);
    drop(rig.create(2));
    let refused = rig.try_open(&["a", "b", "a"]).unwrap_err();
    assert!(matches!(refused, VaultError::SameVolumeTwice { .. }), "{refused}");
    assert!(!refused.advice().is_empty());
}

#[test]
fn another_vaults_volume_is_refused_and_named() {
    let rig = Rig::inline(&["a", "b"]);
    drop(rig.create(2));
    let stranger = SimDisk::new("x", Bytes(Bytes::GIB));
    let spec = CreateSpec {
        disks: vec![Arc::new(stranger.clone())],
        copies: 1,
        words: &rig.words,
        password: None,
    };
    let options = vault::Options { catalog: None, ..rig.options() };
    drop(Vault::create(rig.env.clone(), options, spec).unwrap());
    let mut disks = rig.handles(&["a", "b"]);
    disks.push(Arc::new(stranger));
    let refused = rig.try_open_with(disks, Access::ReadWrite).unwrap_err();
    assert!(matches!(refused, VaultError::OtherVault { .. }), "{refused}");
    assert!(refused.to_string().contains("simulated disk x"), "{refused}");
}

#[test]
fn wrong_words_are_refused_with_advice() {
    let rig = Rig::inline(&["a"]);
    drop(rig.create(1));
    let others = seal::Words::generate(&*rig.env.rng);
    let disks = rig.handles(&["a"]);
    let secret = Secrets::Words(&others);
    let opened =
        Vault::open(rig.env.clone(), rig.options(), Access::ReadWrite, disks, None, secret);
    let refused = opened.unwrap_err();
    assert!(matches!(refused, VaultError::Unlock(_)), "{refused}");
    assert!(!refused.advice().is_empty());
}

/// Two boxes with copies of the same disks: neither side says that the other was absent.
#[test]
fn two_histories_of_which_neither_knew_the_other_absent_are_refused_and_both_named() {
    let mut rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "both", b"before");
    vault.close().unwrap();
    drop(vault);
    let copies: Vec<_> = ["a", "b"].map(|serial| rig.sim(serial).image(serial)).into();
    let (vault, _) = rig.open(&["a", "b"]);
    put(&vault, "box", "here", b"one history");
    vault.close().unwrap();
    drop(vault);
    let here = rig.disks.clone();
    for (serial, copy) in ["a", "b"].into_iter().zip(copies) {
        rig.disks.insert(serial.to_owned(), crate::rig::TestDisk::Memory(copy));
    }
    let (vault, _) = rig.open(&["a", "b"]);
    put(&vault, "box", "there", b"another history");
    vault.close().unwrap();
    drop(vault);
    rig.disks.insert("a".to_owned(), here["a"].clone());
    let refused = rig.try_open(&["a", "b"]).unwrap_err();
    assert!(matches!(refused, VaultError::Fork { .. }), "{refused}");
    for serial in ["a", "b"] {
        assert!(refused.to_string().contains(&format!("simulated disk {serial}")), "{refused}");
    }
    // Either side opens by itself.
    assert_eq!(get(&rig.open(&["a"]).0, "box", "here").unwrap(), b"one history");
}
