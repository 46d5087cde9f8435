//! Why a restore to drives could not go on, and what the owner can do.
//!
//! What concerns one file is no error: it is listed on the drive, and the rest goes on.

use std::io;
use std::path::PathBuf;

use vault::VaultError;

/// Why a restore to drives could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The vault said no.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// No drive was named.
    #[error("no drive was named")]
    NoDrive,
    /// A drive that was named is no folder, or cannot be looked at.
    #[error("the drive at {} cannot be used", .path.display())]
    Drive {
        /// The folder that was named.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The drive failed or was pulled while it was written or read.
    #[error("the drive at {} went away or failed after {files} files were safe on it", .path.display())]
    Gone {
        /// The folder that was named.
        path: PathBuf,
        /// Files with a line in the manifest.
        files: u64,
        /// What the system said.
        source: io::Error,
    },
    /// Not even the lists of what is on a drive fit on it any more.
    #[error("the drive at {} is full, and its lists do not fit", .path.display())]
    Full {
        /// The folder that was named.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Two drives hold unfinished restores of different sets.
    #[error("the drives at {} and {} hold parts of two different restores", .one.display(), .other.display())]
    TwoSets {
        /// One.
        one: PathBuf,
        /// The other.
        other: PathBuf,
    },
    /// An unfinished restore needs a snapshot that is gone.
    #[error("the unfinished restore at {} is of snapshot {snapshot}, which the vault has no more", .path.display())]
    SnapshotGone {
        /// The restore's folder.
        path: PathBuf,
        /// The snapshot.
        snapshot: String,
    },
    /// A restore's own record is not as it should be.
    #[error("{} is damaged: {what}", .path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// There is no restore on a drive.
    #[error("there is no Holdfast restore in {}", .path.display())]
    NoRestore {
        /// The folder that was named.
        path: PathBuf,
    },
    /// A drive cannot hold the names of a set that was begun on others.
    #[error("the drive at {} cannot hold the names of this restore, which was begun on a Linux drive", .path.display())]
    Names {
        /// The folder that was named.
        path: PathBuf,
    },
}

impl RestoreError {
    /// What the owner can do now: one sentence.
    pub fn advice(&self) -> String {
        let text = match self {
            Self::Vault(error) => return error.advice(),
            Self::NoDrive => "Name the folder under which the drive is mounted.",
            Self::Drive { .. } => "Check that the drive is plugged in and mounted there.",
            Self::Gone { .. } => {
                "Plug it back in and start the same restore again: it goes on where it was."
            }
            Self::Full { .. } => {
                "Delete something else from it and start the same restore again: it goes on."
            }
            Self::TwoSets { .. } => "Take one of the drives away, or start anew with --anew.",
            Self::SnapshotGone { .. } | Self::Record { .. } => {
                "Start anew with --anew; what is on the drive stays beside it."
            }
            Self::NoRestore { .. } => "Name the drive, or the restore's folder on it.",
            Self::Names { .. } => "Take a drive with ext4, or start anew with --anew.",
        };
        text.to_owned()
    }
}
