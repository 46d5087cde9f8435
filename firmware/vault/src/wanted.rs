//! Every pack that a head counts on, shown one by one: a list of a million is read a part at a
//! time and never held.
//!
//! Reads objects of the system space. Start at [`Wanted::each`].

use std::collections::HashSet;

use format::head::HeadPayload;
use format::pack::PackKind;
use format::record::{PackEntry, PackList, PackShard};
use types::{ObjectId, PackId, SpaceId};

use crate::Vault;
use crate::error::VaultError;

/// The packs of a head: the stored list, the recent, less the gone.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    shards: Vec<ObjectId>,
    recent: Vec<PackEntry>,
    /// What the stored list has and is not to be shown from there.
    passed: HashSet<PackId>,
}

impl Wanted {
    /// The packs of `payload`, whose state names `list`.
    pub(crate) fn new(payload: &HeadPayload, list: &PackList) -> Self {
        let mut recent = payload.recent.clone();
        recent.sort_by_key(|entry| entry.id);
        recent.dedup_by_key(|entry| entry.id);
        let passed = payload.gone.iter().copied().chain(recent.iter().map(|entry| entry.id));
        let passed = passed.collect();
        Self { shards: list.shards.iter().flatten().copied().collect(), recent, passed }
    }

    /// The objects that the stored list is made of.
    pub(crate) fn objects(&self) -> &[ObjectId] {
        &self.shards
    }

    /// Shows each pack once.
    pub(crate) fn each(
        &self,
        vault: &Vault,
        mut visit: impl FnMut(&PackEntry) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        for shard in &self.shards {
            let bytes = vault.object(SpaceId::SYSTEM, PackKind::Meta, shard)?;
            let shard: PackShard = format::from_cbor("pack list", &bytes)?;
            let stored = shard.packs.iter().filter(|entry| !self.passed.contains(&entry.id));
            stored.into_iter().try_for_each(&mut visit)?;
        }
        self.recent.iter().try_for_each(visit)
    }
}
