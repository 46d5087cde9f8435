//! Reading a file's extents: all of them, or those of a range without reading what stands before.

use std::fmt;

use format::entry::{Content, Extent, Manifest, ManifestChild};
use types::ObjectId;

use crate::ObjectReader;
use crate::check::read_manifest;
use crate::error::{Damage, TreeError};
use crate::split::INNER_LEVELS_MAX;

/// An extent and where in the file it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Bytes of the file before it.
    pub at: u64,
    /// The extent.
    pub extent: Extent,
}

#[derive(Debug)]
enum Frame {
    /// The manifest's root, of which nobody has said the length.
    Root(ObjectId),
    Extents(std::vec::IntoIter<Extent>),
    Inner(std::vec::IntoIter<ManifestChild>),
}

/// A file's extents in order. Holds one node a level.
///
/// An error stands for the bytes below one node; the iterator goes on behind it.
pub struct Extents<'r, R: ?Sized> {
    reader: &'r R,
    frames: Vec<Frame>,
    /// Bytes of the file before what comes next.
    at: u64,
    begin: u64,
    end: u64,
}

impl<R: ?Sized> fmt::Debug for Extents<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extents").field("at", &self.at).finish_non_exhaustive()
    }
}

/// All extents of a file. That they add up to the entry's size is the caller's to check, at the
/// end or by [`content_len`].
pub fn extents<'r, R: ObjectReader + ?Sized>(reader: &'r R, content: &Content) -> Extents<'r, R> {
    extents_in(reader, content, 0, u64::MAX)
}

/// The extents of `len` bytes from `offset` on, the first and the last cut to the range. Less when
/// the file ends before. Nodes outside of the range are not read.
pub fn extents_in<'r, R: ObjectReader + ?Sized>(
    reader: &'r R,
    content: &Content,
    offset: u64,
    len: u64,
) -> Extents<'r, R> {
    let frame = match content {
        Content::Inline(extents) => Frame::Extents(extents.clone().into_iter()),
        Content::Manifest(root) => Frame::Root(*root),
    };
    Extents { reader, frames: vec![frame], at: 0, begin: offset, end: offset.saturating_add(len) }
}

/// How many bytes a content stands for. Reads one node at the most.
pub fn content_len<R: ObjectReader + ?Sized>(
    reader: &R,
    content: &Content,
) -> Result<u64, TreeError<R::Error>> {
    match content {
        // Longer than any file: an entry with such a content cannot have been read.
        Content::Inline(extents) => {
            Ok(extents.iter().fold(0, |sum, extent| sum.saturating_add(extent.len)))
        }
        Content::Manifest(root) => read_manifest(reader, root).map(|(_, len)| len),
    }
}

impl<R: ObjectReader + ?Sized> Extents<'_, R> {
    /// Enters a node; its length must be what its parent said.
    fn enter(&mut self, id: ObjectId, wanted: Option<u64>) -> Result<(), TreeError<R::Error>> {
        if self.frames.len() > INNER_LEVELS_MAX + 1 {
            return Err(TreeError::damaged(id, Damage::Height));
        }
        let (manifest, len) = read_manifest(self.reader, &id)?;
        if wanted.is_some_and(|wanted| wanted != len) {
            return Err(TreeError::damaged(id, Damage::Lengths));
        }
        self.frames.push(match manifest {
            Manifest::Extents(extents) => Frame::Extents(extents.into_iter()),
            Manifest::Inner(children) => Frame::Inner(children.into_iter()),
        });
        Ok(())
    }

    /// The part of an extent at `at` that lies in the range.
    fn cut(&self, at: u64, extent: Extent) -> Option<Placed> {
        let from = at.max(self.begin);
        let to = at.saturating_add(extent.len).min(self.end);
        let len = to.checked_sub(from).filter(|len| *len > 0)?;
        let skip = u32::try_from(from - at).unwrap_or(u32::MAX);
        let offset = if extent.chunk.is_some() { extent.offset.saturating_add(skip) } else { 0 };
        Some(Placed { at: from, extent: Extent { len, offset, ..extent } })
    }
}

impl<R: ObjectReader + ?Sized> Iterator for Extents<'_, R> {
    type Item = Result<Placed, TreeError<R::Error>>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.end {
            match self.frames.last_mut()? {
                Frame::Root(root) => {
                    let root = *root;
                    self.frames.pop();
                    if let Err(error) = self.enter(root, None) {
                        return Some(Err(error));
                    }
                }
                Frame::Extents(extents) => match extents.next() {
                    None => drop(self.frames.pop()),
                    Some(extent) => {
                        let at = self.at;
                        self.at = at.saturating_add(extent.len);
                        if let Some(placed) = self.cut(at, extent) {
                            return Some(Ok(placed));
                        }
                    }
                },
                Frame::Inner(children) => match children.next() {
                    None => drop(self.frames.pop()),
                    Some(child) => {
                        // Of a node that is not in the range, or damaged, all is passed over.
                        let behind = self.at.saturating_add(child.len);
                        if behind <= self.begin {
                            self.at = behind;
                        } else if let Err(error) = self.enter(child.node, Some(child.len)) {
                            self.at = behind;
                            return Some(Err(error));
                        }
                    }
                },
            }
        }
        None
    }
}
