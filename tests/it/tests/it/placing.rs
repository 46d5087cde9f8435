//! How many copies an acknowledgement speaks of, and whether they are there.

use testkit::simdisk::{Fault, Lasting};
use types::Bytes;

use crate::rig::{Rig, backup, get, noise, put};

/// Reads a file of the newest version with each of the disks alone; says how many have it.
fn disks_that_have(rig: &Rig, serials: &[&str], path: &str, bytes: &[u8]) -> usize {
    let has = |serial: &&str| {
        let image = rig.sim(serial).image(serial);
        let options = vault::Options { catalog: None, ..rig.options() };
        let secret = vault::Secrets::Words(&rig.words);
        let disks = vec![std::sync::Arc::new(image) as _];
        let access = vault::Access::ReadOnly;
        let opened = vault::Vault::open(rig.env.clone(), options, access, disks, None, secret);
        opened.is_ok_and(|(vault, _)| get(&vault, "box", path).is_ok_and(|read| read == bytes))
    };
    serials.iter().filter(|serial| has(serial)).count()
}

#[test]
fn a_receipt_of_two_copies_means_that_two_disks_alone_can_give_it_back() {
    let rig = Rig::inline(&["a", "b", "c"]);
    let vault = rig.create(2);
    let bytes = noise(1, 400_000);
    assert_eq!(put(&vault, "box", "file", &bytes).receipt.copies, 2);
    assert_eq!(disks_that_have(&rig, &["a", "b", "c"], "file", &bytes), 2);
}

/// Bytes that the vault has already are not stored again. When one of their two copies was on a
/// disk that is away, a receipt of two copies spoke of one.
#[test]
fn a_receipt_counts_the_copies_of_what_was_known_already_too() {
    let rig = Rig::inline(&["a", "b", "c"]);
    let vault = rig.create(2);
    let bytes = noise(1, 400_000);
    put(&vault, "box", "file", &bytes);
    vault.close().unwrap();
    let holders: Vec<_> = ["a", "b", "c"]
        .into_iter()
        .filter(|serial| disks_that_have(&rig, &[serial], "file", &bytes) == 1)
        .collect();
    assert_eq!(holders.len(), 2);
    drop(vault);
    let here: Vec<_> = ["a", "b", "c"].into_iter().filter(|s| *s != holders[0]).collect();
    let (vault, _) = rig.open(&here);
    let receipt = put(&vault, "box", "again", &bytes).receipt;
    assert_eq!(usize::from(receipt.copies), disks_that_have(&rig, &here, "again", &bytes));
}

#[test]
fn a_disk_that_fails_is_left_out_and_the_others_take_its_part() {
    let rig = Rig::inline(&["a", "b", "c"]);
    let vault = rig.create(2);
    put(&vault, "box", "before", b"bytes");
    for serial in ["a", "b"] {
        rig.sim(serial).fail_after(1, Fault::Eio, Lasting::Forever);
        let (path, bytes) = (format!("after-{serial}"), noise(3, 300_000));
        let receipt = put(&vault, "box", &path, &bytes).receipt;
        let others: Vec<_> = ["a", "b", "c"].into_iter().filter(|s| *s > serial).collect();
        assert_eq!(usize::from(receipt.copies), others.len().min(2), "{serial} failed");
    }
    assert_eq!(get(&vault, "box", "before").unwrap(), b"bytes");
    drop(vault);
    let (vault, _) = rig.open(&["c"]);
    assert_eq!(get(&vault, "box", "before").unwrap(), b"bytes");
    assert!(get(&vault, "box", "after-b").unwrap() == noise(3, 300_000));
}

/// Packs that are finished while a backup runs count as well as those that are open at its end.
#[test]
fn a_disk_that_fails_while_packs_are_finished_shows_in_the_receipt() {
    for nth in [30, 60, 90, 120] {
        let rig = Rig::inline(&["a", "b"]);
        let vault = rig.create(2);
        let folder = rig.path("tree");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("big"), noise(5, 40_000_000)).unwrap();
        rig.sim("b").fail_after(nth, Fault::Eio, Lasting::Forever);
        let receipt = backup(&vault, "box", &folder).receipt;
        rig.sim("b").heal();
        let both = disks_that_have(&rig, &["a", "b"], "big", &noise(5, 40_000_000));
        assert_eq!(usize::from(receipt.copies), both, "the {nth}th operation failed");
    }
}

#[test]
fn a_bigger_disk_makes_room_for_copies_on_full_ones() {
    let mut rig = Rig::inline(&[]);
    for serial in ["a", "b"] {
        rig.add_disk(serial, Bytes(160 << 20));
    }
    let vault = rig.create(2);
    let mut stored = 0;
    while crate::rig::try_put(&vault, "box", &format!("{stored}"), &noise(stored, 3_000_000))
        .is_ok()
    {
        stored += 1;
    }
    drop(vault);
    let (vault, _) = rig.open(&["a", "b"]);
    let disk = rig.empty_disk("c");
    vault.add_volume(disk, &mut crate::rig::quiet).unwrap();
    let receipt = put(&vault, "box", "more", &noise(1_000, 3_000_000)).receipt;
    assert_eq!(receipt.copies, 2, "packs were moved off the full disks");
    for n in 0..stored {
        assert!(get(&vault, "box", &format!("{n}")).unwrap() == noise(n, 3_000_000), "file {n}");
    }
    assert!(crate::rig::check(&vault, true, false).is_clean());
}

/// A volume that fails leaves every open pack, also those that nothing was being written to. They
/// were not copied elsewhere, and lost the next disk took what had been acknowledged twice.
#[test]
fn packs_that_were_idle_when_a_disk_failed_are_copied_elsewhere_too() {
    for failing in ["a", "b", "c"] {
        let rig = Rig::inline(&["a", "b", "c"]);
        let vault = rig.create(2);
        put(&vault, "box", "file", &noise(1, 300_000));
        rig.sim(failing).fail_after(1, Fault::Eio, Lasting::Forever);
        let editor = vault.editor(None, "box").unwrap();
        assert_eq!(editor.make_folder(b"folder").unwrap().receipt.copies, 2);
        drop(vault);
        let left: Vec<_> = ["a", "b", "c"].into_iter().filter(|s| *s != failing).collect();
        assert_eq!(disks_that_have(&rig, &left, "file", &noise(1, 300_000)), 2, "{failing} failed");
    }
}
