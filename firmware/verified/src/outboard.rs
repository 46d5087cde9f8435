//! The outboard of a pack: the pairs of hashes between its name and its groups, and what of a pack
//! can be proven with them.
//!
//! 64 bytes for each pair, in pre-order, without a length in front: 65,472 bytes for the longest
//! pack, none for one of a single group. It proves nothing by itself and can always be made anew.

use std::io::{self, Read};

use bao_tree::BaoTree;
use bao_tree::blake3::{Hash, Hasher, hazmat};
use bao_tree::io::outboard::PreOrderMemOutboard;
use bao_tree::io::sync::{self, Outboard as _};
use bao_tree::iter::BaoChunk;
use hazmat::HasherExt;

use crate::groups::group_at;
use crate::{Groups, ReadAt, Told};

/// Length of a pair of hashes.
pub const PAIR_LEN: usize = 64;

/// A pack's outboard, whole or in the making, right or wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outboard {
    pub(crate) inner: PreOrderMemOutboard,
}

impl Outboard {
    /// One of which nothing is known yet.
    pub fn empty(told: &Told) -> Self {
        Self::from_bytes(told, Vec::new())
    }

    /// What was stored of one. What is missing at its end is unknown, what is too much is left out.
    pub fn from_bytes(told: &Told, mut bytes: Vec<u8>) -> Self {
        bytes.resize(Self::len_for(told), 0);
        Self { inner: PreOrderMemOutboard { root: told.hash(), tree: told.tree(), data: bytes } }
    }

    /// Makes one from a pack's bytes. None when they are not that pack.
    pub fn of(told: &Told, bytes: impl Read) -> io::Result<Option<Self>> {
        let mut made = Self::empty(told);
        match sync::outboard(bytes, told.tree(), &mut made.inner) {
            Ok(root) => Ok((root == told.hash()).then_some(made)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Length in bytes of the outboard of such a pack.
    pub fn len_for(told: &Told) -> usize {
        (told.groups() - 1) * PAIR_LEN
    }

    /// As it is stored.
    pub fn bytes(&self) -> &[u8] {
        &self.inner.data
    }

    /// Puts a pair that [`crate::receive`] gave to its place.
    pub fn put(&mut self, at: u64, pair: &[u8; PAIR_LEN]) {
        let place = usize::try_from(at).ok().and_then(|at| self.inner.data.get_mut(at..));
        if let Some(place) = place.and_then(|rest| rest.first_chunk_mut()) {
            *place = *pair;
        }
    }

    /// Whether every pair leads up to the pack's name.
    pub fn is_whole(&self) -> bool {
        let mut whole = true;
        self.walk(&bao_tree::ChunkRanges::all(), |step| whole &= step.expected.is_some());
        whole
    }

    /// Shows every group of `ranges` with the hash that it must have, as far as that is known.
    fn walk(&self, ranges: &bao_tree::ChunkRanges, mut show: impl FnMut(Step)) {
        let tree: BaoTree = self.inner.tree;
        let mut expected = vec![Some(self.inner.root)];
        let ranges = sync::truncate_ranges(ranges, tree.size());
        for chunk in tree.ranges_pre_order_chunks_iter_ref(ranges, 0) {
            let hash = expected.pop().flatten();
            match chunk {
                BaoChunk::Parent { node, is_root, left, right, .. } => {
                    // In memory: nothing can fail, and pairs within a group are never asked for.
                    let pair = self.inner.load(node).ok().flatten();
                    let pair = pair.filter(|pair| hash == Some(parent(pair, is_root)));
                    if right {
                        expected.push(pair.map(|pair| pair.1));
                    }
                    if left {
                        expected.push(pair.map(|pair| pair.0));
                    }
                }
                BaoChunk::Leaf { start_chunk, size, is_root, .. } => {
                    show(Step { start: start_chunk.to_bytes(), size, is_root, expected: hash });
                }
            }
        }
    }
}

/// A group on the way through the tree.
struct Step {
    start: u64,
    size: usize,
    is_root: bool,
    expected: Option<Hash>,
}

fn parent(pair: &(Hash, Hash), is_root: bool) -> Hash {
    let (left, right) = (pair.0.as_bytes(), pair.1.as_bytes());
    if is_root {
        hazmat::merge_subtrees_root(left, right, hazmat::Mode::Hash)
    } else {
        Hash::from_bytes(hazmat::merge_subtrees_non_root(left, right, hazmat::Mode::Hash))
    }
}

fn leaf(start: u64, bytes: &[u8], is_root: bool) -> Hash {
    if is_root {
        return bao_tree::blake3::hash(bytes);
    }
    let mut hasher = Hasher::new();
    hasher.set_input_offset(start).update(bytes);
    Hash::from_bytes(hasher.finalize_non_root())
}

/// Which of `among` are there and are what the pack's name says. Reads each of them once; bytes
/// that end too soon are not there, any other failure to read ends the search.
pub fn valid(
    told: &Told,
    outboard: &Outboard,
    data: &dyn ReadAt,
    among: &Groups,
) -> io::Result<Groups> {
    let (mut good, mut failed) = (Groups::none(), None);
    if among.is_empty() || outboard.inner.root != told.hash() {
        return Ok(good);
    }
    let mut buffer = vec![0; told.tree().block_size().bytes()];
    outboard.walk(&among.chunks(), |step| {
        let Some(hash) = step.expected.filter(|_| failed.is_none()) else { return };
        let bytes = &mut buffer[..step.size];
        match data.read_exact_at(step.start, bytes) {
            Ok(()) if leaf(step.start, bytes, step.is_root) == hash => {
                good.insert(group_at(step.start));
            }
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            Err(error) => failed = Some(error),
        }
    });
    failed.map_or(Ok(good), Err)
}
