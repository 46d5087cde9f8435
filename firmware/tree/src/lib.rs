//! Folders and big files as objects: building, reading, editing, comparing and walking trees.
//!
//! A tree is made of content-named CBOR objects (`format::entry`): folder nodes that hold entries
//! sorted by name, and manifest nodes that hold the extents of a big file. Where a folder or a
//! manifest is cut into nodes depends on what it holds and never on how it came about, so equal
//! folders have equal ids and one changed name rewrites one leaf and its ancestors. This crate
//! knows nothing of keys, packs or disks; it reads and writes through [`ObjectReader`] and
//! [`ObjectWriter`], trusts nothing that it reads, and never panics on it.
//!
//! Start reading at [`FolderBuilder`] and [`entries`], then [`apply`]. Layouts:
//! `docs/formats/records.md`.
#![warn(missing_docs)]

// The store that the tests share names this crate from outside, as other crates do.
#[cfg(test)]
extern crate self as tree;

mod audit;
mod check;
mod cursor;
mod diff;
mod edit;
mod error;
mod extents;
mod folder;
mod manifest;
mod measure;
mod node;
mod overlay;
mod path;
mod references;
mod rewrite;
mod sent;
mod split;
mod tag;
mod walk;

#[cfg(test)]
mod edit_tests;
#[cfg(test)]
mod read_tests;
#[cfg(test)]
mod test_edits;
#[cfg(test)]
mod test_model;
#[cfg(test)]
#[path = "../tests/common/store.rs"]
mod test_store;

use std::sync::Arc;

use types::ObjectId;

pub use audit::{Known, audit};
pub use diff::{Change, Diff, Difference, diff};
pub use edit::{Applied, Edit, EditOutcome, Expected, apply};
pub use error::{Damage, EditError, TreeError};
pub use extents::{Extents, Placed, content_len, extents, extents_in};
pub use folder::FolderBuilder;
pub use manifest::{ContentBuilder, INLINE_EXTENTS_MAX};
pub use node::{Entries, entries, entries_from, find, lookup};
pub use path::{NAME_LEN_MAX, PATH_DEPTH_MAX, PATH_LEN_MAX, join, shown};
pub use references::{Reference, references};
pub use split::{ENTRY_LEN_MAX, INNER_LEVELS_MAX};
pub use tag::{Tag, tag};
pub use walk::{Walk, Walked, walk};

/// Where objects are read from.
pub trait ObjectReader {
    /// What can go wrong in the store.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The bytes of an object, checked against its id.
    fn get(&self, id: &ObjectId) -> Result<Arc<Vec<u8>>, Self::Error>;
}

/// Where objects are written to.
pub trait ObjectWriter: ObjectReader {
    /// Keeps an object and names it by its content: equal bytes get equal ids, and storing them
    /// again costs nothing.
    fn put(&mut self, cbor: Vec<u8>) -> Result<ObjectId, Self::Error>;
}
