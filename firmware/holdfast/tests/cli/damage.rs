//! Bytes that changed on a disk, and disks that are gone: found, named, mended, nothing lost.

use std::fs;

use crate::rig::{Rig, corrupt, noise, put, rename};

#[test]
fn a_corrupt_pack_is_found_named_and_mended() {
    let rig = Rig::filled(2);
    let pack = rig.files("disk1/holdfast/data", ".pack").remove(0);
    let original = fs::read(&pack).unwrap();
    corrupt(&pack);
    // The other copy serves meanwhile.
    rig.everything_restores();
    let id = pack.file_stem().unwrap().to_str().unwrap().to_owned();
    let found = rig.run(&["check", "--read-data"]).ended(3).text();
    assert!(found.contains(&id) && found.contains("disk1"), "{found}");
    let code = rig.run(&["check", "--read-data", "--repair"]).code;
    assert!(matches!(code, Some(0 | 3)), "{code:?}");
    assert_eq!(fs::read(&pack).unwrap(), original);
    rig.run(&["check", "--read-data"]).ok();
    rig.everything_restores();
}

#[test]
fn a_file_whose_only_copy_is_corrupt_is_listed_and_all_others_come_back() {
    let rig = Rig::filled(1);
    for pack in rig.files("disk1/holdfast/data", ".pack") {
        corrupt(&pack);
    }
    let text = rig.run(&["check", "--read-data"]).ended(3).text();
    assert!(text.contains("lost: "), "{text}");
    let ran = rig.run(&["restore", "latest:docs", "--to", "out", "--json"]).ended(3);
    let report = ran.json();
    let lost: Vec<_> = report["lost"].as_array().unwrap().iter().map(|l| &l["path"]).collect();
    assert!(!lost.is_empty());
    for name in ["hello.txt", "big.bin", "sub/deep.txt", "tab\there"] {
        let out = rig.path("out").join(name);
        let is_lost = lost.iter().any(|path| *path == name);
        assert_eq!(out.exists(), !is_lost, "{name}");
        if out.exists() {
            assert_eq!(fs::read(out).unwrap(), fs::read(rig.path("tree").join(name)).unwrap());
        }
    }
}

#[test]
fn corrupt_keys_superblocks_and_heads_on_one_disk_lose_nothing() {
    let rig = Rig::filled(2);
    for name in ["keys.0", "superblock.1"] {
        corrupt(&rig.path("disk1/holdfast").join(name));
    }
    for head in rig.files("disk1/holdfast/heads", ".head") {
        corrupt(&head);
    }
    rig.run(&["snapshots"]).ok();
    rig.everything_restores();
    rig.run(&["check", "--read-data", "--repair"]).code.unwrap();
    rig.everything_restores();
}

#[test]
fn a_missing_folder_is_said_and_the_others_go_on() {
    let rig = Rig::filled(2);
    rename(&rig.path("disk1"), &rig.path("pulled"));
    assert!(!rig.path("disk1").exists());
    rig.everything_restores();
    put(&rig.path("tree/new"), &noise(100_000, 3));
    let ran = rig.run(&["backup", "tree", "--source", "docs"]).ended(3).saying("disk1");
    assert!(ran.stderr.contains("stored on 1 instead of 2"), "{}", ran.stderr);
    // What is only unplugged is not called lost.
    let text = rig.run(&["check"]).ended(3).text();
    assert!(text.contains("disk1 is not here") && !text.contains("lost:"), "{text}");
    // It comes back and is brought up to date.
    rename(&rig.path("pulled"), &rig.path("disk1"));
    rig.everything_restores();
    rig.run(&["check", "--repair"]).code.unwrap();
    rig.run(&["check", "--read-data"]).ok();
    rig.everything_restores();
}

#[test]
fn with_no_folder_left_each_is_named() {
    let rig = Rig::filled(2);
    for disk in ["disk1", "disk2"] {
        rename(&rig.path(disk), &rig.path(&format!("{disk}-away")));
    }
    rig.run(&["snapshots"]).failed(1, &["none of the vault's volumes", "disk1", "disk2"]);
    for disk in ["disk1", "disk2"] {
        rename(&rig.path(&format!("{disk}-away")), &rig.path(disk));
    }
    rig.everything_restores();
}

/// The unusable disk was passed over in silence for ever, and all was called well.
#[test]
fn a_disk_without_any_good_superblock_is_named_until_it_is_replaced() {
    let rig = Rig::filled(3);
    let id = rig.volume_at("disk1");
    for copy in 0..3 {
        corrupt(&rig.path(&format!("disk1/holdfast/superblock.{copy}")));
    }
    rig.run(&["check", "--repair"]).ended(3).saying("holdfast volume replace");
    let text = rig.run(&["check"]).ended(3).text();
    assert!(text.contains("disk1 is not here or cannot be used"), "{text}");
    fs::create_dir(rig.path("disk4")).unwrap();
    rig.run(&["volume", "replace", &id, "--with", "disk4"]).ok();
    assert_eq!(rig.run(&["check", "--read-data"]).ok().stderr, "");
    rig.everything_restores();
}

/// Found missing, it was neither named, nor was its repair.
#[test]
fn a_missing_pack_is_named_with_its_disk_and_so_is_its_repair() {
    let rig = Rig::filled(2);
    let pack = rig.files("disk2/holdfast/data", ".pack").remove(0);
    fs::remove_file(&pack).unwrap();
    let id = pack.file_stem().unwrap().to_str().unwrap().to_owned();
    for (args, code, end) in
        [(&["check"][..], 3, "is missing"), (&["check", "--repair"], 0, "is missing (repaired)")]
    {
        let text = rig.run(args).ended(code).text();
        let line = text.lines().find(|line| line.ends_with(end)).unwrap_or_default();
        assert!(line.contains("disk2") && line.contains(&id), "{text}");
    }
    assert!(pack.is_file());
    rig.run(&["check", "--read-data"]).ok();
}

/// A file that was backed up by itself has no folder of its own: restored, it gave the folder that
/// it came to an owner and a time of 1970.
#[test]
fn a_single_file_leaves_the_folder_that_it_is_restored_to_as_it_is() {
    use std::os::unix::fs::MetadataExt;
    let rig = Rig::filled(1);
    rig.run(&["backup", "tree/hello.txt", "--source", "one"]).ok();
    rig.run(&["restore", "latest:one", "--to", "out"]).ok();
    assert_eq!(fs::read(rig.path("out/hello.txt")).unwrap(), b"hello\n");
    assert!(rig.path("out").metadata().unwrap().mtime() > 1_000_000_000);
}
