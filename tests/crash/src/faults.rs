//! The n-th operation of one disk fails: what the vault promises goes on, on the other disk, and
//! the failed one is brought back afterwards.
//!
//! No power is cut here; what a fault leaves on the disk is the simulated disk's business. Every n
//! is tried by [`crate::sweep`]. Start at [`Trial::run`].

use std::sync::Arc;

use testkit::simdisk::{Fault, Kind, Lasting, SimDisk};
use vault::CheckOptions;

use crate::model::{chain_of, verify};
use crate::rig::{Rig, Shape, copies_of};
use crate::run::{Run, Step, Stop};

/// What is done while a disk fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Job {
    /// Edits, a backup, a seal.
    Work,
    /// The vault is opened after a kill, and then edited.
    Open,
    /// Versions go, and what they held.
    Prune,
    /// Everything gets its copies.
    Rebuild,
    /// Everything is read and mended.
    Check,
    /// The last disk leaves.
    Retire,
    /// A new disk takes the place of the first.
    Replace,
}

impl Job {
    /// What it does.
    fn steps(self) -> &'static [Step] {
        match self {
            Self::Work => &[
                Step::Put,
                Step::Overwrite,
                Step::MakeFolder,
                Step::PutBig,
                Step::Backup,
                Step::Rename,
                Step::Delete,
                Step::Close,
                Step::Put,
            ],
            Self::Open => &[Step::Put, Step::Overwrite],
            Self::Prune => &[Step::Forget, Step::Prune, Step::Put],
            Self::Rebuild => &[Step::Rebuild, Step::Put],
            Self::Check => &[Step::Check, Step::Put],
            Self::Retire => &[Step::Retire, Step::Put],
            Self::Replace => &[Step::Replace, Step::Put],
        }
    }

    /// What was done before.
    fn before(self) -> &'static [Step] {
        match self {
            Self::Work => &[Step::Put],
            Self::Open => &[Step::Put, Step::Kill, Step::Put],
            Self::Prune => &[Step::Put, Step::Backup, Step::Close, Step::Overwrite, Step::Forget],
            Self::Rebuild | Self::Check | Self::Retire | Self::Replace => {
                &[Step::Put, Step::Backup, Step::Close, Step::Overwrite]
            }
        }
    }
}

/// Work that may be refused while a disk fails, and is then to be asked for again.
fn may_wait(step: Step) -> bool {
    use Step::{Check, Prune, Rebuild, Replace, Retire};
    matches!(step, Check | Prune | Rebuild | Replace | Retire)
}

/// One disk's one failure.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// The vault.
    pub shape: Shape,
    /// Which disk fails.
    pub disk: usize,
    /// Sabotage: the others fail with it.
    pub all_fail: bool,
    /// At which of its operations.
    pub nth: u64,
    /// How.
    pub fault: Fault,
    /// Whether it recovers.
    pub lasting: Lasting,
    /// What is done meanwhile.
    pub job: Job,
}

/// What a trial came to, when nothing was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The fault came too late to hit anything.
    pub missed: bool,
    /// A step was refused with an error; for a vault with one disk that is right.
    pub refused: bool,
    /// A retire, a prune or the like was refused.
    pub waits: bool,
    /// The vault could not be opened while the fault lasted.
    pub unopened: bool,
    /// Some receipt said one copy.
    pub single_copy: bool,
}

impl Trial {
    /// Runs the job with the fault and checks everything afterwards.
    pub fn run(&self, rig: &Arc<Rig>) -> Result<Outcome, String> {
        self.tried(rig).map_err(|what| format!("{what}; {self:?}"))
    }

