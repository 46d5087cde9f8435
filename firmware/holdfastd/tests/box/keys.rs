//! Keys on sticks of a real box: made on the page's door, used, pulled, copied, and lost.

use std::fs;
use std::path::PathBuf;

use calls::{DeskFault, DiskAct};
use serde_json::{Value, json};

use crate::client::Answer;
use crate::rig::{LOOK_EVERY, Rig, bytes_of, put};
use crate::running::Running;
use crate::sticks::{BIG, everything};
use crate::web::{Guest, OWN, SETTINGS};

const STICK: &str = "blue";
const LETTER: &[u8] = b"somebody's own";

impl Rig {
    /// The one file of a key on a stick.
    fn key_on(&self, stick: &str) -> PathBuf {
        let all = fs::read_dir(self.on_stick(stick)).unwrap().map(|one| one.unwrap().path());
        let is_key = |path: &PathBuf| path.to_string_lossy().contains("holdfast-key-");
        let found: Vec<PathBuf> = all.filter(is_key).collect();
        let [one] = &found[..] else { panic!("{found:?}") };
        one.clone()
    }
}

impl Guest<'_> {
    fn tries(&self, more: &Value) -> Answer {
        let mut body = json!({ "name": "ada", "password": OWN });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.send("POST", "/api/v1/session", Some(&body))
    }

    fn with_key(&self) -> Answer {
        self.tries(&json!({ "key_seconds": 20 }))
    }
}

fn rig() -> Rig {
    let rig = crate::hand::rig();
    let settings = fs::read_to_string(rig.path("box.toml")).unwrap();
    put(&rig.path("box.toml"), format!("{settings}{SETTINGS}").as_bytes());
    rig
}

/// A box, its owner, a sheet of codes, and a stick that a letter is on and that is plugged in.
fn begun<'r>(rig: &'r Rig, running: &Running<'_>) -> (Guest<'r>, Vec<String>) {
    let owner = Guest::at_the_door(rig).claims().raised();
    let sheet = owner.send("POST", "/api/v1/sheet", None).json();
    let codes = sheet["codes"].as_array().unwrap().iter();
    let codes = codes.map(|code| code.as_str().unwrap().to_owned()).collect();
    running.stick(STICK, BIG, "usb-front");
    put(&rig.on_stick(STICK).join("letter.txt"), LETTER);
    running.until_disks(|disks| disks.disks.iter().any(|disk| disk.serial == "blue"));
    (owner, codes)
}

fn made(owner: &Guest<'_>) -> String {
    let here = owner.get("/api/v1/key/sticks");
    let [stick] = &here["sticks"].as_array().unwrap()[..] else { panic!("{here}") };
    let made = owner.send("POST", "/api/v1/key", Some(&json!({ "stick": stick["id"] })));
    assert_eq!(made.status, 200, "{}", made.json());
    made.json()["file"].as_str().unwrap().to_owned()
}

#[test]
fn a_key_on_a_stick_opens_the_door_and_changes_and_nothing_else_on_the_stick_does() {
    let rig = rig();
    let running = rig.start();
    let (owner, _) = begun(&rig, &running);
    let file = made(&owner);
    let first = bytes_of(&rig.on_stick(STICK).join(&file));
    assert_eq!(owner.tries(&json!({})).code(), "code_or_key");
    assert_eq!(owner.with_key().status, 200);
    let second = bytes_of(&rig.key_on(STICK));
    assert_ne!(first, second);
    assert_eq!(bytes_of(&rig.on_stick(STICK).join("letter.txt")), LETTER);
    running.pull(STICK);
    assert_eq!(owner.tries(&json!({ "key_seconds": 0 })).code(), "key_not_here");
    // Into another socket, while somebody waits for it.
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| owner.with_key());
        running.plug(STICK, "usb-back");
        assert_eq!(waits.join().unwrap().status, 200);
    });
    // The box starts anew: what it keeps of a key is kept.
    running.kill();
    let running = rig.start();
    let owner = Guest::at_the_door(&rig);
    assert_eq!(owner.with_key().status, 200);
    drop(running);
}

#[test]
fn a_copy_of_an_older_file_is_refused_and_is_a_finding_until_the_key_is_taken_away() {
    let rig = rig();
    let running = rig.start();
    let (owner, codes) = begun(&rig, &running);
    let file = made(&owner);
    let old = bytes_of(&rig.key_on(STICK));
    assert_eq!(owner.with_key().status, 200);
    running.pull(STICK);
    running.stick("copy", BIG, "usb-back");
    put(&rig.on_stick("copy").join(&file), &old);
    assert_eq!(owner.with_key().code(), "key_copied");
    running.until_finds(|one| one.sentence.contains("a copy of the key of ada"));
    running.pull("copy");
    running.plug(STICK, "usb-front");
    assert_eq!(owner.with_key().code(), "key_copied", "nobody knows which of the two is hers");
    let code = json!({ "password": OWN, "code": codes[0] });
    assert_eq!(owner.tries(&code).status, 200);
    let code = json!({ "password": OWN, "code": codes[1] });
    assert_eq!(owner.send("POST", "/api/v1/session/elevation", Some(&code)).status, 200);
    assert_eq!(owner.send("DELETE", "/api/v1/key", None).status, 200);
    let told = || running.health().findings.iter().any(|one| one.sentence.contains("a copy of"));
    while told() {
        std::thread::park_timeout(LOOK_EVERY);
    }
    assert_eq!(owner.tries(&json!({})).status, 200);
}

