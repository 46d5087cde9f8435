//! The vault's packs as friends get them, open and locked: a folder plays the friend.

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use common::friend::{check, facts_of_friend, flip, id_of, one_copy, packs, with_friend};
use common::{Rig, backup, put, quiet, small_tree};
use plan::offsite::FriendSet;
use plan::offsite::place::{OffsiteAction, plan};
use types::{Bytes, Millis, PackId, SpaceId, UnixTime};
use vault::{Access, OffsiteWish, PruneOptions, Vault};

#[test]
fn every_pack_is_told_with_its_copies_here_and_away_and_a_number_that_leads_back_to_it() {
    let (rig, vault, friend) = with_friend(2, 2);
    let all = vault.offsite_packs(one_copy).unwrap();
    let names: BTreeSet<PackId> = all.iter().map(|pack| pack.id).collect();
    let files: BTreeSet<PackId> = ["data", "meta"]
        .iter()
        .flat_map(|kind| packs(&rig.volumes[0], kind))
        .map(|file| id_of(&file))
        .collect();
    assert_eq!(names, files);
    assert!(names.len() > 3 && friend.kinds.len() == names.len());
    for pack in &all {
        assert_eq!((pack.facts.here, pack.facts.away, pack.facts.wanted), (2, false, 1));
        assert_eq!(vault.pack_of_number(pack.facts.no).unwrap(), Some(pack.id));
        assert_eq!(vault.number_of_pack(pack.id).unwrap(), Some(pack.facts.no));
        assert_eq!(pack.item().size, pack.facts.len.0);
    }
    drop(vault);
    let (vault, _) = rig.try_open(&rig.volumes[..1], Access::ReadWrite).unwrap();
    let all = vault.offsite_packs(one_copy).unwrap();
    let known = all.iter().filter(|pack| names.contains(&pack.id));
    assert!(known.clone().count() == names.len(), "nothing is forgotten with its disk");
    assert!(known.clone().all(|pack| pack.facts.here == 1 && pack.facts.away));
}

#[test]
fn a_wish_is_for_a_space_and_the_vaults_own_packs_are_as_dear_as_the_dearest() {
    let rig = Rig::new(1);
    let vault = rig.create(1);
    let ann = vault.add_space("ann").unwrap();
    small_tree(&rig.path("tree"), 1);
    backup(&vault, "tree", &rig.path("tree"));
    vault.close().unwrap();
    let wish = |space: SpaceId| match space == ann {
        true => OffsiteWish { copies: 3, pinned: true },
        false => OffsiteWish { copies: 1, pinned: false },
    };
    let all = vault.offsite_packs(wish).unwrap();
    let of = |copies: u8| all.iter().filter(|pack| pack.facts.wanted == copies).count();
    assert!(of(3) > 0 && of(1) > 0 && of(3) + of(1) == all.len(), "{all:?}");
    assert!(all.iter().all(|pack| pack.facts.pinned == (pack.facts.wanted == 3)));
}

#[test]
fn a_small_pack_is_young_for_a_day_and_one_that_is_pruned_says_so() {
    let (rig, vault, _friend) = with_friend(1, 1);
    let is_small = |len: Bytes| len < plan::gc::SMALL_PACK;
    for pack in vault.offsite_packs(one_copy).unwrap() {
        assert_eq!(pack.facts.sealed > UnixTime(0), is_small(pack.facts.len), "{pack:?}");
        assert!(!pack.facts.pruned);
    }
    drop(vault);
    let (vault, _) = rig.open();
    let young = |vault: &Vault| {
        let all = vault.offsite_packs(one_copy).unwrap();
        all.iter().filter(|pack| pack.facts.sealed > UnixTime(0)).count()
    };
    assert!(young(&vault) > 0, "it is remembered over a restart");
    rig.clock.pass(Millis::from_days(2));
    assert_eq!(young(&vault), 0);
    put(&rig.path("tree/large"), b"short now");
    backup(&vault, "tree", &rig.path("tree"));
    vault.forget(&vault.snapshots(None).unwrap()[..1]).unwrap();
    let options = PruneOptions { allow_large: true, ..PruneOptions::default() };
    check(&vault, false);
    vault.prune(options, &mut quiet).unwrap();
    let pruned = vault.offsite_packs(one_copy).unwrap();
    assert!(pruned.iter().any(|pack| pack.facts.pruned), "{pruned:?}");
    let friends = [facts_of_friend()];
    let mut facts: Vec<_> = pruned.iter().map(|pack| pack.facts).collect();
    facts.iter_mut().for_each(|pack| pack.at = FriendSet(1));
    let orders = plan(&facts, &friends, rig.env.clock.now());
    let goes = orders.actions.iter().any(|one| matches!(one, OffsiteAction::LetGo { .. }));
    assert!(goes, "{orders:?}");
}

#[test]
fn a_rotten_copy_that_is_found_while_it_is_sent_is_passed_over_and_mended() {
    let (rig, vault, friend) = with_friend(2, 2);
    let file = packs(&rig.volumes[0], "data").remove(0);
    let id = id_of(&file);
    flip(&file);
    let here = vault.sealed_here().unwrap();
    let doubted = vault.attached().into_iter().map(|on| here.doubt(id, on).unwrap());
    assert_eq!(doubted.filter(|is_rotten| *is_rotten).count(), 1);
    let [(rotten, on)] = here.rotten()[..] else { panic!("{:?}", here.rotten()) };
    assert_eq!(rotten, id);
    assert_ne!(here.pack(id).unwrap().unwrap().volume(), on);
    let found = vault.attached().into_iter().map(|on| vault.found_rotten(id, on).unwrap());
    assert_eq!(found.filter(|is_rotten| *is_rotten).count(), 1);
    assert_ne!(vault.sealed_here().unwrap().pack(id).unwrap().unwrap().volume(), on);
    let facts = vault.offsite_packs(one_copy).unwrap();
    assert_eq!(facts.iter().find(|pack| pack.id == id).unwrap().facts.here, 1);
    assert!(check(&vault, true).is_clean());
    assert_eq!(std::fs::read(&file).unwrap(), friend.get(id));
}

#[test]
fn a_locked_box_reads_its_sealed_packs_without_a_key() {
    let (rig, vault, friend) = with_friend(2, 1);
    drop(vault);
    let volumes = rig.volumes.iter().map(|folder| {
        let (volume, _) = volume::Volume::open(Rig::disk(folder)).unwrap();
        Arc::new(volume)
    });
    let here = vault::SealedHere::on(volumes.collect(), Vec::new());
    assert!(friend.kinds.len() > 3);
    for id in friend.kinds.keys() {
        let pack = here.pack(*id).unwrap().unwrap();
        let mut bytes = vec![0; usize::try_from(pack.len().0).unwrap()];
        verified::ReadAt::read_exact_at(&pack, 0, &mut bytes).unwrap();
        assert!(bytes == friend.get(*id));
    }
    assert!(here.pack(PackId([9; 32])).unwrap().is_none());
}
