//! A job's record, as it lies on the box's own disk.
//!
//! Start at [`Record`].

use calls::{Job, JobId};
use serde::{Deserialize, Serialize};

/// Where records are, in the box's folder.
pub(crate) const FOLDER: &str = "jobs";

/// A job as it is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    pub(crate) job: Job,
    /// What the job found when it first began.
    #[serde(default)]
    pub(crate) found: Option<Found>,
    /// How often in a row it was at work when the program ended.
    #[serde(default)]
    pub(crate) cut_off: u32,
    /// It is paused because nobody has said since that it may go on over what is there now.
    #[serde(default)]
    pub(crate) asks: bool,
}

/// What a backup finds when it first begins. A snapshot of the same folders that is newer is the
/// job's own: it was finished then, and only its record was cut off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Found {
    /// The newest snapshot of its source, if there was one.
    pub(crate) newest: Option<String>,
    /// What earlier beginnings of an import stored that the vault did not have.
    #[serde(default)]
    pub(crate) new_bytes: u64,
}

/// Where a job's record is, in the box's folder.
pub(crate) fn path_of(id: JobId) -> String {
    format!("{FOLDER}/{:010}.json", id.0)
}
