//! What the box asks of one friend, on its thread. Start at [`Friend::view`].

use std::sync::Arc;

use iroh::endpoint::Connection;
use peer_proto::host::HostEvent;
use peer_proto::owner::{Copy, OwnHead, OwnerEvent};
use peer_proto::pact::{Pact, PactEvent, Terms};
use peer_proto::wire::{CtlAsk, Note, NoteKind};
use tokio::sync::Semaphore;
use types::{Millis, PackId};

use super::streams::Lane;
use super::{Broke, Friend, Step};
use crate::endpoint;
use crate::error::FederationError;
use crate::record::Record;
use crate::views::{Doing, FriendView};

type Done = Result<(), FederationError>;

/// What a fetch needs of a friend.
pub(crate) type Way = (Lane, Connection, Arc<Semaphore>);

impl Friend {
    /// How things are.
    pub(crate) fn view(&self) -> FriendView {
        let now = self.core.now();
        let line = self.pack.as_ref().map(|line| &line.connection);
        let line = line.or_else(|| self.ctl.as_ref().map(|line| &line.connection));
        let round_trip = line.and_then(|line| endpoint::path(line).1);
        let totals = self.lane.throttle.totals();
        FriendView {
            id: self.id,
            pact: self.m.life.pact().clone(),
            part: self.m.life.part(),
            phase: self.m.life.phase(),
            blocked: self.m.life.is_blocked(),
            asked: self.m.life.asked().cloned(),
            seen: self.presence.seen(now),
            last_seen: self.presence.last_seen(),
            round_trip: round_trip
                .map(|time| Millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))),
            kept: self.m.host.kept(),
            held: self.m.owner.held(),
            friend_says: self.friend_says,
            queued: self.m.owner.queued(),
            room: self.room(),
            audits: self.audits,
            went_back: self.m.owner.went_back(),
            strange: self.m.owner.strange(),
            notes_waiting: self.m.post.waiting().count(),
            doing: Doing {
                asking: self.asks.len(),
                answering: self.streams.len(),
                sent: totals.out,
                came: totals.came,
            },
            last_error: self.last_error.clone(),
            takes: self.m.life.may_push(now.wall),
            wrong_returns: self.who.wrong(),
            time_is_sure: self.m.host.clock_is_sure(now),
        }
    }

    /// Does something that is durable, or says why not.
    pub(crate) fn durably(&mut self, act: impl FnOnce(&mut Self) -> Step) -> Done {
        if self.broke.is_some() {
            return Err(self.cannot_write());
        }
        act(self).map_err(|broke| self.gave_up(broke))
    }

    pub(super) fn cannot_write(&self) -> FederationError {
        let why = self.last_error.as_ref().map_or_else(String::new, |(_, why)| why.clone());
        FederationError::records(std::io::Error::other(why))
    }

    fn gave_up(&mut self, Broke(error): Broke) -> FederationError {
        let said = std::io::Error::new(error.kind(), error.to_string());
        self.break_off(Broke(error));
        FederationError::records(said)
    }

    pub(crate) fn owner_asked(&mut self, event: OwnerEvent) -> Done {
        self.durably(|friend| friend.owner_step(event))
    }

    /// There is a new own head.
    pub(crate) fn head_asked(&mut self, own: OwnHead) -> Done {
        self.durably(|friend| friend.own_head(own))
    }

    /// Something about the pact; what cannot be is refused.
    pub(crate) fn pact_asked(&mut self, event: PactEvent) -> Done {
        let mut refused = None;
        self.durably(|friend| {
            refused = friend.pact_step(event, None)?;
            friend.allow()
        })?;
        refused.map_or(Ok(()), |refused| Err(FederationError::Refused(refused)))
    }

    /// Somebody who knows says that the clock is right.
    pub(crate) fn clock_agreed(&mut self) -> Done {
        self.durably(|friend| {
            let behind = friend.m.host.behind(friend.core.now());
            friend.pact_step(PactEvent::ClockAgreed(behind), None)?;
            friend.host_step(HostEvent::ClockAgreed)
        })
    }

    pub(crate) fn next_pact(&self, terms: Terms) -> Pact {
        self.m.life.next(self.core.now().wall, terms)
    }

    pub(crate) fn copies(&self) -> Vec<Copy> {
        self.m.owner.copies().copied().collect()
    }

    pub(crate) fn inbox_of_notes(&self) -> Vec<Note> {
        self.m.post.inbox().cloned().collect()
    }

    /// Writes a message, which waits for the friend.
    pub(crate) fn write(
        &mut self,
        (kind, text): (NoteKind, &str),
        circle: Option<[u8; 16]>,
    ) -> Result<u64, FederationError> {
        if self.broke.is_some() {
            return Err(self.cannot_write());
        }
        let wall = self.core.now().wall;
        let serial = self.m.post.write((kind, text), circle, wall, &self.core.signer)?;
        self.durably(|friend| {
            friend.keep_post()?;
            friend.send_note();
            Ok(())
        })?;
        Ok(serial)
    }

    /// The owner has looked; what the friend saw last is asked for anew. The head from which heads begin
    /// again is offered until the friend has it, also after a restart.
    pub(crate) fn reconciled(&mut self, begins: Option<OwnHead>) -> Done {
        self.durably(|friend| {
            if begins.is_some() {
                friend.keep(&[Record::Begins(Box::new(begins))])?;
                friend.m.begins = begins;
            }
            friend.owner_step(OwnerEvent::Reconciled(begins.map(Box::new)))?;
            friend.ask_ctl(CtlAsk::Hello(Box::new(friend.hello())));
            Ok(())
        })
    }

    pub(crate) fn new_shelves(&mut self) -> Done {
        self.durably(Self::shelves_changed)
    }

    pub(crate) fn is_rotten(&mut self, root: PackId) -> Done {
        self.durably(|friend| friend.found_rotten(root))
    }

    /// What is needed to fetch something; none while there is no line.
    pub(crate) fn way(&self) -> Option<Way> {
        let line = self.pack.as_ref()?;
        Some((self.lane.clone(), line.connection.clone(), Arc::clone(&self.fetches)))
    }
}

/// Fetches over a friend's line. On the caller's own thread.
pub(crate) fn fetch(
    (lane, connection, places): &Way,
    what: (PackId, &[peer_proto::wire::ByteRange]),
    take: &mut dyn FnMut(u64, &[u8]) -> std::io::Result<()>,
) -> Result<types::Bytes, FederationError> {
    let place = lane.runtime.block_on(places.acquire());
    let _place = place.map_err(|_| FederationError::Stopped)?;
    super::asking::fetch(lane, connection, what, verified::LEN_MAX, take)
}
