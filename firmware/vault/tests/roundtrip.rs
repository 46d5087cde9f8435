//! Backing up, opening again, and getting everything back: the first promise.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]
#![expect(clippy::disallowed_methods, reason = "tests write their own files")]

mod common;

use common::{Rig, backup, noise, quiet, restore, same, small_tree};
use vault::{Access, CheckOptions};

#[test]
fn a_tree_comes_back_as_it_was() {
    let rig = Rig::new(2);
    let tree = rig.path("tree");
    small_tree(&tree, 1);
    let vault = rig.create(2);
    let report = backup(&vault, "laptop", &tree);
    assert_eq!(report.receipt.copies, 2);
    assert!(report.skipped.is_empty(), "{:?}", report.skipped);
    restore(&vault, "latest:laptop", &rig.path("out"));
    same(&tree, &rig.path("out"));
}

#[test]
fn a_second_backup_of_an_unchanged_tree_stores_nothing_new() {
    let rig = Rig::new(1);
    let tree = rig.path("tree");
    small_tree(&tree, 1);
    let vault = rig.create(1);
    backup(&vault, "laptop", &tree);
    let again = backup(&vault, "laptop", &tree);
    assert_eq!(again.stats.new_bytes, 0, "{:?}", again.stats);
}

#[test]
fn a_vault_opens_again_with_and_without_its_catalog() {
    let rig = Rig::new(2);
    let tree = rig.path("tree");
    small_tree(&tree, 1);
    let vault = rig.create(2);
    backup(&vault, "laptop", &tree);
    vault.close().unwrap();
    drop(vault);
    let (vault, report) = rig.open();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    restore(&vault, "latest", &rig.path("out"));
    same(&tree, &rig.path("out"));
    drop(vault);
    std::fs::remove_file(rig.catalog()).unwrap();
    let (vault, _) = rig.open();
    restore(&vault, "latest", &rig.path("out2"));
    same(&tree, &rig.path("out2"));
}

#[test]
fn a_vault_that_was_never_closed_keeps_what_it_acknowledged() {
    let rig = Rig::new(2);
    let tree = rig.path("tree");
    small_tree(&tree, 1);
    let vault = rig.create(2);
    backup(&vault, "laptop", &tree);
    drop(vault); // No close: packs are left open, as after a power cut.
    std::fs::remove_file(rig.catalog()).unwrap();
    let (vault, report) = rig.open();
    assert!(report.recovered_packs > 0, "{report:?}");
    restore(&vault, "latest", &rig.path("out"));
    same(&tree, &rig.path("out"));
    let check = vault.check(CheckOptions { read_data: true, repair: false }, &mut quiet).unwrap();
    assert!(check.is_clean(), "{check:?}");
    drop(vault);
    let (_, report) = rig.open();
    assert_eq!(report.recovered_packs, 0, "recovery left nothing half-done");
}

#[test]
fn an_unfinished_vault_can_be_read_without_being_written() {
    let rig = Rig::new(2);
    let tree = rig.path("tree");
    small_tree(&tree, 1);
    let vault = rig.create(2);
    backup(&vault, "laptop", &tree);
    drop(vault);
    let before = listing(&rig);
    let (vault, _) = rig.try_open(&rig.volumes, Access::ReadOnly).unwrap();
    restore(&vault, "latest", &rig.path("out"));
    same(&tree, &rig.path("out"));
    assert_eq!(listing(&rig), before, "nothing on a volume has changed");
}

#[test]
fn a_file_changed_within_the_tick_of_its_backup_is_not_taken_for_unchanged() {
    use std::os::unix::fs::MetadataExt;
    let rig = Rig::new(1);
    let tree = rig.path("tree");
    std::fs::create_dir(&tree).unwrap();
    let file = tree.join("note");
    let vault = rig.create(1);
    std::fs::write(&file, b"before").unwrap();
    // The box's clock shows the very moment of the change, as it does when a file is saved while
    // its folder is being backed up.
    let changed = std::fs::metadata(&file).unwrap();
    rig.clock.jump_to(types::UnixTime(changed.ctime() * 1_000 + changed.ctime_nsec() / 1_000_000));
    backup(&vault, "notes", &tree);
    let found = vault.find_snapshot("latest:notes").unwrap();
    assert!(vault.entry(&found, b"note").unwrap().origin.is_none(), "to be read again next time");
    // A minute later the same file is known by its times alone.
    rig.clock.pass(types::Millis::from_secs(60));
    backup(&vault, "notes", &tree);
    let found = vault.find_snapshot("latest:notes").unwrap();
    assert!(vault.entry(&found, b"note").unwrap().origin.is_some());
}

