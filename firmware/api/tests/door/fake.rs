//! A box that notes who asked what, and answers with the least there is.
//!
//! Start at [`FakeBox`].

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use api::{Next, Reach, Shelf, Sticks, Supervise, Taken, Watching, Who};
use calls::{
    Answer as Said, Call as Asked, Clock, Disks, Event, Fault, FaultCode, Health, Job, JobId,
    JobProgress, JobSpec, JobState, Lock, Snapshot, StartedJob, Status, SupportBundle,
};
use files::{Files, Lender, NotOpen};
use testkit::env::{ManualClock, SeededRng};
use testkit::simdisk::SimDisk;
use types::{Bytes, SpaceId, UnixTime};
use vault::{CreateSpec, Vault};

use crate::pocket::Pocket;
use crate::rig::PASSWORD;

/// The box: it answers everything with the least there is, and notes who asked what.
#[derive(Debug, Default)]
pub(crate) struct FakeBox {
    pub(crate) asked: Mutex<Vec<(String, String)>>,
    pub(crate) spaces: Mutex<Vec<String>>,
    pub(crate) words_told: AtomicU64,
    pub(crate) watchers: Mutex<Vec<Sender<Event>>>,
    pub(crate) pocket: Pocket,
    /// A real vault on a disk in memory, for whoever asks for files.
    pub(crate) store: OnceLock<Store>,
}

/// A vault that is lent.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) files: Arc<Files>,
    space: SpaceId,
}

#[derive(Debug)]
struct Lent(Arc<Vault>);

impl Lender for Lent {
    fn lend(&self) -> Result<Arc<Vault>, NotOpen> {
        Ok(Arc::clone(&self.0))
    }
}

