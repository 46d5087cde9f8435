//! Packs back from a friend: lost ones, wrong ones, cut ones. A folder plays the friend.

mod common;

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::sync::Arc;

use common::friend::{Friend, check, facts_of_friend, flip, id_of, one_copy, packs, with_friend};
use common::{Rig, backup, restore, same, small_tree};
use plan::offsite::FriendSet;
use plan::offsite::place::{OffsiteAction, plan};
use testkit::simdisk::SimDisk;
use types::{Bytes, PackId};
use vault::{Access, CreateSpec, Options, Secrets, TakenBack, Vault, VaultError, WriterMode};
use volume::Disk;

#[test]
fn packs_that_no_disk_has_any_more_come_back_from_a_friend_and_every_file_with_them() {
    let (rig, vault, friend) = with_friend(2, 2);
    let (mut gone, mut rotten) = (BTreeSet::new(), BTreeSet::new());
    for folder in &rig.volumes {
        for (n, file) in packs(folder, "data").iter().enumerate() {
            match n % 2 {
                0 => std::fs::remove_file(file).unwrap(),
                _ => flip(file),
            }
            let of = if n % 2 == 0 { &mut gone } else { &mut rotten };
            of.insert(id_of(file));
        }
    }
    assert!(!gone.is_empty() && !rotten.is_empty());
    let found = check(&vault, false);
    assert!(found.lost_file_count > 0, "{found:?}");
    let lost = restore(&vault, "latest", &rig.path("without")).lost_count;
    assert!(lost > 0, "the other packs are not enough");
    let wanted = vault.packs_to_fetch().unwrap();
    let names: BTreeSet<PackId> = wanted.iter().map(|pack| pack.id).collect();
    assert_eq!(names, gone.union(&rotten).copied().collect());
    // As the plan sees it, too.
    let mut facts: Vec<_> =
        vault.offsite_packs(one_copy).unwrap().iter().map(|pack| pack.facts).collect();
    facts.iter_mut().for_each(|pack| pack.at = FriendSet(1));
    let orders = plan(&facts, &[facts_of_friend()], rig.env.clock.now());
    let fetched = |action: &&OffsiteAction| matches!(action, OffsiteAction::Fetch { .. });
    assert_eq!(orders.actions.iter().filter(fetched).count(), wanted.len());
    for pack in &wanted {
        let bytes = friend.get(pack.id);
        let taken = vault.take_back(pack.id, &mut bytes.as_slice()).unwrap();
        assert_eq!(taken, TakenBack::Here { copies: 2 });
        let again = vault.take_back(pack.id, &mut bytes.as_slice()).unwrap();
        assert_eq!(again, TakenBack::Here { copies: 2 }, "as often as anybody likes");
    }
    assert!(vault.packs_to_fetch().unwrap().is_empty());
    let after = check(&vault, false);
    assert!(after.is_clean() && after.damaged.is_empty(), "{after:?}");
    restore(&vault, "latest", &rig.path("back"));
    same(&rig.path("tree"), &rig.path("back"));
    drop(vault);
    std::fs::remove_file(rig.catalog()).unwrap();
    let (vault, report) = rig.open();
    assert!(report.missing_packs.is_empty(), "{report:?}");
    restore(&vault, "latest", &rig.path("again"));
    same(&rig.path("tree"), &rig.path("again"));
}

/// A pack that was lost before this catalog was made is known by its name only.
#[test]
fn a_pack_of_which_only_the_name_is_known_comes_back_with_all_that_is_in_it() {
    let (rig, vault, friend) = with_friend(1, 1);
    drop(vault);
    packs(&rig.volumes[0], "data").iter().for_each(|file| std::fs::remove_file(file).unwrap());
    std::fs::remove_file(rig.catalog()).unwrap();
    let (vault, report) = rig.open();
    let wanted = vault.packs_to_fetch().unwrap();
    assert_eq!(wanted.len(), report.missing_packs.len());
    assert!(wanted.iter().all(|pack| !pack.is_indexed));
    for pack in wanted {
        vault.take_back(pack.id, &mut friend.get(pack.id).as_slice()).unwrap();
    }
    restore(&vault, "latest", &rig.path("back"));
    same(&rig.path("tree"), &rig.path("back"));
}

/// Gives a part of a pack, and then the line is cut.
struct Cut<'b>(&'b [u8], usize);

