//! Volumes that leave: what has to be true before, and that they do not come back.

use vault::Access;

use crate::rig::{Rig, check, get, noise, put, quiet, try_put, volume_id};

/// Retired, then opened alone by an old vault file, a volume took itself for a member, wrote heads,
/// and was back in the vault when the others returned.
#[test]
fn a_retired_disk_that_an_old_vault_file_brings_back_alone_is_refused() {
    let rig = Rig::inline(&["a", "b", "c"]);
    let vault = rig.create(2);
    put(&vault, "box", "file", &noise(1, 100_000));
    let gone = volume_id(&vault, "a");
    assert!(vault.retire(gone, &mut quiet).unwrap().drained);
    drop(vault);
    let before = rig.sim("a").files();
    rig.lose_catalog();
    let refused = rig.try_open(&["a"]).unwrap_err();
    assert!(refused.to_string().contains("was removed from this vault"), "{refused}");
    assert!(rig.sim("a").files() == before, "nothing on it was touched");
    let (vault, _) = rig.open(&["a", "b", "c"]);
    let serials: Vec<_> = vault.volumes().unwrap().into_iter().map(|v| v.serial).collect();
    assert_eq!(serials.len(), 2, "{serials:?}");
}

/// One that was away when it was struck off knows nothing of it, and may go on alone for long.
#[test]
fn a_removed_disk_that_went_on_alone_does_not_become_the_vault() {
    let rig = Rig::inline(&["a", "b", "c"]);
    let vault = rig.create(2);
    put(&vault, "box", "file", &noise(1, 1_000));
    vault.close().unwrap();
    let gone = volume_id(&vault, "a");
    drop(vault);
    let (vault, _) = rig.open(&["b", "c"]);
    vault.remove(gone, true).unwrap();
    drop(vault);
    rig.lose_catalog();
    let (alone, _) = rig.open(&["a"]);
    for n in 0..9 {
        put(&alone, "box", "alone", &noise(n, 1_000));
        alone.close().unwrap();
    }
    drop(alone);
    for order in [["a", "b", "c"], ["c", "b", "a"]] {
        let (vault, report) = rig.open(&order);
        assert!(report.findings.iter().any(|said| said.contains("was removed")), "{report:?}");
        let serials: Vec<_> = vault.volumes().unwrap().into_iter().map(|v| v.serial).collect();
        assert!(serials.len() == 2 && !serials.contains(&"a".to_owned()), "{serials:?}");
        put(&vault, "box", "more", b"bytes");
        vault.close().unwrap();
    }
    // What it took in alone can still be read from it.
    let (alone, _) = rig.try_open_with(rig.handles(&["a"]), Access::ReadOnly).unwrap();
    assert_eq!(get(&alone, "box", "alone").unwrap(), noise(8, 1_000));
    assert!(try_put(&alone, "box", "x", b"").is_err());
}

/// A disk was struck off while it was away, and before the box had noted that, it came back while the
/// disks that knew it could not be read: alone it took itself for the vault, and what it acknowledged
/// was no version of the vault any more when the others were back.
#[test]
fn a_disk_that_was_struck_off_while_it_was_away_is_not_opened_alone_afterwards() {
    let rig = Rig::inline(&["a", "b", "c"]);
    let vault = rig.create(2);
    put(&vault, "box", "file", &noise(1, 1_000));
    vault.close().unwrap();
    let gone = volume_id(&vault, "a");
    drop(vault);
    let (vault, _) = rig.open(&["b", "c"]);
    vault.remove(gone, true).unwrap();
    drop(vault);
    let refused = rig.try_open(&["a"]).unwrap_err();
    assert!(refused.to_string().contains("was removed from this vault"), "{refused}");
    let (vault, _) = rig.open(&["b", "c"]);
    assert!(check(&vault, true, false).is_clean());
}

/// The head that was to say that a lost disk has left could not be written, and for as long as the vault
/// stayed open the disk counted as gone: the box took it off its list, and after the next start the
/// vault waited for a disk of which nobody knew any more.
#[test]
fn a_disk_that_could_not_be_struck_off_is_still_listed() {
    let rig = Rig::inline(&["a", "b", "c"]);
    let vault = rig.create(2);
    put(&vault, "box", "file", &noise(1, 1_000));
    vault.close().unwrap();
    let gone = volume_id(&vault, "a");
    drop(vault);
    let (vault, _) = rig.open(&["b", "c"]);
    for serial in ["b", "c"] {
        rig.sim(serial).set_full(true);
    }
    assert!(vault.remove(gone, true).is_err());
    assert!(vault.volumes().unwrap().iter().any(|volume| volume.id == gone));
    drop(vault);
    for serial in ["b", "c"] {
        rig.sim(serial).set_full(false);
    }
    let (vault, _) = rig.open(&["b", "c"]);
    vault.remove(gone, true).unwrap();
    assert!(check(&vault, true, false).is_clean());
}

