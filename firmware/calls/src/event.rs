//! What a watcher hears. Events are news, not history: whoever watches late asks for the state
//! first, and whoever reads too slowly is told how many were left out.
//!
//! Start at [`Event`].

use serde::{Deserialize, Serialize};

use crate::{Health, Job, JobId, Lock, News};

/// What a watcher asked to hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watched {
    /// The one job, if it is one.
    pub job: Option<JobId>,
}

/// One piece of news.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Event {
    /// A job is new, moved on, or ended: the whole job as it is now.
    Job(Box<Job>),
    /// The verdict changed.
    Health(Health),
    /// The vault was locked or unlocked.
    Lock(Lock),
    /// A volume came, went or changed its state.
    Volume {
        /// As its owner knows it.
        name: String,
        /// The word for its state.
        state: String,
    },
    /// Something happened to a disk.
    Disk(News),
    /// What is shown of the disks is not as it was: ask for it.
    Disks {},
    /// What is shown of friends is not as it was: ask for it.
    Friends {},
    /// The watcher was too slow for this many events.
    Missed {
        /// How many.
        count: u64,
    },
    /// Nothing happened for a while; the box is alive.
    Quiet {},
    /// The box stops.
    ShuttingDown {},
}
