//! Parts of packs that prove themselves: streams of which every 16 KiB are checked against the
//! pack's name before anybody sees them.
//!
//! Owner and host share this crate. It is pure: bytes come and go through what the caller brings,
//! and it keeps none. An owner needs a pack's name and length, nothing else, to check what a host
//! answers; a host needs the pack and its outboard, the hashes between the name and the groups.
//! The library below, `bao-tree`, is known to this crate alone. Start at [`Told`], then [`receive`]
//! and [`send`].
#![warn(missing_docs)]

mod groups;
mod outboard;
mod stream;

pub use bao_tree::io::sync::ReadAt;
pub use groups::Groups;
pub use outboard::{Outboard, PAIR_LEN, valid};
pub use stream::{Piece, ReceiveError, SendError, check, receive, send};

use bao_tree::{BaoTree, BlockSize};
use types::{Bytes, PackId};

/// What is proven at once. 16 KiB cost 0.4 % of a pack for its outboard and at most 640 bytes beside the
/// bytes of an audit; 1 KiB would cost 6 %, 64 KiB four times the traffic of an audit.
pub const GROUP_LEN: u64 = 16 << 10;
/// The same, as the library counts it: 2^4 chunks of 1 KiB.
const BLOCK: BlockSize = BlockSize::from_chunk_log(4);
/// Chunks of BLAKE3 in a group.
const CHUNKS_PER_GROUP: u64 = 16;
/// The longest pack that a friend may bring.
pub const LEN_MAX: u64 = format::pack::SIZE_MAX;
/// Groups of the longest pack.
pub const GROUPS_MAX: usize = 1024;

const _: () = assert!(LEN_MAX == GROUP_LEN * GROUPS_MAX as u64);
const _: () = assert!(BLOCK.bytes() as u64 == GROUP_LEN);

/// What is told of a pack before its bytes come: its name, which is the BLAKE3 of all of it, and
/// its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Told {
    root: PackId,
    len: u64,
}

impl Told {
    /// None when no pack is as long as that.
    pub fn new(root: PackId, len: Bytes) -> Option<Self> {
        (1..=LEN_MAX).contains(&len.0).then_some(Self { root, len: len.0 })
    }

    /// The pack's name.
    pub fn root(&self) -> PackId {
        self.root
    }

    /// Its length.
    pub fn len(&self) -> Bytes {
        Bytes(self.len)
    }

    /// No pack is empty.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// How many groups it has; the last one may be shorter.
    pub fn groups(&self) -> usize {
        usize::try_from(self.len.div_ceil(GROUP_LEN)).unwrap_or(GROUPS_MAX)
    }

    fn tree(&self) -> BaoTree {
        BaoTree::new(self.len, BLOCK)
    }

    fn hash(&self) -> blake3::Hash {
        blake3::Hash::from_bytes(self.root.0)
    }
}
