//! The reading face. Never writes, never follows a link below the folder it was given.

mod error;
mod file;
mod folder;

pub use error::ReadError;
pub use file::{FileReader, Segment};
pub use folder::{Folder, Found, Listing, Skipped};
