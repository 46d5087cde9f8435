//! The volumes of a vault as its owner deals with them: list, add, and bringing every pack back to
//! its promised copies. How they leave is in `leaving`.
//!
//! What to copy where is decided in `plan`; this module does it, verified, one pack at a time, and
//! records each step in the catalog, so that a kill loses only the copy that was under way.
//! Start at [`Vault::rebuild`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalog::{PackNo, PackState, VolumeSlot};
use format::pack::PackKind;
use plan::VolumeSet;
use plan::repair::{PackFacts, RebalanceGoal, RepairAction};
use types::{Bytes, PackId, VolumeId};
use volume::{Disk, PackVerdict};

use crate::companions::Look;
use crate::copy::copy_pack;
use crate::error::VaultError;
use crate::open::{make_member, make_volume};
use crate::{OnProgress, Progress, Vault};

/// A volume in a listing.
#[derive(Clone, Debug)]
pub struct VolumeInfo {
    /// The volume.
    pub id: VolumeId,
    /// Where it is attached; empty when it is not.
    pub path: String,
    /// `member`, `retiring`, `read-only`, `failed` or `absent`.
    pub state: &'static str,
    /// Its disk's serial.
    pub serial: String,
    /// The disk's size; 0 when it is not attached.
    pub size: Bytes,
    /// Room left, the reserve taken off.
    pub free: Bytes,
    /// Packs on it.
    pub packs: u64,
    /// Why it failed.
    pub detail: Option<String>,
}

/// What a rebuild did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RebuildReport {
    /// Packs copied.
    pub copied: u64,
    /// Their bytes.
    pub bytes: Bytes,
    /// Copies taken off a full disk after they were made elsewhere.
    pub moved: u64,
    /// Packs that still have fewer copies than promised: no disk, or no room.
    pub still_under_copied: u64,
    /// Packs of which no known volume has a copy.
    pub lost: Vec<PackId>,
    /// Packs that only absent volumes have.
    pub away: Vec<PackId>,
    /// Copies that failed, each with its reason.
    pub failed: Vec<String>,
    /// A volume was to be drained, and nothing depends on it any more.
    pub drained: bool,
}

impl Vault {
    /// How many packs have fewer copies now than the owner wants, because there is no disk or no
    /// room for them, or because nobody has made them yet.
    pub fn under_copied(&self) -> Result<u64, VaultError> {
        let (packs, _) = self.pack_facts(|_| true)?;
        let facts = self.members().facts(&self.catalog.slots()?);
        Ok(plan::repair::repair(&packs, &facts).below().len() as u64)
    }

    /// All volumes that belong to the vault, attached or not.
    pub fn volumes(&self) -> Result<Vec<VolumeInfo>, VaultError> {
        let mut packs: BTreeMap<u8, u64> = BTreeMap::new();
        self.catalog.visit_packs(|_, _, presence| {
            for slot in (0..64).filter(|slot| presence & (1 << slot) != 0) {
                *packs.entry(slot).or_default() += 1;
            }
        })?;
        let slots = self.catalog.slots()?;
        let members = self.members();
        let mut all = Vec::new();
        for facts in members.facts(&slots) {
            let member = members.get(facts.id);
            let detail = member.and_then(|m| m.failed.clone());
            let state = match (facts.state, member) {
                (_, Some(member)) if member.failed.is_some() => "failed",
                (plan::VolumeState::Member, _) => "member",
                (plan::VolumeState::Retiring, _) => "retiring",
                (plan::VolumeState::ReadOnly, _) => "read-only",
                (plan::VolumeState::Absent, _) => "absent",
            };
            all.push(VolumeInfo {
                id: facts.id,
                path: member.map_or_else(String::new, |m| m.label.clone()),
                state,
                serial: facts.serial,
                size: facts.size,
                free: facts.free,
                packs: packs.get(&facts.slot).copied().unwrap_or(0),
                detail,
            });
        }
        Ok(all)
    }

    /// Makes a volume on an empty disk and lets it take part. All metadata is copied to it at once,
    /// and whatever has fewer copies than promised; packs move to it while the other disks are full.
    pub fn add_volume(
        &self,
        disk: Arc<dyn Disk>,
        progress: OnProgress<'_>,
    ) -> Result<(VolumeId, RebuildReport), VaultError> {
        self.writable()?;
        let _alone = self.alone();
        let id = self.attach_new(disk)?;
        let mut report = self.rebuild_now(progress)?;
        self.writer().write_head()?;
        self.close()?;
        report.failed.extend(self.complete_all(Look::Quick));
        Ok((id, report))
    }

    pub(crate) fn attach_new(&self, disk: Arc<dyn Disk>) -> Result<VolumeId, VaultError> {
        self.writer().close()?;
        if let Some(twin) = self.members().attached.iter().find(|m| m.serial == disk.serial()) {
            let what = format!("{} is on the same disk as {}", disk.label(), twin.label);
            return Err(VaultError::Bad { what });
        }
        let vault = self.id();
        let candidate = make_volume(&self.env, &self.options, disk, vault, &self.key_file)?;
        let id = candidate.volume.id();
        let mut batch = self.catalog.batch()?;
        let slot = batch.slot_for(id)?;
        batch.commit(catalog::Durability::Relaxed)?;
        let mut members = self.members_mut();
        let member = make_member(candidate, slot, self.access, &self.options, &members)?;
        members.attached.push(member);
        Ok(id)
    }

