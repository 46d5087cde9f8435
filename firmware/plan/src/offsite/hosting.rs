//! What a host keeps for a friend: what it takes, what it reserves, and what it may let go when.
//!
//! Everything here goes by the host's own clock, and nothing that the owner's box says can hasten it:
//! whoever has taken that box over would say the same. Start at [`admit`] and [`to_unlink`]; what
//! becomes of the whole when the owner is silent is in [`super::silence`].

use thiserror::Error;
use types::pact::NOT_BEFORE_DAYS;
use types::{Bytes, Millis, UnixTime};

/// How long a host keeps what it was asked to let go.
pub const NOT_BEFORE: Millis = Millis::from_days(NOT_BEFORE_DAYS as u64);
/// The longest pack there is, and so the least that is worth giving.
pub const GIVEN_MIN: Bytes = Bytes(16 * Bytes::MIB);

/// What a host gives one friend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// Bytes that were agreed on.
    pub given: Bytes,
    /// Bytes of whole packs that lie here, those that are to go among them.
    pub used: Bytes,
}

impl Given {
    /// What the friend may still send.
    pub fn room(&self) -> Bytes {
        self.given.saturating_sub(self.used)
    }
}

/// Why a pack is not taken.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotTaken {
    /// More than was agreed on.
    #[error("{given} are given, {used} are used, and the pack has {len}")]
    Quota {
        /// Agreed on.
        given: Bytes,
        /// Used.
        used: Bytes,
        /// The pack's length.
        len: Bytes,
    },
    /// The host's disks are fuller than they should be.
    #[error("the disks here have {free} left for friends, and the pack has {len}")]
    Disk {
        /// Free on the volume that would take it, the reserve taken off.
        free: Bytes,
        /// The pack's length.
        len: Bytes,
    },
}

impl NotTaken {
    /// What the owner of the pack can do now.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Quota { .. } => "Ask your friend for more room, or send less.",
            Self::Disk { .. } => "Ask your friend to add a disk.",
        }
    }
}

/// Whether a host takes one more pack, before a byte of it is read. `free` is what the volume that its
/// placement chose has left.
pub fn admit(given: Given, len: Bytes, free: Bytes) -> Result<(), NotTaken> {
    if len > given.room() {
        return Err(NotTaken::Quota { given: given.given, used: given.used, len });
    }
    if len > free {
        return Err(NotTaken::Disk { free, len });
    }
    Ok(())
}

/// What friends may still send: reserved, so that the host's own data fill up to it and no further.
pub fn reserved(given: &[Given]) -> Bytes {
    given.iter().fold(Bytes(0), |sum, one| Bytes(sum.0.saturating_add(one.room().0)))
}

/// The most that can be promised to one more friend of what is free and not yet promised; none when
/// that is less than a pack.
pub fn may_promise(free: Bytes, given: &[Given]) -> Option<Bytes> {
    Some(free.saturating_sub(reserved(given))).filter(|left| *left >= GIVEN_MIN)
}

/// A pack that lies here for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostedPack {
    /// The host's number for it.
    pub no: u64,
    /// When its owner's box asked to let it go, by the host's clock; an offer of the same pack since
    /// then takes that back.
    pub asked: Option<UnixTime>,
}

/// What may go now. Nothing while the host's own clock is in doubt.
pub fn to_unlink(
    packs: &[HostedPack],
    keeps_for: Millis,
    now: UnixTime,
    clock_jumped: bool,
) -> Vec<u64> {
    let is_due = |pack: &&HostedPack| {
        !clock_jumped && pack.asked.is_some_and(|asked| now.since(asked) >= keeps_for)
    };
    packs.iter().filter(is_due).map(|pack| pack.no).collect()
}

/// How long packs are kept once one side wants another time: longer at once, shorter only with a proof
/// that the owner's words were there. The box alone cannot.
pub fn keeps_for(agreed: Millis, wanted: Millis, words_were_there: bool) -> Millis {
    if words_were_there { wanted } else { agreed.max(wanted) }
}
