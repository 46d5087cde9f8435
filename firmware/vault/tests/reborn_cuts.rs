//! A vault that is reborn a part at a time: the power fails at every change of the fresh disk, and then once
//! more; somebody stops it; and a disk is mended that only lost its metadata.

mod common;

use std::io;
use std::sync::Arc;

use common::friend::{Friend, check, packs};
use common::{Rig, backup, noise, put, quiet, restore, same, small_tree};
use peer_proto::wire::Listed;
use testkit::dice::Dice;
use testkit::simdisk::SimDisk;
use types::{Bytes, PackId};
use vault::{Access, Hold, Options, RebornSpec, Vault, VaultError, WriterMode};
use volume::Disk;

/// Brings back what can be had, as far as the power lasts.
fn attempt(rig: &Rig, disk: &SimDisk, friend: &Friend) -> Result<Vault, VaultError> {
    let disks = vec![Arc::new(disk.clone()) as Arc<dyn Disk>];
    let spec =
        RebornSpec { disks, words: &rig.words, holds: &[friend], head: None, go_on_without: false };
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

/// What the newest versions need comes before what only old ones do, and metadata before both.
#[test]
fn what_the_newest_versions_need_comes_first_and_whoever_stops_it_keeps_what_came() {
    let rig = Rig::new(1);
    let vault = rig.create(1);
    let tree = rig.path("tree");
    std::fs::create_dir(&tree).unwrap();
    for n in 0..12_u64 {
        put(&tree.join("file"), &noise(n, 40_000));
        backup(&vault, "tree", &tree);
        vault.close().unwrap();
    }
    let mut friend = Friend::at(rig.path("friend"));
    friend.keep_all(&vault);
    drop(vault);
    std::fs::remove_file(rig.catalog()).unwrap();
    let (disks, words) = (vec![rig.new_disk("new")], &rig.words);
    let spec = RebornSpec { disks, words, holds: &[&friend], head: None, go_on_without: false };
    let (vault, _) = Vault::reborn(rig.env.clone(), rig.options(), spec, &mut quiet).unwrap();
    assert_eq!(vault.packs_to_fetch().unwrap().len(), 12);
    friend.sent.lock().unwrap().clear();
    let stopped = vault.fetch_lacking(&[&friend], &mut |now| now.items == 0);
    assert!(matches!(stopped, Err(VaultError::Stopped)), "{stopped:?}");
    let sent = friend.sent.lock().unwrap().clone();
    assert!(sent.len() < 12, "{}", sent.len());
    let left = vault.packs_to_fetch().unwrap().len();
    assert!(left < 12, "what came stays");
    // Four are on their way at once; the one with the newest version is among the first.
    let back = rig.path("back");
    restore(&vault, "latest", &back);
    same(&tree, &back);
    let report = vault.fetch_lacking(&[&friend], &mut quiet).unwrap();
    assert_eq!(report.fetched, left as u64, "nothing comes twice");
    assert!(vault.packs_to_fetch().unwrap().is_empty());
}

/// A thief had a friend asked to let packs go: they waited for their turn behind what stays for good.
#[test]
fn what_a_friend_may_soon_let_go_comes_before_all_else_and_a_silent_friend_is_asked_last() {
    let rig = Rig::new(1);
    let vault = rig.create(1);
    let tree = rig.path("tree");
    std::fs::create_dir(&tree).unwrap();
    for n in 0..12 {
        put(&tree.join("file"), &noise(n, 40_000));
        backup(&vault, "tree", &tree);
        vault.close().unwrap();
    }
    let mut friend = Friend::at(rig.path("friend"));
    friend.keep_all(&vault);
    drop(vault);
    std::fs::remove_file(rig.catalog()).unwrap();
    let (disks, words) = (vec![rig.new_disk("new")], &rig.words);
    let spec = RebornSpec { disks, words, holds: &[&friend], head: None, go_on_without: false };
    let (vault, _) = Vault::reborn(rig.env.clone(), rig.options(), spec, &mut quiet).unwrap();
    // The newest but one comes last: the newest version does not need it.
    let mut packs = vault.packs_to_fetch().unwrap();
    packs.sort_by_key(|pack| pack.no);
    let going = packs[packs.len() - 2].id;
    friend.going.insert(going);
    friend.sent.lock().unwrap().clear();
    let silent = Silent(friend.list().unwrap());
    let holds: [&dyn Hold; 2] = [&silent, &friend];
    let stopped = vault.fetch_lacking(&holds, &mut |now| now.items == 0);
    assert!(matches!(stopped, Err(VaultError::Stopped)), "{stopped:?}");
    let left = vault.packs_to_fetch().unwrap();
    assert!(left.len() > 3 && left.iter().all(|pack| pack.id != going), "four are first");
    vault.fetch_lacking(&holds, &mut quiet).unwrap();
    assert!(vault.packs_to_fetch().unwrap().is_empty());
}

/// Has everything by its list, and must not be asked for any of it while another can be.
#[derive(Debug)]
struct Silent(Vec<Listed>);

impl Hold for Silent {
    fn name(&self) -> String {
        "silent".to_owned()
    }

    fn list(&self) -> io::Result<Vec<Listed>> {
        Ok(self.0.clone())
    }

    fn read(&self, root: PackId, _: u64, _: u64) -> io::Result<Vec<u8>> {
        panic!("{root:?} was asked for")
    }

    fn is_silent(&self) -> bool {
        true
    }
}

/// The only disk rotted where the vault's own metadata lies: it opens no more, and a friend mends it.
#[test]
fn a_disk_that_lost_its_metadata_is_mended_and_no_disk_is_struck_off() {
    let rig = Rig::new(2);
    let vault = rig.create(2);
    small_tree(&rig.path("tree"), 3);
    backup(&vault, "tree", &rig.path("tree"));
    vault.close().unwrap();
    let mut friend = Friend::at(rig.path("friend"));
    friend.keep_all(&vault);
    drop(vault);
    std::fs::remove_file(rig.catalog()).unwrap();
    for (n, file) in packs(&rig.volumes[0], "meta").iter().enumerate() {
        match n % 2 {
            0 => put(file, b"what a broken disk gives back"),
            _ => std::fs::remove_file(file).unwrap(),
        }
    }
    let one = &rig.volumes[..1];
    assert!(rig.try_open(one, Access::ReadWrite).is_err(), "nothing says what it holds");
    let _catalog = std::fs::remove_file(rig.catalog());
    let (disks, words) = (vec![Rig::disk(&one[0])], &rig.words);
    let spec = RebornSpec { disks, words, holds: &[&friend], head: None, go_on_without: false };
    let (vault, report) = Vault::reborn(rig.env.clone(), rig.options(), spec, &mut quiet).unwrap();
    assert_eq!(report.struck_off, []);
    assert!(report.fetched > 2 && report.lacking.is_empty(), "{report:?}");
    restore(&vault, "latest", &rig.path("back"));
    same(&rig.path("tree"), &rig.path("back"));
    drop(vault);
    let (vault, report) = rig.open();
    assert_eq!(vault.volumes().unwrap().len(), 2, "the other one is still a member: {report:?}");
    assert!(check(&vault, true).is_clean());
}
