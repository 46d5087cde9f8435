//! The box as the federation sees it: mostly handed through from [`Home`], with records and traffic added.
//!
//! It decides nothing: rates are `plan::traffic`'s. Start at [`Door`].

use std::io;
use std::sync::{Arc, OnceLock};

use federation::{FriendId, House, Log, Moved, News, OwnPack, Shelf, Traffic};
use peer_proto::clock::Now;
use peer_proto::pact::Side;
use peer_proto::sign::Signature;
use peer_proto::wire::HeadPoint;
use types::{Bytes, EndpointId, PackId, Rng};

use crate::desk::Parts;
use crate::limits;

/// The series of all invites, and of all tickets; friends' are named after their pacts.
const INVITES: &str = "invites";
const TICKETS: &str = "tickets";

/// The box, for one federation.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) parts: Arc<Parts>,
    /// The key by which friends know the box, once it listens.
    pub(crate) endpoint: Arc<OnceLock<EndpointId>>,
}

fn name(log: Log) -> String {
    match log {
        Log::Invites => INVITES.to_owned(),
        Log::Tickets => TICKETS.to_owned(),
        Log::Friend(friend) => friend.to_string(),
    }
}

impl House for Door {
    fn now(&self) -> Now {
        self.parts.home.now()
    }

    fn rng(&self) -> &dyn Rng {
        self.parts.home.rng()
    }

    fn side(&self) -> Option<Side> {
        self.parts.home.side(*self.endpoint.get()?)
    }

    fn friends(&self) -> io::Result<Vec<FriendId>> {
        let names = self.parts.store.records.names()?.into_iter();
        Ok(names.filter_map(|name| name.parse().ok().map(FriendId)).collect())
    }

    fn records(&self, log: Log) -> io::Result<Vec<Vec<u8>>> {
        self.parts.store.records.read(&name(log))
    }

    fn keep(&self, log: Log, records: &[Vec<u8>]) -> io::Result<()> {
        self.parts.store.records.keep(&name(log), records)
    }

    fn replace(&self, log: Log, records: &[Vec<u8>]) -> io::Result<()> {
        self.parts.store.records.replace(&name(log), records)
    }

    fn own_pack(&self, root: PackId) -> io::Result<Option<OwnPack>> {
        self.parts.home.own_pack(root)
    }

    fn own_head(&self, point: HeadPoint) -> Option<Vec<u8>> {
        self.parts.home.head_bytes(point)
    }

    fn newest_head(&self) -> Option<HeadPoint> {
        self.parts.home.head().map(|head| head.point)
    }

    fn knows_head(&self, point: HeadPoint) -> bool {
        self.parts.home.knows_head(point)
    }

    fn remember_head(&self, _: HeadPoint, bytes: &[u8]) -> bool {
        self.parts.home.remember_head(bytes)
    }

    fn writers(&self) -> Vec<[u8; 32]> {
        self.parts.home.writers()
    }

    fn link(&self, from: HeadPoint, to: HeadPoint) -> Option<Signature> {
        self.parts.home.link(from, to)
    }

    fn shelves(&self) -> Vec<Shelf> {
        self.parts.home.shelves()
    }

    fn traffic(&self, friend: FriendId, moved: Moved) -> Traffic {
        let (local, people) = (self.parts.home.local(), self.parts.home.is_in_use());
        let mut desk = self.parts.desk();
        let both = moved.out + moved.came;
        let note = desk.note(friend);
        let (rules, this_month) = note.map_or_else(Default::default, |note| {
            note.moved(both, local.month);
            let rules = limits::rules(&note.limits).unwrap_or_default();
            (rules, note.this_month(local.month))
        });
        desk.dirty |= both > Bytes(0);
        Traffic {
            out: rules.clone(),
            came: rules,
            // Whoever pays for a line pays for both ways.
            this_month: Moved { out: this_month, came: this_month },
            weekday: local.weekday,
            minute: local.minute,
            people,
        }
    }

    fn told(&self, news: News) {
        self.parts.told(news);
    }
}
