//! A pack as one that friends may hold, and what can be done with it. Start at [`OffsitePack`].

use std::collections::BTreeMap;

use types::{Bytes, UnixTime};

use super::friends::FriendSet;
use crate::volumes::PackKind;

/// One pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsitePack {
    /// The catalog's number for it.
    pub no: u32,
    /// What it holds.
    pub kind: PackKind,
    /// Length of the file, padding included: what a friend counts.
    pub len: Bytes,
    /// Good copies in this house that can be read now.
    pub here: u8,
    /// It has copies in this house that cannot be read now: on a disk that is away.
    pub away: bool,
    /// Friends that said it is durable there, and that no audit has shown to be without it.
    pub at: FriendSet,
    /// Of these, those that were asked to let it go and still have it.
    pub going: FriendSet,
    /// Friends that have the first part of it: sending goes on where it stopped.
    pub begun: FriendSet,
    /// Friends that lost it once.
    pub lost_at: FriendSet,
    /// Copies wanted at friends.
    pub wanted: u8,
    /// Whether it belongs to a source that the owner wants safe first.
    pub pinned: bool,
    /// Pruned: nothing needs it, and its grace here has begun.
    pub pruned: bool,
    /// When it was sealed.
    pub sealed: UnixTime,
}

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OffsiteAction {
    /// Get it back from a friend and check its name: no disk here has it.
    Fetch {
        /// The pack.
        pack: u32,
        /// The friend's slot.
        from: u8,
    },
    /// Offer it to a friend, and send what the friend lacks. Of one that it was asked to let go it
    /// lacks nothing.
    Send {
        /// The pack.
        pack: u32,
        /// The friend's slot.
        to: u8,
    },
    /// Tell a friend that it may let a pack go. The friend does so when its own clock has reached what
    /// the pact says, whatever anybody says before.
    LetGo {
        /// The pack.
        pack: u32,
        /// The friend's slot.
        at: u8,
    },
}

/// What to do, and what cannot be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsitePlan {
    /// In order of urgency.
    pub actions: Vec<OffsiteAction>,
    /// The same for friends that are closed now, or not connected.
    pub later: Vec<OffsiteAction>,
    /// Small packs that wait to be merged.
    pub waits: Vec<u32>,
    /// Packs that stay below what is wanted after all of this: no friend, or no room.
    pub short: Vec<u32>,
    /// Packs that nobody has, as far as is known.
    pub lost: Vec<u32>,
    /// Packs that only disks and friends have that cannot be asked now.
    pub away: Vec<u32>,
    /// Of each leaving friend, by its slot, how many bytes have no other home yet.
    pub homeless: BTreeMap<u8, Bytes>,
}
