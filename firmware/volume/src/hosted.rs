//! What this disk keeps for friends: their sealed packs as plain files with an outboard beside each,
//! and a few notes of two copies each. No key, one disk, never in the way of the volume's own packs.
//!
//! A friend is known by a public key and nothing else; who may ask for what, and when something may
//! go, is decided elsewhere. A [`Receipt`] is given once bytes and name are durable and the bytes were
//! read back and proven, so after any power cut a pack that was receipted is there and whole, and one
//! that was not can be told from it. Layout: `docs/formats/hosted.md`; why: ADR 28.
//! Start at [`Hosted::begin`], then [`Hosted::open`].

use std::collections::BTreeSet;
use std::sync::Arc;

use types::{Bytes, OwnerKey, PackId};

use crate::disk::EntryKind;
use crate::error::VolumeError;
use crate::volume::{Core, Volume};

pub(crate) mod accounts;
mod answer;
mod claim;
mod error;
mod gathered;
mod incoming;
mod names;
mod notes;
mod scrub;
mod trash;

pub use accounts::Totals;
pub use answer::KeptPack;
pub use error::HostedError;
pub use incoming::{Begun, Incoming, Receipt};
pub use notes::HeldHead;
pub use scrub::{BadPack, ScrubPoint, Scrubbed};
pub use trash::{Day, InTrash, Moved, Purged};

/// What a volume keeps for friends. Clones are handles on the same.
#[derive(Clone, Debug)]
pub struct Hosted {
    pub(crate) core: Arc<Core>,
}

/// A pack that is kept for a friend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostedPack {
    /// Its name.
    pub id: PackId,
    /// Length of the file.
    pub len: Bytes,
}

impl Volume {
    /// What it keeps for friends.
    pub fn hosted(&self) -> Hosted {
        Hosted { core: Arc::clone(&self.core) }
    }
}

impl Hosted {
    /// Everybody for whom there is a folder, in order.
    pub fn owners(&self) -> Result<Vec<OwnerKey>, HostedError> {
        Ok(owners(&self.core)?)
    }

    /// What is kept for a friend, in numbers. Read from the folder once, then counted along.
    pub fn totals(&self, owner: OwnerKey) -> Result<Totals, HostedError> {
        self.core.read_anew(|unread| unread == owner)?;
        let totals = |all: &mut accounts::Accounts| {
            all.get(&owner).map(accounts::Account::totals).unwrap_or_default()
        };
        Ok(self.core.with_accounts(totals)?)
    }

    /// Up to `max` of a friend's packs in order of name, those behind `after`; unchecked, and without
    /// those in the trash. Memory: the names of one folder of 256.
    pub fn list(
        &self,
        owner: OwnerKey,
        after: Option<PackId>,
        max: usize,
    ) -> Result<Vec<HostedPack>, HostedError> {
        let (mut found, first) = (Vec::new(), after.map_or(0, |id| id.0[0]));
        for prefix in prefixes(&self.core, owner, first)? {
            let here = packs_in(&self.core, &names::packs(owner, prefix))?;
            found.extend(here.into_iter().filter(|pack| after.is_none_or(|after| pack.id > after)));
            if found.len() >= max {
                found.truncate(max);
                break;
            }
        }
        Ok(found)
    }

    /// Packs that have begun to come and are not there, and how long their files are.
    pub fn list_incoming(&self, owner: OwnerKey) -> Result<Vec<HostedPack>, HostedError> {
        let entries = self.core.list(&names::incoming(owner))?.into_iter();
        let files = entries.filter(|entry| entry.kind == EntryKind::File);
        let parts = files.filter_map(|entry| {
            Some(HostedPack { id: names::part_id(&entry.name)?, len: Bytes(entry.len) })
        });
        Ok(parts.collect())
    }
}

pub(crate) fn owners(core: &Core) -> Result<Vec<OwnerKey>, VolumeError> {
    let entries = core.list(names::FRIENDS)?.into_iter();
    let folders = entries.filter(|entry| entry.kind == EntryKind::Folder);
    let found: BTreeSet<OwnerKey> =
        folders.filter_map(|entry| names::owner_of_name(&entry.name)).collect();
    Ok(found.into_iter().collect())
}

/// First bytes of names for which there is a folder, in order, from one of them on.
fn prefixes(core: &Core, owner: OwnerKey, from: u8) -> Result<Vec<u8>, VolumeError> {
    let entries = core.list(&names::all_packs(owner))?.into_iter();
    let prefixes = entries.filter_map(|entry| names::prefix_of_name(&entry.name));
    Ok(prefixes.filter(|prefix| *prefix >= from).collect())
}

/// The packs in one folder, in order of name. What is longer than any pack is none.
fn packs_in(core: &Core, folder: &str) -> Result<Vec<HostedPack>, VolumeError> {
    let entries = core.list(folder)?.into_iter();
    let files = entries
        .filter(|entry| entry.kind == EntryKind::File && entry.len <= format::pack::SIZE_MAX);
    let packs = files.filter_map(|entry| {
        Some(HostedPack { id: names::pack_id(&entry.name)?, len: Bytes(entry.len) })
    });
    Ok(packs.collect())
}
