//! Frames of `holdfast/ctl/1`: how the two are, what they agree on, what their owners write.
//!
//! Start at [`CtlAsk`], then [`Hello`].

use serde::{Deserialize, Serialize};
use types::{Bytes, EndpointId, HeadHash, InviteId, UnixTime};

use super::{ByeWhy, Frame, List, NoteKind, Refused, Text, WireError};
use crate::limits;
use crate::pact::Pact;
use crate::sign::Signature;

/// What one box says to the other, each on a stream of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CtlAsk {
    /// 0: how things are here. The first request on a connection, and again when something changed.
    Hello(Box<Hello>),
    /// 1: a message.
    Note(Box<SignedNote>),
    /// 2: other terms, signed.
    Propose(Box<Propose>),
    /// 3: yes to the terms of that number.
    Agree(Agree),
    /// 4: no to them.
    Decline(u32),
    /// 5: no new packs until that time, or until told otherwise.
    Pause(Option<UnixTime>),
    /// 6: go on.
    Resume,
    /// 7: the pact ends, with notice or at once.
    End(Ending),
    /// 8: this connection ends, and why.
    Bye(ByeWhy),
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CtlSay {
    /// 0: the same, from the other side.
    Hello(Box<Hello>),
    /// 1: noted, durably.
    Taken,
    /// 2: no.
    Refused(Refused),
}

/// Packs and what they count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// How many.
    pub packs: u64,
    /// What they count (`limits::charge`).
    pub bytes: Bytes,
}

/// A place in the chain of heads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadPoint {
    /// The head's number.
    pub seq: u64,
    /// Its hash.
    pub hash: HeadHash,
}

/// How things are at a box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Newest version of these frames that it speaks.
    pub version: u16,
    /// Its clock.
    pub time: UnixTime,
    /// Whether it believes that clock.
    pub time_is_sure: bool,
    /// Where it can be reached, in the transport's words.
    pub addresses: List<Text<{ limits::ADDRESS_LEN_MAX }>, { limits::ADDRESSES_MAX }>,
    /// The version of the pact that it holds.
    pub pact_seq: u32,
    /// What it keeps for the other.
    pub kept: Figures,
    /// What it counts as kept by the other.
    pub held: Figures,
    /// The newest head of the other that it has seen.
    pub head: Option<HeadPoint>,
}

/// Words from one owner to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The author's box.
    pub from: EndpointId,
    /// Whose it is.
    pub to: EndpointId,
    /// Counts the author's messages to that friend.
    pub serial: u64,
    /// When it was written, by the author's clock.
    pub time: UnixTime,
    /// What it is.
    pub kind: NoteKind,
    /// The circle in which it was said, if in one.
    pub circle: Option<[u8; 16]>,
    /// The words.
    pub text: Text<{ limits::NOTE_LEN_MAX }>,
}

/// A message with its author's signature: whoever carries it can change nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedNote {
    /// The message.
    pub note: Note,
    /// Over postcard of it.
    pub signature: Signature,
}

/// Other terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Propose {
    /// The pact as it would be, with the next number.
    pub pact: Pact,
    /// Of the box that proposes.
    pub signature: Signature,
    /// Of the recovery key of whoever's data are to be kept for a shorter time.
    pub recovery: Option<Signature>,
}

/// Yes to other terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agree {
    /// Their number.
    pub seq: u32,
    /// Of the box that agrees, over the whole pact.
    pub signature: Signature,
    /// Of its recovery key, when its own data are to be kept for a shorter time.
    pub recovery: Option<Signature>,
}

/// The end of a pact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Which pact.
    pub pact: InviteId,
    /// When; the time it was said means at once.
    pub at: UnixTime,
    /// When it was said, by the clock of whoever says so.
    pub said: UnixTime,
    /// Of the box that ends it.
    pub signature: Signature,
}

impl Frame for CtlAsk {
    const WHAT: &'static str = "control request";
    const VARIANTS: u32 = 9;

    fn check(&self) -> Result<(), WireError> {
        Ok(())
    }
}

impl Frame for CtlSay {
    const WHAT: &'static str = "control answer";
    const VARIANTS: u32 = 3;

    fn check(&self) -> Result<(), WireError> {
        Ok(())
    }
}
