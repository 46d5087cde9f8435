//! Everything below a folder, depth first, each folder before what it holds.
//!
//! Keeps its own stack, so that deep trees cost memory and never the thread's stack.

use std::fmt;

use format::entry::{Entry, EntryKind};

use crate::ObjectReader;
use crate::cursor::Cursor;
use crate::error::TreeError;
use crate::node::next_entry;
use crate::path::{PATH_DEPTH_MAX, push};

/// An entry and its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walked {
    /// Path below the folder where the walk began, components joined by `/`.
    pub path: Vec<u8>,
    /// The entry.
    pub entry: Entry,
}

/// A walk through a tree.
///
/// An error stands for what lies below one node of the folder that [`Walk::folder`] names; the
/// iterator goes on behind it.
pub struct Walk<'r, R: ?Sized> {
    reader: &'r R,
    /// Open folders, and how long the path of each is.
    stack: Vec<(Cursor, usize)>,
    /// The path of the newest entry.
    path: Vec<u8>,
    /// The newest entry, if it is a folder with something in it.
    pending: Option<Cursor>,
}

impl<R: ?Sized> fmt::Debug for Walk<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk").field("depth", &self.stack.len()).finish_non_exhaustive()
    }
}

/// Walks through all that lies below the folder `root`, `root` itself not included.
pub fn walk<'r, R: ObjectReader + ?Sized>(reader: &'r R, root: &Entry) -> Walk<'r, R> {
    Walk { reader, stack: vec![(Cursor::new(root.node), 0)], path: Vec::new(), pending: None }
}

impl<R: ?Sized> Walk<'_, R> {
    /// Leaves out what lies below the folder that came last.
    pub fn skip_folder(&mut self) {
        self.pending = None;
    }

    /// The folder that is being read; after an error, the one whose node it was.
    pub fn folder(&self) -> &[u8] {
        let len = self.stack.last().map_or(0, |(_, len)| *len);
        &self.path[..len]
    }
}

impl<R: ObjectReader + ?Sized> Iterator for Walk<'_, R> {
    type Item = Result<Walked, TreeError<R::Error>>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(cursor) = self.pending.take() {
            if self.stack.len() >= PATH_DEPTH_MAX {
                return Some(Err(TreeError::TooDeep { path: self.path.clone() }));
            }
            self.stack.push((cursor, self.path.len()));
        }
        loop {
            let (cursor, len) = self.stack.last_mut()?;
            self.path.truncate(*len);
            match next_entry(self.reader, cursor) {
                Err(error) => return Some(Err(error)),
                Ok(None) => drop(self.stack.pop()),
                Ok(Some(entry)) => {
                    push(&mut self.path, &entry.name);
                    if entry.kind == EntryKind::Folder && entry.node.is_some() {
                        self.pending = Some(Cursor::new(entry.node));
                    }
                    return Some(Ok(Walked { path: self.path.clone(), entry }));
                }
            }
        }
    }
}
