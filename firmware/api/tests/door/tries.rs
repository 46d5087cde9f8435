//! Guessing over a real socket: most of it is turned away before a password is looked at, none succeeds,
//! and the owner's browser comes in all the while. The full count is in `people`, on a clock of its own.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use crate::client::Call;
use crate::rig::{PASSWORD, Rig};

fn sign_in(password: &str) -> Call {
    let body = json!({ "name": "Ada", "password": password });
    Call::new("POST", "/api/v1/session").json(&body)
}

#[test]
fn guesses_from_several_connections_at_once_are_turned_away_and_the_owner_is_not() {
    let (rig, owner) = Rig::claimed();
    let (checked, turned_away) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (rig, checked, turned_away) = (&rig, &checked, &turned_away);
            scope.spawn(move || {
                for guess in 0..60 {
                    let answer = rig.send(&sign_in(&format!("guess {thread} and {guess}")));
                    match (answer.status, &*answer.code()) {
                        (403, "wrong_secret") => checked.fetch_add(1, Ordering::Relaxed),
                        (429, "too_often") => {
                            assert!(answer.header("retry-after").is_some());
                            turned_away.fetch_add(1, Ordering::Relaxed)
                        }
                        other => panic!("{other:?}: {}", answer.text()),
                    };
                }
            });
        }
        let known = format!("__Host-holdfast-browser={}", owner.browser);
        for _ in 0..20 {
            let answer = rig.send(&sign_in(PASSWORD).with("cookie", &known));
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
    });
    let checked = checked.into_inner();
    assert_eq!(checked + turned_away.into_inner(), 240);
    assert_eq!(checked, 10, "what one place has in an hour");
    // Without the browser's cookie the owner is as strange as the attacker at this address, for a while.
    assert_eq!(rig.send(&sign_in(PASSWORD)).status, 429);
    rig.passes(3_600);
    assert_eq!(rig.send(&sign_in(PASSWORD)).status, 200);
}

#[test]
fn the_code_of_a_new_box_and_the_vaults_password_are_guessed_no_faster() {
    let rig = Rig::new();
    let body = json!({ "code": "0000-0000-0000", "name": "Eve", "password": PASSWORD });
    let codes: Vec<_> =
        (0..15).map(|_| rig.send(&Call::new("POST", "/api/v1/claim").json(&body)).status).collect();
    assert_eq!(codes.iter().filter(|status| **status == 403).count(), 10, "{codes:?}");
    assert_eq!(codes.last(), Some(&429));
    rig.passes(3_600);
    let owner = rig.claim("Ada");
    let unlock = |word: &str| {
        let call = Call::new("POST", "/api/v1/unlock").json(&json!({ "password": word }));
        rig.as_(&owner, call).status
    };
    assert_eq!(unlock(PASSWORD), 200);
    let tried: Vec<_> = (0..15).map(|_| unlock("guess and guess")).collect();
    assert_eq!(tried.iter().filter(|status| **status == 403).count(), 10, "{tried:?}");
    assert_eq!(tried.last(), Some(&429));
}

/// Found by somebody who attacked it: who had used up all tries with wrong codes went on until one was right.
#[test]
fn whoever_guessed_pairing_codes_too_often_waits_also_with_the_right_one() {
    let (rig, owner) = Rig::claimed();
    rig.elevate(&owner);
    let code = || {
        let make = Call::new("POST", "/api/v1/devices/pairing").json(&json!({}));
        let made = rig.as_(&owner, make).json();
        made["code"].as_str().unwrap().split('-').take(3).collect::<Vec<_>>().join("-")
    };
    let (right, later) = (code(), code());
    let pair = |code: &str| {
        let body = json!({ "code": code, "name": format!("of {code}") });
        let answer = rig.send(&Call::new("POST", "/api/v1/pair").json(&body));
        (answer.status, answer.code())
    };
    assert_eq!(pair(&right), (200, String::new()));
    let tried: Vec<_> = (0..12).map(|_| pair("0000-0000-0000").1).collect();
    assert_eq!(tried.iter().filter(|code| *code == "wrong_code").count(), 10, "{tried:?}");
    assert_eq!(pair(&later), (429, "too_often".to_owned()));
}

/// Sixty wrong codes from strangers once kept everybody out who had been invited.
#[test]
fn whoever_has_the_right_code_comes_in_while_others_guess() {
    let (rig, owner) = Rig::claimed();
    rig.elevate(&owner);
    let body = json!({ "code": "0000-0000-0000", "name": "Eve", "password": PASSWORD });
    let guess = || rig.send(&Call::new("POST", "/api/v1/join").json(&body)).status;
    assert!((0..12).map(|_| guess()).any(|status| status == 429), "or this shows nothing");
    rig.joins(&owner, "Ben", "member");
    assert_eq!(guess(), 429);
}
