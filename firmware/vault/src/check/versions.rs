//! What the versions need: whether each piece is on some volume, and which files a loss touches.
//!
//! Looks pieces up and reads metadata, never data. Start at `check_versions`.

use std::collections::HashSet;

use tree::Reference;
use types::{ChunkId, ObjectId};

use super::{CheckReport, NAMED_MAX};
use crate::Vault;
use crate::error::VaultError;
use crate::snapshots::SnapshotInfo;
use crate::store::SpaceStore;

impl CheckReport {
    /// Counts a file that cannot be restored whole, and names it while there is room.
    fn name_lost(&mut self, info: &SnapshotInfo, path: &[u8]) {
        self.lost_file_count += 1;
        if self.lost_files.len() < NAMED_MAX {
            self.lost_files.push((info.id.short(), path.to_vec()));
        }
    }
}

impl Vault {
    /// Counts what is below its promise, and what is lost.
    pub(super) fn check_copies(&self, report: &mut CheckReport) -> Result<(), VaultError> {
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
    pub(super) fn check_versions(&self, report: &mut CheckReport) -> Result<(), VaultError> {
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
                report.name_lost(&info, b"");
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
                report.name_lost(info, &folder);
                continue;
            };
            let Some(content) = &walked.entry.content else { continue };
            let whole = tree::extents(&store, content).all(|placed| {
                placed.is_ok_and(|p| p.extent.chunk.is_none_or(|id| !lost.contains(&id)))
            });
            if !whole {
                report.name_lost(info, &walked.path);
            }
        }
    }
}
