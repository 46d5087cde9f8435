//! What a whole tree comes to: how deep it is, how long its paths are, how much it holds.
//!
//! Lengths cost their sender nothing, and neither does a folder that stands in many places: a few small
//! nodes can name more bytes than can be counted, or paths without end. So each node is read once here,
//! wherever it stands, and no manifest is. Start at [`measure`].

use std::collections::HashMap;

use format::entry::{Entry, Node, NodeChild};
use types::ObjectId;

use crate::ObjectReader;
use crate::check::read_node;
use crate::error::{Damage, TreeError};
use crate::path::{PATH_DEPTH_MAX, PATH_LEN_MAX};
use crate::split::INNER_LEVELS_MAX;

/// The most bytes of one file, which is what a file system can name, and of all files of a version.
const BYTES_MAX: u64 = i64::MAX.unsigned_abs();
/// The most entries of a version: whoever restores it looks at each.
const ENTRIES_MAX: u64 = 1 << 32;

/// What lies at and below a node.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    /// Inner nodes of this folder below one another.
    levels: usize,
    /// Components of the longest path.
    depth: usize,
    /// Bytes of the longest path.
    path: usize,
    entries: u64,
    bytes: u64,
}

/// Refuses a tree that is too deep, has a path that is too long, or comes to too much. All of its nodes have to be there.
///
/// What was looked at for a version before is read again: it may stand deeper now, or in more places. It is
/// as much as finding out what that version holds has read.
pub(crate) fn measure<R: ObjectReader + ?Sized>(
    reader: &R,
    root: ObjectId,
) -> Result<(), TreeError<R::Error>> {
    let mut sums: HashMap<ObjectId, Sum> = HashMap::new();
    let mut work = vec![root];
    while let Some(id) = work.last().copied() {
        if sums.contains_key(&id) {
            work.pop();
            continue;
        }
        let node = read_node(reader, &id)?;
        let before = work.len();
        work.extend(below(&node).filter(|id| !sums.contains_key(id)));
        // Else it is read again after what is below it: to keep all that lead to the deepest node would
        // take too much memory.
        if work.len() == before {
            let sum = match &node {
                Node::Leaf(entries) => leaf(entries, &sums)?,
                Node::Inner(children) => inner(children, &sums)?,
            };
            if sum.levels > INNER_LEVELS_MAX {
                return Err(TreeError::damaged(id, Damage::Height));
            }
            sums.insert(id, sum);
        }
    }
    Ok(())
}

/// The nodes that a node names.
fn below(node: &Node) -> impl Iterator<Item = ObjectId> {
    let (entries, children): (&[Entry], &[NodeChild]) = match node {
        Node::Leaf(entries) => (entries, &[]),
        Node::Inner(children) => (&[], children),
    };
    let folders = entries.iter().filter_map(|entry| entry.node);
    folders.chain(children.iter().map(|child| child.node))
}

fn of(sums: &HashMap<ObjectId, Sum>, id: Option<ObjectId>) -> Sum {
    id.and_then(|id| sums.get(&id)).copied().unwrap_or_default()
}

fn leaf<E>(entries: &[Entry], sums: &HashMap<ObjectId, Sum>) -> Result<Sum, TreeError<E>>
where
    E: std::error::Error + Send + Sync + 'static,
{
    entries.iter().try_fold(Sum::default(), |sum, entry| {
        let name = entry.name.as_slice();
        if entry.size > BYTES_MAX {
            return refused(name, "is longer than a file can be");
        }
        let held = of(sums, entry.node);
        let one = Sum {
            levels: 0,
            depth: held.depth + 1,
            path: name.len() + if held.depth > 0 { held.path + 1 } else { 0 },
            entries: held.entries.saturating_add(1),
            bytes: held.bytes.saturating_add(entry.size),
        };
        sum.and(one, name)
    })
}

fn inner<E>(children: &[NodeChild], sums: &HashMap<ObjectId, Sum>) -> Result<Sum, TreeError<E>>
where
    E: std::error::Error + Send + Sync + 'static,
{
    children.iter().try_fold(Sum::default(), |sum, child| {
        let held = of(sums, Some(child.node));
        sum.and(Sum { levels: held.levels + 1, ..held }, child.first.as_slice())
    })
}

impl Sum {
    /// With what stands at `name`, unless that makes it too much.
    fn and<E>(self, one: Self, name: &[u8]) -> Result<Self, TreeError<E>>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let sum = Self {
            levels: self.levels.max(one.levels),
            depth: self.depth.max(one.depth),
            path: self.path.max(one.path),
            entries: self.entries.saturating_add(one.entries),
            bytes: self.bytes.saturating_add(one.bytes),
        };
        if sum.depth > PATH_DEPTH_MAX {
            return Err(TreeError::TooDeep { path: name.to_vec() });
        }
        if sum.path > PATH_LEN_MAX {
            return refused(name, "brings a path to more than 65,536 bytes");
        }
        if sum.bytes > BYTES_MAX {
            return refused(name, "brings the version to more than 2^63 - 1 bytes");
        }
        if sum.entries > ENTRIES_MAX {
            return refused(name, "brings the version to more than 2^32 files and folders");
        }
        Ok(sum)
    }
}

fn refused<E>(name: &[u8], why: &'static str) -> Result<Sum, TreeError<E>>
where
    E: std::error::Error + Send + Sync + 'static,
{
    Err(TreeError::BadEntry { name: name.to_vec(), why })
}
