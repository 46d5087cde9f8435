//! What happens to an invite, and what is to be done then. Decided in `inviter`.

use types::EndpointId;

use super::proof::{CheckWords, Session};
use crate::limits;
use crate::pact::{Side, SignedPact, Terms};
use crate::wire::{Accept, Knock, List, PairSay, Text};

/// What a new invite says.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Who invites.
    pub own: Side,
    /// What is offered.
    pub terms: Terms,
    /// Where the box can be reached.
    pub addresses: List<Text<{ limits::ADDRESS_LEN_MAX }>, { limits::ADDRESSES_MAX }>,
}

/// What happens to an invite.
#[derive(Clone, Debug)]
pub enum InviterEvent {
    /// Somebody shows it.
    Knocked {
        /// The connection.
        session: Session,
        /// What was said.
        knock: Box<Knock>,
    },
    /// The other owner agrees.
    Accepted {
        /// Who says so, as the connection proved it.
        from: EndpointId,
        /// What was said.
        accept: Box<Accept>,
    },
    /// The other owner does not.
    Declined {
        /// Who says so, as the connection proved it.
        from: EndpointId,
    },
    /// The own owner has compared the words, and says yes or no.
    OwnerSaid(bool),
    /// The pact that came of it was changed or has ended.
    Superseded,
    /// The own owner takes the invite back.
    Withdrawn,
}

/// What is to be done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InviterAction {
    /// Store the machine before going on.
    Keep,
    /// Answer the request that this event came from.
    Answer(PairSay),
    /// Show the own owner who is there and the words, and ask.
    AskOwner {
        /// Who it is.
        who: Box<Side>,
        /// What the other screen shows too.
        words: CheckWords,
    },
    /// The pact stands. May come again for a box that lost its answer; a later version of it goes before.
    Paired(Box<SignedPact>),
}
