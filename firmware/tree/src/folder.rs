//! Building a folder's nodes from its entries, in order, in bounded memory.
//!
//! One buffer a level: a node is written as soon as it is full, its parent's buffer learns of it.
//! Whoever feeds equal entries gets an equal root. The cut rule is in [`crate::split`].

use format::entry::{Entry, NodeChild};
use minicbor::Encoder;
use minicbor::bytes::ByteVec;
use types::ObjectId;

use crate::ObjectWriter;
use crate::check::entry_fault;
use crate::error::{Damage, TreeError};
use crate::path::is_name;
use crate::split::{ENTRY_GROWTH_MAX, ENTRY_LEN_MAX, INNER_LEVELS_MAX, Split};

/// What one level has gathered for its next node.
#[derive(Debug, Default)]
struct Level {
    /// Encoded entries or children.
    buffer: Vec<u8>,
    /// How many.
    count: u64,
    /// Name of the first.
    first: Vec<u8>,
    /// The newest child, on levels of children.
    child: Option<ObjectId>,
}

/// Builds one folder. After an error it is of no further use.
#[derive(Debug)]
pub struct FolderBuilder {
    split: Split,
    /// Leaves first. A level exists as soon as a node below it was written.
    levels: Vec<Level>,
    last: Vec<u8>,
}

impl Default for FolderBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl FolderBuilder {
    /// An empty folder.
    pub fn new() -> Self {
        Self::with_split(Split::STORED)
    }

    pub(crate) fn with_split(split: Split) -> Self {
        Self { split, levels: vec![Level::default()], last: Vec::new() }
    }

    /// Appends an entry. Names come in strictly rising order of their bytes.
    pub fn push<W: ObjectWriter + ?Sized>(
        &mut self,
        writer: &mut W,
        entry: &Entry,
    ) -> Result<(), TreeError<W::Error>> {
        self.push_up_to(writer, entry, ENTRY_LEN_MAX)
    }

    /// Appends an entry that was in a folder before and may have grown by an edit.
    pub(crate) fn push_again<W: ObjectWriter + ?Sized>(
        &mut self,
        writer: &mut W,
        entry: &Entry,
    ) -> Result<(), TreeError<W::Error>> {
        self.push_up_to(writer, entry, ENTRY_LEN_MAX + ENTRY_GROWTH_MAX)
    }

    fn push_up_to<W: ObjectWriter + ?Sized>(
        &mut self,
        writer: &mut W,
        entry: &Entry,
        len_max: usize,
    ) -> Result<(), TreeError<W::Error>> {
        let name = &entry.name;
        if !is_name(name) {
            return Err(TreeError::BadName { name: name.to_vec() });
        }
        if let Some(why) = entry_fault(entry) {
            return Err(TreeError::BadEntry { name: name.to_vec(), why });
        }
        self.advance(name)?;
        let leaf = &mut self.levels[0];
        let before = leaf.buffer.len();
        encode_into(&mut leaf.buffer, entry);
        let len = leaf.buffer.len() - before;
        if len > len_max {
            return Err(TreeError::EntryTooBig { name: name.to_vec(), len });
        }
        if leaf.count == 0 {
            leaf.first = name.to_vec();
        }
        leaf.count += 1;
        if self.split.is_full(0, leaf.buffer.len(), name) { self.close(writer, 0) } else { Ok(()) }
    }

    /// Whether the rule would begin a new node now on this level and on all below it.
    pub(crate) fn is_between_nodes(&self, level: usize) -> bool {
        self.levels.iter().take(level + 1).all(|level| level.count == 0)
    }

    /// Appends a whole node of a level that the rule has cut, unread. Only between nodes.
    pub(crate) fn push_node<W: ObjectWriter + ?Sized>(
        &mut self,
        writer: &mut W,
        level: usize,
        first: &[u8],
        node: ObjectId,
    ) -> Result<(), TreeError<W::Error>> {
        assert!(self.is_between_nodes(level), "a node is only taken over between nodes");
        self.advance(first)?;
        self.adopt(writer, level, first.to_vec(), node)
    }

    /// Writes what is left and names the folder's root; none for an empty folder.
    pub fn finish<W: ObjectWriter + ?Sized>(
        mut self,
        writer: &mut W,
    ) -> Result<Option<ObjectId>, TreeError<W::Error>> {
        let mut level = 0;
        loop {
            let is_top = level + 1 == self.levels.len();
            let here = &self.levels[level];
            match (is_top, here.count) {
                // An empty folder: an upper level begins with a child.
                (true, 0) => return Ok(None),
                // The one node below is the root.
                (true, 1) if level > 0 => return Ok(here.child),
                (true, _) => return self.write(writer, level).map(|(_, id)| Some(id)),
                (false, 0) => {}
                (false, _) => self.close(writer, level)?,
            }
            level += 1;
        }
    }

    fn advance<E: std::error::Error + Send + Sync + 'static>(
        &mut self,
        name: &[u8],
    ) -> Result<(), TreeError<E>> {
        if name <= self.last.as_slice() {
            return Err(TreeError::OutOfOrder { name: name.to_vec() });
        }
        self.last.clear();
        self.last.extend_from_slice(name);
        Ok(())
    }

    /// Writes a level's node and tells the level above, which may be full then.
    fn close<W: ObjectWriter + ?Sized>(
        &mut self,
        writer: &mut W,
        level: usize,
    ) -> Result<(), TreeError<W::Error>> {
        let (first, id) = self.write(writer, level)?;
        self.adopt(writer, level, first, id)
    }

    /// Makes `node` a child of the level above, and so on as long as levels are full.
    fn adopt<W: ObjectWriter + ?Sized>(
        &mut self,
        writer: &mut W,
        mut level: usize,
        mut first: Vec<u8>,
        mut node: ObjectId,
    ) -> Result<(), TreeError<W::Error>> {
        loop {
            level += 1;
            if level > INNER_LEVELS_MAX {
                return Err(TreeError::damaged(node, Damage::Height));
            }
            while self.levels.len() <= level {
                self.levels.push(Level::default());
            }
            let here = &mut self.levels[level];
            let child = NodeChild { first: ByteVec::from(first), node };
            encode_into(&mut here.buffer, &child);
            if here.count == 0 {
                here.first = child.first.to_vec();
            }
            here.count += 1;
            here.child = Some(node);
            if !self.split.is_full(level, here.buffer.len(), &child.first) {
                return Ok(());
            }
            (first, node) = self.write(writer, level)?;
        }
    }

    fn write<W: ObjectWriter + ?Sized>(
        &mut self,
        writer: &mut W,
        level: usize,
    ) -> Result<(Vec<u8>, ObjectId), TreeError<W::Error>> {
        let Level { buffer, count, first, .. } = std::mem::take(&mut self.levels[level]);
        let cbor = framed(u32::from(level > 0), count, &buffer);
        let id = writer.put(cbor).map_err(TreeError::Store)?;
        Ok((first, id))
    }
}

/// A node's CBOR around items that are encoded already: `[variant, [[items]]]`.
pub(crate) fn framed(variant: u32, count: u64, items: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(items.len() + 12);
    Encoder::new(&mut out)
        .array(2)
        .and_then(|e| e.u32(variant))
        .and_then(|e| e.array(1))
        .and_then(|e| e.array(count))
        .expect("writing to memory does not fail");
    out.extend_from_slice(items);
    out
}

/// Appends the CBOR of a record.
pub(crate) fn encode_into<T: minicbor::Encode<()>>(buffer: &mut Vec<u8>, record: &T) {
    minicbor::encode(record, buffer).expect("writing to memory does not fail");
}
