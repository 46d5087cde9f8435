//! Which absent volumes may hold what nobody here knows of.
//!
//! While a vault is open, its memory knows every object of every open pack. A vault that was closed has
//! sealed them, and its catalog knows them all. One that was killed leaves them to be read from the
//! volumes themselves, by the next open; and a volume that is away then may have been the only one that
//! took the last versions. The catalog remembers which volumes are attached, durably and before
//! anything is stored, until all of it is sealed. Start at [`note_open`].

use std::collections::BTreeSet;

use catalog::{Catalog, Durability};
use types::VolumeId;
use types::sabotage::{self, Bug};

use crate::Vault;
use crate::error::VaultError;
use crate::members::{Member, Members};

/// Catalog note: the ids, one after the other.
const NOTE: &str = "open-with";

impl Vault {
    /// Volumes that are away, or failed while the vault was opened, and may hold versions that no other
    /// volume has and no catalog lists: they were part of the vault when it stopped without being closed,
    /// or this catalog never met them. Not to be struck off because the catalog names nothing on them that
    /// is not elsewhere too.
    pub fn unsettled(&self) -> BTreeSet<VolumeId> {
        let absent = self.members().absent();
        absent.into_iter().filter(|id| self.unsettled.contains(id)).collect()
    }
}

/// Volumes of which the catalog does not know whether it knows all that is on them: those that are named
/// by its note, or all of them where it has none, because it is new or was made by an older program. To be
/// asked before anything is put in order, which may note more.
pub(crate) fn suspects(
    catalog: &Catalog,
    all: impl Iterator<Item = VolumeId>,
) -> Result<BTreeSet<VolumeId>, VaultError> {
    if let Some(noted) = noted(catalog)? {
        return Ok(noted);
    }
    let all = all.collect();
    note(catalog, &all)?;
    Ok(all)
}

/// Something is about to be stored that the catalog will not know of before it is sealed.
pub(crate) fn note_open(catalog: &Catalog, members: &Members) -> Result<(), VaultError> {
    if sabotage::on(Bug::UnsettledForgotten) {
        return Ok(());
    }
    let before = noted(catalog)?.unwrap_or_default();
    let with = members.attached.iter().map(Member::id).chain(before.iter().copied()).collect();
    if with == before { Ok(()) } else { note(catalog, &with) }
}

/// All that was stored is sealed, and durably in the catalog.
pub(crate) fn note_closed(vault: &Vault) -> Result<(), VaultError> {
    note(&vault.catalog, &vault.unsettled)
}

fn noted(catalog: &Catalog) -> Result<Option<BTreeSet<VolumeId>>, VaultError> {
    let Some(note) = catalog.note(NOTE)? else { return Ok(None) };
    let ids = note.chunks_exact(size_of::<VolumeId>());
    Ok(Some(ids.filter_map(|id| id.try_into().ok().map(VolumeId)).collect()))
}

fn note(catalog: &Catalog, ids: &BTreeSet<VolumeId>) -> Result<(), VaultError> {
    let note: Vec<u8> = ids.iter().flat_map(|id| id.0).collect();
    let mut batch = catalog.batch()?;
    batch.set_note(NOTE, &note)?;
    Ok(batch.commit(Durability::Durable)?)
}
