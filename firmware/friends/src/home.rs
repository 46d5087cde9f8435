//! What the box gives to its friends' service: time, the vault's facts, its sealed bytes, its disks.
//!
//! Everything here blocks and is called from several threads. Start at [`Home`].

use std::fmt::Debug;
use std::io;

use calls::Fault;
use federation::{OwnPack, Shelf};
use peer_proto::clock::Now;
use peer_proto::owner::OwnHead;
use peer_proto::pact::Side;
use peer_proto::sign::Signature;
use peer_proto::wire::HeadPoint;
use types::{Bytes, EndpointId, PackId, Rng, Signer, VaultId};
use zeroize::Zeroizing;

use crate::round::OwnList;

/// The time of day here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Local {
    /// The day of the week, 0 for Monday.
    pub weekday: u8,
    /// The minute of the day.
    pub minute: u16,
    /// Years times 12 and the month: told apart from all other months.
    pub month: i32,
}

/// Hands pieces of a pack over, each proved, with its place. Returns the pack's length.
pub type Fetching<'a> =
    dyn FnMut(&mut dyn FnMut(u64, &[u8]) -> io::Result<()>) -> Result<Bytes, Fault> + 'a;

/// The box in which the service lives.
pub trait Home: Debug + Send + Sync + 'static {
    /// Both clocks.
    fn now(&self) -> Now;
    /// The time of day here.
    fn local(&self) -> Local;
    /// Where randomness comes from.
    fn rng(&self) -> &dyn Rng;
    /// Somebody uses the box over the network, and friends are to step back.
    fn is_in_use(&self) -> bool;

    /// Who this box is in a new pact, known to friends by this key; none while it is locked or new.
    fn side(&self, endpoint: EndpointId) -> Option<Side>;
    /// The vault that is this box's, open or locked; none while there is none, or nobody can say.
    fn vault(&self) -> Option<VaultId> {
        None
    }
    /// What there is to be kept at friends; none while nobody can say.
    fn own(&self) -> Option<OwnList>;
    /// A sealed pack of the own vault; none when no disk that is here has it.
    fn own_pack(&self, root: PackId) -> io::Result<Option<OwnPack>>;
    /// What was read of an own pack is not what its name says: one of its copies here is rotten.
    fn is_rotten(&self, root: PackId);
    /// The newest own head, to be witnessed; none while nobody can say.
    fn head(&self) -> Option<OwnHead>;
    /// The sealed bytes of an own head.
    fn head_bytes(&self, point: HeadPoint) -> Option<Vec<u8>>;
    /// Whether a head is one of this vault's own.
    fn knows_head(&self, point: HeadPoint) -> bool;
    /// Takes in a head that a friend showed, when it is one of this vault's and nothing here contradicts it;
    /// whether it is known from now on.
    fn remember_head(&self, bytes: &[u8]) -> bool;
    /// The newest own head, with the recovery key's word, by the 24 words, that heads begin again from it at
    /// a friend that saw `after` last.
    fn begin_again(&self, after: HeadPoint, words: &str) -> Result<OwnHead, Fault>;
    /// Devices that write heads of the vault, beside the one in the pact.
    fn writers(&self) -> Vec<[u8; 32]>;
    /// The word of the writer of heads that `to` follows `from`; none while the box is locked.
    fn link(&self, from: HeadPoint, to: HeadPoint) -> Option<Signature>;
    /// Takes a pack back from a friend: a good copy here, durable, when it returns.
    fn take_back(&self, root: PackId, fetching: &mut Fetching<'_>) -> Result<(), Fault>;
    /// Somebody brings packs back by the hundred already: none is fetched one by one.
    fn brings_back(&self) -> bool {
        false
    }
    /// The recovery key's signature under exactly these bytes, by the 24 words.
    fn sign_with_words(&self, words: &str, bytes: &[u8]) -> Result<[u8; 64], Fault>;

    /// Keeps these bytes sealed on the vault's disks, for a box that lost its own; false while it cannot.
    fn keep_beside(&self, bytes: &[u8]) -> bool;
    /// What the vault's disks keep so: nothing while it is locked.
    fn beside(&self) -> Vec<Zeroizing<Vec<u8>>>;
    /// The recovery key that these 24 words make, whichever vault is here, or none: a fresh box proves with
    /// it whose it is.
    fn recovery(&self, words: &str) -> Result<Box<dyn Signer>, Fault>;

    /// The disks that are here and may keep packs of friends.
    fn shelves(&self) -> Vec<Shelf>;
    /// What is shown of friends is not as it was.
    fn changed(&self);
}
