//! A house burned: the words and a friend bring the vault back, or say exactly what they cannot.

mod common;

use std::collections::BTreeSet;

use common::friend::{Friend, check};
use common::home::{Home, fetch};
use common::witness::{go_on, offer, side};
use common::{Rig, backup, quiet};
use peer_proto::heads::Witness;
use peer_proto::wire::{HeadPoint, Kind};
use seal::Words;
use types::{HeadHash, PackId};
use vault::{Access, Hold, RebornSpec, RestoreOptions, Vault, VaultError};

#[test]
fn the_words_and_one_friend_bring_every_version_back_byte_for_byte() {
    let home = Home::new();
    let friend: &dyn Hold = &home.friend;
    let (vault, report) = home.reborn(home.disks(&["new-1", "new-2"]), &[friend]).unwrap();
    assert_eq!((vault.id(), report.head), (home.vault, home.head));
    assert_eq!(report.findings, Vec::<String>::new());
    assert_eq!(report.struck_off.len(), 2, "the disks that burned");
    assert_eq!(report.lacking, []);
    assert_eq!(vault.volumes().unwrap().len(), 2);
    // Everything is listed before any data came, and nothing of it can be read.
    assert_eq!(vault.snapshots(None).unwrap().len(), 3);
    let data = home.friend.of(Kind::Data).len();
    assert_eq!(vault.packs_to_fetch().unwrap().len(), data);
    let found = vault.find_snapshot(&home.versions[0].0).unwrap();
    let nothing = home.rig.path("nothing");
    let options = RestoreOptions::default();
    let without = vault.restore(&found, b"", &nothing, options, &mut quiet).unwrap();
    assert!(without.lost_count > 40, "{}", without.lost_count);
    let fetched = fetch(&vault, &[friend]);
    assert_eq!((fetched.fetched, fetched.lacking.len()), (data as u64, 0));
    assert_eq!(fetched.findings, Vec::<String>::new());
    home.all_is_back(&vault, "back");
    let checked = check(&vault, false);
    assert!(checked.is_clean() && checked.damaged.is_empty(), "{checked:?}");
    drop(vault);
    // From any one of the disks and the words, without a catalog, as ever.
    std::fs::remove_file(home.rig.catalog()).unwrap();
    let (vault, _) = home.rig.try_open(&[home.rig.path("new-2")], Access::ReadWrite).unwrap();
    home.all_is_back(&vault, "alone");
}

#[test]
fn the_vault_goes_on_as_if_it_had_never_died() {
    let home = Home::new();
    let friend: &dyn Hold = &home.friend;
    let (vault, _) = home.reborn(home.disks(&["new"]), &[friend]).unwrap();
    fetch(&vault, &[friend]);
    // The friend is a witness of the old heads, and takes the new ones.
    let side = side(&vault);
    let mut witness = Witness::default();
    let old = vault.sealed_here().unwrap().head(home.head).unwrap();
    let (previous, link, vouched, len) = (None, None, None, old.len() as u64);
    let seen = peer_proto::wire::OfferHead { point: home.head, previous, len, link, vouched };
    assert!(common::witness::take(
        &mut witness,
        &side,
        &peer_proto::heads::Offer::Next(seen),
        &old
    ));
    assert!(offer(&vault, &mut witness, &side));
    // What is stored again is known, and what is new is stored.
    let again = backup(&vault, "tree", &home.rig.path("tree"));
    assert!(again.stats.new_bytes < 100_000, "{again:?}");
    go_on(&home.rig, &vault, 2);
    assert!(offer(&vault, &mut witness, &side));
    assert_eq!(witness.newest(), Some(vault.own_head().unwrap().point));
    home.all_is_back(&vault, "back");
}

#[test]
fn a_line_that_breaks_after_any_reading_costs_nothing_that_came() {
    let mut home = Home::new();
    home.disks(&["new-1", "new-2"]);
    let things = home.friend.kinds.len() as u64;
    let (mut broken, mut attempt) = (0, 0);
    let vault = loop {
        attempt += 1;
        // A little more each time, so that it breaks at every kind of thing.
        home.friend.breaks_after = Some((attempt / 2).into());
        let friend: &dyn Hold = &home.friend;
        match home.reborn(home.again(&["new-1", "new-2"]), &[friend]) {
            Ok((vault, _)) => break vault,
            Err(error) => {
                assert!(!matches!(error, VaultError::Unlock(_)), "{error}");
                broken += 1;
            }
        }
        assert!(attempt < 4 * things, "it gets on each time");
    };
    assert!(broken > 4, "{broken}");
    let mut before = vault.packs_to_fetch().unwrap().len();
    let mut rounds = 0;
    while before > 0 {
        home.friend.breaks_after = Some((2 * before as u64 + 1).into());
        let friend: &dyn Hold = &home.friend;
        fetch(&vault, &[friend]);
        let left = vault.packs_to_fetch().unwrap().len();
        assert!(left <= before, "what came stays");
        home.friend.breaks_after = Some((3 * before as u64).into());
        (before, rounds) = (left, rounds + 1);
        assert!(rounds < 200);
    }
    home.all_is_back(&vault, "back");
}

