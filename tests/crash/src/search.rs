//! The search: workloads, every cut point of each, and what the power leaves, by chance.
//!
//! Short workloads of the core steps are all tried, long ones drawn. One run of a workload shows
//! all its cut points: just before each change of any disk the disks' fates are drawn, and what
//! would be left is examined while the run waits. Start at [`Search::workload`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use testkit::dice::Dice;
use testkit::simdisk::SimDisk;

use crate::exam::{Exam, Named, Seen};
use crate::model::Ledger;
use crate::rig::{Rig, Shape};
use crate::run::{Run, Step, Stop};
use crate::salts::Salts;

/// Steps whose every sequence of up to three is tried.
pub const CORE: [&[Step]; 6] = [
    &[Step::Put],
    &[Step::Overwrite],
    &[Step::Delete],
    &[Step::Backup],
    &[Step::Forget, Step::Prune],
    &[Step::Retire],
];

/// What long workloads are drawn from; the commoner ones more than once.
const ALL: [Step; 24] = [
    Step::Put,
    Step::Put,
    Step::PutBig,
    Step::Overwrite,
    Step::Overwrite,
    Step::Delete,
    Step::Rename,
    Step::MakeFolder,
    Step::Backup,
    Step::Backup,
    Step::Forget,
    Step::Forget,
    Step::Prune,
    Step::Prune,
    Step::Retire,
    Step::Add,
    Step::Replace,
    Step::Rebuild,
    Step::Check,
    Step::Close,
    Step::Kill,
    Step::Kill,
    Step::OpenWithout,
    Step::OpenAll,
];

/// What the disks of a search do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disks {
    /// Nothing.
    Honest,
    /// Sabotage: folder syncs are left out.
    NoFolderSyncs,
    /// One of them says "synced" and does nothing.
    OneLies(usize),
    /// All of them do.
    AllLie,
    /// One stops working after that many of its own changes; the others go on.
    OneFails(usize, u64),
}

/// One workload on one kind of disks.
#[derive(Clone, Debug)]
pub struct Workload {
    /// The vault.
    pub shape: Shape,
    /// What is done.
    pub steps: Vec<Step>,
    /// Cut points before this step are left to another workload.
    pub from_step: usize,
    /// What the disks do wrong.
    pub disks: Disks,
    /// One of this many cut points is examined.
    pub one_in: u32,
    /// Seeds the choices; with the workload, it repeats a failure.
    pub seed: u64,
}

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What was examined.
    pub seen: Seen,
    /// Workloads run.
    pub workloads: u64,
    /// Changes of disks in them.
    pub changes: u64,
    /// Acknowledged things that were lost, or worse. Each says how to repeat it.
    pub lost: Vec<String>,
    /// How many there were.
    pub lost_count: u64,
    /// What became of losses on disks that all lied.
    pub named: Named,
    /// Steps that the vault refused, though no power was cut.
    pub refused: Vec<String>,
}

/// Failures that are described; more are counted.
const DESCRIBED_MAX: usize = 20;

impl Found {
    fn lose(&mut self, what: String) {
        self.lost_count += 1;
        if self.lost.len() < DESCRIBED_MAX {
            self.lost.push(what);
        }
    }

    /// Adds up two searches.
    pub fn add(&mut self, other: Self) {
        self.seen += other.seen;
        self.workloads += other.workloads;
        self.changes += other.changes;
        self.lost_count += other.lost_count;
        self.lost.extend(other.lost);
        self.lost.truncate(DESCRIBED_MAX);
        self.named.add(other.named);
        self.refused.extend(other.refused);
    }
}

/// Every sequence of one to `len` core steps, and where its own cut points begin.
pub fn core_workloads(len: usize) -> Vec<(Vec<Step>, usize)> {
    let mut all: Vec<(Vec<Step>, usize)> = Vec::new();
    let mut last: Vec<Vec<Step>> = vec![Vec::new()];
    for _ in 0..len {
        let mut next = Vec::new();
        for front in &last {
            for step in CORE {
                let mut steps = front.clone();
                steps.extend(step);
                all.push((steps.clone(), front.len()));
                next.push(steps);
            }
        }
        last = next;
    }
    all
}

