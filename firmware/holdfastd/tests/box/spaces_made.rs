//! When a person of a real box gets a space, and what goes into it.

use calls::{Answer as Said, Call as Asked, JobId, JobSpec, JobState, RawPath};
use serde_json::{Value, json};

use crate::rig::{Rig, put};
use crate::web::{Guest, puts, rig};

#[test]
fn a_person_gets_their_space_when_they_first_store_something_and_looking_makes_none() {
    let rig = rig();
    let running = rig.start();
    running.unlock();
    running.done(rig.big_folder("docs", 1));
    let ada = Guest::at_the_door(&rig).claims().raised();
    let ben = ada.invites("ben", "member");
    ada.invites("cleo", "helper");
    let entries = |guest: &Guest<'_>, words: &str| {
        guest.send("GET", &format!("/api/v1/files/docs/entries{words}"), None)
    };
    for guest in [&ada, &ben] {
        assert_eq!(entries(guest, "?space=everyone").status, 200, "what everybody shares");
        let none = entries(guest, "");
        assert_eq!((none.status, &*none.code()), (404, "not_found"), "their own is empty");
        assert!(none.text().contains("your own space"), "{}", none.text());
    }
    let people = || match running.talk().ask(Asked::People {}) {
        Ok(Said::People { people }) => people,
        other => panic!("{other:?}"),
    };
    let told: Vec<_> = people().into_iter().map(|one| (one.name, one.role, one.sources)).collect();
    let told: Vec<_> = told.iter().map(|(n, r, s)| (n.as_str(), r.as_str(), *s)).collect();
    assert_eq!(
        told,
        [("ada", "owner", Some(0)), ("ben", "member", Some(0)), ("cleo", "helper", None)]
    );
    for guest in [&ada, &ben] {
        assert_eq!(puts(guest, "/api/v1/files/notes/content?path=one", "hello").status, 200);
    }
    let sources = |guest: &Guest<'_>| guest.get("/api/v1/sources")["sources"].clone();
    for (guest, mate) in [&ada, &ben].into_iter().zip(people()) {
        assert_eq!(mate.sources, Some(1), "{mate:?}");
        let seen = sources(guest);
        assert_eq!(seen.as_array().unwrap().len(), 2, "{seen}");
        assert_eq!(seen[0]["space"], "everyone");
        assert_eq!(seen[1]["space"], mate.space.as_deref().unwrap());
    }
    // Two sources of one name: each finds their own.
    let content =
        |guest: &Guest<'_>| guest.send("GET", "/api/v1/files/notes/content?path=one", None);
    assert_eq!(puts(&ben, "/api/v1/files/notes/content?path=one", "ben's").status, 200);
    assert_eq!((content(&ada).text(), content(&ben).text()), ("hello".into(), "ben's".into()));
    assert!(ada.get("/api/v1/snapshots/latest:notes/entries")["entries"][0]["size"] == 5);
    // Everything on a drive is begun only by who has said whose.
    let ask = |more: Value| {
        let mut body = json!({ "drives": ["99"] });
        body["files_of"] = more;
        ada.send("POST", "/api/v1/jobs/usb", Some(&body))
    };
    let refused = ask(json!([]));
    assert_eq!((refused.status, &*refused.code()), (409, "files_of_others"));
    assert!(
        refused.text().contains("ben") && !refused.text().contains("cleo"),
        "{}",
        refused.text()
    );
    assert_ne!(ask(json!(["ben"])).code(), "files_of_others", "the drive is another matter");
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn a_backup_for_somebody_is_theirs_and_what_the_house_reads_does_not_name_it() {
    let rig = rig();
    let running = rig.start();
    running.unlock();
    let ada = Guest::at_the_door(&rig).claims().raised();
    let ben = ada.invites("ben", "member");
    let folder = rig.big_folder("laptop", 2);
    let JobSpec::Backup { source, paths, excludes, .. } = folder else { panic!("{folder:?}") };
    let of = |space: &str| JobSpec::Backup {
        source: source.clone(),
        paths: paths.clone(),
        excludes: excludes.clone(),
        space: Some(space.to_owned()),
    };
    let refused = running.refused(Asked::Start { spec: of("nobody") });
    assert!(refused.sentence.contains("nobody"), "{refused:?}");
    running.done(of("ben"));
    running.done(of("everyone"));
    assert_eq!(ben.get("/api/v1/sources")["sources"].as_array().unwrap().len(), 2);
    assert_eq!(ada.get("/api/v1/sources")["sources"].as_array().unwrap().len(), 1);
    let jobs = ada.get("/api/v1/jobs")["jobs"].clone();
    let named: Vec<bool> =
        jobs.as_array().unwrap().iter().map(|one| one.to_string().contains("laptop")).collect();
    assert_eq!(named, [true, false], "the shared one is, Ben's is not: {jobs}");
    let path = RawPath(rig.path("laptop").to_str().unwrap().into());
    let body =
        json!({ "source": "mine", "paths": [path], "space": ben.get("/api/v1/session")["space"] });
    let refused = ada.send("POST", "/api/v1/jobs/backup", Some(&body));
    assert_eq!((refused.status, &*refused.code()), (404, "not_found"), "nobody stores for another");
    let Ok(Said::Metrics { text }) = running.talk().ask(Asked::Metrics {}) else {
        panic!("no numbers")
    };
    let of_sources = text.lines().filter(|line| line.contains("laptop")).count();
    assert!(of_sources > 0 && text.contains("of person-"), "{text}");
    assert!(
        !text.lines().any(|line| line.contains("laptop") && line.contains("person-")),
        "{text}"
    );
    assert_eq!(running.stop(), Some(0));
}

