//! Keeps the house: who reads sees a whole value, who changes makes it durable first.
//!
//! A change is made on a copy, written down, and only then seen by others; one that cannot be written
//! did not happen. Reading waits for no disk. Start at [`Keeper::change`].

use std::fmt::Debug;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use axum::http::StatusCode;
use people::{Cost, House, Now, Refusal, Role, SpokenCode, Told, Tries, Verifier};

use crate::audit::Audit;
use crate::caller::Caller;
use crate::noted::{Halves, Noted};
use crate::problem::Problem;
use crate::shared::Env;

/// Where the door keeps its records: each is replaced whole and durably.
pub trait Store: Send + Sync + Debug {
    /// A record; none when there is none.
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>>;
    /// Puts a record in place. When it returns, a power cut cannot undo it.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
    /// Removes a record that may be there.
    fn remove(&self, name: &str) -> io::Result<()>;
}

/// The house's record.
const HOUSE: &str = "web/people.json";

/// Keeps the house.
#[derive(Debug)]
pub(crate) struct Keeper {
    store: Arc<dyn Store>,
    env: Env,
    house: RwLock<Arc<House>>,
    tries: Mutex<Tries>,
    /// Held by whoever changes.
    audit: Mutex<Audit>,
    noted: Mutex<Noted>,
    halves: Mutex<Halves>,
}

/// Who lives with the box, as its record has it; none before anybody came.
pub fn house(store: &dyn Store) -> io::Result<Option<House>> {
    let read = store.read(HOUSE)?.map(|bytes| serde_json::from_slice(&bytes)).transpose();
    // A house that cannot be read is never taken for an empty one: that would have no owner.
    read.map_err(|_| io::Error::from(io::ErrorKind::InvalidData))
}

impl Keeper {
    /// Reads everything; the code of the first start, when nobody has claimed the box; and what is wrong
    /// with the log, which keeps nobody out.
    pub(crate) fn load(
        store: Arc<dyn Store>,
        env: Env,
        cost: Cost,
    ) -> io::Result<(Self, Option<SpokenCode>, Vec<String>)> {
        let mut house = house(&*store)?.unwrap_or_else(|| House::new(cost));
        let code = house.new_claim(&*env.rng);
        let nobody = Verifier::of_nobody(house.cost(), &*env.rng);
        let tries = Mutex::new(Tries::new(nobody, env.clock.uptime()));
        let (audit, found) = Audit::load(&*store, env.clock.now());
        let (audit, noted, halves) = (Mutex::new(audit), Mutex::default(), Mutex::default());
        let house = RwLock::new(Arc::new(house));
        Ok((Self { store, env, house, tries, audit, noted, halves }, code, found))
    }

    /// The house as it is now.
    pub(crate) fn house(&self) -> Arc<House> {
        Arc::clone(&self.house.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was tried of late.
    pub(crate) fn tries(&self) -> MutexGuard<'_, Tries> {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Now {
        self.env.now()
    }

    /// Takes a try of somebody who is signed in and gives a secret.
    pub(crate) fn take_session(&self, caller: &Caller) -> Result<(), Problem> {
        let session = caller.session()?;
        Ok(self.tries().take_session(session, self.now().uptime)?)
    }

    /// Gives it back: it was no guess.
    pub(crate) fn give_back_session(&self, caller: &Caller) {
        if let Some(session) = caller.session {
            self.tries().give_back_session(session);
        }
    }

    /// Changes the house, durably, and notes in the log what was done. Blocks.
    pub(crate) fn change<T>(
        &self,
        told: Option<Told>,
        change: impl FnOnce(&mut House) -> Result<T, Refusal>,
    ) -> Result<T, Problem> {
        let mut audit = self.audit.lock().unwrap_or_else(PoisonError::into_inner);
        let mut house = House::clone(&self.house());
        let done = change(&mut house)?;
        if let Some(told) = told {
            self.may_be_noted(&told)?;
            // First the log: something that is not noted is not done.
            audit.add(&*self.store, told, self.now().wall).map_err(|error| not_kept(&error))?;
        }
        let bytes = serde_json::to_vec(&house).map_err(|error| not_kept(&error.into()))?;
        self.store.write(HOUSE, &bytes).map_err(|error| not_kept(&error))?;
        *self.house.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(house);
        Ok(done)
    }

    /// Whether somebody may be noted for one more thing: nobody but an owner without end.
    fn may_be_noted(&self, told: &Told) -> Result<(), Problem> {
        let house = self.house();
        let is_owner = |one: &&people::Person| one.role == Role::Owner && one.name == told.who;
        if told.who.is_empty()
            || !house.is_claimed()
            || house.people().iter().any(|one| is_owner(&one))
        {
            return Ok(());
        }
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.take(&told.who, self.now().uptime).map_err(|wait| {
            let detail = "You have done as much in an hour as the log has room for by one person.";
            let next = "Wait, and do it then.";
            let status = StatusCode::TOO_MANY_REQUESTS;
            let mut problem = Problem::new(status, "too_often", detail, next);
            problem.wait_seconds = Some(wait.0.div_ceil(1_000));
            problem
        })
    }

    /// Notes what somebody who is signed in is about to do, if it is not too much. Blocks.
    pub(crate) fn note_act(&self, told: Told) -> Result<(), Problem> {
        self.may_be_noted(&told)?;
        self.note(told)
    }

    /// Notes that somebody was refused. What is no guess of a password could be done without end: that is noted
    /// once, and then how often it was. Blocks.
    pub(crate) fn note_refused(&self, mut told: Told, why: &Problem) -> Result<(), Problem> {
        told.what = "refused".to_owned();
        if why.code != "wrong_secret" {
            let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
            match halves.take(&told.who, &told.from, self.now().uptime) {
                None => return Ok(()),
                Some(1) => {}
                Some(count) => told.what = format!("refused {count} times in an hour"),
            }
        }
        self.note(told)
    }

    /// Notes something that changes nothing here. Blocks.
    pub(crate) fn note(&self, told: Told) -> Result<(), Problem> {
        let mut audit = self.audit.lock().unwrap_or_else(PoisonError::into_inner);
        audit.add(&*self.store, told, self.now().wall).map_err(|error| not_kept(&error))
    }

    /// The newest entries of the log, and whether they fit together. Blocks.
    pub(crate) fn log(&self, before: Option<u64>, count: usize) -> (Vec<people::Entry>, bool) {
        let audit = self.audit.lock().unwrap_or_else(PoisonError::into_inner);
        audit.read(&*self.store, before, count)
    }
}

fn not_kept(error: &io::Error) -> Problem {
    tracing::error!(%error, "a record of the door cannot be kept");
    Problem::failed("The box cannot write to its own disk, so nothing was changed.")
}
