//! Letting versions go, and then the packs that nothing needs: forget, mark, rewrite, tombstone,
//! trash, unlink.
//!
//! What may go is decided in `plan::gc`; this module finds the facts, carries the actions out in
//! order, and looks again at what is live before anything is trashed or unlinked. It runs alone.
//! Start at [`Vault::prune`].

use std::collections::{BTreeMap, HashMap, HashSet};

use catalog::{PackInfo, PackNo, PackState};
use format::pack::PackKind;
use format::record::Op;
use plan::gc::{Blockers, Collector, GcAction, GcFacts, GcPack};
use seal::Codecs;
use types::sabotage::{self, Bug};
use types::{Bytes, ChunkId, Millis, PackId, SourceId, SpaceId, UnixTime, VolumeId};

use crate::error::VaultError;
use crate::mark::Mark;
use crate::snapshots::SnapshotInfo;
use crate::{OnProgress, Progress, Vault};

/// Packs of old heads' states that are let lie until something else is to be removed.
const OWN_DUST_MAX: Bytes = Bytes(16 * Bytes::MIB);
/// Catalog note: set while the catalog was rebuilt and no check has run since.
pub(crate) const NOTE_UNCHECKED: &str = "unchecked";

/// What a forget did.
#[derive(Clone, Debug, Default)]
pub struct ForgetReport {
    /// The snapshots that are no longer kept.
    pub forgotten: Vec<SnapshotInfo>,
}

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
    /// Takes snapshots off the list. Their data goes when it is pruned, after its grace.
    pub fn forget(&self, snapshots: &[SnapshotInfo]) -> Result<ForgetReport, VaultError> {
        self.writable()?;
        let _running = self.activity.read().expect("no code panics while it holds this");
        let mut report = ForgetReport::default();
        let mut ops = Vec::new();
        for snapshot in snapshots {
            ops.push(Op::SnapshotForgotten(snapshot.source, snapshot.id));
            report.forgotten.push(snapshot.clone());
        }
        if !ops.is_empty() {
            let mut writer = self.writer();
            writer.commit(ops)?;
            writer.write_head()?;
        }
        Ok(report)
    }

    /// The snapshots older than `span`, never the newest of a source.
    pub fn expired_by_age(
        &self,
        span: Millis,
        source: Option<&str>,
    ) -> Result<Vec<SnapshotInfo>, VaultError> {
        let now = self.env.clock.now();
        self.by_source(source, |list| plan::retention::older_than(list, now, span))
    }

    /// The snapshots that the usual rule of versions lets go.
    pub fn expired_by_policy(&self, source: Option<&str>) -> Result<Vec<SnapshotInfo>, VaultError> {
        let now = self.env.clock.now();
        let policy = plan::retention::Policy::default();
        self.by_source(source, |list| plan::retention::expired(list, now, &policy))
    }

    fn by_source(
        &self,
        source: Option<&str>,
        choose: impl Fn(&[(usize, UnixTime)]) -> Vec<usize>,
    ) -> Result<Vec<SnapshotInfo>, VaultError> {
        let all = self.snapshots(source)?;
        let mut by_source: BTreeMap<SourceId, Vec<(usize, UnixTime)>> = BTreeMap::new();
        for (n, snapshot) in all.iter().enumerate() {
            by_source.entry(snapshot.source).or_default().push((n, snapshot.received));
        }
        let mut chosen: Vec<usize> = by_source.values().flat_map(|list| choose(list)).collect();
        chosen.sort_unstable();
        Ok(chosen.into_iter().map(|n| all[n].clone()).collect())
    }

    /// Frees what nothing refers to, as far as the grace allows.
    pub fn prune(
        &self,
        options: PruneOptions,
        progress: OnProgress<'_>,
    ) -> Result<PruneReport, VaultError> {
        self.writable()?;
        let _alone = self.activity.write().expect("no code panics while it holds this");
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

    fn plan_prune(&self, options: PruneOptions) -> Result<Vec<GcAction>, VaultError> {
        let mark = self.mark()?;
        let now = self.env.clock.now();
        let (grace, trash) = match options.grace {
            Some(grace) => (grace, Millis(0)),
            None => (plan::gc::GRACE, plan::gc::TRASH),
        };
        let tombstones = self.writer().state.tombstones.clone();
        let in_trash = self.in_trash()?;
        let facts = GcFacts {
            packs: Vec::new(),
            now,
            grace,
            trash,
            vault_total: Bytes(0),
            blockers: self.blockers(&mark, now)?,
            max_share_percent: if options.allow_large { 100 } else { plan::gc::MAX_SHARE_PERCENT },
        };
        let mut collector = Collector::new(&facts)?;
        let mut total = 0;
        self.catalog.visit_packs(|no, info, _| {
            total += info.len;
            let Some(kind) = PackKind::from_code(info.kind) else { return };
            // A pack that is not here can be neither rewritten nor removed.
            if info.state == PackState::Missing {
                return;
            }
            let tombstone = tombstones.get(&info.id).copied();
            collector.add(&GcPack {
                no: no.0,
                kind: match kind {
                    PackKind::Data => plan::PackKind::Data,
                    PackKind::Meta | PackKind::Index => plan::PackKind::Meta,
                },
                space: info.space,
                len: Bytes(info.len),
                raw_total: info.raw_len,
                raw_live: mark.live_in(no),
                sealed_since_mark: false,
                touched_since_mark: false,
                tombstone,
                in_trash_since: tombstone
                    .filter(|_| in_trash.contains_key(&info.id))
                    .map(|since| since.plus(grace)),
            });
        })?;
        let mut actions = collector.finish(Bytes(total))?;
        if self.is_own_dust(&actions)? {
            actions.clear();
        }
        Ok(actions)
    }

    /// Whether all there is to do is to clear away what earlier heads left behind, and little of
    /// it. Doing so writes a new head, which leaves as much behind again: it can wait for company.
    fn is_own_dust(&self, actions: &[GcAction]) -> Result<bool, VaultError> {
        let mut bytes = 0;
        // Without a grace, a pack is marked and removed in one run; what was marked before is due.
        let now_marked: HashSet<u32> = actions
            .iter()
            .filter_map(|action| match action {
                GcAction::Tombstone(no) => Some(*no),
                _ => None,
            })
            .collect();
        for action in actions {
            let packs = match action {
                GcAction::Tombstone(no) | GcAction::Rewrite(no) => std::slice::from_ref(no),
                GcAction::Merge(group) => group.as_slice(),
                GcAction::Trash(no) | GcAction::Unlink(no) if now_marked.contains(no) => continue,
                GcAction::Revive(_) | GcAction::Trash(_) | GcAction::Unlink(_) => return Ok(false),
            };
            for no in packs {
                match self.catalog.pack(PackNo(*no))? {
                    Some(info) if info.space == SpaceId::SYSTEM => bytes += info.len,
                    _ => return Ok(false),
                }
            }
        }
        Ok(bytes < OWN_DUST_MAX.0)
    }

    fn blockers(&self, mark: &Mark<'_>, now: UnixTime) -> Result<Blockers, VaultError> {
        let unchecked = self.catalog.note(NOTE_UNCHECKED)?.is_some_and(|note| !note.is_empty());
        let last = self.writer().chain.last_time;
        Ok(Blockers {
            missing_packs: mark.missing.clone(),
            absent_volumes: self.members().absent().iter().map(VolumeId::short).collect(),
            catalog_unchecked: unchecked,
            // Forwards, a box that was off cannot be told from a clock that jumped.
            clock_jump: last.since(now),
        })
    }

    fn in_trash(&self) -> Result<HashMap<PackId, Vec<VolumeId>>, VaultError> {
        let mut all: HashMap<PackId, Vec<VolumeId>> = HashMap::new();
        for member in self.members().attached.iter().filter(|m| m.failed.is_none()) {
            for trashed in member.volume.list_trash()? {
                if !trashed.damaged {
                    all.entry(trashed.id).or_default().push(member.id());
                }
            }
        }
        Ok(all)
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
                    self.out_of_trash(info.id, &trash)?;
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

    fn out_of_trash(
        &self,
        id: PackId,
        trash: &HashMap<PackId, Vec<VolumeId>>,
    ) -> Result<(), VaultError> {
        let on = trash.get(&id).map_or(&[][..], Vec::as_slice);
        for member in self.members().attached.iter().filter(|m| m.takes_writes()) {
            if on.contains(&member.id()) {
                member.volume.restore_from_trash(id)?;
            }
        }
        Ok(())
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
