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
    /// How far the test of a disk is.
    #[serde(default)]
    pub(crate) burn: Option<BurnNote>,
}

/// Where a job's record is, in the box's folder.
pub(crate) fn path_of(id: JobId) -> String {
    format!("{FOLDER}/{:010}.json", id.0)
}

/// How far the test of a disk is. Written down before the disk is marked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BurnNote {
    pub(crate) seed: [u8; 16],
    /// The disk was marked: what was on it is gone, and nobody needs to be asked again.
    pub(crate) marked: bool,
    /// Bytes that were written, and bytes that were read again.
    pub(crate) written: u64,
    pub(crate) read: u64,
    /// What was wrong so far.
    pub(crate) wrong: u64,
    pub(crate) first: Option<u64>,
    pub(crate) of: Option<u64>,
}
