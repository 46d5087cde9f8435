//! Catalogs of many chunks that no vault has: what is measured is the catalog alone.
//!
//! Everything follows from numbers, so that two runs measure the same. Start at [`fill`].

use std::ops::Range;
use std::path::Path;

use catalog::{Catalog, CatalogError, ChunkEntry, Durability, PackInfo, PackState};
use types::{ChunkId, PackId, SpaceId, VaultId};

/// Chunks in one pack.
pub const PER_PACK: usize = 16;
/// Chunks that are entered in one commit.
pub const PER_BATCH: usize = 10_000;

/// Bytes of the database's cache, as the product sets it.
const CACHE_LEN: usize = 16 << 20;

/// Opens the catalog at a path, or makes it there.
pub fn open(path: &Path) -> Result<Catalog, CatalogError> {
    Catalog::open(Some(path), VaultId([7; 16]), CACHE_LEN).map(|(catalog, _)| catalog)
}

/// The names of chunks.
pub fn ids(numbers: Range<u64>) -> Vec<ChunkId> {
    numbers.map(|n| ChunkId(*blake3::hash(&n.to_le_bytes()).as_bytes())).collect()
}

/// Enters chunks, in packs and in batches.
pub fn fill(catalog: &Catalog, chunks: &[ChunkId]) -> Result<(), CatalogError> {
    for in_batch in chunks.chunks(PER_BATCH) {
        let mut batch = catalog.batch()?;
        for in_pack in in_batch.chunks(PER_PACK) {
            let number = batch.add_pack(PackInfo {
                id: PackId(*blake3::hash(&in_pack[0].0).as_bytes()),
                kind: 1,
                space: SpaceId::SYSTEM,
                len: 1,
                raw_len: 1,
                objects: u32::try_from(in_pack.len()).expect("few in one pack"),
                state: PackState::Live,
            })?;
            let entry = |id| ChunkEntry { id, frame: 1, frame_offset: 2, raw_offset: 3, len: 4 };
            batch.add_chunks(number, in_pack.iter().copied().map(entry))?;
        }
        batch.commit(Durability::Relaxed)?;
    }
    Ok(())
}
