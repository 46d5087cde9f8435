//! The volumes of a vault as its owner deals with them: list, add, retire, replace, remove, and
//! bringing every pack back to its promised copies.
//!
//! What to copy where is decided in `plan`; this module does it, verified, one pack at a time, and
//! records each step in the catalog, so that a kill loses only the copy that was under way.
//! Start at [`Vault::rebuild`].

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog::{PackNo, PackState, VolumeSlot};
use format::head::VolumeState;
use format::pack::PackKind;
use plan::VolumeSet;
use plan::repair::{PackFacts, RebalanceGoal, RepairAction};
use types::{Bytes, PackId, VolumeId};
use volume::{Disk, PackVerdict};

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

    /// Makes a volume on an empty disk and lets it take part. Its share of metadata is copied to it
    /// at once.
    pub fn add_volume(
        &self,
        disk: Arc<dyn Disk>,
        progress: OnProgress<'_>,
    ) -> Result<VolumeId, VaultError> {
        self.writable()?;
        let _alone = self.activity.write().expect("no code panics while it holds this");
        let id = self.attach_new(disk)?;
        self.rebuild_now(progress)?;
        self.writer().write_head()?;
        self.close()?;
        Ok(id)
    }

    fn attach_new(&self, disk: Arc<dyn Disk>) -> Result<VolumeId, VaultError> {
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
        let mut members = self.members.write().expect("no code panics while it holds the members");
        let member = make_member(candidate, slot, self.access, &self.options, &members)?;
        members.attached.push(member);
        Ok(id)
    }

    /// Copies packs until each has its promised copies, most urgent first, then moves packs off
    /// full disks if new ones could not be placed otherwise.
    pub fn rebuild(&self, progress: OnProgress<'_>) -> Result<RebuildReport, VaultError> {
        self.writable()?;
        let _alone = self.activity.write().expect("no code panics while it holds this");
        self.writer().close()?;
        let report = self.rebuild_now(progress)?;
        self.close()?;
        Ok(report)
    }

    pub(crate) fn rebuild_now(
        &self,
        progress: OnProgress<'_>,
    ) -> Result<RebuildReport, VaultError> {
        let mut report = RebuildReport::default();
        let (packs, names) = self.pack_facts()?;
        let slots = self.catalog.slots()?;
        let facts = self.members().facts(&slots);
        let plan = plan::repair::repair(&packs, &facts);
        report.lost = plan.lost.iter().map(|no| names[no].0).collect();
        report.away = plan.away.iter().map(|no| names[no].0).collect();
        self.carry_out(&plan.actions, &names, &mut report, progress)?;
        let (packs, names) = self.pack_facts()?;
        let facts = self.members().facts(&slots);
        let goal = RebalanceGoal::for_copies(self.copies());
        let moves = plan::repair::rebalance(&packs, &facts, goal);
        self.carry_out(&moves, &names, &mut report, progress)?;
        let (packs, _) = self.pack_facts()?;
        let facts = self.members().facts(&slots);
        let after = plan::repair::repair(&packs, &facts);
        report.still_under_copied = after.short.len() as u64;
        report.drained = facts
            .iter()
            .all(|f| f.state != plan::VolumeState::Retiring || after.drained.contains(&f.id));
        Ok(report)
    }

    /// Every pack that is meant to be kept, as `plan` wants to know it.
    #[expect(clippy::type_complexity, reason = "the names stand beside the facts, for two callers")]
    pub(crate) fn pack_facts(
        &self,
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
            facts.push(PackFacts {
                no: no.0,
                kind: planned,
                len: Bytes(info.len),
                present: VolumeSet(presence),
                wanted: copies,
                pinned: false,
            });
            names.insert(no.0, (info.id, kind, info.len));
        })?;
        Ok((facts, names))
    }

    fn carry_out(
        &self,
        actions: &[RepairAction],
        names: &BTreeMap<u32, (PackId, PackKind, u64)>,
        report: &mut RebuildReport,
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
                        Ok(()) => {
                            report.copied += 1;
                            report.bytes += Bytes(len);
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
    ) -> Result<(), VaultError> {
        let members = self.members();
        // The planned source first; any other that has it if that one turns out to be damaged.
        let presence = self.catalog.presence(no)?;
        let mut sources = vec![from];
        sources.extend(
            members.attached.iter().filter(|m| presence & m.slot.bit() != 0).map(|m| m.id()),
        );
        copy_pack(&members, id, kind, &sources, to)?;
        let slot = members.get(to).map_or(VolumeSlot(0), |member| member.slot);
        drop(members);
        self.note_damaged(|all| {
            all.remove(&(id, to));
        })?;
        self.set_presence(no, slot, true)
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
        if good < self.copies() {
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

    /// Drains a volume: everything on it is copied elsewhere and verified, then it leaves the
    /// vault. Stopped or short of room, it stays `retiring` and can be resumed.
    pub fn retire(
        &self,
        id: VolumeId,
        progress: OnProgress<'_>,
    ) -> Result<RebuildReport, VaultError> {
        self.writable()?;
        let _alone = self.activity.write().expect("no code panics while it holds this");
        self.writer().close()?;
        {
            let mut members =
                self.members.write().expect("no code panics while it holds the members");
            if members.attached.iter().filter(|m| m.takes_writes() && m.id() != id).count() == 0 {
                let what = "the last volume cannot be retired".to_owned();
                return Err(VaultError::Bad { what });
            }
            let member = members.get_mut(id).ok_or_else(|| VaultError::NotFound {
                what: "attached volume",
                name: id.to_string(),
            })?;
            member.retiring = true;
        }
        self.writer().write_head()?;
        let mut report = self.rebuild_now(progress)?;
        report.drained &= self.is_safe_without(id)?;
        if report.drained && report.failed.is_empty() {
            self.leave(id)?;
        }
        self.close()?;
        Ok(report)
    }

    /// Undoes [`Self::retire`] before it is done.
    pub fn keep(&self, id: VolumeId) -> Result<(), VaultError> {
        self.writable()?;
        let _alone = self.activity.write().expect("no code panics while it holds this");
        let mut members = self.members.write().expect("no code panics while it holds the members");
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
        let _alone = self.activity.write().expect("no code panics while it holds this");
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

    /// Puts a new disk in a volume's place. The old one may be there, failing, or gone; its packs
    /// are taken from wherever they are. After a kill the new disk is a member already:
    /// [`Self::rebuild`] goes on, then [`Self::retire`] or [`Self::remove`] ends the old one.
    pub fn replace(
        &self,
        old: VolumeId,
        disk: Arc<dyn Disk>,
        progress: OnProgress<'_>,
    ) -> Result<RebuildReport, VaultError> {
        self.writable()?;
        let _alone = self.activity.write().expect("no code panics while it holds this");
        if self.members().get(old).is_none() && !self.members().registry.contains_key(&old) {
            return Err(VaultError::NotFound { what: "volume", name: old.to_string() });
        }
        self.attach_new(disk)?;
        {
            let mut members =
                self.members.write().expect("no code panics while it holds the members");
            if let Some(member) = members.get_mut(old) {
                member.retiring = true;
            }
        }
        self.writer().write_head()?;
        let mut report = self.rebuild_now(progress)?;
        let attached = self.members().get(old).is_some();
        let safe = self.is_safe_without(old)?;
        report.drained &= safe;
        if report.failed.is_empty() && safe && (!attached || report.drained) {
            self.leave(old)?;
        }
        self.close()?;
        Ok(report)
    }

    /// Takes a volume off the vault's list without copying anything. Refuses when it holds the only
    /// copy of something, unless `force`.
    pub fn remove(&self, id: VolumeId, force: bool) -> Result<(), VaultError> {
        self.writable()?;
        let _alone = self.activity.write().expect("no code panics while it holds this");
        self.writer().close()?;
        let slots = self.catalog.slots()?;
        let known = self.members().registry.get(&id).map(|v| v.state);
        if self.members().get(id).is_none()
            && known.is_none_or(|state| state == VolumeState::Removed)
        {
            return Err(VaultError::NotFound { what: "volume", name: id.to_string() });
        }
        if self.members().attached.iter().filter(|m| m.takes_writes() && m.id() != id).count() == 0
        {
            let what = "the last volume cannot be removed".to_owned();
            return Err(VaultError::Bad { what });
        }
        let (mut count, mut bytes) = (0, 0);
        if let Some((slot, _)) = slots.iter().find(|(_, known)| *known == id) {
            self.catalog.visit_packs(|_, info, presence| {
                if presence & slot.bit() != 0 && presence & !slot.bit() == 0 {
                    count += 1;
                    bytes += info.len;
                }
            })?;
        }
        if count > 0 && !force {
            let volume = crate::reconcile::label_of(self, id);
            return Err(VaultError::OnlyCopy { volume, count, bytes: Bytes(bytes) });
        }
        self.leave(id)?;
        self.close()
    }

    /// Whether another volume that answers has everything that this one has. What a volume that
    /// failed has nowhere else is not lost yet: it stays on the list, and may be read again.
    fn is_safe_without(&self, id: VolumeId) -> Result<bool, VaultError> {
        let slots = self.catalog.slots()?;
        let Some((slot, _)) = slots.into_iter().find(|(_, known)| *known == id) else {
            return Ok(true);
        };
        let others: u64 = {
            let members = self.members();
            let others = members.attached.iter().filter(|m| m.failed.is_none() && m.id() != id);
            others.map(|member| member.slot.bit()).sum()
        };
        let mut safe = true;
        self.catalog.visit_packs(|_, info, presence| {
            let wanted = info.state != PackState::Dying && presence & slot.bit() != 0;
            safe &= !wanted || presence & others != 0;
        })?;
        Ok(safe)
    }

    /// Strikes a volume off: detached here, `removed` in the registry, its copies forgotten.
    fn leave(&self, id: VolumeId) -> Result<(), VaultError> {
        let mut members = self.members.write().expect("no code panics while it holds the members");
        members.attached.retain(|member| member.id() != id);
        if let Some(entry) = members.registry.get_mut(&id) {
            entry.state = VolumeState::Removed;
        }
        drop(members);
        self.reader.forget_all();
        let mut batch = self.catalog.batch()?;
        batch.forget_volume(id)?;
        batch.commit(catalog::Durability::Relaxed)?;
        let mut writer = self.writer();
        writer.head_due = true;
        writer.write_head()
    }
}
