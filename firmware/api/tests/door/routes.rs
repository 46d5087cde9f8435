//! Every route, by the table: refused to whoever may not, granted to whoever may.
//!
//! The knocker takes the facts that the table states and knocks at a real door. So that its silence means
//! something, the same knocker is let loose on doors with a route whose guard is weaker than stated, and
//! has to name it. Start at [`knock`].

use std::collections::BTreeSet;

use api::table::{DeviceMay, Facts};
use people::Role;
use serde_json::{Value, json};

use crate::client::{Answer, Call};
use crate::rig::{Person, Rig, by};

/// Everybody who knocks.
pub(crate) struct Knockers {
    pub(crate) owner: Person,
    owner_low: Person,
    member: Person,
    helper: Person,
    /// A device that may read, and one that may add.
    reads: String,
    adds: String,
}

/// A session of somebody who signs in once more: its rights are not raised.
fn low(rig: &Rig, name: &str) -> Person {
    let body = json!({ "name": name, "password": crate::rig::PASSWORD });
    crate::rig::person(&rig.send(&Call::new("POST", "/api/v1/session").json(&body)))
}

pub(crate) fn knockers(rig: &Rig) -> Knockers {
    let owner = rig.claim("Ada");
    rig.elevate(&owner);
    let member = rig.joins(&owner, "Ben", "member");
    let helper = rig.joins(&owner, "Cleo", "helper");
    rig.elevate(&member);
    rig.elevate(&helper);
    let token = |name: &str, scope: Value| {
        let body = json!({ "name": name, "scope": scope });
        let made = rig.as_(&owner, Call::new("POST", "/api/v1/devices").json(&body));
        made.json()["token"].as_str().expect("a token").to_owned()
    };
    let reads = token("tablet", json!({ "read": {} }));
    let adds = token("camera", json!({ "add": { "source": "photos" } }));
    Knockers { owner_low: low(rig, "Ada"), owner, member, helper, reads, adds }
}

/// A request that the route would understand.
fn well_formed(facts: &Facts) -> Call {
    let path = facts.path.replace("{job}", "1").replace("{snapshot}", "latest");
    let path = path.replace("{disk}", "1").replace("{session}", "00").replace("{device}", "00");
    let path = path.replace("{outlet}", "phone").replace("{upload}", &"0".repeat(32));
    let path = path.replace("{person}", "0000000000000000").replace("{source}", "photos");
    let call = Call::new(facts.method.as_str(), &crate::friends::path(&path));
    let mut body = match facts.path {
        "/api/v1/jobs/backup" => json!({ "source": "docs", "paths": ["/srv"] }),
        "/api/v1/jobs/restore" => json!({ "snapshot": "latest", "to": "/srv/new" }),
        "/api/v1/jobs/usb" => json!({ "drives": ["1"] }),
        "/api/v1/jobs/usb-verify" | "/api/v1/jobs/import" => json!({ "drive": "1" }),
        "/api/v1/unlock" => json!({ "words": "one two" }),
        "/api/v1/vault" => json!({ "disks": ["1"], "copies": 1 }),
        "/api/v1/vault/reborn" => json!({ "disks": ["1"], "words": "one", "sheets": ["HFR0"] }),
        "/api/v1/kit" => json!({ "password": "anything" }),
        "/api/v1/vault/words" | "/api/v1/kit/words" => json!({ "words": { "1": "one" } }),
        "/api/v1/outlets" => json!({ "outlets": [] }),
        "/api/v1/desk" => json!({ "look": {} }),
        "/api/v1/disks/{disk}/erase" => json!({ "typed": "77AB" }),
        "/api/v1/disks/{disk}/find" => json!({ "on": true }),
        "/api/v1/claim" | "/api/v1/join" => {
            json!({ "code": "0000-0000-0000", "name": "Eve", "password": "ten letters and more" })
        }
        "/api/v1/session" | "/api/v1/session/elevation" => {
            json!({ "password": "not the password" })
        }
        "/api/v1/password" => json!({ "password": crate::rig::PASSWORD }),
        "/api/v1/totp" => json!({ "code": "000000" }),
        "/api/v1/key" => json!({ "stick": "none" }),
        "/api/v1/people" => json!({ "name": "Dan", "role": "member" }),
        "/api/v1/files/{source}/folder" => json!({ "path": "summer" }),
        "/api/v1/files/{source}/rename" => json!({ "from": "summer", "to": "winter" }),
        "/api/v1/files/{source}/bring-back" => json!({ "path": "summer", "version": "00" }),
        "/api/v1/pair" => json!({ "code": "0000-0000-0000", "name": "laptop" }),
        "/api/v1/devices" => json!({ "name": "phone", "scope": { "read": {} } }),
        other => crate::friends::body(other),
    };
    if facts.path == "/api/v1/session" {
        body["name"] = json!("Ada");
    }
    if facts.body.is_some() { call.json(&body) } else { call }
}

