//! The service: starts and ends the talk with friends, and looks after them on a thread of its own.
//!
//! Nothing listens and nothing is announced before there is a friend or the owner has said how boxes find
//! this one. What is done in a round stands in `rounds`, what an owner asks in `acts` and `pairing`.
//! Start at [`Service::start`].

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use calls::{Answer, Call, Fault, FaultCode};
use federation::{Federation, FederationError, Settings};
use thiserror::Error;
use types::UnixTime;

use crate::desk::Parts;
use crate::faults;
use crate::home::Home;
use crate::house::Door;
use crate::listening::{Listening, at, ports};
use crate::notes::{Notes, Trouble};
use crate::outside::Told;
use crate::store::Store;

/// How often it is looked whether something is due.
const TICK: Duration = Duration::from_secs(1);

/// Why the service cannot be started.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The box's own records of friends cannot be read or made.
    #[error("the records of friends in {} cannot be used", path.display())]
    State {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The key is not as this box left it.
    #[error("{} is no key that only this box's user may read", path.display())]
    Key {
        /// Where.
        path: PathBuf,
    },
}

impl StartError {
    /// What the owner can do now.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::State { .. } => "Look at the box's own disk.",
            Self::Key { .. } => {
                "Give it back to the box's user with mode 0600; whoever read it can pose as this box."
            }
        }
    }
}