impl Read for Cut<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.1 == 0 {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let len = buf.len().min(self.1).min(self.0.len());
        buf[..len].copy_from_slice(&self.0[..len]);
        self.0 = &self.0[len..];
        self.1 -= len;
        Ok(len)
    }
}

#[test]
fn what_is_not_the_pack_is_refused_and_leaves_nothing_that_counts() {
    let (rig, vault, friend) = with_friend(1, 1);
    let file = packs(&rig.volumes[0], "data").remove(0);
    let id = id_of(&file);
    let right = friend.get(id);
    std::fs::remove_file(&file).unwrap();
    check(&vault, false);
    let before = testkit::files::below(&rig.volumes[0], "");
    let mut flipped = right.clone();
    flipped[1_000] ^= 1;
    let longer = [&right[..], b"more"].concat();
    for wrong in [&flipped[..], &right[1..], &right[..right.len() - 1], &longer, b""] {
        let error = vault.take_back(id, &mut &*wrong).unwrap_err();
        assert!(matches!(error, VaultError::NotThatPack { pack } if pack == id), "{error}");
    }
    let error = vault.take_back(id, &mut Cut(&right, 70_000)).unwrap_err();
    assert!(matches!(error, VaultError::Stream { .. }), "{error}");
    assert_eq!(testkit::files::below(&rig.volumes[0], ""), before);
    assert_eq!(vault.packs_to_fetch().unwrap().len(), 1, "it is still asked for");
    let error = vault.take_back(PackId([7; 32]), &mut right.as_slice()).unwrap_err();
    assert!(matches!(error, VaultError::NotFound { .. }), "{error}");
    vault.take_back(id, &mut right.as_slice()).unwrap();
    restore(&vault, "latest", &rig.path("back"));
    same(&rig.path("tree"), &rig.path("back"));
}

/// The disk loses power at every change that a taking-back makes: what counts then is whole, and what does
/// not is asked for again.
#[test]
fn a_power_cut_at_any_moment_of_a_taking_back_leaves_nothing_that_counts_and_is_not_whole() {
    let rig = Rig::new(0);
    let options = || Options { writers: WriterMode::Inline, ..Options::default() };
    let disk = SimDisk::new("one", Bytes(Bytes::GIB));
    let handle = |disk: &SimDisk| vec![Arc::new(disk.clone()) as Arc<dyn Disk>];
    let spec = CreateSpec { disks: handle(&disk), copies: 1, words: &rig.words, password: None };
    let vault = Vault::create(rig.env.clone(), options(), spec).unwrap();
    small_tree(&rig.path("tree"), 1);
    backup(&vault, "tree", &rig.path("tree"));
    vault.close().unwrap();
    let mut friend = Friend::at(rig.path("friend"));
    friend.keep_packs(&vault);
    drop(vault);
    let data = disk.files().into_iter().map(|(path, _)| path).find(|p| p.starts_with("data/"));
    let data = data.unwrap();
    let id = id_of(std::path::Path::new(&data));
    Disk::unlink(&disk, &data).unwrap();
    let open = |disk: &SimDisk| {
        let (secret, env) = (Secrets::Words(&rig.words), rig.env.clone());
        Vault::open(env, options(), Access::ReadWrite, handle(disk), None, secret).unwrap().0
    };
    let (mut cut, mut kept) = (0, 0);
    for count in 0.. {
        let tried = disk.image("one");
        let vault = open(&tried);
        assert_eq!(vault.packs_to_fetch().unwrap().len(), 1);
        tried.cut_after(count);
        let taken = vault.take_back(id, &mut friend.get(id).as_slice());
        drop(vault);
        let mut least = |_| 0;
        let after = tried.crash(&mut least);
        let vault = open(&after);
        let wanted = vault.packs_to_fetch().unwrap();
        assert!(taken.is_err() || wanted.is_empty(), "cut {count}: it was said to be here");
        let read = check(&vault, false);
        assert_eq!(read.damaged, [], "cut {count}");
        kept += usize::from(wanted.is_empty());
        cut += usize::from(!wanted.is_empty());
        vault.take_back(id, &mut friend.get(id).as_slice()).unwrap();
        assert!(check(&vault, false).is_clean(), "cut {count}");
        if taken.is_ok() {
            break;
        }
    }
    assert!(cut > 2 && kept > 0, "{cut} cuts left it asked for, {kept} left it here");
}
