//! The catalog alone: look-ups in the large vault's own, and filling an empty one.
//!
//! Start at [`lookups`] and [`insert`].

use catalog::{Catalog, ChunkEntry, Durability, PackInfo, PackState, Stats};
use types::{PackId, SpaceId, VaultId, VolumeId};

use crate::Outcome;
use crate::acts::must;
use crate::measure::{cpu, rate};
use crate::place::Place;
use crate::shape::{CHUNK_LEN, PER_PACK, Shape, chunk_id};

/// Cache of the database, as the product sets it.
const CACHE: usize = 16 << 20;
/// Samples looked up.
const SAMPLES: u64 = 100_000;
/// Packs of one batch: what a rebuild uses.
const BATCH_PACKS: u64 = 256;

/// How large the vault's catalog is. No other process may have it.
pub(crate) fn stats(place: &Place) -> Outcome<Stats> {
    let disks = place.disks(false)?;
    let vault = volume::Volume::open(std::sync::Arc::clone(&disks[0]) as _)?.0.vault();
    let (catalog, opened) = Catalog::open(Some(&place.catalog()), vault, CACHE)?;
    must(opened == catalog::Opened::Existing, || format!("{opened:?}"))?;
    Ok(catalog.stats())
}

/// Samples of known and of strange chunks: each known one lies where arithmetic says.
pub(crate) fn lookups(place: &Place, shape: Shape) -> Outcome<String> {
    let disks = place.disks(false)?;
    let vault = volume::Volume::open(std::sync::Arc::clone(&disks[0]) as _)?.0.vault();
    let (catalog, _) = Catalog::open(Some(&place.catalog()), vault, CACHE)?;
    // A step that shares no factor with the count visits the chunks in no order.
    let step = 7_368_787;
    let (mut known, mut begun) = (0, cpu());
    for n in 0..SAMPLES {
        let number = n * step % shape.chunks;
        let Some(place) = catalog.chunk(&chunk_id(number))? else { continue };
        known += 1;
        let frame = u64::from(place.frame);
        must(frame == number % PER_PACK && place.len == CHUNK_LEN, || format!("{place:?}"))?;
    }
    let known_rate = rate(SAMPLES, begun);
    let pruned = shape.dead_packs() * PER_PACK * SAMPLES / shape.chunks;
    must(known < SAMPLES && known > SAMPLES - 2 * pruned - 100, || format!("{known} known"))?;
    begun = cpu();
    for n in 0..SAMPLES {
        let place = catalog.chunk(&chunk_id(shape.chunks + n))?;
        must(place.is_none(), || format!("a stranger is at {place:?}"))?;
    }
    let strange_rate = rate(SAMPLES, begun);
    let Stats { chunk_rows, file_bytes, .. } = catalog.stats();
    let each = file_bytes / chunk_rows.max(1);
    Ok(format!(
        "known={known} known_per_cpu_second={known_rate} strange_per_cpu_second={strange_rate} \
         rows={chunk_rows} bytes_an_entry={each}"
    ))
}

/// Fills an empty catalog, in the order in which a rebuild meets the packs.
pub(crate) fn insert(place: &Place, shape: Shape) -> Outcome<String> {
    let path = place.dir.join("insert.redb");
    let vault = VaultId([9; 16]);
    let begun = cpu();
    {
        let (catalog, _) = Catalog::open(Some(&path), vault, CACHE)?;
        for first in (0..shape.packs()).step_by(usize::try_from(BATCH_PACKS)?) {
            let mut batch = catalog.batch()?;
            let slot = batch.slot_for(VolumeId([1; 16]))?;
            for pack in first..(first + BATCH_PACKS).min(shape.packs()) {
                let no = batch.add_pack(pack_info(pack))?;
                let chunks = pack * PER_PACK..((pack + 1) * PER_PACK).min(shape.chunks);
                batch.add_chunks(no, chunks.map(entry))?;
                batch.set_presence(no, slot, true)?;
            }
            batch.commit(Durability::Relaxed)?;
        }
        catalog.batch()?.commit(Durability::Durable)?;
    }
    let inserted = rate(shape.chunks, begun);
    let (catalog, _) = Catalog::open(Some(&path), vault, CACHE)?;
    let stats = catalog.stats();
    must(stats.chunk_rows == shape.chunks, || format!("{stats:?}"))?;
    drop(catalog);
    std::fs::remove_file(&path)?;
    let each = stats.file_bytes / shape.chunks;
    Ok(format!("inserts_per_cpu_second={inserted} bytes_an_entry={each}"))
}

fn pack_info(pack: u64) -> PackInfo {
    let id = PackId(*blake3::hash(&pack.to_le_bytes()).as_bytes());
    let (raw_len, objects) = (PER_PACK * u64::from(CHUNK_LEN), 16);
    let space = SpaceId([2; 16]);
    PackInfo { id, kind: 1, space, len: 16 << 20, raw_len, objects, state: PackState::Live }
}

fn entry(number: u64) -> ChunkEntry {
    let frame = u16::try_from(number % PER_PACK).expect("16 a pack");
    let frame_offset = u32::from(frame) * (CHUNK_LEN + 100);
    ChunkEntry { id: chunk_id(number), frame, frame_offset, raw_offset: 0, len: CHUNK_LEN }
}
