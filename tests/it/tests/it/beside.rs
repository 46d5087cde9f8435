//! What lies beside packs and keys on each disk, and rots as they do.
//!
//! The story `corruption` found that a check passed over all of it: a newest head that was cut short
//! on one disk was warned of at every opening and never mended; one that was gone, and a rescue
//! program or a description that had rotted, were never mentioned at all. A household would have
//! learned of it on the day when that disk was the last.

use vault::{Access, OnVolume, Options, Secrets, Vault};
use volume::Disk;

use crate::rig::{Rig, check, noise, put};

/// What a disk has of the vault's heads, oldest first.
fn heads(rig: &Rig, serial: &str) -> Vec<(String, Vec<u8>)> {
    let mut all = rig.disks[serial].sim().files();
    all.retain(|(path, _)| path.starts_with("heads/"));
    all.sort();
    all
}

fn two_disks() -> (Rig, Vault) {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "file", &noise(1, 10_000));
    vault.close().unwrap();
    assert!(check(&vault, true, true).damaged.is_empty(), "nothing is wrong before the damage");
    assert_eq!(heads(&rig, "a"), heads(&rig, "b"));
    (rig, vault)
}

#[test]
fn a_newest_head_that_is_gone_from_one_disk_is_named_and_brought_back() {
    let (rig, vault) = two_disks();
    let (newest, _) = heads(&rig, "a").pop().unwrap();
    rig.sim("a").unlink(&newest).unwrap();
    for read_data in [false, true] {
        let found = check(&vault, read_data, false);
        assert!(!found.is_clean());
        assert!(found.damaged[0].what.contains("newest head is missing"), "{found:?}");
    }
    assert!(check(&vault, false, true).is_clean());
    assert!(check(&vault, true, false).damaged.is_empty());
    assert_eq!(heads(&rig, "a"), heads(&rig, "b"));
}

#[test]
fn damaged_heads_on_one_disk_are_named_and_made_the_same_again() {
    let (rig, vault) = two_disks();
    for (path, bytes) in heads(&rig, "a") {
        rig.sim("a").flip_byte(&path, bytes.len() as u64 / 2);
        let found = check(&vault, true, false);
        assert!(!found.is_clean());
        assert!(found.damaged[0].what.contains("head is damaged"), "{path}: {found:?}");
        let mended = check(&vault, true, true);
        assert!(mended.is_clean() && mended.repaired > 0, "{path}: {mended:?}");
        assert_eq!(heads(&rig, "a"), heads(&rig, "b"), "{path}");
    }
    assert!(check(&vault, true, false).damaged.is_empty());
}

#[test]
fn a_damaged_head_that_no_other_disk_has_does_not_spoil_every_later_check() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    put(&vault, "box", "file", &noise(1, 10_000));
    vault.close().unwrap();
    let (oldest, _) = heads(&rig, "a").swap_remove(0);
    rig.sim("a").flip_byte(&oldest, 50);
    assert!(!check(&vault, true, false).is_clean());
    assert!(check(&vault, true, true).is_clean());
    assert!(check(&vault, true, false).damaged.is_empty());
    drop(vault);
    rig.lose_catalog();
    let (vault, _) = rig.open(&["a"]);
    assert!(check(&vault, true, false).damaged.is_empty());
}

#[test]
fn a_rotten_rescue_program_or_description_is_named_and_replaced() {
    let rig = Rig::inline(&["a", "b"]);
    drop(rig.create(2));
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    std::fs::write(&program, noise(7, 3_000_000)).unwrap();
    let on_volume =
        OnVolume { format_text: "how to read this".to_owned(), rescue_program: Some(program) };
    let options = Options { on_volume, ..rig.options() };
    let (disks, secret) = (rig.handles(&["a", "b"]), Secrets::Words(&rig.words));
    let opened = Vault::open(rig.env.clone(), options, Access::ReadWrite, disks, None, secret);
    let (vault, _) = opened.unwrap();
    // They came to no disk when the vault was made: a check names that, and a repair brings them.
    assert_eq!(check(&vault, true, false).damaged.len(), 4);
    assert!(check(&vault, true, true).is_clean());
    assert!(check(&vault, true, false).damaged.is_empty());
    for (path, place) in [("holdfast-rescue", 2_500_000), ("FORMAT.md", 3)] {
        rig.sim("b").flip_byte(path, place);
        let found = check(&vault, true, false);
        assert_eq!(found.damaged.len(), 1, "{path}: {found:?}");
        let mended = check(&vault, true, true);
        assert!(mended.is_clean(), "{path}: {mended:?}");
        assert!(check(&vault, true, false).damaged.is_empty(), "{path}");
    }
}
