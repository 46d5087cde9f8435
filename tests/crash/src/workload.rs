//! Workloads: short ones of the core steps, of which every sequence is tried, and long ones drawn.
//!
//! What a workload does follows from itself alone; nothing is run here. Start at [`Workload`].

use testkit::dice::Dice;
use testkit::simdisk::{Fault, Lasting, SimDisk};

use crate::rig::Shape;
use crate::run::Step;

/// Steps whose every sequence of up to three is tried.
pub const CORE: [&[Step]; 8] = [
    &[Step::Put],
    &[Step::Overwrite],
    &[Step::Delete],
    &[Step::Backup],
    &[Step::Forget, Step::Prune],
    &[Step::Rebuild],
    &[Step::Retire],
    &[Step::Replace],
];

/// What long workloads are drawn from; the commoner ones more than once.
const ALL: [Step; 25] = [
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
    Step::BackupImage,
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

/// Whoever takes the honest disk away has only the liar's word.
pub const TAKES_DISKS_AWAY: [Step; 4] = [Step::Retire, Step::Replace, Step::OpenWithout, Step::Add];

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
    /// One operation of one of them fails, that many from the beginning; then it works again.
    OneErrs(usize, u64, Fault),
}

impl Disks {
    /// Whether a disk may have missed something that the others have.
    pub fn one_may_lack(self) -> bool {
        matches!(self, Self::OneFails(..) | Self::OneErrs(..) | Self::OneLies(_))
    }

    /// Makes the disks what they are to be.
    pub fn spoil(self, disks: &[SimDisk]) {
        for (n, disk) in disks.iter().enumerate() {
            match self {
                Self::NoFolderSyncs => disk.ignore_folder_syncs(true),
                Self::AllLie => disk.lying(true),
                Self::OneLies(liar) => disk.lying(n == liar),
                Self::OneFails(failing, after) if n == failing => disk.cut_after(after),
                Self::OneErrs(failing, nth, fault) if n == failing => {
                    disk.fail_after(nth, fault, Lasting::Once);
                }
                Self::Honest | Self::OneFails(..) | Self::OneErrs(..) => {}
            }
        }
    }
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
            Kind::OneFails if after.is_multiple_of(2) => Disks::OneFails(one, after),
            Kind::OneFails if after % 4 == 1 => Disks::OneErrs(one, after * 3, Fault::Eio),
            Kind::OneFails => Disks::OneErrs(one, after * 3, Fault::SyncEio),
            Kind::OneLies if copies == 2 => Disks::OneLies(one),
            Kind::OneLies => Disks::Honest,
            Kind::NoFolderSyncs => Disks::NoFolderSyncs,
            Kind::AllLie => Disks::AllLie,
        };
        if let Disks::OneLies(_) = disks_do {
            steps.retain(|step| !TAKES_DISKS_AWAY.contains(step));
        }
        if let Disks::OneErrs(..) = disks_do {
            // What came after its error has one copy, and its owner was told so.
            steps.retain(|step| *step != Step::OpenWithout);
        }
        let shape = Shape { disks, copies };
        Self { shape, steps, from_step: 0, disks: disks_do, one_in, seed }
    }
}
