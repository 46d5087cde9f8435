//! The catalog: opening it whatever state its file is in, and every read.
//!
//! Readers share one view behind a lock that is held for microseconds: the rows not yet written,
//! the state of every pack (one byte each), and the database as of the last commit. A commit works
//! beside them and swaps the view at its end. Start reading at [`Catalog::open`].

use std::collections::HashMap;
use std::fs;
use std::hash::{BuildHasherDefault, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use redb::backends::InMemoryBackend;
use redb::{Database, ReadOnlyTable, ReadableDatabase, ReadableTable};
use types::sabotage::{self, Bug};
use types::{ChunkId, PackId, VaultId, VolumeId};

use crate::batch::{Batch, Durability};
use crate::error::Doing;
use crate::guard::{Guard, Left};
use crate::numbered::Rows;
use crate::open::{self, Unusable};
use crate::rows::{Key, PACK_LEN, PackRow, Place, key_of, pack_of, unpack_place};
use crate::runs::Run;
use crate::tables::{BLOCKS, META, NOTE_PREFIX, PACK_NOS, PACKS, SLOTS};
use crate::{CatalogError, ChunkPlace, PackInfo, PackNo, PackState, VolumeSlot};

/// How an open found the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// As it was left, or as it was at some moment before a crash.
    Existing,
    /// There was none.
    Created,
    /// What was there could not be trusted and was deleted: the catalog is empty.
    Discarded {
        /// What was wrong with it, for the log.
        why: String,
    },
}

/// How large the catalog is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Rows for chunks. Rows that a newer one replaced, or whose pack is gone, count until a
    /// merge meets them.
    pub chunk_rows: u64,
    /// Of these, rows in memory only.
    pub chunk_rows_unwritten: u64,
    /// Packs known.
    pub packs: u64,
    /// What the file takes on the disk; 0 for a catalog in memory.
    pub file_bytes: u64,
}

/// Ids are random already: folding them is hash enough.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn write_u128(&mut self, key: u128) {
        let folded = u64::try_from((key ^ (key >> 64)) & u128::from(u64::MAX)).expect("masked");
        self.0 = folded.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// Chunk rows in memory.
pub(crate) type MemoryRows = HashMap<Key, Place, BuildHasherDefault<KeyHasher>>;

/// The database as of one commit.
pub(crate) struct Snapshot {
    pub(crate) blocks: ReadOnlyTable<u64, &'static [u8]>,
    pub(crate) packs: ReadOnlyTable<u32, &'static [u8; PACK_LEN]>,
    pack_nos: ReadOnlyTable<&'static [u8; 32], u32>,
    slots: ReadOnlyTable<u8, &'static [u8; 16]>,
    pub(crate) meta: ReadOnlyTable<&'static str, &'static [u8]>,
    /// Oldest first.
    pub(crate) runs: Vec<Arc<Run>>,
}

impl Snapshot {
    pub(crate) fn take(db: &Database, runs: Vec<Arc<Run>>) -> Result<Self, CatalogError> {
        const DOING: &str = "read its tables";
        let txn = db.begin_read().doing(DOING)?;
        Ok(Self {
            blocks: txn.open_table(BLOCKS).doing(DOING)?,
            packs: txn.open_table(PACKS).doing(DOING)?,
            pack_nos: txn.open_table(PACK_NOS).doing(DOING)?,
            slots: txn.open_table(SLOTS).doing(DOING)?,
            meta: txn.open_table(META).doing(DOING)?,
            runs,
        })
    }
}

/// What readers see.
pub(crate) struct View {
    /// Rows of committed batches that are in no run yet.
    pub(crate) memory: MemoryRows,
    /// By pack number; none for a number whose pack was dropped.
    pub(crate) states: Vec<Option<PackState>>,
    pub(crate) snapshot: Arc<Snapshot>,
}

impl View {
    pub(crate) fn state(&self, pack: PackNo) -> Option<PackState> {
        self.states.get(usize::try_from(pack.0).ok()?).copied().flatten()
    }

