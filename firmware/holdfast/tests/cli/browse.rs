//! Looking at what is there, changing it in place, and letting go of it.

use std::process::Stdio;

use crate::rig::{Rig, program, put, ran};

#[test]
fn a_listing_shows_what_is_there_and_names_cannot_harm_a_terminal() {
    let rig = Rig::filled(1);
    let text = rig.run(&["ls", "latest:docs"]).ok().text();
    assert!(text.contains("-rw-r--r--") && text.contains("hello.txt"), "{text}");
    assert!(text.contains("tab\\there"), "{text}");
    assert!(!text.contains("deep.txt"));
    let text = rig.run(&["ls", "-R", "latest:docs"]).ok().text();
    assert!(text.contains("sub/deep.txt") && text.contains("sub/link -> ../hello.txt"), "{text}");
    let one = rig.ask(&["ls", "latest:docs:sub/deep.txt"]);
    assert_eq!(one["entries"][0]["size_bytes"], 50_000);
    assert_eq!(one["entries"][0]["mode"], "0640");
    assert_eq!(one["entries"][0]["path"], "sub/deep.txt");
}

#[test]
fn a_reader_that_goes_away_ends_a_listing_without_a_word() {
    let rig = Rig::filled(1);
    let mut call = program("sh");
    call.arg("-c")
        .arg(format!("{} ls -R latest | true", env!("CARGO_BIN_EXE_holdfast")))
        .current_dir(rig.dir.path())
        .env("HOLDFAST_VAULT", rig.path("home.toml"))
        .env("HOLDFAST_WORDS_FILE", rig.path("kit.txt"));
    assert_eq!(ran(&mut call).ok().stderr, "");
}

#[test]
fn versions_differ_by_what_was_changed_and_each_can_be_read() {
    let rig = Rig::filled(1);
    let first = rig.ask(&["snapshots"])["snapshots"][0]["id"].as_str().unwrap().to_owned();
    put(&rig.path("tree/hello.txt"), b"good bye\n");
    std::fs::remove_file(rig.path("tree/big.bin")).unwrap();
    put(&rig.path("tree/new"), b"new");
    rig.run(&["backup", "tree", "--source", "docs"]).ok();
    let text = rig.run(&["diff", &first, "latest:docs"]).ok().text();
    for line in ["- big.bin\n", "~ hello.txt (content", "+ new\n"] {
        assert!(text.contains(line), "{text}");
    }
    let old = rig.run(&["cat", &format!("{}:hello.txt", &first[..8])]).ok();
    assert_eq!(old.stdout, b"hello\n");
    let part = ["cat", "latest:docs:hello.txt", "--offset", "5", "--length", "3"];
    assert_eq!(rig.run(&part).ok().stdout, b"bye");
    let versions = rig.ask(&["versions", "docs:hello.txt"]);
    assert_eq!(versions["versions"].as_array().unwrap().len(), 2);
}

#[test]
fn a_source_is_edited_in_place_and_older_versions_stay() {
    let rig = Rig::vault(1);
    put(&rig.path("note"), b"one");
    rig.run(&["edit", "put", "note", "notes:a/b/note"]).ok();
    put(&rig.path("note"), b"two");
    rig.run(&["edit", "put", "note", "notes:a/b/note"]).ok();
    rig.run(&["edit", "mkdir", "notes:c"]).ok();
    rig.run(&["edit", "mv", "notes:a/b/note", "c/note"]).ok();
    assert_eq!(rig.run(&["cat", "latest:notes:c/note"]).ok().stdout, b"two");
    rig.run(&["edit", "rm", "notes:c"]).failed(1, &["not empty"]);
    rig.run(&["edit", "rm", "notes:c", "--recursive"]).ok();
    rig.run(&["cat", "latest:notes:c/note"]).failed(1, &["c"]);
    let versions = rig.ask(&["versions", "notes:a/b/note"]);
    let sizes: Vec<_> = versions["versions"].as_array().unwrap().iter().collect();
    assert!(sizes.iter().any(|one| one["entry"]["size_bytes"] == 3), "{versions}");
}

#[test]
fn a_file_is_put_from_standard_input() {
    let rig = Rig::vault(1);
    put(&rig.path("note"), b"from a pipe");
    let input = std::fs::File::open(rig.path("note")).unwrap();
    ran(rig.call(&["edit", "put", "-", "notes:note"]).stdin(Stdio::from(input))).ok();
    assert_eq!(rig.run(&["cat", "latest:notes:note"]).ok().stdout, b"from a pipe");
}

#[test]
fn nothing_is_moved_or_removed_in_a_source_that_is_not_there() {
    let rig = Rig::vault(1);
    rig.run(&["edit", "rm", "nosuch:a"]).failed(1, &["there is no source \"nosuch\""]);
    rig.run(&["edit", "mv", "nosuch:a", "b"]).failed(1, &["there is no source \"nosuch\""]);
    rig.run(&["edit", "rm", "nocolon"]).failed(2, &["colon"]);
}

#[test]
fn forgetting_by_age_keeps_the_newest_of_each_source_and_pruning_keeps_the_rest_whole() {
    let rig = Rig::filled(2);
    put(&rig.path("tree/big.bin"), &crate::rig::noise(3_000_000, 2));
    rig.run(&["backup", "tree", "--source", "docs"]).ok();
    let dry = rig.ask(&["forget", "--older-than", "0s", "--dry-run"]);
    assert_eq!(dry["forgotten"].as_array().unwrap().len(), 1);
    assert_eq!(rig.ask(&["snapshots"])["snapshots"].as_array().unwrap().len(), 2);
    rig.run(&["forget", "--older-than", "0s"]).ok();
    assert_eq!(rig.ask(&["snapshots"])["snapshots"].as_array().unwrap().len(), 1);
    let before = rig.files("disk1/holdfast/data", ".pack").len();
    rig.run(&["prune", "--dry-run"]).ok();
    assert_eq!(rig.files("disk1/holdfast/data", ".pack").len(), before);
    rig.run(&["prune", "--grace", "0s", "--allow-large"]).ok();
    rig.run(&["check", "--read-data"]).ok();
    rig.everything_restores();
}

#[test]
fn a_snapshot_that_is_named_goes_even_if_it_is_the_newest() {
    let rig = Rig::filled(1);
    rig.run(&["forget", "latest:docs"]).ok();
    assert_eq!(rig.ask(&["snapshots"])["snapshots"].as_array().unwrap().len(), 0);
}

#[test]
fn json_is_one_document_and_progress_is_lines_of_json() {
    let rig = Rig::vault(1);
    rig.make_tree();
    let ran = rig.run(&["backup", "tree", "--source", "docs", "--json"]).ok();
    assert_eq!(ran.json()["files"], 5);
    for line in ran.stderr.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    assert!(ran.stderr.contains("\"progress\""), "{}", ran.stderr);
    let quiet = rig.run(&["backup", "tree", "--source", "docs"]).ok();
    assert_eq!(quiet.stderr, "", "nothing is drawn where there is no terminal");
    let failed = rig.run(&["ls", "ffff", "--json"]).ended(1);
    let error: serde_json::Value = serde_json::from_str(failed.stderr.trim()).unwrap();
    assert_eq!(error["error"], "there is no snapshot \"ffff\"");
    assert!(error["do"].is_string());
}
