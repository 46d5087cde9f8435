//! A door on this computer with a box behind it that notes what it is asked, a clock and records that the
//! test holds, and people who are signed in.
//!
//! Start at [`Rig::new`], then [`Rig::claimed`].

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use api::table::Route;
use api::{Env, Running, Settings, Store};
use people::Cost;
use serde_json::{Value, json};
use testkit::env::{ManualClock, SeededRng};
use types::{Millis, UnixTime};

use crate::client::{Answer, Call};
use crate::fake::FakeBox;

/// Passwords are cheap to guess here, so that tests are quick; what a real one costs is tried elsewhere.
pub(crate) const CHEAP: Cost = Cost { memory_kib: 8, passes: 1 };
pub(crate) const PASSWORD: &str = "correct horse battery";
/// Noon of some day.
const NOON: i64 = 1_790_000_000_000;
/// Two starts draw different tokens.
static SEED: AtomicU64 = AtomicU64::new(1);

/// Records in memory.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub(crate) all: Mutex<BTreeMap<String, Vec<u8>>>,
    /// The box's own disk refuses.
    pub(crate) refuses: Mutex<bool>,
}

impl Store for Records {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.all.lock().expect("held for a moment").get(name).cloned())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if *self.refuses.lock().expect("held for a moment") {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.all.lock().expect("held for a moment").insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.all.lock().expect("held for a moment").remove(name);
        Ok(())
    }
}

/// A door that is open.
pub(crate) struct Rig {
    running: Option<Running>,
    pub(crate) at: SocketAddr,
    pub(crate) plain: SocketAddr,
    pub(crate) ca: String,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) records: Arc<Records>,
    pub(crate) behind: Arc<FakeBox>,
    pub(crate) code: String,
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) session: String,
    pub(crate) browser: String,
    pub(crate) csrf: String,
}

impl Rig {
    /// A box that nobody has claimed.
    pub(crate) fn new() -> Self {
        Self::with(Arc::default(), api::routes())
    }

    /// The same with these records and these routes.
    pub(crate) fn with(records: Arc<Records>, routes: Vec<Route>) -> Self {
        let clock = Arc::new(ManualClock::at(UnixTime(NOON)));
        let behind = Arc::new(FakeBox::default());
        let loopback: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        let settings = Settings {
            listen: loopback,
            plain: Some(loopback),
            name: "holdfast".to_owned(),
            names: vec!["box.example".to_owned()],
            announce: false,
            desk: true,
            cost: CHEAP,
        };
        let env = Env {
            clock: Arc::clone(&clock) as _,
            rng: Arc::new(SeededRng::new(SEED.fetch_add(1, Ordering::Relaxed))),
        };
        let running =
            api::start(settings, Arc::clone(&behind) as _, Arc::clone(&records) as _, env, routes);
        let running = running.expect("the door opens");
        let ca = records.read("web/ca.pem").expect("kept").expect("made");
        let code = running.claim.as_ref().map(|code| code.text().to_string()).unwrap_or_default();
        Self {
            at: running.at,
            plain: running.plain.expect("asked for"),
            running: Some(running),
            ca: String::from_utf8(ca).expect("text"),
            clock,
            records,
            behind,
            code,
        }
    }

    /// A box with an owner, who is signed in.
    pub(crate) fn claimed() -> (Self, Person) {
        let rig = Self::new();
        let owner = rig.claim("Ada");
        (rig, owner)
    }

    pub(crate) fn claim(&self, name: &str) -> Person {
        let body = json!({ "code": self.code, "name": name, "password": PASSWORD });
        person(&self.send(&Call::new("POST", "/api/v1/claim").json(&body)))
    }

    /// Closes the door and opens another one with the same records.
    pub(crate) fn again(mut self) -> Self {
        let records = Arc::clone(&self.records);
        self.close();
        Self::with(records, api::routes())
    }

    fn close(&mut self) {
        if let Some(running) = self.running.take() {
            running.close();
        }
    }

    pub(crate) fn send(&self, call: &Call) -> Answer {
        call.send(self.at, &self.ca)
    }

    /// Sends it as somebody.
    pub(crate) fn as_(&self, person: &Person, call: Call) -> Answer {
        self.send(&by(person, call))
    }

    /// Raises somebody's rights.
    pub(crate) fn elevate(&self, person: &Person) {
        let call = Call::new("POST", "/api/v1/session/elevation");
        let answer = self.as_(person, call.json(&json!({ "password": PASSWORD })));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Invites somebody who joins at once. The owner's rights have to be raised.
    pub(crate) fn joins(&self, owner: &Person, name: &str, role: &str) -> Person {
        let mut body = json!({ "name": name, "role": role });
        if role == "helper" {
            body["hours"] = json!(24);
        }
        let invited = self.as_(owner, Call::new("POST", "/api/v1/people").json(&body));
        assert_eq!(invited.status, 200, "{}", invited.text());
        let code = invited.json()["code"].clone();
        let body = json!({ "code": code, "name": name, "password": PASSWORD });
        person(&self.send(&Call::new("POST", "/api/v1/join").json(&body)))
    }

    /// Time passes, on both clocks.
    pub(crate) fn passes(&self, seconds: u64) {
        self.clock.pass(Millis::from_secs(seconds));
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.close();
    }
}

/// Who an answer says is in.
pub(crate) fn person(answer: &Answer) -> Person {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let json = answer.json();
    let text = |key: &str| match &json[key] {
        Value::String(text) => text.clone(),
        other => panic!("{key} is {other}"),
    };
    Person {
        id: text("person"),
        session: answer.cookie("__Host-holdfast-session").expect("a session"),
        browser: answer.cookie("__Host-holdfast-browser").unwrap_or_default(),
        csrf: text("csrf"),
    }
}

/// A request as somebody's page sends it.
pub(crate) fn by(person: &Person, call: Call) -> Call {
    let cookies = format!(
        "__Host-holdfast-session={}; __Host-holdfast-browser={}",
        person.session, person.browser
    );
    let call = call.with("cookie", &cookies);
    if call.method == "GET" { call } else { call.with("x-holdfast-csrf", &person.csrf) }
}