/// Looks after friends. [`Self::stop`] says goodbye to them.
#[derive(Debug)]
pub struct Service {
    pub(crate) parts: Arc<Parts>,
    listening: Listening,
    talk: Arc<Mutex<Option<Arc<Federation>>>>,
    /// That of rounds, and then that of fetches.
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Service {
    /// Reads what is written down in the box's state folder, and goes on with every friend.
    pub fn start(
        state: &Path,
        home: Arc<dyn Home>,
        listening: Listening,
    ) -> Result<Self, StartError> {
        let store = Store::open(state)?;
        let notes = store.notes();
        let parts = Arc::new(Parts::new(home, store, notes));
        let service = Self { parts, listening, talk: Arc::default(), threads: Mutex::default() };
        let names = service.parts.store.records.names();
        let known = names.map_err(|source| StartError::State { path: state.to_owned(), source })?;
        if !known.is_empty() || service.parts.desk().notes.reach.is_some() {
            service.begin()?;
        }
        service.look_after()?;
        Ok(service)
    }

    /// The running federation.
    pub(crate) fn federation(&self) -> Result<Arc<Federation>, Fault> {
        if let Some(talk) = &*self.talk() {
            return Ok(Arc::clone(talk));
        }
        let trouble = self.parts.desk().trouble.clone();
        Err(trouble.map_or_else(faults::no_reach, |sentence| {
            Fault::new(FaultCode::Failed, sentence, "Look at the address and port in the settings.")
        }))
    }

    fn talk(&self) -> MutexGuard<'_, Option<Arc<Federation>>> {
        self.talk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to talk, or does so anew with other settings. That it cannot is told, and ends nothing else.
    pub(crate) fn begin(&self) -> Result<(), StartError> {
        let secret = self.parts.store.secret(self.parts.home.rng())?;
        let mut talk = self.talk();
        for trouble in [Trouble::RecordsFailed, Trouble::DiskFailed] {
            // Told anew if it is so still.
            self.is_over(trouble);
        }
        // Whoever is in the middle of a round or a fetch has it still.
        if let Some(old) = talk.take() {
            old.stop();
        }
        let mut settings = Settings::new(secret);
        let known = self.parts.desk().notes.ports;
        settings.listen = at(&self.listening.listen, known);
        settings.outside.clone_from(&self.listening.outside);
        settings.reach = reach(&self.parts.desk().notes);
        let mut started = self.open(settings.clone());
        if started.is_err() {
            // The port of last time may be somebody else's now.
            settings.listen.clone_from(&self.listening.listen);
            started = self.open(settings);
        }
        match started {
            Ok(started) => {
                let now = ports(&started.addresses());
                let mut desk = self.parts.desk();
                desk.dirty |= desk.notes.ports != now;
                desk.notes.ports = now;
                desk.trouble = None;
                // What the owner said yes to before a start waits still.
                for ticket in started.waiting_tickets() {
                    let offer = crate::pairing::waiting(ticket);
                    desk.offers.insert(offer.id.clone(), offer);
                }
                drop(desk);
                *talk = Some(Arc::new(started));
            }
            Err(error) => {
                tracing::error!(%error, "no talk with friends");
                self.parts.desk().trouble = Some(crate::limits::capital(&error.to_string()));
            }
        }
        drop(talk);
        self.parts.wants_round();
        Ok(())
    }

    /// Ends the talk for now.
    pub(crate) fn hush(&self) {
        if let Some(old) = self.talk().take() {
            old.stop();
        }
    }

    fn is_over(&self, trouble: Trouble) {
        let mut desk = self.parts.desk();
        let was_so = desk.notes.is_over(trouble);
        desk.dirty |= was_so;
    }

    fn open(&self, settings: Settings) -> Result<Federation, FederationError> {
        let endpoint = Arc::<OnceLock<_>>::default();
        let door = Door { parts: Arc::clone(&self.parts), endpoint: Arc::clone(&endpoint) };
        let started = Federation::start(settings, Arc::new(door))?;
        let own = started.endpoint();
        endpoint.get_or_init(|| own);
        Ok(started)
    }

    fn look_after(&self) -> Result<(), StartError> {
        let failed = |source| StartError::State { path: "a thread".into(), source };
        let (parts, talk) = (Arc::clone(&self.parts), Arc::clone(&self.talk));
        let rounds = std::thread::Builder::new().name("friends".to_owned()).spawn(move || {
            while waits(&parts) {
                let now = talk.lock().unwrap_or_else(PoisonError::into_inner).clone();
                crate::rounds::tick(&parts, now.as_deref());
            }
        });
        let (parts, talk) = (Arc::clone(&self.parts), Arc::clone(&self.talk));
        let fetches =
            std::thread::Builder::new().name("friends-fetch".to_owned()).spawn(move || {
                while waits(&parts) {
                    let now = talk.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    crate::fetching::fetch(&parts, now.as_deref());
                }
            });
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.push(rounds.map_err(failed)?);
        threads.push(fetches.map_err(failed)?);
        Ok(())
    }

    /// Answers what is asked about friends; none when the call is about something else.
    pub fn answer(&self, call: Call) -> Option<Result<Answer, Fault>> {
        Some(match call {
            Call::Friends {} => Ok(self.friends()),
            Call::SetReach { reach } => self.set_reach(reach),
            Call::FriendInvite { terms } => self.invite(&terms),
            Call::FriendLook { ticket } => self.look(&ticket),
            Call::FriendAnswer { offer, yes } => self.answer_offer(&offer, yes),
            Call::FriendConfirm { invite, yes } => self.confirm(&invite, yes),
            Call::Friend { friend, act } => self.act(&friend, act),
            Call::FriendForget { friend } => self.forget(&friend),
            Call::FriendMessages { friend } => self.messages(&friend),
            Call::FriendSheet { friend } => self.sheet(&friend),
            Call::FriendHelpBack { friend } => self.help_back(&friend),
            Call::FriendComeBack { sheet, words } => self.come_back_later(&sheet, &words),
            _ => return None,
        })
    }

    /// What there is to say about friends.
    pub fn findings(&self, now: UnixTime) -> Vec<Told> {
        let views = self.federation().map(|talk| talk.friends()).unwrap_or_default();
        let mut facts = self.parts.desk().facts(&views, now);
        facts.aside = self.parts.store.records.aside().unwrap_or_default();
        crate::outside::told(&facts, now)
    }

    /// The vault changed: what is new goes to friends soon.
    pub fn vault_changed(&self) {
        self.parts.wants_round();
    }

    /// Disks came or went, or the box was locked or unlocked.
    pub fn shelves_changed(&self) {
        self.restore();
        self.is_over(Trouble::DiskFailed);
        if let Ok(talk) = self.federation() {
            talk.shelves_changed();
        }
        self.parts.wants_round();
    }

    /// The disks are needed: no friend uses one until [`Self::shelves_changed`]. Waits until nobody does;
    /// false when that took longer than `within`.
    pub fn let_go_of_disks(&self, within: Duration) -> bool {
        self.federation().map_or(true, |talk| talk.let_go_of_shelves(within))
    }

    /// A time server or the owner says that the clock is right.
    pub fn clock_agreed(&self) {
        self.is_over(Trouble::ClockUnsure);
        if let Ok(talk) = self.federation() {
            talk.clock_agreed();
        }
    }

    /// Says goodbye to everybody and ends. What was on its way goes on after the next start.
    pub fn stop(&self) {
        self.parts.desk().stopping = true;
        self.parts.woken.notify_all();
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let mut threads = threads.into_iter();
        // A round asks the federation and is short; a fetch lasts as long as its friend likes.
        threads.next().into_iter().for_each(join);
        if let Some(talk) = self.talk().take() {
            talk.stop();
        }
        threads.for_each(join);
        self.parts.write_notes();
    }
}

fn join(thread: JoinHandle<()>) {
    if thread.join().is_err() {
        tracing::error!("a thread that looks after friends ended badly");
    }
}

/// Waits until something happened or a second has passed; false when the service ends.
fn waits(parts: &Parts) -> bool {
    let desk = parts.desk();
    if desk.stopping {
        return false;
    }
    let waited = parts.woken.wait_timeout(desk, TICK).unwrap_or_else(PoisonError::into_inner);
    !waited.0.stopping
}

fn reach(notes: &Notes) -> federation::Reach {
    match &notes.reach {
        None | Some(calls::Reach::Nothing {}) => federation::Reach::Nothing,
        Some(calls::Reach::SameHouse {}) => federation::Reach::SameHouse,
        Some(calls::Reach::MeetingPoint {}) => federation::Reach::MeetingPoint,
        Some(calls::Reach::Relay { url }) => {
            federation::Reach::Relay { url: url.clone(), ca: None }
        }
    }
}
