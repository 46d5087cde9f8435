//! Disks without room, and disks that cannot be written.

use testkit::simdisk::{Fault, Lasting};
use vault::{Access, VaultError};

use crate::rig::{Rig, check, get, get_of, noise, prune_now, put, try_put};

fn used(rig: &Rig, serial: &str) -> usize {
    rig.sim(serial).files().iter().map(|(_, bytes)| bytes.len()).sum()
}

#[test]
fn full_disks_refuse_what_is_new_and_keep_what_they_have() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "old", b"bytes");
    vault.close().unwrap();
    for serial in ["a", "b"] {
        rig.sim(serial).set_full(true);
    }
    let refused = try_put(&vault, "box", "new", &noise(1, 2_000_000)).unwrap_err();
    assert!(!refused.advice().is_empty(), "{refused}");
    assert_eq!(get(&vault, "box", "old").unwrap(), b"bytes");
    drop(vault);
    // Still full: the vault opens, if only to be read and emptied.
    let (vault, _) = rig.open(&["a", "b"]);
    assert_eq!(get(&vault, "box", "old").unwrap(), b"bytes");
    assert!(get(&vault, "box", "new").is_err());
    for serial in ["a", "b"] {
        rig.sim(serial).set_full(false);
    }
    drop(vault);
    let (vault, _) = rig.open(&["a", "b"]);
    assert_eq!(put(&vault, "box", "new", b"now").receipt.copies, 2);
    assert_eq!(get(&vault, "box", "old").unwrap(), b"bytes");
}

#[test]
fn disks_that_fill_up_in_the_middle_of_a_file_lose_nothing_that_was_acknowledged() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "old", b"bytes");
    for serial in ["a", "b"] {
        rig.sim(serial).set_full(true);
    }
    let refused = try_put(&vault, "box", "new", &noise(1, 2_000_000)).unwrap_err();
    assert!(!refused.advice().is_empty(), "{refused}");
    drop(vault);
    for serial in ["a", "b"] {
        rig.sim(serial).set_full(false);
    }
    let (vault, _) = rig.open(&["a", "b"]);
    assert_eq!(get(&vault, "box", "old").unwrap(), b"bytes");
    assert_eq!(put(&vault, "box", "new", b"now").receipt.copies, 2);
}

/// A vault whose disks all ran full in the middle of an edit read nothing more of what was not sealed yet,
/// said that no disk takes writes, and went on only after somebody had locked and unlocked it.
#[test]
fn disks_that_fill_up_in_an_edit_are_called_full_are_read_and_are_gone_on_with_once_there_is_room()
{
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "sealed", b"bytes");
    vault.close().unwrap();
    for n in 0..9 {
        put(&vault, "box", &format!("{n}"), &noise(n, 100_000));
    }
    let all_read = |vault: &vault::Vault| {
        assert_eq!(get(vault, "box", "sealed").unwrap(), b"bytes");
        for n in 0..9 {
            assert!(get(vault, "box", &format!("{n}")).unwrap() == noise(n, 100_000), "file {n}");
        }
    };
    assert!(vault.trouble().is_none() && !vault.may_go_on());
    for serial in ["a", "b"] {
        rig.sim(serial).set_full(true);
    }
    for bytes in [&noise(99, 2_000_000)[..], b"small"] {
        let refused = try_put(&vault, "box", "new", bytes).unwrap_err();
        assert!(refused.is_full(), "{refused}");
        all_read(&vault);
    }
    let trouble = vault.trouble().unwrap();
    assert!(trouble.contains("the disks are full"), "{trouble}");
    assert!(!vault.may_go_on(), "there is no room yet");
    for serial in ["a", "b"] {
        rig.sim(serial).set_full(false);
    }
    assert!(vault.may_go_on());
    all_read(&vault);
    let keys = vault.held_keys();
    drop(vault);
    let (disks, options) = (rig.handles(&["a", "b"]), rig.options());
    let held = vault::Secrets::Held(&keys);
    let opened = vault::Vault::open(rig.env.clone(), options, Access::ReadWrite, disks, None, held);
    let (vault, _) = opened.unwrap();
    all_read(&vault);
    assert_eq!(put(&vault, "box", "new", b"now").receipt.copies, 2);
    assert!(check(&vault, true, false).is_clean());
}

/// Wherever the room ends: in the middle of a pack, at its sync, at its name, in the journal, at a head.
#[test]
fn wherever_an_edit_runs_out_of_room_what_was_acknowledged_is_read_before_and_after_a_new_opening()
{
    let rig = Rig::inline(&["a", "b"]);
    drop(rig.create(2));
    let (mut broke, mut ended) = (0, false);
    for nth in 1..400 {
        let mut twin = Rig::inline(&[]);
        twin.words = rig.words.clone();
        for serial in ["a", "b"] {
            let image = crate::rig::TestDisk::Memory(rig.sim(serial).image(serial));
            twin.disks.insert(serial.to_owned(), image);
        }
        let (vault, _) = twin.open(&["a", "b"]);
        put(&vault, "box", "before", &noise(1, 300_000));
        for serial in ["a", "b"] {
            twin.sim(serial).fail_after(nth, Fault::Enospc, Lasting::Forever);
        }
        let before = twin.sim("a").op_count();
        let stored =
            try_put(&vault, "box", "next", &noise(2, 3_000_000)).and_then(|_| vault.close());
        if let Err(error) = &stored {
            assert!(error.is_full(), "{nth}: {error}");
            broke += usize::from(vault.trouble().is_some());
        }
        assert!(get(&vault, "box", "before").unwrap() == noise(1, 300_000), "{nth}");
        drop(vault);
        ended = twin.sim("a").op_count() - before < nth;
        for serial in ["a", "b"] {
            twin.sim(serial).heal();
        }
        let (vault, _) = twin.open(&["a", "b"]);
        assert!(get(&vault, "box", "before").unwrap() == noise(1, 300_000), "{nth}");
        assert_eq!(put(&vault, "box", "more", b"bytes").receipt.copies, 2, "{nth}");
        if ended {
            assert!(stored.is_ok());
            break;
        }
    }
    assert!(ended && broke > 3, "{broke}");
}

