//! What stood in the way of one file, and what that means for the drive.
//!
//! Start at [`Refusal::of`].

use std::io;

use filetree::WriteError;

/// What stood in the way of one file.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// No room after all: another drive may have some.
    Full,
    /// The drive cannot hold it, and says why.
    File(String),
    /// The drive failed.
    Drive(io::Error),
}

impl Refusal {
    pub(crate) fn of(error: WriteError) -> Self {
        match error {
            WriteError::Full { .. } => Self::Full,
            WriteError::Io { source, .. } => Self::Drive(source),
            other => Self::File(other.to_string()),
        }
    }
}