/// The only good copies are on the disk that leaves, and the others' have rotted unseen.
#[test]
fn a_disk_is_let_go_only_after_the_other_copies_were_read() {
    let rig = Rig::inline(&["a", "b", "c"]);
    let vault = rig.create(3);
    put(&vault, "box", "file", &noise(1, 400_000));
    vault.close().unwrap();
    let packs = rig.disks["a"].packs();
    for folder in ["data/", "meta/"] {
        let (path, _) = packs.iter().find(|(path, _)| path.starts_with(folder)).unwrap();
        for serial in ["b", "c"] {
            rig.sim(serial).flip_byte(path, 1_000);
        }
    }
    vault.set_copies(2, &mut quiet).unwrap();
    let leaving = volume_id(&vault, "a");
    let report = vault.retire(leaving, &mut quiet).unwrap();
    assert!(report.copied > 0 && report.failed.is_empty(), "{report:?}");
    drop(vault);
    rig.lose_catalog();
    let (vault, _) = rig.open(&["b", "c"]);
    assert!(get(&vault, "box", "file").unwrap() == noise(1, 400_000));
    assert!(check(&vault, true, false).is_clean());
}

/// The disk to be replaced is away, and has what nobody else has: its disk must not be called free.
#[test]
fn a_disk_that_is_away_with_the_only_copy_of_something_is_still_needed() {
    for forget_catalog in [false, true] {
        let mut rig = Rig::inline(&["a", "b"]);
        let vault = rig.create(1);
        for n in 0..8_u8 {
            put(&vault, "box", &format!("file-{n}"), &noise(n.into(), 300_000));
            vault.close().unwrap();
        }
        let away = volume_id(&vault, "a");
        drop(vault);
        if forget_catalog {
            rig.lose_catalog();
        }
        let (vault, _) = rig.open(&["b"]);
        let found = check(&vault, false, false);
        assert!(found.lost_packs.is_empty() && found.lost_file_count == 0, "{found:?}");
        assert!(!found.away_packs.is_empty() && found.away_file_count > 0, "{found:?}");
        assert_eq!(found.absent, [away]);
        let disk = rig.empty_disk("c");
        vault.replace(away, disk, &mut quiet).unwrap();
        assert!(vault.volumes().unwrap().iter().any(|volume| volume.id == away));
        vault.close().unwrap();
        drop(vault);
        let (vault, _) = rig.open(&["a", "b", "c"]);
        vault.finish_replacing(away, &mut quiet).unwrap();
        assert!(vault.volumes().unwrap().iter().all(|volume| volume.id != away));
        for n in 0..8_u8 {
            assert!(get(&vault, "box", &format!("file-{n}")).unwrap() == noise(n.into(), 300_000));
        }
    }
}

/// A disk failed for good at one of its last writes while it was replaced. The vault kept it, since it
/// alone had everything, and yet the report said that it was drained: whoever believed that threw
/// the only copy away.
#[test]
fn a_disk_that_fails_while_it_is_replaced_is_called_drained_only_when_the_new_one_has_all() {
    let bytes = noise(1, 100_000);
    let (mut let_go, mut kept) = (0, 0);
    for changes in (0..90).step_by(3) {
        let mut rig = Rig::inline(&["a"]);
        let vault = rig.create(1);
        put(&vault, "box", "file", &bytes);
        let new = rig.empty_disk("b");
        let old = volume_id(&vault, "a");
        rig.sim("a").cut_after(changes);
        let report = vault.replace(old, new, &mut quiet);
        let here = vault.volumes().unwrap().iter().any(|volume| volume.id == old);
        drop(vault);
        if report.is_ok_and(|report| report.drained) {
            let_go += 1;
            assert!(!here, "after {changes} changes: it is in the vault still");
            assert_eq!(get(&rig.open(&["b"]).0, "box", "file").unwrap(), bytes);
        } else {
            kept += 1;
            rig.sim("a").heal();
            assert_eq!(get(&rig.open(&["a", "b"]).0, "box", "file").unwrap(), bytes);
        }
    }
    assert!(let_go > 0 && kept > 0, "{let_go} let go, {kept} kept");
}
