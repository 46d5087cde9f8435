//! The web door of a real box: claimed as its owner does it, asked over TLS, and no more told than who asks
//! may see. What the door itself refuses is tried in `api`.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use calls::{Call as Asked, JobSpec, RawPath};
use serde_json::{Value, json};

use crate::client::{Answer, Call};
use crate::rig::{DEADLINE, LOOK_EVERY, PASSWORD, Rig, put};
use crate::running::Running;

pub(crate) const OWN: &str = "four words of mine";
/// A web door on free ports of this computer.
pub(crate) const SETTINGS: &str = "[web]\nlisten = \"127.0.0.1:0\"\nplain = \"127.0.0.1:0\"\n";
/// What a box may hold of its own at its highest, with fifty clients at once: see [`held_at_most`].
const PEAK_KIB_MAX: u64 = 256 << 10;
/// And when it has nothing to do; what is shipped is measured by the story `idle`, with its program, against
/// 40 MiB.
const IDLE_KIB_MAX: u64 = 24 << 10;

/// A box with a web door on free ports of this computer.
pub(crate) fn rig() -> Rig {
    let rig = Rig::vault(2);
    rig.settings(SETTINGS);
    rig
}

/// Somebody at the door.
pub(crate) struct Guest<'r> {
    pub(crate) at: SocketAddr,
    pub(crate) ca: String,
    pub(crate) cookies: String,
    pub(crate) csrf: String,
    pub(crate) rig: &'r Rig,
}

impl<'r> Guest<'r> {
    pub(crate) fn at_the_door(rig: &'r Rig) -> Self {
        let log = rig.log();
        let port = log.rsplit("https://localhost:").next().unwrap().split('/').next().unwrap();
        let at = format!("127.0.0.1:{port}").parse().unwrap();
        let ca = fs::read_to_string(rig.path("state/web/ca.pem")).unwrap();
        Self { at, ca, cookies: String::new(), csrf: String::new(), rig }
    }

    pub(crate) fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let call = Call::new(method, path).with("cookie", &self.cookies);
        let call = call.with("x-holdfast-csrf", &self.csrf);
        match body {
            Some(body) => call.json(body).send(self.at, &self.ca),
            None => call.send(self.at, &self.ca),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = self.send("GET", path, None);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    pub(crate) fn posts(&self, path: &str, body: &Value) -> Value {
        let answer = self.send("POST", path, Some(body));
        assert!(answer.status < 300, "{path}: {} {}", answer.code(), answer.text());
        answer.json()
    }

    /// Comes in with a code: as the first owner, or as who was invited.
    fn comes_in(mut self, way: &str, code: &str, name: &str) -> Self {
        let body = json!({ "code": code, "name": name, "password": OWN });
        let answer = self.send("POST", way, Some(&body));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let session = answer.cookie("__Host-holdfast-session").unwrap();
        self.cookies = format!("__Host-holdfast-session={session}");
        self.csrf = answer.json()["csrf"].as_str().unwrap().to_owned();
        self
    }

    pub(crate) fn claims(self) -> Self {
        let code = fs::read_to_string(self.rig.path("state/web/claim-code")).unwrap();
        self.comes_in("/api/v1/claim", &code, "ada")
    }

    pub(crate) fn raised(self) -> Self {
        self.posts("/api/v1/session/elevation", &json!({ "password": OWN }));
        self
    }

    pub(crate) fn invites(&self, name: &str, role: &str) -> Guest<'r> {
        let mut body = json!({ "name": name, "role": role });
        if role == "helper" {
            body["hours"] = json!(1);
        }
        let code = self.posts("/api/v1/people", &body)["code"].as_str().unwrap().to_owned();
        Guest::at_the_door(self.rig).comes_in("/api/v1/join", &code, name)
    }
}

