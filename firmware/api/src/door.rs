//! Opens the door and closes it: what was kept is read, the listeners are there before anybody is told,
//! and a few threads serve. Nothing of the box has to be open, or unlocked, for it.
//!
//! Start at [`start`].

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use people::SpokenCode;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::codes::Codes;
use crate::events;
use crate::guests::Guests;
use crate::hosts::Hosts;
use crate::keeper::{Keeper, Store};
use crate::places::{PARCELS, Places, TRANSFERS};
use crate::quota::OnTheWay;
use crate::serve::{self, House};
use crate::settings::Settings;
use crate::shared::{CALLS_MAX, Env, Shared, State};
use crate::supervise::Supervise;
use crate::table::{Route, router};
use crate::tls::Certificates;
use crate::{announce, plain};

/// Threads that serve. What blocks has its own.
const WORKERS: usize = 2;
/// Those: calls, bodies, passwords, the one that hears the news, and some for what is noted in passing.
const BLOCKING: usize =
    CALLS_MAX + TRANSFERS.all + TRANSFERS.owners + PARCELS.all + PARCELS.spare + PARCELS.owners + 8;
/// How long answers that are under way may take when the door is closed.
const CLOSING_MAX: Duration = Duration::from_secs(5);

/// Why the door cannot be opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DoorError {
    /// An address cannot be used.
    #[error("the web door cannot listen at {at}")]
    Listen {
        /// Which.
        at: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A record cannot be read or written.
    #[error("the records of the web door cannot be used")]
    Records {
        /// What the system said.
        source: io::Error,
    },
    /// There are no threads.
    #[error("the web door has no threads")]
    Threads {
        /// What the system said.
        source: io::Error,
    },
}

impl DoorError {
    /// What to do.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Listen { .. } => "Name another address under [web], or stop what uses it.",
            Self::Records { .. } => {
                "Look at the folder `web` in the box's state folder; a record that is damaged can be \
                 taken from a backup of it."
            }
            Self::Threads { .. } => "Let the box's user have more threads.",
        }
    }
}

/// An open door.
#[derive(Debug)]
pub struct Running {
    runtime: Option<Runtime>,
    stop: watch::Sender<bool>,
    hearing: Arc<AtomicBool>,
    announced: Option<announce::Announced>,
    /// Makes pairing codes for whoever is at the box itself.
    pub codes: Codes,
    /// Where HTTPS is spoken.
    pub at: SocketAddr,
    /// Where plain HTTP shows the way.
    pub plain: Option<SocketAddr>,
    /// The code of the first start, while nobody has claimed the box.
    pub claim: Option<SpokenCode>,
    /// What was wrong with its records, one sentence each; it is open all the same.
    pub found: Vec<String>,
}

impl Running {
    /// Closes it; answers that are under way have a moment.
    pub fn close(mut self) {
        self.hearing.store(false, Ordering::Relaxed);
        drop(self.announced.take());
        self.stop.send_replace(true);
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(CLOSING_MAX);
        }
    }
}

/// Listens for news of the box until the flag that is returned is lowered.
fn hear_news(state: &State, supervisor: Arc<dyn Supervise>) -> std::io::Result<Arc<AtomicBool>> {
    let hearing = Arc::new(AtomicBool::new(true));
    let (heard, go_on) = (Arc::clone(state), Arc::clone(&hearing));
    let named = std::thread::Builder::new().name("web news".to_owned());
    named.spawn(move || heard.news.hear(&*supervisor, || go_on.load(Ordering::Relaxed)))?;
    Ok(hearing)
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let mut threads = Builder::new_multi_thread();
    threads.worker_threads(WORKERS).max_blocking_threads(BLOCKING).thread_name("web");
    threads.enable_all().build()
}

/// Opens the door with these routes.
pub fn start(
    settings: Settings,
    supervisor: Arc<dyn Supervise>,
    store: Arc<dyn Store>,
    env: Env,
    routes: Vec<Route>,
) -> Result<Running, DoorError> {
    let records = |source| DoorError::Records { source };
    let loaded = Keeper::load(Arc::clone(&store), env.clone(), settings.cost);
    let (keeper, claim, found) = loaded.map_err(records)?;
    let names = settings.all_names();
    let certificates = Certificates::load(&*store, names.clone(), env.clock.now());
    let certificates = Arc::new(certificates.map_err(records)?);
    let table = routes.iter().map(|route| route.facts.clone()).collect();
    let (calls, checks, drawings) = Shared::semaphores();
    let start = u64::from_le_bytes((*env.rng).array());
    let state: State = Arc::new(Shared {
        hosts: Hosts::new(names),
        keeper,
        supervisor: Arc::clone(&supervisor),
        news: events::Log::new(format!("{start:016x}")),
        ca: certificates.ca().to_owned(),
        table,
        document: OnceLock::new(),
        calls,
        checks,
        drawings,
        keys: Arc::new(tokio::sync::Semaphore::new(1)),
        waiting: Default::default(),
        transfers: Places::new(TRANSFERS),
        parcels: Places::new(PARCELS),
        on_the_way: OnTheWay::default(),
        words: Default::default(),
        drawn: Default::default(),
        env: env.clone(),
        settings,
    });
    let threads = |source| DoorError::Threads { source };
    let runtime = runtime().map_err(threads)?;
    let (stop, stopped) = watch::channel(false);
    let listens = |at: SocketAddr| {
        let bound = runtime.block_on(TcpListener::bind(at));
        let bound = bound.and_then(|listener| Ok((listener.local_addr()?, listener)));
        bound.map_err(|source| DoorError::Listen { at, source })
    };
    let (at, listener) = listens(state.settings.listen)?;
    let plain = state.settings.plain.map(listens).transpose()?;
    let house = House {
        router: router(routes, &state),
        certificates: Some(certificates),
        env: env.clone(),
        guests: Guests::secure(),
        stop: stopped.clone(),
    };
    runtime.spawn(serve::accept(listener, house));
    let plain_at = plain.as_ref().map(|(at, _)| *at);
    if let Some((_, listener)) = plain {
        let router = plain::router(at.port(), &state);
        let guests = Guests::plain();
        let house = House { router, certificates: None, env, guests, stop: stopped };
        runtime.spawn(serve::accept(listener, house));
    }
    let hearing = hear_news(&state, supervisor).map_err(threads)?;
    let announced = state.settings.announce.then(|| announce::start(&state.settings.name, at));
    Ok(Running {
        runtime: Some(runtime),
        stop,
        hearing,
        announced: announced.flatten(),
        codes: Codes::of(&state),
        at,
        plain: plain_at,
        claim,
        found,
    })
}
