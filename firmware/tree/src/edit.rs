//! A batch of edits to one tree: new nodes where something changed, everything else as it was.
//!
//! Edits are tried one after the other against the tree and what came before in the batch
//! ([`crate::overlay`]); then each changed folder is written once ([`crate::rewrite`]). The old
//! tree stays whole: nothing is deleted here. The result is the very tree that building anew from
//! the same entries would give.

use format::entry::{Entry, FileTime};

use crate::ObjectWriter;
use crate::error::{EditError, TreeError};
use crate::overlay::Overlay;
use crate::split::Split;
use crate::tag::Tag;

/// One edit. Paths lie below the tree's root, components joined by `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Puts an entry at a path, in place of anything but a folder. A whole folder may be put, by
    /// its node, where nothing is.
    Put {
        /// Where.
        path: Vec<u8>,
        /// What. Its name is taken from the path.
        entry: Box<Entry>,
        /// Makes the folders above it that are missing.
        make_parents: bool,
    },
    /// Makes an empty folder, unless there is one.
    MakeFolder {
        /// Where.
        path: Vec<u8>,
    },
    /// Moves an entry, a folder with all it holds.
    Rename {
        /// From where.
        from: Vec<u8>,
        /// To where; its folder must exist.
        to: Vec<u8>,
        /// May take the place of what is there: of a file, or for a folder, of an empty folder.
        replace: bool,
    },
    /// Removes an entry.
    Delete {
        /// Which.
        path: Vec<u8>,
        /// A folder with all it holds; else only an empty one.
        recursive: bool,
    },
    /// Makes an edit only where what stands at a path is what its caller counts on.
    If {
        /// Where.
        path: Vec<u8>,
        /// What has to stand there.
        expected: Expected,
        /// What to do then.
        edit: Box<Edit>,
    },
}

/// What has to stand at a path for an edit to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Nothing.
    Nothing,
    /// Exactly this.
    Tag(Tag),
}

/// What an edit did.
///
/// A folder that was replaced or removed is given as it stood before the batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditOutcome {
    /// Something stands where nothing was.
    Created,
    /// Something took the place of this.
    Replaced(Box<Entry>),
    /// This is gone.
    Removed(Box<Entry>),
    /// The entry stands elsewhere now, where nothing was.
    Moved,
    /// Nothing had to change.
    AlreadyThere,
}

/// What a batch of edits came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The tree's root now; equal to the old one if nothing changed.
    pub root: Entry,
    /// One for each edit, in order. A failed one changed nothing.
    pub outcomes: Vec<Result<EditOutcome, EditError>>,
    /// Nothing that the old tree held was overwritten or removed. A move loses nothing; neither
    /// does taking away what this same batch has put.
    pub lossless: bool,
}

/// Makes a batch of edits to the tree below the folder `root`.
///
/// Folders in which a name came, went or was replaced get `now` as their modification time. New
/// folders take mode, owner and group of the folder above. An error of the store, or a damaged
/// node on the way, fails the whole batch; nodes that were written until then are never referred
/// to.
pub fn apply<W: ObjectWriter + ?Sized>(
    store: &mut W,
    root: &Entry,
    edits: Vec<Edit>,
    now: FileTime,
) -> Result<Applied, TreeError<W::Error>> {
    apply_with(Split::STORED, store, root, edits, now)
}

pub(crate) fn apply_with<W: ObjectWriter + ?Sized>(
    split: Split,
    store: &mut W,
    root: &Entry,
    edits: Vec<Edit>,
    now: FileTime,
) -> Result<Applied, TreeError<W::Error>> {
    let mut overlay = Overlay::new(root);
    let mut outcomes = Vec::with_capacity(edits.len());
    for edit in edits {
        outcomes.push(overlay.edit(&*store, edit, now)?);
    }
    let lossless = overlay.is_lossless();
    let root = overlay.write(split, store, now)?;
    Ok(Applied { root, outcomes, lossless })
}
