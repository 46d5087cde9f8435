//! Changes to the catalog, all of a batch or none.
//!
//! A relaxed batch is visible at once and on disk some time later, in order: a crash takes the
//! catalog back to an earlier commit, never to half of one. Dropping a batch undoes it.

use std::collections::HashMap;
use std::sync::Arc;

use redb::{ReadableTable, WriteTransaction};
use types::{PackId, VolumeId};

use crate::catalog::{Catalog, MemoryRows, Snapshot, View};
use crate::error::Doing;
use crate::rows::{Key, PackRow, Place, key_of, pack_of, pack_place};
use crate::runs::{self, MEMORY_ROWS_MAX, Run, RunTables};
use crate::tables::{
    BLOCKS, INDEX, KEY_NEXT_PACK, KEY_UNFLUSHED, META, NOTE_PREFIX, PACK_NOS, PACKS, SLOTS,
};
use crate::{CatalogError, ChunkEntry, PackInfo, PackNo, PackState, VOLUMES_MAX, VolumeSlot};

/// What a commit promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A crash may take it back. The usual choice: packs are the truth.
    Relaxed,
    /// On disk, with every batch before it, when the commit returns.
    Durable,
}

/// Changes being gathered. Nothing is seen by readers before [`Self::commit`].
pub struct Batch<'a> {
    catalog: &'a Catalog,
    txn: WriteTransaction,
    rows: MemoryRows,
    /// Packs this batch touched; none once dropped.
    states: HashMap<PackNo, Option<PackState>>,
}

impl std::fmt::Debug for Batch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch").field("chunk_rows", &self.rows.len()).finish_non_exhaustive()
    }
}

impl<'a> Batch<'a> {
    pub(crate) fn new(catalog: &'a Catalog, txn: WriteTransaction) -> Self {
        Self { catalog, txn, rows: MemoryRows::default(), states: HashMap::new() }
    }

    /// The slot of a volume; the lowest free one for a volume not seen before.
    pub fn slot_for(&mut self, volume: VolumeId) -> Result<VolumeSlot, CatalogError> {
        const DOING: &str = "list its volumes";
        let txn = &self.txn;
        self.catalog.shielded(|| {
            let mut slots = txn.open_table(SLOTS).doing(DOING)?;
            let mut free = u64::MAX;
            for entry in slots.iter().doing(DOING)? {
                let (slot, known) = entry.doing(DOING)?;
                if *known.value() == volume.0 {
                    return Ok(VolumeSlot(slot.value()));
                }
                free &= !VolumeSlot(slot.value()).bit();
            }
            let slot = u8::try_from(free.trailing_zeros()).expect("at most 64");
            if slot >= VOLUMES_MAX {
                return Err(CatalogError::TooManyVolumes);
            }
            slots.insert(slot, &volume.0).doing(DOING)?;
            Ok(VolumeSlot(slot))
        })
    }

    /// The number of a pack, new if its name was not known. A pack that is known stays as it is.
    pub fn add_pack(&mut self, info: PackInfo) -> Result<PackNo, CatalogError> {
        const DOING: &str = "add a pack";
        let txn = &self.txn;
        let state = info.state;
        let (pack, new) = self.catalog.shielded(|| {
            let mut numbers = txn.open_table(PACK_NOS).doing(DOING)?;
            if let Some(number) = numbers.get(&info.id.0).doing(DOING)? {
                return Ok((PackNo(number.value()), false));
            }
            let mut meta = txn.open_table(META).doing(DOING)?;
            let next = meta.get(KEY_NEXT_PACK).doing(DOING)?;
            let next = next.and_then(|bytes| bytes.value().try_into().ok().map(u32::from_le_bytes));
            let next = next.ok_or(CatalogError::Broken { what: "the next pack number is gone" })?;
            let after = next
                .checked_add(1)
                .ok_or(CatalogError::Broken { what: "all pack numbers were given" })?;
            meta.insert(KEY_NEXT_PACK, after.to_le_bytes().as_slice()).doing(DOING)?;
            numbers.insert(&info.id.0, next).doing(DOING)?;
            let row = PackRow { info, presence: 0 };
            txn.open_table(PACKS).doing(DOING)?.insert(next, &row.encode()).doing(DOING)?;
            Ok((PackNo(next), true))
        })?;
        if new {
            self.states.insert(pack, Some(state));
        }
        Ok(pack)
    }

    /// Replaces what is known of a pack, all but its name and who holds it.
    pub fn set_pack(&mut self, pack: PackNo, info: PackInfo) -> Result<(), CatalogError> {
        let state = info.state;
        self.change_row(pack, |row| {
            let id = row.info.id;
            row.info = PackInfo { id, ..info };
        })?;
        self.states.insert(pack, Some(state));
        Ok(())
    }