/// What stands in the way of a request: the codes with which the guard refuses.
fn is_refused(answer: &Answer, code: &str) -> bool {
    let status = match code {
        "not_our_name" => 421,
        "no_session" | "no_token" => 401,
        _ => 403,
    };
    // An answer to HEAD has no words.
    answer.status == status && (answer.code() == code || answer.body.is_empty())
}

fn bearer(call: Call, token: &str) -> Call {
    call.with("authorization", &format!("Bearer {token}"))
}

/// The answers that only the guard gives.
const OF_THE_GUARD: &[&str] =
    &["not_our_name", "not_our_page", "no_session", "no_token", "no_page_word", "not_elevated"];

/// Knocks at one route; what it should have refused and did not, or refused and should not have.
pub(crate) fn knock(rig: &Rig, who: &Knockers, facts: &Facts) -> Vec<String> {
    knock_by(&|call| rig.send(&call), who, facts)
}

/// The same by any way of sending.
pub(crate) fn knock_by(
    send: &dyn Fn(Call) -> Answer,
    who: &Knockers,
    facts: &Facts,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let call = || well_formed(facts);
    let mut refuses = |case: &str, call: Call, code: &str| {
        let answer = send(call);
        if !is_refused(&answer, code) {
            wrong.push(format!(
                "{} {} {case}: {} {}, not {code}",
                facts.method,
                facts.path,
                answer.status,
                answer.text()
            ));
        }
    };
    let changes = !["GET", "HEAD", "OPTIONS"].contains(&facts.method.as_str());
    let best = |call| by(&who.owner, call);
    refuses("bad Host", best(call()).with("host", "evil.example"), "not_our_name");
    refuses("no Host", best(call()).with("host", ""), "not_our_name");
    refuses("bad Origin", best(call()).with("origin", "https://evil.example"), "not_our_page");
    refuses("null Origin", best(call()).with("origin", "null"), "not_our_page");
    let cross = best(call()).with("sec-fetch-site", "cross-site");
    refuses("from another page", cross, "not_our_page");
    let Some(roles) = facts.needs.roles else { return wrong };
    refuses("no session", call(), "no_session");
    let made_up = "00".repeat(32);
    let stranger = Person { session: made_up.clone(), ..who.owner.clone() };
    refuses("a session that is none", by(&stranger, call()), "no_session");
    refuses("a token that is none", bearer(call(), &made_up), "no_token");
    if changes {
        let silent = best(call()).with("x-holdfast-csrf", "");
        refuses("no CSRF token", silent, "no_page_word");
        let others = best(call()).with("x-holdfast-csrf", &who.member.csrf);
        refuses("another's CSRF token", others, "no_page_word");
    }
    let all = [(Role::Member, &who.member), (Role::Helper, &who.helper)];
    for (role, person) in all.into_iter().filter(|(role, _)| !roles.contains(role)) {
        refuses(&format!("as a {role:?}"), by(person, call()), "not_allowed");
    }
    if facts.needs.elevated {
        let lowest = if roles.contains(&Role::Owner) { &who.owner_low } else { &who.member };
        refuses("rights that are not raised", by(lowest, call()), "not_elevated");
    }
    if matches!(facts.needs.device, DeviceMay::Nothing | DeviceMay::Add) {
        refuses("a device that reads", bearer(call(), &who.reads), "not_allowed");
    }
    if matches!(facts.needs.device, DeviceMay::Nothing | DeviceMay::Read) {
        refuses("a device that adds", bearer(call(), &who.adds), "not_allowed");
    }
    wrong
}

