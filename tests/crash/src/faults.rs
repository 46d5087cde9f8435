//! The n-th operation of one disk fails, for every n: what the vault promises goes on, on the
//! other disk, and the failed one is brought back afterwards.
//!
//! No power is cut here; what a fault leaves on the disk is the simulated disk's business. Start at
//! [`Trial::run`].

use std::sync::Arc;

use testkit::simdisk::{Fault, Lasting};
use vault::CheckOptions;

use crate::model::{chain_of, verify};
use crate::rig::{Rig, Shape, copies_of};
use crate::run::{Run, Step, Stop};

/// What is done while a disk fails.
pub const WORK: [Step; 9] = [
    Step::Put,
    Step::Overwrite,
    Step::MakeFolder,
    Step::PutBig,
    Step::Backup,
    Step::Rename,
    Step::Delete,
    Step::Close,
    Step::Put,
];

/// One disk's one failure.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// The vault.
    pub shape: Shape,
    /// Which disk fails.
    pub disk: usize,
    /// At which of its operations after the vault was opened (or, `while_opening`, before).
    pub nth: u64,
    /// How.
    pub fault: Fault,
    /// Whether it recovers.
    pub lasting: Lasting,
    /// The fault is planned before the vault is opened.
    pub while_opening: bool,
}

/// What a trial came to, when nothing was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The fault came too late to hit anything.
    pub missed: bool,
    /// A step was refused with an error; for a vault with one disk that is right.
    pub refused: bool,
    /// The vault could not be opened while the fault lasted.
    pub unopened: bool,
    /// Some receipt said one copy.
    pub single_copy: bool,
}

impl Trial {
    /// Runs the work with the fault and checks everything afterwards.
    pub fn run(&self, rig: &Arc<Rig>) -> Result<Outcome, String> {
        self.tried(rig).map_err(|what| format!("{what}; {self:?}"))
    }

    fn tried(&self, rig: &Arc<Rig>) -> Result<Outcome, String> {
        let mut run = Run::new(rig, self.shape);
        let mut outcome = Outcome::default();
        // A version from before the fault.
        run.open().map_err(|stop| format!("{stop:?}"))?;
        run.step(Step::Put).map_err(|stop| format!("{stop:?}"))?;
        let failing = run.disks[self.disk].clone();
        if self.while_opening {
            run.step(Step::Kill).map_err(|stop| format!("{stop:?}"))?;
            run.step(Step::Put).map_err(|stop| format!("{stop:?}"))?;
            run.kill();
        }
        let before = failing.op_count();
        failing.fail_after(self.nth, self.fault, self.lasting);
        if self.while_opening && run.open().is_err() {
            outcome.unopened = true;
        } else {
            outcome.refused = self.work(&mut run)?;
        }
        outcome.missed = failing.op_count() < before + self.nth;
        if let Some(reused) = run.salts().reused() {
            return Err(reused);
        }
        if !outcome.unopened && !outcome.refused {
            let ledger = run.ledger().clone();
            verify(run.vault(), &ledger, false).map_err(|wrong| format!("at once: {wrong}"))?;
        }
        run.kill();
        failing.heal();
        let fewest = run.ledger().model.fewest_copies;
        outcome.single_copy = fewest == Some(1) && self.shape.copies > 1;
        if self.shape.disks > 1 && self.shape.copies > 1 {
            self.without_the_failed(rig, &run)?;
        }
        self.mended(&mut run)?;
        Ok(outcome)
    }

    /// Does the work. True when a step was refused, which only a vault on one disk may do.
    fn work(&self, run: &mut Run) -> Result<bool, String> {
        for step in WORK {
            match run.step(step) {
                Ok(()) => {}
                Err(Stop::Refused(_)) if self.shape.disks == 1 => return Ok(true),
                Err(stop) => return Err(format!("{step:?}: {stop:?}")),
            }
        }
        Ok(false)
    }

    /// The other disks alone have everything.
    fn without_the_failed(&self, rig: &Arc<Rig>, run: &Run) -> Result<(), String> {
        let (disks, ledger) = (copies_of(&run.disks), run.ledger().clone());
        let mut alone = Run::resume(rig, disks, run.salts().child(), ledger);
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
        for _ in 0..2 {
            let report = run.vault().check(options, &mut |_| true);
            let report = report.map_err(|error| format!("healed: {}", chain_of(&error)))?;
            if report.is_clean() {
                return Ok(());
            }
        }
        let report = run.vault().check(options, &mut |_| true);
        Err(format!("the repair is not clean: {report:?}"))
    }
}

/// How many operations the work makes of one disk, and how many the opening.
pub fn operations(rig: &Arc<Rig>, shape: Shape, disk: usize) -> (u64, u64) {
    let mut run = Run::new(rig, shape);
    let ok = "no disk fails here";
    run.open().expect(ok);
    run.step(Step::Put).expect(ok);
    let before = run.disks[disk].op_count();
    WORK.iter().for_each(|step| run.step(*step).expect(ok));
    let work = run.disks[disk].op_count() - before;
    run.kill();
    let before = run.disks[disk].op_count();
    run.open().expect(ok);
    (work, run.disks[disk].op_count() - before)
}
