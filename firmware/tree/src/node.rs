//! Reading folders: all entries in order, one entry by name, one entry by path.

use std::fmt;

use format::entry::{Entry, EntryKind, Node};
use types::ObjectId;

use crate::ObjectReader;
use crate::check::read_node;
use crate::cursor::{Cursor, Head};
use crate::error::{Damage, TreeError};
use crate::path::{PATH_DEPTH_MAX, components, push};
use crate::split::INNER_LEVELS_MAX;

/// A folder's entries in order of their names. Holds one node a level.
///
/// An error stands for the names below one node; the iterator goes on behind it.
pub struct Entries<'r, R: ?Sized> {
    reader: &'r R,
    cursor: Cursor,
}

impl<R: ?Sized> fmt::Debug for Entries<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entries").finish_non_exhaustive()
    }
}

/// The entries of the folder whose node is `root` (none: an empty folder).
pub fn entries<R: ObjectReader + ?Sized>(reader: &R, root: Option<ObjectId>) -> Entries<'_, R> {
    Entries { reader, cursor: Cursor::new(root) }
}

/// The entries of a folder whose names are not less than `from`. Nodes that hold only names before it
/// are not read.
pub fn entries_from<'r, R: ObjectReader + ?Sized>(
    reader: &'r R,
    root: Option<ObjectId>,
    from: &[u8],
) -> Result<Entries<'r, R>, TreeError<R::Error>> {
    let mut cursor = Cursor::new(root);
    loop {
        let is_before = match cursor.head() {
            None => break,
            Some(Head::Entry(entry)) if entry.name.as_slice() >= from => break,
            Some(Head::Entry(_)) => true,
            Some(Head::Node(node)) => node.before.is_some_and(|before| before <= from),
        };
        if is_before { cursor.pass() } else { cursor.enter(reader)? }
    }
    Ok(Entries { reader, cursor })
}

impl<R: ObjectReader + ?Sized> Iterator for Entries<'_, R> {
    type Item = Result<Entry, TreeError<R::Error>>;

    fn next(&mut self) -> Option<Self::Item> {
        next_entry(self.reader, &mut self.cursor).transpose()
    }
}

/// Moves a cursor on to the next entry and takes it.
pub(crate) fn next_entry<R: ObjectReader + ?Sized>(
    reader: &R,
    cursor: &mut Cursor,
) -> Result<Option<Entry>, TreeError<R::Error>> {
    loop {
        match cursor.head() {
            None => return Ok(None),
            Some(Head::Entry(_)) => return Ok(cursor.take_entry()),
            Some(Head::Node(_)) => cursor.enter(reader)?,
        }
    }
}

/// The entry of that name in the folder whose node is `root`. Reads one node a level.
pub fn find<R: ObjectReader + ?Sized>(
    reader: &R,
    root: Option<ObjectId>,
    name: &[u8],
) -> Result<Option<Entry>, TreeError<R::Error>> {
    let Some(mut id) = root else { return Ok(None) };
    let mut wanted_first: Option<Vec<u8>> = None;
    for _ in 0..=INNER_LEVELS_MAX {
        let node = read_node(reader, &id)?;
        let first = match &node {
            Node::Leaf(entries) => entries.first().map(|entry| entry.name.as_slice()),
            Node::Inner(children) => children.first().map(|child| child.first.as_slice()),
        };
        if wanted_first.is_some() && wanted_first.as_deref() != first {
            return Err(TreeError::damaged(id, Damage::Order));
        }
        match node {
            Node::Leaf(mut entries) => {
                let at = entries.binary_search_by(|entry| entry.name.as_slice().cmp(name));
                return Ok(at.ok().map(|at| entries.swap_remove(at)));
            }
            Node::Inner(mut children) => {
                let after = children.partition_point(|child| child.first.as_slice() <= name);
                let Some(at) = after.checked_sub(1) else { return Ok(None) };
                let child = children.swap_remove(at);
                wanted_first = Some(child.first.into());
                id = child.node;
            }
        }
    }
    Err(TreeError::damaged(id, Damage::Height))
}

/// The entry at `path` below the folder `root`; the empty path is `root` itself.
pub fn lookup<R: ObjectReader + ?Sized>(
    reader: &R,
    root: &Entry,
    path: &[u8],
) -> Result<Entry, TreeError<R::Error>> {
    let mut here = root.clone();
    let mut walked = Vec::new();
    for (depth, name) in components(path).enumerate() {
        if depth == PATH_DEPTH_MAX {
            return Err(TreeError::TooDeep { path: walked });
        }
        if here.kind != EntryKind::Folder {
            return Err(TreeError::NotAFolder { path: walked });
        }
        push(&mut walked, name);
        match find(reader, here.node, name)? {
            Some(entry) => here = entry,
            None => return Err(TreeError::NotFound { path: walked }),
        }
    }
    Ok(here)
}
