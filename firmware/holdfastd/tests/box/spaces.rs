//! A space for each person of a real box: made at their first need, seen by nobody else by any route, and
//! named when everything is taken.
//!
//! The knocker goes through every route of the door with what is Ben's in its place, as everybody who is not
//! Ben. So that its silence means something, it is let loose once more through a door that takes everybody
//! for Ben, and has to name each route that serves files. Start at [`knock`].

use std::collections::BTreeSet;

use api::table::Facts;
use calls::JobSpec;
use serde_json::{Value, json};

use crate::client::{Answer, Call};
use crate::rig::Rig;
use crate::running::Running;
use crate::web::{Guest, puts, rig, sends};

/// Words that stand in what is Ben's and in no request of the knocker's.
const MARKS: [&str; 4] = ["quiet-name", "the words of ben", "bens-laptop", PHONE];
const PHONE: &str = "bens-phone";

/// Routes that serve files, and have to be named when the door takes everybody for Ben.
const SERVED: [&str; 19] = [
    "GET /api/v1/sources",
    "GET /api/v1/snapshots",
    "GET /api/v1/snapshots/{snapshot}/entries",
    "GET /api/v1/files/{source}/entries",
    "GET /api/v1/files/{source}/history",
    "GET /api/v1/files/{source}/search",
    "GET /api/v1/files/{source}/content",
    "GET /api/v1/files/{source}/zip",
    "GET /api/v1/files/{source}/photos",
    "GET /api/v1/files/{source}/photos/months",
    "GET /api/v1/files/{source}/thumbnail",
    "PUT /api/v1/files/{source}/content",
    "POST /api/v1/files/{source}/folder",
    "POST /api/v1/files/{source}/rename",
    "POST /api/v1/uploads",
    "HEAD /api/v1/uploads/{upload}",
    "DELETE /api/v1/uploads/{upload}",
    "GET /api/v1/devices",
    "DELETE /api/v1/devices/{device}",
];

/// What of Ben's can be asked for by name.
struct Bens {
    space: String,
    snapshot: String,
    upload: String,
    device: String,
    session: String,
    job: String,
}

/// Who knocks: a way of sending as them.
type Knocker<'k> = (&'k str, &'k dyn Fn(Call) -> Answer);

/// Gives Ben files, a version, an upload that waits, a device and a job.
fn fill(ben: &Guest<'_>, running: &Running<'_>, rig: &Rig) -> Bens {
    let space = ben.get("/api/v1/session")["space"].as_str().unwrap().to_owned();
    let file = |name: &str| format!("/api/v1/files/diary/content?path={name}");
    assert_eq!(puts(ben, &file("plan.txt"), "the words of ben").status, 200);
    assert_eq!(puts(ben, &file("quiet-name.txt"), "more").status, 200);
    let spec = rig.big_folder("bens-laptop", 1);
    let JobSpec::Backup { source, paths, excludes, .. } = spec else { panic!("{spec:?}") };
    let job = running.done(JobSpec::Backup { source, paths, excludes, space: Some("ben".into()) });
    let begin = Call::new("POST", "/api/v1/uploads").with("tus-resumable", "1.0.0");
    // "diary" and "film", as base64.
    let begin = begin
        .with("upload-length", "9")
        .with("upload-metadata", "source ZGlhcnk=,filename ZmlsbQ==");
    let begun = sends(ben, begin);
    assert_eq!(begun.status, 201, "{}", begun.text());
    let place = begun.header("location").unwrap().to_owned();
    let upload = place.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    let scope = json!({ "name": PHONE, "scope": { "read": {} } });
    ben.posts("/api/v1/session/elevation", &json!({ "password": "four words of mine" }));
    let device = ben.posts("/api/v1/devices", &scope)["id"].as_str().unwrap().to_owned();
    let newest =
        ben.get("/api/v1/snapshots?source=diary")["snapshots"].as_array().unwrap().len() - 1;
    let snapshot = &ben.get("/api/v1/snapshots?source=diary")["snapshots"][newest]["id"];
    let session = &ben.get("/api/v1/sessions")["sessions"][0]["id"];
    Bens {
        space,
        snapshot: snapshot.as_str().unwrap().to_owned(),
        upload,
        device,
        session: session.as_str().unwrap().to_owned(),
        job: job.id.to_string(),
    }
}

