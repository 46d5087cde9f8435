//! What happens at a host, and what its driver is to do then, in this order.

use std::collections::{BTreeMap, BTreeSet};

use types::{Bytes, HeadHash, PackId, UnixTime};

use super::record::Record;
use crate::wire::{ByeWhy, ByteRange, HeadPoint, PackAsk, PackSay, Put, Ranges};

/// One connection for packs. Later ones have higher numbers; restarts begin anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId(pub u64);

/// One request on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// The connection.
    pub line: LineId,
    /// Which stream of it; never used twice.
    pub number: u64,
}

/// What happens.
#[derive(Clone, Debug)]
pub enum HostEvent {
    /// The friend opened a connection for packs.
    Opened(LineId),
    /// It is gone.
    Closed(LineId),
    /// A request came.
    Asked {
        /// On which stream.
        stream: StreamId,
        /// What.
        ask: PackAsk,
    },
    /// A stream ended, after its last answer or before it. Every stream has to be reported: 16 that are
    /// not are all that there may be. What was on its way can be resumed.
    Ended(StreamId),
    /// The answer to [`HostAction::Look`].
    Looked {
        /// The stream of the request.
        stream: StreamId,
        /// The pack.
        root: PackId,
        /// What of it is not on the disk; empty when all is.
        missing: Vec<ByteRange>,
    },
    /// A pack is whole, verified against its name, and durable under it.
    Stored(PackId),
    /// The disk refused.
    StoreFailed(PackId),
    /// All bytes of a head came.
    HeadArrived {
        /// The stream of the offer.
        stream: StreamId,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// A pack was removed, durably.
    Removed(PackId),
    /// What should be a kept pack is gone or does not match its name.
    Rotten(PackId),
    /// These packs lie on a disk that is not there any more.
    Away(BTreeSet<PackId>),
    /// A disk is there again: for each pack that was away and should be on it, its length, if it is.
    Back(BTreeMap<PackId, Option<u64>>),
    /// Room that this box has for friends, its own reserve taken off.
    Room(Bytes),
    /// A time server or this box's owner says that the clock is right.
    ClockAgreed,
    /// The pact says from when on everything may go.
    Release(UnixTime),
    /// The pact says that every connection is to be closed.
    Revoked(ByeWhy),
    /// Time passes; every minute is enough.
    Tick,
}

/// What is to be done, each only after all before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostAction {
    /// Make this durable in the friend's record.
    Keep(Record),
    /// Make a head's bytes durable under its hash.
    KeepHead {
        /// Its place in the chain.
        point: HeadPoint,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Forget an old head's bytes.
    DropHead(HeadHash),
    /// Answer a request.
    Answer {
        /// On its stream.
        stream: StreamId,
        /// With this.
        say: PackSay,
    },
    /// See what of this pack is on the disk, and come back with [`HostEvent::Looked`].
    Look {
        /// The stream of the request.
        stream: StreamId,
        /// The pack.
        put: Put,
    },
    /// Read the missing parts off the stream, verify each before it is written, make the whole
    /// durable under its name, and come back with [`HostEvent::Stored`].
    Receive {
        /// The stream.
        stream: StreamId,
        /// The pack.
        root: PackId,
        /// What comes.
        missing: Ranges,
    },
    /// Read the head's bytes off the stream, and come back with [`HostEvent::HeadArrived`].
    ReceiveHead {
        /// The stream.
        stream: StreamId,
        /// So many.
        len: u64,
    },
    /// Send `first` and then these parts, each verified. Should the pack not be there or not match,
    /// answer [`PackSay::Missing`] instead, or cut the stream, and come back with
    /// [`HostEvent::Rotten`].
    Serve {
        /// The stream.
        stream: StreamId,
        /// The pack, or the hash of a head.
        root: PackId,
        /// The parts; none at all means the whole.
        ranges: Ranges,
        /// The answer in front of them.
        first: PackSay,
    },
    /// Remove a kept pack, and come back with [`HostEvent::Removed`].
    Remove(PackId),
    /// Remove whatever there is of a pack that is not kept, finished or not.
    DropPart(PackId),
    /// Close a connection.
    Close {
        /// Which.
        line: LineId,
        /// Why.
        why: ByeWhy,
    },
    /// Tell this box's owner.
    Tell(HostNews),
}

/// What a host's owner should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostNews {
    /// The friend has not been heard for as long as was agreed. Nothing goes by itself.
    Silent {
        /// The last time.
        since: UnixTime,
    },
    /// The friend's box offers an older head than it did before: it was rolled back.
    RolledBack {
        /// What it offers.
        offered: HeadPoint,
        /// What was seen before.
        seen: HeadPoint,
    },
    /// There are two heads of one number: two boxes, or two halves, of one vault.
    Forked {
        /// What it offers.
        offered: HeadPoint,
        /// What was seen before.
        seen: HeadPoint,
    },
    /// The clock jumped; no deletion is carried out until somebody says that it is right.
    ClockUnsure,
    /// A pack kept for the friend is lost here. The friend is told when it asks for it.
    Lost(PackId),
    /// The friend's box asks without end; it was cut off.
    Flooded,
}
