//! What would be missing if one volume went.

mod common;

use common::{Rig, backup, small_tree};
use vault::{Access, CopiesHere, VaultError};

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
