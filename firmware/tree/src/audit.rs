//! A tree that somebody else has built, looked at before it is believed: every node is sound, stands where
//! its parent says, everything that it refers to is either known or named as missing, and all of it together
//! is no more than can be counted.
//!
//! Nothing that was stored by others is believed because it is there: what may be relied on is the caller's
//! to say. Start at [`audit`].

use format::entry::{Content, Entry, EntryKind, Extent, Manifest, Node};
use types::ObjectId;

use crate::check::{entry_fault, read_manifest, read_node};
use crate::error::{Damage, TreeError};
use crate::measure::measure;
use crate::path::PATH_DEPTH_MAX;
use crate::sent::sent_fault;
use crate::split::INNER_LEVELS_MAX;
use crate::{ObjectReader, content_len};

/// What is known of an object before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It and all below it were audited before, though perhaps not as what it is now said to be.
    Whole,
    /// It is there and has to be read.
    There,
    /// It is not there for this tree: whoever asks notes that, and what is below it stays unknown.
    Missing,
}

/// A node that is still to be read, and what its parent says of it.
enum Work {
    Folder {
        id: ObjectId,
        first: Option<Vec<u8>>,
        below: Option<Vec<u8>>,
        level: usize,
        depth: usize,
    },
    Manifest {
        id: ObjectId,
        len: u64,
        level: usize,
    },
}

/// Audits the tree of the folder `root`. `known` is asked once for each object on the way to it, `visit` is
/// given every extent of every file below nodes that were not audited before.
pub fn audit<R: ObjectReader + ?Sized>(
    reader: &R,
    root: &Entry,
    known: &mut impl FnMut(&ObjectId) -> Result<Known, R::Error>,
    visit: &mut impl FnMut(&Extent) -> Result<(), R::Error>,
) -> Result<(), TreeError<R::Error>> {
    let mut audit = Audit { reader, known, visit, work: Vec::new(), lacks: false, is_new: false };
    if let Some(why) = entry_fault(root) {
        return Err(TreeError::BadEntry { name: root.name.to_vec(), why });
    }
    if root.kind != EntryKind::Folder {
        return Err(TreeError::NotAFolder { path: Vec::new() });
    }
    audit.entry(root, 0)?;
    while let Some(work) = audit.work.pop() {
        match work {
            Work::Folder { id, first, below, level, depth } => {
                audit.folder(id, (first, below), level, depth)?;
            }
            Work::Manifest { id, len, level } => audit.manifest(id, len, level)?,
        }
    }
    match root.node {
        // What is missing is sent, and then all of it is looked at. A tree in which no folder is new is a
        // part of one that was measured.
        Some(id) if audit.is_new && !audit.lacks => measure(reader, id),
        _ => Ok(()),
    }
}

struct Audit<'a, R: ?Sized, K, V> {
    reader: &'a R,
    known: &'a mut K,
    visit: &'a mut V,
    work: Vec<Work>,
    /// Something is not there.
    lacks: bool,
    /// A folder was not audited before.
    is_new: bool,
}

