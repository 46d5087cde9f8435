//! What everything here shares: the endpoint, the house, the list of friends, and who comes in.
//!
//! Each friend has a thread of its own, which owns its machines and may block on disks; streams are
//! tasks that send it events. So one friend's slow disk delays no other, and nothing about one friend
//! happens twice at once. Start at [`Core::start`] and [`Core::call`];
//! who comes in is met by `arrivals`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, mpsc};
use std::time::Duration;

use iroh::endpoint::Connection;
use iroh::{Endpoint, SecretKey};
use peer_proto::clock::Now;
use peer_proto::host::LineId;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::timeout;
use types::{EndpointId, InviteId, Signer};

use crate::arrivals;
use crate::desk::Desk;
use crate::endpoint;
use crate::error::FederationError;
use crate::friend::{self, Event, Friend, Link};
use crate::gate::Gate;
use crate::holds::Holds;
use crate::house::{House, Log, Shelf};
use crate::news::{FriendNews, News};
use crate::pacts::{Claim, Pacts};
use crate::places::Places;
use crate::settings::Settings;
use crate::tickets::Tickets;
use crate::told::Believed;
use crate::views::FriendId;
use crate::visit::Visit;

/// Saying goodbye takes no longer.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// The box's key, as whoever signs a pact uses it.
pub(crate) struct BoxSigner(SecretKey);

impl std::fmt::Debug for BoxSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BoxSigner(..)")
    }
}

impl Signer for BoxSigner {
    fn public(&self) -> [u8; 32] {
        *self.0.public().as_bytes()
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

/// What everything shares.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) house: Arc<dyn House>,
    pub(crate) endpoint: Endpoint,
    pub(crate) runtime: Handle,
    pub(crate) signer: BoxSigner,
    pub(crate) gate: Arc<Gate>,
    /// What is believed of addresses that friends tell.
    pub(crate) believed: Believed,
    /// Disks that are held here, the box's own and those that host. Shut while the box wants them back.
    pub(crate) disks: Arc<Holds>,
    /// Calls from outside that wait for the runtime. Shut when it ends.
    pub(crate) callers: Arc<Holds>,
    pub(crate) desk: Mutex<Desk>,
    pub(crate) tickets: Tickets,
    /// Which pacts keep what for the same owner.
    pub(crate) pacts: Arc<Pacts>,
    places: Mutex<Places<Connection>>,
    visits: Mutex<BTreeMap<InviteId, Visit>>,
    friends: RwLock<BTreeMap<FriendId, Arc<Link>>>,
    lines: AtomicU64,
    /// Becomes true when all of it ends.
    stopping: watch::Sender<bool>,
    is_adding: Mutex<()>,
    has_stopped: AtomicBool,
}

impl Core {
    /// Binds, and goes on with everybody of whom there is a log.
    pub(crate) fn start(
        settings: &Settings,
        house: Arc<dyn House>,
        runtime: Handle,
    ) -> Result<Arc<Self>, FederationError> {
        let gate = Arc::new(Gate::default());
        let (desk, tickets) = (Desk::load(&*house)?, Tickets::load(&*house)?);
        let (endpoint, mdns) = runtime.block_on(endpoint::bind(settings, Arc::clone(&gate)))?;
        let now = house.now();
        let core = Arc::new(Self {
            endpoint,
            runtime,
            signer: BoxSigner(SecretKey::from_bytes(settings.secret.bytes())),
            gate,
            believed: Believed::by(settings),
            disks: Arc::default(),
            callers: Arc::default(),
            desk: Mutex::new(desk),
            tickets,
            pacts: Arc::default(),
            places: Mutex::new(Places::new(now.uptime)),
            visits: Mutex::default(),
            friends: RwLock::default(),
            // Later than those of any earlier start, as long as the clock was not set back; each start
            // begins with new machines anyway.
            lines: AtomicU64::new(u64::try_from(now.wall.0).unwrap_or(0).saturating_mul(1 << 16)),
            stopping: watch::channel(false).0,
            is_adding: Mutex::new(()),
            has_stopped: AtomicBool::new(false),
            house,
        });
        let friends = core.house.friends().map_err(FederationError::records)?;
        for id in &friends {
            let life = friend::saved(&core, *id).ok().and_then(|saved| saved.life);
            core.pacts.set(*id, life.map(|life| Claim::of(&life)));
        }
        for id in friends {
            // One log that does not read keeps nobody from all others. It is left as it is.
            if let Err(error) = core.begin(id) {
                let what = FriendNews::RecordsFailed(error.to_string());
                core.tell(News::Friend { friend: id, what });
            }
        }
        core.look_at_pairing();
        core.go_on_with_tickets();
        arrivals::watch(&core, settings.tick, mdns);
        Ok(core)
    }

    pub(crate) fn now(&self) -> Now {
        self.house.now()
    }

