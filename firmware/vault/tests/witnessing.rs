//! Own heads before a friend who is a real witness, and the words slot that the friend keeps.

mod common;

use std::sync::Arc;

use common::Rig;
use common::witness::{copy_all, go_on, offer, remove_all, side, take};
use format::keys::{KeyFile, SlotKind};
use peer_proto::heads::{Offer, Offered, Witness};
use peer_proto::pact::Side;
use peer_proto::wire::{HeadAnew, HeadPoint, OfferHead};
use seal::{KeyRing, Secret, Words};
use types::OwnerKey;
use vault::{Access, CreateSpec, HeadStanding, SealedHere, Secrets, Vault, VaultError};
use volume::{FsDisk, Volume};

#[test]
fn a_friend_who_missed_some_heads_takes_the_newest_by_the_word_of_its_writer() {
    let rig = Rig::new(2);
    let vault = rig.create(2);
    let side = side(&vault);
    let mut friend = Witness::default();
    let first = go_on(&rig, &vault, 1);
    assert!(offer(&vault, &mut friend, &side));
    let newest = go_on(&rig, &vault, 3);
    assert!(newest.seq > first.seq + 1, "some heads lie between");
    assert!(offer(&vault, &mut friend, &side));
    assert_eq!(friend.newest(), Some(newest));
    let here = vault.sealed_here().unwrap();
    assert_eq!(here.standing(first), HeadStanding::Ours);
    let strange = HeadPoint { hash: newest.hash, ..first };
    assert!(matches!(vault.link(strange, newest), Err(VaultError::NotFound { .. })));
    assert!(vault.link(newest, first).is_err(), "nothing is linked backwards");
    assert!(vault.link(newest, newest).is_err());
    drop(vault);
    // Locked, from the volumes alone.
    let volumes = || -> Vec<Arc<Volume>> {
        let opened = rig.volumes.iter().map(|folder| Volume::open(Rig::disk(folder)).unwrap().0);
        opened.map(Arc::new).collect()
    };
    let locked = SealedHere::on(volumes(), vec![side.writer]);
    assert_eq!(locked.newest_head().unwrap().point, newest);
    assert_eq!(locked.standing(first), HeadStanding::Ours);
    assert!(locked.head(newest).is_some());
    let stranger = SealedHere::on(volumes(), vec![[9; 32]]);
    assert_eq!(stranger.newest_head(), None, "nobody that is known wrote them");
}

#[test]
fn a_box_that_went_back_in_time_finds_its_friend_ahead_and_then_apart() {
    let rig = Rig::new(1);
    let vault = rig.create(1);
    go_on(&rig, &vault, 1);
    drop(vault);
    copy_all(&rig.volumes[0], &rig.path("old"));
    let (vault, _) = rig.open();
    let seen = go_on(&rig, &vault, 2);
    let shown = vault.sealed_here().unwrap().head(seen).unwrap();
    assert_eq!(vault.head_seen(&shown).unwrap().standing, HeadStanding::Ours);
    drop(vault);
    remove_all(&rig.volumes[0]);
    std::fs::remove_file(rig.catalog()).unwrap();
    copy_all(&rig.path("old"), &rig.volumes[0]);
    let (vault, _) = rig.open();
    let read = vault.head_seen(&shown).unwrap();
    assert_eq!((read.point, read.standing), (seen, HeadStanding::Ahead));
    assert_eq!(vault.remember_head(&shown).unwrap(), HeadStanding::Ahead, "it is not taken in");
    go_on(&rig, &vault, 6);
    assert!(vault.own_head().unwrap().point.seq > seen.seq);
    assert_eq!(vault.remember_head(&shown).unwrap(), HeadStanding::Apart);
    assert!(vault.link(seen, vault.own_head().unwrap().point).is_err());
    // The owner has looked, and the words say that heads begin again.
    let mut friend = Witness::default();
    let (side, len) = (side(&vault), shown.len() as u64);
    let (previous, link, vouched) = (None, None, None);
    let old = Offer::Next(OfferHead { point: seen, previous, len, link, vouched });
    assert!(take(&mut friend, &side, &old, &shown));
    let own = vault.own_head().unwrap();
    let (after, recovery) = vault.begin_again(seen, &rig.words).unwrap();
    let (point, len) = (own.point, own.len);
    let anew = Offer::Anew(HeadAnew { point, after, len, recovery, vouched });
    let bytes = vault.sealed_here().unwrap().head(point).unwrap();
    assert!(take(&mut friend, &side, &anew, &bytes));
}

