//! Bringing every pack back to its promised copies, beside whatever is being stored meanwhile.
//!
//! What to copy where is decided in `plan`; this module does it, verified, one pack at a time, and
//! records each step in the catalog, so that a kill loses only the copy that was under way. It holds
//! nothing that a backup waits for: see `docs/adr/0016-copying-beside-backups.md`.
//! Start at [`Vault::rebuild`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalog::{PackNo, PackState, VolumeSlot};
use format::pack::PackKind;
use plan::repair::{PackFacts, RebalanceGoal, RepairAction, RepairPlan};
use types::{Bytes, PackId, VolumeId};
use volume::PackVerdict;

use crate::companions::Look;
use crate::copy::Route;
use crate::error::VaultError;
use crate::members::Member;
use crate::{OnProgress, Progress, Vault};

/// What is sealed while a plan is carried out may need copies too, so plans are made until one has
/// nothing to do. Each takes far less than the one before; one that never ends would be a mistake.
const ROUNDS_MAX: usize = 32;

/// What a rebuild did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RebuildReport {
    /// Packs copied.
    pub copied: u64,
    /// Their bytes.
    pub bytes: Bytes,
    /// Copies taken off a full disk after they were made elsewhere.
    pub moved: u64,
    /// Packs that have fewer copies than promised at the end: no disk, no room, or a copy failed.
    pub still_under_copied: u64,
    /// Packs of which no known volume has a copy.
    pub lost: Vec<PackId>,
    /// Packs that only absent volumes have.
    pub away: Vec<PackId>,
    /// Copies that failed, each with its reason.
    pub failed: Vec<String>,
    /// A volume was to be drained, and nothing depends on it any more. Of one that was retired or
    /// replaced: it has left.
    pub drained: bool,
}

/// What is remembered while a rebuild goes on.
struct Work<'r> {
    report: RebuildReport,
    /// Copies of which every byte was read and hashed.
    read: &'r mut BTreeSet<(PackId, VolumeId)>,
    /// Copies that failed: not tried again, a disk that failed once may say yes to anything.
    refused: BTreeSet<(u32, VolumeId)>,
}

/// A pack by its number in the catalog.
type Names = BTreeMap<u32, (PackId, PackKind, u64)>;

impl Vault {
    /// Copies packs until each has its promised copies, most urgent first, then moves packs off
    /// full disks if new ones could not be placed otherwise. A volume that joined a moment ago, or
    /// whose joining was cut short, gets what it lacks to be readable by itself. Backups, edits
    /// and forgetting go on meanwhile.
    pub fn rebuild(&self, progress: OnProgress<'_>) -> Result<RebuildReport, VaultError> {
        self.writable()?;
        let _upkeep = self.upkeep();
        self.writer().close()?;
        self.rebuild_and_complete(progress)
    }

    /// Rebuilds, and gives every volume what makes it readable by itself.
    pub(crate) fn rebuild_and_complete(
        &self,
        progress: OnProgress<'_>,
    ) -> Result<RebuildReport, VaultError> {
        let mut report = self.rebuild_now(progress)?;
        self.close()?;
        report.failed.extend(self.complete_all(Look::Quick));
        Ok(report)
    }

    pub(crate) fn rebuild_now(
        &self,
        progress: OnProgress<'_>,
    ) -> Result<RebuildReport, VaultError> {
        self.rebuild_noting(&mut BTreeSet::new(), progress)
    }

    /// Rebuilds, and adds to `read` each copy of which every byte was read and hashed.
    pub(crate) fn rebuild_noting(
        &self,
        read: &mut BTreeSet<(PackId, VolumeId)>,
        progress: OnProgress<'_>,
    ) -> Result<RebuildReport, VaultError> {
        let mut work = Work { report: RebuildReport::default(), read, refused: BTreeSet::new() };
        for _ in 0..ROUNDS_MAX {
            let (mut plan, names) = self.plan_repair(true)?;
            work.report.lost = plan.lost.iter().map(|no| names[no].0).collect();
            work.report.away = plan.away.iter().map(|no| names[no].0).collect();
            plan.actions.retain(|action| !work.was_refused(action));
            if plan.actions.is_empty() {
                break;
            }
            self.carry_out(&plan.actions, &names, &mut work, progress)?;
        }
        self.rebalance(&mut work, progress)?;
        let (after, _) = self.plan_repair(false)?;
        let Work { mut report, .. } = work;
        report.still_under_copied = after.below().len() as u64;
        let slots = self.catalog.slots()?;
        let facts = self.members().facts(&slots);
        report.drained = facts
            .iter()
            .all(|f| f.state != plan::VolumeState::Retiring || after.drained.contains(&f.id));
        Ok(report)
    }

    /// What is to be copied now. With `unsettled`, packs that have all they want are left out: such
    /// a plan is no proof that a volume is drained.
    fn plan_repair(&self, unsettled: bool) -> Result<(RepairPlan, Names), VaultError> {
        let facts = self.members().facts(&self.catalog.slots()?);
        let wanted = |pack: &PackFacts| !unsettled || !plan::repair::is_settled(pack, &facts);
        let (packs, names) = self.pack_facts(wanted)?;
        Ok((plan::repair::repair(&packs, &facts), names))
    }

