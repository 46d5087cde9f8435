//! Letting the packs go that nothing needs: mark, rewrite, tombstone, trash, unlink.
//!
//! What may go is decided in `plan::gc` from the facts in `facts`; this module carries the actions
//! out in order, and looks again at what is live before anything is trashed or unlinked. It runs alone.
//! Start at [`Vault::prune`].

mod facts;
mod foreseen;

use std::collections::HashMap;

use catalog::{PackInfo, PackNo, PackState};
use format::pack::PackKind;
use plan::gc::GcAction;
use seal::Codecs;
use types::sabotage::{self, Bug};
use types::{Bytes, ChunkId, Millis, PackId, SpaceId, UnixTime, VolumeId};

use crate::error::VaultError;
use crate::mark::Mark;
use crate::{OnProgress, Progress, Vault};

pub use foreseen::{Foreseen, Room};

/// Packs of old heads' states that are let lie until something else is to be removed.
const OWN_DUST_MAX: Bytes = Bytes(16 * Bytes::MIB);
/// Catalog note: set while the catalog was rebuilt and no check has run since.
pub(crate) const NOTE_UNCHECKED: &str = "unchecked";

/// How to prune.
#[derive(Clone, Copy, Debug, Default)]
pub struct PruneOptions {
    /// How long packs wait before they go; none for the usual 30 days and 7 in the trash.
    pub grace: Option<Millis>,
    /// Only say what would be done.
    pub dry_run: bool,
    /// The owner has seen that much of the vault would go, and agrees.
    pub allow_large: bool,
}

/// What pruning did, or would do. Counts are packs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PruneReport {
    /// Packs whose living part was stored anew.
    pub rewritten: u64,
    /// Packs that wait from now on.
    pub tombstoned: u64,
    /// Packs that are needed again.
    pub revived: u64,
    /// Packs moved to the trash.
    pub trashed: u64,
    /// Packs removed.
    pub unlinked: u64,
    /// Bytes removed, each copy counted once.
    pub freed: Bytes,
    /// Bytes of packs that still wait.
    pub waiting: Bytes,
    /// When the next of them may go.
    pub next: Option<UnixTime>,
}

impl Vault {
    /// Frees what nothing refers to, as far as the grace allows.
    pub fn prune(
        &self,
        options: PruneOptions,
        progress: OnProgress<'_>,
    ) -> Result<PruneReport, VaultError> {
        self.writable()?;
        let _alone = self.alone();
        self.writer().making_room = true;
        let done = self.prune_alone(options, progress);
        self.writer().making_room = false;
        done
    }

    fn prune_alone(
        &self,
        options: PruneOptions,
        progress: OnProgress<'_>,
    ) -> Result<PruneReport, VaultError> {
        self.writer().close()?;
        let mut report = PruneReport::default();
        let actions = self.plan_prune(options)?;
        if options.dry_run {
            self.count(&actions, options, &mut report)?;
            return Ok(report);
        }
        // What is wholly dead goes first: a full disk then has room for what is to be rewritten.
        self.mark_tombstones(&actions, &mut report)?;
        self.sweep(&actions, &mut report)?;
        // Marking looks in sealed packs only.
        self.writer().close()?;
        match self.store_living(&actions, &mut report, progress) {
            // There is room for no more: what was stored anew lets its old packs go all the same.
            Ok(true) | Err(VaultError::Full { .. }) => {
                self.writer().close()?;
                // What is live was counted before the rewrites: count again. How much may go was
                // decided then; the old packs of what was stored anew are no loss.
                let actions = self.plan_prune(PruneOptions { allow_large: true, ..options })?;
                self.mark_tombstones(&actions, &mut report)?;
                self.sweep(&actions, &mut report)?;
            }
            Ok(false) => {}
            Err(error) => return Err(error),
        }
        self.clear_put_aside()?;
        self.what_waits(options, &mut report)?;
        self.close()?;
        Ok(report)
    }

