//! What would be missing if one volume went: asked before anybody is told that a disk may be pulled.
//!
//! Answers from the catalog, and believes it: `retire` reads every byte before it lets a disk go.
//! Start at [`Vault::only_on`].

use std::collections::BTreeMap;

use types::VolumeId;

use crate::Vault;
use crate::error::VaultError;

impl Vault {
    /// How many copies could be made now of packs that have too few: 0 when none is missing, and
    /// when no disk is here that could take them.
    pub fn can_be_copied(&self) -> Result<u64, VaultError> {
        let facts = self.members().facts(&self.catalog.slots()?);
        let (packs, _) = self.pack_facts(|pack| !plan::repair::is_settled(pack, &facts))?;
        Ok(plan::repair::repair(&packs, &facts).actions.len() as u64)
    }

    /// For each volume that the vault knows, attached or not: how many packs it holds that no other
    /// volume which answers has. A volume whose disk was pulled is noticed here only when it is used
    /// next; `gone` says of which the caller knows better.
    pub fn only_on(
        &self,
        gone: impl Fn(VolumeId) -> bool,
    ) -> Result<BTreeMap<VolumeId, u64>, VaultError> {
        let slots = self.catalog.slots()?;
        let members = self.members();
        let answers = |id: VolumeId| {
            members.get(id).is_some_and(|member| member.failed.is_none()) && !gone(id)
        };
        let answering = slots
            .iter()
            .filter(|(_, id)| answers(*id))
            .fold(0_u64, |set, (slot, _)| set | slot.bit());
        let mut only: BTreeMap<VolumeId, u64> = slots.iter().map(|(_, id)| (*id, 0)).collect();
        self.catalog.visit_packs(|_, _, presence| {
            for (slot, id) in slots.iter().filter(|(slot, _)| presence & slot.bit() != 0) {
                if presence & answering & !slot.bit() == 0 {
                    *only.entry(*id).or_default() += 1;
                }
            }
        })?;
        Ok(only)
    }
}
