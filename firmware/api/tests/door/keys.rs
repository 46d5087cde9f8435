//! Keys on sticks over the wire: making one, coming in with it, copies, losing it.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::client::{Answer, Call};
use crate::pocket::Files;
use crate::rig::{PASSWORD, Person, Rig, person};

const STICK: &str = "blue";

/// An owner with a sheet of codes and a key on a stick that is plugged in.
fn with_key() -> (Rig, Person, Value) {
    let (rig, owner) = Rig::claimed();
    rig.elevate(&owner);
    let sheet = rig.as_(&owner, Call::new("POST", "/api/v1/sheet")).json();
    rig.behind.pocket.plug(STICK, Files::new());
    let made = make(&rig, &owner, STICK);
    assert_eq!(made.status, 200, "{}", made.json());
    (rig, owner, sheet)
}

fn make(rig: &Rig, who: &Person, stick: &str) -> Answer {
    rig.as_(who, Call::new("POST", "/api/v1/key").json(&json!({ "stick": stick })))
}

fn sign_in(rig: &Rig, more: &Value) -> Answer {
    let mut body = json!({ "name": "Ada", "password": PASSWORD });
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    rig.send(&Call::new("POST", "/api/v1/session").json(&body))
}

fn with(rig: &Rig) -> Answer {
    sign_in(rig, &json!({ "key_seconds": 0 }))
}

#[test]
fn a_key_is_made_on_a_stick_that_is_plugged_in_and_opens_together_with_the_password() {
    let (rig, owner) = Rig::claimed();
    rig.elevate(&owner);
    rig.behind.pocket.plug(STICK, Files::new());
    assert_eq!(make(&rig, &owner, STICK).code(), "no_other_way", "it could be lost");
    rig.as_(&owner, Call::new("POST", "/api/v1/sheet"));
    assert_eq!(make(&rig, &owner, "red").code(), "not_found");
    let here = rig.as_(&owner, Call::new("GET", "/api/v1/key/sticks")).json();
    assert_eq!(here["sticks"][0]["id"], STICK);
    assert_eq!(sign_in(&rig, &json!({})).status, 200, "nobody made one yet");
    let file = make(&rig, &owner, STICK).json()["file"].as_str().expect("a name").to_owned();
    let session = rig.as_(&owner, Call::new("GET", "/api/v1/session")).json();
    assert_eq!(session["second_factor"], true);
    assert_eq!(session["totp"], false);
    assert_eq!(session["key"]["stick"], "blue stick");

    assert_eq!(sign_in(&rig, &json!({})).code(), "code_or_key");
    let before = rig.behind.pocket.pull(STICK);
    assert_eq!(with(&rig).code(), "key_not_here");
    rig.behind.pocket.plug(STICK, before.clone());
    let came = with(&rig);
    assert_eq!(came.status, 200, "{}", came.json());
    let after = rig.behind.pocket.pull(STICK);
    assert_ne!(before[&file], after[&file], "it is another one after each use");
    let log = rig.as_(&owner, Call::new("GET", "/api/v1/audit")).json().to_string();
    assert!(log.contains("with a key") && log.contains("confirm-key"), "{log}");
    let secret = before[&file].lines().nth(3).and_then(|line| line.strip_prefix("root "));
    let secret = secret.expect("a line of the file");
    let records = rig.records.all.lock().expect("held for a moment");
    assert!(records.values().all(|one| !String::from_utf8_lossy(one).contains(secret)));
}

#[test]
fn nothing_is_read_from_a_stick_for_who_does_not_know_the_password() {
    let (rig, ..) = with_key();
    let looked = || rig.behind.pocket.looks.load(Ordering::Relaxed);
    let before = looked();
    let wrong = sign_in(&rig, &json!({ "password": "not the password", "key_seconds": 20 }));
    assert_eq!(wrong.code(), "wrong_secret");
    let nobody = sign_in(&rig, &json!({ "name": "Zoe", "key_seconds": 20 }));
    assert_eq!(nobody.code(), "wrong_secret");
    assert_eq!(looked(), before);
    assert_eq!(with(&rig).status, 200);
    assert_eq!(looked(), before + 1, "and for who does, it is");
}

#[test]
fn a_key_that_is_plugged_in_while_somebody_waits_is_found() {
    let (rig, ..) = with_key();
    let files = rig.behind.pocket.pull(STICK);
    let before = rig.behind.pocket.looks.load(Ordering::Relaxed);
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| sign_in(&rig, &json!({ "key_seconds": 20 })));
        // It has looked once and found nothing.
        while rig.behind.pocket.looks.load(Ordering::Relaxed) == before {
            std::thread::yield_now();
        }
        rig.behind.pocket.plug(STICK, files);
        assert_eq!(waits.join().expect("it answered").status, 200);
    });
    let looks = rig.behind.pocket.looks.load(Ordering::Relaxed) - before;
    assert_eq!(looks, 2, "it looks when one was plugged in, and not all the time");
}

