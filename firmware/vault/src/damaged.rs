//! Which copies were found damaged and not mended yet, remembered between runs.
//!
//! A damaged file still stands in its folder under its name; without this the next opening would
//! take it for a good copy again. Kept in the catalog: when that is lost, a check finds them anew.
//! Start at [`Vault::damaged_copies`].

use std::collections::BTreeSet;

use catalog::Catalog;
use types::{PackId, VolumeId};

use crate::Vault;
use crate::error::VaultError;

/// The catalog's note: pairs of pack and volume, one after the other.
const NOTE: &str = "damaged";
const PAIR_LEN: usize = PackId::LEN + VolumeId::LEN;

/// The same, for whoever has the catalog only.
pub(crate) fn listed(catalog: &Catalog) -> Result<BTreeSet<(PackId, VolumeId)>, VaultError> {
    let note = catalog.note(NOTE)?.unwrap_or_default();
    let pairs = note.chunks_exact(PAIR_LEN).filter_map(|pair| {
        let (pack, volume) = pair.split_at(PackId::LEN);
        Some((PackId::from_slice(pack)?, VolumeId::from_slice(volume)?))
    });
    Ok(pairs.collect())
}

impl Vault {
    /// The copies that are not to be counted on.
    pub(crate) fn damaged_copies(&self) -> Result<BTreeSet<(PackId, VolumeId)>, VaultError> {
        listed(&self.catalog)
    }

    /// Changes that list. Two may do so at once: what is read for a change is read while nobody else
    /// has a batch.
    pub(crate) fn note_damaged(
        &self,
        change: impl FnOnce(&mut BTreeSet<(PackId, VolumeId)>),
    ) -> Result<(), VaultError> {
        let mut batch = self.catalog.batch()?;
        let before = self.damaged_copies()?;
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return Ok(());
        }
        let note: Vec<u8> = after
            .iter()
            .flat_map(|(pack, volume)| [pack.0.as_slice(), volume.0.as_slice()].concat())
            .collect();
        batch.set_note(NOTE, &note)?;
        batch.commit(catalog::Durability::Durable)?;
        Ok(())
    }
}
