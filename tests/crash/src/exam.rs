//! What a power cut left, against what was acknowledged: opened, read, checked, mended, used again.
//!
//! Every examination works on copies of the disks it is given. Start at [`Exam::honest`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use testkit::dice::Dice;
use testkit::simdisk::{Left, SimDisk};
use vault::{CheckOptions, CheckReport, Vault};

use crate::found::{Named, Seen};
use crate::model::{self, Ledger, Wrong, chain_of, verify};
use crate::rig::{Rig, copies_of};
use crate::run::{Run, Step};
use crate::salts::Salts;

/// A recovery changes about this much; a second cut falls somewhere in it or just after.
const RECOVERY_CHANGES: u32 = 90;

/// Where a volume keeps packs that are not sealed yet.
const OPEN: &str = "open";

/// What is known of the world that lost its power.
#[derive(Debug)]
pub struct Exam {
    /// What all worlds share.
    pub rig: Arc<Rig>,
    /// What was acknowledged and under way.
    pub ledger: Ledger,
    /// The witness of the world that was cut.
    pub salts: Arc<Salts>,
    /// Copies of each pack in the vault.
    pub copies: u8,
    /// Any one disk of the vault may be missing now: all that was acknowledged is on two.
    pub any_may_be_missing: bool,
    /// One disk lied until the power went.
    pub one_lied: bool,
}

impl Exam {
    fn run(&self, disks: Vec<SimDisk>, salts: &Arc<Salts>) -> Run {
        Run::resume(&self.rig, disks, salts.child(), self.ledger.clone())
    }

    /// Everything that was acknowledged is there and right, and the vault can go on.
    pub fn honest(
        &self,
        disks: &[SimDisk],
        dice: &mut Dice,
        thorough: bool,
    ) -> Result<Seen, String> {
        let mut seen = Seen { states: 1, ..Seen::default() };
        let mut disks = copies_of(disks);
        let mut salts = Arc::clone(&self.salts);
        if dice.roll(3) == 0 {
            (disks, salts) = self.cut_during_recovery(disks, &salts, dice, &mut seen)?;
            seen.states += 1;
            seen.cut_again += 1;
        }
        let mut run = self.run(disks, &salts);
        if self.any_may_be_missing && dice.roll(3) == 0 {
            let count = u32::try_from(run.disks.len()).expect("few disks");
            run.leave_out(dice.roll(count) as usize);
            seen.one_missing += 1;
        }
        run.open().map_err(|stop| format!("it does not open: {stop:?}"))?;
        self.compare(run.vault())?;
        if thorough {
            self.go_on(&mut run, seen.one_missing > 0)?;
            seen.thorough += 1;
        }
        match run.salts().reused() {
            Some(reused) => Err(reused),
            None => Ok(seen),
        }
    }

    fn compare(&self, vault: &Vault) -> Result<(), String> {
        verify(vault, &self.ledger, false).map_err(|wrong| wrong.to_string())
    }

    /// Cuts the power once more while the vault is opened, or just after.
    fn cut_during_recovery(
        &self,
        disks: Vec<SimDisk>,
        salts: &Arc<Salts>,
        dice: &mut Dice,
        seen: &mut Seen,
    ) -> Result<(Vec<SimDisk>, Arc<Salts>), String> {
        let mut run = self.run(disks, salts);
        run.tap.cut_after(u64::from(dice.roll(RECOVERY_CHANGES)));
        let one_fails = run.disks.len() > 1 && dice.roll(3) == 0;
        if one_fails {
            // One disk fails first; the others go on without it.
            seen.failed_again += 1;
            let first = dice.roll(u32::try_from(run.disks.len()).expect("few disks")) as usize;
            run.disks[first].cut_after(u64::from(dice.roll(RECOVERY_CHANGES / 2)));
        }
        // What has one copy cannot be read while its disk does not answer.
        let readable = self.any_may_be_missing || !one_fails;
        if run.open().is_ok() && !run.tap.is_gone() && readable {
            self.compare(run.vault()).map_err(|wrong| format!("before the second cut: {wrong}"))?;
        }
        run.kill();
        if let Some(reused) = run.salts().reused() {
            return Err(reused);
        }
        let left = left_of(&run.disks, dice);
        left.iter().for_each(|(_, took)| seen.left += *took);
        Ok((left.into_iter().map(|(disk, _)| disk).collect(), run.salts()))
    }

