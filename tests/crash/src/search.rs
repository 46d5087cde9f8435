//! The search: every cut point of a workload, and what the power leaves, by chance.
//!
//! One run of a workload shows all its cut points: just before each change of any disk the disks'
//! fates are drawn, and what would be left is examined while the run waits. Start at
//! [`Workload::run`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use testkit::dice::Dice;
use testkit::simdisk::SimDisk;

use crate::exam::{Exam, left_of, open_packs_differ};
use crate::found::{Found, Seen};
use crate::model::Ledger;
use crate::rig::Rig;
use crate::run::{Run, Step, Stop};
use crate::salts::Salts;
pub use crate::workload::{Disks, Workload};

/// One of this many states is also checked, mended, written and opened again.
pub const THOROUGH_ONE_IN: u32 = 6;

/// Looks at a run from outside, just before each change of a disk.
struct Watch {
    rig: Arc<Rig>,
    workload: Workload,
    disks: Vec<SimDisk>,
    ledger: Arc<Mutex<Ledger>>,
    salts: Arc<Salts>,
    dice: Dice,
    /// The step under way.
    step: usize,
    found: Found,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watch {
    /// Cuts the power, in a world of its own, and examines what is left.
    fn look(&mut self, cut: u64) {
        if self.step < self.workload.from_step || self.dice.roll(self.workload.one_in) > 0 {
            return;
        }
        // Each cut point has choices of its own, whatever was tried before it.
        let mut dice = Dice::new(self.workload.seed ^ cut.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let left = left_of(&self.disks, &mut dice);
        let mut before = Seen::default();
        left.iter().for_each(|(_, took)| before.left += *took);
        if let Disks::OneLies(liar) = self.workload.disks {
            before.lied += u64::from(left[liar].1.lost_anything());
        }
        let left: Vec<SimDisk> = left.into_iter().map(|(disk, _)| disk).collect();
        before.unequal += u64::from(open_packs_differ(&left));
        before.one_failed += u64::from(self.one_has_failed());
        let thorough = dice.roll(THOROUGH_ONE_IN) == 0;
        let exam = self.exam();
        let outcome = if self.workload.disks == Disks::AllLie {
            exam.lied(&left).map(|named| {
                self.found.named.add(named);
                Seen { states: 1, ..Seen::default() }
            })
        } else {
            exam.honest(&left, &mut dice, thorough)
        };
        self.found.seen += before;
        if let Some(step) = self.workload.steps.get(self.step) {
            *self.found.by_step.entry(*step).or_default() += 1;
        }
        match outcome {
            Ok(seen) => self.found.seen += seen,
            Err(what) => {
                self.found.seen.states += 1;
                let step = self.step;
                self.found
                    .lose(format!("{what}; at change {cut}, step {step}; {:?}", self.workload));
            }
        }
    }

    fn one_has_failed(&self) -> bool {
        match self.workload.disks {
            Disks::OneFails(disk, after) => self.disks[disk].change_count() >= after,
            Disks::OneErrs(disk, nth, _) => self.disks[disk].op_count() >= nth,
            _ => false,
        }
    }

    /// The steps that were begun.
    fn begun(&self) -> &[Step] {
        let steps = &self.workload.steps;
        &steps[..steps.len().min(self.step + 1)]
    }

    fn exam(&self) -> Exam {
        let ledger = lock(&self.ledger).clone();
        let shape = self.workload.shape;
        let two_each = ledger.model.fewest_copies.is_none_or(|fewest| fewest >= 2);
        let all_took_part =
            !self.workload.disks.one_may_lack() && !self.begun().contains(&Step::OpenWithout);
        // A disk that leaves, or is about to, is one disk missing already: it may know that it has
        // left before anybody was told.
        let retired = self.begun().iter().filter(|step| **step == Step::Retire).count();
        let leaving = retired + usize::from(self.begun().contains(&Step::Replace));
        let enough = shape.copies >= 2 && shape.disks >= 2 + leaving;
        let any_may_be_missing = two_each && all_took_part && enough;
        let (rig, salts) = (Arc::clone(&self.rig), Arc::clone(&self.salts));
        let one_lied = matches!(self.workload.disks, Disks::OneLies(_));
        Exam { rig, ledger, salts, copies: shape.copies, any_may_be_missing, one_lied }
    }
}

impl Workload {
    /// Runs it once and examines its cut points.
    pub fn run(&self, rig: &Arc<Rig>) -> Found {
        let mut run = Run::new(rig, self.shape);
        self.disks.spoil(&run.disks);
        let watch = Watch {
            rig: Arc::clone(rig),
            workload: self.clone(),
            disks: run.disks.clone(),
            ledger: run.shared_ledger(),
            salts: run.salts(),
            dice: Dice::new(self.seed),
            step: 0,
            found: Found::default(),
        };
        let watch = Arc::new(Mutex::new(watch));
        let looking = Arc::clone(&watch);
        run.tap.watch(Some(Box::new(move |cut| lock(&looking).look(cut))));
        let done = self.drive(&mut run, &watch);
        run.tap.watch(None);
        let mut watch = lock(&watch);
        let changes = run.tap.changes();
        match done {
            Ok(()) => watch.look(changes),
            Err((step, Stop::Broken(what))) => {
                watch.found.lose(format!("{what}; at step {step}; {self:?}"));
            }
            Err((step, Stop::Refused(what))) => {
                watch.found.refused.push(format!("{what}; at step {step}; {self:?}"));
            }
        }
        if let Some(reused) = run.salts().reused() {
            watch.found.lose(format!("{reused}; {self:?}"));
        }
        watch.found.workloads += 1;
        watch.found.changes += changes;
        std::mem::take(&mut watch.found)
    }

    fn drive(&self, run: &mut Run, watch: &Mutex<Watch>) -> Result<(), (usize, Stop)> {
        run.open().map_err(|stop| (0, stop))?;
        for (n, step) in self.steps.iter().enumerate() {
            lock(watch).step = n;
            run.step(*step).map_err(|stop| (n, stop))?;
        }
        Ok(())
    }
}
