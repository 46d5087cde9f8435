//! Which packs a head counts on, held against what the volumes list.
//!
//! Start at [`Counted::of`].

use std::collections::HashSet;

use catalog::Durability;
use types::PackId;

use crate::Vault;
use crate::error::VaultError;
use crate::listing::{Listed, Listing};

/// Which packs a head counts on, of those that are listed and of those that are nowhere.
#[derive(Debug)]
pub(crate) struct Counted<'l> {
    pub(crate) listing: &'l Listing,
    /// By place in the listing.
    pub(crate) listed: Vec<bool>,
    /// Counted on, and on no volume, present or absent.
    pub(crate) nowhere: HashSet<PackId>,
}

impl<'l> Counted<'l> {
    pub(crate) fn of(listing: &'l Listing) -> Self {
        let listed = vec![false; listing.packs().len()];
        Self { listing, listed, nowhere: HashSet::new() }
    }

    /// Packs that are listed and that no head counts on.
    pub(crate) fn strangers(&self) -> Vec<Listed> {
        let all = self.listing.packs().iter().zip(&self.listed);
        all.filter(|(_, counted)| !**counted).map(|(listed, _)| *listed).collect()
    }

    /// Drops packs from the catalog that no volume holds and no head counts on: they were removed,
    /// and a power cut took the catalog's note of it.
    pub(crate) fn drop_gone(&self, vault: &Vault) -> Result<(), VaultError> {
        let mut gone = Vec::new();
        vault.catalog.visit_packs(|no, info, presence| {
            if presence == 0 && !self.nowhere.contains(&info.id) {
                gone.push(no);
            }
        })?;
        let mut batch = vault.catalog.batch()?;
        for no in gone {
            batch.drop_pack(no)?;
        }
        batch.commit(Durability::Relaxed)?;
        Ok(())
    }
}
