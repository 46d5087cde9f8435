//! Everything a tree needs in order to be read: the mark of garbage collection.
//!
//! What this misses is deleted some day. So any doubt is an error and ends it, and there is no
//! bound on depth: names in content cannot form a ring, and a tree that could not be marked would
//! keep every deletion waiting.

use format::entry::{Content, Entry, Extent, Manifest, Node};
use types::{ChunkId, ObjectId};

use crate::ObjectReader;
use crate::check::{read_manifest, read_node};
use crate::error::TreeError;

/// Something that a tree refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// A folder node or manifest node.
    Object(ObjectId),
    /// A chunk of a file's bytes. The same one may come again.
    Chunk(ChunkId),
}

/// What is still to be read.
enum Work {
    Folder(ObjectId),
    Manifest(ObjectId),
}

/// Visits every object and every chunk that can be reached from `root`, in no certain order.
///
/// `seen` notes an object and says whether it was noted before: what lies below is then passed
/// over, so that what many snapshots share is read once. Its set must hold objects only: a chunk
/// of a file that holds a node's very bytes has the node's id, and noting it would hide what the
/// node refers to. A note is only as good as the walk that made it: after an error, start with a
/// new set.
pub fn references<R: ObjectReader + ?Sized>(
    reader: &R,
    root: &Entry,
    seen: &mut impl FnMut(&ObjectId) -> bool,
    visit: &mut impl FnMut(Reference),
) -> Result<(), TreeError<R::Error>> {
    let mut mark = Mark { seen, visit, work: Vec::new() };
    mark.entry(root);
    while let Some(work) = mark.work.pop() {
        match work {
            Work::Folder(id) => match read_node(reader, &id)? {
                Node::Leaf(entries) => entries.iter().for_each(|entry| mark.entry(entry)),
                Node::Inner(children) => {
                    children.iter().for_each(|child| mark.object(child.node, Work::Folder));
                }
            },
            Work::Manifest(id) => match read_manifest(reader, &id)?.0 {
                Manifest::Extents(extents) => mark.extents(&extents),
                Manifest::Inner(children) => {
                    children.iter().for_each(|child| mark.object(child.node, Work::Manifest));
                }
            },
        }
    }
    Ok(())
}

struct Mark<'m, S, V> {
    seen: &'m mut S,
    visit: &'m mut V,
    work: Vec<Work>,
}

impl<S: FnMut(&ObjectId) -> bool, V: FnMut(Reference)> Mark<'_, S, V> {
    fn entry(&mut self, entry: &Entry) {
        if let Some(node) = entry.node {
            self.object(node, Work::Folder);
        }
        match &entry.content {
            Some(Content::Inline(extents)) => self.extents(extents),
            Some(Content::Manifest(root)) => self.object(*root, Work::Manifest),
            None => {}
        }
    }

    fn extents(&mut self, extents: &[Extent]) {
        for chunk in extents.iter().filter_map(|extent| extent.chunk) {
            (self.visit)(Reference::Chunk(chunk));
        }
    }

    fn object(&mut self, id: ObjectId, work: fn(ObjectId) -> Work) {
        if !(self.seen)(&id) {
            (self.visit)(Reference::Object(id));
            self.work.push(work(id));
        }
    }
}
