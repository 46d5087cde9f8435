//! What a search has seen and found, added up. A fault that never occurred was not tested: see
//! [`Found::blind_to`].

use std::collections::BTreeMap;

use testkit::simdisk::Left;

use crate::run::Step;

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What was examined.
    pub seen: Seen,
    /// Workloads run.
    pub workloads: u64,
    /// Changes of disks in them.
    pub changes: u64,
    /// States by the step that was under way.
    pub by_step: BTreeMap<Step, u64>,
    /// Acknowledged things that were lost, or worse. Each says how to repeat it.
    pub lost: Vec<String>,
    /// How many there were.
    pub lost_count: u64,
    /// Of them, salts that were used for two ciphertexts.
    pub salts_reused: u64,
    /// What became of losses on disks that all lied.
    pub named: Named,
    /// Steps that the vault refused, though no power was cut.
    pub refused: Vec<String>,
}

/// Failures that are described; more are counted.
const DESCRIBED_MAX: usize = 20;

impl Found {
    /// Notes a loss.
    pub fn lose(&mut self, what: String) {
        self.lost_count += 1;
        self.salts_reused += u64::from(what.contains("a salt was used twice"));
        if self.lost.len() < DESCRIBED_MAX {
            self.lost.push(what);
        }
    }

    /// Adds up two searches.
    pub fn add(&mut self, other: Self) {
        self.seen += other.seen;
        self.workloads += other.workloads;
        self.changes += other.changes;
        for (step, states) in other.by_step {
            *self.by_step.entry(step).or_default() += states;
        }
        self.lost_count += other.lost_count;
        self.salts_reused += other.salts_reused;
        self.lost.extend(other.lost);
        self.lost.truncate(DESCRIBED_MAX);
        self.named.add(other.named);
        self.refused.extend(other.refused);
    }
}

/// How much an examination saw.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// States of the disks that were opened.
    pub states: u64,
    /// What the power cuts took, the second ones included.
    pub left: Left,
    /// Power cuts during a recovery.
    pub cut_again: u64,
    /// Recoveries during which one disk failed before the power did.
    pub failed_again: u64,
    /// States in which two disks held unequal parts of one open pack.
    pub unequal: u64,
    /// States in which one disk had failed before, or failed once.
    pub one_failed: u64,
    /// States in which one lying disk had lost something.
    pub lied: u64,
    /// Openings without one of the disks.
    pub one_missing: u64,
    /// States that were also checked, mended and written again.
    pub thorough: u64,
}

impl std::ops::AddAssign for Seen {
    fn add_assign(&mut self, other: Self) {
        self.states += other.states;
        self.left += other.left;
        self.cut_again += other.cut_again;
        self.failed_again += other.failed_again;
        self.unequal += other.unequal;
        self.one_failed += other.one_failed;
        self.lied += other.lied;
        self.one_missing += other.one_missing;
        self.thorough += other.thorough;
    }
}

/// What a loss on disks that all lied came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Nothing was lost.
    pub kept: u64,
    /// The vault does not open, and says why.
    pub refused: u64,
    /// A check lists what is lost.
    pub listed: u64,
    /// The disks agree on an earlier state, whole: nobody can tell from them alone.
    pub rolled_back: u64,
}

impl Named {
    /// Adds up.
    pub fn add(&mut self, other: Self) {
        self.kept += other.kept;
        self.refused += other.refused;
        self.listed += other.listed;
        self.rolled_back += other.rolled_back;
    }
}

impl Found {
    /// Every kind of fault that was to be met, and how often it was.
    pub fn faults(&self) -> [(&'static str, u64); 15] {
        let (seen, left) = (&self.seen, &self.seen.left);
        [
            ("missing", left.missing),
            ("zeros", left.zeros),
            ("torn_512", left.torn_at_512),
            ("torn_4096", left.torn_at_4096),
            ("reordered", left.reordered),
            ("names_lost", left.names_lost),
            ("moves_lost", left.moves_lost),
            ("removals_undone", left.removals_undone),
            ("sync_failed", left.given_up),
            ("stale", left.stale),
            ("unequal_open_packs", seen.unequal),
            ("cut_again", seen.cut_again),
            ("failed_in_recovery", seen.failed_again),
            ("one_failed", seen.one_failed),
            ("one_lied", seen.lied),
        ]
    }

    /// Faults that never occurred, and steps of `steps` that no power cut fell into.
    pub fn blind_to(&self, steps: &[Step]) -> Vec<String> {
        let faults = self.faults().into_iter().filter(|(_, times)| *times == 0);
        let faults = faults.map(|(name, _)| name.to_owned());
        let steps = steps.iter().filter(|step| !self.by_step.contains_key(step));
        faults.chain(steps.map(|step| format!("{step:?}"))).collect()
    }
}
