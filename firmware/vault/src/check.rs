//! Checking a vault: is everything that is promised there, and is it what it should be?
//!
//! Without reading data: every version's metadata is walked, every piece looked up, every pack's
//! length and number of copies compared. With it: every copy of every pack is read from its disk
//! and hashed. With repair: damaged copies are replaced, missing ones made, and what can still be
//! read of a pack without a good copy is saved. Start at [`Vault::check`].

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::mpsc::channel;

use catalog::{PackNo, PackState};
use format::keys::KeyFile;
use format::pack::PackKind;
use tree::Reference;
use types::{ChunkId, ObjectId, PackId, VolumeId};
use volume::PackVerdict;

use crate::copy::copy_pack;
use crate::error::VaultError;
use crate::prune::NOTE_UNCHECKED;
use crate::reconcile::Listing;
use crate::snapshots::SnapshotInfo;
use crate::store::SpaceStore;
use crate::{OnProgress, Progress, Vault};

/// Lost paths that are named; more are counted.
const NAMED_MAX: usize = 10_000;

/// How thoroughly to check.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckOptions {
    /// Read and hash every copy.
    pub read_data: bool,
    /// Mend what can be mended.
    pub repair: bool,
}

/// Something that is not as it should be on one volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The volume, as its owner knows it.
    pub volume: String,
    /// The pack, when it is one.
    pub pack: Option<PackId>,
    /// What is wrong, one sentence.
    pub what: String,
    /// It was mended.
    pub repaired: bool,
}

/// What a check found.
#[derive(Clone, Debug, Default)]
pub struct CheckReport {
    /// Versions looked at.
    pub snapshots: u64,
    /// Metadata objects reached.
    pub objects: u64,
    /// Pieces of files reached.
    pub chunks: u64,
    /// Packs the vault counts on.
    pub packs: u64,
    /// Bytes read and hashed.
    pub bytes_read: u64,
    /// Copies that are damaged or gone, and other things wrong on a volume.
    pub damaged: Vec<Damage>,
    /// Copies replaced or made anew.
    pub repaired: u64,
    /// Packs with fewer copies than promised, after any repair.
    pub under_copied: u64,
    /// Packs without any good copy, after any repair.
    pub lost_packs: Vec<PackId>,
    /// Files that cannot be restored whole: short id of a version, and path.
    pub lost_files: Vec<(String, Vec<u8>)>,
    /// How many of them there are, named or not.
    pub lost_file_count: u64,
    /// Pieces that kept versions refer to and that are nowhere.
    pub lost_chunks: u64,
}

impl CheckReport {
    /// Nothing is wrong any more: no loss, every promise kept, all damage mended.
    pub fn is_clean(&self) -> bool {
        self.lost_packs.is_empty()
            && self.lost_chunks == 0
            && self.lost_file_count == 0
            && self.under_copied == 0
            && self.damaged.iter().all(|damage| damage.repaired)
    }
}

/// A copy that failed its check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct BadCopy {
    no: PackNo,
    pack: PackId,
    kind: PackKind,
    volume: VolumeId,
}

impl Vault {
    /// Checks the vault. May run beside backups.
    pub fn check(
        &self,
        options: CheckOptions,
        progress: OnProgress<'_>,
    ) -> Result<CheckReport, VaultError> {
        if options.repair {
            self.writable()?;
        }
        let _running = self.activity.read().expect("no code panics while it holds this");
        if self.writable().is_ok() {
            self.writer().close()?;
        }
        let mut report = CheckReport::default();
        if options.read_data {
            self.doubt_again()?;
        }
        let mut bad = self.check_lengths(&mut report)?;
        if options.read_data {
            bad.extend(self.check_data(&mut report, progress)?);
        }
        bad.extend(self.noticed(&mut report)?);
        bad.sort();
        bad.dedup();
        self.check_keys(options.repair, &mut report)?;
        self.note_bad(&bad)?;
        if options.repair {
            self.writer().making_room = true;
            let mended = self.mend(&bad, &mut report, progress);
            self.writer().making_room = false;
            mended?;
        }
        self.check_copies(&mut report)?;
        self.check_versions(&mut report)?;
        let whole = report.lost_chunks == 0 && report.lost_packs.is_empty();
        if whole {
            let mut batch = self.catalog.batch()?;
            batch.set_note(NOTE_UNCHECKED, b"")?;
            batch.commit(catalog::Durability::Relaxed)?;
        }
        Ok(report)
    }

