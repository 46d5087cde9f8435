//! What an import of somebody's disk, and the test of a disk, came to.
//!
//! Start at [`ImportResult`] and [`BurnInResult`].

use serde::{Deserialize, Serialize};

use crate::LeftOut;

/// What an import stored, and whether the disk is still needed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ImportResult {
    /// The new snapshot.
    pub snapshot: String,
    /// Its source.
    pub source: String,
    /// Where the disk was.
    pub place: String,
    /// Files on it.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Of these, bytes that the vault did not have.
    pub new_bytes: u64,
    /// Files that were read again from the disk and are in the vault byte for byte.
    pub compared: u64,
    /// Files that were not the same when they were read again.
    pub differ: u64,
    /// What could not be read, and is not in the vault.
    pub skipped: u64,
    /// Disks of the vault that durably hold all of it.
    pub copies: u8,
    /// Disks that were to.
    pub copies_wanted: u8,
    /// Nothing on the disk is needed any more.
    pub safe_to_wipe: bool,
    /// The first of what was left out or is not the same, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<LeftOut>,
}

impl ImportResult {
    /// All of it is in the vault and was compared; only copies may be missing.
    pub fn is_whole(&self) -> bool {
        self.differ + self.skipped == 0 && self.compared == self.files
    }
}

/// What the test of a disk found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BurnInResult {
    /// Where the disk was.
    pub place: String,
    /// Its size, as it says.
    pub size: u64,
    /// It kept everything.
    pub good: bool,
    /// It is not as large as it says: about so much is there.
    pub holds: Option<u64>,
    /// Bytes that it did not keep, as far as it was read.
    pub wrong: u64,
    /// It takes part from now on.
    pub adopted: bool,
}
