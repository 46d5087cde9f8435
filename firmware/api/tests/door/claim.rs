//! The first minute of a box: its certificate, its code, its first owner; and plain HTTP, which shows the
//! way and takes nothing.

use serde_json::json;

use crate::client::Call;
use crate::rig::{PASSWORD, Rig, by};

fn claim(rig: &Rig, code: &str) -> crate::client::Answer {
    let body = json!({ "code": code, "name": "Ada", "password": PASSWORD });
    rig.send(&Call::new("POST", "/api/v1/claim").json(&body))
}

#[test]
fn a_new_box_is_claimed_once_with_the_code_of_its_console_and_has_no_other_way_in() {
    let rig = Rig::new();
    let about = rig.send(&Call::new("GET", "/api/v1/box")).json();
    assert_eq!(about["claimed"], false);
    let sign_in = json!({ "name": "admin", "password": "admin admin admin" });
    let early = rig.send(&Call::new("POST", "/api/v1/session").json(&sign_in));
    assert_eq!((early.status, &*early.code()), (409, "unclaimed"));
    assert_eq!(rig.send(&Call::new("GET", "/api/v1/status")).code(), "no_session");
    let wrong = claim(&rig, "0000-0000-0000");
    assert_eq!((wrong.status, &*wrong.code()), (403, "wrong_code"));
    let typed = rig.code.to_lowercase().replace('-', " ");
    let right = claim(&rig, &typed);
    assert_eq!(right.status, 200, "{}", right.text());
    let owner = crate::rig::person(&right);
    assert_eq!(rig.as_(&owner, Call::new("GET", "/api/v1/status")).status, 200);
    let again = claim(&rig, &rig.code);
    assert_eq!((again.status, &*again.code()), (409, "claimed"));
    assert_eq!(rig.send(&Call::new("GET", "/api/v1/box")).json()["claimed"], true);
}

#[test]
fn a_password_that_is_too_short_claims_nothing_and_the_code_still_works() {
    let rig = Rig::new();
    let body = json!({ "code": rig.code, "name": "Ada", "password": "short" });
    let short = rig.send(&Call::new("POST", "/api/v1/claim").json(&body));
    assert_eq!(short.status, 400, "{}", short.text());
    assert_eq!(claim(&rig, &rig.code).status, 200);
}

#[test]
fn cookies_are_the_boxs_alone_and_no_script_reads_them() {
    let rig = Rig::new();
    let answer = claim(&rig, &rig.code);
    let cookies: Vec<_> = answer.headers.iter().filter(|(name, _)| name == "set-cookie").collect();
    assert_eq!(cookies.len(), 2);
    for (_, cookie) in cookies {
        assert!(cookie.starts_with("__Host-"), "{cookie}");
        for word in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(cookie.contains(word), "{word} is not in {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
}

#[test]
fn who_was_signed_in_still_is_after_a_restart_and_the_claim_is_over() {
    let (rig, owner) = Rig::claimed();
    rig.elevate(&owner);
    let rig = rig.again();
    assert_eq!(rig.code, "", "no code for a box that has an owner");
    assert_eq!(rig.as_(&owner, Call::new("GET", "/api/v1/status")).status, 200);
    let me = rig.as_(&owner, Call::new("GET", "/api/v1/session")).json();
    assert_eq!(me["elevated"], false, "raised rights end with the program");
}

#[test]
fn a_new_start_of_an_unclaimed_box_shows_a_new_code_and_the_old_one_is_void() {
    let rig = Rig::new();
    let old = rig.code.clone();
    let rig = rig.again();
    assert_ne!(old, rig.code);
    assert_eq!(claim(&rig, &old).code(), "wrong_code");
    assert_eq!(claim(&rig, &rig.code).status, 200);
}

/// A claim that could not be written down must not have happened: after the restart the box would be free
/// for whoever reads the console next.
#[test]
fn a_claim_that_cannot_be_kept_did_not_happen() {
    let rig = Rig::new();
    *rig.records.refuses.lock().expect("held for a moment") = true;
    let refused = claim(&rig, &rig.code);
    assert_eq!(refused.status, 500, "{}", refused.text());
    assert_eq!(rig.send(&Call::new("GET", "/api/v1/box")).json()["claimed"], false);
    *rig.records.refuses.lock().expect("held for a moment") = false;
    assert_eq!(claim(&rig, &rig.code).status, 200);
}

#[test]
fn plain_http_gives_the_certificate_and_the_way_and_takes_nothing() {
    let rig = Rig::new();
    let ca = Call::new("GET", "/ca.pem").send_plain(rig.plain);
    assert_eq!((ca.status, ca.text()), (200, rig.ca.clone()));
    let away = Call::new("GET", "/api/v1/box?x=1").send_plain(rig.plain);
    assert_eq!(away.status, 307);
    let place = format!("https://localhost:{}/api/v1/box?x=1", rig.at.port());
    assert_eq!(away.header("location"), Some(&*place));
    let body = json!({ "code": rig.code, "name": "Ada", "password": PASSWORD });
    let claim = Call::new("POST", "/api/v1/claim").json(&body).send_plain(rig.plain);
    assert_eq!((claim.status, &*claim.code()), (403, "not_encrypted"));
    let named = Call::new("GET", "/").with("host", "evil.example").send_plain(rig.plain);
    assert_eq!((named.status, &*named.code()), (421, "not_our_name"));
    assert_eq!(rig.send(&Call::new("GET", "/api/v1/box")).json()["claimed"], false);
}

#[test]
fn every_answer_carries_the_headers_that_keep_other_pages_out() {
    let (rig, owner) = Rig::claimed();
    for call in [
        by(&owner, Call::new("GET", "/api/v1/status")),
        Call::new("GET", "/api/v1/status"),
        Call::new("GET", "/nothing"),
        Call::new("PATCH", "/api/v1/status"),
        Call::new("GET", "/api/v1/status").with("host", "evil.example"),
    ] {
        let answer = rig.send(&call);
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("access-control-allow-origin"), None, "{}", answer.text());
    }
    let preflight = Call::new("OPTIONS", "/api/v1/status").with("origin", "https://evil.example");
    assert_eq!(rig.send(&preflight).code(), "not_our_page");
}

#[test]
fn a_problem_says_what_is_the_case_and_what_to_do_and_repeats_no_secret() {
    let rig = Rig::new();
    let body = json!({ "code": "x", "name": "Ada", "password": "swordfish swordfish", "extra": 1 });
    let answer = rig.send(&Call::new("POST", "/api/v1/claim").json(&body));
    assert_eq!(answer.status, 400);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let problem = answer.json();
    for key in ["type", "title", "status", "detail", "code", "next"] {
        assert!(!problem[key].is_null(), "{key} in {problem}");
    }
    assert!(!answer.text().contains("swordfish") && !answer.text().contains("extra"), "{problem}");
}

#[test]
fn the_certificate_is_for_the_house_and_the_authority_for_nothing_else() {
    use rustls::pki_types::ServerName;
    let rig = Rig::new();
    let name = |name: &str| ServerName::try_from(name.to_owned()).expect("a name");
    for known in ["localhost", "holdfast.local", "holdfast-2.local", "127.0.0.1"] {
        let talk = crate::client::secure_as(rig.at, &rig.ca, name(known));
        assert!(talk.is_ok(), "{known}: {talk:?}");
    }
    for other in ["evil.example", "box.example"] {
        assert!(crate::client::secure_as(rig.at, &rig.ca, name(other)).is_err(), "{other}");
    }
    let other = Rig::new();
    assert!(crate::client::secure_as(rig.at, &other.ca, name("localhost")).is_err());
}