    /// Copies that were found damaged before are looked at like all others.
    fn doubt_again(&self) -> Result<(), VaultError> {
        for (pack, volume) in self.damaged_copies()? {
            let slot = self.members().get(volume).map(|member| member.slot);
            if let (Some(no), Some(slot)) = (self.catalog.pack_no(&pack)?, slot) {
                self.set_presence(no, slot, true)?;
                self.note_damaged(|all| {
                    all.remove(&(pack, volume));
                })?;
            }
        }
        Ok(())
    }

    /// Every listed file against the length that its pack has.
    fn check_lengths(&self, report: &mut CheckReport) -> Result<Vec<BadCopy>, VaultError> {
        let mut odd = Vec::new();
        let listing = Listing::take(self, &mut odd)?;
        let mut rows = Vec::new();
        self.catalog.visit_packs(|no, info, presence| rows.push((no, info.clone(), presence)))?;
        report.packs =
            rows.iter().filter(|(_, info, _)| info.state != PackState::Dying).count() as u64;
        let members = self.members();
        for member in &members.attached {
            if let Some(why) = &member.failed {
                let (volume, what) = (member.label.clone(), format!("it failed: {why}"));
                report.damaged.push(Damage { volume, pack: None, what, repaired: false });
            }
        }
        let healthy = || members.attached.iter().filter(|member| member.failed.is_none());
        let mut bad = Vec::new();
        for (no, info, presence) in rows {
            let Some(kind) = PackKind::from_code(info.kind) else { continue };
            for member in healthy().filter(|m| presence & m.slot.bit() != 0) {
                let len = member.volume.pack_len(info.id, kind)?;
                let here = listing.packs.get(&info.id).is_some_and(|l| l.on.contains(&member.id()));
                let what = match len {
                    Some(len) if here && len.0 == info.len => continue,
                    Some(len) => {
                        format!("pack {} is {} long, not {}", info.id.short(), len.0, info.len)
                    }
                    None => format!("pack {} is missing", info.id.short()),
                };
                bad.push(BadCopy { no, pack: info.id, kind, volume: member.id() });
                let (volume, pack) = (member.label.clone(), Some(info.id));
                report.damaged.push(Damage { volume, pack, what, repaired: false });
            }
        }
        Ok(bad)
    }

    /// Copies that failed while something was read since the vault was opened.
    fn noticed(&self, report: &mut CheckReport) -> Result<Vec<BadCopy>, VaultError> {
        let mut bad = Vec::new();
        for (pack, volume) in self.reader.damaged() {
            let Some(no) = self.catalog.pack_no(&pack)? else { continue };
            let kind = self.catalog.pack(no)?.and_then(|info| PackKind::from_code(info.kind));
            let Some(kind) = kind else { continue };
            let Some(holder) = self.members().get(volume).map(|m| std::sync::Arc::clone(&m.volume))
            else {
                continue;
            };
            if holder.verify_pack(pack, kind, true)? == PackVerdict::Good {
                continue;
            }
            bad.push(BadCopy { no, pack, kind, volume });
            let label = crate::reconcile::label_of(self, volume);
            if !report.damaged.iter().any(|d| d.pack == Some(pack) && d.volume == label) {
                let what = format!("pack {} does not match its name", pack.short());
                report.damaged.push(Damage {
                    volume: label,
                    pack: Some(pack),
                    what,
                    repaired: false,
                });
            }
        }
        Ok(bad)
    }

