//! Whatever is mistyped or mixed up: one sentence that names the thing, what to do, the right exit
//! code, and nothing lost.

use std::fs;
use std::os::unix::fs::symlink;

use crate::rig::{Rig, program, put, ran};

/// The words of the rig's kit, one of them changed.
fn with_word(rig: &Rig, number: usize, word: &str) {
    let text = fs::read_to_string(rig.path("kit.txt")).unwrap();
    let mut words: Vec<_> = text.split_whitespace().filter(|w| !w.ends_with('.')).collect();
    words[number - 1] = word;
    put_private(rig, "typed.txt", &words.join(" "));
}

fn put_private(rig: &Rig, name: &str, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    put(&rig.path(name), text.as_bytes());
    fs::set_permissions(rig.path(name), fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_mistyped_word_is_named_with_its_place_and_the_likely_one() {
    let rig = Rig::filled(1);
    with_word(&rig, 5, "abandom");
    rig.run(&["snapshots", "--words-file", "typed.txt"])
        .failed(1, &["word 5, \"abandom\"", "did you mean \"abandon\"?"]);
    rig.everything_restores();
}

#[test]
fn words_in_the_wrong_order_fail_their_checksum() {
    let rig = Rig::filled(1);
    let text = fs::read_to_string(rig.path("kit.txt")).unwrap();
    let mut words: Vec<_> = text.split_whitespace().filter(|w| !w.ends_with('.')).collect();
    let first = words[0];
    // One swap in 256 keeps the checksum; some swap does not.
    let checked = (1..24).any(|n| {
        words.swap(0, n);
        put_private(&rig, "typed.txt", &words.join(" "));
        let ran = rig.run(&["snapshots", "--words-file", "typed.txt"]);
        words.swap(0, n);
        ran.stderr.contains("do not belong together") && ran.code == Some(1)
    });
    assert!(checked && words[0] == first);
    rig.everything_restores();
}

#[test]
fn a_word_too_few_is_counted() {
    let rig = Rig::filled(1);
    put_private(&rig, "typed.txt", "abandon ability able");
    rig.run(&["snapshots", "--words-file", "typed.txt"])
        .failed(1, &["there are 3 words and there should be 24"]);
    put_private(&rig, "typed.txt", "");
    rig.run(&["snapshots", "--words-file", "typed.txt"]).failed(1, &["typed.txt", "empty"]);
    rig.run(&["snapshots", "--words-file", "nosuch.txt"]).failed(1, &["nosuch.txt"]);
}

#[test]
fn another_vaults_words_do_not_fit() {
    let rig = Rig::filled(1);
    let other = Rig::vault(1);
    let words = other.path("kit.txt");
    rig.run(&["snapshots", "--words-file", words.to_str().unwrap()])
        .failed(1, &["wrong words for this vault"]);
    rig.everything_restores();
}

#[test]
fn without_words_or_a_terminal_the_options_are_named() {
    let rig = Rig::filled(1);
    ran(rig.call(&["snapshots"]).env_remove("HOLDFAST_WORDS_FILE"))
        .failed(2, &["--words-file", "--password-file"]);
    fs::create_dir(rig.path("disk2")).unwrap();
    let create = ["vault", "create", "--vault", "other.toml", "--volume", "disk2"];
    rig.run(&create).failed(2, &["--kit-out"]);
    assert!(!rig.path("disk2/holdfast").exists());
    assert!(!rig.path("other.toml").exists());
    rig.everything_restores();
}

#[test]
fn no_vault_named_and_no_such_vault_file() {
    let rig = Rig::filled(1);
    ran(rig.call(&["snapshots"]).env_remove("HOLDFAST_VAULT")).failed(2, &["HOLDFAST_VAULT"]);
    rig.run(&["snapshots", "--vault", "nosuch.toml"]).failed(1, &["nosuch.toml"]);
    put(&rig.path("odd.toml"), b"vault = 7");
    rig.run(&["snapshots", "--vault", "odd.toml"]).failed(1, &["odd.toml"]);
}

#[test]
fn a_vault_is_never_made_over_another() {
    let rig = Rig::filled(1);
    rig.create(1).failed(2, &["home.toml", "exists already"]);
    let again = ["vault", "create", "--vault", "b.toml", "--volume", "disk1", "--kit-out", "k"];
    rig.run(&again).failed(1, &["disk1", "already holds"]);
    assert!(!rig.path("b.toml").exists() && !rig.path("k").exists());
    // A kit that is there is another vault's.
    fs::create_dir(rig.path("disk2")).unwrap();
    let kit = ["vault", "create", "--vault", "b.toml", "--volume", "disk2", "--kit-out", "kit.txt"];
    rig.run(&kit).failed(1, &["kit.txt"]);
    assert!(!rig.path("disk2/holdfast").exists());
    rig.everything_restores();
}

#[test]
fn a_create_that_fails_half_way_leaves_nothing() {
    let rig = Rig::empty(2);
    let create = ["vault", "create", "--volume", "disk1", "--volume", "nosuch", "--kit-out", "kit"];
    rig.run(&create).failed(1, &["nosuch"]);
    for left in ["disk1/holdfast", "nosuch", "kit", "home.toml", "home.catalog"] {
        assert!(!rig.path(left).exists(), "{left}");
    }
    symlink("disk1", rig.path("same")).unwrap();
    let create = ["vault", "create", "--volume", "disk1", "--volume", "same", "--kit-out", "kit"];
    rig.run(&create).failed(2, &["same", "twice"]);
    for left in ["disk1/holdfast", "kit", "home.toml", "home.catalog"] {
        assert!(!rig.path(left).exists(), "{left}");
    }
    rig.create(2).ok();
}

#[test]
fn a_volume_of_another_vault_is_named_and_left_alone() {
    let rig = Rig::filled(2);
    let other = Rig::filled(1);
    rig.change_vault_file(
        rig.path("disk2").to_str().unwrap(),
        other.path("disk1").to_str().unwrap(),
    );
    let ran = rig.run(&["snapshots"]).failed(1, &["belongs to vault"]);
    assert!(ran.stderr.contains(other.path("disk1").to_str().unwrap()), "{}", ran.stderr);
    rig.run(&["volume", "add", other.path("disk1").to_str().unwrap()]).ended(1);
    rig.change_vault_file(
        other.path("disk1").to_str().unwrap(),
        rig.path("disk2").to_str().unwrap(),
    );
    rig.everything_restores();
    other.everything_restores();
}

#[test]
fn one_volume_named_twice_is_noticed() {
    let rig = Rig::filled(2);
    rig.change_vault_file(rig.path("disk2").to_str().unwrap(), "disk1");
    rig.run(&["snapshots"]).failed(1, &["are the same volume"]);
    rig.change_vault_file("path = \"disk1\"", &format!("path = {:?}", rig.path("disk2")));
    rig.everything_restores();
}

#[test]
fn a_clone_is_named_and_left_alone() {
    let rig = Rig::filled(2);
    fs::create_dir(rig.path("copy")).unwrap();
    let (from, to) = (rig.path("disk1/holdfast"), rig.path("copy/holdfast"));
    ran(program("cp").arg("-a").arg(&from).arg(&to)).ok();
    rig.run(&["volume", "add", "copy"]).ended(1);
    let text = fs::read_to_string(rig.path("home.toml")).unwrap();
    let id = rig.volume_at("disk1");
    let more = format!("{text}\n[[volume]]\nid = \"{id}\"\npath = \"copy\"\n");
    put(&rig.path("home.toml"), more.as_bytes());
    let before = ran(program("find").arg(&to).args(["-printf", "%p %s %T@ %C@\n"])).ok().text();
    rig.run(&["backup", "tree", "--source", "docs"]).ok().saying("is a clone of volume");
    let after = ran(program("find").arg(&to).args(["-printf", "%p %s %T@ %C@\n"])).ok().text();
    assert_eq!(before, after);
    put(&rig.path("home.toml"), text.as_bytes());
    rig.everything_restores();
}

#[test]
fn what_is_not_there_is_named() {
    let rig = Rig::filled(1);
    rig.run(&["ls", "ffffffff"]).failed(1, &["there is no snapshot \"ffffffff\""]);
    rig.run(&["ls", "latest:nosuch"]).failed(1, &["there is no source \"nosuch\""]);
    rig.run(&["ls", "latest:docs:nosuch"]).failed(1, &["nosuch"]);
    rig.run(&["cat", "latest:docs:sub"]).failed(1, &["\"sub\" is not a file"]);
    rig.run(&["snapshots", "--source", "nosuch"]).failed(1, &["nosuch"]);
    rig.run(&["backup", "nosuch", "--source", "docs"]).failed(1, &["nosuch"]);
    rig.run(&["backup", "tree", "--source", "a:b"]).failed(2, &["a:b"]);
    rig.run(&["volume", "remove", "ffff"]).failed(1, &["ffff"]);
    rig.run(&["volume", "add", "nosuch"]).failed(1, &["nosuch"]);
    rig.run(&["forget", "nosuch"]).failed(1, &["nosuch"]);
    assert_eq!(rig.run(&["forget"]).code, Some(2));
    assert_eq!(rig.run(&["forget", "--older-than", "soon"]).code, Some(2));
    assert_eq!(rig.run(&["nosuch"]).code, Some(2));
    rig.everything_restores();
}

#[test]
fn two_processes_do_not_open_one_vault() {
    let rig = Rig::filled(1);
    let guard = fs::File::options().write(true).open(rig.path("home.catalog.guard")).unwrap();
    guard.try_lock().unwrap();
    rig.run(&["snapshots"]).failed(1, &["in use by another process"]);
    rig.run(&["catalog", "rebuild"]).failed(1, &["in use by another process"]);
    drop(guard);
    rig.everything_restores();
}

/// An owner made the box's vault with `sudo`, and the box could not read it.
#[test]
fn root_makes_no_vault_in_the_folder_of_a_services_user() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let rig = Rig::empty(1);
    let owned_by = |user| std::os::unix::fs::chown(rig.dir.path(), Some(user), None).unwrap();
    owned_by(990);
    rig.create(1).failed(2, &["belongs to user 990", "runuser -u holdfast"]);
    assert_eq!(fs::read_dir(rig.path("disk1")).unwrap().count(), 0, "nothing was made");
    owned_by(1_000);
    rig.create(1).ok();
}
