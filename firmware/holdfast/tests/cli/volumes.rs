//! Volumes come and go; what was stored stays, in as many copies as promised.

use std::fs;

use crate::rig::{Rig, noise, put, rename};

fn add_folder(rig: &Rig, name: &str) {
    fs::create_dir(rig.path(name)).unwrap();
}

#[test]
fn a_volume_is_added_listed_and_named_by_id_front_or_path() {
    let rig = Rig::filled(2);
    add_folder(&rig, "disk3");
    rig.run(&["volume", "add", "disk3"]).ok();
    let id = rig.volume_at("disk3");
    let list = rig.ask(&["volume", "list"]);
    assert_eq!(list["volumes"].as_array().unwrap().len(), 3);
    for volume in list["volumes"].as_array().unwrap() {
        assert_eq!(volume["state"], "member");
        assert!(volume["size_bytes"].as_u64() > volume["free_bytes"].as_u64());
    }
    rig.run(&["volume", "add", "disk3"]).failed(1, &["disk3"]);
    // It holds all metadata, and can be retired by the front of its id.
    assert!(!rig.files("disk3/holdfast/meta", ".pack").is_empty());
    rig.run(&["volume", "retire", &id[..10]]).ok();
    assert!(!fs::read_to_string(rig.path("home.toml")).unwrap().contains("disk3"));
    rig.run(&["check", "--read-data"]).ok();
    rig.everything_restores();
}

#[test]
fn a_retired_volume_can_be_pulled() {
    let rig = Rig::filled(3);
    rig.run(&["volume", "retire", "disk1"]).ok();
    fs::remove_dir_all(rig.path("disk1")).unwrap();
    let ran = rig.run(&["check", "--read-data"]).ok();
    assert_eq!(ran.stderr, "");
    rig.everything_restores();
}

#[test]
fn a_lost_volume_is_replaced_at_another_place_or_at_its_own() {
    for new in ["disk3", "disk1"] {
        let rig = Rig::filled(2);
        let id = rig.volume_at("disk1");
        fs::remove_dir_all(rig.path("disk1")).unwrap();
        add_folder(&rig, new);
        rig.run(&["volume", "replace", &id, "--with", new]).ok();
        let ran = rig.run(&["check", "--read-data"]).ok();
        assert_eq!(ran.stderr, "");
        assert_ne!(rig.volume_at(new), id);
        // The new one alone has everything.
        fs::remove_dir_all(rig.path("disk2")).unwrap();
        rig.everything_restores();
    }
}

#[test]
fn a_volume_that_is_here_is_replaced_and_stays_out() {
    let rig = Rig::filled(2);
    add_folder(&rig, "disk3");
    rig.run(&["volume", "replace", "disk1", "--with", "disk3"]).ok();
    rig.run(&["check", "--read-data"]).ok();
    rename(&rig.path("disk1"), &rig.path("old"));
    rig.everything_restores();
    // It is not taken back by mistake.
    rig.run(&["volume", "add", "old"]).ended(1);
}

#[test]
fn a_volume_with_the_only_copy_is_not_removed_without_force() {
    let rig = Rig::vault(1);
    add_folder(&rig, "disk2");
    rig.make_tree();
    rig.run(&["backup", "tree", "--source", "docs"]).ok();
    rig.run(&["volume", "add", "disk2"]).ok();
    rig.run(&["volume", "remove", "disk1"]).failed(1, &["no other volume"]);
    rig.everything_restores();
    rig.run(&["volume", "retire", "disk1"]).ok();
    rig.run(&["volume", "retire", "disk2"]).ended(2);
    rig.everything_restores();
}

#[test]
fn an_addition_that_was_cut_short_is_taken_up_again() {
    let rig = Rig::filled(2);
    add_folder(&rig, "disk3");
    let before = fs::read_to_string(rig.path("home.toml")).unwrap();
    rig.run(&["volume", "add", "disk3"]).ok();
    // As if the process had been killed before it wrote the vault's file.
    put(&rig.path("home.toml"), before.as_bytes());
    rig.run(&["volume", "add", "disk3"]).ok();
    assert_eq!(rig.ask(&["volume", "list"])["volumes"].as_array().unwrap().len(), 3);
    rig.run(&["check", "--read-data"]).ok();
    rig.everything_restores();
}

#[test]
fn a_replacement_that_was_cut_short_is_taken_up_again() {
    let rig = Rig::filled(2);
    add_folder(&rig, "disk3");
    let before = fs::read_to_string(rig.path("home.toml")).unwrap();
    let id = rig.volume_at("disk1");
    // What a kill after the first step leaves: the new volume has joined, the old one is here.
    rig.run(&["volume", "add", "disk3"]).ok();
    put(&rig.path("home.toml"), before.as_bytes());
    rig.run(&["volume", "replace", &id, "--with", "disk3"]).ok();
    let text = fs::read_to_string(rig.path("home.toml")).unwrap();
    assert!(!text.contains(&id) && text.contains("disk3"), "{text}");
    put(&rig.path("tree/more"), &noise(500_000, 9));
    rig.run(&["backup", "tree", "--source", "docs"]).ok();
    rig.run(&["check", "--read-data"]).ok();
    rig.everything_restores();
}

/// As if the process had been killed by the tool that made the volume before it wrote any keys.
#[test]
fn a_replacement_that_left_a_volume_without_keys_is_finished_with_them() {
    let rig = Rig::filled(1);
    add_folder(&rig, "disk2");
    let before = fs::read_to_string(rig.path("home.toml")).unwrap();
    let id = rig.volume_at("disk1");
    rig.run(&["volume", "add", "disk2"]).ok();
    put(&rig.path("home.toml"), before.as_bytes());
    for file in ["keys.0", "keys.1", "FORMAT.md"] {
        fs::remove_file(rig.path("disk2/holdfast").join(file)).unwrap();
    }
    rig.run(&["volume", "replace", &id, "--with", "disk2"]).ok();
    fs::remove_dir_all(rig.path("disk1")).unwrap();
    assert!(rig.path("disk2/holdfast/FORMAT.md").is_file());
    rig.run(&["rescue", "--volume", "disk2", "--to", "out"]).ok();
    rig.is_the_tree(&rig.path("out/docs"));
}

#[test]
fn a_disk_that_is_removed_takes_copies_with_it_and_that_is_said() {
    let rig = Rig::filled(2);
    rig.run(&["volume", "remove", "disk2"]).ended(3).saying("fewer than 2 disks");
    rig.everything_restores();
}
