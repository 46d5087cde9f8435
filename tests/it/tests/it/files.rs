//! What makes each disk readable by itself, and the heads: damaged, gone, found, named, mended.
//!
//! Once, a disk without heads passed for an empty vault and took new backups, and a check called
//! everything well while a disk could not be read alone any more.

use std::io::Write;

use vault::{Access, OnVolume, Options, Secrets, Vault, VaultError};
use volume::Disk;

use crate::rig::{DiskKind, Rig, check, get, noise, put, try_put};

/// A rig whose volumes carry a text and a program, and a vault that is open on it.
fn carrying() -> (Rig, Vault, tempfile::NamedTempFile) {
    let rig = Rig::inline(&["a", "b"]);
    put(&rig.create(2), "box", "file", &noise(1, 200_000));
    let mut program = tempfile::NamedTempFile::new().unwrap();
    program.write_all(&noise(2, 5_000)).unwrap();
    let vault = reopened(&rig, &program);
    assert!(check(&vault, true, true).is_clean(), "gives the disks what they lack");
    vault.close().unwrap();
    (rig, vault, program)
}

fn reopened(rig: &Rig, program: &tempfile::NamedTempFile) -> Vault {
    let on_volume = OnVolume {
        format_text: "how to read this".to_owned(),
        rescue_program: Some(program.path().to_owned()),
    };
    let options = Options { on_volume, ..rig.options() };
    let (disks, secret) = (rig.handles(&["a", "b"]), Secrets::Words(&rig.words));
    Vault::open(rig.env.clone(), options, Access::ReadWrite, disks, None, secret).unwrap().0
}

fn heads_of(rig: &Rig, serial: &str) -> Vec<String> {
    let files = rig.sim(serial).files().into_iter().map(|(path, _)| path);
    files.filter(|path| path.starts_with("heads/")).collect()
}

#[test]
fn every_file_that_a_disk_needs_to_be_read_alone_is_missed_and_mended() {
    let (rig, vault, program) = carrying();
    let newest = heads_of(&rig, "b").pop().unwrap();
    let files = ["keys.0", "superblock.1", "FORMAT.md", "holdfast-rescue", newest.as_str()];
    for file in files {
        for gone in [true, false] {
            match gone {
                true => rig.sim("b").unlink(file).unwrap(),
                false => rig.sim("b").flip_byte(file, 3),
            }
            let found = check(&vault, true, false);
            assert_eq!(found.damaged.len(), 1, "{file} {gone}: {found:?}");
            assert!(!found.is_clean() && found.damaged[0].volume.contains('b'), "{found:?}");
            let mended = check(&vault, true, true);
            assert!(mended.is_clean() && mended.damaged[0].repaired, "{file}: {mended:?}");
            assert!(check(&vault, true, false).damaged.is_empty(), "{file}");
        }
    }
    drop(vault);
    drop(reopened(&rig, &program));
}

#[test]
fn a_disk_without_a_head_is_no_empty_vault_and_gets_the_newest_from_another() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "file", b"bytes");
    vault.close().unwrap();
    drop(vault);
    let lose_heads = || heads_of(&rig, "b").iter().for_each(|h| rig.sim("b").unlink(h).unwrap());
    lose_heads();
    for access in [Access::ReadOnly, Access::ReadWrite] {
        rig.lose_catalog();
        let refused = rig.try_open_with(rig.handles(&["b"]), access).unwrap_err();
        assert!(matches!(refused, VaultError::NoHead { found: 0 }), "{refused}");
        drop(rig.open(&["a", "b"]));
        lose_heads();
    }
    let (vault, report) = rig.open(&["a", "b"]);
    assert!(report.findings.iter().any(|said| said.contains("no readable head")), "{report:?}");
    assert!(check(&vault, false, true).is_clean());
    drop(vault);
    rig.lose_catalog();
    let (vault, _) = rig.open(&["b"]);
    assert_eq!(get(&vault, "box", "file").unwrap(), b"bytes");
}

#[test]
fn damaged_heads_come_back_from_the_other_disk_and_those_that_nobody_has_whole_go() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    for n in 0..3 {
        put(&vault, "box", "file", &noise(n, 100));
        vault.close().unwrap();
    }
    drop(vault);
    let heads = heads_of(&rig, "b");
    assert!(heads.len() > 3, "{heads:?}");
    heads.iter().for_each(|head| rig.sim("b").flip_byte(head, 80));
    rig.sim("a").flip_byte(&heads[0], 80);
    let (vault, report) = rig.open(&["a", "b"]);
    let more = format!("{} more", heads.len() - 1);
    assert!(report.findings.iter().any(|said| said.contains(&more)), "{report:?}");
    assert!(!check(&vault, true, false).is_clean());
    let mended = check(&vault, true, true);
    assert!(mended.is_clean() && mended.damaged.len() > heads.len(), "{mended:?}");
    assert!(check(&vault, true, false).damaged.is_empty());
    assert!(!heads_of(&rig, "a").contains(&heads[0]));
    drop(vault);
    rig.lose_catalog();
    let (vault, report) = rig.open(&["b"]);
    assert!(report.findings.is_empty(), "{report:?}");
    assert_eq!(get(&vault, "box", "file").unwrap(), noise(2, 100));
}

