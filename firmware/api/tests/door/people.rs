//! People over the wire: devices, second factors, whose files are taken, the log, the words of a new vault.

use api::Store;
use serde_json::json;

use crate::client::Call;
use crate::rig::{PASSWORD, Rig, by};

#[test]
fn a_device_does_what_its_scope_says_until_it_is_taken_back() {
    let (rig, owner) = Rig::claimed();
    rig.elevate(&owner);
    let body = json!({ "name": "tablet", "scope": { "read": {} }, "quota": 1000 });
    let made = rig.as_(&owner, Call::new("POST", "/api/v1/devices").json(&body)).json();
    let bearer = format!("Bearer {}", made["token"].as_str().expect("a token"));
    let as_device = |path: &str| rig.send(&Call::new("GET", path).with("authorization", &bearer));
    assert_eq!(as_device("/api/v1/sources").status, 200);
    assert_eq!(as_device("/api/v1/me").json()["scope"], json!({ "read": {} }));
    assert_eq!(as_device("/api/v1/devices").code(), "not_allowed");
    let asked = rig.behind.asked().last().cloned().expect("the box was asked");
    assert_eq!(asked, ("Ada (tablet)".to_owned(), "sources".to_owned()));
    // A token beside a session does not borrow its rights.
    let both = by(&owner, Call::new("GET", "/api/v1/people")).with("authorization", &bearer);
    assert_eq!(rig.send(&both).code(), "not_allowed");
    let listed = rig.as_(&owner, Call::new("GET", "/api/v1/devices")).json();
    assert!(
        listed["devices"][0]["used_ms"].is_number() || listed["devices"][0]["used_ms"].is_null()
    );
    assert!(listed.to_string().find(made["token"].as_str().expect("a token")).is_none());
    let path = format!("/api/v1/devices/{}", made["id"].as_str().expect("an id"));
    assert_eq!(rig.as_(&owner, Call::new("DELETE", &path)).status, 200);
    assert_eq!(as_device("/api/v1/sources").code(), "no_token");
}

#[test]
fn a_second_factor_is_asked_for_once_it_was_shown_and_a_printed_code_takes_its_place_once() {
    let (rig, owner) = Rig::claimed();
    rig.elevate(&owner);
    let sheet = rig.as_(&owner, Call::new("POST", "/api/v1/sheet")).json();
    let code = sheet["codes"][0].as_str().expect("a code").to_owned();
    let made = rig.as_(&owner, Call::new("POST", "/api/v1/totp")).json();
    assert_eq!(made["secret"].as_str().map(str::len), Some(32));
    let wrong = Call::new("PUT", "/api/v1/totp").json(&json!({ "code": "12" }));
    assert_eq!(rig.as_(&owner, wrong).code(), "wrong_code");
    let sign_in = |code: Option<&str>| {
        let body = json!({ "name": "Ada", "password": PASSWORD, "code": code });
        rig.send(&Call::new("POST", "/api/v1/session").json(&body))
    };
    assert_eq!(sign_in(None).status, 200, "not confirmed, so it does not count");
    let now = types::Clock::now(&*rig.clock).0 / 30_000;
    let secret = made["secret"].as_str().expect("a secret");
    let right = code_of(secret, now);
    let right = Call::new("PUT", "/api/v1/totp").json(&json!({ "code": right }));
    assert_eq!(rig.as_(&owner, right).status, 200);
    assert_eq!(sign_in(None).code(), "second_factor");
    assert_eq!(sign_in(Some("000000")).code(), "wrong_secret");
    assert_eq!(sign_in(Some(&code)).status, 200);
    assert_eq!(sign_in(Some(&code)).code(), "wrong_secret", "each works once");
}

/// What an app makes of the letters that it was given.
pub(crate) fn code_of(letters: &str, step: i64) -> String {
    let mut bits = 0_u64;
    let mut bytes = Vec::new();
    for (at, letter) in letters.bytes().enumerate() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|one| *one == letter);
        bits = bits << 5 | value.expect("a letter of base 32") as u64;
        if at % 8 == 7 {
            bytes.extend_from_slice(
                &bits.to_le_bytes()[..5].iter().rev().copied().collect::<Vec<_>>(),
            );
            bits = 0;
        }
    }
    let secret = serde_json::from_value(json!(bytes)).expect("twenty bytes");
    people::code_at(&secret, step)
}

