//! What would be missing if one volume went.

mod common;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use common::{Rig, backup, restore, same, small_tree};
use testkit::twist::{Twist, Twisted};
use vault::{Access, CopiesHere, Secrets, Vault, VaultError};
use volume::{Disk, DiskFile, FsDisk};

#[test]
fn a_pack_counts_for_the_only_volume_that_has_it_and_answers() {
    let rig = Rig::new(2);
    let vault = rig.create(2);
    small_tree(&rig.path("tree"), 1);
    backup(&vault, "tree", &rig.path("tree"));
    vault.close().unwrap();
    let only = vault.only_on(|_| false).unwrap();
    assert_eq!(only.values().copied().collect::<Vec<_>>(), [0, 0], "each has a twin");
    let ids: Vec<_> = vault.volumes().unwrap().iter().map(|volume| volume.id).collect();
    let only = vault.only_on(|id| id == ids[0]).unwrap();
    assert!(only[&ids[1]] > 0, "somebody pulled its twin's disk a moment ago");
    drop(vault);
    let (vault, _) = rig.try_open(&rig.volumes[..1], Access::ReadWrite).unwrap();
    let here = vault.volumes().unwrap().into_iter().find(|v| v.state != "absent").unwrap().id;
    let away = ids.into_iter().find(|id| *id != here).unwrap();
    let only = vault.only_on(|_| false).unwrap();
    assert!(only[&here] > 0, "its twin is away");
    assert_eq!(only[&away], 0, "what it has is here, too");
}

/// A disk that took the last versions alone was struck off after a power cut: the catalog knew of
/// nothing on it that was not elsewhere, because what it held was never sealed.
#[test]
fn a_volume_that_was_here_when_the_power_failed_is_unsettled_until_it_comes_back() {
    let rig = Rig::new(2);
    let vault = rig.create(2);
    vault.close().unwrap();
    drop(vault);
    let (vault, _) = rig.try_open(&rig.volumes[..1], Access::ReadWrite).unwrap();
    assert!(vault.unsettled().is_empty(), "it was closed with both");
    drop(vault);
    let (vault, _) = rig.try_open(&rig.volumes[1..], Access::ReadWrite).unwrap();
    small_tree(&rig.path("tree"), 1);
    backup(&vault, "tree", &rig.path("tree"));
    let alone = vault.attached()[0];
    drop(vault);
    for again in 0..2 {
        let (vault, _) = rig.try_open(&rig.volumes[..1], Access::ReadWrite).unwrap();
        assert_eq!(vault.unsettled().into_iter().collect::<Vec<_>>(), [alone], "start {again}");
        assert!(vault.snapshots(None).unwrap().is_empty(), "only the other one has it");
        let error = vault.remove(alone, false).unwrap_err();
        assert!(matches!(error, VaultError::Unsettled { .. }), "{error}");
        vault.close().unwrap();
    }
    let (vault, _) = rig.open();
    assert!(vault.unsettled().is_empty());
    assert_eq!(vault.snapshots(None).unwrap().len(), 1);
    vault.close().unwrap();
    drop(vault);
    let (vault, _) = rig.try_open(&rig.volumes[..1], Access::ReadWrite).unwrap();
    assert!(vault.unsettled().is_empty(), "all of it was sealed, and told to the other");
    assert_eq!(vault.snapshots(None).unwrap().len(), 1);
}

/// Files that cannot be opened for now.
#[derive(Clone, Debug)]
struct Unreadable(Vec<String>);

impl Twist for Unreadable {
    fn open(&self, below: &dyn Disk, path: &str) -> io::Result<Box<dyn DiskFile>> {
        match self.0.iter().any(|name| path.ends_with(name.as_str())) {
            true => Err(io::Error::other("the cable")),
            false => below.open(path),
        }
    }
}