#[test]
fn a_stick_that_goes_or_refuses_meanwhile_lets_nobody_in_and_opens_the_next_time() {
    let rig = rig();
    let running = rig.start();
    let (owner, _) = begun(&rig, &running);
    made(&owner);
    running.fault(STICK, DeskFault::ReadOnly);
    assert_eq!(owner.with_key().code(), "key_not_written");
    running.fault(STICK, DeskFault::None);
    assert_eq!(owner.with_key().status, 200);
    assert_eq!(owner.with_key().code(), "key_used", "until it is plugged in again");
    running.pull(STICK);
    running.until_disks(|disks| disks.disks.iter().all(|disk| disk.serial != "blue"));
    running.plug(STICK, "usb-front");
    // Pulled while it is read or written.
    running.fault(STICK, DeskFault::Slow { ms: 300 });
    let answered = std::thread::scope(|scope| {
        let tries = scope.spawn(|| owner.with_key());
        // The file beside appears: it is being written.
        while fs::read_dir(rig.on_stick(STICK)).unwrap().count() < 3 && !tries.is_finished() {
            std::thread::park_timeout(LOOK_EVERY);
        }
        running.pull(STICK);
        tries.join().unwrap()
    });
    assert_eq!(answered.code(), "key_not_written");
    running.fault(STICK, DeskFault::None);
    running.plug(STICK, "usb-front");
    assert_eq!(owner.with_key().status, 200);
}

/// A link that somebody laid in the key's place would have the box write or read elsewhere.
#[test]
fn no_link_on_a_stick_is_followed() {
    let rig = rig();
    let running = rig.start();
    let (owner, _) = begun(&rig, &running);
    let file = made(&owner);
    let on_stick = rig.key_on(STICK);
    let elsewhere = rig.path("elsewhere");
    put(&elsewhere, &bytes_of(&on_stick));
    fs::remove_file(&on_stick).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &on_stick).unwrap();
    let before = bytes_of(&elsewhere);
    assert_eq!(owner.tries(&json!({ "key_seconds": 0 })).code(), "key_not_here");
    fs::remove_file(&on_stick).unwrap();
    let beside = on_stick.with_file_name(format!("{file}.tmp"));
    std::os::unix::fs::symlink(rig.path("outside"), &beside).unwrap();
    put(&on_stick, &before);
    assert_eq!(owner.with_key().status, 200, "the link is replaced and not followed");
    assert!(!rig.path("outside").exists());
    assert_eq!(bytes_of(&elsewhere), before);
}

/// One that hung kept everybody from the others until it was pulled.
#[test]
fn a_stick_that_hangs_keeps_nobody_from_the_others() {
    let rig = rig();
    let running = rig.start();
    let (owner, _) = begun(&rig, &running);
    made(&owner);
    running.pull(STICK);
    running.stick("slow", BIG, "usb-front");
    running.until_disks(|disks| disks.disks.iter().any(|disk| disk.serial == "slow"));
    running.plug(STICK, "usb-back");
    running.until_disks(|disks| disks.disks.len() == 2);
    running.fault("slow", DeskFault::Hang);
    assert_eq!(owner.with_key().status, 200);
    running.pull("slow");
}

/// A restore found its stick mounted by a look for a key, and failed.
#[test]
fn a_restore_that_begins_while_a_key_is_looked_for_waits_until_the_stick_is_let_go() {
    let rig = rig();
    let running = rig.start();
    running.create(&["red"]);
    running.done(rig.letters("mail", 3));
    let (owner, _) = begun(&rig, &running);
    made(&owner);
    running.fault(STICK, DeskFault::Slow { ms: 700 });
    let point = rig.path("machine/mnt").join(STICK);
    std::thread::scope(|scope| {
        let tries = scope.spawn(|| owner.with_key());
        while !point.is_symlink() && !tries.is_finished() {
            std::thread::park_timeout(LOOK_EVERY);
        }
        assert!(!tries.is_finished(), "the look is at the stick");
        let job = running.begin(everything(&["blue"])).job.id;
        running.fault(STICK, DeskFault::None);
        assert!(running.restored(job).finished);
        let tried = tries.join().unwrap();
        let code = if tried.status == 200 { String::new() } else { tried.code() };
        assert!(["", "key_not_written", "key_not_here"].contains(&&*code), "{code}");
    });
    assert_eq!(bytes_of(&rig.on_stick(STICK).join("letter.txt")), LETTER);
}

/// What its owner named for files to be restored to is his word, and no key is made or looked for there.
#[test]
fn a_stick_that_was_named_for_a_restore_is_left_alone() {
    let rig = rig();
    let running = rig.start();
    running.create(&["red"]);
    let (owner, _) = begun(&rig, &running);
    running.act("blue", DiskAct::UseAsDrive {});
    let here = owner.get("/api/v1/key/sticks");
    assert_eq!(here["sticks"].as_array().map(Vec::len), Some(0), "{here}");
}