#[test]
fn a_pack_that_is_gone_is_named_with_its_disk_and_so_is_its_return() {
    let rig = Rig::inline(&["a", "b", "c"]);
    let vault = rig.create(2);
    put(&vault, "box", "file", &noise(1, 400_000));
    vault.close().unwrap();
    drop(vault);
    let is_data = |path: &String| path.starts_with("data/");
    let (serial, path) = ["a", "b", "c"]
        .iter()
        .find_map(|serial| {
            let files = rig.sim(serial).files().into_iter().map(|(path, _)| path);
            files.into_iter().find(is_data).map(|path| (*serial, path))
        })
        .unwrap();
    rig.sim(serial).unlink(&path).unwrap();
    // Commands in between notice nothing, and forget nothing.
    drop(rig.open(&["a", "b", "c"]));
    let (vault, _) = rig.open(&["a", "b", "c"]);
    let found = check(&vault, false, false);
    let [one] = found.damaged.as_slice() else { panic!("{found:?}") };
    assert!(one.what.contains("is missing") && one.volume.ends_with(serial), "{one:?}");
    assert!(path.contains(&one.pack.unwrap().to_string()));
    assert_eq!(found.under_copied_packs, [one.pack.unwrap()]);
    let mended = check(&vault, false, true);
    assert!(mended.is_clean() && mended.damaged[0].repaired, "{mended:?}");
    assert!(check(&vault, true, false).damaged.is_empty());
}

#[test]
fn a_folder_or_a_link_in_a_packs_place_is_put_aside_and_the_pack_comes_back() {
    let mut rig = Rig::new(DiskKind::Folder, vault::WriterMode::Threads, 3);
    for serial in ["a", "b"] {
        rig.add_disk(serial, types::Bytes(0));
    }
    let vault = rig.create(2);
    put(&vault, "box", "file", &noise(1, 400_000));
    vault.close().unwrap();
    drop(vault);
    let packs = rig.disks["a"].packs();
    let of = |folder: &str| packs.iter().find(|(path, _)| path.starts_with(folder)).unwrap();
    let places =
        ["data/", "meta/"].map(|folder| rig.path("a").join("holdfast").join(&of(folder).0));
    for place in &places {
        std::fs::remove_file(place).unwrap();
    }
    std::fs::create_dir(&places[0]).unwrap();
    std::fs::write(places[0].join("somebody's"), "bytes").unwrap();
    std::os::unix::fs::symlink("nowhere", &places[1]).unwrap();
    let (vault, _) = rig.open(&["a", "b"]);
    assert_eq!(check(&vault, true, false).damaged.len(), 2);
    let mended = check(&vault, true, true);
    assert!(mended.is_clean(), "{mended:?}");
    assert!(places.iter().all(|place| place.is_file()));
    assert!(check(&vault, true, false).damaged.is_empty());
    let aside = rig.path("a").join("holdfast/trash");
    let name = places[0].file_name().unwrap().to_str().unwrap().to_owned() + ".stray.0";
    assert!(aside.join(name).join("somebody's").is_file(), "nothing of somebody's is removed");
}

#[test]
fn a_disk_that_is_read_only_is_named_as_such() {
    let rig = Rig::inline(&["a", "b"]);
    let vault = rig.create(2);
    put(&vault, "box", "file", b"bytes");
    vault.close().unwrap();
    drop(vault);
    rig.sim("b").set_read_only(true);
    let (vault, report) = rig.open(&["a", "b"]);
    let said = |report: &vault::OpenReport, serial: &str| {
        report.findings.iter().any(|f| f.contains(serial) && f.contains("is read-only"))
    };
    assert!(said(&report, "disk b") && !said(&report, "disk a"), "{report:?}");
    assert_eq!(put(&vault, "box", "more", b"bytes").receipt.copies, 1);
    vault.close().unwrap();
    drop(vault);
    rig.sim("a").set_read_only(true);
    let (vault, _) = rig.open(&["a", "b"]);
    let refused = try_put(&vault, "box", "third", b"bytes").unwrap_err();
    assert!(refused.to_string().contains("disk b is read-only"), "{refused}");
    assert_eq!(get(&vault, "box", "more").unwrap(), b"bytes");
}
