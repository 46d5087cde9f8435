//! One folder with changes made to it, without reading more of it than the changes touch.
//!
//! The old entries and the changes run through a [`FolderBuilder`] side by side. Where the builder
//! stands between nodes just as the old folder does, a node in which nothing changes is taken over
//! unread: from the same entries on, the rule would cut the same node. Only at the right edge it
//! would not, for there the folder's end has cut. So the outcome is the same as building anew, and
//! the cost that of the nodes around the changes.

use std::collections::BTreeMap;
use std::iter::Peekable;

use format::entry::Entry;
use types::ObjectId;

use crate::ObjectWriter;
use crate::cursor::{Cursor, Head, NodeHead};
use crate::error::TreeError;
use crate::folder::FolderBuilder;
use crate::split::Split;

/// What names stand for from now on; none where a name goes.
pub(crate) type Changes = BTreeMap<Vec<u8>, Option<Entry>>;

/// What to do next.
enum Step {
    Done,
    /// Feed the next change.
    Change,
    /// The next change is about the entry that stands here: pass that, the change is next.
    Drop,
    /// Feed the entry that stands here.
    Keep,
    /// Enter the node that stands here.
    Enter,
    /// Take over the node that stands here.
    Adopt,
}

/// The root of the folder at `root` after `changes`.
pub(crate) fn rewrite<W: ObjectWriter + ?Sized>(
    split: Split,
    store: &mut W,
    root: Option<ObjectId>,
    changes: Changes,
) -> Result<Option<ObjectId>, TreeError<W::Error>> {
    let mut builder = FolderBuilder::with_split(split);
    let mut cursor = Cursor::measured(&*store, root)?;
    let mut changes = changes.into_iter().peekable();
    loop {
        match step(&builder, &mut cursor, &mut changes) {
            Step::Done => return builder.finish(store),
            Step::Drop => cursor.pass(),
            Step::Enter => cursor.enter(&*store)?,
            Step::Change => {
                if let Some((_, Some(entry))) = changes.next() {
                    builder.push_again(store, &entry)?;
                }
            }
            Step::Keep => {
                if let Some(entry) = cursor.take_entry() {
                    builder.push_again(store, &entry)?;
                }
            }
            Step::Adopt => {
                if let Some(Head::Node(NodeHead { first, id, height: Some(height), .. })) =
                    cursor.head()
                {
                    builder.push_node(store, height, first, id)?;
                }
                cursor.pass();
            }
        }
    }
}

fn step(
    builder: &FolderBuilder,
    cursor: &mut Cursor,
    changes: &mut Peekable<impl Iterator<Item = (Vec<u8>, Option<Entry>)>>,
) -> Step {
    let change = changes.peek().map(|(name, _)| name.as_slice());
    match (cursor.head(), change) {
        (None, None) => Step::Done,
        (None, Some(_)) => Step::Change,
        (Some(Head::Entry(entry)), Some(name)) if name < entry.name.as_slice() => Step::Change,
        (Some(Head::Entry(entry)), Some(name)) if name == entry.name.as_slice() => Step::Drop,
        (Some(Head::Entry(_)), _) => Step::Keep,
        (Some(Head::Node(node)), Some(name)) if name < node.first => Step::Change,
        (Some(Head::Node(node)), change) => {
            // Without an end it stands at the right edge, and the folder's end has cut it.
            let is_untouched = node.before.is_some_and(|end| change.is_none_or(|name| name >= end));
            let fits = node.height.is_some_and(|height| builder.is_between_nodes(height));
            if is_untouched && fits { Step::Adopt } else { Step::Enter }
        }
    }
}