#[test]
fn everything_to_a_drive_is_taken_only_by_who_has_said_whose_it_is() {
    let (rig, owner) = Rig::claimed();
    rig.elevate(&owner);
    let ben = rig.joins(&owner, "Ben", "member");
    let everything = || Call::new("POST", "/api/v1/jobs/usb").json(&json!({ "drives": ["1"] }));
    assert_eq!(rig.as_(&owner, everything()).status, 202, "nobody else has anything");
    let spaces = vec!["everyone".to_owned(), format!("person-{}", ben.id)];
    *rig.behind.spaces.lock().expect("held for a moment") = spaces;
    let refused = rig.as_(&owner, everything());
    assert_eq!((refused.status, &*refused.code()), (409, "files_of_others"));
    assert!(refused.json()["detail"].as_str().expect("a sentence").contains("Ben"));
    let own = json!({ "drives": ["1"], "sources": ["papers"] });
    assert_eq!(rig.as_(&owner, Call::new("POST", "/api/v1/jobs/usb").json(&own)).status, 202);
    let said = json!({ "drives": ["1"], "files_of": ["Ben"] });
    let begun = rig.as_(&owner, Call::new("POST", "/api/v1/jobs/usb").json(&said));
    assert_eq!(begun.status, 202);
    // What somebody else stores while it waits is not part of what was agreed to.
    let sources = begun.json()["job"]["spec"]["usb"]["sources"].clone();
    assert_eq!(sources, json!(["all of everyone", format!("all of person-{}", ben.id)]));
    let log = rig.as_(&owner, Call::new("GET", "/api/v1/audit")).json();
    assert!(log.to_string().contains("take-files-of"), "{log}");
    // Somebody who left is still somebody whose files they are.
    rig.as_(&owner, Call::new("DELETE", &format!("/api/v1/people/{}", ben.id)));
    let refused = rig.as_(&owner, everything());
    assert_eq!(refused.code(), "files_of_others");
}

#[test]
fn the_log_says_who_did_what_from_where_and_a_change_of_it_is_told() {
    let (rig, owner) = Rig::claimed();
    rig.elevate(&owner);
    rig.as_(&owner, Call::new("POST", "/api/v1/disks/2/retire"));
    let bad = json!({ "name": "a password by mistake", "password": "guess and guess" });
    rig.send(&Call::new("POST", "/api/v1/session").json(&bad));
    let read = |rig: &Rig| rig.as_(&owner, Call::new("GET", "/api/v1/audit?items=10")).json();
    let log = read(&rig);
    assert_eq!(log["whole"], true);
    let acts: Vec<_> = log["entries"].as_array().expect("entries").iter().collect();
    assert_eq!(acts[0]["act"], "sign-in");
    assert_eq!(acts[0]["who"], "", "what may be a password is not written down");
    assert_eq!((&acts[1]["act"], &acts[1]["what"]), (&json!("disk-retire"), &json!("2")));
    assert_eq!((&acts[1]["who"], &acts[1]["from"]), (&json!("Ada"), &json!("127.0.0.1")));
    let name = "web/audit-00000000.json";
    let bytes = rig.records.read(name).expect("kept").expect("there");
    let text = String::from_utf8(bytes).expect("text").replace("disk-retire", "disk-keep");
    rig.records.write(name, text.as_bytes()).expect("kept");
    assert_eq!(read(&rig)["whole"], false);
    let rig = rig.again();
    assert_eq!(read(&rig)["whole"], false, "a restart does not make it whole");
}

#[test]
fn the_log_goes_on_over_restarts_and_pieces() {
    let (mut rig, owner) = Rig::claimed();
    for round in 0..3 {
        for _ in 0..110 {
            assert_eq!(rig.as_(&owner, Call::new("POST", "/api/v1/lock")).status, 200);
        }
        rig = rig.again();
        let log = rig.as_(&owner, Call::new("GET", "/api/v1/audit?items=500")).json();
        assert_eq!(log["whole"], true, "round {round}");
        assert_eq!(log["entries"].as_array().map(Vec::len), Some(110 * (round + 1) + 1));
    }
    assert!(rig.records.read("web/audit-00000001.json").expect("kept").is_some());
}

