//! The ticket as text: for a picture to scan, a link, or somebody who types.
//!
//! Letters and digits that look like no other, in any case, with any spaces and dashes; four bytes
//! of hash at the end find what was mistyped. Whoever has a ticket may use it once, so it is shown
//! and not stored. Start at [`Ticket::text`] and [`Ticket::parse`].

use serde::{Deserialize, Serialize};
use thiserror::Error;
use types::{EndpointId, InviteId, UnixTime};
use zeroize::Zeroizing;

use super::proof::Secret;
use crate::limits;
use crate::pact::{Terms, TermsError};
use crate::wire::{List, Text};

/// The version that this module writes.
const VERSION: u8 = 1;
/// What a ticket's text begins with.
const PREFIX: &str = "HFI";
/// As a link it has this in front.
const LINK: &str = "HOLDFAST:";
/// Bytes of hash at the end.
const SUM_LEN: usize = 4;
/// Longest text that is looked at: a ticket with sixteen long addresses is shorter.
const TEXT_LEN_MAX: usize = 16 << 10;
/// Neither I, L, O nor U: what looks like another is read as that other.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

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
        let mut bytes = Zeroizing::new(Vec::with_capacity(1 + body.len() + SUM_LEN));
        bytes.push(VERSION);
        bytes.extend_from_slice(&body);
        let sum = sum(&bytes);
        bytes.extend_from_slice(&sum);
        let mut text =
            Zeroizing::new(String::with_capacity(PREFIX.len() + bytes.len() * 8 / 5 + 1));
        text.push_str(PREFIX);
        write_letters(&bytes, &mut text);
        text
    }

    /// The same in groups of four, for paper and for somebody who types.
    pub fn spaced(&self) -> Zeroizing<String> {
        let text = self.text();
        let mut spaced = Zeroizing::new(String::with_capacity(text.len() * 5 / 4 + 1));
        for (at, letter) in text.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                spaced.push('-');
            }
            spaced.push(letter);
        }
        spaced
    }

    /// Reads what somebody typed, scanned or clicked.
    pub fn parse(text: &str) -> Result<Self, TicketError> {
        if text.len() > TEXT_LEN_MAX {
            return Err(TicketError::Other);
        }
        let typed: Zeroizing<String> = Zeroizing::new(
            text.chars()
                .filter(|letter| !letter.is_whitespace() && *letter != '-')
                .map(|letter| letter.to_ascii_uppercase())
                .collect(),
        );
        let typed = typed.strip_prefix(LINK).unwrap_or(&typed);
        let letters = typed.strip_prefix(PREFIX).ok_or(TicketError::Other)?;
        let bytes = read_letters(letters)?;
        let Some((said, shown)) = bytes.split_last_chunk::<SUM_LEN>() else {
            return Err(TicketError::Sum);
        };
        if sum(said) != *shown {
            return Err(TicketError::Sum);
        }
        let Some((version, body)) = said.split_first() else {
            return Err(TicketError::Sum);
        };
        if *version != VERSION {
            return Err(TicketError::Version(*version));
        }
        let read = postcard::take_from_bytes::<Inside>(body);
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

fn sum(bytes: &[u8]) -> [u8; SUM_LEN] {
    blake3::hash(bytes).as_bytes().first_chunk().copied().unwrap_or_default()
}

/// Five bits a letter, highest first; the last one is filled up with zeros.
fn write_letters(bytes: &[u8], to: &mut String) {
    let (mut bits, mut count) = (0_u16, 0);
    let mut push = |five: u16| to.push(char::from(LETTERS[usize::from(five & 31)]));
    for byte in bytes {
        bits = bits << 8 | u16::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            push(bits >> count);
            bits &= (1 << count) - 1;
        }
    }
    if count > 0 {
        push(bits << (5 - count));
    }
}

fn read_letters(text: &str) -> Result<Zeroizing<Vec<u8>>, TicketError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() * 5 / 8 + 1));
    let (mut bits, mut count) = (0_u16, 0);
    for (index, letter) in text.chars().enumerate() {
        let known = match letter {
            'O' => '0',
            'I' | 'L' => '1',
            'U' => 'V',
            other => other,
        };
        let Some(value) = (0_u16..).zip(LETTERS).find(|(_, one)| char::from(**one) == known) else {
            return Err(TicketError::Letter { position: PREFIX.len() + index + 1, letter });
        };
        bits = bits << 5 | value.0;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count).unwrap_or_default());
            bits &= (1 << count) - 1;
        }
    }
    // What fills the last letter up is zeros, and less than a letter: one text for each ticket.
    if count >= 5 || bits != 0 { Err(TicketError::Sum) } else { Ok(bytes) }
}
