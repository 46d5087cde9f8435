//! Between the two faces of a job: as it is shown and remembered, and as `plan` decides about it.
//!
//! Pure. Start at [`kind_of`].

use calls::{Fault, JobSpec, JobState};
use plan::jobs::JobKind;

/// Why a job came to no result.
#[derive(Clone, Debug)]
pub(crate) struct Halted {
    pub(crate) fault: Fault,
    /// It rests until that is no longer so, and then goes on by itself.
    pub(crate) waits: bool,
}

impl From<Fault> for Halted {
    fn from(fault: Fault) -> Self {
        Self { fault, waits: false }
    }
}

/// What kind of job it is.
pub(crate) fn kind_of(spec: &JobSpec) -> JobKind {
    match spec {
        JobSpec::Backup { .. } | JobSpec::Import { .. } => JobKind::Backup,
        JobSpec::Check { repair: true, .. } => JobKind::Repair,
        JobSpec::Scrub {} => JobKind::Scrub,
        JobSpec::BurnIn { .. } => JobKind::BurnIn,
        JobSpec::Check { .. } => JobKind::Check,
        JobSpec::Rebuild {} | JobSpec::Drain { .. } => JobKind::Rebuild,
        JobSpec::Forget { .. } => JobKind::Forget,
        JobSpec::Prune { .. } => JobKind::Prune,
        JobSpec::Restore { .. }
        | JobSpec::Usb { .. }
        | JobSpec::UsbVerify { .. }
        | JobSpec::BringBack {} => JobKind::Restore,
    }
}

/// Whether it takes the place of files that are there.
pub(crate) fn overwrites(spec: &JobSpec) -> bool {
    matches!(spec, JobSpec::Restore { overwrite: true, .. })
}

/// Whether it reads every byte of every copy that is here.
pub(crate) fn reads_all(spec: &JobSpec) -> bool {
    matches!(spec, JobSpec::Scrub {} | JobSpec::Check { read_data: true, .. })
}

/// What a chore of that kind does; none for kinds that are no chores.
pub(crate) fn chore_of(kind: JobKind) -> Option<JobSpec> {
    match kind {
        JobKind::Scrub => Some(JobSpec::Scrub {}),
        JobKind::Forget => Some(JobSpec::Forget { snapshots: Vec::new() }),
        JobKind::Prune => Some(JobSpec::Prune { allow_large: false }),
        JobKind::Restore
        | JobKind::Backup
        | JobKind::Rebuild
        | JobKind::Repair
        | JobKind::BurnIn
        | JobKind::Check => None,
    }
}

pub(crate) fn planned(state: JobState) -> plan::jobs::JobState {
    use plan::jobs::JobState as Planned;
    match state {
        JobState::Queued => Planned::Queued,
        JobState::Running => Planned::Running,
        JobState::Paused => Planned::Paused,
        JobState::Done => Planned::Done,
        JobState::Failed => Planned::Failed,
        JobState::Cancelled => Planned::Cancelled,
    }
}

pub(crate) fn shown(state: plan::jobs::JobState) -> JobState {
    use plan::jobs::JobState as Planned;
    match state {
        Planned::Queued => JobState::Queued,
        Planned::Running => JobState::Running,
        Planned::Paused => JobState::Paused,
        Planned::Done => JobState::Done,
        Planned::Failed => JobState::Failed,
        Planned::Cancelled => JobState::Cancelled,
    }
}