    /// Reads every copy of every pack, each volume on a thread of its own.
    fn check_data(
        &self,
        report: &mut CheckReport,
        progress: OnProgress<'_>,
    ) -> Result<Vec<BadCopy>, VaultError> {
        let mut rows = Vec::new();
        self.catalog.visit_packs(|no, info, presence| rows.push((no, info.clone(), presence)))?;
        let volumes: Vec<_> = {
            let members = self.members();
            let attached = members.attached.iter().filter(|member| member.failed.is_none());
            attached.map(|m| (m.slot, std::sync::Arc::clone(&m.volume), m.label.clone())).collect()
        };
        let copies = |bit: u64| rows.iter().filter(move |(_, _, presence)| presence & bit != 0);
        let total = volumes
            .iter()
            .map(|(slot, ..)| copies(slot.bit()).map(|(_, info, _)| info.len).sum::<u64>())
            .sum();
        let stop = std::sync::atomic::AtomicBool::new(false);
        let mut bad = Vec::new();
        let mut now = Progress { bytes_total: Some(total), ..Progress::default() };
        let mut failed = None;
        std::thread::scope(|scope| {
            let (tell, hear) = channel();
            for (slot, volume, label) in &volumes {
                let (tell, stop, mine) = (tell.clone(), &stop, copies(slot.bit()));
                scope.spawn(move || {
                    for (no, info, _) in mine {
                        let Some(kind) = PackKind::from_code(info.kind) else { continue };
                        let verdict = volume.verify_pack(info.id, kind, true);
                        let copy = BadCopy { no: *no, pack: info.id, kind, volume: volume.id() };
                        if stop.load(Ordering::Relaxed)
                            || tell.send((copy, info.len, label, verdict)).is_err()
                        {
                            return;
                        }
                    }
                });
            }
            drop(tell);
            for (copy, len, label, verdict) in hear {
                now.items += 1;
                now.bytes += len;
                report.bytes_read += len;
                if !progress(now) {
                    stop.store(true, Ordering::Relaxed);
                    failed = Some(VaultError::Stopped);
                }
                let what = match verdict {
                    Ok(PackVerdict::Good) => continue,
                    Ok(PackVerdict::Missing) => "is missing".to_owned(),
                    Ok(PackVerdict::Damaged { .. }) => "does not match its name".to_owned(),
                    Ok(PackVerdict::Unreadable { at }) => format!("cannot be read beyond {at}"),
                    Err(error) => format!("cannot be read: {error}"),
                };
                bad.push(copy);
                let what = format!("pack {} {what}", copy.pack.short());
                let pack = Some(copy.pack);
                let already = report.damaged.iter().any(|d| d.pack == pack && d.volume == *label);
                if !already {
                    let volume = label.clone();
                    report.damaged.push(Damage { volume, pack, what, repaired: false });
                }
            }
        });
        failed.map_or(Ok(bad), Err)
    }

    /// Both copies of the key file on every volume.
    fn check_keys(&self, repair: bool, report: &mut CheckReport) -> Result<(), VaultError> {
        for member in &self.members().attached {
            let good = member.volume.read_keys().unwrap_or_default();
            let good = good
                .iter()
                .filter(|bytes| KeyFile::decode(bytes).is_ok() && **bytes == self.key_file);
            if good.count() == volume::COPIES_OF_KEYS {
                continue;
            }
            let repaired = repair && member.volume.write_keys(&self.key_file).is_ok();
            report.repaired += u64::from(repaired);
            report.damaged.push(Damage {
                volume: member.label.clone(),
                pack: None,
                what: "a copy of the key file is damaged, missing or old".to_owned(),
                repaired,
            });
        }
        Ok(())
    }

    /// Damaged copies no longer count, whether they are mended or not.
    fn note_bad(&self, bad: &[BadCopy]) -> Result<(), VaultError> {
        for copy in bad {
            let slot = self.members().get(copy.volume).map(|member| member.slot);
            if let Some(slot) = slot {
                self.set_presence(copy.no, slot, false)?;
            }
        }
        self.note_damaged(|all| all.extend(bad.iter().map(|copy| (copy.pack, copy.volume))))?;
        if !bad.is_empty() {
            self.reader.forget_all();
        }
        Ok(())
    }

