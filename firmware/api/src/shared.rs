//! What all handlers share: the house, the box, the news, and threads for what blocks.
//!
//! Start at [`Shared::ask`].

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use calls::{Answer, Call};
use people::{Now, Refusal, Told};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use types::{Clock, Rng};
use zeroize::Zeroizing;

use crate::caller::Caller;
use crate::events::Log;
use crate::hosts::Hosts;
use crate::keeper::Keeper;
use crate::places::Places;
use crate::problem::Problem;
use crate::quota::OnTheWay;
use crate::settings::Settings;
use crate::supervise::Supervise;
use crate::table::Facts;
use crate::waiting::Waiting;

/// Calls at work at once: each takes a thread and an answer of at most a frame.
pub(crate) const CALLS_MAX: usize = 8;
/// Passwords that are checked at once: each takes 64 MiB, as much as all bodies together may.
const CHECKS_MAX: usize = 1;
/// Pictures that are drawn in small at once: each takes a process, and at worst hundreds of megabytes.
const DRAWINGS_MAX: usize = 2;

/// Time and randomness.
#[derive(Clone, Debug)]
pub struct Env {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
}

impl Env {
    /// This moment.
    pub(crate) fn now(&self) -> Now {
        Now { wall: self.clock.now(), uptime: self.clock.uptime() }
    }
}

/// What handlers are given.
pub type State = Arc<Shared>;

/// What they share.
#[derive(Debug)]
pub struct Shared {
    pub(crate) settings: Settings,
    pub(crate) env: Env,
    pub(crate) hosts: Hosts,
    pub(crate) keeper: Keeper,
    pub(crate) supervisor: Arc<dyn Supervise>,
    pub(crate) news: Log,
    /// The certificate that others trust, as PEM.
    pub(crate) ca: String,
    /// All routes, and the OpenAPI document, which is made when somebody first asks for it.
    pub(crate) table: Vec<Facts>,
    pub(crate) document: OnceLock<String>,
    pub(crate) calls: Arc<Semaphore>,
    pub(crate) checks: Arc<Semaphore>,
    pub(crate) drawings: Arc<Semaphore>,
    /// Held by whoever turns a key until it let somebody in or did not: two at once would each undo what the
    /// other kept.
    pub(crate) keys: Arc<Semaphore>,
    /// Who waits for a key.
    pub(crate) waiting: Mutex<Waiting>,
    pub(crate) transfers: Places,
    pub(crate) parcels: Places,
    pub(crate) on_the_way: OnTheWay,
    /// Words of a vault that was just made, until they were said back.
    pub(crate) words: Mutex<Option<Zeroizing<String>>>,
    /// Words that were drawn in their place, by which session, until they were said back.
    pub(crate) drawn: Mutex<Option<(String, Zeroizing<String>)>>,
}

pub(crate) async fn turn(turns: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Problem> {
    Arc::clone(turns).acquire_owned().await.map_err(|_| Problem::busy())
}

/// Work that keeps its place until it is done. The request that asked for it may be gone before: then
/// nobody hears of the end, and it takes a thread all the same.
fn held<P: Send + 'static, S, T>(
    place: P,
    work: impl FnOnce(&S) -> T + Send + 'static,
) -> impl FnOnce(&S) -> T + Send + 'static {
    move |shared| {
        let _place = place;
        work(shared)
    }
}

impl Shared {
    pub(crate) fn semaphores() -> (Arc<Semaphore>, Arc<Semaphore>, Arc<Semaphore>) {
        let of = |count| Arc::new(Semaphore::new(count));
        (of(CALLS_MAX), of(CHECKS_MAX), of(DRAWINGS_MAX))
    }

    /// The words of a vault that was just made, until they were said back.
    pub(crate) fn words(&self) -> MutexGuard<'_, Option<Zeroizing<String>>> {
        self.words.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who waits for a key, and whom one let in.
    pub(crate) fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Words that were drawn in the place of those there are, until they were said back.
    pub(crate) fn drawn(&self) -> MutexGuard<'_, Option<(String, Zeroizing<String>)>> {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the box, on a thread of its own.
    pub async fn ask(self: &Arc<Self>, caller: &Caller, call: Call) -> Result<Answer, Problem> {
        let who = caller.who.clone();
        self.blocking(move |shared| Ok(shared.supervisor.call(&who, call)?)).await
    }

    /// Does something that blocks, when its turn comes.
    pub async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = turn(&self.calls).await?;
        self.on_thread(held(turn, work)).await
    }

    /// Moves a body in or out, on a thread of its own, when there is a place for it.
    pub(crate) async fn moving<T: Send + 'static>(
        self: &Arc<Self>,
        caller: &Caller,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let place = self.transfers.take(caller).await?;
        self.on_thread(held(place, work)).await
    }

    /// Has a picture drawn, when there is a place for it and its turn comes. Nobody draws for who has gone.
    pub(crate) async fn drawing<T: Send + 'static>(
        self: &Arc<Self>,
        caller: &Caller,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let place = self.transfers.take(caller).await?;
        let turn = turn(&self.drawings).await?;
        self.on_thread(held((place, turn), work)).await
    }

    /// Checks a password, when its turn comes.
    pub(crate) async fn checking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = turn(&self.checks).await?;
        self.on_thread(held(turn, work)).await
    }

    pub(crate) async fn on_thread<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let shared = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || work(&shared)).await;
        done.unwrap_or_else(|_| Err(Problem::failed("The box gave up half way.")))
    }

    /// Notes in the log what somebody is about to do.
    pub async fn note(
        self: &Arc<Self>,
        caller: &Caller,
        act: &'static str,
        what: impl Into<String>,
    ) -> Result<(), Problem> {
        let told = told(caller, act, what);
        self.blocking(move |shared| shared.keeper.note_act(told)).await
    }

    /// Why something broke off: whoever was sent away meanwhile is told that.
    pub(crate) fn unless_sent_away(&self, caller: &Caller, problem: Problem) -> Problem {
        match (self.is_still_in(caller), caller.session) {
            (true, _) => problem,
            (false, Some(_)) => Refusal::NoSession.into(),
            (false, None) => Refusal::NoToken.into(),
        }
    }

    /// Whether somebody is still signed in: who was sent away neither hears nor moves anything more.
    pub(crate) fn is_still_in(&self, caller: &Caller) -> bool {
        let (house, now) = (self.keeper.house(), self.env.now());
        match caller.session {
            Some(_) => house.session(&caller.token, now).is_ok(),
            None => house.device(&caller.token, now).is_ok(),
        }
    }
}

/// What somebody does, for the log.
pub(crate) fn told(caller: &Caller, act: &'static str, what: impl Into<String>) -> Told {
    Told { who: caller.who.name.clone(), act, what: what.into(), from: caller.from.clone() }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    /// Whoever hung up gave the place back, and the work went on: ninety of them took every thread.
    #[tokio::test]
    async fn work_keeps_its_place_until_it_is_done_also_when_nobody_waits_for_it() {
        let turns = Arc::new(Semaphore::new(1));
        let (go, goes) = channel::<()>();
        let taken = turn(&turns).await.expect("nobody has it");
        let work = held(taken, move |(): &()| goes.recv().is_err());
        // Dropped at once, as the future of a request is when its sender has gone.
        drop(tokio::task::spawn_blocking(move || work(&())));
        tokio::task::yield_now().await;
        assert!(turns.try_acquire().is_err(), "it is still at work");
        drop(go);
        drop(turn(&turns).await.expect("it is done"));
    }
}
