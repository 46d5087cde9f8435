//! A box that brings back the vault of one that is gone: what was found, and what the bringing back came to.
//!
//! Start at [`Reborn`].

use serde::{Deserialize, Serialize};

use crate::StartedJob;

/// A vault that is back on fresh disks: everything is listed, and what is in the files follows as a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Reborn {
    /// The vault's id.
    pub vault: String,
    /// When the newest state that any friend has was written, by the clock of the box that is gone.
    pub written_ms: i64,
    /// Versions that are listed.
    pub versions: u64,
    /// Friends who were reached, as they are called now.
    pub friends: Vec<String>,
    /// Packs that are still at friends.
    pub packs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The job that brings them.
    pub job: StartedJob,
    /// The first of what was odd, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub odd: Vec<String>,
}

/// What the bringing back from friends came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BroughtBack {
    /// Packs that came since the job last began.
    pub packs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Packs that no friend has whole.
    pub lacking: u64,
    /// The first of what was odd, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wrong: Vec<String>,
}
