//! A door on this computer with a box behind it that notes what it is asked, a clock and records that the
//! test holds, and people who are signed in.
//!
//! Start at [`Rig::new`], then [`Rig::claimed`].

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use api::table::Route;
use api::{Env, Next, Running, Settings, Store, Supervise, Watching, Who};
use calls::{
    Answer as Said, Call as Asked, Clock, Disks, Event, Fault, FaultCode, Health, Job, JobId,
    JobProgress, JobSpec, JobState, Lock, Snapshot, StartedJob, Status, SupportBundle,
};
use people::Cost;
use serde_json::{Value, json};
use testkit::env::{ManualClock, SeededRng};
use types::{Millis, UnixTime};

use crate::client::{Answer, Call};

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

/// The box: it answers everything with the least there is, and notes who asked what.
#[derive(Debug, Default)]
pub(crate) struct FakeBox {
    pub(crate) asked: Mutex<Vec<(String, String)>>,
    pub(crate) spaces: Mutex<Vec<String>>,
    pub(crate) words_told: AtomicU64,
    pub(crate) watchers: Mutex<Vec<Sender<Event>>>,
}

impl FakeBox {
    pub(crate) fn asked(&self) -> MutexGuard<'_, Vec<(String, String)>> {
        self.asked.lock().expect("held for a moment")
    }

    pub(crate) fn tell(&self, event: &Event) {
        let watchers = self.watchers.lock().expect("held for a moment");
        watchers.iter().for_each(|watcher| drop(watcher.send(event.clone())));
    }
}

struct Heard(Receiver<Event>);

impl Watching for Heard {
    fn next(&mut self, patience: Duration) -> Next {
        match self.0.recv_timeout(patience) {
            Ok(event) => Next::Event(Arc::new(event)),
            Err(RecvTimeoutError::Timeout) => Next::Quiet,
            Err(RecvTimeoutError::Disconnected) => Next::Ended,
        }
    }
}

pub(crate) fn job(number: u64) -> Job {
    Job {
        id: JobId(number),
        spec: JobSpec::Scrub {},
        state: JobState::Queued,
        asked_by: calls::AskedBy::Owner,
        created_ms: 0,
        started_ms: None,
        ended_ms: None,
        attempts: 0,
        progress: JobProgress::default(),
        result: None,
        fault: None,
    }
}

fn status() -> Status {
    Status {
        version: "0".to_owned(),
        vault: String::new(),
        lock: Lock::Unlocked,
        clock: Clock::Trusted,
        uptime_ms: 0,
        now_ms: 0,
        verdict: None,
        running: 0,
        queued: 0,
        paused: 0,
    }
}

impl Supervise for FakeBox {
    fn call(&self, who: &Who, call: Asked) -> Result<Said, Fault> {
        self.asked().push((who.name.clone(), call.name().to_owned()));
        let snapshot = Snapshot {
            id: "aa".to_owned(),
            source: "docs".to_owned(),
            received_ms: 0,
            kind: "backup".to_owned(),
        };
        Ok(match call {
            Asked::Status {} => Said::Status(status()),
            Asked::Health {} => Said::Health(Health::default()),
            Asked::Jobs { .. } => Said::Jobs { jobs: vec![job(1)], more: false },
            Asked::Start { spec } => {
                let job = Job { spec, ..job(2) };
                Said::Started(StartedJob { job, already_there: false })
            }
            Asked::Job { job: id }
            | Asked::Pause { job: id }
            | Asked::Resume { job: id }
            | Asked::Cancel { job: id } => Said::Job(job(id.0)),
            Asked::Sources {} => Said::Sources { sources: vec![] },
            Asked::Snapshots { .. } => Said::Snapshots { snapshots: vec![snapshot], more: false },
            Asked::List { .. } => Said::Entries { snapshot, entries: vec![], more: false },
            Asked::Unlock { secret: calls::Secret::Password(password) }
                if password.reveal() != PASSWORD =>
            {
                return Err(Fault::new(FaultCode::WrongSecret, "No.", "Again."));
            }
            Asked::Unlock { .. } | Asked::Lock {} => Said::Lock(Lock::Locked),
            Asked::Disks {} | Asked::Disk { .. } => Said::Disks(Disks::default()),
            Asked::Create { .. } => Said::Created {
                vault: "v".to_owned(),
                words: "one two three four".to_owned().into(),
            },
            Asked::Desk { .. } => Said::Desk { disks: vec![] },
            Asked::SupportBundle {} => Said::SupportBundle(SupportBundle {
                status: status(),
                health: Health::default(),
                jobs: vec![],
                settings: vec![],
                disks: vec![],
            }),
            _ => Said::Done {},
        })
    }

    fn watch(&self) -> Box<dyn Watching> {
        let (send, receive) = channel();
        self.watchers.lock().expect("held for a moment").push(send);
        Box::new(Heard(receive))
    }

    fn shown(&self, who: &Who, event: &Event) -> Option<Event> {
        // As the real one: a helper hears of no job's names.
        match event {
            Event::Job(_) if who.role == people::Role::Helper => None,
            other => Some(other.clone()),
        }
    }

    fn spaces_of_everything(&self) -> Result<Vec<String>, Fault> {
        Ok(self.spaces.lock().expect("held for a moment").clone())
    }

    fn words_are_told(&self) {
        self.words_told.fetch_add(1, Ordering::Relaxed);
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
