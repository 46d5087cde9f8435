//! Boxes that run, and pairs of them that are friends.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use federation::{EndpointSecret, Federation, FriendId, FriendView, House, News, Settings};
use peer_proto::invite::CheckWords;
use peer_proto::owner::{CopyStage, Item};
use peer_proto::pact::{Keeping, Terms};
use peer_proto::presence::Seen;
use peer_proto::wire::Kind;
use types::{Bytes, InviteId, PackId};

use crate::home::Home;

const TICK: Duration = Duration::from_millis(20);

/// A box that may run.
pub(crate) struct Running {
    pub(crate) home: Arc<Home>,
    federation: Option<Arc<Federation>>,
    /// Where it listened, to listen there again.
    at: Mutex<Option<SocketAddr>>,
}

impl Running {
    pub(crate) fn new(seed: u8, label: &str) -> Self {
        Self::with(Home::new(seed, label))
    }

    /// What an owner has after a fire: another box, and the words.
    pub(crate) fn fresh(seed: u8, of: &Running) -> Self {
        Self::with(Home::of(seed, of.home.seed, "fresh"))
    }

    fn with(home: Arc<Home>) -> Self {
        let mut running = Self { home, federation: None, at: Mutex::new(None) };
        running.start();
        running
    }

    pub(crate) fn start(&mut self) {
        assert!(self.federation.is_none());
        let mut settings = Settings::new(EndpointSecret::of([self.home.seed; 32]));
        let any = "127.0.0.1:0".parse().unwrap();
        let mut at = self.at.lock().unwrap();
        settings.listen = vec![at.unwrap_or(any)];
        settings.tick = TICK;
        let house: Arc<dyn House> = Arc::clone(&self.home) as Arc<dyn House>;
        let federation = Federation::start(settings, house).unwrap();
        let bound = federation.addresses().iter().find_map(|text| text.parse().ok());
        *at = Some(bound.expect("it listens"));
        drop(at);
        self.federation = Some(Arc::new(federation));
    }

    pub(crate) fn stop(&mut self) {
        if let Some(federation) = self.federation.take() {
            federation.stop();
        }
    }

    /// The running one, for whoever has it longer than this.
    pub(crate) fn shared(&self) -> Arc<Federation> {
        Arc::clone(self.federation.as_ref().expect("it runs"))
    }

    /// The running one is somebody else's now.
    pub(crate) fn forget(&mut self) {
        drop(self.federation.take());
    }

    pub(crate) fn at(&self) -> SocketAddr {
        self.at.lock().unwrap().expect("it ran")
    }

    pub(crate) fn fed(&self) -> &Federation {
        self.federation.as_ref().expect("it runs")
    }

    pub(crate) fn view(&self, id: FriendId) -> FriendView {
        self.fed().friend(id).unwrap()
    }

    /// Packs that it knows the friend to keep.
    pub(crate) fn held(&self, id: FriendId) -> Vec<PackId> {
        let copies = self.fed().copies(id).unwrap();
        let held = copies.iter().filter(|copy| copy.stage == CopyStage::Held);
        held.map(|copy| copy.root).collect()
    }

    /// Makes packs and wants them at the friend's.
    pub(crate) fn send(&self, id: FriendId, packs: &[PackId]) {
        let item = |root: &PackId| {
            let size = self.home.bytes_of(*root).len() as u64;
            Item { root: *root, size, kind: Kind::Data }
        };
        self.fed().want(id, packs.iter().map(item).collect()).unwrap();
    }

    pub(crate) fn until_held(&self, id: FriendId, packs: &[PackId]) {
        self.home.until_so("packs are held", || {
            let held = self.held(id);
            packs.iter().all(|root| held.contains(root))
        });
    }

    pub(crate) fn until_there(&self, id: FriendId) {
        let seen = || self.view(id).seen == Seen::Direct && self.view(id).round_trip.is_some();
        self.home.until_so("the friend is there", seen);
    }

    pub(crate) fn until_knocked(&self, invite: InviteId) -> CheckWords {
        self.home.until("somebody knocks", |news| {
            news.iter().rev().find_map(|one| match one {
                News::Knocked { invite: of, words, .. } if *of == invite => Some(*words),
                _ => None,
            })
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Two that are friends: the first one made the ticket.
pub(crate) struct Pair {
    pub(crate) anna: Running,
    pub(crate) bo: Running,
    pub(crate) id: FriendId,
}

pub(crate) fn terms(bytes: u64) -> Terms {
    let keeping = Keeping::usual(Bytes(bytes));
    Terms { by_inviter: keeping, by_invitee: keeping, notice_days: 30 }
}

/// Becomes friends, with so many bytes each way.
pub(crate) fn befriend(anna: &Running, bo: &Running, terms: Terms) -> FriendId {
    let ticket = anna.fed().invite(terms).unwrap();
    let invite = ticket.invite;
    let preview = bo.fed().look_at(&ticket.text()).unwrap();
    assert_eq!(preview.words, anna.until_knocked(invite), "both screens show the same");
    bo.fed().accept(invite, true).unwrap();
    anna.fed().confirm(invite, true).unwrap();
    let id = FriendId(invite);
    for home in [&anna.home, &bo.home] {
        home.until("both are friends", |news| news.contains(&News::Paired(id)).then_some(()));
    }
    id
}

impl Pair {
    pub(crate) fn new(bytes: u64) -> Self {
        let (anna, bo) = (Running::new(10, "Anna"), Running::new(20, "Bo"));
        let id = befriend(&anna, &bo, terms(bytes));
        let pair = Self { anna, bo, id };
        pair.until_together();
        pair
    }

    pub(crate) fn until_together(&self) {
        self.anna.until_there(self.id);
        self.bo.until_there(self.id);
    }

    /// Anna's key, under which Bo keeps what is hers.
    pub(crate) fn anna_key(&self) -> types::OwnerKey {
        self.anna.home.owner_key()
    }
}
