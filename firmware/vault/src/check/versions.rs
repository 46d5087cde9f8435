//! What the versions need: whether each piece is on some volume, and which files a loss touches.
//!
//! Looks pieces up and reads metadata, never data. Start at `check_versions`.

use std::collections::HashMap;

use catalog::{PackNo, Rows};
use tree::Reference;
use types::{ChunkId, ObjectId};

use super::{CheckReport, NAMED_MAX};
use crate::Vault;
use crate::error::VaultError;
use crate::mark::{ChunkSet, TOGETHER};
use crate::snapshots::SnapshotInfo;
use crate::store::SpaceStore;

/// Why a piece cannot be had now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gone {
    /// No volume can have it.
    Lost,
    /// A volume that is not here may have it.
    Away,
}

impl CheckReport {
    /// Counts a file that cannot be restored whole, and names it while there is room.
    fn name_gone(&mut self, gone: Gone, info: &SnapshotInfo, path: &[u8]) {
        let (files, count) = match gone {
            Gone::Lost => (&mut self.lost_files, &mut self.lost_file_count),
            Gone::Away => (&mut self.away_files, &mut self.away_file_count),
        };
        *count += 1;
        if files.len() < NAMED_MAX {
            files.push((info.id.short(), path.to_vec()));
        }
    }
}

impl Vault {
    /// Counts what is below its promise, and what is lost.
    pub(super) fn check_copies(&self, report: &mut CheckReport) -> Result<(), VaultError> {
        let facts = self.members().facts(&self.catalog.slots()?);
        let (packs, names) = self.pack_facts(|pack| !plan::repair::is_settled(pack, &facts))?;
        let plan = plan::repair::repair(&packs, &facts);
        let below = plan.below();
        report.under_copied = below.len() as u64;
        report.under_copied_packs = below.iter().take(NAMED_MAX).map(|no| names[no].0).collect();
        let mut lost = plan.lost;
        // One that nothing refers to is no loss; when that is not known for all, each counts.
        if !lost.is_empty()
            && let Ok(mark) = self.mark()
        {
            lost.retain(|no| mark.live_in(PackNo(*no)) > 0);
        }
        report.away_packs = plan.away.iter().map(|no| names[no].0).collect();
        for no in lost {
            let pack = names[&no].0;
            match self.may_be_away(pack)? {
                true => report.away_packs.push(pack),
                false => report.lost_packs.push(pack),
            }
        }
        Ok(())
    }

    /// Walks every version and looks every piece up.
    pub(super) fn check_versions(&self, report: &mut CheckReport) -> Result<(), VaultError> {
        let mut lookup = Lookup::new(self)?;
        let mut walked = Walked::new(self);
        let mut broken = false;
        for (_, id) in self.system_ids() {
            if let Some(why) = self.gone(&id)? {
                lookup.lost.insert(id, why);
            }
        }
        for info in self.snapshots_kept(None)? {
            report.snapshots += 1;
            let Ok(snapshot) = self.read_snapshot(&info) else {
                let why = self.gone(&info.id)?.unwrap_or(Gone::Lost);
                report.name_gone(why, &info, b"");
                continue;
            };
            broken |= !walked.walk(&info, &snapshot, &mut lookup, report)?;
            if broken || !lookup.lost.is_empty() {
                self.name_files(report, &info, &snapshot, &lookup.lost);
            }
        }
        report.chunks = lookup.chunks;
        report.away_chunks = lookup.lost.values().filter(|why| **why == Gone::Away).count() as u64;
        report.lost_chunks = lookup.lost.len() as u64 - report.away_chunks;
        Ok(())
    }

    /// Why no attached volume has an object; none when one should.
    fn gone(&self, id: &ChunkId) -> Result<Option<Gone>, VaultError> {
        // Asked first: what is sealed between the two questions is in the catalog by the second.
        if self.writer().holds_unsealed(id) {
            return Ok(None);
        }
        let some_away = !self.members().absent().is_empty();
        let Some(place) = self.catalog.chunk(id)? else {
            // A catalog that was made anew knows nothing of what is away.
            return Ok(Some(if some_away { Gone::Away } else { Gone::Lost }));
        };
        let presence = self.catalog.presence(place.pack)?;
        if self.members().attached.iter().any(|m| presence & m.slot.bit() != 0) {
            return Ok(None);
        }
        let pack = self.catalog.pack(place.pack)?.map(|info| info.id);
        let unknown = presence == 0 && pack.map_or(Ok(some_away), |pack| self.may_be_away(pack))?;
        Ok(Some(if presence != 0 || unknown { Gone::Away } else { Gone::Lost }))
    }

    /// Names every file of a version that a lost piece belongs to.
    fn name_files(
        &self,
        report: &mut CheckReport,
        info: &SnapshotInfo,
        snapshot: &format::record::Snapshot,
        lost: &HashMap<ChunkId, Gone>,
    ) {
        let some_away = !self.members().absent().is_empty();
        let unread = if some_away { Gone::Away } else { Gone::Lost };
        let store = SpaceStore { vault: self, space: info.space };
        let mut walk = tree::walk(&store, &snapshot.root);
        while let Some(walked) = walk.next() {
            let Ok(walked) = walked else {
                let folder = walk.folder().to_vec();
                report.name_gone(unread, info, &folder);
                continue;
            };
            let Some(content) = &walked.entry.content else { continue };
            let mut worst = None;
            for placed in tree::extents(&store, content) {
                let Ok(placed) = placed else {
                    worst = worst.or(Some(unread));
                    break;
                };
                match placed.extent.chunk.and_then(|id| lost.get(&id)) {
                    Some(Gone::Lost) => worst = Some(Gone::Lost),
                    Some(Gone::Away) => worst = worst.or(Some(Gone::Away)),
                    None => {}
                }
            }
            if let Some(why) = worst {
                report.name_gone(why, info, &walked.path);
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
    lost: HashMap<ChunkId, Gone>,
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
        let (seen, lost, waiting) = (ChunkSet::none_of(&rows), HashMap::new(), Vec::new());
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
            let here = on.is_some_and(|on| on & *attached != 0);
            if !here && let Some(why) = vault.gone(&id)? {
                lost.insert(id, why);
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
