//! A vault that is closed and opened with other disks while its owner is not asked again.

use testkit::simdisk::{Fault, Lasting};
use types::Bytes;
use vault::{Access, HeldKeys, Secrets, Vault, VaultError, WriterMode};

use crate::rig::{DiskKind, Rig, check, get, noise, put};

fn open(rig: &Rig, disks: &[&str], held: &HeldKeys) -> Result<Vault, VaultError> {
    let (env, options, secret) = (rig.env.clone(), rig.options(), Secrets::Held(held));
    let disks = rig.handles(disks);
    Vault::open(env, options, Access::ReadWrite, disks, None, secret).map(|(vault, _)| vault)
}

#[test]
fn the_keys_that_were_held_open_the_vault_with_more_disks_and_with_fewer() {
    let rig = Rig::inline(&["a", "b"]);
    drop(rig.create(2));
    let (vault, _) = rig.open(&["a", "b"]);
    put(&vault, "box", "file", &noise(1, 40_000));
    let held = vault.held_keys();
    vault.close().unwrap();
    drop(vault);
    for disks in [&["a"][..], &["b"], &["a", "b"]] {
        let vault = open(&rig, disks, &held).unwrap();
        assert!(get(&vault, "box", "file").unwrap() == noise(1, 40_000));
        vault.close().unwrap();
    }
    let vault = open(&rig, &["a", "b"], &held).unwrap();
    put(&vault, "box", "more", &noise(2, 10_000));
    assert!(check(&vault, true, true).is_clean());
}

#[test]
fn they_open_no_other_vault_and_do_not_show_themselves() {
    let one = Rig::inline(&["a"]);
    let mut other = Rig::new(DiskKind::Memory, WriterMode::Inline, 99);
    other.add_disk("x", Bytes(1 << 30));
    let held = one.create(1).held_keys();
    drop(other.create(1));
    let refused = open(&other, &["x"], &held).map(drop).unwrap_err();
    assert!(!matches!(refused, VaultError::NoKeys), "{refused}");
    let shown = format!("{held:?}");
    assert!(shown.starts_with("HeldKeys") && shown.len() < 80, "{shown}");
}

/// A disk that is pulled under a check answers every read with an error, and is well when it is back.
#[test]
fn a_vault_whose_only_disk_failed_under_a_check_opens_when_the_disk_is_well_again() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    put(&vault, "box", "file", &noise(1, 40_000));
    vault.close().unwrap();
    let held = vault.held_keys();
    rig.sim("a").fail_after(0, Fault::Eio, Lasting::Forever);
    let found = check(&vault, true, false);
    assert!(!found.damaged.is_empty(), "{found:?}");
    rig.sim("a").heal();
    drop(vault);
    let vault = open(&rig, &["a"], &held).unwrap();
    assert!(get(&vault, "box", "file").unwrap() == noise(1, 40_000));
    assert!(check(&vault, true, false).is_clean());
}

#[test]
fn a_copy_that_was_found_damaged_is_read_all_the_same_where_there_is_no_other() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    put(&vault, "box", "file", &noise(1, 40_000));
    vault.close().unwrap();
    let held = vault.held_keys();
    let all: Vec<String> = rig.disks["a"].packs().into_iter().map(|(path, _)| path).collect();
    // What was flipped is right again when it is flipped again, as when a bridge garbled it.
    all.iter().for_each(|path| rig.sim("a").flip_byte(path, 300));
    assert!(!check(&vault, true, false).is_clean());
    all.iter().for_each(|path| rig.sim("a").flip_byte(path, 300));
    drop(vault);
    let vault = open(&rig, &["a"], &held).unwrap();
    assert!(get(&vault, "box", "file").unwrap() == noise(1, 40_000));
    assert!(check(&vault, true, false).is_clean());
}