#[test]
fn a_copy_that_is_used_is_refused_and_told_and_the_sheet_lets_its_owner_in() {
    let (rig, _, sheet) = with_key();
    let copy = rig.behind.pocket.pull(STICK);
    rig.behind.pocket.plug(STICK, copy.clone());
    assert_eq!(with(&rig).status, 200);
    let stick = rig.behind.pocket.pull(STICK);
    let judged = rig.behind.pocket.judged.load(Ordering::Relaxed);
    rig.behind.pocket.plug("copy", copy);
    assert_eq!(with(&rig).code(), "key_copied");
    assert!(rig.behind.pocket.judged.load(Ordering::Relaxed) > judged, "the verdict is made anew");
    rig.behind.pocket.pull("copy");
    rig.behind.pocket.plug(STICK, stick);
    assert_eq!(with(&rig).code(), "key_copied", "nobody knows which of them is hers");
    assert_eq!(sign_in(&rig, &json!({})).code(), "code_or_key", "it became no easier");
    let owner = person(&sign_in(&rig, &json!({ "code": sheet["codes"][0] })));
    let session = rig.as_(&owner, Call::new("GET", "/api/v1/session")).json();
    assert!(session["key"]["copied_ms"].is_number());
    let log = rig.as_(&owner, Call::new("GET", "/api/v1/audit")).json().to_string();
    assert!(log.contains("key-was-copied"), "{log}");
    assert_eq!(rig.as_(&owner, Call::new("DELETE", "/api/v1/key")).code(), "not_elevated");
    let raise = json!({ "password": PASSWORD, "code": sheet["codes"][1] });
    let raise = Call::new("POST", "/api/v1/session/elevation").json(&raise);
    assert_eq!(rig.as_(&owner, raise).status, 200);
    assert_eq!(rig.as_(&owner, Call::new("DELETE", "/api/v1/key")).status, 200);
    assert_eq!(sign_in(&rig, &json!({})).status, 200, "and now nothing else is asked for");
}

/// A copy on a card that cannot be written would open for ever if writing were not asked for.
#[test]
fn a_stick_that_cannot_be_written_opens_nothing_and_does_when_it_can_again() {
    let (rig, ..) = with_key();
    let refuses = |yes| *rig.behind.pocket.refuses.lock().expect("a moment") = yes;
    refuses(true);
    // More often than there are tries: the password was right.
    for _ in 0..12 {
        assert_eq!(with(&rig).code(), "key_not_written");
    }
    refuses(false);
    assert_eq!(with(&rig).status, 200);
}

#[test]
fn the_words_stand_in_for_a_lost_key_also_where_rights_are_raised() {
    let (rig, ..) = with_key();
    rig.behind.pocket.pull(STICK);
    assert_eq!(sign_in(&rig, &json!({ "words": "not the words" })).code(), "wrong_secret");
    let no = json!({ "password": "not the password", "words": "one two" });
    assert_eq!(sign_in(&rig, &no).code(), "wrong_secret");
    let owner = person(&sign_in(&rig, &json!({ "words": "one two" })));
    let raise = |more: Value| {
        let call = Call::new("POST", "/api/v1/session/elevation").json(&more);
        rig.as_(&owner, call)
    };
    assert_eq!(raise(json!({ "password": PASSWORD })).code(), "code_or_key");
    assert_eq!(raise(json!({ "password": PASSWORD, "key_seconds": 0 })).code(), "key_not_here");
    assert_eq!(raise(json!({ "password": PASSWORD, "words": "one two" })).status, 200);
    assert_eq!(rig.as_(&owner, Call::new("DELETE", "/api/v1/key")).status, 200);
}

#[test]
fn who_has_no_key_is_told_so_and_who_needs_none_comes_in() {
    let (rig, owner) = Rig::claimed();
    rig.elevate(&owner);
    assert_eq!(with(&rig).status, 200, "a password is enough");
    let made = rig.as_(&owner, Call::new("POST", "/api/v1/totp")).json();
    let secret = made["secret"].as_str().expect("a secret");
    let now = types::Clock::now(&*rig.clock).0 / 30_000;
    let code = json!({ "code": crate::people::code_of(secret, now) });
    assert_eq!(rig.as_(&owner, Call::new("PUT", "/api/v1/totp").json(&code)).status, 200);
    assert_eq!(with(&rig).code(), "no_key");
    assert_eq!(sign_in(&rig, &json!({})).code(), "second_factor", "no key is spoken of");
}