/// Sabotage of all of the above: the friend lacks one pack.
#[test]
fn what_the_friend_has_lost_is_named_file_by_file_and_nothing_else_is_missing() {
    let mut home = Home::new();
    let data = home.friend.of(Kind::Data);
    assert!(data.len() > 2, "one of several");
    for lost in [data[0], data[data.len() - 1]] {
        let bytes = home.friend.get(lost);
        home.friend.lose(lost);
        let name = format!("new-{}", lost.short());
        let friend: &dyn Hold = &home.friend;
        let (vault, _) = home.reborn(home.disks(&[&name]), &[friend]).unwrap();
        let fetched = fetch(&vault, &[friend]);
        assert_eq!(fetched.lacking, [lost]);
        assert!(fetched.findings.iter().any(|one| one.contains(&lost.short())), "{fetched:?}");
        let checked = check(&vault, false);
        assert_eq!(checked.lost_packs, [lost]);
        let named: BTreeSet<_> = checked.lost_files.into_iter().collect();
        let mut missing = BTreeSet::new();
        let mut whole = 0;
        for (n, (version, kept)) in home.versions.iter().enumerate() {
            let to = home.rig.path(&format!("part-{n}-{}", lost.short()));
            let found = vault.find_snapshot(version).unwrap();
            vault.restore(&found, b"", &to, RestoreOptions::default(), &mut quiet).unwrap();
            let files = testkit::files::below(kept, "").into_iter();
            for file in files.filter(|file| !file.is_symlink()) {
                let path = file.strip_prefix(kept).unwrap();
                let is_here = std::fs::read(to.join(path)).ok() == std::fs::read(&file).ok();
                whole += usize::from(is_here);
                if !is_here {
                    let path = path.to_str().unwrap().as_bytes().to_vec();
                    missing.insert((found.info.id.short(), path));
                }
            }
        }
        assert!(!missing.is_empty() && whole > 0);
        assert_eq!(named, missing);
        drop(vault);
        std::fs::remove_file(home.rig.catalog()).unwrap();
        home.friend.keep(lost, Kind::Data, &bytes);
    }
}

#[test]
fn two_friends_together_have_what_each_of_them_has_lost_or_spoilt() {
    let home = Home::new();
    let mut second = Friend::at(home.rig.path("second"));
    for (id, kind) in home.friend.kinds.clone() {
        second.keep(id, kind, &home.friend.get(id));
    }
    let (mut lost, mut spoilt) = (0, 0);
    for (n, id) in second.kinds.clone().into_keys().enumerate() {
        match n % 3 {
            0 => home.friend.spoil(id),
            1 => second.lose(id),
            _ => continue,
        }
        lost += usize::from(n % 3 == 1);
        spoilt += usize::from(n % 3 == 0);
    }
    assert!(lost > 2 && spoilt > 2);
    let alone: &dyn Hold = &second;
    let apart = home.reborn(home.disks(&["alone"]), &[alone]);
    let is_whole = apart.is_ok_and(|(vault, _)| fetch(&vault, &[alone]).lacking.is_empty());
    assert!(!is_whole, "one of them is not enough");
    let _gone = std::fs::remove_file(home.rig.catalog());
    let (vault, _) = home.reborn(home.disks(&["new"]), &[&home.friend, alone]).unwrap();
    assert!(fetch(&vault, &[&home.friend, alone]).lacking.is_empty());
    home.all_is_back(&vault, "back");
}