    /// Copies packs until each has its promised copies, most urgent first, then moves packs off
    /// full disks if new ones could not be placed otherwise. A volume whose making was cut short
    /// gets what it lacks to be readable by itself.
    pub fn rebuild(&self, progress: OnProgress<'_>) -> Result<RebuildReport, VaultError> {
        self.writable()?;
        let _alone = self.alone();
        self.writer().close()?;
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
        let mut report = RebuildReport::default();
        let slots = self.catalog.slots()?;
        let facts = self.members().facts(&slots);
        let (packs, names) = self.pack_facts(|pack| !plan::repair::is_settled(pack, &facts))?;
        let plan = plan::repair::repair(&packs, &facts);
        report.lost = plan.lost.iter().map(|no| names[no].0).collect();
        report.away = plan.away.iter().map(|no| names[no].0).collect();
        self.carry_out(&plan.actions, &names, (&mut report, read), progress)?;
        drop((packs, names));
        let (packs, names) = self.pack_facts(|_| true)?;
        let facts = self.members().facts(&slots);
        let goal = RebalanceGoal::for_copies(self.copies());
        let moves = plan::repair::rebalance(&packs, &facts, goal);
        self.carry_out(&moves, &names, (&mut report, read), progress)?;
        drop((packs, names));
        let (packs, _) = self.pack_facts(|_| true)?;
        let facts = self.members().facts(&slots);
        let after = plan::repair::repair(&packs, &facts);
        report.still_under_copied = after.short.len() as u64;
        report.drained = facts
            .iter()
            .all(|f| f.state != plan::VolumeState::Retiring || after.drained.contains(&f.id));
        Ok(report)
    }

    /// Every pack that is meant to be kept and that `wanted` wants, as `plan` wants to know it.
    #[expect(clippy::type_complexity, reason = "the names stand beside the facts, for two callers")]
    pub(crate) fn pack_facts(
        &self,
        wanted: impl Fn(&PackFacts) -> bool,
    ) -> Result<(Vec<PackFacts>, BTreeMap<u32, (PackId, PackKind, u64)>), VaultError> {
        let copies = self.copies();
        let (mut facts, mut names) = (Vec::new(), BTreeMap::new());
        self.catalog.visit_packs(|no, info, presence| {
            let Some(kind) = PackKind::from_code(info.kind) else { return };
            if info.state == PackState::Dying {
                return;
            }
            let planned = match kind {
                PackKind::Data => plan::PackKind::Data,
                PackKind::Meta | PackKind::Index => plan::PackKind::Meta,
            };
            let pack = PackFacts {
                no: no.0,
                kind: planned,
                len: Bytes(info.len),
                present: VolumeSet(presence),
                wanted: copies,
                pinned: false,
            };
            if wanted(&pack) {
                facts.push(pack);
                names.insert(no.0, (info.id, kind, info.len));
            }
        })?;
        Ok((facts, names))
    }

    fn carry_out(
        &self,
        actions: &[RepairAction],
        names: &BTreeMap<u32, (PackId, PackKind, u64)>,
        (report, read): (&mut RebuildReport, &mut BTreeSet<(PackId, VolumeId)>),
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
                            report.copied += 1;
                            report.bytes += Bytes(len);
                            read.extend([(id, source), (id, to)]);
                        }
                        Err(error) => report.failed.push(error.to_string()),
                    }
                }
                RepairAction::Drop { pack, on: volume } => {
                    let (id, kind, _) = names[&pack];
                    match self.drop_one(PackNo(pack), id, kind, volume) {
                        Ok(true) => report.moved += 1,
                        Ok(false) => {}
                        Err(error) => report.failed.push(error.to_string()),
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
        let members = self.members();
        // The planned source first; any other that has it if that one turns out to be damaged.
        let presence = self.catalog.presence(no)?;
        let mut sources = vec![from];
        sources.extend(
            members.attached.iter().filter(|m| presence & m.slot.bit() != 0).map(|m| m.id()),
        );
        let source = copy_pack(&members, id, kind, &sources, to)?;
        let slot = members.get(to).map_or(VolumeSlot(0), |member| member.slot);
        drop(members);
        self.note_damaged(|all| {
            all.remove(&(id, to));
        })?;
        self.set_presence(no, slot, true)?;
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
        // Asked first: who writes a head holds the writer and waits for the members.
        let copies = self.copies();
        let members = self.members();
        let presence = self.catalog.presence(no)?;
        let mut good = 0;
        for member in &members.attached {
            let counts = member.failed.is_none() && !member.retiring && member.id() != from;
            if counts
                && presence & member.slot.bit() != 0
                && member.volume.verify_pack(id, kind, true)? == PackVerdict::Good
            {
                good += 1;
            }
        }
        let Some(member) = members.get(from) else { return Ok(false) };
        if good < copies {
            return Ok(false);
        }
        member.volume.trash_pack(id, kind)?;
        member.volume.delete_trashed(id)?;
        let slot = member.slot;
        drop(members);
        self.reader.forget_all();
        self.set_presence(no, slot, false)?;
        Ok(true)
    }

    /// Undoes [`Self::retire`] before it is done.
    pub fn keep(&self, id: VolumeId) -> Result<(), VaultError> {
        self.writable()?;
        let _alone = self.alone();
        let mut members = self.members_mut();
        if let Some(member) = members.get_mut(id) {
            member.retiring = false;
        }
        drop(members);
        self.writer().write_head()
    }

    /// Changes how many copies the owner wants of each pack, and makes them.
    pub fn set_copies(
        &self,
        copies: u8,
        progress: OnProgress<'_>,
    ) -> Result<RebuildReport, VaultError> {
        self.writable()?;
        if !(1..=8).contains(&copies) {
            return Err(VaultError::Bad { what: format!("{copies} copies is not 1 to 8") });
        }
        let _alone = self.alone();
        {
            let mut writer = self.writer();
            writer.close()?;
            writer.chain.copies = copies;
            writer.write_head()?;
        }
        let report = self.rebuild_now(progress)?;
        self.close()?;
        Ok(report)
    }
}
