//! Volumes that left while they were away, as far as this computer remembers.
//!
//! Their own heads do not say so, and the heads that do may be on disks that cannot be read when one of
//! these comes back: alone, it would take itself for the vault, and acknowledge what the others then
//! drop. One more thing that is known: like all of the catalog it may be lost. Start at [`all`].

use std::collections::BTreeSet;

use catalog::{Catalog, Durability};
use types::VolumeId;

use crate::error::VaultError;

/// Catalog note: the ids, one after the other.
const NOTE: &str = "struck-off";

/// All of them.
pub(crate) fn all(catalog: &Catalog) -> Result<BTreeSet<VolumeId>, VaultError> {
    let note = catalog.note(NOTE)?.unwrap_or_default();
    let ids = note.chunks_exact(size_of::<VolumeId>());
    Ok(ids.filter_map(|id| id.try_into().ok().map(VolumeId)).collect())
}

/// One more, for good: a head says so already.
pub(crate) fn remember(catalog: &Catalog, id: VolumeId) -> Result<(), VaultError> {
    let mut ids = all(catalog)?;
    ids.insert(id);
    let note: Vec<u8> = ids.into_iter().flat_map(|id| id.0).collect();
    let mut batch = catalog.batch()?;
    batch.set_note(NOTE, &note)?;
    Ok(batch.commit(Durability::Durable)?)
}
