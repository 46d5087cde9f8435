//! What was backed up comes back, by every way there is to get it back.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::rig::{Rig, noise, put, ran};

#[test]
fn a_backup_comes_back_with_every_byte_and_attribute() {
    let rig = Rig::filled(2);
    rig.everything_restores();
    rig.run(&["check", "--read-data"]).ok();
}

#[test]
fn a_backup_comes_back_without_its_catalog_and_after_it_was_rebuilt() {
    let rig = Rig::filled(2);
    fs::remove_file(rig.path("home.catalog")).unwrap();
    rig.everything_restores();
    rig.run(&["catalog", "rebuild"]).ok();
    rig.everything_restores();
    // And it can be added to.
    put(&rig.path("tree/new.txt"), b"new");
    rig.run(&["backup", "tree", "--source", "docs"]).ok();
    rig.everything_restores();
}

#[test]
fn rescue_needs_disks_and_words_and_writes_to_no_disk() {
    let rig = Rig::filled(2);
    rig.run(&["backup", "tree/sub", "--source", "other"]).ok();
    let before = listing(&rig);
    let mut call = rig.call(&["rescue", "--volume", "disk2", "--to", "out"]);
    // Two copies on two disks: either disk alone has everything.
    ran(call.env_remove("HOLDFAST_VAULT")).ok();
    rig.is_the_tree(&rig.path("out/docs"));
    assert!(rig.path("out/other/deep.txt").is_file());
    assert_eq!(listing(&rig), before);
    let list = rig.ask(&["rescue", "--volume", "disk1", "--list"]);
    assert_eq!(list["snapshots"].as_array().unwrap().len(), 2);
}

#[test]
fn rescue_of_one_disk_of_three_restores_what_is_there_and_lists_the_rest() {
    let rig = Rig::vault(3);
    rig.make_tree();
    for n in 0..6 {
        put(&rig.path(&format!("tree/more{n}")), &noise(4 << 20, 10 + n));
        rig.run(&["backup", "tree", "--source", "docs"]).ok();
    }
    // Which two of three hold a pack is the vault's choice: take the disk with the fewest.
    let packs = |n: &usize| rig.files(&format!("disk{n}/holdfast/data"), ".pack").len();
    let fewest = (1..=3).min_by_key(packs).unwrap();
    let disk = format!("disk{fewest}");
    let ran = rig.run(&["rescue", "--volume", &disk, "--to", "out", "--json"]).ended(3);
    let report = ran.json();
    let lost = report["restored"][0]["lost"].as_array().unwrap();
    assert!(!lost.is_empty());
    for one in lost {
        assert!(!rig.path("out/docs").join(one["path"].as_str().unwrap()).exists());
    }
    let other = format!("disk{}", fewest % 3 + 1);
    rig.run(&["rescue", "--volume", &disk, "--volume", &other, "--to", "all"]).ok();
    rig.is_the_tree(&rig.path("all/docs"));
}

