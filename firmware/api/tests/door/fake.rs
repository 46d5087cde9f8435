//! A box that notes who asked what, and answers with the least there is.
//!
//! Start at [`FakeBox`].

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use api::{Next, Supervise, Watching, Who};
use calls::{
    Answer as Said, Call as Asked, Clock, Disks, Event, Fault, FaultCode, Health, Job, JobId,
    JobProgress, JobSpec, JobState, Lock, Snapshot, StartedJob, Status, SupportBundle,
};

use crate::rig::PASSWORD;

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
        rests: None,
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
            Asked::Outlets {} | Asked::SetOutlets { .. } => Said::Outlets { outlets: vec![] },
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