#[test]
fn a_lost_pack_that_nothing_needs_is_let_go_by_a_repair() {
    let rig = Rig::new(1);
    let tree = rig.path("tree");
    small_tree(&tree, 1);
    let vault = rig.create(1);
    for _ in 0..3 {
        backup(&vault, "laptop", &tree);
        vault.close().unwrap();
    }
    drop(vault);
    let mut let_go = 0;
    for pack in packs_of(&rig.volumes[0].join("holdfast/meta")) {
        let bytes = std::fs::read(&pack).unwrap();
        std::fs::remove_file(&pack).unwrap();
        std::fs::remove_file(rig.catalog()).unwrap();
        // The newest state itself may have lain in it: that is another story.
        if let Ok((vault, _)) = rig.try_open(&rig.volumes, Access::ReadWrite) {
            let before = vault.check(CheckOptions::default(), &mut quiet).unwrap();
            let options = CheckOptions { read_data: false, repair: true };
            let after = vault.check(options, &mut quiet).unwrap();
            if before.lost_chunks == 0 && before.lost_file_count == 0 {
                assert!(before.lost_packs.is_empty(), "nothing needs it: {before:?}");
                assert!(after.is_clean(), "{after:?}");
                let_go += 1;
                continue;
            }
            assert!(!after.is_clean(), "what is needed is not let go: {after:?}");
        }
        std::fs::write(&pack, bytes).unwrap();
    }
    assert!(let_go > 0, "one of the packs held nothing but old states");
    let (vault, _) = rig.open();
    restore(&vault, "latest", &rig.path("out"));
    same(&tree, &rig.path("out"));
}

fn packs_of(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let folders = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap());
    files.map(|entry| entry.unwrap().path()).collect()
}

fn listing(rig: &Rig) -> Vec<(std::path::PathBuf, u64, std::time::SystemTime)> {
    let mut all = Vec::new();
    let mut folders = rig.volumes.clone();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let meta = entry.metadata().unwrap();
            if meta.is_dir() {
                folders.push(entry.path());
            }
            all.push((entry.path(), meta.len(), meta.modified().unwrap()));
        }
    }
    all.sort();
    all
}

#[test]
fn an_image_rewritten_in_place_costs_only_its_changed_blocks() {
    let rig = Rig::new(1);
    let tree = rig.path("tree");
    std::fs::create_dir(&tree).unwrap();
    let mut image = noise(3, 24 << 20);
    std::fs::write(tree.join("disk.img"), &image).unwrap();
    let vault = rig.create(1);
    backup(&vault, "vm", &tree);
    for at in [5_000_000, 12_345_678, 12_400_000, 20_000_000] {
        image[at] ^= 0xff;
    }
    std::fs::write(tree.join("disk.img"), &image).unwrap();
    let second = backup(&vault, "vm", &tree);
    // Four changed blocks of 16 KiB, and the manifest that names them.
    assert!(second.stats.new_bytes < 4 * (16 << 10) + 20_000, "{:?}", second.stats);
    restore(&vault, "latest:vm", &rig.path("out"));
    same(&tree, &rig.path("out"));
    image[5_000_001] ^= 0xff;
    std::fs::write(tree.join("disk.img"), &image).unwrap();
    let third = backup(&vault, "vm", &tree);
    assert!(third.stats.new_bytes < 60_000, "{:?}", third.stats);
    restore(&vault, "latest:vm", &rig.path("out3"));
    same(&tree, &rig.path("out3"));
}

