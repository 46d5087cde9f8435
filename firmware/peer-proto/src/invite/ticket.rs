//! The ticket as text: for a picture to scan, a link, or somebody who types.
//!
//! How bytes become letters is in `letters`. Whoever has a ticket may use it once, so it is shown and not
//! stored. Start at [`Ticket::text`] and [`Ticket::parse`].

use serde::{Deserialize, Serialize};
use thiserror::Error;
use types::{EndpointId, InviteId, UnixTime};
use zeroize::Zeroizing;

use super::letters::{self, Unread, VERSION};
use super::proof::Secret;
use crate::limits;
use crate::pact::{Terms, TermsError};
use crate::wire::{List, Text};

/// What a ticket's text begins with.
const PREFIX: &str = "HFI";

/// An invitation to one friend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Which invite, and later which pact.
    pub invite: InviteId,
    /// What proves that somebody has the ticket.
    pub secret: Secret,
    /// The inviter's box; a connection to any other is refused.
    pub endpoint: EndpointId,
    /// Where it can be reached, in the transport's words.
    pub addresses: List<Text<{ limits::ADDRESS_LEN_MAX }>, { limits::ADDRESSES_MAX }>,
    /// When it is over, by the inviter's clock.
    pub expires: UnixTime,
    /// What the inviter is called.
    pub label: Text<{ limits::LABEL_LEN_MAX }>,
    /// What is offered.
    pub terms: Terms,
}

/// What stands in the text, between the version and the hash.
#[derive(Serialize, Deserialize)]
struct Inside {
    invite: InviteId,
    secret: [u8; 32],
    endpoint: EndpointId,
    addresses: List<Text<{ limits::ADDRESS_LEN_MAX }>, { limits::ADDRESSES_MAX }>,
    expires: UnixTime,
    label: Text<{ limits::LABEL_LEN_MAX }>,
    terms: Terms,
}

/// Why a text is no ticket.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TicketError {
    /// Something else altogether.
    #[error("this is no invite: those begin with {PREFIX}")]
    Other,
    /// A character that no ticket holds.
    #[error("letter {position} of the invite, \"{letter}\", cannot be one")]
    Letter {
        /// Counted from 1, without spaces and dashes.
        position: usize,
        /// As it was typed.
        letter: char,
    },
    /// Cut off or mistyped.
    #[error("the invite is incomplete or mistyped: its check sum does not hold")]
    Sum,
    /// Made by a newer box.
    #[error("the invite is of version {0}, and this box knows {VERSION}")]
    Version(u8),
    /// The sum holds, and yet what it says does not read.
    #[error("the invite cannot be read")]
    Malformed,
    /// Terms that no pact may have.
    #[error("the invite offers terms that cannot be agreed on")]
    Terms(#[from] TermsError),
}

impl TicketError {
    /// What the owner can do now.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Other => "Copy the whole invite that your friend sent, or scan its picture.",
            Self::Letter { .. } | Self::Sum => {
                "Compare it with what your friend sent, or scan the picture instead."
            }
            Self::Version(_) => "Update Holdfast on this box.",
            Self::Malformed | Self::Terms(_) => "Ask your friend for a new invite.",
        }
    }
}

impl From<Unread> for TicketError {
    fn from(why: Unread) -> Self {
        match why {
            Unread::Other => Self::Other,
            Unread::Letter { position, letter } => Self::Letter { position, letter },
            Unread::Sum => Self::Sum,
            Unread::Version(version) => Self::Version(version),
        }
    }
}

impl Ticket {
    /// As it is shown: one word of letters and digits, made for pictures.
    pub fn text(&self) -> Zeroizing<String> {
        let inside = Inside {
            invite: self.invite,
            secret: *self.secret.bytes(),
            endpoint: self.endpoint,
            addresses: self.addresses.clone(),
            expires: self.expires,
            label: self.label.clone(),
            terms: self.terms,
        };
        let body = Zeroizing::new(crate::wire::plain(&inside));
        letters::write(PREFIX, &body)
    }

    /// The same in groups of four, for paper and for somebody who types.
    pub fn spaced(&self) -> Zeroizing<String> {
        letters::spaced(&self.text())
    }

    /// Reads what somebody typed, scanned or clicked.
    pub fn parse(text: &str) -> Result<Self, TicketError> {
        let body = letters::read(PREFIX, text)?;
        let read = postcard::take_from_bytes::<Inside>(&body);
        let Ok((inside, [])) = read else {
            return Err(TicketError::Malformed);
        };
        inside.terms.check()?;
        Ok(Self {
            invite: inside.invite,
            secret: Secret::of(inside.secret),
            endpoint: inside.endpoint,
            addresses: inside.addresses,
            expires: inside.expires,
            label: inside.label,
            terms: inside.terms,
        })
    }
}
