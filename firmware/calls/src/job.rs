//! Jobs as they are asked for, shown and remembered.
//!
//! A job's record on the box's own disk is a [`Job`] as well, so a field that is added here needs a
//! default: the jobs of an older box are read by a newer one. Start at [`JobSpec`] and [`Job`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Fault, JobResult, RawPath};

/// A job's number; never used twice.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct JobId(pub u64);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a job is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum JobSpec {
    /// Store folders that the box can read as a new version of a source.
    Backup {
        /// The source's name.
        source: String,
        /// Folders and files, absolute.
        paths: Vec<RawPath>,
        /// Names to leave out.
        #[serde(default)]
        excludes: Vec<String>,
        /// Whose source it is: the name of a space, or of somebody who lives with the box. The space
        /// that everybody shares when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        space: Option<String>,
    },
    /// Compare what the volumes hold with what the vault says they hold.
    Check {
        /// Every byte, not only that each pack is there.
        #[serde(default)]
        read_data: bool,
        /// Mend from good copies.
        #[serde(default)]
        repair: bool,
    },
    /// Read every byte of every copy and compare it with its name. Needs no keys: a locked box does
    /// it, too. Mends nothing.
    Scrub {},
    /// Write the newest version of every source, or a part of it, as plain files on drives, and read
    /// all of it back. The same wish goes on with what was cut off.
    Usb {
        /// The drives, named as disks are; they are filled in this order.
        drives: Vec<String>,
        /// Only these sources; all when there are none.
        #[serde(default)]
        sources: Vec<String>,
        /// Only what stands at this path of each; everything when empty.
        #[serde(default)]
        path: RawPath,
        /// Each source as it was this long before the job was asked for, in milliseconds.
        #[serde(default)]
        ago_ms: Option<u64>,
        /// Begin another one, though an unfinished one is on a drive.
        #[serde(default)]
        anew: bool,
    },
    /// Read every file of the restores on a drive and compare it with their manifests. Writes nothing.
    UsbVerify {
        /// The drive.
        drive: String,
    },
    /// Store what is on somebody's disk as a version of a source, and compare all of it. The disk is
    /// never written.
    Import {
        /// The disk.
        drive: String,
        /// The source; named after the disk when none is given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<String>,
    },
    /// Write all of a disk and read it again, before it is trusted. Everything on it goes.
    BurnIn {
        /// The disk.
        drive: String,
        /// The last four of its serial, as somebody typed them, where something is on it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        typed: Option<String>,
        /// When it is found good, let it take part.
        #[serde(default)]
        adopt: bool,
        /// In the place of this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<String>,
    },
    /// Bring every pack back to its promised copies.
    Rebuild {},
    /// Fetch from friends what no disk has, what the newest versions need first.
    BringBack {},
    /// Copy away what a volume alone has, prove it, and let the volume go.
    Drain {
        /// The volume's id.
        volume: String,
    },
    /// Let go of versions: those named, or those that the usual rule lets go when none is.
    Forget {
        /// Ids, or fronts of them.
        #[serde(default)]
        snapshots: Vec<String>,
    },
    /// Free what nothing needs any more, as far as its grace allows.
    Prune {
        /// The owner has seen that much of the vault would go, and agrees.
        #[serde(default)]
        allow_large: bool,
    },
    /// Write part of a snapshot back as plain files, in a folder that the box can write.
    Restore {
        /// An id, the front of one, `latest` or `latest:SOURCE`.
        snapshot: String,
        /// What; everything when empty.
        path: RawPath,
        /// The folder, absolute.
        to: RawPath,
        /// Take the place of files that are there already.
        #[serde(default)]
        overwrite: bool,
    },
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum JobState {
    /// Waits for its turn.
    Queued,
    /// At work.
    Running,
    /// Stopped until somebody lets it go on.
    Paused,
    /// Ended, and did what it should.
    Done,
    /// Ended without having done it.
    Failed,
    /// Ended because somebody wanted it.
    Cancelled,
}

impl JobState {
    /// Whether it is over for good.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// Who wanted a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum AskedBy {
    /// Somebody asked.
    Owner,
    /// It was due.
    Schedule,
}

/// How far a job has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct JobProgress {
    /// Files or packs dealt with.
    pub items: u64,
    /// Of so many, where that is known.
    pub items_total: Option<u64>,
    /// Bytes dealt with.
    pub bytes: u64,
    /// Of so many, where that is known.
    pub bytes_total: Option<u64>,
    /// Bytes a second of late, where there is something to measure.
    pub bytes_per_second: Option<u64>,
    /// Milliseconds that are left at this rate.
    pub left_ms: Option<u64>,
    /// Of the bytes, those that the vault did not have; only where somebody wants to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_bytes: Option<u64>,
}

/// One job. Times are milliseconds since 1970 by the box's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// What it is to do.
    pub spec: JobSpec,
    /// Where it stands.
    pub state: JobState,
    /// Who wanted it.
    pub asked_by: AskedBy,
    /// When it was asked for.
    pub created_ms: i64,
    /// When it last began.
    pub started_ms: Option<i64>,
    /// When it ended.
    pub ended_ms: Option<i64>,
    /// How often it began: more than once after a pause, a restart or a crash.
    pub attempts: u32,
    /// How far it is.
    pub progress: JobProgress,
    /// What it came to, once it is done.
    pub result: Option<JobResult>,
    /// Why it failed; of a paused job, what it waits for before it goes on by itself.
    pub fault: Option<Fault>,
    /// What it rests for now, if it is not its turn that it waits for: quiet hours, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rests: Option<String>,
}

/// A job that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StartedJob {
    /// The job.
    pub job: Job,
    /// One that does the same was there already; no second one was made.
    pub already_there: bool,
}