/// A disk whose unfinished pack could not be read when the vault was opened counted as known: retired, it
/// took the versions with it that were in that pack.
#[test]
fn a_volume_that_fails_while_it_is_read_after_a_power_cut_is_unsettled_too() {
    let rig = Rig::new(2);
    let vault = rig.create(1);
    small_tree(&rig.path("tree"), 1);
    backup(&vault, "tree", &rig.path("tree"));
    let all = vault.attached();
    drop(vault);
    // Metadata is on both, and what the files are made of on one of them alone.
    let parts = |volume: &std::path::Path| {
        let mut parts = testkit::files::below(volume, "");
        parts.retain(|file| file.extension().is_some_and(|kind| kind == "part"));
        parts
    };
    let both = [parts(&rig.volumes[0]), parts(&rig.volumes[1])];
    let at = usize::from(both[1].len() > both[0].len());
    let has = |file: &PathBuf| both[1 - at].iter().any(|one| one.file_name() == file.file_name());
    let parts: Vec<_> = both[at].iter().filter(|file| !has(file)).collect();
    assert!(!parts.is_empty(), "what was stored is in unfinished packs");
    let alone = all[at];
    let names = parts.iter().filter_map(|part| part.file_name()?.to_str().map(str::to_owned));
    let unreadable = Unreadable(names.collect());
    for start in 0..2 {
        let mut disks: Vec<_> = rig.volumes.iter().map(|folder| Rig::disk(folder)).collect();
        let below = FsDisk::open(&rig.volumes[at], None).unwrap();
        disks[at] = Arc::new(Twisted { below, twist: unreadable.clone() });
        let secret = Secrets::Words(&rig.words);
        let (env, options) = (rig.env.clone(), rig.options());
        let (vault, _) = Vault::open(env, options, Access::ReadWrite, disks, None, secret).unwrap();
        assert_eq!(vault.unsettled().into_iter().collect::<Vec<_>>(), [alone], "open {start}");
        assert!(matches!(vault.remove(alone, false), Err(VaultError::Unsettled { .. })));
        vault.close().unwrap();
    }
    let (vault, _) = rig.open();
    assert!(vault.unsettled().is_empty());
    restore(&vault, "latest", &rig.path("back"));
    same(&rig.path("tree"), &rig.path("back"));
}

/// A catalog from before there was such a note, or one that a kill left without it, knows of nobody.
#[test]
fn a_catalog_without_the_note_takes_nobody_for_known() {
    let rig = Rig::new(2);
    rig.create(2).close().unwrap();
    std::fs::remove_file(rig.catalog()).unwrap();
    // Opening fails after the catalog was made: neither of its disks is there.
    assert!(rig.try_open(&[], Access::ReadWrite).is_err());
    let words = rig.try_open(&rig.volumes[..1], Access::ReadWrite).unwrap().0;
    assert_eq!(words.unsettled().len(), 1);
}

#[test]
fn what_is_stored_after_a_close_makes_the_volumes_unsettled_again() {
    let rig = Rig::new(2);
    let vault = rig.create(2);
    small_tree(&rig.path("tree"), 1);
    backup(&vault, "tree", &rig.path("tree"));
    vault.close().unwrap();
    small_tree(&rig.path("more"), 2);
    backup(&vault, "more", &rig.path("more"));
    drop(vault);
    let (vault, _) = rig.try_open(&rig.volumes[..1], Access::ReadWrite).unwrap();
    assert_eq!(vault.unsettled().len(), 1);
}

#[test]
fn a_catalog_that_was_made_anew_knows_nothing_of_a_volume_that_is_away() {
    let rig = Rig::new(2);
    let vault = rig.create(2);
    vault.close().unwrap();
    drop(vault);
    std::fs::remove_file(rig.catalog()).unwrap();
    for start in 0..2 {
        let (vault, _) = rig.try_open(&rig.volumes[..1], Access::ReadWrite).unwrap();
        assert_eq!(vault.unsettled().len(), 1, "start {start}");
    }
}

#[test]
fn copies_are_counted_on_disks_that_answer_and_not_promised() {
    let rig = Rig::new(2);
    let vault = rig.create(2);
    let before = vault.copies_here().unwrap();
    assert_eq!(before, CopiesHere { single: 0, fewest: before.fewest });
    small_tree(&rig.path("tree"), 1);
    backup(&vault, "tree", &rig.path("tree"));
    assert_eq!(vault.copies_here().unwrap(), CopiesHere { single: 0, fewest: Some(2) });
    vault.close().unwrap();
    drop(vault);
    let (vault, _) = rig.try_open(&rig.volumes[..1], Access::ReadWrite).unwrap();
    let here = vault.copies_here().unwrap();
    assert!(here.single > 0 && here.fewest == Some(1), "{here:?}");
}