    /// This box.
    pub(crate) fn own(&self) -> EndpointId {
        EndpointId(self.signer.public())
    }

    /// A number for a connection, higher than any before.
    pub(crate) fn next_line(&self) -> LineId {
        LineId(self.lines.fetch_add(1, Ordering::Relaxed))
    }

    /// The disks that may be used now.
    pub(crate) fn shelves(&self) -> Vec<Shelf> {
        if self.disks.is_shut() { Vec::new() } else { self.house.shelves() }
    }

    /// Where this box can be reached.
    pub(crate) fn addresses(&self) -> Vec<String> {
        endpoint::texts(&self.endpoint.addr())
    }

    /// Resolves when all of it ends.
    pub(crate) async fn stopped(&self) {
        drop(self.stopping.subscribe().wait_for(|over| *over).await);
    }

    pub(crate) fn tell(&self, news: News) {
        self.house.told(news);
    }

    /// Starts the thread of a friend of whom there is a log.
    pub(crate) fn begin(self: &Arc<Self>, id: FriendId) -> Result<(), FederationError> {
        let _one = self.is_adding.lock().unwrap_or_else(PoisonError::into_inner);
        if self.link(id).is_some() || self.has_stopped.load(Ordering::Acquire) {
            return Ok(());
        }
        let link = Friend::begin(Arc::clone(self), id)?;
        self.friends.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::new(link));
        Ok(())
    }

    /// Forgets a friend of whom nothing is left: its thread, its log, its heads.
    pub(crate) fn forget(self: &Arc<Self>, id: FriendId) -> Result<(), FederationError> {
        let view = self.call(id, |friend| friend.may_be_forgotten().map(|()| friend.view()))??;
        let link = self.link(id).ok_or(FederationError::NoFriend(id))?;
        let others = self.links().into_iter().filter(|other| other.id != id);
        let others: Vec<_> =
            others.filter_map(|other| self.call(other.id, |friend| friend.view()).ok()).collect();
        // Whoever became a friend anew keeps heads under the same key.
        if others.iter().all(|other| other.friend().recovery != view.friend().recovery) {
            self.call(id, |friend| friend.drop_all_heads())?;
        }
        let adding = self.is_adding.lock().unwrap_or_else(PoisonError::into_inner);
        link.inbox.send(Event::Stop);
        link.wait();
        self.friends.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
        drop(adding);
        if let Err(error) = self.house.replace(Log::Friend(id), &[]) {
            self.begin(id)?;
            return Err(FederationError::records(error));
        }
        self.gate.forget(id);
        self.pacts.forget(id);
        Ok(())
    }

    /// The way to a friend's thread.
    pub(crate) fn link(&self, id: FriendId) -> Option<Arc<Link>> {
        self.friends.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// All friends.
    pub(crate) fn links(&self) -> Vec<Arc<Link>> {
        self.friends.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Whose box that is.
    pub(crate) fn link_of(&self, endpoint: EndpointId) -> Option<Arc<Link>> {
        let link = self.link(self.gate.whose(endpoint)?)?;
        (link.who.endpoint() == endpoint).then_some(link)
    }

    pub(crate) fn at_visits<T>(&self, act: impl FnOnce(&mut BTreeMap<InviteId, Visit>) -> T) -> T {
        act(&mut self.visits.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn at_places<T>(&self, act: impl FnOnce(&mut Places<Connection>) -> T) -> T {
        act(&mut self.places.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks a friend's thread and waits for what it says.
    pub(crate) fn call<T: Send + 'static>(
        &self,
        id: FriendId,
        what: impl FnOnce(&mut Friend) -> T + Send + 'static,
    ) -> Result<T, FederationError> {
        let link = self.link(id).ok_or(FederationError::NoFriend(id))?;
        let (answer, said) = mpsc::sync_channel(1);
        link.inbox.send(Event::Call(Box::new(move |friend| {
            // Whoever asked may have gone.
            drop(answer.send(what(friend)));
        })));
        said.recv().map_err(|_| FederationError::Stopped)
    }

    /// Lets strangers come with an invite, as long as there is one.
    pub(crate) fn look_at_pairing(&self) {
        let now = self.now().wall;
        let desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        self.gate.set_pairing(desk.waits(now));
    }

    /// Says goodbye to everybody and waits for every thread.
    pub(crate) fn stop(&self) {
        let adding = self.is_adding.lock().unwrap_or_else(PoisonError::into_inner);
        self.has_stopped.store(true, Ordering::Release);
        drop(adding);
        self.stopping.send_replace(true);
        for link in self.links() {
            link.inbox.send(Event::Stop);
        }
        for link in self.links() {
            link.wait();
        }
        self.runtime.block_on(async {
            drop(timeout(CLOSE_WITHIN, self.endpoint.close()).await);
        });
        self.friends.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
