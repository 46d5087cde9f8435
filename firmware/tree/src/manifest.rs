//! Building a file's content from its extents, in order, in bounded memory.
//!
//! Few extents stand in the entry; many in a tree of manifest nodes that is cut where chunk ids
//! say so. Chunk ids come from the bytes, so a file with one changed part rewrites one leaf and its
//! ancestors, and equal extents give equal content however they were pushed.

use format::entry::{Content, Extent, Manifest, ManifestChild};
use format::to_cbor;
use types::ObjectId;

use crate::ObjectWriter;
use crate::check::is_extent;
use crate::error::{Damage, TreeError};
use crate::split::INNER_LEVELS_MAX;

/// The most extents that stand in the entry itself: about 600 bytes. With chunks of 1 MiB that is
/// nearly all files, and their reader needs no further object.
pub const INLINE_EXTENTS_MAX: usize = 16;

/// When a manifest node is full. Both kinds of node follow it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ManifestRule {
    /// Never cut a node that holds fewer.
    pub(crate) count_min: usize,
    /// Always cut a node that holds this many.
    pub(crate) count_cut: usize,
    /// Between the two, cut after a chunk or node whose id's last byte has these bits zero.
    pub(crate) mask: u8,
}

impl ManifestRule {
    /// The rule of every stored manifest. An extent takes about 40 bytes: nodes of 30 KiB on
    /// average, 230 KiB at the most, one for each 0.8 GB of a file with chunks of 1 MiB.
    const STORED: Self = Self { count_min: 512, count_cut: 4096, mask: 0xff };

    fn is_full(self, count: usize, id: Option<ObjectId>) -> bool {
        let may_cut = id.is_some_and(|id| id.0[ObjectId::LEN - 1] & self.mask == 0);
        count >= self.count_cut || count >= self.count_min && may_cut
    }
}

/// Builds one file's content. After an error it is of no further use.
#[derive(Debug)]
pub struct ContentBuilder {
    rule: ManifestRule,
    /// The newest extent: the next one may lengthen it.
    newest: Option<Extent>,
    /// Extents before it that are in no node yet.
    leaf: Vec<Extent>,
    /// Children without a parent, the leaves' level first.
    levels: Vec<Vec<ManifestChild>>,
    size: u64,
}

impl Default for ContentBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl ContentBuilder {
    /// An empty file.
    pub fn new() -> Self {
        Self::with_rule(ManifestRule::STORED)
    }

    pub(crate) fn with_rule(rule: ManifestRule) -> Self {
        Self { rule, newest: None, leaf: Vec::new(), levels: Vec::new(), size: 0 }
    }

    /// Bytes pushed so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends an extent. Holes side by side become one, as do ranges of one chunk that meet; an
    /// empty extent is passed over.
    pub fn push<W: ObjectWriter + ?Sized>(
        &mut self,
        writer: &mut W,
        extent: Extent,
    ) -> Result<(), TreeError<W::Error>> {
        if extent.len == 0 {
            return Ok(());
        }
        if !is_extent(&extent) {
            return Err(TreeError::BadExtent);
        }
        self.size = self.size.checked_add(extent.len).ok_or(TreeError::FileTooLong)?;
        // The offset of a hole says nothing.
        let extent = if extent.chunk.is_none() { Extent::hole(extent.len) } else { extent };
        match self.newest {
            None => self.newest = Some(extent),
            Some(newest) => match joined(newest, extent) {
                Some(both) => self.newest = Some(both),
                None => {
                    self.newest = Some(extent);
                    self.settle(writer, newest)?;
                }
            },
        }
        Ok(())
    }

    /// The content and the file's size; no content for an empty file.
    pub fn finish<W: ObjectWriter + ?Sized>(
        mut self,
        writer: &mut W,
    ) -> Result<(Option<Content>, u64), TreeError<W::Error>> {
        let size = self.size;
        let Some(newest) = self.newest.take() else { return Ok((None, 0)) };
        if self.levels.is_empty() && self.leaf.len() < INLINE_EXTENTS_MAX {
            self.leaf.push(newest);
            return Ok((Some(Content::Inline(self.leaf)), size));
        }
        self.settle(writer, newest)?;
        if !self.leaf.is_empty() {
            self.close_leaf(writer)?;
        }
        let mut level = 0;
        loop {
            let is_top = level + 1 == self.levels.len();
            match self.levels[level].as_slice() {
                [only] if is_top => return Ok((Some(Content::Manifest(only.node)), size)),
                [] => {}
                _ => {
                    let child = write_inner(writer, &mut self.levels[level])?;
                    self.adopt(writer, level + 1, child)?;
                }
            }
            level += 1;
        }
    }

    /// An extent that will not grow any more goes into the leaf.
    fn settle<W: ObjectWriter + ?Sized>(
        &mut self,
        writer: &mut W,
        extent: Extent,
    ) -> Result<(), TreeError<W::Error>> {
        self.leaf.push(extent);
        let is_full = self.rule.is_full(self.leaf.len(), extent.chunk);
        if is_full { self.close_leaf(writer) } else { Ok(()) }
    }

    fn close_leaf<W: ObjectWriter + ?Sized>(
        &mut self,
        writer: &mut W,
    ) -> Result<(), TreeError<W::Error>> {
        let extents = std::mem::take(&mut self.leaf);
        let len = extents.iter().map(|extent| extent.len).sum();
        let cbor = to_cbor(&Manifest::Extents(extents));
        let node = writer.put(cbor).map_err(TreeError::Store)?;
        self.adopt(writer, 0, ManifestChild { len, node })
    }

    /// Puts a child on its level, and so on upwards as long as levels are full.
    fn adopt<W: ObjectWriter + ?Sized>(
        &mut self,
        writer: &mut W,
        mut level: usize,
        mut child: ManifestChild,
    ) -> Result<(), TreeError<W::Error>> {
        loop {
            if level >= INNER_LEVELS_MAX {
                return Err(TreeError::damaged(child.node, Damage::Height));
            }
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let children = &mut self.levels[level];
            children.push(child);
            if !self.rule.is_full(children.len(), Some(child.node)) {
                return Ok(());
            }
            child = write_inner(writer, children)?;
            level += 1;
        }
    }
}

fn write_inner<W: ObjectWriter + ?Sized>(
    writer: &mut W,
    children: &mut Vec<ManifestChild>,
) -> Result<ManifestChild, TreeError<W::Error>> {
    let children = std::mem::take(children);
    let len = children.iter().map(|child| child.len).sum();
    let cbor = to_cbor(&Manifest::Inner(children));
    let node = writer.put(cbor).map_err(TreeError::Store)?;
    Ok(ManifestChild { len, node })
}

/// Two extents as one, when the second goes on where the first ends.
fn joined(first: Extent, second: Extent) -> Option<Extent> {
    let goes_on = match first.chunk {
        None => second.chunk.is_none(),
        Some(_) => {
            first.chunk == second.chunk
                && u64::from(first.offset) + first.len == u64::from(second.offset)
        }
    };
    goes_on.then(|| Extent { len: first.len + second.len, ..first })
}