    fn tried(&self, rig: &Arc<Rig>) -> Result<Outcome, String> {
        let mut outcome = Outcome::default();
        let mut run = prepared(rig, self.shape, self.job, self.fault == Fault::Hang)?;
        let failing: Vec<SimDisk> = match self.all_fail {
            true => run.disks.clone(),
            false => vec![run.disks[self.disk].clone()],
        };
        let before = failing[0].op_count();
        failing.iter().for_each(|disk| disk.fail_after(self.nth, self.fault, self.lasting));
        if self.job == Job::Open && run.open().is_err() {
            outcome.unopened = true;
        } else {
            self.work(&mut run, &mut outcome)?;
        }
        outcome.missed = failing[0].op_count() < before + self.nth;
        if let Some(reused) = run.salts().reused() {
            return Err(reused);
        }
        if !outcome.unopened && !outcome.refused {
            let ledger = run.ledger().clone();
            verify(run.vault(), &ledger, false).map_err(|wrong| format!("at once: {wrong}"))?;
        }
        failing.iter().for_each(SimDisk::release);
        run.kill();
        failing.iter().for_each(SimDisk::heal);
        let model = run.ledger().model.clone();
        outcome.single_copy = model.fewest_copies == Some(1) && self.shape.copies > 1;
        // What hung may still come back and end its work: on the disks it had, not on these.
        let disks = copies_of(&run.disks);
        if self.shape.copies > 1 && model.left.is_empty() {
            self.without_the_failed(rig, &run, &disks)?;
        }
        let ledger = run.ledger().clone();
        self.mended(&mut Run::resume(rig, disks, run.salts().child(), ledger))?;
        Ok(outcome)
    }

    /// Does the job. A vault on one disk may refuse all of it; one on two, only what can wait.
    fn work(&self, run: &mut Run, outcome: &mut Outcome) -> Result<(), String> {
        for step in self.job.steps() {
            match run.step(*step) {
                Ok(()) => {}
                Err(Stop::Refused(_)) if self.shape.disks == 1 => {
                    outcome.refused = true;
                    return Ok(());
                }
                Err(Stop::Refused(_)) if may_wait(*step) => outcome.waits = true,
                Err(stop) => return Err(format!("{step:?}: {stop:?}")),
            }
        }
        Ok(())
    }

    /// The other disks alone have everything.
    fn without_the_failed(
        &self,
        rig: &Arc<Rig>,
        run: &Run,
        disks: &[SimDisk],
    ) -> Result<(), String> {
        let ledger = run.ledger().clone();
        let mut alone = Run::resume(rig, copies_of(disks), run.salts().child(), ledger);
        alone.leave_out(self.disk);
        alone.open().map_err(|stop| format!("without the disk: {stop:?}"))?;
        let ledger = alone.ledger().clone();
        verify(alone.vault(), &ledger, false).map_err(|wrong| format!("without the disk: {wrong}"))
    }

    /// The disk is well again: all is there, and a repair makes every promise good.
    fn mended(&self, run: &mut Run) -> Result<(), String> {
        run.open().map_err(|stop| format!("healed: {stop:?}"))?;
        let ledger = run.ledger().clone();
        verify(run.vault(), &ledger, false).map_err(|wrong| format!("healed: {wrong}"))?;
        let options = CheckOptions { read_data: true, repair: true };
        let mut last = None;
        for _ in 0..3 {
            let report = run.vault().check(options, &mut |_| true);
            let report = report.map_err(|error| format!("healed: {}", chain_of(&error)))?;
            if report.is_clean() {
                return Ok(());
            }
            last = Some(report);
        }
        Err(format!("the repair is not clean: {last:?}"))
    }
}

/// A vault just before the job; for [`Job::Open`] it was killed.
fn prepared(rig: &Arc<Rig>, shape: Shape, job: Job, threaded: bool) -> Result<Run, String> {
    let mut run = Run::new(rig, shape);
    if threaded {
        run.threaded();
    }
    run.open().map_err(|stop| format!("{stop:?}"))?;
    for step in job.before() {
        run.step(*step).map_err(|stop| format!("before the fault: {step:?}: {stop:?}"))?;
    }
    if job == Job::Open {
        run.kill();
    }
    Ok(run)
}

/// The operations that a job asks of one disk when nothing fails, in order.
pub fn operations(rig: &Arc<Rig>, shape: Shape, job: Job, disk: usize) -> Vec<Kind> {
    const WELL: &str = "no disk fails here";
    let mut run = prepared(rig, shape, job, false).expect(WELL);
    run.disks[disk].note_operations();
    if job == Job::Open {
        run.open().expect(WELL);
    }
    job.steps().iter().for_each(|step| run.step(*step).expect(WELL));
    run.disks[disk].noted_operations()
}