/// All that Ben has, as he sees it.
fn world(ben: &Guest<'_>) -> Vec<Value> {
    let paths = [
        "/api/v1/sources",
        "/api/v1/snapshots",
        "/api/v1/files/diary/entries",
        "/api/v1/files/diary/history?path=plan.txt",
        "/api/v1/devices",
        "/api/v1/sessions",
    ];
    let mut world: Vec<Value> = paths.iter().map(|path| ben.get(path)).collect();
    // When somebody was last seen is no part of it.
    for seen in world[4..].iter_mut().flat_map(|one| one.as_object_mut().unwrap().values_mut()) {
        for one in seen.as_array_mut().into_iter().flatten() {
            one.as_object_mut().unwrap().retain(|key, _| !key.contains("used"));
        }
    }
    world
}

/// A request for what is Ben's, by its names, in his space or in that of who asks.
fn aimed(facts: &Facts, bens: &Bens, names_space: bool) -> Call {
    let path = facts.path.replace("{source}", "diary").replace("{snapshot}", &bens.snapshot);
    let path = path.replace("{upload}", &bens.upload).replace("{device}", &bens.device);
    let path = path.replace("{session}", &bens.session).replace("{job}", &bens.job);
    // Who lives here is the owner's to say; that is no way to their files.
    let path = path.replace("{person}", "0000000000000000");
    let path = path.replace("{disk}", "99").replace("{outlet}", "none");
    let mut words = Vec::new();
    if facts.path.contains("{source}") && facts.body.is_none() {
        words.push(match facts.path.rsplit('/').next() {
            Some("search") => "name=name".to_owned(),
            Some("photos" | "months") => String::new(),
            Some("content" | "thumbnail") => "path=plan.txt".to_owned(),
            _ => "path=".to_owned(),
        });
    }
    let takes_space = facts.path.contains("/files/") || facts.path.contains("/uploads/");
    if names_space && facts.body.is_none() && (takes_space || facts.path == "/api/v1/snapshots") {
        words.push(format!("space={}", bens.space));
    }
    words.retain(|word| !word.is_empty());
    let path = if words.is_empty() { path } else { format!("{path}?{}", words.join("&")) };
    let call = Call::new(facts.method.as_str(), &path).with("tus-resumable", "1.0.0");
    let Some(mut body) = body(facts, bens) else {
        return match facts.method.as_str() {
            "PATCH" => call
                .with("content-type", "application/offset+octet-stream")
                .with("upload-offset", "0"),
            "POST" if facts.path == "/api/v1/uploads" => {
                let space = if names_space { &*bens.space } else { "" };
                call.with("upload-length", "3").with("upload-metadata", &tus_words(space))
            }
            _ => call,
        };
    };
    if names_space && (facts.path.contains("/files/") || facts.path.ends_with("/jobs/backup")) {
        body["space"] = json!(bens.space);
    }
    call.json(&body)
}

/// A file of the knocker's, in a space if one is named.
fn tus_words(space: &str) -> String {
    use base64::Engine as _;
    let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let space = if space.is_empty() { String::new() } else { format!(",space {}", base64(space)) };
    format!("source {},filename {}{space}", base64("diary"), base64("theirs"))
}

fn body(facts: &Facts, bens: &Bens) -> Option<Value> {
    facts.body.as_ref()?;
    Some(match facts.path.trim_start_matches("/api/v1/") {
        "jobs/backup" => json!({ "source": "diary", "paths": ["/nowhere/at/all"] }),
        "jobs/restore" => json!({ "snapshot": bens.snapshot, "to": "/nowhere/at/all" }),
        "jobs/forget" => json!({ "snapshots": [bens.snapshot] }),
        "jobs/usb" => json!({ "drives": ["99"], "sources": ["diary"] }),
        "jobs/usb-verify" => json!({ "drive": "99" }),
        "files/{source}/folder" => json!({ "path": "theirs" }),
        "files/{source}/rename" => json!({ "from": "plan.txt", "to": "gone.txt" }),
        "files/{source}/bring-back" => json!({ "path": "plan.txt", "version": bens.snapshot }),
        "outlets" => json!({ "outlets": [] }),
        "devices" => json!({ "name": "theirs", "scope": { "backup": { "source": "diary" } } }),
        _ => json!({}),
    })
}

/// What would end the course, or has nothing to do with anybody's files and changes who knocks.
fn spoils(facts: &Facts) -> bool {
    let ends = [
        "/shutdown",
        "/restart",
        "/lock",
        "/password",
        "/claim",
        "/join",
        "/vault",
        "/clock/trust",
    ];
    let own = facts.path == "/api/v1/session" && facts.method == "DELETE";
    own || ends.iter().any(|end| facts.path == format!("/api/v1{end}"))
        || facts.media == Some("text/event-stream")
}