/// Whoever had only the password waited for the owner's key, and was let in by it after her.
#[test]
fn one_plugging_in_lets_one_session_in_and_raises_the_rights_of_that_one_only() {
    let (rig, other, _) = with_key();
    let owner = person(&with(&rig));
    assert_eq!(with(&rig).code(), "key_used");
    let raise = |who: &Person| {
        let body = json!({ "password": PASSWORD, "key_seconds": 0 });
        rig.as_(who, Call::new("POST", "/api/v1/session/elevation").json(&body))
    };
    assert_eq!(raise(&other).code(), "key_used");
    assert_eq!(raise(&owner).status, 200);
    let files = rig.behind.pocket.pull(STICK);
    rig.behind.pocket.plug(STICK, files);
    assert_eq!(with(&rig).status, 200, "it was plugged in again");
}

#[test]
fn whoever_waits_for_a_key_that_another_waits_for_is_refused_and_so_is_the_other() {
    let (rig, owner, sheet) = with_key();
    let files = rig.behind.pocket.pull(STICK);
    let looks = || rig.behind.pocket.looks.load(Ordering::Relaxed);
    let before = looks();
    let judged = rig.behind.pocket.judged.load(Ordering::Relaxed);
    let waits = || {
        Call::new("POST", "/api/v1/session")
            .json(&json!({ "name": "Ada", "password": PASSWORD, "key_seconds": 20 }))
    };
    std::thread::scope(|scope| {
        let stranger = scope.spawn(|| rig.send(&waits()));
        while looks() == before {
            std::thread::yield_now();
        }
        let hers = waits().with("cookie", &format!("__Host-holdfast-browser={}", owner.browser));
        assert_eq!(rig.send(&hers).code(), "key_wanted");
        assert_eq!(stranger.join().expect("it answered").code(), "key_wanted");
    });
    assert!(rig.behind.pocket.judged.load(Ordering::Relaxed) > judged, "the verdict is made anew");
    rig.behind.pocket.plug(STICK, files);
    assert_eq!(with(&rig).code(), "key_wanted", "whoever asks first afterwards may be either");
    assert_eq!(sign_in(&rig, &json!({ "code": sheet["codes"][0] })).status, 200);
    let change = json!({ "password": "another horse battery" });
    assert_eq!(rig.as_(&owner, Call::new("PUT", "/api/v1/password").json(&change)).status, 200);
    let mine = json!({ "password": "another horse battery", "key_seconds": 0 });
    assert_eq!(sign_in(&rig, &mine).status, 200);
}

/// Each look for a key that was not there cost nothing and stood in the log, without end.
#[test]
fn a_right_password_without_the_key_is_not_tried_without_end_and_fills_no_log() {
    let (rig, owner, _) = with_key();
    rig.behind.pocket.pull(STICK);
    let codes: Vec<String> = (0..200).map(|_| with(&rig).code()).collect();
    let count = |code: &str| codes.iter().filter(|one| *one == code).count();
    assert_eq!((count("key_not_here"), count("too_often")), (130, 70));
    let log = rig.as_(&owner, Call::new("GET", "/api/v1/audit?items=500")).json();
    let entries = log["entries"].as_array().expect("a list").iter();
    let what = entries.filter(|one| one["act"] == "sign-in").map(|one| one["what"].clone());
    let refused = ["refused 100 times in an hour", "refused 10 times in an hour", "refused"];
    assert_eq!(what.collect::<Vec<_>>(), refused);
}

#[test]
fn an_owner_takes_a_members_key_away_and_no_owners_and_a_helper_makes_none() {
    let (rig, owner, _) = with_key();
    let member = rig.joins(&owner, "Ben", "member");
    rig.elevate(&member);
    rig.as_(&member, Call::new("POST", "/api/v1/sheet"));
    rig.behind.pocket.plug("red", Files::new());
    assert_eq!(make(&rig, &member, "red").status, 200);
    let drop_of = |by: &Person, whose: &Person| {
        let path = format!("/api/v1/people/{}/key", whose.id);
        rig.as_(by, Call::new("DELETE", &path))
    };
    assert_eq!(drop_of(&member, &owner).code(), "not_allowed");
    assert_eq!(drop_of(&owner, &owner).code(), "not_allowed", "that is done for oneself");
    let people = |at: usize| {
        rig.as_(&owner, Call::new("GET", "/api/v1/people")).json()["people"][at]["key"].clone()
    };
    assert_eq!((people(0), people(1)), (json!(true), json!(true)));
    assert_eq!(drop_of(&owner, &member).status, 200);
    assert_eq!(drop_of(&owner, &member).code(), "not_found");
    assert_eq!((people(0), people(1)), (json!(true), json!(false)));
    let helper = rig.joins(&owner, "Cleo", "helper");
    rig.elevate(&helper);
    let sticks = rig.as_(&helper, Call::new("GET", "/api/v1/key/sticks"));
    assert_eq!(sticks.code(), "not_allowed");
    assert_eq!(make(&rig, &helper, "red").code(), "not_allowed");
    let log = rig.as_(&owner, Call::new("GET", "/api/v1/audit")).json().to_string();
    assert!(log.contains("drop-key") && log.contains("Ben"), "{log}");
}