#[test]
fn a_wiped_volume_is_replaced_and_damage_is_mended() {
    let rig = Rig::new(3);
    let tree = rig.path("tree");
    small_tree(&tree, 1);
    std::fs::write(tree.join("big"), noise(9, 40 << 20)).unwrap();
    let vault = rig.create(2);
    backup(&vault, "laptop", &tree);
    vault.close().unwrap();
    // Which two of three hold a pack is the vault's choice, by the room of a disk that others write, too.
    let most = |of: &[usize]| *of.iter().max_by_key(|volume| rig.packs(**volume).len()).unwrap();
    let lost = most(&[0, 1, 2]);
    let name = format!("disk{}", lost + 1);
    let victim = vault.volumes().unwrap().into_iter().find(|v| v.path.ends_with(&name)).unwrap();
    drop(vault);
    std::fs::remove_dir_all(rig.volumes[lost].join("holdfast")).unwrap();
    let (vault, report) = rig.open();
    assert!(report.missing_packs.is_empty(), "two copies: {:?}", report.missing_packs);
    let check = vault.check(CheckOptions::default(), &mut quiet).unwrap();
    assert!(check.under_copied > 0, "{check:?}");
    let rebuilt = vault.replace(victim.id, rig.new_disk("disk4"), &mut quiet).unwrap();
    assert!(
        rebuilt.copied > 0 && rebuilt.failed.is_empty() && rebuilt.lost.is_empty(),
        "{rebuilt:?}"
    );
    let check = vault.check(CheckOptions { read_data: true, repair: false }, &mut quiet).unwrap();
    assert!(check.is_clean(), "{check:?}");
    // Damage on a survivor.
    let left: Vec<usize> = (0..3).filter(|volume| *volume != lost).collect();
    let survivor = rig.volumes[most(&left)].join("holdfast");
    let damaged = flip_every(&survivor.join("data")) + flip_every(&survivor.join("meta"));
    assert!(damaged > 2);
    let check = vault.check(CheckOptions { read_data: true, repair: false }, &mut quiet).unwrap();
    assert_eq!(check.damaged.len(), damaged, "{check:?}");
    assert!(!check.is_clean());
    let mended = vault.check(CheckOptions { read_data: true, repair: true }, &mut quiet).unwrap();
    assert!(mended.is_clean(), "{mended:?}");
    let check = vault.check(CheckOptions { read_data: true, repair: false }, &mut quiet).unwrap();
    assert!(check.is_clean() && check.damaged.is_empty(), "{check:?}");
    restore(&vault, "latest", &rig.path("out"));
    same(&tree, &rig.path("out"));
}

#[test]
fn what_a_check_found_lost_is_stored_again_by_the_next_backup() {
    let rig = Rig::new(1);
    let tree = rig.path("tree");
    small_tree(&tree, 1);
    let vault = rig.create(1);
    backup(&vault, "laptop", &tree);
    vault.close().unwrap();
    drop(vault);
    flip_every(&rig.volumes[0].join("holdfast/data"));
    let (vault, _) = rig.open();
    let check = vault.check(CheckOptions { read_data: true, repair: false }, &mut quiet).unwrap();
    assert!(!check.is_clean() && check.lost_file_count > 0, "{check:?}");
    drop(vault);
    // Another process: the damage is still known, though the file stands under its name.
    let (vault, _) = rig.open();
    let again = backup(&vault, "laptop", &tree);
    assert!(again.stats.new_bytes > 0, "the tree is unchanged, but its pieces are gone: {again:?}");
    restore(&vault, "latest", &rig.path("out"));
    same(&tree, &rig.path("out"));
    let mended = vault.check(CheckOptions { read_data: true, repair: true }, &mut quiet).unwrap();
    assert!(mended.is_clean(), "{mended:?}");
    drop(vault);
    let (_, report) = rig.open();
    assert!(report.missing_packs.is_empty(), "nothing is missed any more: {report:?}");
}

#[test]
fn what_was_stored_while_a_disk_was_away_gets_its_copies_from_the_next_backup() {
    let rig = Rig::new(2);
    let tree = rig.path("tree");
    small_tree(&tree, 1);
    let vault = rig.create(2);
    backup(&vault, "laptop", &tree);
    drop(vault);
    std::fs::write(tree.join("new"), noise(77, 2_000_000)).unwrap();
    let (vault, _) = rig.try_open(&rig.volumes[..1], Access::ReadWrite).unwrap();
    assert_eq!(backup(&vault, "laptop", &tree).receipt.copies, 1);
    drop(vault);
    let (vault, _) = rig.open();
    assert_eq!(backup(&vault, "laptop", &tree).receipt.copies, 2, "nothing changed but the disks");
    drop(vault);
    // The promise is kept: the disk that was away has everything.
    let (vault, _) = rig.try_open(&rig.volumes[1..], Access::ReadOnly).unwrap();
    restore(&vault, "latest", &rig.path("out"));
    same(&tree, &rig.path("out"));
}

/// Flips a bit in the middle of every pack of a folder; returns how many.
fn flip_every(kind: &std::path::Path) -> usize {
    let packs = packs_of(kind);
    for pack in &packs {
        let mut bytes = std::fs::read(pack).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(pack, bytes).unwrap();
    }
    packs.len()
}
