//! The crash simulator's search, in small: power cuts at every change of a few workloads.

use std::sync::Arc;

use crash::rig::{Rig, Shape};
use crash::run::Step;
use crash::search::{Disks, Workload};

use crate::suite::Detector;

/// Edits and a backup, each cut at every change.
pub(crate) const CUTS: Detector = Detector { name: "power cuts", run: cuts };
/// A start after a kill, cut at every change.
pub(crate) const CUTS_OF_RECOVERY: Detector =
    Detector { name: "power cuts of a recovery", run: cuts_of_recovery };

const TWO: Shape = Shape { disks: 2, copies: 2 };

/// Runs a workload with each seed until one loses something, and cuts from step `from_step` on.
/// Returns how many states were looked at.
fn search(steps: &[Step], from_step: usize, seeds: u64) -> Result<u64, String> {
    let rig = Arc::new(Rig::new(1));
    let mut states = 0;
    for seed in 0..seeds {
        let (shape, disks, steps) = (TWO, Disks::Honest, steps.to_vec());
        let found = Workload { shape, steps, from_step, disks, one_in: 1, seed }.run(&rig);
        states += found.seen.states;
        if let Some(lost) = found.lost.first().or_else(|| found.refused.first()) {
            return Err(lost.clone());
        }
    }
    Ok(states)
}

/// A search that saw little has shown nothing.
fn enough(states: u64) -> Result<(), String> {
    if states < 50 { Err(format!("only {states} states were looked at")) } else { Ok(()) }
}

fn cuts() -> Result<(), String> {
    let edits = search(&[Step::Put, Step::Overwrite], 0, 2)?;
    enough(edits + search(&[Step::Backup, Step::Put], 0, 1)?)
}

fn cuts_of_recovery() -> Result<(), String> {
    enough(search(&[Step::Put, Step::Kill], 1, 2)?)
}
