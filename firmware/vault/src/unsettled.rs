//! Which absent volumes may hold what nobody here knows of.
//!
//! While a vault is open, its memory knows every object of every open pack. A vault that was closed has
//! sealed them, and its catalog knows them all. One that was killed leaves them to be read from the
//! volumes themselves, by the next open; and a volume that is away then may have been the only one that
//! took the last versions. The catalog remembers which volumes are attached, durably and before
//! anything is stored, until all of it is sealed. Start at [`note_open`].

use std::collections::BTreeSet;

use catalog::{Catalog, Durability, Opened};
use types::VolumeId;
use types::sabotage::{self, Bug};

use crate::Vault;
use crate::error::VaultError;
use crate::members::{Member, Members};

/// Catalog note: the ids, one after the other.
const NOTE: &str = "open-with";

impl Vault {
    /// Volumes that are away and may hold versions that no other volume has and no catalog lists: they
    /// were part of the vault when it stopped without being closed, or this catalog never met them.
    /// Not to be struck off because the catalog names nothing on them that is not elsewhere too.
    pub fn unsettled(&self) -> BTreeSet<VolumeId> {
        let absent = self.members().absent();
        absent.into_iter().filter(|id| self.unsettled.contains(id)).collect()
    }
}

/// A vault opens, and these volumes are away: which of them are unsettled.
pub(crate) fn find(
    catalog: &Catalog,
    opened: &Opened,
    absent: &[VolumeId],
) -> Result<BTreeSet<VolumeId>, VaultError> {
    if matches!(opened, Opened::Existing) {
        let noted = noted(catalog)?;
        return Ok(absent.iter().copied().filter(|id| noted.contains(id)).collect());
    }
    let all: BTreeSet<_> = absent.iter().copied().collect();
    if !all.is_empty() {
        note(catalog, &all)?;
    }
    Ok(all)
}

/// Something is about to be stored that the catalog will not know of before it is sealed.
pub(crate) fn note_open(catalog: &Catalog, members: &Members) -> Result<(), VaultError> {
    if sabotage::on(Bug::UnsettledForgotten) {
        return Ok(());
    }
    let before = noted(catalog)?;
    let with = members.attached.iter().map(Member::id).chain(before.iter().copied()).collect();
    if with == before { Ok(()) } else { note(catalog, &with) }
}

/// All that the attached volumes hold is sealed, and durably in the catalog.
pub(crate) fn note_closed(vault: &Vault) -> Result<(), VaultError> {
    note(&vault.catalog, &vault.unsettled())
}

fn noted(catalog: &Catalog) -> Result<BTreeSet<VolumeId>, VaultError> {
    let note = catalog.note(NOTE)?.unwrap_or_default();
    let ids = note.chunks_exact(size_of::<VolumeId>());
    Ok(ids.filter_map(|id| id.try_into().ok().map(VolumeId)).collect())
}

fn note(catalog: &Catalog, ids: &BTreeSet<VolumeId>) -> Result<(), VaultError> {
    let note: Vec<u8> = ids.iter().flat_map(|id| id.0).collect();
    let mut batch = catalog.batch()?;
    batch.set_note(NOTE, &note)?;
    Ok(batch.commit(Durability::Durable)?)
}