/// Whether all that the route does is about something that the knocker names as Ben's.
fn is_about_bens(facts: &Facts, names_space: bool) -> bool {
    let named = ["{snapshot}", "{device}", "{session}"].iter().any(|one| facts.path.contains(one));
    let jobs =
        ["/jobs/restore", "/jobs/forget", "/jobs/usb"].iter().any(|one| facts.path.ends_with(one));
    let in_space = ["{source}", "{upload}"].iter().any(|one| facts.path.contains(one))
        || ["/jobs/backup", "/api/v1/uploads", "/api/v1/snapshots"]
            .iter()
            .any(|one| facts.path.ends_with(one));
    named || jobs || (in_space && names_space && facts.method != "OPTIONS")
}

/// Knocks at every route, and says where something of Ben's came out or was touched.
fn knock(knocker: Knocker<'_>, bens: &Bens) -> (u64, BTreeSet<String>) {
    let (who, send) = knocker;
    let (mut knocks, mut wrong) = (0, BTreeSet::new());
    let mut routes = api::routes();
    // What is looked at has to be there still: changes come later, and deletions last.
    routes.sort_by_key(|route| match route.facts.method.as_str() {
        "GET" | "HEAD" => 0,
        "DELETE" => 2,
        _ => 1,
    });
    for route in routes.iter().filter(|route| !spoils(&route.facts)) {
        let facts = &route.facts;
        for names_space in [true, false] {
            let answer = send(aimed(facts, bens, names_space));
            knocks += 1;
            // The log tells an owner who made which device, and nothing of anybody's files.
            let marks =
                MARKS.iter().filter(|mark| !(facts.path.ends_with("/audit") && **mark == PHONE));
            let shown = marks.into_iter().any(|mark| answer.text().contains(mark));
            let let_in = is_about_bens(facts, names_space) && answer.status < 400;
            if shown || let_in {
                wrong
                    .insert(format!("{} {} by {who}: {}", facts.method, facts.path, answer.status));
            }
        }
    }
    (knocks, wrong)
}

#[test]
fn nobody_reaches_what_is_anothers_by_any_route() {
    let rig = rig();
    let running = rig.start();
    running.unlock();
    running.done(rig.big_folder("docs", 1));
    let ada = Guest::at_the_door(&rig).claims().raised();
    let (ben, eve) = (ada.invites("ben", "member"), ada.invites("eve", "member"));
    let cleo = ada.invites("cleo", "helper").raised();
    let eve = eve.raised();
    let bens = fill(&ben, &running, &rig);
    let before = world(&ben);
    let token = |name: &str, scope: Value| {
        let made = ada.posts("/api/v1/devices", &json!({ "name": name, "scope": scope }));
        made["token"].as_str().unwrap().to_owned()
    };
    let tokens = [
        token("tablet", json!({ "read": {} })),
        token("laptop", json!({ "backup": { "source": "diary" } })),
        token("camera", json!({ "add": { "source": "diary" } })),
    ];
    let (at, ca) = (ada.at, ada.ca.clone());
    let device = |token: &str, call: Call| {
        call.with("authorization", &format!("Bearer {token}")).send(at, &ca)
    };
    let everybody: [Knocker<'_>; 6] = [
        ("the owner", &|call| sends(&ada, call)),
        ("another member", &|call| sends(&eve, call)),
        ("a helper", &|call| sends(&cleo, call)),
        ("a device that reads", &|call| device(&tokens[0], call)),
        ("a device that backs up", &|call| device(&tokens[1], call)),
        ("a device that adds", &|call| device(&tokens[2], call)),
    ];
    let mut knocks = 0;
    for knocker in everybody {
        let (count, wrong) = knock(knocker, &bens);
        assert_eq!(wrong, BTreeSet::new());
        knocks += count;
    }
    assert_eq!(world(&ben), before, "and nothing of it was touched");
    assert!(knocks > 600, "{knocks} knocks only");

    // A door that takes everybody for Ben is named at each route that serves files. Only his session
    // is not ended: the rest needs it.
    let as_ben = |call: Call| match call.path.contains("/sessions/") {
        true => sends(&ben, Call::new("GET", "/api/v1/status")),
        false => sends(&ben, call),
    };
    let (_, wrong) = knock(("whoever is taken for Ben", &as_ben), &bens);
    for route in SERVED {
        assert!(
            wrong.iter().any(|one| one.starts_with(&format!("{route} by"))),
            "{route}: {wrong:#?}"
        );
    }
    assert_eq!(running.stop(), Some(0));
}