/// A box that was reborn, or a friend who was away for months: the friend's head is not here any more.
#[test]
fn a_head_that_is_kept_no_more_is_forgotten_and_taken_in_again_when_it_is_shown() {
    let rig = Rig::new(2);
    let vault = rig.create(2);
    let seen = go_on(&rig, &vault, 1);
    let newest = go_on(&rig, &vault, 2);
    let bytes = vault.sealed_here().unwrap().head(seen).unwrap();
    for folder in &rig.volumes {
        let name = Volume::head_name(seen.seq, seen.hash);
        std::fs::remove_file(folder.join("holdfast/heads").join(name)).unwrap();
    }
    assert_eq!(vault.sealed_here().unwrap().standing(seen), HeadStanding::Forgotten);
    assert!(vault.link(seen, newest).is_err());
    let mut forged = bytes.clone();
    *forged.last_mut().unwrap() ^= 1;
    assert!(vault.remember_head(&forged).is_err());
    assert_eq!(vault.sealed_here().unwrap().standing(seen), HeadStanding::Forgotten);
    assert_eq!(vault.remember_head(&bytes).unwrap(), HeadStanding::Ours);
    vault.link(seen, newest).unwrap();
    drop(vault);
    let (vault, report) = rig.open();
    assert_eq!(report.findings, Vec::<String>::new());
    assert_eq!(vault.sealed_here().unwrap().standing(seen), HeadStanding::Ours);
}

#[test]
fn the_recovery_key_vouches_for_a_device_that_the_pact_does_not_name() {
    let rig = Rig::new(1);
    let vault = rig.create(1);
    let point = go_on(&rig, &vault, 1);
    let side = Side { writer: [7; 32], ..side(&vault) };
    let bytes = vault.sealed_here().unwrap().head(point).unwrap();
    let vouched = vault.vouch(&rig.words).unwrap();
    let with = |vouched| {
        let (len, previous, link) = (bytes.len() as u64, None, None);
        Offer::Next(OfferHead { point, previous, len, link, vouched })
    };
    let mut friend = Witness::default();
    assert_eq!(friend.offered(&side, &with(None)), Offered::Send);
    assert!(!take(&mut friend, &side, &with(None), &bytes));
    assert!(take(&mut friend, &side, &with(Some(vouched)), &bytes));
    let others = Words::generate(&*rig.env.rng);
    assert!(matches!(vault.vouch(&others), Err(VaultError::Unlock(_))));
    assert!(matches!(vault.begin_again(point, &others), Err(VaultError::Unlock(_))));
}

#[test]
fn the_words_slot_opens_with_the_words_and_has_no_other_way_in() {
    let rig = Rig::new(1);
    let disk = Arc::new(FsDisk::create(&rig.volumes[0], None).unwrap());
    let password = b"something that can be guessed";
    let (disks, words) = (vec![disk as _], &rig.words);
    let spec = CreateSpec { disks, copies: 1, words, password: Some(password) };
    let vault = Vault::create(rig.env.clone(), rig.options(), spec).unwrap();
    let slot = vault.words_slot().unwrap();
    assert_eq!(vault.words_slot().unwrap(), slot, "the same bytes each time");
    let file = KeyFile::decode(&slot.bytes).unwrap();
    assert_eq!(file.slots.iter().map(|slot| slot.kind).collect::<Vec<_>>(), [SlotKind::Words]);
    assert!(KeyRing::unlock(&file, Secret::Words(words)).is_ok());
    assert!(KeyRing::unlock(&file, Secret::Password(password)).is_err());
    assert!(vault.held_keys().accepts(Secrets::Password(password)).is_ok(), "here it opens");
    assert_eq!(vault.recovery_public(), Some(OwnerKey(words.recovery_public())));
    let new = Words::generate(&*rig.env.rng);
    vault.put_words(&new).unwrap();
    let renewed = vault.words_slot().unwrap();
    assert_ne!(renewed.item.root, slot.item.root);
    let file = KeyFile::decode(&renewed.bytes).unwrap();
    assert!(KeyRing::unlock(&file, Secret::Words(words)).is_err());
    drop(vault);
    let secret = Secrets::Password(password);
    let disks = vec![Rig::disk(&rig.volumes[0])];
    let (env, options) = (rig.env.clone(), rig.options());
    let (vault, _) = Vault::open(env, options, Access::ReadWrite, disks, None, secret).unwrap();
    assert_eq!(vault.recovery_public(), Some(OwnerKey(new.recovery_public())));
    assert_eq!(vault.words_slot().unwrap(), renewed);
    vault.put_password(b"another").unwrap();
    assert!(vault.held_keys().accepts(Secrets::Password(password)).is_err());
    assert!(vault.held_keys().accepts(Secrets::Password(b"another")).is_ok());
    assert!(vault.held_keys().accepts(Secrets::Words(&new)).is_ok());
}
