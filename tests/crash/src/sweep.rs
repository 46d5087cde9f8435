//! Every n, every way to fail, during everything a vault does: the list of trials, and running
//! them on several threads. Start at [`sweep`].

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use testkit::simdisk::{Fault, Lasting};

use crate::faults::{Job, Outcome, Trial, operations};
use crate::rig::{Rig, Shape};

const THREE: Shape = Shape { disks: 3, copies: 2 };
const TWO: Shape = Shape { disks: 2, copies: 2 };
const ONE: Shape = Shape { disks: 1, copies: 1 };

/// The ways to fail. What hangs hangs until somebody lets it go: once and for good are one.
const WAYS: [(Fault, Lasting); 9] = [
    (Fault::Eio, Lasting::Once),
    (Fault::Eio, Lasting::Forever),
    (Fault::Enospc, Lasting::Once),
    (Fault::Enospc, Lasting::Forever),
    (Fault::Erofs, Lasting::Once),
    (Fault::Erofs, Lasting::Forever),
    (Fault::ShortWrite, Lasting::Once),
    (Fault::ShortWrite, Lasting::Forever),
    (Fault::Hang, Lasting::Once),
];

/// What is tried on which disks.
const JOBS: [(Shape, Job); 10] = [
    (TWO, Job::Work),
    (ONE, Job::Work),
    (TWO, Job::Open),
    (ONE, Job::Open),
    (TWO, Job::Prune),
    (ONE, Job::Prune),
    (TWO, Job::Rebuild),
    (TWO, Job::Check),
    (THREE, Job::Retire),
    (TWO, Job::Replace),
];

/// Trials that wait for a deadline mostly sleep: many at once.
const HANGING_AT_ONCE: usize = 48;

/// What a sweep came to.
#[derive(Clone, Debug, Default)]
pub struct Swept {
    /// Trials by fault, each at an operation that it can hit.
    pub by_fault: BTreeMap<String, u64>,
    /// Trials by what was done.
    pub by_job: BTreeMap<Job, u64>,
    /// How often a step was refused, on the only disk.
    pub refused: u64,
    /// How often upkeep was refused while a disk failed.
    pub waits: u64,
    /// How often the vault did not open.
    pub unopened: u64,
    /// How often something was acknowledged with one copy.
    pub single_copy: u64,
    /// Faults that came too late.
    pub missed: u64,
    /// What went wrong. Each says how to repeat it.
    pub wrong: Vec<String>,
}

impl Swept {
    /// All trials.
    pub fn trials(&self) -> u64 {
        self.by_fault.values().sum()
    }

    fn add(&mut self, trial: &Trial, done: Result<Outcome, String>) {
        let name = format!("{:?}-{:?}", trial.fault, trial.lasting).to_lowercase();
        *self.by_fault.entry(name).or_default() += 1;
        *self.by_job.entry(trial.job).or_default() += 1;
        match done {
            Ok(outcome) => {
                self.refused += u64::from(outcome.refused);
                self.waits += u64::from(outcome.waits);
                self.unopened += u64::from(outcome.unopened);
                self.single_copy += u64::from(outcome.single_copy);
                self.missed += u64::from(outcome.missed);
            }
            Err(what) => self.wrong.push(what),
        }
    }
}

/// Every trial: each disk, each way, each operation that can fail this way. One that cannot is
/// passed over by the fault, so trying it too would be trying the next one twice.
pub fn trials(rig: &Rig) -> Vec<Trial> {
    let mut all = Vec::new();
    for (shape, job) in JOBS {
        for disk in 0..shape.disks {
            let kinds = operations(&rig.world(1), shape, job, disk);
            for (fault, lasting) in WAYS {
                for (nth, _) in (1..).zip(&kinds).filter(|(_, kind)| fault.can_hit(**kind)) {
                    all.push(Trial { shape, disk, all_fail: false, nth, fault, lasting, job });
                }
            }
        }
    }
    all
}

/// The same on two disks that fail together: what must not go unseen.
pub fn sabotaged(trials: &[Trial]) -> Vec<Trial> {
    let eio = |trial: &&Trial| trial.fault == Fault::Eio && trial.lasting == Lasting::Forever;
    let work = trials.iter().filter(|trial| trial.job == Job::Work && trial.shape == TWO);
    let chosen = work.filter(eio).step_by(10);
    chosen.map(|trial| Trial { all_fail: true, ..*trial }).collect()
}

/// Runs trials on `threads` threads, and those that hang on many more. What goes wrong is told at
/// once as well: a sweep takes minutes.
pub fn sweep(rig: &Rig, trials: &[Trial], threads: usize, tell: &(dyn Fn(&str) + Sync)) -> Swept {
    let (hang, other): (Vec<_>, Vec<_>) = trials.iter().partition(|t| t.fault == Fault::Hang);
    let swept = Mutex::new(Swept::default());
    let (next_hang, next_other) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = |trials: &[&Trial], next: &AtomicUsize| {
        while let Some(trial) = trials.get(next.fetch_add(1, Ordering::Relaxed)) {
            let run = || trial.run(&rig.world(1));
            let done = catch_unwind(AssertUnwindSafe(run));
            let done = done.unwrap_or_else(|_| Err(format!("a panic, told above; {trial:?}")));
            if let Err(what) = &done {
                tell(what);
            }
            swept.lock().unwrap_or_else(PoisonError::into_inner).add(trial, done);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| work(&other, &next_other));
        }
        for _ in 0..HANGING_AT_ONCE.min(hang.len()) {
            scope.spawn(|| work(&hang, &next_hang));
        }
    });
    let mut swept = swept.into_inner().unwrap_or_else(PoisonError::into_inner);
    swept.wrong.sort();
    swept
}
