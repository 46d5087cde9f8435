//! The handle on everything: what the box asks of its friends. Every method may be called from any
//! thread, blocks until it is done or noted, and none from within [`House::told`].

use std::io;
use std::sync::Arc;

use peer_proto::invite::Ticket;
use peer_proto::owner::{Item, OwnHead};
use peer_proto::pact::{Pact, PactHash, Terms};
use peer_proto::sign::Signature;
use peer_proto::wire::{Audit, ByteRange, Note, NoteKind};
use types::{Bytes, EndpointId, InviteId, PackId, UnixTime};

use crate::error::FederationError;
use crate::house::House;
use crate::settings::Settings;
use crate::views::{FriendId, FriendView, InviteView, Preview};

type Done = Result<(), FederationError>;

/// A running federation. Dropping it closes everything at once; [`Self::stop`] does so politely.
#[derive(Debug)]
pub struct Federation {
    house: Arc<dyn House>,
}

impl Federation {
    /// Begins to listen and to dial, and goes on with every friend of whom there is a log.
    pub fn start(settings: Settings, house: Arc<dyn House>) -> Result<Self, FederationError> {
        drop(settings);
        Ok(Self { house })
    }

    /// Says goodbye to everybody and ends. What is on its way goes on after the next start.
    pub fn stop(self) {
        drop(self.house);
    }

    /// This box, as friends know it.
    pub fn endpoint(&self) -> EndpointId {
        EndpointId([0; 32])
    }

    /// Where it can be reached just now, in the transport's words.
    pub fn addresses(&self) -> Vec<String> {
        Vec::new()
    }

    /// The network of this box changed, or a friend was seen in the house: dial anew.
    pub fn hope(&self) {}

    /// Makes an invite with these terms, good for 72 hours. Whoever has the ticket may use it once.
    pub fn invite(&self, _terms: Terms) -> Result<Ticket, FederationError> {
        Err(FederationError::Stopped)
    }

    /// Invites that were made here and are not forgotten.
    pub fn invites(&self) -> Vec<InviteView> {
        Vec::new()
    }

    /// The owner has compared the words, and says yes or no to whoever shows the invite.
    pub fn confirm(&self, _invite: InviteId, _yes: bool) -> Done {
        Err(FederationError::Stopped)
    }

    /// Takes an invite back. One that has become a pact stays one.
    pub fn take_back(&self, _invite: InviteId) -> Done {
        Err(FederationError::Stopped)
    }

    /// Dials whoever made a ticket, proves its secret and shows what it offers. Some seconds.
    pub fn look_at(&self, _ticket: &str) -> Result<Preview, FederationError> {
        Err(FederationError::Stopped)
    }

    /// The owner's answer to what [`Self::look_at`] showed. After a yes the box asks until the other
    /// owner has said yes too, and tells [`crate::News::Paired`]; a restart means looking at the ticket again.
    pub fn accept(&self, _invite: InviteId, _yes: bool) -> Done {
        Err(FederationError::Stopped)
    }

    /// All friends, those whose pact is over among them.
    pub fn friends(&self) -> Vec<FriendView> {
        Vec::new()
    }

    /// One friend.
    pub fn friend(&self, friend: FriendId) -> Result<FriendView, FederationError> {
        Err(FederationError::NoFriend(friend))
    }

    /// What should be at this friend's and is not, most wanted first; takes the place of what was said
    /// before. At most `peer_proto::limits::QUEUE_MAX`.
    pub fn want(&self, friend: FriendId, _items: Vec<Item>) -> Done {
        Err(FederationError::NoFriend(friend))
    }

    /// What need not be at this friend's any more.
    pub fn unwant(&self, friend: FriendId, _roots: Vec<PackId>) -> Done {
        Err(FederationError::NoFriend(friend))
    }

    /// Asks for a proof of these ranges; the outcome is told as `OwnerNews::Audited`.
    pub fn audit(&self, friend: FriendId, _audit: Audit) -> Done {
        Err(FederationError::NoFriend(friend))
    }