    /// Says where the chunks of a pack are; wins over what was known of them.
    pub fn add_chunks(
        &mut self,
        pack: PackNo,
        chunks: impl IntoIterator<Item = ChunkEntry>,
    ) -> Result<(), CatalogError> {
        self.must_know(pack)?;
        for chunk in chunks {
            self.rows.insert(key_of(&chunk.id), pack_place(pack, &chunk)?);
        }
        Ok(())
    }

    /// Says where chunks are that have no place yet; the others keep theirs.
    pub fn add_chunks_if_absent(
        &mut self,
        pack: PackNo,
        chunks: impl IntoIterator<Item = ChunkEntry>,
    ) -> Result<(), CatalogError> {
        self.must_know(pack)?;
        let catalog = self.catalog;
        let view = catalog.view();
        for chunk in chunks {
            let (key, place) = (key_of(&chunk.id), pack_place(pack, &chunk)?);
            let known = |pack| state_in(&self.states, &view, pack).is_some();
            let here = self.rows.get(&key).is_some_and(|place| known(pack_of(place)));
            if !here && catalog.shielded(|| view.place(key, known))?.is_none() {
                self.rows.insert(key, place);
            }
        }
        Ok(())
    }

    /// Notes that a volume holds a good copy of a pack, or does not.
    pub fn set_presence(
        &mut self,
        pack: PackNo,
        volume: VolumeSlot,
        holds: bool,
    ) -> Result<(), CatalogError> {
        self.change_row(pack, |row| {
            if holds {
                row.presence |= volume.bit();
            } else {
                row.presence &= !volume.bit();
            }
        })
    }

    /// Notes what may be done with a pack.
    pub fn set_state(&mut self, pack: PackNo, state: PackState) -> Result<(), CatalogError> {
        self.change_row(pack, |row| row.info.state = state)?;
        self.states.insert(pack, Some(state));
        Ok(())
    }

    /// Forgets a pack, and with it every chunk place in it. Chunks that were pointed elsewhere
    /// since keep that place. Forgetting an unknown pack does nothing.
    pub fn drop_pack(&mut self, pack: PackNo) -> Result<(), CatalogError> {
        const DOING: &str = "forget a pack";
        let txn = &self.txn;
        self.catalog.shielded(|| {
            let mut packs = txn.open_table(PACKS).doing(DOING)?;
            let Some(row) = packs.remove(pack.0).doing(DOING)? else { return Ok(()) };
            let PackId(id) = PackRow::decode(row.value())?.info.id;
            txn.open_table(PACK_NOS).doing(DOING)?.remove(&id).doing(DOING)?;
            Ok(())
        })?;
        self.states.insert(pack, None);
        Ok(())
    }

    /// Forgets a volume: it holds nothing, and its slot may be given to another.
    pub fn forget_volume(&mut self, volume: VolumeId) -> Result<(), CatalogError> {
        const DOING: &str = "forget a volume";
        let txn = &self.txn;
        self.catalog.shielded(|| {
            let mut slots = txn.open_table(SLOTS).doing(DOING)?;
            let mut found = None;
            for entry in slots.iter().doing(DOING)? {
                let (slot, known) = entry.doing(DOING)?;
                if *known.value() == volume.0 {
                    found = Some(VolumeSlot(slot.value()));
                }
            }
            let Some(slot) = found else { return Ok(()) };
            slots.remove(slot.0).doing(DOING)?;
            let mut packs = txn.open_table(PACKS).doing(DOING)?;
            let mut holding = Vec::new();
            for entry in packs.iter().doing(DOING)? {
                let (number, row) = entry.doing(DOING)?;
                let mut row = PackRow::decode(row.value())?;
                if row.presence & slot.bit() != 0 {
                    row.presence &= !slot.bit();
                    holding.push((number.value(), row));
                }
            }
            for (number, row) in holding {
                packs.insert(number, &row.encode()).doing(DOING)?;
            }
            Ok(())
        })
    }

    /// Keeps a small value under a name.
    pub fn set_note(&mut self, name: &str, value: &[u8]) -> Result<(), CatalogError> {
        let txn = &self.txn;
        self.catalog.shielded(|| {
            let key = format!("{NOTE_PREFIX}{name}");
            let mut meta = txn.open_table(META).doing("keep a note")?;
            meta.insert(key.as_str(), value).doing("keep a note")?;
            Ok(())
        })
    }

    /// Makes the batch visible, whole.
    pub fn commit(self, durability: Durability) -> Result<(), CatalogError> {
        let Self { catalog, txn, rows, states } = self;
        catalog.shielded(|| commit(catalog, txn, rows, &states, durability))
    }

    fn must_know(&self, pack: PackNo) -> Result<(), CatalogError> {
        state_in(&self.states, &self.catalog.view(), pack)
            .map(|_| ())
            .ok_or(CatalogError::UnknownPack { pack })
    }

