//! Which workloads a search runs, in which order, and running them on several threads: the same
//! seed sees the same states, however many threads there are. Start at [`Plan::search`].

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::found::Found;
use crate::rig::{Rig, Shape};
use crate::run::Step;
use crate::workload::{Disks, Kind, TAKES_DISKS_AWAY, Workload, core_workloads};

/// One of this many cut points of a drawn workload is examined.
const DRAWN_ONE_IN: u32 = 4;

/// The changes of its only disk that a short workload is let have before that one fails: from what a
/// new vault takes to more than a replacement does, in equal parts.
const FAILS_AT_FIRST: u64 = 16;
const FAILS_AT_STEP: u64 = 10;
const FAILS_AT_PARTS: u64 = 10;

/// One of this many cut points of a short workload on a failing disk is examined.
const FAILING_ONE_IN: u32 = 8;

const THREE: Shape = Shape { disks: 3, copies: 2 };
const TWO: Shape = Shape { disks: 2, copies: 2 };
const SPREAD: Shape = Shape { disks: 2, copies: 1 };
const ONE: Shape = Shape { disks: 1, copies: 1 };

/// An endless list of workloads that follows from a seed.
#[derive(Clone, Debug)]
pub struct Plan {
    kind: Kind,
    first: u64,
    /// Tried in turn with drawn ones, each with every cut point.
    core: Vec<Workload>,
}

impl Plan {
    /// Every short workload, among drawn ones.
    pub fn whole(seed: u64) -> Self {
        let mut plan = Self::drawn(seed, Kind::Any);
        let mut seed = plan.first + 500_000_000;
        let parts = [
            (THREE, 3, Disks::Honest),
            (TWO, 3, Disks::Honest),
            (TWO, 2, Disks::OneLies(0)),
            (TWO, 2, Disks::OneLies(1)),
            (SPREAD, 2, Disks::Honest),
            (ONE, 2, Disks::Honest),
        ];
        for (shape, len, disks) in parts {
            let images = if shape == THREE { images() } else { Vec::new() };
            for (steps, from_step) in core_workloads(len).into_iter().chain(images) {
                let lies = matches!(disks, Disks::OneLies(_));
                if !lies || steps.iter().all(|step| !TAKES_DISKS_AWAY.contains(step)) {
                    seed += 1;
                    plan.core.push(Workload { shape, steps, from_step, disks, one_in: 1, seed });
                }
            }
        }
        plan.core.extend(failing(seed));
        plan.core.sort_by_key(|workload| workload.steps.len());
        plan
    }

    /// Drawn workloads only.
    pub fn drawn(seed: u64, kind: Kind) -> Self {
        Self { kind, first: seed.wrapping_mul(1_000_000_000), core: Vec::new() }
    }

    /// How many workloads it takes until every short one was run.
    pub fn core_len(&self) -> u64 {
        2 * self.core.len() as u64
    }

    /// A workload by its number.
    pub fn workload(&self, number: u64) -> Workload {
        let short = usize::try_from(number / 2).ok().filter(|_| number.is_multiple_of(2));
        match short.and_then(|n| self.core.get(n)) {
            Some(short) => short.clone(),
            None => Workload::drawn(self.first.wrapping_add(number), self.kind, DRAWN_ONE_IN),
        }
    }

    /// Runs workloads in order until `states` states were seen and `least` workloads run.
    pub fn search(&self, rig: &Rig, states: u64, least: u64, threads: usize) -> Found {
        let (next, end) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
        let sum: Mutex<(Found, BTreeMap<u64, Found>)> = Mutex::default();
        let work = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end.load(Ordering::Acquire) {
                    break;
                }
                let found = self.run(rig, number);
                let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
                let (total, waiting) = &mut *sum;
                waiting.insert(number, found);
                // Only what is next in order counts, so the end does not depend on who was faster.
                while number_to_stop(total, states, least).is_none()
                    && let Some(found) = waiting.remove(&total.workloads)
                {
                    total.add(found);
                }
                if let Some(stop) = number_to_stop(total, states, least) {
                    end.store(stop, Ordering::Release);
                }
            }
        };
        std::thread::scope(|scope| (0..threads.max(1)).for_each(|_| drop(scope.spawn(work))));
        sum.into_inner().unwrap_or_else(PoisonError::into_inner).0
    }

    /// Runs one workload; a panic is a loss.
    pub fn run(&self, rig: &Rig, number: u64) -> Found {
        let workload = self.workload(number);
        let run = || workload.run(&rig.world(workload.seed));
        let mut found = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
            let mut found = Found { workloads: 1, ..Found::default() };
            found.lose(format!("a panic, told above; {workload:?}"));
            found
        });
        for what in found.lost.iter_mut().chain(&mut found.refused) {
            what.push_str(&format!("; repeat it with --only {number}"));
        }
        found
    }
}

fn number_to_stop(total: &Found, states: u64, least: u64) -> Option<u64> {
    (total.seen.states >= states && total.workloads >= least).then_some(total.workloads)
}

/// Every two short steps with a replacement among them, on a vault whose only disk fails after each of
/// many numbers of changes: in the middle of being let go, with all that there is on it alone.
fn failing(mut seed: u64) -> Vec<Workload> {
    let mut all = Vec::new();
    let replaces = |steps: &[Step]| steps.contains(&Step::Replace);
    for (steps, _) in core_workloads(2).into_iter().filter(|(steps, _)| replaces(steps)) {
        for part in 0..FAILS_AT_PARTS {
            seed += 1;
            // Which of its part: another one with each seed, so that all are met in the long run.
            let after = FAILS_AT_FIRST + FAILS_AT_STEP * part + seed % FAILS_AT_STEP;
            let disks = Disks::OneFails(0, after);
            let (steps, one_in) = (steps.clone(), FAILING_ONE_IN);
            all.push(Workload { shape: ONE, steps, from_step: 0, disks, one_in, seed });
        }
    }
    all
}

/// A file rewritten in place, with each core step before and after.
fn images() -> Vec<(Vec<Step>, usize)> {
    let twice = [Step::BackupImage, Step::BackupImage];
    let before = core_workloads(1)
        .into_iter()
        .map(|(steps, _)| (steps.len(), [&steps[..], &twice].concat()));
    let after = core_workloads(1).into_iter().map(|(steps, _)| (1, [&twice, &steps[..]].concat()));
    before.chain(after).map(|(from, steps)| (steps, from)).collect()
}