    /// The copies at a friend as the records say.
    pub fn copies(
        &self,
        friend: FriendId,
    ) -> Result<Vec<peer_proto::owner::Copy>, FederationError> {
        Err(FederationError::NoFriend(friend))
    }

    /// Fetches parts of a pack back, all of it when there are no ranges. Each piece is proven against
    /// the pack's name before `take` sees it, with its place. Returns the pack's length.
    pub fn fetch(
        &self,
        friend: FriendId,
        _root: PackId,
        _ranges: &[ByteRange],
        _take: &mut dyn FnMut(u64, &[u8]) -> io::Result<()>,
    ) -> Result<Bytes, FederationError> {
        Err(FederationError::NoFriend(friend))
    }

    /// The pact that these terms would make: what the recovery key signs when the own data are to be
    /// kept for a shorter time (`peer_proto::sign::Statement::Shorten` over `signed_bytes`). The same
    /// value goes into [`Self::propose`].
    pub fn next_pact(&self, friend: FriendId, _terms: Terms) -> Result<Pact, FederationError> {
        Err(FederationError::NoFriend(friend))
    }

    /// Proposes other terms.
    pub fn propose(&self, friend: FriendId, _terms: Terms, _recovery: Option<Signature>) -> Done {
        Err(FederationError::NoFriend(friend))
    }

    /// The owner's answer to what the friend proposed, naming what was shown.
    pub fn answer(
        &self,
        friend: FriendId,
        _shown: PactHash,
        _yes: bool,
        _recovery: Option<Signature>,
    ) -> Done {
        Err(FederationError::NoFriend(friend))
    }

    /// Takes no new packs of this friend until then, or until [`Self::resume`].
    pub fn pause(&self, friend: FriendId, _until: Option<UnixTime>) -> Done {
        Err(FederationError::NoFriend(friend))
    }

    /// Takes them again.
    pub fn resume(&self, friend: FriendId) -> Done {
        Err(FederationError::NoFriend(friend))
    }

    /// Nothing more to do with this friend: lines are closed and refused, what it keeps counts as lost,
    /// what is kept for it stays.
    pub fn block(&self, friend: FriendId) -> Done {
        Err(FederationError::NoFriend(friend))
    }

    /// Takes the block back.
    pub fn unblock(&self, friend: FriendId) -> Done {
        Err(FederationError::NoFriend(friend))
    }

    /// Ends the pact, with notice.
    pub fn end(&self, friend: FriendId) -> Done {
        Err(FederationError::NoFriend(friend))
    }

    /// Ends it at once. What is kept for the friend may go now: tell the owner what that loses before.
    pub fn stop_now(&self, friend: FriendId) -> Done {
        Err(FederationError::NoFriend(friend))
    }

    /// Writes a message, which waits for the friend for up to 30 days.
    pub fn say(
        &self,
        friend: FriendId,
        _kind: NoteKind,
        _text: &str,
        _circle: Option<[u8; 16]>,
    ) -> Done {
        Err(FederationError::NoFriend(friend))
    }

    /// What the friend wrote, oldest first.
    pub fn inbox(&self, friend: FriendId) -> Result<Vec<Note>, FederationError> {
        Err(FederationError::NoFriend(friend))
    }

    /// There is a new head: every friend is to witness it. Also after unlocking, to have links signed.
    pub fn head(&self, _head: OwnHead) {}

    /// The owner has looked: this box did not go back in time, whatever this friend has seen.
    pub fn reconciled(&self, friend: FriendId) -> Done {
        Err(FederationError::NoFriend(friend))
    }

    /// Disks came, went, or have another room: [`House::shelves`] is asked again.
    pub fn shelves_changed(&self) {}

    /// A time server or this box's owner says that the clock is right. Never a friend.
    pub fn clock_agreed(&self) {}

    /// A scrub found that a pack kept for a friend is gone or wrong.
    pub fn rotten(&self, friend: FriendId, _root: PackId) -> Done {
        Err(FederationError::NoFriend(friend))
    }
}