    fn change_row(
        &mut self,
        pack: PackNo,
        change: impl FnOnce(&mut PackRow),
    ) -> Result<(), CatalogError> {
        const DOING: &str = "change a pack";
        let txn = &self.txn;
        self.catalog.shielded(|| {
            let mut packs = txn.open_table(PACKS).doing(DOING)?;
            let row = packs.get(pack.0).doing(DOING)?;
            let old = row.map(|row| PackRow::decode(row.value())).transpose()?;
            let old = old.ok_or(CatalogError::UnknownPack { pack })?;
            let mut new = old.clone();
            change(&mut new);
            if new != old {
                packs.insert(pack.0, &new.encode()).doing(DOING)?;
            }
            Ok(())
        })
    }
}

fn state_in(
    batch: &HashMap<PackNo, Option<PackState>>,
    view: &View,
    pack: PackNo,
) -> Option<PackState> {
    batch.get(&pack).copied().unwrap_or_else(|| view.state(pack))
}

fn commit(
    catalog: &Catalog,
    mut txn: WriteTransaction,
    rows: MemoryRows,
    states: &HashMap<PackNo, Option<PackState>>,
    durability: Durability,
) -> Result<(), CatalogError> {
    const DOING: &str = "commit a batch";
    // Batches take turns, so what the view holds now is what it will hold when this one is done.
    let (unwritten, snapshot) = {
        let view = catalog.view();
        (view.memory.len(), Arc::clone(&view.snapshot))
    };
    let waiting = unwritten + rows.len();
    let flush = durability == Durability::Durable || waiting >= MEMORY_ROWS_MAX;
    let mut runs = snapshot.runs.clone();
    {
        let mut meta = txn.open_table(META).doing(DOING)?;
        if flush {
            meta.remove(KEY_UNFLUSHED).doing(DOING)?;
        } else if unwritten == 0 && !rows.is_empty() {
            meta.insert(KEY_UNFLUSHED, [].as_slice()).doing(DOING)?;
        }
    }
    if flush && waiting > 0 {
        flush_rows(catalog, &txn, &rows, states, &snapshot, &mut runs)?;
    }
    // A flush is always durable: the database reclaims pages only then, and fsync is cheap beside
    // a run. Without one the rows live in memory, so neither may the rest be promised.
    let level = if flush { redb::Durability::Immediate } else { redb::Durability::None };
    txn.set_durability(level)
        .map_err(|error| CatalogError::Storage { doing: DOING, source: Box::new(error.into()) })?;
    txn.commit().doing(DOING)?;
    // Committed but not to be seen: what is in memory no longer matches the file.
    let snapshot = Snapshot::take(catalog.db(), runs).inspect_err(|_| catalog.condemn())?;
    let snapshot = Arc::new(snapshot);
    let mut view = catalog.view_mut();
    if flush {
        view.memory = MemoryRows::default();
    } else if view.memory.is_empty() {
        view.memory = rows;
    } else {
        view.memory.extend(rows);
    }
    for (pack, state) in states {
        let index = pack.index();
        if view.states.len() <= index {
            view.states.resize(index + 1, None);
        }
        view.states[index] = *state;
    }
    view.snapshot = snapshot;
    Ok(())
}

/// Writes the rows in memory and those of the batch as a run, merged with newer runs of like size.
fn flush_rows(
    catalog: &Catalog,
    txn: &WriteTransaction,
    rows: &MemoryRows,
    states: &HashMap<PackNo, Option<PackState>>,
    snapshot: &Snapshot,
    runs: &mut Vec<Arc<Run>>,
) -> Result<(), CatalogError> {
    const DOING: &str = "store chunk rows";
    let (mut fresh, known) = {
        let view = catalog.view();
        let mut fresh: Vec<(Key, Place)> = Vec::with_capacity(view.memory.len() + rows.len());
        let older = view.memory.iter().filter(|(key, _)| !rows.contains_key(key));
        fresh.extend(older.chain(rows.iter()).map(|(key, place)| (*key, *place)));
        (fresh, view.states.clone())
    };
    fresh.sort_unstable_by_key(|(key, _)| *key);
    let keep = |place: &Place| {
        let pack = pack_of(place);
        let before = || known.get(usize::try_from(pack.0).ok()?).copied().flatten();
        states.get(&pack).copied().unwrap_or_else(before).is_some()
    };
    let older = runs.split_off(runs.len() - runs::runs_to_merge(runs, fresh.len()));
    let last = older.last().or(runs.last()).map_or(0, |run| run.number);
    let mut tables = RunTables {
        blocks: txn.open_table(BLOCKS).doing(DOING)?,
        index: txn.open_table(INDEX).doing(DOING)?,
    };
    let number =
        last.checked_add(1).ok_or(CatalogError::Broken { what: "all run numbers were given" })?;
    let run = runs::write_merged(number, &fresh, &older, &snapshot.blocks, &mut tables, keep)?;
    if run.rows > 0 {
        runs.push(Arc::new(run));
    }
    Ok(())
}