#[test]
fn a_password_opens_the_vault_as_the_words_do() {
    let rig = Rig::empty(1);
    put(&rig.path("password"), b"correct horse\n");
    put(&rig.path("wrong"), b"battery staple\n");
    for file in ["password", "wrong"] {
        fs::set_permissions(rig.path(file), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let create = ["vault", "create", "--volume", "disk1", "--kit-out", "kit.txt"];
    let with = ["--with-password", "--password-file", "password"];
    rig.run(&[&create[..], &with[..]].concat()).ok();
    rig.run(&["snapshots"]).ok();
    rig.run(&["snapshots", "--password-file", "password"]).ok();
    rig.run(&["snapshots", "--password-file", "wrong"])
        .failed(1, &["wrong password for this vault"]);
}

#[test]
fn the_kit_is_its_owners_alone_and_a_loose_one_is_warned_of() {
    let rig = Rig::vault(1);
    let kit = rig.path("kit.txt");
    assert_eq!(kit.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let words = fs::read_to_string(&kit).unwrap();
    rig.run(&["snapshots"]).ok();
    fs::set_permissions(&kit, fs::Permissions::from_mode(0o644)).unwrap();
    let said = rig.run(&["snapshots"]).ok().saying("may be read by others");
    for word in words.split_whitespace().filter(|word| word.len() > 5) {
        assert!(!said.stderr.contains(word), "{}", said.stderr);
    }
}

#[test]
fn one_disk_means_one_copy_and_that_is_said() {
    let rig = Rig::empty(1);
    let said = rig.create(1).ok().text();
    assert!(said.contains("kept on one disk only"), "{said}");
}

#[test]
fn every_volume_explains_itself() {
    let rig = Rig::vault(2);
    for disk in ["disk1", "disk2"] {
        let text = fs::read_to_string(rig.path(disk).join("holdfast/FORMAT.md")).unwrap();
        assert!(text.contains("holdfast rescue") && text.len() > 10_000);
    }
}

#[test]
fn what_cannot_be_read_is_listed_and_the_rest_is_stored() {
    if !nix::unistd::geteuid().is_root() {
        let rig = Rig::vault(1);
        rig.make_tree();
        put(&rig.path("tree/closed"), b"closed");
        fs::set_permissions(rig.path("tree/closed"), fs::Permissions::from_mode(0o0)).unwrap();
        rig.run(&["backup", "tree", "--source", "docs"]).ended(3).saying("closed");
        fs::remove_file(rig.path("tree/closed")).unwrap();
        return;
    }
    // Root reads everything; a volume of the vault itself is what is left out, and said.
    let rig = Rig::vault(1);
    rig.make_tree();
    let ran = rig.run(&["backup", ".", "--source", "docs"]).ended(3);
    assert!(ran.stderr.contains("holdfast"), "{}", ran.stderr);
    rig.run(&["restore", "latest:docs:tree", "--to", "out"]).ok();
    rig.is_the_tree(&rig.path("out"));
}

#[test]
fn patterns_leave_out_what_they_match() {
    let rig = Rig::vault(1);
    rig.make_tree();
    rig.run(&["backup", "tree", "--source", "docs", "--exclude", "*.bin"]).ok();
    rig.run(&["restore", "latest", "--to", "out"]).ok();
    assert!(!rig.path("out/big.bin").exists());
    assert!(rig.path("out/hello.txt").exists());
    rig.run(&["compare", "tree", "out"]).ended(3);
}

#[test]
fn several_paths_keep_their_last_name() {
    let rig = Rig::vault(1);
    rig.make_tree();
    rig.run(&["backup", "tree/sub", "tree/hello.txt", "--source", "two"]).ok();
    rig.run(&["restore", "latest:two", "--to", "out"]).ok();
    assert!(rig.path("out/sub/deep.txt").is_file());
    assert_eq!(fs::read(rig.path("out/hello.txt")).unwrap(), b"hello\n");
}

#[test]
fn files_that_are_there_are_kept_unless_they_are_to_be_replaced() {
    let rig = Rig::filled(1);
    fs::create_dir(rig.path("out")).unwrap();
    put(&rig.path("out/hello.txt"), b"mine");
    rig.run(&["restore", "latest", "--to", "out"]).ended(3).saying("hello.txt");
    assert_eq!(fs::read(rig.path("out/hello.txt")).unwrap(), b"mine");
    rig.run(&["restore", "latest", "--to", "out", "--overwrite"]).ok();
    assert_eq!(fs::read(rig.path("out/hello.txt")).unwrap(), b"hello\n");
}

/// Every file of the disks with its length and time.
fn listing(rig: &Rig) -> Vec<String> {
    let mut all = Vec::new();
    for disk in ["disk1", "disk2"] {
        for file in rig.files(disk, "") {
            let meta = file.metadata().unwrap();
            all.push(format!("{} {} {:?}", file.display(), meta.len(), meta.modified().unwrap()));
        }
    }
    all
}
