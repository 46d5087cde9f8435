//! Why the catalog could not do what it was asked. Nothing here ever means that data is lost.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::{PackNo, VOLUMES_MAX};

/// Why the catalog could not do what it was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// Another process has it open.
    #[error("the catalog {} is in use by another process", .path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// Its folder cannot be written.
    #[error("cannot {doing} {}", .path.display())]
    Folder {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database refused.
    #[error("the catalog cannot {doing}")]
    Storage {
        /// What was tried.
        doing: &'static str,
        /// What it said.
        source: Box<redb::Error>,
    },
    /// Something stored does not match its checksum, or cannot be. The next open starts afresh.
    #[error("the catalog is damaged: {what}")]
    Broken {
        /// What was found.
        what: &'static str,
    },
    /// No bit is left for another volume.
    #[error("the catalog knows {VOLUMES_MAX} volumes already and has no room for another")]
    TooManyVolumes,
    /// A field is larger than the layout of packs allows.
    #[error("{what} of a chunk is larger than a pack can hold")]
    OutOfRange {
        /// The field.
        what: &'static str,
    },
    /// No pack has this number.
    #[error("the catalog knows no pack number {}", .pack.0)]
    UnknownPack {
        /// The number.
        pack: PackNo,
    },
}

impl CatalogError {
    /// What the owner can do now.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Busy { .. } => "Wait until the other Holdfast is done, or stop it first.",
            Self::Folder { .. } => {
                "Check that the catalog's folder exists, can be written and has room."
            }
            Self::Storage { .. } => {
                "Check that the system disk has room; if it goes on, rebuild the catalog."
            }
            Self::Broken { .. } | Self::UnknownPack { .. } | Self::OutOfRange { .. } => {
                "Rebuild the catalog: nothing is lost, it is made again from the packs."
            }
            Self::TooManyVolumes => "Remove volumes that will not come back.",
        }
    }
}

/// Names what was being done when the database refused.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T, CatalogError>;
}

impl<T, E: Into<redb::Error>> Doing<T> for Result<T, E> {
    fn doing(self, doing: &'static str) -> Result<T, CatalogError> {
        self.map_err(|error| CatalogError::Storage { doing, source: Box::new(error.into()) })
    }
}
