//! A vault on one or two disks, recorded, and what a power cut left of it against the reference.
//!
//! Start at [`record`] and [`VaultStory`].

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crash::model::{Ledger, chain_of, verify};
use testkit::dice::Dice;
use vault::{CheckOptions, CheckReport, WriterMode};

use crate::story::{Homes, Story, Timeline};
use crate::work::{Step, Work};
use crate::world::World;

/// Steps of one recording.
const STEPS: u32 = 14;
/// One of this many states is also checked, mended and written again.
const THOROUGH: u32 = 4;
/// One of this many states of a vault with two copies is opened without one of its disks.
const MISSING: u32 = 4;

/// What every workload is drawn from; the commoner ones more than once.
const USUAL: [Step; 14] = [
    Step::Put,
    Step::Put,
    Step::PutBig,
    Step::Overwrite,
    Step::Overwrite,
    Step::Delete,
    Step::Backup,
    Step::Backup,
    Step::Forget,
    Step::Forget,
    Step::Prune,
    Step::Prune,
    Step::Close,
    Step::Kill,
];

/// Disks and copies of a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Disks that it begins with.
    pub members: usize,
    /// Copies of each pack.
    pub copies: u8,
    /// A disk joins, takes another's place, or leaves.
    pub moves: bool,
}

impl Plan {
    /// Disks that the vault has or gets. One more than these is a clone of the first.
    fn disks(self) -> usize {
        self.members + usize::from(self.moves)
    }
}

impl Plan {
    fn steps(self, dice: &mut Dice) -> Vec<Step> {
        let sides = u32::try_from(USUAL.len()).expect("few steps");
        let mut steps: Vec<Step> = (0..STEPS).map(|_| USUAL[dice.roll(sides) as usize]).collect();
        if self.moves {
            let middle = steps.len() / 3 + dice.roll(3) as usize;
            steps.insert(middle, if dice.roll(2) == 0 { Step::Add } else { Step::Replace });
            steps.insert(middle + 4, Step::Retire);
        }
        steps
    }
}

/// What a recorded vault promised.
#[derive(Debug)]
pub struct VaultStory {
    world: Arc<World>,
    plan: Plan,
    timeline: Timeline<Ledger>,
}

/// Does a workload on the disks mounted at `homes`.
pub fn record(
    world: &Arc<World>,
    homes: Vec<PathBuf>,
    plan: Plan,
    dice: &mut Dice,
) -> Result<Box<dyn Story>, String> {
    // Threads are what the product uses; on the caller's thread, the order is another.
    let mode = if dice.roll(2) == 0 { WriterMode::Threads } else { WriterMode::Inline };
    let mut work = Work::create(Arc::clone(world), homes, plan.members, plan.copies, mode)?;
    work.open()?;
    for step in plan.steps(dice) {
        work.step(step)?;
    }
    work.kill();
    let timeline = std::mem::take(&mut work.timeline);
    Ok(Box::new(VaultStory { world: Arc::clone(world), plan, timeline }))
}

impl Story for VaultStory {
    fn acknowledged(&self) -> Vec<u64> {
        self.timeline.entries().map(|(moment, _)| *moment).collect()
    }

    fn recover(&self, cut: u64, homes: &Homes) -> Result<(), String> {
        let ledger = self.timeline.at(cut).ok_or("there is nothing to expect yet")?;
        self.opened(ledger, homes, mounted(homes)).map(drop)
    }

    fn examine(
        &self,
        cut: u64,
        homes: &Homes,
        lied: &BTreeSet<usize>,
        dice: &mut Dice,
    ) -> Result<(), String> {
        let ledger = self.timeline.at(cut).ok_or("there is nothing to expect yet")?;
        let mut here = mounted(homes);
        let two_each = ledger.model.fewest_copies.is_none_or(|fewest| fewest >= 2);
        let spare = self.plan.copies == 2 && two_each && lied.is_empty();
        let missing = spare && here.len() == 2 && dice.roll(MISSING) == 0;
        if missing {
            here.remove(&(dice.roll(2) as usize));
        }
        let mut work = self.opened(ledger, homes, here)?;
        let told = work.findings.iter().any(|said| said.contains("is a clone"));
        if told != (homes.len() > self.plan.disks()) {
            return Err(format!("of a clone it says: {:?}", work.findings));
        }
        verify(work.vault(), ledger, false).map_err(|wrong| wrong.to_string())?;
        if dice.roll(THOROUGH) == 0 {
            Self::go_on(&mut work, !lied.is_empty())?;
        }
        Ok(())
    }
}

fn mounted(homes: &Homes) -> BTreeSet<usize> {
    (0..homes.len()).filter(|n| homes[*n].is_some()).collect()
}

impl VaultStory {
    fn opened(
        &self,
        ledger: &Ledger,
        homes: &Homes,
        here: BTreeSet<usize>,
    ) -> Result<Work, String> {
        let paths = homes.iter().map(|home| home.clone().unwrap_or_default()).collect();
        let world = Arc::clone(&self.world);
        let mut work = Work::resume(world, paths, here, WriterMode::Inline, ledger.clone());
        work.open().map_err(|error| format!("it does not open: {error}"))?;
        Ok(work)
    }

    /// Checks, mends, writes, closes, opens again.
    fn go_on(work: &mut Work, one_lied: bool) -> Result<(), String> {
        // A disk that lied may bring back a torn pack that was removed long ago: a pack that has
        // no good copy, and nothing that is lost with it.
        let lossless = |report: &CheckReport| {
            (report.lost_packs.is_empty() || one_lied)
                && report.lost_chunks == 0
                && report.lost_file_count == 0
        };
        for repair in [false, true] {
            let options = CheckOptions { read_data: true, repair };
            let report = work.vault().check(options, &mut |_| true);
            let report = report.map_err(|error| chain_of(&error))?;
            if !lossless(&report) {
                return Err(format!("a check says: {report:?}"));
            }
        }
        work.settle()?;
        for step in [Step::Put, Step::Overwrite, Step::Close, Step::Kill] {
            work.step(step).map_err(|error| format!("it cannot go on: {error}"))?;
        }
        verify(work.vault(), &work.ledger, false)
            .map_err(|wrong| format!("after going on: {wrong}"))
    }
}
