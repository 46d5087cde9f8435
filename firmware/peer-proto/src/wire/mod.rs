//! What two boxes say to each other, as frames: four bytes of length, then postcard.
//!
//! One request a stream. A length is checked before anything is allocated, a list before its first
//! item, and a frame is read to its last byte or refused. A variant that this version does not know
//! is an error of its own, so that it is answered clearly. Fields: `docs/protocols/friends.md`.
//! Start at [`encode`], [`body_len`] and [`decode`].

mod bounded;
mod codes;
mod ctl;
mod pack;
mod pair;

pub use bounded::{List, Text, Unfit};
pub use codes::{ByeWhy, Kind, NoteKind, Why};
pub use ctl::{
    Agree, CtlAsk, CtlSay, Ending, Figures, HeadPoint, Hello, Note, Propose, SignedNote,
};
pub use pack::{
    Ack, Audit, ByteRange, Cursor, Get, HeadAnew, Listed, Listing, OfferHead, PackAsk, PackSay,
    Proof, Put, Ranges, are_parts, len_of,
};
pub use pair::{Accept, Knock, Known, Leaving, PairAsk, PairSay, Return, Returned};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limits::FRAME_LEN_MAX;

/// Name of the protocol for pairing.
pub const ALPN_PAIR: &[u8] = b"holdfast/pair/1";
/// Name of the protocol for everything small between friends.
pub const ALPN_CTL: &[u8] = b"holdfast/ctl/1";
/// Name of the protocol for packs.
pub const ALPN_PACK: &[u8] = b"holdfast/pack/1";
/// Newest version of these frames; two boxes speak the lower one of theirs.
pub const VERSION: u16 = 1;
/// Bytes of a frame's length.
pub const PREFIX_LEN: usize = 4;

/// Something that travels as a frame.
pub trait Frame: Serialize + DeserializeOwned {
    /// What it is, for messages.
    const WHAT: &'static str;
    /// How many variants this version knows.
    const VARIANTS: u32;
    /// What its types alone do not say.
    fn check(&self) -> Result<(), WireError>;
}

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WireError {
    /// Longer than any frame may be.
    #[error("a frame of {found} bytes is longer than {FRAME_LEN_MAX}")]
    Long {
        /// Its length.
        found: usize,
    },
    /// Nothing in it.
    #[error("a frame is empty")]
    Empty,
    /// A variant of a newer version.
    #[error("{what} {number} is not known to this version")]
    Unknown {
        /// What it is.
        what: &'static str,
        /// The variant's number.
        number: u32,
    },
    /// Not what the fields of its variant look like, or bytes after the last one.
    #[error("a {what} does not read")]
    Malformed {
        /// What it should be.
        what: &'static str,
    },
    /// A field with a value that cannot be.
    #[error("the {field} of a {what} cannot be")]
    Field {
        /// What it is.
        what: &'static str,
        /// Which field.
        field: &'static str,
    },
}

impl WireError {
    /// What the owner can do now.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "Update Holdfast: the other box has a newer one.",
            _ => "Ask your friend to update Holdfast; if it stays, end the pact.",
        }
    }

    /// What whoever sent it is told.
    pub fn refusal(&self) -> Refused {
        match self {
            Self::Unknown { number, .. } => {
                Refused { why: Why::NotUnderstood, figure: (*number).into() }
            }
            Self::Long { .. } => Refused { why: Why::Size, figure: FRAME_LEN_MAX as u64 },
            Self::Empty | Self::Malformed { .. } | Self::Field { .. } => Why::Malformed.plain(),
        }
    }
}

/// No, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The reason.
    pub why: Why,
    /// A figure that belongs to it; what it counts stands at the reason.
    pub figure: u64,
}

impl Why {
    /// The refusal without a figure.
    pub fn plain(self) -> Refused {
        Refused { why: self, figure: 0 }
    }

    /// The refusal with one.
    pub fn with(self, figure: u64) -> Refused {
        Refused { why: self, figure }
    }
}

/// A frame with its length in front.
pub fn encode<F: Frame>(frame: &F) -> Result<Vec<u8>, WireError> {
    frame.check()?;
    let malformed = WireError::Malformed { what: F::WHAT };
    let body = postcard::to_allocvec(frame).map_err(|_| malformed)?;
    let long = WireError::Long { found: body.len() };
    if body.len() > FRAME_LEN_MAX {
        return Err(long);
    }
    let len = u32::try_from(body.len()).map_err(|_| long)?;
    Ok([&len.to_le_bytes()[..], &body].concat())
}

/// Bytes of the frame behind this prefix: never more than [`FRAME_LEN_MAX`], so it may be allocated.
pub fn body_len(prefix: [u8; PREFIX_LEN]) -> Result<usize, WireError> {
    let told = u32::from_le_bytes(prefix);
    let found = usize::try_from(told).unwrap_or(usize::MAX);
    match found {
        0 => Err(WireError::Empty),
        _ if found > FRAME_LEN_MAX => Err(WireError::Long { found }),
        _ => Ok(found),
    }
}

/// The frame in these bytes, its length taken off.
pub fn decode<F: Frame>(body: &[u8]) -> Result<F, WireError> {
    if body.len() > FRAME_LEN_MAX {
        return Err(WireError::Long { found: body.len() });
    }
    if body.is_empty() {
        return Err(WireError::Empty);
    }
    let malformed = WireError::Malformed { what: F::WHAT };
    let (number, _) = postcard::take_from_bytes::<u32>(body).map_err(|_| malformed)?;
    if number >= F::VARIANTS {
        return Err(WireError::Unknown { what: F::WHAT, number });
    }
    let (frame, rest) = postcard::take_from_bytes::<F>(body).map_err(|_| malformed)?;
    if !rest.is_empty() {
        return Err(malformed);
    }
    frame.check()?;
    Ok(frame)
}

/// The bytes of a value of ours, for signatures and hashes.
pub(crate) fn plain<T: Serialize>(value: &T) -> Vec<u8> {
    // Postcard refuses only lists that do not know their length, and ours all do: the golden frames show
    // that each of them is written.
    postcard::to_allocvec(value).unwrap_or_default()
}
