//! What whoever helps an owner gets to see: never words, passwords, keys or names of files.
//!
//! Start at [`SupportBundle`].

use serde::{Deserialize, Serialize};

use crate::{Health, Job, Status};

/// Everything a helper needs to see. It never holds words, passwords, keys or names of files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SupportBundle {
    /// What the box is doing.
    pub status: Status,
    /// What is wrong.
    pub health: Health,
    /// The jobs, with the names of files left out.
    pub jobs: Vec<Job>,
    /// The settings, one `key = value` each.
    pub settings: Vec<String>,
    /// The disks that it cares for.
    #[serde(default)]
    pub disks: Vec<BundledDisk>,
}

/// A disk, as far as a helper needs to know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BundledDisk {
    /// Where it is, or was.
    pub place: String,
    /// What it is to the vault; see [`crate::DiskShown::life`].
    pub life: String,
    /// The maker's name for it.
    pub model: String,
    /// The last four of its serial.
    pub serial: String,
    /// Its size in bytes.
    pub size: u64,
}