    /// Replaces damaged copies from good ones, saves what it can where there is none, then makes
    /// whatever copies are still missing.
    fn mend(
        &self,
        bad: &[BadCopy],
        report: &mut CheckReport,
        progress: OnProgress<'_>,
    ) -> Result<(), VaultError> {
        let mut by_pack: BTreeMap<PackId, Vec<BadCopy>> = BTreeMap::new();
        for copy in bad {
            by_pack.entry(copy.pack).or_default().push(*copy);
        }
        for (pack, copies) in by_pack {
            let mended = self.mend_pack(pack, &copies)?;
            self.note_damaged(|all| all.retain(|(p, v)| *p != pack || !mended.contains(v)))?;
            let members = self.members();
            for copy in copies.iter().filter(|copy| mended.contains(&copy.volume)) {
                report.repaired += 1;
                let label = members.get(copy.volume).map(|member| member.label.as_str());
                for damage in &mut report.damaged {
                    if damage.pack == Some(pack) && Some(damage.volume.as_str()) == label {
                        damage.repaired = true;
                    }
                }
            }
        }
        self.writer().close()?;
        let rebuilt = self.rebuild_now(progress)?;
        report.repaired += rebuilt.copied;
        self.let_go_of_lost()?;
        self.close()
    }

    /// Packs that are lost and that nothing refers to are no longer counted on. When something that
    /// is needed cannot even be looked up, all stay on the list.
    fn let_go_of_lost(&self) -> Result<(), VaultError> {
        let Ok(mark) = self.mark() else { return Ok(()) };
        let (packs, names) = self.pack_facts()?;
        let facts = self.members().facts(&self.catalog.slots()?);
        let lost = plan::repair::repair(&packs, &facts).lost;
        let unneeded: Vec<_> =
            lost.into_iter().filter(|no| !mark.by_pack.contains_key(&PackNo(*no))).collect();
        if unneeded.is_empty() {
            return Ok(());
        }
        let mut batch = self.catalog.batch()?;
        unneeded.iter().try_for_each(|no| batch.drop_pack(PackNo(*no)))?;
        batch.commit(catalog::Durability::Relaxed)?;
        let mut writer = self.writer();
        unneeded.iter().for_each(|no| writer.strike(names[no].0));
        writer.write_head()
    }

    /// Mends one pack; returns the volumes on which its damage is dealt with.
    fn mend_pack(&self, pack: PackId, copies: &[BadCopy]) -> Result<Vec<VolumeId>, VaultError> {
        let Some(first) = copies.first() else { return Ok(Vec::new()) };
        let presence = self.catalog.presence(first.no)?;
        let good: Vec<VolumeId> = {
            let members = self.members();
            let holds = members.attached.iter().filter(|m| presence & m.slot.bit() != 0);
            holds.map(crate::members::Member::id).collect()
        };
        let mut mended = Vec::new();
        if good.is_empty() {
            let volumes: Vec<_> = copies.iter().map(|copy| copy.volume).collect();
            // Of one that waits to go, nothing is missed.
            let dying = self.catalog.pack_state(first.no) == Some(PackState::Dying);
            if self.salvage(first.no, pack, first.kind, &volumes)? || dying {
                mended = volumes;
            }
            return Ok(mended);
        }
        for copy in copies {
            let members = self.members();
            let Some(member) = members.get(copy.volume) else { continue };
            if !member.takes_writes() {
                continue;
            }
            // The damaged file is put aside first: its name must be free for the good one.
            if member.volume.has_pack(pack, copy.kind)? {
                member.volume.delete_damaged(pack, copy.kind)?;
            }
            let slot = member.slot;
            let copied = copy_pack(&members, pack, copy.kind, &good, copy.volume);
            if copied.is_ok() {
                // The good copy is back: what was put aside is of no more use.
                member.volume.delete_put_aside(pack)?;
                drop(members);
                self.set_presence(copy.no, slot, true)?;
                mended.push(copy.volume);
            }
        }
        Ok(mended)
    }

