//! Files of a space as people see them: listed, read, put, moved, deleted, brought back, searched,
//! uploaded in pieces.
//!
//! It knows no HTTP and no socket, and keeps nothing itself: what it has accepted is in the vault,
//! sealed, on the promised disks, or was not accepted. It borrows the vault for one short step at a
//! time, so that the vault can be closed and opened with other disks between two steps of an upload.
//! It does not know who may do what; whoever calls has asked that before.
//!
//! Start at [`Files`], [`Files::list`] and [`Files::append`].
#![warn(missing_docs)]

mod afar;
mod body;
mod browse;
mod budget;
mod change;
mod error;
mod history;
mod media;
mod names;
mod photos;
mod placing;
mod search;
mod tag;
mod uploads;
mod zipped;

use std::fmt::Debug;
use std::sync::Arc;

use types::{Clock, Rng, SpaceId};
use vault::Vault;

pub use afar::{AfarVersion, ReadPiece, fill};
pub use browse::{At, FileKind, Listing, OpenFile, PIECE_MAX, Shown, SourceShown, Version};
pub use change::{Changed, NewEntry};
pub use error::{FilesError, Kind, NotOpen};
pub use history::{History, Moment};
pub use names::{NAME_LEN_MAX, NameFault, PATH_LEN_MAX, check_path};
pub use photos::{Month, Months, NoSmall, Photo, PhotoPage, Small, TakenFrom};
pub use search::{Query, SearchHit, SearchPage};
pub use tag::{expected_tag, shown_tag};
pub use uploads::checksum::{Algorithm, Checksum};
pub use uploads::{
    Append, EXPIRES_AFTER, NewUpload, SweepReport, UploadId, UploadState, WORDS_LEN_MAX,
};
pub use zipped::ZIP_ENTRIES_MAX;

pub use format::upload::{IfExists, UploadKind, UploadWord};
pub use tree::{Expected, Tag};
pub use vault::{Committed, Named, RECORD_LEN_MAX};

/// Whoever has the vault. It may be closed, locked, and opened anew at any time.
pub trait Lender: Send + Sync + Debug {
    /// The vault, for one short step.
    fn lend(&self) -> Result<Arc<Vault>, NotOpen>;

    /// Whether nobody else, for whom somebody waits, needs the disks now.
    fn is_at_rest(&self) -> bool {
        true
    }
}

/// Where something is: a source of a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The space.
    pub space: SpaceId,
    /// The source's name in it.
    pub source: String,
}

/// The files of all spaces. One for each box.
#[derive(Debug)]
pub struct Files {
    lender: Arc<dyn Lender>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    leases: uploads::lease::Leases,
    budget: budget::Budget,
    photos: Arc<photos::Photos>,
}

impl Files {
    /// Files of the vault that `lender` has.
    pub fn new(lender: Arc<dyn Lender>, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        let leases = uploads::lease::Leases::default();
        let photos = Arc::new(photos::Photos::by_nobody());
        Self { lender, clock, rng, leases, budget: budget::Budget::default(), photos }
    }

    fn lend(&self) -> Result<Arc<Vault>, FilesError> {
        Ok(self.lender.lend()?)
    }
}
