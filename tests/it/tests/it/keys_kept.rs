//! Keys that a disk has and that could not be read, or that nobody here has: nothing gives way to what is
//! older, and nothing is deleted for want of a key.

use std::sync::Arc;

use testkit::shaky::ShakyKeys;
use testkit::simdisk::SimDisk;
use vault::{Access, VaultError};
use volume::Disk;

use crate::rig::{Rig, noise, put};
use crate::spaces::{get_in, put_in};

/// The keys of one disk could not be read for a moment, and another had older ones, from before a space
/// was made: those were written over the newer ones, and no words opened that space any more.
#[test]
fn keys_that_could_not_be_read_for_a_moment_are_not_written_over_by_older_ones() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "letter", b"for all");
    drop(vault);
    let (alone, _) = rig.open(&["a"]);
    let ann = alone.add_space("ann").unwrap();
    assert_eq!(put_in(&alone, ann, "box", b"ann's"), 1);
    drop(alone);
    let keys = |disk: &str| {
        let mut files = rig.sim(disk).files();
        files.retain(|(path, _)| path.contains("keys"));
        files
    };
    let before = keys("a");
    assert_ne!(before, keys("b"), "b was away");
    let shaky = Arc::new(ShakyKeys::new(rig.sim("a").clone()));
    let disks: Vec<Arc<dyn Disk>> = vec![shaky, Arc::new(rig.sim("b").clone())];
    let refused = rig.try_open_with(disks, Access::ReadWrite).unwrap_err();
    assert!(matches!(refused, VaultError::NewerKeys { .. }), "{refused}");
    assert!(keys("a") == before, "they are as they were");
    let (vault, _) = rig.open(&["a", "b"]);
    assert_eq!(get_in(&vault, "ann", "box").unwrap(), b"ann's");
    assert_eq!(keys("b"), before, "and b has them now");
}

/// An unfinished pack of a space without a key here was taken for one that was cut off within its first
/// bytes, and deleted: with it went what had been acknowledged.
#[test]
fn an_unfinished_pack_that_no_key_opens_waits_for_its_key() {
    let rig = Rig::inline(&["a"]);
    let vault = rig.create(1);
    put(&vault, "box", "letter", b"for all");
    vault.close().unwrap();
    drop(vault);
    let before = rig.sim("a").image("a");
    let (vault, _) = rig.open(&["a"]);
    let ann = vault.add_space("ann").unwrap();
    assert_eq!(put_in(&vault, ann, "box", &noise(1, 50_000)), 1);
    let killed = rig.sim("a").image("a");
    drop(vault);
    // The packs of the killed box, beside the keys from before.
    let mixed = killed.image("a");
    for (path, bytes) in before.files().into_iter().filter(|(path, _)| path.contains("keys")) {
        drop(mixed.unlink(&path));
        let mut file = mixed.create_new(&path).unwrap();
        file.append(&bytes).unwrap();
    }
    let parts =
        |disk: &SimDisk| disk.lengths("open").into_iter().filter(|(_, len)| *len > 50_000).count();
    assert_eq!(parts(&mixed), 1);
    rig.lose_catalog();
    let opened = rig.try_open_with(vec![Arc::new(mixed.clone())], Access::ReadWrite);
    let said = opened.map(|(_, report)| format!("{report:?}")).unwrap_or_else(|e| e.to_string());
    assert_eq!(parts(&mixed), 1, "{said}");
    assert!(said.contains("no key"), "{said}");
    rig.lose_catalog();
    let (vault, _) = rig.try_open_with(vec![Arc::new(killed)], Access::ReadWrite).unwrap();
    assert_eq!(get_in(&vault, "ann", "box").unwrap(), noise(1, 50_000));
}

/// New words are on every disk that is here when they count; one that was away opens with the old ones alone
/// until it comes back, and with a new sheet in hand nobody needs the old one.
#[test]
fn new_words_open_every_disk_and_the_old_ones_only_what_was_away() {
    let rig = Rig::inline(&["a", "b", "c"]);
    let vault = rig.create(3);
    put(&vault, "box", "letter", b"for all");
    drop(vault);
    let fresh = seal::Words::generate(&*rig.env.rng);
    let opens = |disks: &[&str], words: &seal::Words| {
        let options = vault::Options { catalog: None, ..rig.options() };
        let secret = vault::Secrets::Words(words);
        vault::Vault::open(
            rig.env.clone(),
            options,
            Access::ReadWrite,
            rig.handles(disks),
            None,
            secret,
        )
        .map(|(vault, _)| crate::rig::get(&vault, "box", "letter").unwrap())
    };
    let (here, _) = rig.open(&["a", "b"]);
    here.put_words(&fresh).unwrap();
    here.close().unwrap();
    drop(here);
    for disk in ["a", "b"] {
        assert_eq!(opens(&[disk], &fresh).unwrap(), b"for all", "{disk} alone");
        let refused = opens(&[disk], &rig.words).unwrap_err().to_string();
        assert!(refused.contains("words"), "{refused}");
    }
    assert!(opens(&["c"], &fresh).is_err(), "it was away");
    assert_eq!(opens(&["c"], &rig.words).unwrap(), b"for all", "a copy from before");
    assert_eq!(opens(&["a", "c"], &fresh).unwrap(), b"for all");
    assert_eq!(opens(&["c"], &fresh).unwrap(), b"for all", "and it has them now");
    assert!(opens(&["c"], &rig.words).is_err());
}

/// New words were given while a disk was away, and more happened on that one: its old words were written over
/// the new ones on every disk, and the sheet that its owner kept opened nothing any more.
#[test]
fn new_words_open_every_disk_however_much_happened_on_one_that_was_away() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "letter", b"for all");
    vault.close().unwrap();
    drop(vault);
    let fresh = seal::Words::generate(&*rig.env.rng);
    let opens = |disks: &[&str], words: &seal::Words| {
        let handles = rig.handles(disks);
        let options = vault::Options { catalog: None, ..rig.options() };
        let secret = vault::Secrets::Words(words);
        vault::Vault::open(rig.env.clone(), options, Access::ReadWrite, handles, None, secret)
            .map(|(vault, _)| vault)
    };
    let here = opens(&["a"], &rig.words).unwrap();
    here.put_words(&fresh).unwrap();
    here.close().unwrap();
    drop(here);
    let apart = opens(&["b"], &rig.words).unwrap();
    for name in ["ann", "ben", "cem"] {
        let space = apart.add_space(name).unwrap();
        assert_eq!(put_in(&apart, space, "box", b"theirs"), 1);
    }
    apart.close().unwrap();
    drop(apart);
    // The old words open the disk that was away, and with it what is the newer way in by now.
    let both = opens(&["a", "b"], &rig.words).unwrap();
    both.rebuild(&mut |_| true).unwrap();
    both.close().unwrap();
    drop(both);
    for disks in [&["a"][..], &["b"], &["a", "b"]] {
        let vault = opens(disks, &fresh).unwrap();
        assert_eq!(get_in(&vault, "cem", "box").unwrap(), b"theirs", "{disks:?}");
        drop(vault);
        assert!(opens(disks, &rig.words).is_err(), "{disks:?}");
    }
}
