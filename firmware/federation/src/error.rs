//! Why something asked of a federation cannot be: for code to match and for the owner to read.

use std::io;
use std::sync::Arc;

use peer_proto::invite::{SheetError, TicketError};
use peer_proto::messages::WriteError;
use peer_proto::pact::TermsError;
use peer_proto::wire::{Refused, Why};
use thiserror::Error;
use types::{InviteId, PackId};

use crate::views::{FriendId, Stays};

/// Why something cannot be.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum FederationError {
    /// The endpoint cannot listen.
    #[error("cannot listen for friends' boxes: {0}")]
    Listen(String),
    /// A setting that is none.
    #[error("{0}")]
    Setting(String),
    /// It was stopped.
    #[error("speaking with friends was stopped")]
    Stopped,
    /// No such friend.
    #[error("there is no friend {0}")]
    NoFriend(FriendId),
    /// No such invite.
    #[error("there is no invite {0}")]
    NoInvite(InviteId),
    /// The box has no vault, so it has nothing to be known by.
    #[error("this box has no vault yet")]
    NoVault,
    /// Too many invites are open.
    #[error("{open} invites are open already")]
    TooMany {
        /// How many.
        open: usize,
    },
    /// Terms that no pact may have.
    #[error(transparent)]
    Terms(#[from] TermsError),
    /// A text that is no ticket.
    #[error(transparent)]
    Ticket(#[from] TicketError),
    /// A text that is no come-back address.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// Another vault lives in this box than the one that would come back.
    #[error("this box has another vault than the one on the sheet")]
    OtherVault,
    /// A message that cannot be sent.
    #[error(transparent)]
    Note(#[from] WriteError),
    /// The other box is not reached.
    #[error("the other box cannot be reached: {0}")]
    NotReached(String),
    /// The other box, or this one by what was agreed, says no.
    #[error("refused: {0:?}")]
    Refused(Refused),
    /// The friend does not have the pack.
    #[error("the friend does not have pack {}", .0.short())]
    Missing(PackId),
    /// What the friend sent is not the pack.
    #[error("what the friend sent is not pack {}", .0.short())]
    Wrong(PackId),
    /// The line broke before the end.
    #[error("the line to the friend broke")]
    Broken,
    /// Something is left of the friend that is to be forgotten.
    #[error("the friend cannot be forgotten: {0}")]
    Stays(Stays),
    /// Records cannot be read or written.
    #[error("the records of friends cannot be read or written")]
    Records(#[source] Arc<io::Error>),
    /// Whoever was to take fetched bytes did not.
    #[error("what was fetched cannot be taken")]
    Taking(#[source] Arc<io::Error>),
}

impl FederationError {
    /// What the owner can do now: one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Listen(_) | Self::Setting(_) => {
                "Look at the address and the port in the settings."
            }
            Self::Stopped => "Switch friends on in the settings.",
            Self::NoFriend(_) | Self::NoInvite(_) => "Look at the list again: it has changed.",
            Self::NoVault => "Set the box up first.",
            Self::TooMany { .. } => "Take back an invite that nobody needs.",
            Self::Terms(error) => error.advice(),
            Self::Ticket(error) => error.advice(),
            Self::Sheet(error) => error.advice(),
            Self::OtherVault => "Take the sheet of this vault, or come back with a fresh box.",
            Self::Note(error) => error.advice(),
            Self::NotReached(_) | Self::Broken => {
                "Look whether both boxes are on and reach the internet; it is tried again by itself."
            }
            Self::Refused(refused) if refused.why == Why::Shortened => {
                "Your data would be kept for a shorter time: this takes your 24 words."
            }
            Self::Refused(_) => "Ask your friend, or for a new invite.",
            Self::Missing(_) | Self::Wrong(_) => "Fetch it from another friend or disk.",
            Self::Stays(Stays::Standing) => "End the pact first, with notice or at once.",
            Self::Stays(Stays::Here(_)) => {
                "They go by themselves when the time that was agreed on has passed; try again then."
            }
            Self::Stays(Stays::There(_)) => {
                "Wait until they are elsewhere, or end the pact at once."
            }
            Self::Stays(Stays::Untold) => {
                "It hears so when it is there again, or needs not when it was away for 30 days."
            }
            Self::Records(_) => "Look at the box's own disk: it cannot write.",
            Self::Taking(_) => "Look at the disk on which it is to be stored.",
        }
    }

    pub(crate) fn records(error: io::Error) -> Self {
        Self::Records(Arc::new(error))
    }
}