#[test]
fn wrong_words_are_said_to_be_wrong_and_no_disk_is_touched() {
    let home = Home::new();
    let words = Words::generate(&*home.rig.env.rng);
    let disks = home.disks(&["new"]);
    let before = testkit::files::below(&home.rig.path("new"), "");
    let spec = RebornSpec {
        disks,
        words: &words,
        holds: &[&home.friend],
        head: None,
        go_on_without: false,
    };
    let (env, options) = (home.rig.env.clone(), home.rig.options());
    let error = Vault::reborn(env, options, spec, &mut quiet).unwrap_err();
    assert!(matches!(error, VaultError::Unlock(_)), "{error}");
    assert!(!error.advice().is_empty());
    assert_eq!(testkit::files::below(&home.rig.path("new"), ""), before);
    assert!(home.reborn(home.again(&["new"]), &[&home.friend]).is_ok(), "the right ones do");
}

#[test]
fn a_friend_without_a_words_slot_or_heads_or_that_is_silent_is_told_as_such() {
    let mut home = Home::new();
    let lacks = |home: &Home, what: &str| {
        let error = home.reborn(home.again(&["new"]), &[&home.friend]).unwrap_err();
        assert!(matches!(&error, VaultError::HoldsLack { what: is, .. } if *is == what), "{error}");
    };
    home.disks(&["new"]);
    let [head] = home.friend.of(Kind::Head)[..] else { panic!("one head") };
    let [slot] = home.friend.of(Kind::Keys)[..] else { panic!("one words slot") };
    home.friend.spoil(head);
    lacks(&home, "a readable head");
    home.friend.lose(slot);
    lacks(&home, "a words slot");
    let error = home.reborn(home.again(&["new"]), &[]).unwrap_err();
    assert!(matches!(error, VaultError::HoldsLack { what: "anything", .. }), "{error}");
}

/// A friend who also says that things of somebody else are this owner's.
#[test]
fn what_is_of_another_vault_is_left_out_and_said() {
    let mut home = Home::new();
    let mut other = Rig::new(1);
    other.words = Words::generate(&*other.env.rng);
    let others = other.create(1);
    go_on(&other, &others, 1);
    let mut strange = Friend::at(other.path("friend"));
    strange.keep_all(&others);
    let theirs: Vec<PackId> = strange.kinds.keys().copied().collect();
    for (id, kind) in &strange.kinds {
        home.friend.keep(*id, *kind, &strange.get(*id));
    }
    let (vault, report) = home.reborn(home.disks(&["new"]), &[&home.friend]).unwrap();
    assert_eq!(report.head, home.head);
    assert!(report.findings.len() >= 2, "{report:?}");
    fetch(&vault, &[&home.friend]);
    let known = vault.offsite_packs(common::friend::one_copy).unwrap();
    assert!(known.iter().all(|pack| !theirs.contains(&pack.id)));
    home.all_is_back(&vault, "back");
    // And on a disk of another vault nothing is made.
    let disk = Rig::disk(&other.volumes[0]);
    drop(others);
    let error = home.reborn(vec![disk], &[&home.friend]).unwrap_err();
    assert!(matches!(error, VaultError::OtherVault { .. }), "{error}");
}

/// Whoever robbed the box went on writing: the owner begins from a head of before.
#[test]
fn an_earlier_head_is_begun_from_when_the_owner_says_so() {
    let home = Home::new();
    let (vault, _) = home.reborn(home.disks(&["robbed"]), &[&home.friend]).unwrap();
    fetch(&vault, &[&home.friend]);
    vault.forget(&vault.snapshots(None).unwrap()).unwrap();
    vault.close().unwrap();
    let bad = vault.own_head().unwrap().point;
    let mut friend = Friend::at(home.rig.path("friend"));
    friend.kinds = home.friend.kinds.clone();
    friend.keep_all(&vault);
    drop(vault);
    std::fs::remove_file(home.rig.catalog()).unwrap();
    let begin = |name: &str, head: Option<HeadPoint>| {
        let (disks, words) = (home.disks(&[name]), &home.rig.words);
        let spec = RebornSpec { disks, words, holds: &[&friend], head, go_on_without: false };
        let (env, options) = (home.rig.env.clone(), home.rig.options());
        let (vault, report) = Vault::reborn(env, options, spec, &mut quiet)?;
        let (head, count) = (report.head, vault.snapshots(None)?.len());
        drop(vault);
        std::fs::remove_file(home.rig.catalog()).unwrap();
        Ok::<_, VaultError>((head, count))
    };
    assert_eq!(begin("newest", None).unwrap(), (bad, 0));
    // The catalog of the one is none for the other, and neither are its commits.
    assert_eq!(begin("earlier", Some(home.head)).unwrap(), (home.head, 3));
    let unknown = HeadPoint { seq: 1, hash: HeadHash([1; 32]) };
    assert!(matches!(begin("none", Some(unknown)), Err(VaultError::HoldsLack { .. })));
}