    /// Checks, mends, writes, closes, opens again.
    fn go_on(&self, run: &mut Run, one_missing: bool) -> Result<(), String> {
        // A disk that lied may bring back a torn pack that was removed long ago: a pack that has
        // no good copy, and nothing that is lost with it.
        let lossless = |report: &CheckReport| {
            (report.lost_packs.is_empty() || self.one_lied)
                && report.lost_chunks == 0
                && report.lost_file_count == 0
        };
        let check = |vault: &Vault, repair: bool| {
            let options = CheckOptions { read_data: true, repair };
            vault.check(options, &mut |_| true).map_err(|error| chain_of(&error))
        };
        let report = check(run.vault(), false)?;
        if !lossless(&report) {
            return Err(format!("a check says: {report:?}"));
        }
        check(run.vault(), true)?;
        let report = check(run.vault(), true)?;
        if !lossless(&report) || (self.can_be_clean(run.vault()) && !report.is_clean()) {
            return Err(format!("a check after a repair says: {report:?}"));
        }
        self.compare(run.vault()).map_err(|wrong| format!("after the repair: {wrong}"))?;
        settle_ledger(run)?;
        for step in [Step::Put, Step::Overwrite, Step::Close, Step::Kill] {
            run.step(step).map_err(|stop| format!("it cannot go on: {step:?}: {stop:?}"))?;
        }
        let ledger = run.ledger().clone();
        verify(run.vault(), &ledger, false).map_err(|wrong| format!("after going on: {wrong}"))?;
        if one_missing {
            // The missing disk comes back. What was under way there may come with it.
            run.ledger().flight.adds.clone_from(&self.ledger.flight.adds);
            run.bring_back_all();
            run.open().map_err(|stop| format!("it does not open with all disks: {stop:?}"))?;
            let mut ledger = run.ledger().clone();
            ledger.returned.clone_from(&self.ledger.model.versions);
            verify(run.vault(), &ledger, false).map_err(|wrong| format!("reunited: {wrong}"))?;
        }
        Ok(())
    }

    /// Whether there are disks enough for every promise.
    fn can_be_clean(&self, vault: &Vault) -> bool {
        let volumes = vault.volumes().unwrap_or_default();
        let members = volumes.iter().filter(|volume| volume.state == "member").count();
        !self.one_lied && members == volumes.len() && members >= usize::from(self.copies)
    }

    /// On disks that all lied: nothing may be wrong, and what is lost is named where it can be.
    pub fn lied(&self, disks: &[SimDisk]) -> Result<Named, String> {
        let mut run = self.run(copies_of(disks), &self.salts);
        let mut named = Named::default();
        if run.open().is_err() {
            named.refused += 1;
            return Ok(named);
        }
        let wrong = match verify(run.vault(), &self.ledger, false) {
            Ok(()) => {
                named.kept += 1;
                return Ok(named);
            }
            Err(wrong) => wrong,
        };
        let options = CheckOptions { read_data: true, repair: false };
        let report = run.vault().check(options, &mut |_| true);
        let listed = report.as_ref().map_or(true, |r| {
            // What an absent disk may have is named as that: away.
            r.lost_file_count + r.lost_chunks + r.away_file_count + r.away_chunks > 0
        });
        if listed && !matches!(wrong, Wrong::Content(_)) {
            named.listed += 1;
            return Ok(named);
        }
        // An earlier state, whole: the versions of some moment, each with its right content.
        let before = self.ledger.history.iter().rev().any(|model| {
            let ledger = Ledger { model: model.clone(), ..Ledger::default() };
            verify(run.vault(), &ledger, false).is_ok()
        });
        if before {
            named.rolled_back += 1;
            return Ok(named);
        }
        Err(format!("a loss that nothing names: {wrong}; the check: {report:?}"))
    }
}

/// Takes over what the vault came back with: what was under way has now happened, or never will.
fn settle_ledger(run: &Run) -> Result<(), String> {
    let listed = run.vault().snapshots(None).map_err(|error| chain_of(&error))?;
    let newest = listed.iter().rfind(|info| info.source_name == model::EDITED);
    let newest = newest.map(|info| model::read_tree(run.vault(), info)).transpose();
    let newest = newest.map_err(|error| chain_of(&error))?.unwrap_or_default();
    let mut ledger = run.ledger();
    let flight = std::mem::take(&mut ledger.flight);
    ledger.model.newest = Arc::new(newest);
    for info in &listed {
        if let Some(added) = &flight.adds
            && !ledger.model.versions.contains_key(&info.id)
        {
            ledger.model.versions.insert(info.id, added.clone());
        }
    }
    let ids: BTreeSet<_> = listed.iter().map(|info| info.id).collect();
    ledger.model.versions.retain(|id, _| ids.contains(id));
    Ok(())
}

/// What a power cut leaves of each disk, and what it took.
pub fn left_of(disks: &[SimDisk], dice: &mut Dice) -> Vec<(SimDisk, Left)> {
    disks.iter().map(|disk| disk.crash_and_tell(&mut |sides| dice.roll(sides))).collect()
}

/// Whether two disks hold unequal parts of one open pack.
pub fn open_packs_differ(disks: &[SimDisk]) -> bool {
    let mut known: BTreeMap<String, u64> = BTreeMap::new();
    let parts = disks.iter().flat_map(|disk| disk.lengths(OPEN));
    let mut parts = parts.filter(|(name, _)| name.ends_with(".part"));
    parts.any(|(name, len)| *known.entry(name).or_insert(len) != len)
}
