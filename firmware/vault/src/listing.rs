//! Which pack files the attached volumes list, sorted and small: a million packs are 48 MB.
//!
//! Reads folders, nothing else. Start at [`Listing::take`].

use format::pack::PackKind;
use types::{PackId, VolumeId};

use crate::Vault;
use crate::error::VaultError;

/// A pack file that at least one attached volume lists.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listed {
    pub(crate) id: PackId,
    pub(crate) kind: PackKind,
    /// A bit for each volume of the listing: attached ones have slots, so they are 64 at most.
    on: u64,
}

/// What the attached volumes list.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    volumes: Vec<VolumeId>,
    /// Sorted by id, each once.
    packs: Vec<Listed>,
}

impl Listing {
    /// Asks every attached volume; one that fails at it is demoted.
    pub(crate) fn take(vault: &Vault, findings: &mut Vec<String>) -> Result<Self, VaultError> {
        let mut listing = Self::default();
        let mut failed = Vec::new();
        for member in vault.members().attached.iter().filter(|member| member.failed.is_none()) {
            let bit = 1_u64 << listing.volumes.len();
            let known = listing.packs.len();
            let packs = &mut listing.packs;
            let listed = member.volume.visit_packs(|file| {
                match packs[..known].binary_search_by_key(&file.id, |listed| listed.id) {
                    Ok(at) => packs[at].on |= bit,
                    Err(_) => packs.push(Listed { id: file.id, kind: file.kind, on: bit }),
                }
            });
            match listed {
                Ok(odd) => {
                    findings.extend(odd.iter().map(|found| format!("{}: {found}", member.label)));
                }
                Err(error) => {
                    // What it listed before it failed is not to be counted on.
                    packs.truncate(known);
                    packs.iter_mut().for_each(|listed| listed.on &= !bit);
                    failed.push((member.id(), error.into()));
                    continue;
                }
            }
            listing.volumes.push(member.id());
            listing.sort();
        }
        crate::recover::shed(vault, failed, findings);
        Ok(listing)
    }

    /// Sorts; a name that lies in both folders of a volume is listed once.
    fn sort(&mut self) {
        self.packs.sort_unstable_by_key(|listed| (listed.id, listed.kind));
        self.packs.dedup_by(|second, first| {
            first.on |= if first.id == second.id { second.on } else { 0 };
            first.id == second.id
        });
    }

    /// All of it.
    pub(crate) fn packs(&self) -> &[Listed] {
        &self.packs
    }

    /// The pack at a place of the listing.
    pub(crate) fn at(&self, at: u32) -> &Listed {
        &self.packs[at as usize]
    }

    /// Where in it a pack is.
    pub(crate) fn position(&self, id: &PackId) -> Option<usize> {
        self.packs.binary_search_by_key(id, |listed| listed.id).ok()
    }

    /// The volumes that list it.
    pub(crate) fn on(&self, listed: &Listed) -> Vec<VolumeId> {
        let numbered = self.volumes.iter().enumerate();
        numbered.filter(|(n, _)| listed.on & (1 << n) != 0).map(|(_, id)| *id).collect()
    }

    /// Whether one volume lists it.
    pub(crate) fn is_on(&self, listed: &Listed, volume: VolumeId) -> bool {
        let number = self.volumes.iter().position(|known| *known == volume);
        number.is_some_and(|number| listed.on & (1 << number) != 0)
    }
}