#[test]
fn one_full_disk_of_three_is_passed_over() {
    let rig = Rig::inline(&["a", "b", "c"]);
    let vault = rig.create(2);
    put(&vault, "box", "old", b"bytes");
    vault.close().unwrap();
    rig.sim("a").set_full(true);
    let receipt = put(&vault, "box", "new", &noise(1, 2_000_000)).receipt;
    assert_eq!(receipt.copies, 2);
    drop(vault);
    let (vault, _) = rig.open(&["b", "c"]);
    assert!(get(&vault, "box", "new").unwrap() == noise(1, 2_000_000));
}

/// The reserve is what makes this possible: what may be filled is gone, what deletion needs is not.
#[test]
fn forgetting_and_pruning_free_room_on_disks_that_were_filled() {
    let mut rig = Rig::inline(&[]);
    for serial in ["a", "b"] {
        rig.add_disk(serial, types::Bytes(128 << 20));
    }
    let vault = rig.create(2);
    let mut stored = 0;
    let refused = loop {
        let bytes = noise(stored, 3_000_000);
        match try_put(&vault, "box", &format!("{stored}"), &bytes) {
            Ok(receipt) => assert_eq!(receipt.receipt.copies, 2),
            Err(error) => break error,
        }
        stored += 1;
        assert!(stored < 100, "the disks never fill");
    };
    assert!(stored > 10, "{stored} files: {refused}");
    assert!(!refused.advice().is_empty());
    for n in 0..stored {
        assert!(get(&vault, "box", &format!("{n}")).unwrap() == noise(n, 3_000_000), "file {n}");
    }
    drop(vault);
    let (vault, _) = rig.open(&["a", "b"]);
    let before = used(&rig, "a");
    let all = vault.snapshots(None).unwrap();
    vault.forget(&all).unwrap();
    prune_now(&vault).unwrap();
    prune_now(&vault).unwrap();
    assert!(used(&rig, "a") * 4 < before, "{} of {before} are left", used(&rig, "a"));
    assert_eq!(put(&vault, "box", "again", &noise(1, 3_000_000)).receipt.copies, 2);
    assert!(check(&vault, true, false).is_clean());
}

#[test]
fn a_disk_that_turns_read_only_is_read_and_the_others_are_written() {
    let rig = Rig::inline(&["a", "b", "c"]);
    let vault = rig.create(2);
    let first = put(&vault, "box", "old", &noise(1, 500_000));
    vault.close().unwrap();
    rig.sim("a").set_read_only(true);
    let receipt = put(&vault, "box", "new", &noise(2, 500_000)).receipt;
    assert_eq!(receipt.copies, 2, "b and c take it");
    drop(vault);
    let (vault, _) = rig.open(&["a", "b", "c"]);
    assert_eq!(put(&vault, "box", "more", b"bytes").receipt.copies, 2);
    assert!(get(&vault, "box", "new").unwrap() == noise(2, 500_000));
    drop(vault);
    // The read-only disk alone still has what it had.
    let (vault, _) = rig.try_open_with(rig.handles(&["a"]), Access::ReadOnly).unwrap();
    let found = vault.find_snapshot(&first.snapshot.to_string()).unwrap();
    assert!(get_of(&vault, &found, "old").is_ok() || !vault.volumes().unwrap().is_empty());
}

#[test]
fn a_vault_on_read_only_disks_alone_can_be_read_and_says_that_it_cannot_be_written() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "old", b"bytes");
    drop(vault);
    for serial in ["a", "b"] {
        rig.sim(serial).set_read_only(true);
    }
    let (vault, _) = rig.try_open_with(rig.handles(&["a", "b"]), Access::ReadOnly).unwrap();
    assert_eq!(get(&vault, "box", "old").unwrap(), b"bytes");
    assert!(matches!(try_put(&vault, "box", "new", b""), Err(VaultError::ReadOnly)));
}

/// At whatever moment of an opening one disk begins to fail, the others carry the vault.
#[test]
fn a_disk_that_fails_while_the_vault_is_opened_stops_nothing() {
    let rig = Rig::inline(&["a", "b", "c"]);
    let vault = rig.create(2);
    put(&vault, "box", "sealed", &noise(1, 200_000));
    vault.close().unwrap();
    put(&vault, "box", "open", &noise(2, 200_000));
    drop(vault);
    let mut refused = Vec::new();
    for nth in 1..400 {
        let mut twin = Rig::inline(&[]);
        twin.words = rig.words.clone();
        for serial in ["a", "b", "c"] {
            let image = crate::rig::TestDisk::Memory(rig.sim(serial).image(serial));
            twin.disks.insert(serial.to_owned(), image);
        }
        let before = twin.sim("b").op_count();
        twin.sim("b").fail_after(nth, Fault::Eio, Lasting::Forever);
        match twin.try_open(&["a", "b", "c"]) {
            Ok((vault, _)) => {
                assert!(get(&vault, "box", "sealed").unwrap() == noise(1, 200_000));
                assert!(get(&vault, "box", "open").unwrap() == noise(2, 200_000));
                assert_eq!(put(&vault, "box", "new", b"bytes").receipt.copies, 2);
            }
            Err(error) => refused.push((nth, error.to_string())),
        }
        if twin.sim("b").op_count() - before < nth {
            break;
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
}