    /// What the actions come to. A pack that is rewritten goes the way of all that are dead.
    fn count(
        &self,
        actions: &[GcAction],
        options: PruneOptions,
        report: &mut PruneReport,
    ) -> Result<(), VaultError> {
        let at_once = options.grace == Some(Millis(0));
        for action in actions {
            let rewritten = match action {
                GcAction::Rewrite(no) => std::slice::from_ref(no),
                GcAction::Merge(group) => group.as_slice(),
                _ => &[],
            };
            for no in rewritten {
                report.rewritten += 1;
                report.tombstoned += 1;
                if at_once && let Some(info) = self.catalog.pack(PackNo(*no))? {
                    report.trashed += 1;
                    report.unlinked += 1;
                    report.freed += Bytes(info.len);
                }
            }
            match action {
                GcAction::Revive(_) => report.revived += 1,
                GcAction::Rewrite(_) | GcAction::Merge(_) => {}
                GcAction::Tombstone(_) => report.tombstoned += 1,
                GcAction::Trash(_) => report.trashed += 1,
                GcAction::Unlink(no) => {
                    report.unlinked += 1;
                    if let Some(info) = self.catalog.pack(PackNo(*no))? {
                        report.freed += Bytes(info.len);
                    }
                }
            }
        }
        Ok(())
    }

    /// Stores the living part of packs that are rewritten or merged. True when there were any.
    fn store_living(
        &self,
        actions: &[GcAction],
        report: &mut PruneReport,
        progress: OnProgress<'_>,
    ) -> Result<bool, VaultError> {
        let mut packs = Vec::new();
        for action in actions {
            match action {
                GcAction::Rewrite(no) => packs.push(*no),
                GcAction::Merge(group) => packs.extend(group),
                _ => {}
            }
        }
        if packs.is_empty() {
            return Ok(false);
        }
        let mut mark = self.mark()?;
        let mut codecs = Codecs::new();
        for (n, no) in packs.iter().enumerate() {
            let Some(info) = self.catalog.pack(PackNo(*no))? else { continue };
            self.store_living_of(PackNo(*no), &info, &mut mark, &mut codecs)?;
            report.rewritten += 1;
            let (items, items_total) = (n as u64 + 1, Some(packs.len() as u64));
            if !progress(Progress { items, items_total, ..Progress::default() }) {
                return Err(VaultError::Stopped);
            }
        }
        Ok(true)
    }

    fn store_living_of(
        &self,
        no: PackNo,
        info: &PackInfo,
        mark: &mut Mark<'_>,
        codecs: &mut Codecs,
    ) -> Result<(), VaultError> {
        let Some(kind) = PackKind::from_code(info.kind) else { return Ok(()) };
        for id in self.objects_of(no, info, codecs)? {
            let here = self.catalog.chunk(&id)?.is_some_and(|place| place.pack == no);
            if here && mark.is_live(&id)? {
                let bytes = self.object(info.space, kind, &id)?;
                self.writer().put_again(info.space, kind, id, &bytes)?;
            }
        }
        Ok(())
    }