impl<R, K, V> Audit<'_, R, K, V>
where
    R: ObjectReader + ?Sized,
    K: FnMut(&ObjectId) -> Result<Known, R::Error>,
    V: FnMut(&Extent) -> Result<(), R::Error>,
{
    fn known(&mut self, id: &ObjectId) -> Result<Known, TreeError<R::Error>> {
        let known = (self.known)(id).map_err(TreeError::Store)?;
        self.lacks |= known == Known::Missing;
        Ok(known)
    }

    /// An entry whose fields do not contradict each other.
    fn entry(&mut self, entry: &Entry, depth: usize) -> Result<(), TreeError<R::Error>> {
        if let Some(why) = sent_fault(entry) {
            return Err(TreeError::BadEntry { name: entry.name.to_vec(), why });
        }
        if let Some(id) = entry.node {
            self.work.push(Work::Folder { id, first: None, below: None, level: 0, depth });
        }
        match &entry.content {
            None => Ok(()),
            Some(Content::Inline(extents)) => self.extents(extents),
            Some(Content::Manifest(id)) => {
                self.work.push(Work::Manifest { id: *id, len: entry.size, level: 0 });
                Ok(())
            }
        }
    }

    fn extents(&mut self, extents: &[Extent]) -> Result<(), TreeError<R::Error>> {
        extents.iter().try_for_each(|extent| (self.visit)(extent).map_err(TreeError::Store))
    }

    fn folder(
        &mut self,
        id: ObjectId,
        (first, below): (Option<Vec<u8>>, Option<Vec<u8>>),
        level: usize,
        depth: usize,
    ) -> Result<(), TreeError<R::Error>> {
        if level > INNER_LEVELS_MAX || depth > PATH_DEPTH_MAX {
            return Err(TreeError::damaged(id, Damage::Height));
        }
        let known = self.known(&id)?;
        if known == Known::Missing {
            return Ok(());
        }
        // Whatever it was audited as: that it is a folder's node, and fits in here, has to be seen. Whoever
        // refers to a manifest's node as a folder would have it marked as one, and no prune would end.
        let node = read_node(self.reader, &id)?;
        let names: Vec<&[u8]> = match &node {
            Node::Leaf(entries) => entries.iter().map(|entry| entry.name.as_slice()).collect(),
            Node::Inner(children) => children.iter().map(|child| child.first.as_slice()).collect(),
        };
        // In order within a node is what reading has checked; here is where the node stands.
        let begins = first.as_deref().is_none_or(|first| names.first() == Some(&first));
        let ends =
            below.as_deref().is_none_or(|below| names.last().is_some_and(|last| *last < below));
        if !begins || !ends {
            return Err(TreeError::damaged(id, Damage::Order));
        }
        if known == Known::Whole {
            self.right_edge(&node, below, level, depth);
            return Ok(());
        }
        self.is_new = true;
        match node {
            Node::Leaf(entries) => {
                entries.iter().try_for_each(|entry| self.entry(entry, depth + 1))
            }
            Node::Inner(children) => {
                for (at, child) in children.iter().enumerate() {
                    let next = children.get(at + 1).map(|next| next.first.to_vec());
                    self.work.push(Work::Folder {
                        id: child.node,
                        first: Some(child.first.to_vec()),
                        below: next.or_else(|| below.clone()),
                        level: level + 1,
                        depth,
                    });
                }
                Ok(())
            }
        }
    }

    /// Of a node that was audited elsewhere, the last names may still reach beyond what comes next here.
    fn right_edge(&mut self, node: &Node, below: Option<Vec<u8>>, level: usize, depth: usize) {
        if let Node::Inner(children) = node
            && let (Some(last), true) = (children.last(), below.is_some())
        {
            let (id, first) = (last.node, Some(last.first.to_vec()));
            self.work.push(Work::Folder { id, first, below, level: level + 1, depth });
        }
    }

    fn manifest(
        &mut self,
        id: ObjectId,
        len: u64,
        level: usize,
    ) -> Result<(), TreeError<R::Error>> {
        if level > INNER_LEVELS_MAX {
            return Err(TreeError::damaged(id, Damage::Height));
        }
        let known = self.known(&id)?;
        if known == Known::Missing {
            return Ok(());
        }
        if known == Known::Whole {
            // Sound in itself; that it is as long as this file says has to be seen all the same.
            let has = content_len(self.reader, &Content::Manifest(id))?;
            return if has == len { Ok(()) } else { Err(TreeError::damaged(id, Damage::Lengths)) };
        }
        let (manifest, has) = read_manifest(self.reader, &id)?;
        if has != len {
            return Err(TreeError::damaged(id, Damage::Lengths));
        }
        match manifest {
            Manifest::Extents(extents) => self.extents(&extents),
            Manifest::Inner(children) => {
                for child in children {
                    let (id, len) = (child.node, child.len);
                    self.work.push(Work::Manifest { id, len, level: level + 1 });
                }
                Ok(())
            }
        }
    }
}
