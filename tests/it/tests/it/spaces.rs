//! Spaces that come to an open vault, with disks that are away, refuse or were apart: each disk and
//! the words stay enough for what is on it.

use testkit::simdisk::{Fault, Lasting};
use types::SpaceId;
use vault::{Access, BackupSpec, NewFile, Secrets, Vault, VaultError};

use crate::rig::{Rig, check, get, get_of, noise, put, quiet};

pub(crate) fn put_in(vault: &Vault, space: SpaceId, source: &str, bytes: &[u8]) -> u8 {
    let editor = vault.editor(Some(space), source).unwrap();
    let (mut bytes, file) = (bytes, NewFile::default());
    editor.put(b"letter", file, &mut bytes).unwrap().receipt.copies
}

pub(crate) fn get_in(vault: &Vault, space: &str, source: &str) -> Result<Vec<u8>, VaultError> {
    let space = vault.space_named(space).expect("the space is there");
    let found = vault.find_snapshot_in(Some(space), &format!("latest:{source}"))?;
    get_of(vault, &found, "letter")
}

/// Opens one disk alone, without the catalog, and looks at everything on it.
fn alone(rig: &Rig, disk: &str) -> Vault {
    let handle = rig.handles(&[disk]);
    let options = vault::Options { catalog: None, ..rig.options() };
    let secret = Secrets::Words(&rig.words);
    let opened =
        Vault::open(rig.env.clone(), options, Access::ReadOnly, handle, None, secret).unwrap();
    let report = check(&opened.0, true, false);
    assert!(report.damaged.is_empty(), "{disk} alone: {report:?}");
    opened.0
}

#[test]
fn what_is_stored_in_a_new_space_is_on_every_disk_with_its_keys() {
    let rig = Rig::threaded(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "letter", b"for all");
    let ann = vault.add_space("ann").unwrap();
    assert!(matches!(vault.add_space("ann"), Err(VaultError::Bad { .. })), "the name is taken");
    assert_eq!(vault.space_or_new("ann").unwrap(), ann);
    for bad in ["", "a:b", "line\nbreak"] {
        assert!(matches!(vault.add_space(bad), Err(VaultError::Bad { .. })), "{bad:?}");
    }
    assert_eq!(put_in(&vault, ann, "box", b"ann's"), 2);
    drop(vault);
    for disk in ["a", "b"] {
        let vault = alone(&rig, disk);
        assert_eq!(get_in(&vault, "ann", "box").unwrap(), b"ann's");
        assert_eq!(get_in(&vault, "everyone", "box").unwrap(), b"for all");
        // Two sources have this name, and nobody guesses which one is meant.
        let guessed = get(&vault, "box", "letter").unwrap_err();
        assert!(matches!(guessed, VaultError::SeveralSources { .. }), "{guessed}");
    }
}

#[test]
fn a_snapshot_of_another_space_is_not_found_by_any_name() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    put(&vault, "box", "letter", b"for all");
    let ann = vault.add_space("ann").unwrap();
    put_in(&vault, ann, "diary", b"ann's");
    let id = vault.snapshots(Some("diary")).unwrap()[0].id.to_string();
    let everyone = Some(vault.everyone());
    for name in [&id, &id[..8], "latest:diary"] {
        assert!(vault.find_snapshot_in(Some(ann), name).is_ok(), "{name}");
        let other = vault.find_snapshot_in(everyone, name).unwrap_err();
        assert!(matches!(other, VaultError::NotFound { .. }), "{name}: {other}");
    }
    assert!(vault.snapshots_in(everyone, Some("diary")).is_err());
    assert_eq!(vault.snapshots_in(everyone, None).unwrap().len(), 1);
    assert_eq!(vault.find_snapshot_in(everyone, "latest").unwrap().info.source_name, "box");
}

#[test]
fn the_same_bytes_are_stored_once_in_a_space_and_again_in_another() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    let ann = vault.add_space("ann").unwrap();
    let bytes = noise(1, 3 << 20);
    std::fs::create_dir(rig.path("files")).unwrap();
    std::fs::write(rig.path("files/one"), &bytes).unwrap();
    let store = |source: &str, space| {
        let (source, paths) = (source.to_owned(), vec![rig.path("files")]);
        let spec = BackupSpec { source, paths, space, ..BackupSpec::default() };
        vault.backup(&spec, &mut quiet).unwrap().stats.new_bytes
    };
    let len = bytes.len() as u64;
    assert!(store("first", None) >= len);
    assert!(store("second", None) < len / 100, "everyone has it");
    assert!(store("first", Some(ann)) >= len, "nobody learns from ann's space what others have");
    assert!(store("second", Some(ann)) < len / 100, "ann has it");
}