    /// Lifts and sets tombstones, in a head, before anything is moved.
    fn mark_tombstones(
        &self,
        actions: &[GcAction],
        report: &mut PruneReport,
    ) -> Result<(), VaultError> {
        let now = self.env.clock.now();
        let mut changes = Vec::new();
        // Listed once: thousands of packs may come back.
        let reviving = actions.iter().any(|action| matches!(action, GcAction::Revive(_)));
        let trash = if reviving { self.in_trash()? } else { HashMap::new() };
        for action in actions {
            match action {
                GcAction::Tombstone(no) => {
                    let Some(info) = self.catalog.pack(PackNo(*no))? else { continue };
                    self.writer().state.tombstones.insert(info.id, now);
                    report.tombstoned += 1;
                    changes.push((PackNo(*no), PackState::Dying));
                }
                GcAction::Revive(no) => {
                    let Some(info) = self.catalog.pack(PackNo(*no))? else { continue };
                    self.out_of_trash(PackNo(*no), info.id, &trash)?;
                    self.writer().state.tombstones.remove(&info.id);
                    report.revived += 1;
                    changes.push((PackNo(*no), PackState::Live));
                }
                _ => {}
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        let mut batch = self.catalog.batch()?;
        for (no, state) in changes {
            batch.set_state(no, state)?;
        }
        batch.commit(catalog::Durability::Relaxed)?;
        let mut writer = self.writer();
        writer.head_due = true;
        if sabotage::on(Bug::TombstoneUnwritten) {
            return Ok(());
        }
        writer.write_head()
    }

    /// Takes a pack back on every volume that can give it; an error only when none can.
    fn out_of_trash(
        &self,
        no: PackNo,
        id: PackId,
        trash: &HashMap<PackId, Vec<VolumeId>>,
    ) -> Result<(), VaultError> {
        let on = trash.get(&id).map_or(&[][..], Vec::as_slice);
        let (mut back, mut failed) = (Vec::new(), None);
        for member in self.members().attached.iter().filter(|m| m.takes_writes()) {
            if on.contains(&member.id()) {
                match member.volume.restore_from_trash(id) {
                    Ok(_) => back.push(member.slot),
                    Err(error) => failed = Some(error),
                }
            }
        }
        for slot in &back {
            self.set_presence(no, *slot, true)?;
        }
        match failed {
            Some(error) if back.is_empty() => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Moves packs to the trash and removes those whose time there is over.
    fn sweep(&self, actions: &[GcAction], report: &mut PruneReport) -> Result<(), VaultError> {
        let mut gone = Vec::new();
        for action in actions {
            match action {
                GcAction::Trash(no) => {
                    let Some(info) = self.catalog.pack(PackNo(*no))? else { continue };
                    self.each_holder(&info, |volume, id, kind| {
                        if volume.has_pack(id, kind)? {
                            volume.trash_pack(id, kind)
                        } else {
                            Ok(())
                        }
                    })?;
                    report.trashed += 1;
                }
                GcAction::Unlink(no) => {
                    let Some(info) = self.catalog.pack(PackNo(*no))? else { continue };
                    self.each_holder(&info, |volume, id, _| volume.delete_trashed(id).map(|_| ()))?;
                    report.unlinked += 1;
                    report.freed += Bytes(info.len);
                    gone.push((PackNo(*no), info.id));
                }
                _ => {}
            }
        }
        if gone.is_empty() {
            return Ok(());
        }
        self.reader.forget_all();
        let mut batch = self.catalog.batch()?;
        for (no, _) in &gone {
            batch.drop_pack(*no)?;
        }
        batch.commit(catalog::Durability::Relaxed)?;
        let mut writer = self.writer();
        gone.iter().for_each(|(_, id)| writer.strike(*id));
        writer.write_head()
    }

    /// Removes damaged packs that were put aside, once there is a sound copy of each or the vault
    /// counts on it no more. What may still be of use to somebody stays.
    fn clear_put_aside(&self) -> Result<(), VaultError> {
        for (_, volume) in self.volumes_where(crate::members::Member::takes_writes) {
            for trashed in volume.list_trash()?.into_iter().filter(|t| t.damaged) {
                let here = match self.catalog.pack_no(&trashed.id)? {
                    None => true,
                    Some(no) => self.catalog.presence(no)? != 0,
                };
                if here {
                    volume.delete_put_aside(trashed.id)?;
                }
            }
        }
        Ok(())
    }

    fn each_holder(
        &self,
        info: &PackInfo,
        act: impl Fn(&volume::Volume, PackId, PackKind) -> Result<(), volume::VolumeError>,
    ) -> Result<(), VaultError> {
        let Some(kind) = PackKind::from_code(info.kind) else { return Ok(()) };
        for member in self.members().attached.iter().filter(|m| m.takes_writes()) {
            act(&member.volume, info.id, kind)?;
        }
        Ok(())
    }

    fn what_waits(
        &self,
        options: PruneOptions,
        report: &mut PruneReport,
    ) -> Result<(), VaultError> {
        let tombstones = self.writer().state.tombstones.clone();
        let wait = options.grace.unwrap_or(Millis(plan::gc::GRACE.0 + plan::gc::TRASH.0));
        for (id, since) in tombstones {
            if let Some(no) = self.catalog.pack_no(&id)?
                && let Some(info) = self.catalog.pack(no)?
            {
                report.waiting += Bytes(info.len);
                let due = since.plus(wait);
                report.next = Some(report.next.map_or(due, |next: UnixTime| next.min(due)));
            }
        }
        Ok(())
    }

    /// Whether an id belongs to the system space's newest state: for checks.
    pub(crate) fn system_ids(&self) -> Vec<(SpaceId, ChunkId)> {
        let ids = self.writer().system_objects();
        ids.into_iter().map(|id| (SpaceId::SYSTEM, id)).collect()
    }
}