/// Whether the guard lets in whoever may: what the handler makes of it is another matter.
fn let_in(rig: &Rig, who: &Knockers, facts: &Facts) -> Vec<String> {
    let everybody =
        [(Role::Owner, &who.owner), (Role::Member, &who.member), (Role::Helper, &who.helper)];
    let roles = facts.needs.roles.unwrap_or(&[Role::Owner]);
    let mut wrong = Vec::new();
    for (role, person) in everybody.into_iter().filter(|(role, _)| roles.contains(role)) {
        let page = by(person, well_formed(facts)).with("origin", "https://localhost");
        let page = page.with("sec-fetch-site", "same-origin");
        let answer = if facts.media == Some("text/event-stream") {
            crate::events::first(rig, &page)
        } else {
            rig.send(&page)
        };
        let by_guard = OF_THE_GUARD.contains(&answer.code().as_str());
        let unknown = answer.status == 404 && answer.text().contains("nothing here");
        if by_guard || unknown || answer.status == 405 || answer.status >= 500 || answer.status == 0
        {
            let text = answer.text();
            wrong.push(format!(
                "{} {} as {role:?}: {} {text}",
                facts.method, facts.path, answer.status
            ));
        }
    }
    wrong
}

/// Signing out comes last: it would spoil the rest.
fn spoils(facts: &Facts) -> bool {
    facts.method == "DELETE" && facts.path == "/api/v1/session"
}

#[test]
fn whoever_may_not_is_refused_at_every_route_and_whoever_may_is_let_in() {
    let rig = Rig::new();
    let who = knockers(&rig);
    let routes = api::routes();
    let mut knocks = 0;
    let mut wrong = Vec::new();
    for facts in routes.iter().map(|route| &route.facts) {
        wrong.extend(knock(&rig, &who, facts));
        knocks += 1;
    }
    let (last, first): (Vec<_>, Vec<_>) =
        routes.iter().map(|route| &route.facts).partition(|facts| spoils(facts));
    // Tries of secrets are counted, also those of this test.
    for facts in first.into_iter().chain(last) {
        rig.passes(600);
        for person in [&who.owner, &who.member, &who.helper] {
            if facts.needs.elevated {
                rig.elevate(person);
            }
        }
        wrong.extend(let_in(&rig, &who, facts));
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(knocks >= 50, "only {knocks} routes");
}

#[test]
fn a_session_that_is_over_is_none_at_every_route() {
    let rig = Rig::new();
    let who = knockers(&rig);
    rig.passes(31 * 86_400);
    for route in api::routes().iter().filter(|route| route.facts.needs.roles.is_some()) {
        for person in [&who.owner, &who.member, &who.helper] {
            let answer = rig.as_(person, well_formed(&route.facts));
            assert!(is_refused(&answer, "no_session"), "{} {}", route.facts.path, answer.text());
        }
    }
}

#[test]
fn raised_rights_are_over_after_a_quarter_of_an_hour_at_every_route() {
    let rig = Rig::new();
    let who = knockers(&rig);
    rig.passes(15 * 60);
    for route in api::routes().iter().filter(|route| route.facts.needs.elevated) {
        let answer = rig.as_(&who.owner, well_formed(&route.facts));
        assert!(is_refused(&answer, "not_elevated"), "{} {}", route.facts.path, answer.text());
    }
}

/// `TRACE /api/v1/session` was asked to sign in, although nobody may: a guard stood before what is not there.
#[test]
fn a_method_that_a_path_has_not_is_said_to_be_none_to_whoever_asks() {
    let rig = Rig::new();
    let routes = api::routes();
    let has = |method: &str, path: &str| {
        routes.iter().any(|one| one.facts.path == path && one.facts.method == method)
    };
    let mut none = 0;
    for route in &routes {
        for method in ["TRACE", "PATCH", "PUT", "DELETE"] {
            if has(method, route.facts.path) {
                continue;
            }
            let answer = rig.send(&Call::new(method, &well_formed(&route.facts).path));
            assert_eq!(answer.status, 405, "{method} {}", route.facts.path);
            assert_eq!(answer.json()["code"], "no_such_method", "{method} {}", route.facts.path);
            none += 1;
        }
    }
    assert!(none > 100, "{none}");
}

#[test]
fn no_two_routes_are_the_same_and_each_says_what_it_is() {
    let mut seen = BTreeSet::new();
    for route in api::routes() {
        let facts = route.facts;
        assert!(seen.insert((facts.method.to_string(), facts.path)), "{} twice", facts.path);
        assert!(facts.about.ends_with('.') && facts.about.len() > 5, "{}", facts.path);
        let open = facts.needs.roles.is_none();
        assert!(
            !open || !facts.needs.elevated,
            "{}: anybody cannot have raised rights",
            facts.path
        );
        let is_known = ["/box", "/ca.pem", "/openapi.json", "/claim", "/join", "/session", "/pair"];
        let is_known = is_known.iter().any(|one| facts.path == format!("/api/v1{one}"));
        assert!(!open || is_known, "{} is open to anybody; is that meant?", facts.path);
    }
}