    /// Counts what is below its promise, and what is lost.
    fn check_copies(&self, report: &mut CheckReport) -> Result<(), VaultError> {
        let (packs, names) = self.pack_facts()?;
        let slots = self.catalog.slots()?;
        let facts = self.members().facts(&slots);
        let plan = plan::repair::repair(&packs, &facts);
        let mut below: HashSet<u32> = plan.short.iter().copied().collect();
        for action in &plan.actions {
            if let plan::repair::RepairAction::Copy { pack, .. } = action {
                below.insert(*pack);
            }
        }
        report.under_copied = below.len() as u64;
        report.lost_packs = plan.lost.iter().chain(&plan.away).map(|no| names[no].0).collect();
        Ok(())
    }

    /// Walks every version and looks every piece up.
    fn check_versions(&self, report: &mut CheckReport) -> Result<(), VaultError> {
        let mut seen: HashSet<ChunkId> = HashSet::new();
        let mut lost: HashSet<ChunkId> = HashSet::new();
        let mut broken = false;
        for (_, id) in self.system_ids() {
            if !self.is_here(&id)? {
                lost.insert(id);
            }
        }
        for info in self.snapshots(None)? {
            report.snapshots += 1;
            let Ok(snapshot) = self.read_snapshot(&info) else {
                self.name_lost(report, &info, b"");
                continue;
            };
            let store = SpaceStore { vault: self, space: info.space };
            let mut chunks = Vec::new();
            let mut objects = 0;
            let mut known = |id: &ObjectId| !seen.insert(*id);
            let walked = tree::references(&store, &snapshot.root, &mut known, &mut |reference| {
                match reference {
                    Reference::Object(_) => objects += 1,
                    Reference::Chunk(id) => chunks.push(id),
                }
            });
            report.objects += objects;
            broken |= walked.is_err();
            let mut gone = walked.is_err();
            for id in chunks {
                if lost.contains(&id) {
                    gone = true;
                } else if seen.insert(id) {
                    report.chunks += 1;
                    if !self.is_here(&id)? {
                        lost.insert(id);
                        gone = true;
                    }
                }
            }
            if gone || broken || !lost.is_empty() {
                self.name_files(report, &info, &snapshot, &lost);
            }
        }
        report.lost_chunks = lost.len() as u64;
        Ok(())
    }

    /// Whether some attached volume should have an object.
    fn is_here(&self, id: &ChunkId) -> Result<bool, VaultError> {
        let Some(place) = self.catalog.chunk(id)? else { return Ok(false) };
        let presence = self.catalog.presence(place.pack)?;
        Ok(self.members().attached.iter().any(|m| presence & m.slot.bit() != 0))
    }

    /// Names every file of a version that a lost piece belongs to.
    fn name_files(
        &self,
        report: &mut CheckReport,
        info: &SnapshotInfo,
        snapshot: &format::record::Snapshot,
        lost: &HashSet<ChunkId>,
    ) {
        let store = SpaceStore { vault: self, space: info.space };
        let mut walk = tree::walk(&store, &snapshot.root);
        while let Some(walked) = walk.next() {
            let Ok(walked) = walked else {
                let folder = walk.folder().to_vec();
                self.name_lost(report, info, &folder);
                continue;
            };
            let Some(content) = &walked.entry.content else { continue };
            let whole = tree::extents(&store, content).all(|placed| {
                placed.is_ok_and(|p| p.extent.chunk.is_none_or(|id| !lost.contains(&id)))
            });
            if !whole {
                self.name_lost(report, info, &walked.path);
            }
        }
    }

    #[expect(clippy::unused_self, reason = "reads as a step of the check beside its neighbours")]
    fn name_lost(&self, report: &mut CheckReport, info: &SnapshotInfo, path: &[u8]) {
        report.lost_file_count += 1;
        if report.lost_files.len() < NAMED_MAX {
            report.lost_files.push((info.id.short(), path.to_vec()));
        }
    }
}