/// One flipped bit in the newest piece of the log kept everybody out of the box, for good.
#[test]
fn a_damaged_log_keeps_nobody_out_is_set_aside_and_its_break_stays_to_be_seen() {
    let (rig, owner) = Rig::claimed();
    for _ in 0..260 {
        assert_eq!(rig.as_(&owner, Call::new("POST", "/api/v1/lock")).status, 200);
    }
    let name = "web/audit-00000001.json";
    let mut bytes = rig.records.read(name).expect("kept").expect("there");
    bytes[20] ^= 0x80;
    rig.records.write(name, &bytes).expect("kept");
    let rig = rig.again();
    let body = json!({ "name": "Ada", "password": PASSWORD });
    assert_eq!(rig.send(&Call::new("POST", "/api/v1/session").json(&body)).status, 200);
    let read = |rig: &Rig| rig.as_(&owner, Call::new("GET", "/api/v1/audit?items=500")).json();
    let log = read(&rig);
    assert_eq!(log["whole"], false);
    let entries = log["entries"].as_array().expect("entries");
    assert_eq!(
        (&entries[0]["act"], &entries[1]["act"]),
        (&json!("sign-in"), &json!("log-damaged"))
    );
    assert_eq!(entries[1]["number"], json!(512), "it goes on in a piece of its own");
    assert_eq!(
        (entries.len(), &entries[2]["number"]),
        (258, &json!(255)),
        "what is older is there"
    );
    let aside = rig.records.read("web/audit-00000001.damaged").expect("kept").expect("there");
    assert!(aside == bytes && rig.records.read(name).expect("kept").is_none());
    // Told once, and whole again from there on.
    let rig = rig.again();
    assert_eq!(read(&rig)["entries"].as_array().map(Vec::len), Some(258));
    let newest = rig.as_(&owner, Call::new("GET", "/api/v1/audit?items=2")).json();
    assert_eq!(newest["whole"], true);
    // Nor does it matter that nobody can read any more where it ends.
    rig.records.write("web/audit-last", b"\xff\0").expect("kept");
    let rig = rig.again();
    let entries = read(&rig)["entries"].clone();
    assert_eq!((&entries[0]["act"], &entries[0]["number"]), (&json!("log-damaged"), &json!(514)));
}

#[test]
fn the_words_of_a_new_vault_are_said_back_before_it_is_used() {
    let (rig, owner) = Rig::claimed();
    rig.elevate(&owner);
    let told = || rig.behind.words_told.load(std::sync::atomic::Ordering::Relaxed);
    let body = json!({ "disks": ["1", "2"], "copies": 2 });
    let made = rig.as_(&owner, Call::new("POST", "/api/v1/vault").json(&body));
    assert_eq!(made.json()["words"], "one two three four");
    let say = |words: serde_json::Value| {
        rig.as_(&owner, Call::new("POST", "/api/v1/vault/words").json(&json!({ "words": words })))
    };
    assert_eq!(say(json!({ "1": "one" })).code(), "wrong_secret", "one is too few");
    assert_eq!(say(json!({ "1": "one", "2": "one" })).code(), "wrong_secret");
    assert_eq!(told(), 0);
    assert_eq!(say(json!({ "2": "Two", "4": "four " })).status, 200);
    assert_eq!(told(), 1);
    assert_eq!(say(json!({ "2": "two", "4": "four" })).code(), "wrong_state");
}

#[test]
fn new_words_count_only_when_two_of_them_were_said_back_by_who_drew_them() {
    let (rig, owner) = Rig::claimed();
    rig.elevate(&owner);
    let draw = |password: &str| {
        rig.as_(&owner, Call::new("POST", "/api/v1/kit").json(&json!({ "password": password })))
    };
    let say_as = |who: &crate::rig::Person, words: serde_json::Value| {
        rig.as_(who, Call::new("POST", "/api/v1/kit/words").json(&json!({ "words": words })))
    };
    let say = |words| say_as(&owner, words);
    let put = || rig.behind.asked().iter().any(|(_, call)| call == "put_words");
    assert_eq!(say(json!({ "1": "five", "2": "six" })).code(), "wrong_state", "none were drawn");
    assert_eq!(draw("not it").code(), "wrong_secret");
    assert_eq!(say(json!({ "1": "five", "2": "six" })).code(), "wrong_state", "none were told");
    assert_eq!(draw(crate::rig::PASSWORD).json()["words"], "five six seven eight");
    assert_eq!(say(json!({ "1": "five" })).code(), "wrong_secret", "one is too few");
    assert_eq!(say(json!({ "1": "five", "2": "seven" })).code(), "wrong_secret");
    let body = json!({ "name": "Ada", "password": crate::rig::PASSWORD });
    let other = rig.send(&Call::new("POST", "/api/v1/session").json(&body));
    let other = crate::rig::person(&other);
    rig.elevate(&other);
    let foreign = say_as(&other, json!({ "1": "five", "2": "six" }));
    assert_eq!(foreign.code(), "wrong_state", "another browser was told nothing");
    assert!(!put(), "until then the old ones count");
    assert_eq!(say(json!({ "1": "five", "4": "Eight " })).status, 200);
    assert!(put());
    assert_eq!(say(json!({ "1": "five", "4": "eight" })).code(), "wrong_state");
}
