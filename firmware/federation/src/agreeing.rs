//! What the owner does about a pact: other terms, a pause, a block, the end. Part of [`Federation`].

use peer_proto::pact::{Pact, PactEvent, PactHash, Terms};
use peer_proto::sign::Signature;
use types::UnixTime;

use crate::error::FederationError;
use crate::federation::{Done, Federation};
use crate::views::FriendId;

impl Federation {
    /// The pact that these terms would make: what the recovery key signs when the own data are to be
    /// kept for a shorter time (`peer_proto::sign::Statement::Shorten` over `signed_bytes`). The same
    /// value goes into [`Self::propose`].
    pub fn next_pact(&self, friend: FriendId, terms: Terms) -> Result<Pact, FederationError> {
        self.core.call(friend, move |friend| friend.next_pact(terms))
    }

    /// Proposes other terms.
    pub fn propose(&self, friend: FriendId, terms: Terms, recovery: Option<Signature>) -> Done {
        self.pact(friend, PactEvent::Propose { terms, recovery })
    }

    /// The owner's answer to what the friend proposed, naming what was shown.
    pub fn answer(
        &self,
        friend: FriendId,
        shown: PactHash,
        yes: bool,
        recovery: Option<Signature>,
    ) -> Done {
        self.pact(friend, PactEvent::OwnerSaid { pact: shown, yes, recovery })
    }

    /// Takes no new packs of this friend until then, or until [`Self::resume`].
    pub fn pause(&self, friend: FriendId, until: Option<UnixTime>) -> Done {
        self.pact(friend, PactEvent::Pause(until))
    }

    /// Takes them again.
    pub fn resume(&self, friend: FriendId) -> Done {
        self.pact(friend, PactEvent::Resume)
    }

    /// Nothing more to do with this friend: lines are closed and refused, what it keeps counts as lost,
    /// what is kept for it stays.
    pub fn block(&self, friend: FriendId) -> Done {
        self.pact(friend, PactEvent::Block)
    }

    /// Takes the block back.
    pub fn unblock(&self, friend: FriendId) -> Done {
        self.pact(friend, PactEvent::Unblock)
    }

    /// Ends the pact, with notice.
    pub fn end(&self, friend: FriendId) -> Done {
        self.pact(friend, PactEvent::GiveNotice)
    }

    /// Ends it at once. What is kept for the friend may go now: tell the owner what that loses before.
    pub fn stop_now(&self, friend: FriendId) -> Done {
        self.pact(friend, PactEvent::StopNow)
    }

    fn pact(&self, friend: FriendId, event: PactEvent) -> Done {
        self.core.call(friend, |friend| friend.pact_asked(event))?
    }
}