/// A name that a box of before would have taken. Records of today's boxes may have it.
fn is_called(rig: &Rig, was: &str, now: &str) {
    let path = rig.path("state/web/people.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let (was, now) = (format!("\"name\":\"{was}\""), format!("\"name\":\"{now}\""));
    assert!(text.contains(&was), "{text}");
    put(&path, text.replace(&was, &now).as_bytes());
}

/// Somebody who was called like the space of another, which nobody had stored in yet, got their backups.
#[test]
fn a_backup_into_ones_own_space_goes_there_at_once_whatever_others_are_called() {
    let rig = rig();
    let running = rig.start();
    running.unlock();
    let ada = Guest::at_the_door(&rig).claims().raised();
    let body = json!({ "name": "person-0011223344556677", "role": "member" });
    let refused = ada.send("POST", "/api/v1/people", Some(&body));
    assert_eq!((refused.status, &*refused.code()), (400, "bad_request"), "{}", refused.text());
    ada.invites("ben", "member");
    let space = ada.get("/api/v1/session")["space"].as_str().unwrap().to_owned();
    assert_eq!(running.stop(), Some(0));
    is_called(&rig, "ben", &space);
    let running = rig.start();
    running.unlock();
    let cookies = ada.cookies.clone();
    let ada = Guest { cookies, csrf: ada.csrf, ..Guest::at_the_door(&rig) }.raised();
    let folder = rig.big_folder("laptop", 1);
    let JobSpec::Backup { paths, .. } = folder else { panic!("{folder:?}") };
    let body = json!({ "source": "laptop", "paths": paths, "space": space });
    let begun = ada.send("POST", "/api/v1/jobs/backup", Some(&body));
    assert_eq!(begun.status, 202, "{}", begun.text());
    assert_eq!(begun.json()["job"]["spec"]["backup"]["space"], space);
    let job = begun.json()["job"]["id"].as_u64().unwrap();
    running.until(JobId(job), |job| job.state == JobState::Done);
    let sources = ada.get("/api/v1/sources")["sources"].clone();
    assert_eq!(sources[0]["space"], space, "{sources}");
    // At the box's own socket the name is that of the space, too, and of no person.
    let none = JobSpec::Backup {
        source: "x".to_owned(),
        paths,
        excludes: Vec::new(),
        space: Some("person-0011223344556677".to_owned()),
    };
    assert!(running.refused(Asked::Start { spec: none }).sentence.contains("Nobody"));
    assert_eq!(running.stop(), Some(0));
}