impl Store {
    fn new() -> Self {
        let clock: Arc<ManualClock> = Arc::new(ManualClock::at(UnixTime(1_790_000_000_000)));
        let rng = Arc::new(SeededRng::new(77));
        let words = seal::Words::generate(&*rng);
        let env = vault::Env { clock: clock.clone(), rng: rng.clone() };
        let disk: Arc<dyn volume::Disk> = Arc::new(SimDisk::new("sim", Bytes(4 << 30)));
        let spec = CreateSpec { disks: vec![disk], copies: 1, words: &words, password: None };
        let options = vault::Options { catalog: None, ..vault::Options::default() };
        let vault = Vault::create(env, options, spec).expect("nothing is in its way");
        let space = vault.everyone();
        let files = Files::new(Arc::new(Lent(Arc::new(vault))), clock, rng);
        let files = files.looking(Arc::new(pictures::LocalEyes), jiff::tz::TimeZone::UTC);
        Self { files: Arc::new(files), space }
    }
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

const RULE: calls::KeepRule =
    calls::KeepRule { all_days: 1, hourly_days: 30, daily_days: 90, weekly_days: 365 };
const KEEPING: calls::Keeping =
    calls::Keeping { copies: 2, versions: RULE, usual: RULE, thins: true };

fn foreseen() -> calls::KeepingForeseen {
    calls::KeepingForeseen {
        less: true,
        takes: 0,
        versions: 14,
        sooner: 14,
        oldest_ms: Some(0),
        sources: vec![],
        others: 14,
        frees: Some(calls::Frees { bytes: 80_000_000_000, at_least: false }),
        from_ms: None,
        held: None,
    }
}

/// What a box without friends says of them; to anything else, that it is done.
fn friends(call: &Asked) -> Result<Said, Fault> {
    match call {
        Asked::Friends {}
        | Asked::SetReach { .. }
        | Asked::FriendForget { .. }
        | Asked::FriendConfirm { .. } => Ok(Said::Friends(Box::default())),
        Asked::FriendMessages { .. } => {
            Ok(Said::FriendMessages(calls::FriendMessages { messages: vec![] }))
        }
        Asked::FriendSheet { .. } | Asked::FriendHelpBack { .. } => {
            let (name, text, spaced) = ("Bo".into(), "HFR0".into(), "HFR0".into());
            Ok(Said::FriendSheet(calls::FriendSheet { name, text, spaced }))
        }
        Asked::FriendInvite { .. }
        | Asked::FriendLook { .. }
        | Asked::FriendAnswer { .. }
        | Asked::Friend { .. } => {
            Err(Fault::new(FaultCode::NotFound, "Nobody.", "Invite somebody."))
        }
        _ => Ok(Said::Done {}),
    }
}

fn bundle() -> Said {
    Said::SupportBundle(SupportBundle {
        status: status(),
        health: Health::default(),
        jobs: vec![],
        settings: vec![],
        disks: vec![],
    })
}

impl Supervise for FakeBox {
    fn call(&self, who: &Who, call: Asked) -> Result<Said, Fault> {
        self.asked().push((who.name.clone(), call.name().to_owned()));
        let snapshot = Snapshot {
            id: "aa".to_owned(),
            source: "docs".to_owned(),
            received_ms: 0,
            kind: "backup".to_owned(),
            space: "everyone".to_owned(),
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
            | Asked::DrawWords { secret: calls::Secret::Password(password) }
                if password.reveal() != PASSWORD =>
            {
                return Err(Fault::new(FaultCode::WrongSecret, "No.", "Again."));
            }
            Asked::Unlock { secret: calls::Secret::Words(words) }
                if words.reveal() == "not the words" =>
            {
                return Err(Fault::new(FaultCode::WrongSecret, "No.", "Again."));
            }
            Asked::Unlock { .. } | Asked::Lock {} => Said::Lock(Lock::Locked),
            Asked::Disks {} | Asked::Disk { .. } => Said::Disks(Disks::default()),
            Asked::Create { .. } => Said::Created {
                vault: "v".to_owned(),
                words: "one two three four".to_owned().into(),
            },
            Asked::Reborn { .. } => crate::friends::reborn(job(2)),
            Asked::DrawWords { .. } => Said::Words {
                vault: "v".to_owned(),
                words: "five six seven eight".to_owned().into(),
            },
            Asked::Surroundings {} | Asked::SetQuiet { .. } => {
                Said::Surroundings(calls::Surroundings {
                    quiet: None,
                    quiet_now: false,
                    opens_itself: false,
                    power: None,
                })
            }
            Asked::Keeping {} => Said::Keeping(KEEPING),
            Asked::ForeseeKeeping { .. } => Said::KeepingForeseen(Box::new(foreseen())),
            Asked::Keep { less: false, wish: calls::KeepWish { copies: Some(1), .. }, .. } => {
                return Err(Fault::new(FaultCode::WrongState, "Less.", "Say so."));
            }
            Asked::Keep { .. } => Said::Kept(calls::Kept { keeping: KEEPING, jobs: vec![] }),
            Asked::Outlets {} | Asked::SetOutlets { .. } => Said::Outlets { outlets: vec![] },
            Asked::Desk { .. } => Said::Desk { disks: vec![] },
            Asked::SupportBundle {} => bundle(),
            other => return friends(&other),
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

    fn everything(&self) -> Result<Vec<Taken>, Fault> {
        let mut spaces = self.spaces.lock().expect("held for a moment").clone();
        if spaces.is_empty() {
            spaces.push("everyone".to_owned());
        }
        let one = |space: &String| Taken { id: format!("all of {space}"), space: space.clone() };
        Ok(spaces.iter().map(one).collect())
    }

    fn start_agreed(&self, who: &Who, spec: JobSpec) -> Result<Said, Fault> {
        self.call(who, Asked::Start { spec })
    }

    fn shelf(&self, _who: &Who, _space: Option<&str>, _reach: Reach) -> Result<Shelf, Fault> {
        let store = self.store.get_or_init(Store::new);
        let name = "everyone".to_owned();
        Ok(Shelf { files: Arc::clone(&store.files), space: store.space, name })
    }

    fn sticks(&self) -> Option<&dyn Sticks> {
        Some(&self.pocket)
    }

    fn people_changed(&self) {
        self.pocket.judged.fetch_add(1, Ordering::Relaxed);
    }

    fn words_are_told(&self) {
        self.words_told.fetch_add(1, Ordering::Relaxed);
    }
}
