//! The supervisor as the place where the caretaker's vault sits.
//!
//! Copying and emptying become jobs: written down, shown, put by and gone on with like all others.
//! Decides nothing. Start at [`Seated`].

use std::sync::{Arc, Weak};

use calls::{AskedBy, Fault, Job, JobId, JobSpec};
use disks::{DisksError, Seat, Work};
use plan::jobs::Wish;
use types::Millis;
use vault::{Vault, VaultError};
use volume::Disk;

use crate::book::Begun;
use crate::show;
use crate::supervisor::Supervisor;

/// The seat that a supervisor offers.
#[derive(Debug)]
pub(crate) struct Seated(pub(crate) Weak<Supervisor>);

impl Seated {
    fn supervisor(&self) -> Result<Arc<Supervisor>, DisksError> {
        self.0.upgrade().ok_or_else(|| DisksError::Seat {
            sentence: "The box stops.".to_owned(),
            advice: "It goes on at the next start.".to_owned(),
        })
    }
}

impl Supervisor {
    /// Refuses to go on letting go of a volume that was here when that began, and is away since the box
    /// was cut off: what it may alone have is given up by its owner only.
    pub(crate) fn may_let_go(&self, begun: &Begun, vault: &Vault) -> Result<(), Fault> {
        let Some(Work::Drain(volume)) = work_of(&begun.spec) else { return Ok(()) };
        let Some(care) = &self.care else { return Ok(()) };
        let shown = care.shown();
        if shown.given_up.contains(&volume) || !vault.unsettled().contains(&volume) {
            return Ok(());
        }
        let volume = shown.names.get(&volume).cloned().unwrap_or_else(|| volume.to_string());
        Err(show::fault(&VaultError::Unsettled { volume }))
    }
}

fn refused(fault: Fault) -> DisksError {
    DisksError::Seat { sentence: fault.sentence, advice: fault.advice }
}

/// The job that does a work.
fn spec_of(work: Work) -> JobSpec {
    match work {
        Work::Copy => JobSpec::Rebuild {},
        Work::Drain(volume) => JobSpec::Drain { volume: volume.to_string() },
    }
}

fn work_of(spec: &JobSpec) -> Option<Work> {
    match spec {
        JobSpec::Rebuild {} => Some(Work::Copy),
        JobSpec::Drain { volume } => volume.parse().ok().map(Work::Drain),
        _ => None,
    }
}

impl Seat for Seated {
    fn vault(&self) -> Option<Arc<Vault>> {
        self.0.upgrade()?.keeper.vault_now()
    }

    fn reopen(&self, disks: Vec<Arc<dyn Disk>>) -> Result<(), DisksError> {
        let supervisor = self.supervisor()?;
        let any = !disks.is_empty();
        self.keep_in_mind(disks);
        supervisor.reopen(any).map_err(refused)
    }

    fn keep_in_mind(&self, disks: Vec<Arc<dyn Disk>>) {
        if let Some(supervisor) = self.0.upgrade()
            && let Some(hardware) = &supervisor.setup.hardware
        {
            hardware.plugged.mounted(disks);
        }
    }

    fn begin(&self, work: Work) -> Result<(), DisksError> {
        self.supervisor()?.add(spec_of(work), AskedBy::Schedule).map(drop).map_err(refused)
    }

    fn give_up(&self, work: Work) {
        let Some(supervisor) = self.0.upgrade() else { return };
        let is_it = |job: &&Job| !job.state.is_over() && work_of(&job.spec) == Some(work);
        let jobs: Vec<JobId> =
            supervisor.shared().book.jobs().filter(is_it).map(|job| job.id).collect();
        for job in jobs {
            // One that ended meanwhile needs no word any more.
            drop(supervisor.wish(job, Wish::Cancel));
        }
    }

    fn rests(&self, work: Work) -> Option<Millis> {
        let supervisor = self.0.upgrade()?;
        let now = supervisor.now();
        let left = supervisor.shared().book.rests(&spec_of(work), now);
        left.map(|(_, left)| left)
    }

    fn try_anew(&self) {
        if let Some(supervisor) = self.0.upgrade() {
            supervisor.shared().book.try_anew();
        }
    }

    fn under_way(&self) -> Vec<Work> {
        let Some(supervisor) = self.0.upgrade() else { return Vec::new() };
        let shared = supervisor.shared();
        let unfinished = shared.book.jobs().filter(|job| !job.state.is_over());
        unfinished.filter_map(|job| work_of(&job.spec)).collect()
    }
}
