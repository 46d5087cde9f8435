//! The power fails while a vault is reborn: at every change of the fresh disk, and then once more.

mod common;

use std::sync::Arc;

use common::friend::Friend;
use common::{Rig, backup, noise, put, quiet, restore, same};
use testkit::dice::Dice;
use testkit::simdisk::SimDisk;
use types::Bytes;
use vault::{Options, RebornSpec, Vault, VaultError, WriterMode};
use volume::Disk;

/// Brings back what can be had, as far as the power lasts.
fn attempt(rig: &Rig, disk: &SimDisk, friend: &Friend) -> Result<Vault, VaultError> {
    let disks = vec![Arc::new(disk.clone()) as Arc<dyn Disk>];
    let spec = RebornSpec { disks, words: &rig.words, holds: &[friend], head: None };
    let options = Options { writers: WriterMode::Inline, ..Options::default() };
    let (vault, _) = Vault::reborn(rig.env.clone(), options, spec, &mut quiet)?;
    let report = vault.fetch_lacking(&[friend], &mut quiet)?;
    assert_eq!(report.lacking, []);
    vault.close()?;
    Ok(vault)
}

#[test]
fn a_power_cut_at_any_change_of_a_rebirth_costs_nothing_but_what_was_under_way() {
    let rig = Rig::new(1);
    let vault = rig.create(1);
    let tree = rig.path("tree");
    std::fs::create_dir(&tree).unwrap();
    for n in 0..4_u8 {
        put(&tree.join(format!("file-{n}")), &noise(n.into(), 30_000));
        backup(&vault, "tree", &tree);
        vault.close().unwrap();
    }
    let mut friend = Friend::at(rig.path("friend"));
    friend.keep_all(&vault);
    drop(vault);
    let mut dice = Dice::new(5);
    let (mut cuts, mut restored) = (0_u64, 0);
    for count in (0..).step_by(3) {
        let disk = SimDisk::new("new", Bytes(Bytes::GIB));
        disk.cut_after(count);
        let whole = attempt(&rig, &disk, &friend).is_ok();
        let mut choice = |below: u32| dice.roll(below);
        let after = disk.crash(&mut choice);
        // The second attempt is cut as well, somewhere on its way.
        after.cut_after(count / 2);
        let _again = attempt(&rig, &after, &friend);
        let last = after.crash(&mut choice);
        let vault = attempt(&rig, &last, &friend).unwrap();
        assert_eq!(vault.snapshots(None).unwrap().len(), 4, "cut {count}");
        if count % 12 == 0 || whole {
            let back = rig.path(&format!("back-{count}"));
            restore(&vault, "latest", &back);
            same(&tree, &back);
            restored += 1;
        }
        cuts += 1;
        if whole {
            break;
        }
    }
    assert!(cuts > 10 && restored > 3, "{cuts} cuts, {restored} restored");
}
