//! Since when small packs are sealed, for a day: they wait that long to be merged before they leave the
//! house.
//!
//! A note of the catalog. When it is lost, small packs go at once, and are sent once more when they were
//! merged: nothing else. Start at [`note_sealed`].

use std::collections::HashMap;

use catalog::{Catalog, Durability};
use format::record::PackEntry;
use plan::gc::SMALL_PACK;
use plan::offsite::place::SMALL_WAIT;
use types::{PackId, UnixTime};

use crate::error::VaultError;

/// The catalog's note: pack and time, one after the other, oldest first.
const NOTE: &str = "young";
const ENTRY_LEN: usize = PackId::LEN + 8;
/// Packs that are remembered at most, 160 KiB: the note is written anew for each. The oldest of more count
/// as old.
const YOUNG_MAX: usize = 4_096;

/// A pack was sealed now.
pub(crate) fn note_sealed(
    catalog: &Catalog,
    entry: &PackEntry,
    now: UnixTime,
) -> Result<(), VaultError> {
    if entry.len >= SMALL_PACK {
        return Ok(());
    }
    let mut batch = catalog.batch()?;
    let mut young = read(catalog)?;
    young.retain(|(_, at)| is_young(*at, now));
    young.push((entry.id, now));
    let passed = young.len().saturating_sub(YOUNG_MAX);
    let kept = young[passed..].iter();
    let note: Vec<u8> =
        kept.flat_map(|(id, at)| [&id.0[..], &at.0.to_le_bytes()].concat()).collect();
    batch.set_note(NOTE, &note)?;
    Ok(batch.commit(Durability::Relaxed)?)
}

/// The packs that wait. What a clock that was wrong called sealed in the future does not wait.
pub(super) fn young(
    catalog: &Catalog,
    now: UnixTime,
) -> Result<HashMap<PackId, UnixTime>, VaultError> {
    let young = read(catalog)?.into_iter();
    Ok(young.filter(|(_, at)| is_young(*at, now)).collect())
}

fn is_young(at: UnixTime, now: UnixTime) -> bool {
    at <= now && now.since(at) < SMALL_WAIT
}

fn read(catalog: &Catalog) -> Result<Vec<(PackId, UnixTime)>, VaultError> {
    let note = catalog.note(NOTE)?.unwrap_or_default();
    let (entries, _) = note.as_chunks::<ENTRY_LEN>();
    let pair = |entry: &[u8; ENTRY_LEN]| {
        let (id, at) = entry.split_at(PackId::LEN);
        Some((PackId::from_slice(id)?, UnixTime(i64::from_le_bytes(at.try_into().ok()?))))
    };
    Ok(entries.iter().filter_map(pair).collect())
}
