//! What the box gives: time, randomness, durable records, its own sealed bytes, disks that host.
//!
//! Everything here may block, is called from threads that may, and from several at once; but for the
//! clocks and the randomness, which are asked for everywhere. Start at [`House`].

use std::fmt;
use std::io;
use std::sync::Arc;

use peer_proto::clock::Now;
use peer_proto::pact::Side;
use peer_proto::sign::Signature;
use peer_proto::wire::HeadPoint;
use plan::traffic::Rules;
use types::{Bytes, PackId, Rng};
use verified::ReadAt;
use volume::Volume;

use crate::news::News;
use crate::views::FriendId;

/// One series of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Log {
    /// Invites that were made here: open ones, those a pact came of, and for a while those that ended.
    Invites,
    /// Invites of others to which this owner said yes, with their tickets: a secret until they are used.
    Tickets,
    /// All that is written down of one friend. Deleting it forgets the friend.
    Friend(FriendId),
}

/// A disk that may keep packs of friends.
#[derive(Clone, Debug)]
pub struct Shelf {
    /// The disk's folder. While a federation runs, nobody else changes what is kept there for friends.
    pub volume: Arc<Volume>,
    /// Whether new packs may go there. What lies there is served all the same.
    pub takes: bool,
}

/// A sealed pack of this box's own, open to be read.
pub struct OwnPack {
    /// Its length.
    pub len: Bytes,
    /// Its bytes. They are compared with the pack's name before a friend sees them.
    pub bytes: Box<dyn ReadAt + Send>,
}

impl fmt::Debug for OwnPack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnPack").field("len", &self.len).finish_non_exhaustive()
    }
}

/// To a friend, or from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Direction {
    /// To it.
    Out,
    /// From it.
    In,
}

/// What went in each direction: bodies of packs and heads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// To the friend.
    pub out: Bytes,
    /// From it.
    pub came: Bytes,
}

/// How fast bytes may go, as `plan::traffic` needs it. What the line itself says is measured here.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// What the owner wants of what goes to friends.
    pub out: Rules,
    /// And of what comes.
    pub came: Rules,
    /// Bytes that went this month, those that were just told among them.
    pub this_month: Moved,
    /// The local day, 0 for Monday.
    pub weekday: u8,
    /// The local minute of the day.
    pub minute: u16,
    /// Somebody looks at the page, or a computer backs up or restores over the network.
    pub people: bool,
}

/// The box in which the federation lives.
pub trait House: fmt::Debug + Send + Sync + 'static {
    /// Both clocks.
    fn now(&self) -> Now;
    /// Where randomness comes from.
    fn rng(&self) -> &dyn Rng;
    /// Who this box is in a new pact; none before it has a vault.
    fn side(&self) -> Option<Side>;

    /// The friends of whom there is a log, at the start.
    fn friends(&self) -> io::Result<Vec<FriendId>>;
    /// All records of a log, in order; empty when there is none.
    fn records(&self, log: Log) -> io::Result<Vec<Vec<u8>>>;
    /// Adds records, all or none of them after a crash, durable before it returns.
    fn keep(&self, log: Log, records: &[Vec<u8>]) -> io::Result<()>;
    /// Puts these in place of all records of a log, durable before it returns; the old ones or these
    /// after a crash.
    fn replace(&self, log: Log, records: &[Vec<u8>]) -> io::Result<()>;

    /// A pack of the own vault; none when no disk that is there has it.
    fn own_pack(&self, root: PackId) -> io::Result<Option<OwnPack>>;
    /// The sealed bytes of an own head.
    fn own_head(&self, point: HeadPoint) -> Option<Vec<u8>>;
    /// The newest own head.
    fn newest_head(&self) -> Option<HeadPoint>;
    /// Whether a head is one of this box's own, the newest or any before it.
    fn knows_head(&self, point: HeadPoint) -> bool;
    /// Takes in a head that a friend showed, when it is one of the own vault's and nothing here contradicts
    /// it; whether it is known from now on.
    fn remember_head(&self, point: HeadPoint, bytes: &[u8]) -> bool;
    /// Public keys of devices that write heads of the own vault, beside the one in the pact.
    fn writers(&self) -> Vec<[u8; 32]>;
    /// The word of the writer of heads that `to` follows `from` (`peer_proto::heads::link`); none
    /// while the box is locked. Then it is asked again an hour later, or after
    /// [`crate::Federation::head`].
    fn link(&self, from: HeadPoint, to: HeadPoint) -> Option<Signature>;

    /// The disks that are there and may host. Asked at the start and after
    /// [`crate::Federation::shelves_changed`].
    fn shelves(&self) -> Vec<Shelf>;
    /// Once a second while a friend is there: what went since, and how fast it may go on.
    fn traffic(&self, friend: FriendId, moved: Moved) -> Traffic;
    /// What is worth knowing. Must not wait for a method of the federation.
    fn told(&self, news: News);
}