    fn rebalance(&self, work: &mut Work<'_>, progress: OnProgress<'_>) -> Result<(), VaultError> {
        let (packs, names) = self.pack_facts(|_| true)?;
        let facts = self.members().facts(&self.catalog.slots()?);
        let goal = RebalanceGoal::for_copies(self.copies());
        let moves = plan::repair::rebalance(&packs, &facts, goal);
        drop(packs);
        self.carry_out(&moves, &names, work, progress)
    }

    fn carry_out(
        &self,
        actions: &[RepairAction],
        names: &Names,
        work: &mut Work<'_>,
        progress: OnProgress<'_>,
    ) -> Result<(), VaultError> {
        let len_of = |action: &RepairAction| match action {
            RepairAction::Copy { pack, .. } => names[pack].2,
            RepairAction::Drop { .. } => 0,
        };
        let total: u64 = actions.iter().map(len_of).sum();
        let mut now = Progress {
            items_total: Some(actions.len() as u64),
            bytes_total: Some(total),
            ..Progress::default()
        };
        for action in actions {
            match *action {
                RepairAction::Copy { pack, from, to } => {
                    let (id, kind, len) = names[&pack];
                    match self.copy_one(PackNo(pack), id, kind, from, to) {
                        Ok(source) => {
                            work.report.copied += 1;
                            work.report.bytes += Bytes(len);
                            work.read.extend([(id, source), (id, to)]);
                        }
                        Err(error) => work.refuse(pack, to, &error),
                    }
                }
                RepairAction::Drop { pack, on: volume } => {
                    let (id, kind, _) = names[&pack];
                    match self.drop_one(PackNo(pack), id, kind, volume) {
                        Ok(true) => work.report.moved += 1,
                        Ok(false) => {}
                        Err(error) => work.report.failed.push(error.to_string()),
                    }
                }
            }
            now.items += 1;
            now.bytes += len_of(action);
            if !progress(now) {
                return Err(VaultError::Stopped);
            }
        }
        Ok(())
    }

    fn copy_one(
        &self,
        no: PackNo,
        id: PackId,
        kind: PackKind,
        from: VolumeId,
        to: VolumeId,
    ) -> Result<VolumeId, VaultError> {
        let presence = self.catalog.presence(no)?;
        let route = {
            let members = self.members();
            // The planned source first; any other that has it if that one turns out to be damaged.
            let holders = members.attached.iter().filter(|m| presence & m.slot.bit() != 0);
            let sources: Vec<_> = [from].into_iter().chain(holders.map(Member::id)).collect();
            Route::of(&members, &sources, to)?
        };
        let source = route.copy(id, kind)?;
        self.note_damaged(|all| {
            all.remove(&(id, to));
        })?;
        self.set_presence(no, route.slot, true)?;
        Ok(source)
    }

    pub(crate) fn set_presence(
        &self,
        no: PackNo,
        slot: VolumeSlot,
        holds: bool,
    ) -> Result<(), VaultError> {
        let mut batch = self.catalog.batch()?;
        batch.set_presence(no, slot, holds)?;
        if holds && self.catalog.pack_state(no) == Some(PackState::Missing) {
            batch.set_state(no, PackState::Live)?;
        }
        batch.commit(catalog::Durability::Relaxed)?;
        Ok(())
    }

    /// Takes one copy off a full disk, when enough others were just read back whole.
    fn drop_one(
        &self,
        no: PackNo,
        id: PackId,
        kind: PackKind,
        from: VolumeId,
    ) -> Result<bool, VaultError> {
        let copies = usize::from(self.copies());
        let presence = self.catalog.presence(no)?;
        let counts = |member: &Member| {
            let stays = member.failed.is_none() && !member.retiring && member.id() != from;
            stays && presence & member.slot.bit() != 0
        };
        let others: Vec<_> = {
            let members = self.members();
            let others = members.attached.iter().filter(|member| counts(member));
            others.map(|member| Arc::clone(&member.volume)).collect()
        };
        let mut good = BTreeSet::new();
        for volume in others {
            if volume.verify_pack(id, kind, true)? == PackVerdict::Good {
                good.insert(volume.id());
            }
        }
        let (volume, slot) = {
            let members = self.members();
            // One may have failed since it was read.
            let here = members.attached.iter().filter(|m| counts(m) && good.contains(&m.id()));
            if here.count() < copies {
                return Ok(false);
            }
            let Some(member) = members.get(from) else { return Ok(false) };
            (Arc::clone(&member.volume), member.slot)
        };
        // First nobody counts on it or looks for it any more, then it goes.
        self.set_presence(no, slot, false)?;
        volume.trash_pack(id, kind)?;
        volume.delete_trashed(id)?;
        self.reader.forget_all();
        Ok(true)
    }
}

impl Work<'_> {
    fn refuse(&mut self, pack: u32, to: VolumeId, error: &VaultError) {
        self.refused.insert((pack, to));
        self.report.failed.push(error.to_string());
    }

    fn was_refused(&self, action: &RepairAction) -> bool {
        match action {
            RepairAction::Copy { pack, to, .. } => self.refused.contains(&(*pack, *to)),
            RepairAction::Drop { .. } => false,
        }
    }
}