/// Which disks a drawn workload runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As the seed says: mostly honest ones, sometimes one that fails early or lies.
    Any,
    /// Honest ones.
    Honest,
    /// One fails early.
    OneFails,
    /// One of at least two lies.
    OneLies,
    /// Sabotage: no folder syncs.
    NoFolderSyncs,
    /// All lie.
    AllLie,
}

impl Workload {
    /// The workload of four to eight steps that belongs to a seed.
    pub fn drawn(seed: u64, kind: Kind, one_in: u32) -> Self {
        let mut dice = Dice::new(seed);
        let shapes = [(3, 2), (2, 2), (2, 2), (2, 1), (1, 1)];
        let (disks, copies) = shapes[dice.roll(5) as usize];
        let sides = u32::try_from(ALL.len()).expect("few steps");
        let len = 4 + dice.roll(5);
        let mut steps: Vec<Step> = (0..len).map(|_| ALL[dice.roll(sides) as usize]).collect();
        let one = dice.roll(u32::try_from(disks).expect("few disks")) as usize;
        let after = u64::from(dice.roll(120));
        let kind = match kind {
            Kind::Any => {
                [Kind::Honest, Kind::Honest, Kind::OneFails, Kind::OneLies][dice.roll(4) as usize]
            }
            other => other,
        };
        let disks_do = match kind {
            Kind::Any | Kind::Honest => Disks::Honest,
            Kind::OneFails => Disks::OneFails(one, after),
            Kind::OneLies if copies == 2 => Disks::OneLies(one),
            Kind::OneLies => Disks::Honest,
            Kind::NoFolderSyncs => Disks::NoFolderSyncs,
            Kind::AllLie => Disks::AllLie,
        };
        if let Disks::OneLies(_) = disks_do {
            // Whoever takes an honest disk away has only the liar's word.
            steps.retain(|step| {
                !matches!(step, Step::Retire | Step::Replace | Step::OpenWithout | Step::Add)
            });
        }
        let shape = Shape { disks, copies };
        Self { shape, steps, from_step: 0, disks: disks_do, one_in, seed }
    }
}

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
        let fates = self.disks.iter();
        let left: Vec<_> = fates.map(|disk| disk.crash(&mut |sides| dice.roll(sides))).collect();
        let thorough = dice.roll(4) == 0;
        let exam = self.exam();
        let outcome = if self.workload.disks == Disks::AllLie {
            exam.lied(&left).map(|named| {
                self.found.named.add(named);
                Seen { states: 1, ..Seen::default() }
            })
        } else {
            exam.honest(&left, &mut dice, thorough)
        };
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

    /// The steps that were begun.
    fn begun(&self) -> &[Step] {
        let steps = &self.workload.steps;
        &steps[..steps.len().min(self.step + 1)]
    }

    fn exam(&self) -> Exam {
        let ledger = lock(&self.ledger).clone();
        let shape = self.workload.shape;
        let two_each = ledger.model.fewest_copies.is_none_or(|fewest| fewest >= 2);
        let all_took_part = !matches!(self.workload.disks, Disks::OneFails(..) | Disks::OneLies(_))
            && !self.begun().contains(&Step::OpenWithout);
        // A disk that leaves, or is about to, is one disk missing already.
        let leaving = self.begun().iter().any(|step| matches!(step, Step::Retire | Step::Replace));
        let enough = shape.copies >= 2 && shape.disks >= if leaving { 3 } else { 2 };
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
        self.spoil(&run.disks);
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

    fn spoil(&self, disks: &[SimDisk]) {
        for (n, disk) in disks.iter().enumerate() {
            match self.disks {
                Disks::NoFolderSyncs => disk.ignore_folder_syncs(true),
                Disks::AllLie => disk.lying(true),
                Disks::OneLies(liar) => disk.lying(n == liar),
                Disks::OneFails(failing, after) if n == failing => disk.cut_after(after),
                Disks::Honest | Disks::OneFails(..) => {}
            }
        }
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