    /// The newest place of a chunk in a pack that `known` knows.
    pub(crate) fn place(
        &self,
        key: Key,
        known: impl Fn(PackNo) -> bool,
    ) -> Result<Option<Place>, CatalogError> {
        let known = |place: &Place| known(pack_of(place));
        if let Some(place) = self.memory.get(&key).filter(|place| known(place)) {
            return Ok(Some(*place));
        }
        for run in self.snapshot.runs.iter().rev() {
            if let Some(place) = run.find(key, &self.snapshot.blocks)?.filter(known) {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    fn chunk(&self, id: &ChunkId) -> Result<Option<ChunkPlace>, CatalogError> {
        let place = self.place(key_of(id), |pack| self.state(pack).is_some())?;
        Ok(place.as_ref().map(unpack_place))
    }
}

/// Where everything is. Shared by reference between threads; one batch at a time writes.
pub struct Catalog {
    view: RwLock<View>,
    /// Always there, until the catalog is dropped.
    db: Option<Database>,
    guard: Option<Guard>,
    path: Option<PathBuf>,
    broken: AtomicBool,
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalog").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Catalog {
    /// Opens the catalog of `vault` in the file `path`, or in memory. `cache_bytes` bounds what the
    /// database caches.
    ///
    /// Old content never makes this fail: what cannot be trusted is deleted. It fails when another
    /// process has the file, or the folder cannot be written.
    pub fn open(
        path: Option<&Path>,
        vault: VaultId,
        cache_bytes: usize,
    ) -> Result<(Self, Opened), CatalogError> {
        let builder = open::builder(cache_bytes, false);
        let Some(path) = path else {
            let db = builder.create_with_backend(InMemoryBackend::new()).doing("be created")?;
            let view = open::fresh(&db, vault)?;
            return Ok((Self::new(db, view, None, None), Opened::Created));
        };
        let guard = Guard::take(path)?;
        let mut opened = Opened::Created;
        if let Ok(file) = fs::symlink_metadata(path) {
            match open::open_existing(cache_bytes, path, &file, vault, &guard)? {
                Ok((db, view)) => {
                    guard.set(Left::InUse)?;
                    let catalog = Self::new(db, view, Some(guard), Some(path));
                    return Ok((catalog, Opened::Existing));
                }
                Err(Unusable::Busy) => return Err(CatalogError::Busy { path: path.to_owned() }),
                Err(Unusable::Because(why)) => opened = Opened::Discarded { why },
            }
            open::delete(path)?;
        }
        guard.set(Left::Opening)?;
        let db = builder.create(path).map_err(|error| open::folder_error(path, error))?;
        let view = open::fresh(&db, vault)?;
        guard.set(Left::InUse)?;
        Ok((Self::new(db, view, Some(guard), Some(path)), opened))
    }

    fn new(db: Database, view: View, guard: Option<Guard>, path: Option<&Path>) -> Self {
        let (view, path) = (RwLock::new(view), path.map(Path::to_owned));
        Self { view, db: Some(db), guard, path, broken: AtomicBool::new(false) }
    }

    /// Begins a batch of changes. Waits while another batch lives; one thread holds one at most.
    pub fn batch(&self) -> Result<Batch<'_>, CatalogError> {
        self.shielded(|| Ok(Batch::new(self, self.db().begin_write().doing("begin a batch")?)))
    }

    /// Where a chunk is, in whatever state its pack is. The reader compares the full id.
    pub fn chunk(&self, id: &ChunkId) -> Result<Option<ChunkPlace>, CatalogError> {
        self.shielded(|| self.view().chunk(id))
    }

    /// Every chunk row as it is now, each with a number.
    pub fn rows(&self) -> Rows<'_> {
        Rows::of(self, &self.view())
    }

    /// Where a chunk is, if a new version may point at it there: not in a pack that is tombstoned
    /// or of which no good copy is at hand.
    pub fn dedup_target(&self, id: &ChunkId) -> Result<Option<ChunkPlace>, CatalogError> {
        self.shielded(|| {
            let view = self.view();
            let place = view.chunk(id)?;
            if sabotage::on(Bug::DyingPackReused) {
                return Ok(place);
            }
            Ok(place.filter(|place| view.state(place.pack) == Some(PackState::Live)))
        })
    }

    /// For each chunk, whether [`Self::chunk`] knows it.
    pub fn has_many(&self, ids: &[ChunkId]) -> Result<Vec<bool>, CatalogError> {
        self.shielded(|| {
            let view = self.view();
            ids.iter().map(|id| Ok(view.chunk(id)?.is_some())).collect()
        })
    }

    /// A pack by its number.
    pub fn pack(&self, pack: PackNo) -> Result<Option<PackInfo>, CatalogError> {
        self.shielded(|| Ok(self.row(pack)?.map(|row| row.info)))
    }

    /// The state of a pack; costs no read.
    pub fn pack_state(&self, pack: PackNo) -> Option<PackState> {
        self.view().state(pack)
    }

    /// A pack's number by its name.
    pub fn pack_no(&self, id: &PackId) -> Result<Option<PackNo>, CatalogError> {
        self.shielded(|| {
            let number = self.snapshot().pack_nos.get(&id.0).doing("look up a pack")?;
            Ok(number.map(|number| PackNo(number.value())))
        })
    }

    /// Shows every pack, by number, with the bits of the volumes that hold a good copy. What is
    /// committed meanwhile is not seen.
    pub fn visit_packs(
        &self,
        mut visit: impl FnMut(PackNo, &PackInfo, u64),
    ) -> Result<(), CatalogError> {
        let snapshot = self.snapshot();
        let mut rows = self.shielded(|| snapshot.packs.iter().doing("list its packs"))?;
        // Only the reading is shielded: a panic of the visitor is the visitor's.
        while let Some((pack, row)) = self.shielded(|| {
            let Some(entry) = rows.next() else { return Ok(None) };
            let (number, row) = entry.doing("list its packs")?;
            Ok(Some((PackNo(number.value()), PackRow::decode(row.value())?)))
        })? {
            visit(pack, &row.info, row.presence);
        }
        Ok(())
    }

    /// The bits of the volumes that hold a good copy of a pack; none for an unknown pack.
    pub fn presence(&self, pack: PackNo) -> Result<u64, CatalogError> {
        self.shielded(|| Ok(self.row(pack)?.map_or(0, |row| row.presence)))
    }

    /// Which volume each slot stands for.
    pub fn slots(&self) -> Result<Vec<(VolumeSlot, VolumeId)>, CatalogError> {
        self.shielded(|| {
            let mut slots = Vec::new();
            for entry in self.snapshot().slots.iter().doing("list its volumes")? {
                let (slot, volume) = entry.doing("list its volumes")?;
                slots.push((VolumeSlot(slot.value()), VolumeId(*volume.value())));
            }
            Ok(slots)
        })
    }

    /// A small value that [`Batch::set_note`] kept.
    pub fn note(&self, name: &str) -> Result<Option<Vec<u8>>, CatalogError> {
        self.shielded(|| {
            let key = format!("{NOTE_PREFIX}{name}");
            let value = self.snapshot().meta.get(key.as_str()).doing("read a note")?;
            Ok(value.map(|value| value.value().to_vec()))
        })
    }

    /// How large the catalog is.
    pub fn stats(&self) -> Stats {
        let view = self.view();
        let unwritten = view.memory.len() as u64;
        let written: u64 = view.snapshot.runs.iter().map(|run| run.rows).sum();
        let file = self.path.as_ref().and_then(|path| fs::metadata(path).ok());
        Stats {
            chunk_rows: written + unwritten,
            chunk_rows_unwritten: unwritten,
            packs: view.states.iter().flatten().count() as u64,
            file_bytes: file.as_ref().map_or(0, open::bytes_taken),
        }
    }

    /// Says that what the catalog told was not true: the next open deletes it and starts empty.
    pub fn condemn(&self) {
        self.broken.store(true, Ordering::Relaxed);
        if let Some(guard) = &self.guard {
            // If this cannot be written the guard still says "in use": the next open checks.
            guard.set(Left::Broken).ok();
        }
    }

    fn row(&self, pack: PackNo) -> Result<Option<PackRow>, CatalogError> {
        let snapshot = self.snapshot();
        let row = snapshot.packs.get(pack.0).doing("look up a pack")?;
        row.map(|row| PackRow::decode(row.value())).transpose()
    }

    pub(crate) fn db(&self) -> &Database {
        self.db.as_ref().expect("only drop takes it")
    }

    pub(crate) fn view(&self) -> RwLockReadGuard<'_, View> {
        // Every change to the view is one assignment after another that cannot fail.
        self.view.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn view_mut(&self) -> RwLockWriteGuard<'_, View> {
        self.view.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.view().snapshot)
    }

    /// Runs `work`; a panic of the database (on pages that make no sense) becomes an error, and
    /// damage of either kind condemns the file.
    pub(crate) fn shielded<T>(
        &self,
        work: impl FnOnce() -> Result<T, CatalogError>,
    ) -> Result<T, CatalogError> {
        let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(PANICKED));
        let damaged = match &result {
            Err(CatalogError::Broken { .. }) => true,
            Err(CatalogError::Storage { source, .. }) => {
                matches!(**source, redb::Error::Corrupted(_))
            }
            _ => false,
        };
        if damaged {
            self.condemn();
        }
        result
    }
}

pub(crate) const PANICKED: CatalogError =
    CatalogError::Broken { what: "the database stopped on pages that make no sense" };

impl Drop for Catalog {
    fn drop(&mut self) {
        if self.path.is_none() {
            // In memory: nobody reads it again.
            return;
        }
        let unwritten = !self.view().memory.is_empty();
        let written =
            !unwritten || self.batch().and_then(|batch| batch.commit(Durability::Durable)).is_ok();
        let Some(db) = self.db.take() else { return };
        let closed = catch_unwind(AssertUnwindSafe(|| db.close().is_ok())).unwrap_or(false);
        let good = written && closed && !self.broken.load(Ordering::Relaxed);
        if let Some(guard) = self.guard.as_ref().filter(|_| good) {
            // Left as "in use" if this fails: one check too many.
            guard.set(Left::Cleanly).ok();
        }
    }
}