pub(crate) fn kib(running: &Running<'_>, word: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{}/status", running.pid())).unwrap();
    let line = text.lines().find(|line| line.starts_with(word)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// What it held of its own at its highest. The pages of its program, which are many where nothing is optimised, and
/// of which the kernel brings as many as it likes, are not counted.
pub(crate) fn held_at_most(running: &Running<'_>) -> u64 {
    kib(running, "VmHWM:").saturating_sub(kib(running, "RssFile:"))
}

#[test]
fn a_locked_box_is_claimed_unlocked_and_asked_and_its_owner_is_known_after_a_restart() {
    let rig = rig();
    let running = rig.start();
    assert!(rig.log().contains("needs this code"), "the console says so");
    let ada = Guest::at_the_door(&rig).claims();
    assert_eq!(ada.get("/api/v1/status")["lock"], "locked");
    let refused = ada.send("GET", "/api/v1/sources", None);
    assert_eq!((refused.status, &*refused.code()), (423, "locked"));
    assert!(refused.header("content-type").unwrap().contains("problem+json"));
    let wrong = ada.send("POST", "/api/v1/unlock", Some(&json!({ "password": "not this one" })));
    assert_eq!((wrong.status, &*wrong.code()), (403, "wrong_secret"));
    assert_eq!(ada.posts("/api/v1/unlock", &json!({ "password": PASSWORD }))["lock"], "unlocked");
    running.done(rig.big_folder("docs", 2));
    assert_eq!(ada.get("/api/v1/sources")["sources"][0]["name"], "docs");
    let listed = ada.get("/api/v1/snapshots/latest:docs/entries?deep=true");
    assert!(listed.to_string().contains("0001"), "{listed}");
    let id = listed["snapshot"]["id"].as_str().unwrap();
    assert_eq!(ada.get("/api/v1/snapshots?source=docs")["snapshots"][0]["id"], id);
    let none = ada.send("GET", "/api/v1/snapshots/latest:other/entries", None);
    assert_eq!((none.status, &*none.code()), (404, "not_found"));
    let job = ada.posts("/api/v1/jobs/scrub", &json!({}))["job"]["id"].clone();
    assert_eq!(ada.get(&format!("/api/v1/jobs/{job}"))["id"], job);
    assert_eq!(running.stop(), Some(0));

    let running = rig.start();
    let again = Guest { cookies: ada.cookies.clone(), csrf: ada.csrf, ..Guest::at_the_door(&rig) };
    assert_eq!(again.get("/api/v1/session")["name"], "ada");
    assert!(!rig.path("state/web/claim-code").exists());
    let again = again.raised();
    again.posts("/api/v1/shutdown", &json!({}));
    assert_eq!(running.ends(), Some(0));
}

#[test]
fn a_helper_sees_how_the_box_is_and_no_name_and_a_member_what_everybody_shares() {
    let rig = rig();
    let running = rig.start();
    running.unlock();
    running.done(rig.big_folder("diary", 2));
    let ada = Guest::at_the_door(&rig).claims().raised();
    let cleo = ada.invites("cleo", "helper");
    assert!(ada.get("/api/v1/jobs").to_string().contains("diary"));
    for path in ["/api/v1/jobs", "/api/v1/jobs/1", "/api/v1/health", "/api/v1/support-bundle"] {
        let told = cleo.get(path).to_string();
        assert!(!told.contains("diary") && !told.contains("0001"), "{path}: {told}");
    }
    assert_eq!(cleo.send("GET", "/api/v1/sources", None).code(), "not_allowed");
    let ben = ada.invites("ben", "member");
    assert_eq!(ben.get("/api/v1/sources")["sources"][0]["name"], "diary");
    assert_eq!(ben.send("POST", "/api/v1/jobs/scrub", Some(&json!({}))).code(), "not_allowed");
    // The same over the local socket stays as it was: it is the box's own.
    let spec = JobSpec::Backup {
        source: "diary".to_owned(),
        paths: vec![RawPath(rig.path("diary").to_str().unwrap().into())],
        excludes: vec![],
        space: None,
    };
    running.done(spec);
    assert!(running.talk().ask(Asked::Sources {}).is_ok());
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn fifty_clients_at_once_and_passwords_that_are_checked_fit_in_a_small_box() {
    let rig = rig();
    let running = rig.start();
    running.unlock();
    running.done(rig.big_folder("docs", 4));
    let idle = kib(&running, "RssAnon:");
    let ada = Guest::at_the_door(&rig).claims();
    let served: usize = std::thread::scope(|scope| {
        let ask = || {
            let paths = ["/api/v1/jobs", "/api/v1/disks", "/api/v1/snapshots", "/api/v1/health"];
            let asked = |path: &&str| ada.send("GET", path, None).status != 0;
            let sign = json!({ "name": "ada", "password": "guess and guess" });
            let tried = ada.send("POST", "/api/v1/session", Some(&sign)).status != 0;
            paths.iter().filter(|path| asked(path)).count() + usize::from(tried)
        };
        let all: Vec<_> = (0..50).map(|_| scope.spawn(ask)).collect();
        all.into_iter().map(|one| one.join().unwrap()).sum()
    });
    assert_eq!(served, 250);
    let (peak, after) = (held_at_most(&running), kib(&running, "RssAnon:"));
    let figures = format!("idle {idle} KiB, at its highest {peak} KiB, afterwards {after} KiB\n");
    std::io::stderr().write_all(figures.as_bytes()).unwrap();
    assert!(peak <= PEAK_KIB_MAX, "{peak} KiB");
    assert!(idle <= IDLE_KIB_MAX, "{idle} KiB");
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn plain_http_of_a_real_box_shows_the_way_only() {
    let rig = rig();
    let running = rig.start();
    let plain = rig.log().lines().rev().find_map(|line| {
        let told: Value = serde_json::from_str(line).ok()?;
        told["plain"].as_str()?.parse::<SocketAddr>().ok()
    });
    let plain = plain.expect("the log says where");
    let guest = Guest::at_the_door(&rig);
    assert_eq!(Call::new("GET", "/ca.pem").send_plain(plain).text(), guest.ca);
    let away = Call::new("GET", "/").send_plain(plain);
    assert_eq!(away.header("location"), Some(&*format!("https://localhost:{}/", guest.at.port())));
    assert_eq!(running.stop(), Some(0));
}

/// One damaged piece of the log kept everybody out, and nothing but a line in the journal said why.
#[test]
fn a_box_whose_log_is_damaged_lets_its_people_in_and_tells_them() {
    let rig = rig();
    let running = rig.start();
    let ada = Guest::at_the_door(&rig).claims();
    let said = |guest: &Guest<'_>| guest.get("/api/v1/health").to_string();
    assert!(!said(&ada).contains("log of what was done"));
    assert_eq!(running.stop(), Some(0));
    put(&rig.path("state/web/audit-00000000.json"), b"[{\"number\":");
    let running = rig.start();
    let guest = Guest::at_the_door(&rig);
    let sign = json!({ "name": "ada", "password": OWN });
    assert_eq!(guest.send("POST", "/api/v1/session", Some(&sign)).status, 200);
    let ada = Guest { cookies: ada.cookies.clone(), csrf: ada.csrf.clone(), ..guest };
    let mut waited = Duration::ZERO;
    while !said(&ada).contains("A piece of the log of what was done is damaged") {
        waited += LOOK_EVERY;
        assert!(waited < DEADLINE, "{}", said(&ada));
        std::thread::park_timeout(LOOK_EVERY);
    }
    assert!(rig.path("state/web/audit-00000000.damaged").exists());
    assert_eq!(running.stop(), Some(0));
}

/// Sends it as this guest.
pub(crate) fn sends(guest: &Guest<'_>, call: Call) -> Answer {
    let call = call.with("cookie", &guest.cookies).with("x-holdfast-csrf", &guest.csrf);
    call.send(guest.at, &guest.ca)
}

pub(crate) fn puts(guest: &Guest<'_>, path: &str, bytes: impl AsRef<[u8]>) -> Answer {
    let mut call = Call::new("PUT", path);
    call.body = Some(bytes.as_ref().to_vec());
    sends(guest, call)
}
