//! Where folders are cut into nodes.
//!
//! The rule looks only at what the node holds so far, never at what comes next or at how the
//! folder was reached. Therefore a node that was cut by the rule is found again, as it is, by
//! every folder that holds the same entries from the same cut on, and an edit can keep it unread.

use format::entry::NODE_LEN_MAX;
use types::Bytes;

use crate::path::NAME_LEN_MAX;

/// The longest encoded entry: room for all extended attributes that common file systems allow.
pub const ENTRY_LEN_MAX: usize = 900 * KIB;

/// The most levels of inner nodes. Each level has at least four times fewer nodes than the one
/// below, so 16 levels hold more names than there are; more are a sign of damage.
pub const INNER_LEVELS_MAX: usize = 16;

#[expect(clippy::cast_possible_truncation, reason = "1024 fits every usize")]
const KIB: usize = Bytes::KIB as usize;

/// When a node of one level is full.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// Never cut a node that holds fewer bytes: small folders stay one object.
    pub(crate) len_min: usize,
    /// Always cut a node that holds this many.
    pub(crate) len_cut: usize,
    /// Between the two, cut where these bits of the name's hash are zero.
    pub(crate) mask: u8,
}

/// The rules of a folder's levels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Split {
    /// For entries.
    pub(crate) leaf: Rule,
    /// For children.
    pub(crate) inner: Rule,
}

impl Split {
    /// The rule of every stored folder. Changing it makes the next backup store all large folders
    /// anew, and is otherwise harmless: readers do not depend on it.
    ///
    /// A leaf: an entry takes about 150 bytes, so 16 KiB are about 100 names and one name in 64
    /// cuts: 22 KiB on average. Measured with 100,000 names, 300 edits of one name each: 3.0 nodes
    /// and 30 kB written, 4 nodes at the worst. With 32 KiB and one name in 16 (a smaller share
    /// of the length left to chance) two folders that differ in one name fall into step again too
    /// seldom: 49 nodes at the worst. 120 KiB and the longest entry fit one node.
    /// An inner node: a child takes about 50 bytes: 110 children on average, four at the least.
    pub(crate) const STORED: Self = Self {
        leaf: Rule { len_min: 16 * KIB, len_cut: 120 * KIB, mask: 0x3f },
        inner: Rule { len_min: 4 * KIB, len_cut: 32 * KIB, mask: 0x1f },
    };

    /// Nodes of a few entries, so that small tests have high trees.
    #[cfg(test)]
    pub(crate) const TINY: Self = Self {
        leaf: Rule { len_min: 250, len_cut: 900, mask: 0x03 },
        inner: Rule { len_min: 130, len_cut: 300, mask: 0x01 },
    };

    /// Whether a node is full, once the thing named `name` stands in it as the last one.
    ///
    /// Each level looks at another byte of the hash: a name that begins a node has been chosen by
    /// the level below.
    pub(crate) fn is_full(&self, level: usize, len: usize, name: &[u8]) -> bool {
        let rule = if level == 0 { self.leaf } else { self.inner };
        len >= rule.len_cut
            || len >= rule.len_min && blake3::hash(name).as_bytes()[level % 32] & rule.mask == 0
    }
}

/// The most bytes that CBOR adds around what a node holds: `[kind, [array of up to 2^32]]`.
const NODE_FRAME_LEN: usize = 8;
/// The most bytes that CBOR adds to a child's name: `[name, id]`.
const CHILD_FRAME_LEN: usize = 1 + 3 + 34;
/// What an edit may add to a folder's entry that was accepted before: its node, a longer time.
pub(crate) const ENTRY_GROWTH_MAX: usize = 64;

const _: () = assert!(
    Split::STORED.leaf.len_cut + ENTRY_LEN_MAX + ENTRY_GROWTH_MAX + NODE_FRAME_LEN <= NODE_LEN_MAX
);
const _: () = assert!(
    Split::STORED.inner.len_cut + NAME_LEN_MAX + CHILD_FRAME_LEN + NODE_FRAME_LEN <= NODE_LEN_MAX
);
// Four children at least, so that levels shrink.
const _: () = assert!(Split::STORED.inner.len_min > 3 * (NAME_LEN_MAX + CHILD_FRAME_LEN));
