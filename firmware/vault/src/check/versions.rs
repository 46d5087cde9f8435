//! What the versions need: whether each piece is on some volume, and which files a loss touches.
//!
//! Looks pieces up and reads metadata, never data. Start at `check_versions`.

use std::collections::HashSet;

use catalog::Rows;
use tree::Reference;
use types::{ChunkId, ObjectId};

use super::{CheckReport, NAMED_MAX};
use crate::Vault;
use crate::error::VaultError;
use crate::mark::{ChunkSet, TOGETHER};
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
        let facts = self.members().facts(&self.catalog.slots()?);
        let (packs, names) = self.pack_facts(|pack| !plan::repair::is_settled(pack, &facts))?;
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
        let mut lookup = Lookup::new(self)?;
        let mut walked = Walked::new(self);
        let mut broken = false;
        for (_, id) in self.system_ids() {
            if !self.is_here(&id)? {
                lookup.lost.insert(id);
            }
        }
        for info in self.snapshots(None)? {
            report.snapshots += 1;
            let Ok(snapshot) = self.read_snapshot(&info) else {
                report.name_lost(&info, b"");
                continue;
            };
            broken |= !walked.walk(&info, &snapshot, &mut lookup, report)?;
            if broken || !lookup.lost.is_empty() {
                self.name_files(report, &info, &snapshot, &lookup.lost);
            }
        }
        report.chunks = lookup.chunks;
        report.lost_chunks = lookup.lost.len() as u64;
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

/// Looks up what a walk of all versions meets, each piece once.
struct Lookup<'v> {
    vault: &'v Vault,
    rows: Rows<'v>,
    seen: ChunkSet,
    /// The volumes that hold each pack, by its number.
    presence: Vec<u64>,
    attached: u64,
    lost: HashSet<ChunkId>,
    /// Pieces that were met and not looked up yet.
    waiting: Vec<ChunkId>,
    /// Pieces looked up.
    chunks: u64,
}

impl<'v> Lookup<'v> {
    fn new(vault: &'v Vault) -> Result<Self, VaultError> {
        let rows = vault.catalog.rows();
        let mut presence = Vec::new();
        vault.catalog.visit_packs(|no, _, on| {
            presence.resize(no.index(), 0);
            presence.push(on);
        })?;
        let attached = vault.members().attached.iter().fold(0, |all, m| all | m.slot.bit());
        let (seen, lost, waiting) = (ChunkSet::none_of(&rows), HashSet::new(), Vec::new());
        Ok(Self { vault, rows, seen, presence, attached, lost, waiting, chunks: 0 })
    }

    fn meet(&mut self, id: ChunkId) -> Result<(), VaultError> {
        self.waiting.push(id);
        if self.waiting.len() < TOGETHER { Ok(()) } else { self.look() }
    }

    fn look(&mut self) -> Result<(), VaultError> {
        let Self { vault, rows, seen, presence, attached, lost, waiting, chunks } = self;
        rows.find_all(waiting, &mut |id, row| {
            if !seen.insert(id, row.map(|row| row.number)) {
                return Ok(());
            }
            *chunks += 1;
            let on = row.and_then(|row| presence.get(row.place.pack.index()));
            let here = match on {
                Some(on) => on & *attached != 0,
                None => vault.is_here(&id)?,
            };
            if !here {
                lost.insert(id);
            }
            Ok(())
        })
    }
}

/// Which folders and manifests were walked already.
struct Walked<'v> {
    rows: Rows<'v>,
    objects: ChunkSet,
}

impl<'v> Walked<'v> {
    fn new(vault: &'v Vault) -> Self {
        let rows = vault.catalog.rows();
        let objects = ChunkSet::none_of(&rows);
        Self { rows, objects }
    }

    /// Walks one version; false when its metadata cannot be read to the end.
    fn walk(
        &mut self,
        info: &SnapshotInfo,
        snapshot: &format::record::Snapshot,
        lookup: &mut Lookup<'v>,
        report: &mut CheckReport,
    ) -> Result<bool, VaultError> {
        let store = SpaceStore { vault: lookup.vault, space: info.space };
        let mut failed = None;
        let mut known = |id: &ObjectId| match self.rows.find(id) {
            Ok(row) => !self.objects.insert(*id, row.map(|row| row.number)),
            // The catalog is damaged: reading the object says so.
            Err(_) => false,
        };
        let walked =
            tree::references(
                &store,
                &snapshot.root,
                &mut known,
                &mut |reference| match reference {
                    Reference::Object(_) => report.objects += 1,
                    Reference::Chunk(id) => {
                        if let Err(error) = lookup.meet(id) {
                            failed.get_or_insert(error);
                        }
                    }
                },
            );
        lookup.look()?;
        failed.map_or(Ok(walked.is_ok()), Err)
    }
}
