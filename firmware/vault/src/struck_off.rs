//! Striking a volume off the vault, and those that left while they were away, as far as this computer
//! remembers.
//!
//! The heads of those do not say so, and the heads that do may be on disks that cannot be read when one
//! of them comes back: alone, it would take itself for the vault, and acknowledge what the others then
//! drop. What is remembered may be lost, like all of the catalog. That nothing depends on a volume is
//! proved elsewhere, before. Start at [`Vault::leave`].

use std::collections::BTreeSet;

use catalog::{Catalog, Durability};
use format::head::VolumeState;
use types::VolumeId;

use crate::Vault;
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

impl Vault {
    /// Whether this volume was struck off, and is no part of the vault any more.
    pub fn has_left(&self, id: VolumeId) -> bool {
        let members = self.members();
        let known = members.registry.get(&id).map(|entry| entry.state);
        known == Some(VolumeState::Removed) && members.get(id).is_none()
    }

    /// Strikes a volume off: `removed` in the registry, its copies forgotten, detached here. It
    /// gets the head that says so, too: brought back alone by an old vault file, it must not take
    /// itself for a member.
    pub(crate) fn leave(&self, id: VolumeId) -> Result<(), VaultError> {
        // Its slot is free before it is gone: nobody may be given it in between.
        let _membership = self.membership();
        let before = self.members_mut().set_leaving(id, true, VolumeState::Removed);
        self.reader.forget_all();
        let written = {
            let mut writer = self.writer();
            writer.head_due = true;
            writer.write_head()
        };
        let written = written.and_then(|()| remember(&self.catalog, id));
        if written.is_err() {
            // No head says so: whoever asks must not be told that it has left.
            self.members_mut().set_leaving(id, false, before.unwrap_or(VolumeState::Absent));
            return written;
        }
        let mut batch = self.catalog.batch()?;
        batch.forget_volume(id)?;
        batch.commit(Durability::Relaxed)?;
        self.members_mut().attached.retain(|member| member.id() != id);
        self.reader.forget_all();
        written
    }
}
