//! Real file trees: read with everything they hold, written back, and compared.
//!
//! Three faces, and nothing else:
//! - [`Folder`] reads. One `stat` tells whether a file changed; attributes are read only when
//!   asked for. Holes in files are seen as holes.
//! - [`Target`] writes, and never outside its folder: every name is one checked component below
//!   an open folder, no symbolic link is ever followed, no file is opened that it did not make.
//! - [`compare`] proves that two trees hold the same.
//!
//! A name is bytes and every operation is relative to an open folder, so paths of any length
//! work. Files that vanish, change or cannot be read become errors for that one name; the rest
//! goes on. This crate knows nothing of chunks, packs or keys, and syncs nothing: a restored tree
//! is a copy of what the vault still has. It needs `/proc`, through which attributes are reached
//! for entries that may not be opened. Start reading at [`Folder::stat`] and
//! [`TargetFolder::set_attrs`].

mod below;
mod compare;
mod name;
mod owners;
mod read;
mod sys;
mod write;

pub use below::open_below;
pub use compare::{Compare, Difference, Side, What, compare};
pub use name::{BadName, NAME_LEN_MAX, Shown, check_name};
pub use read::{FileReader, Folder, Found, Listing, ReadError, Segment, Skipped};
pub use write::{
    Existing, FileWriter, Owners, Shortfall, Target, TargetFolder, TargetOptions, WriteError,
};
