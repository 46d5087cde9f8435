//! What would be missing if one volume went: asked before anybody is told that a disk may be pulled.
//!
//! Answers from the catalog, and believes it: `retire` reads every byte before it lets a disk go.
//! Start at [`Vault::only_on`].

use std::collections::BTreeMap;

use catalog::PackState;
use plan::volumes::VolumeFacts;
use types::VolumeId;

use crate::Vault;
use crate::error::VaultError;

/// How many copies there are of what is kept, on disks that answer now. Two volumes on one disk are
/// one copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CopiesHere {
    /// Packs that can be read from one disk only.
    pub single: u64,
    /// Copies of the pack that has the fewest, on disks that stay; none when there is no pack.
    pub fewest: Option<u8>,
}

impl Vault {
    /// How many copies there are of what is kept.
    pub fn copies_here(&self) -> Result<CopiesHere, VaultError> {
        let facts = self.members().facts(&self.catalog.slots()?);
        let readable = disks(&facts, VolumeFacts::readable);
        let staying = disks(&facts, VolumeFacts::counts);
        let on =
            |disks: &[u64], presence: u64| disks.iter().filter(|d| presence & **d != 0).count();
        let mut found = CopiesHere::default();
        self.catalog.visit_packs(|_, info, presence| {
            if info.state == PackState::Dying {
                return;
            }
            found.single += u64::from(on(&readable, presence) == 1);
            let copies = u8::try_from(on(&staying, presence)).unwrap_or(u8::MAX);
            found.fewest = Some(found.fewest.map_or(copies, |fewest| fewest.min(copies)));
        })?;
        Ok(found)
    }

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

/// For each disk the bits of its volumes, of those that are wanted.
pub(crate) fn disks(facts: &[VolumeFacts], wanted: impl Fn(&VolumeFacts) -> bool) -> Vec<u64> {
    let mut disks: BTreeMap<&str, u64> = BTreeMap::new();
    for volume in facts.iter().filter(|volume| wanted(volume)) {
        *disks.entry(&volume.serial).or_default() |= 1 << volume.slot;
    }
    disks.into_values().collect()
}
