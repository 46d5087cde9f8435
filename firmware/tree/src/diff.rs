//! What differs between two folders: names added, removed and changed, with their paths.
//!
//! Nodes with equal ids hold equal entries and are passed by unread, so comparing two versions of
//! a big tree costs about as much as what changed between them.

use std::cmp::Ordering;
use std::fmt;

use format::entry::{Entry, EntryKind};
use types::ObjectId;

use crate::ObjectReader;
use crate::cursor::{Cursor, Head, NodeHead};
use crate::error::TreeError;
use crate::path::{PATH_DEPTH_MAX, push};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Path below the two folders, components joined by `/`.
    pub path: Vec<u8>,
    /// What differs there.
    pub difference: Difference,
}

/// How a path differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Only the second folder has it. What lies below it follows, each as added.
    Added(Box<Entry>),
    /// Only the first folder has it. What lies below it follows, each as removed.
    Removed(Box<Entry>),
    /// Both have it. A folder whose own attributes are equal is not named; what lies below is.
    Changed {
        /// In the first folder.
        before: Box<Entry>,
        /// In the second folder.
        after: Box<Entry>,
        /// A file's bytes, a link's target or a device's number. Bytes are compared by the chunks
        /// that hold them: equal bytes in other chunks count as changed.
        content: bool,
        /// Mode, owner, times, extended attributes.
        attrs: bool,
        /// A file became a folder, a link a file, and so on.
        kind: bool,
    },
}

/// The differences, each folder before what lies below it, names in order. Ends after an error,
/// for what follows might be wrong.
///
/// Where an entry was read (`origin`), hard link numbers and the note that a file was unsettled
/// are no differences: they may change without anyone having touched the file.
pub struct Diff<'r, R: ?Sized> {
    reader: &'r R,
    stack: Vec<Pair>,
    path: Vec<u8>,
    /// The two nodes of the newest path, if they must be compared.
    pending: Option<(Option<ObjectId>, Option<ObjectId>)>,
    failed: bool,
}

struct Pair {
    a: Cursor,
    b: Cursor,
    path_len: usize,
}

impl<R: ?Sized> fmt::Debug for Diff<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Diff").field("depth", &self.stack.len()).finish_non_exhaustive()
    }
}

/// Compares what lies below the folders `a` and `b`; of the two themselves, nothing.
pub fn diff<'r, R: ObjectReader + ?Sized>(reader: &'r R, a: &Entry, b: &Entry) -> Diff<'r, R> {
    let pending = (a.node != b.node).then_some((a.node, b.node));
    Diff { reader, stack: Vec::new(), path: Vec::new(), pending, failed: false }
}

/// What to do at a pair of cursors.
enum Step {
    Done,
    PassBoth,
    EnterA,
    EnterB,
    TakeA,
    TakeB,
    TakeBoth,
}

impl Pair {
    fn step(&mut self) -> Step {
        match (self.a.head(), self.b.head()) {
            (None, None) => Step::Done,
            (Some(Head::Entry(_)), None) => Step::TakeA,
            (None, Some(Head::Entry(_))) => Step::TakeB,
            (Some(Head::Node(_)), None) => Step::EnterA,
            (None, Some(Head::Node(_))) => Step::EnterB,
            (Some(Head::Entry(a)), Some(Head::Entry(b))) => match a.name.cmp(&b.name) {
                Ordering::Less => Step::TakeA,
                Ordering::Greater => Step::TakeB,
                Ordering::Equal => Step::TakeBoth,
            },
            (Some(Head::Entry(a)), Some(Head::Node(b))) => {
                if a.name.as_slice() < b.first {
                    Step::TakeA
                } else {
                    Step::EnterB
                }
            }
            (Some(Head::Node(a)), Some(Head::Entry(b))) => {
                if b.name.as_slice() < a.first {
                    Step::TakeB
                } else {
                    Step::EnterA
                }
            }
            (Some(Head::Node(a)), Some(Head::Node(b))) => step_nodes(a, b),
        }
    }
}

/// Enters the higher node, so that nodes of one height meet; among those the earlier.
fn step_nodes(a: NodeHead<'_>, b: NodeHead<'_>) -> Step {
    if a.id == b.id {
        return Step::PassBoth;
    }
    let order = a.height.cmp(&b.height).reverse().then_with(|| a.first.cmp(b.first));
    if order == Ordering::Greater { Step::EnterB } else { Step::EnterA }
}

impl<R: ObjectReader + ?Sized> Diff<'_, R> {
    fn open(&mut self) -> Result<(), TreeError<R::Error>> {
        let Some((a, b)) = self.pending.take() else { return Ok(()) };
        if self.stack.len() >= PATH_DEPTH_MAX {
            return Err(TreeError::TooDeep { path: self.path.clone() });
        }
        let a = Cursor::measured(self.reader, a)?;
        let b = Cursor::measured(self.reader, b)?;
        self.stack.push(Pair { a, b, path_len: self.path.len() });
        Ok(())
    }

    fn advance(&mut self) -> Result<Option<Change>, TreeError<R::Error>> {
        self.open()?;
        loop {
            let Some(pair) = self.stack.last_mut() else { return Ok(None) };
            let (before, after) = match pair.step() {
                Step::Done => {
                    self.stack.pop();
                    continue;
                }
                Step::PassBoth => {
                    pair.a.pass();
                    pair.b.pass();
                    continue;
                }
                Step::EnterA => {
                    pair.a.enter(self.reader)?;
                    continue;
                }
                Step::EnterB => {
                    pair.b.enter(self.reader)?;
                    continue;
                }
                Step::TakeA => (pair.a.take_entry(), None),
                Step::TakeB => (None, pair.b.take_entry()),
                Step::TakeBoth => (pair.a.take_entry(), pair.b.take_entry()),
            };
            let Some(name) = before.as_ref().or(after.as_ref()).map(|entry| &entry.name) else {
                continue;
            };
            self.path.truncate(pair.path_len);
            push(&mut self.path, name);
            let below = (node_of(before.as_ref()), node_of(after.as_ref()));
            self.pending = (below.0 != below.1).then_some(below);
            match compared(before, after) {
                Some(difference) => {
                    return Ok(Some(Change { path: self.path.clone(), difference }));
                }
                None => self.open()?,
            }
        }
    }
}

fn node_of(entry: Option<&Entry>) -> Option<ObjectId> {
    entry.filter(|entry| entry.kind == EntryKind::Folder).and_then(|entry| entry.node)
}

fn compared(before: Option<Entry>, after: Option<Entry>) -> Option<Difference> {
    match (before, after) {
        (None, None) => None,
        (Some(before), None) => Some(Difference::Removed(Box::new(before))),
        (None, Some(after)) => Some(Difference::Added(Box::new(after))),
        (Some(before), Some(after)) => {
            let content = before.size != after.size
                || before.content != after.content
                || before.target != after.target
                || before.device != after.device;
            let attrs = before.attrs != after.attrs;
            let kind = before.kind != after.kind;
            (content || attrs || kind).then(|| Difference::Changed {
                before: Box::new(before),
                after: Box::new(after),
                content,
                attrs,
                kind,
            })
        }
    }
}

impl<R: ObjectReader + ?Sized> Iterator for Diff<'_, R> {
    type Item = Result<Change, TreeError<R::Error>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let change = self.advance().transpose();
        self.failed = matches!(change, Some(Err(_)));
        change
    }
}
