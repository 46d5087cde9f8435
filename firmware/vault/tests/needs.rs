//! What would be missing if one volume went.

mod common;

use common::{Rig, backup, small_tree};
use vault::{Access, CopiesHere};

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