/// The keys were written to the disks that were there. One that comes back got packs of the new space
/// with the next backup; had it died with them alone, they would have been of no use.
#[test]
fn a_disk_that_comes_back_gets_the_keys_before_anything_else() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "letter", b"for all");
    vault.close().unwrap();
    drop(vault);
    let (vault, _) = rig.open(&["a"]);
    let ann = vault.add_space("ann").unwrap();
    put_in(&vault, ann, "old", b"while b was away");
    drop(vault);
    assert_eq!(alone(&rig, "b").space_named("ann"), None, "b was away");
    let (vault, _) = rig.open(&["a", "b"]);
    assert_eq!(put_in(&vault, ann, "new", b"on both"), 2);
    drop(vault);
    assert_eq!(get_in(&alone(&rig, "b"), "ann", "new").unwrap(), b"on both");
    let (vault, _) = rig.open(&["a", "b"]);
    vault.rebuild(&mut quiet).unwrap();
    drop(vault);
    assert_eq!(get_in(&alone(&rig, "b"), "ann", "old").unwrap(), b"while b was away");
}

#[test]
fn a_disk_that_does_not_take_the_keys_gets_nothing_of_the_space_until_it_does() {
    for fault in [Fault::Eio, Fault::Enospc] {
        let rig = Rig::inline(&["a", "b"]);
        let vault = rig.create(2);
        put(&vault, "box", "letter", b"for all");
        rig.sim("b").fail_after(0, fault, Lasting::Forever);
        let ann = vault.add_space("ann").unwrap();
        rig.sim("b").heal();
        assert_eq!(put_in(&vault, ann, "box", b"ann's"), 1, "{fault:?}: no copy on b is promised");
        drop(vault);
        assert_eq!(alone(&rig, "b").space_named("ann"), None, "{fault:?}");
        assert_eq!(get_in(&alone(&rig, "a"), "ann", "box").unwrap(), b"ann's");
        let (vault, _) = rig.open(&["a", "b"]);
        vault.rebuild(&mut quiet).unwrap();
        drop(vault);
        assert_eq!(get_in(&alone(&rig, "b"), "ann", "box").unwrap(), b"ann's", "{fault:?}");
    }
}

#[test]
fn a_space_that_no_disk_took_is_not_there() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    rig.sim("a").fail_after(0, Fault::Eio, Lasting::Forever);
    assert!(matches!(vault.add_space("ann"), Err(VaultError::NoWriter { .. })));
    assert_eq!(vault.space_named("ann"), None);
    rig.sim("a").heal();
    drop(vault);
    let (vault, _) = rig.open(&["a"]);
    let ann = vault.add_space("ann").unwrap();
    put_in(&vault, ann, "box", b"ann's");
    drop(vault);
    assert_eq!(get_in(&alone(&rig, "a"), "ann", "box").unwrap(), b"ann's");
}

/// Each half of the vault was opened without the other, and each was given spaces: the key files have
/// the same generation and other keys. Taking one of them would lose what was sealed under the other.
#[test]
fn spaces_that_two_halves_were_given_apart_are_all_there_when_they_meet() {
    let rig = Rig::inline(&["a", "b"]);
    drop(rig.create(1));
    for (disk, own) in [("a", "ben"), ("b", "eve")] {
        let (vault, _) = rig.open(&[disk]);
        for name in ["ann", own] {
            let space = vault.add_space(name).unwrap();
            put_in(&vault, space, "box", format!("{name} on {disk}").as_bytes());
        }
        vault.close().unwrap();
    }
    let (vault, _) = rig.open(&["a", "b"]);
    let mut names: Vec<_> = vault.spaces().into_iter().map(|(_, name)| name).collect();
    names.sort();
    assert_eq!(names, ["ann", "ann.2", "ben", "eve", "everyone"]);
    let mut anns = ["ann", "ann.2"].map(|name| get_in(&vault, name, "box").unwrap());
    anns.sort();
    assert_eq!(anns, [b"ann on a", b"ann on b"]);
    let own = ["ben", "eve"].map(|name| get_in(&vault, name, "box").unwrap());
    assert_eq!(own, [b"ben on a", b"eve on b"]);
    vault.set_copies(2, &mut quiet).unwrap();
    drop(vault);
    for disk in ["a", "b"] {
        let vault = alone(&rig, disk);
        for name in &names[..4] {
            assert!(get_in(&vault, name, "box").is_ok(), "{name} on {disk}");
        }
    }
}

#[test]
fn keys_that_were_held_since_before_a_space_came_open_it_too() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    let held = vault.held_keys();
    let ann = vault.add_space("ann").unwrap();
    put_in(&vault, ann, "box", b"ann's");
    drop(vault);
    let open = |disks: &[&str]| {
        let (secret, disks) = (Secrets::Held(&held), rig.handles(disks));
        let access = Access::ReadWrite;
        Vault::open(rig.env.clone(), rig.options(), access, disks, None, secret).unwrap().0
    };
    assert_eq!(get_in(&open(&["a", "b"]), "ann", "box").unwrap(), b"ann's");
    // And the disks still have the newest.
    assert_eq!(get_in(&alone(&rig, "a"), "ann", "box").unwrap(), b"ann's");
}
