//! A place in a folder, from which nodes can be entered or passed by unread.
//!
//! Reading, comparing and editing are all this one cursor. It checks what a node's parent said of
//! it: first name, range, height.

use format::entry::{Entry, Node, NodeChild};
use minicbor::bytes::ByteVec;
use types::ObjectId;

use crate::ObjectReader;
use crate::check::read_node;
use crate::error::{Damage, TreeError};
use crate::split::INNER_LEVELS_MAX;

/// What stands at the cursor.
#[derive(Debug)]
pub(crate) enum Head<'c> {
    Entry(&'c Entry),
    Node(NodeHead<'c>),
}

/// A node that was not entered yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NodeHead<'c> {
    /// Its first name; empty for a root, of which nobody has said it.
    pub(crate) first: &'c [u8],
    /// All its names are less; none at the folder's right edge.
    pub(crate) before: Option<&'c [u8]>,
    pub(crate) id: ObjectId,
    /// 0 for a leaf. Unknown unless the cursor was measured.
    pub(crate) height: Option<usize>,
}

#[derive(Debug)]
enum Frame {
    Leaf(std::vec::IntoIter<Entry>),
    Inner {
        children: std::vec::IntoIter<NodeChild>,
        /// All names here are less.
        before: Option<ByteVec>,
        /// Height of the children.
        height: Option<usize>,
    },
}

/// A place in a folder.
#[derive(Debug)]
pub(crate) struct Cursor {
    frames: Vec<Frame>,
}

impl Cursor {
    /// Before the first entry. Reads nothing yet.
    pub(crate) fn new(root: Option<ObjectId>) -> Self {
        Self::at(root, None)
    }

    /// The same, knowing the height of every node: costs one read a level.
    pub(crate) fn measured<R: ObjectReader + ?Sized>(
        reader: &R,
        root: Option<ObjectId>,
    ) -> Result<Self, TreeError<R::Error>> {
        let mut height = 0;
        let mut next = root;
        while let Some(id) = next {
            match read_node(reader, &id)? {
                Node::Leaf(_) => break,
                Node::Inner(children) => next = children.first().map(|child| child.node),
            }
            height += 1;
            if height > INNER_LEVELS_MAX {
                return Err(TreeError::damaged(id, Damage::Height));
            }
        }
        Ok(Self::at(root, Some(height)))
    }

    fn at(root: Option<ObjectId>, height: Option<usize>) -> Self {
        let root = root.map(|node| NodeChild { first: ByteVec::from(Vec::new()), node });
        let children = Vec::from_iter(root).into_iter();
        Self { frames: vec![Frame::Inner { children, before: None, height }] }
    }

    /// What stands here; none at the end.
    pub(crate) fn head(&mut self) -> Option<Head<'_>> {
        while self.frames.last().is_some_and(Frame::is_done) {
            self.frames.pop();
        }
        match self.frames.last()? {
            Frame::Leaf(entries) => entries.as_slice().first().map(Head::Entry),
            Frame::Inner { children, before, height } => {
                let (child, rest) = children.as_slice().split_first()?;
                let next = rest.first().map(|child| &child.first).or(before.as_ref());
                Some(Head::Node(NodeHead {
                    first: &child.first,
                    before: next.map(|name| name.as_slice()),
                    id: child.node,
                    height: *height,
                }))
            }
        }
    }

    /// Takes the entry that stands here.
    pub(crate) fn take_entry(&mut self) -> Option<Entry> {
        match self.frames.last_mut() {
            Some(Frame::Leaf(entries)) => entries.next(),
            Some(Frame::Inner { .. }) | None => None,
        }
    }

    /// Passes by what stands here, unread.
    pub(crate) fn pass(&mut self) {
        match self.frames.last_mut() {
            Some(Frame::Leaf(entries)) => drop(entries.next()),
            Some(Frame::Inner { children, .. }) => drop(children.next()),
            None => {}
        }
    }

    /// Enters the node that stands here. After an error the cursor stands behind it.
    pub(crate) fn enter<R: ObjectReader + ?Sized>(
        &mut self,
        reader: &R,
    ) -> Result<(), TreeError<R::Error>> {
        let Some(Frame::Inner { children, before, height }) = self.frames.last_mut() else {
            return Ok(());
        };
        let Some(child) = children.next() else { return Ok(()) };
        let next = children.as_slice().first().map(|child| child.first.clone());
        let range =
            Range { first: child.first, before: next.or_else(|| before.clone()), height: *height };
        let id = child.node;
        if self.frames.len() > INNER_LEVELS_MAX + 1 {
            return Err(TreeError::damaged(id, Damage::Height));
        }
        let node = read_node(reader, &id)?;
        let frame = range.frame(node).map_err(|damage| TreeError::damaged(id, damage))?;
        self.frames.push(frame);
        Ok(())
    }
}

impl Frame {
    fn is_done(&self) -> bool {
        match self {
            Self::Leaf(entries) => entries.as_slice().is_empty(),
            Self::Inner { children, .. } => children.as_slice().is_empty(),
        }
    }
}

/// What a node's parent says of it.
struct Range {
    first: ByteVec,
    before: Option<ByteVec>,
    height: Option<usize>,
}

impl Range {
    /// The node to read on in, if it is what it should be.
    fn frame(self, node: Node) -> Result<Frame, Damage> {
        let (first, last) = match &node {
            Node::Leaf(entries) => {
                (entries.first().map(|e| &e.name), entries.last().map(|e| &e.name))
            }
            Node::Inner(children) => {
                (children.first().map(|c| &c.first), children.last().map(|c| &c.first))
            }
        };
        let begins = self.first.is_empty() || first == Some(&self.first);
        let ends = self.before.is_none() || last < self.before.as_ref();
        if !begins || !ends {
            return Err(Damage::Order);
        }
        match (node, self.height) {
            (Node::Leaf(entries), None | Some(0)) => Ok(Frame::Leaf(entries.into_iter())),
            (Node::Inner(children), None) => Ok(Frame::Inner {
                children: children.into_iter(),
                before: self.before,
                height: None,
            }),
            (Node::Inner(children), Some(height)) if height > 0 => Ok(Frame::Inner {
                children: children.into_iter(),
                before: self.before,
                height: Some(height - 1),
            }),
            _ => Err(Damage::Height),
        }
    }
}
