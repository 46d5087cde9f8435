//! Disks that are not there: what lies on them is neither lost nor served, and counts.
//!
//! A disk that was pulled, or that wakes up late, comes back with everything. Only when it is there and
//! a pack is not, the pack is lost. Start at [`Host::came_back`].

use std::collections::{BTreeMap, BTreeSet};

use types::PackId;

use super::Host;
use super::events::HostAction;
use super::record::joined;

impl Host {
    pub(super) fn went_away(&mut self, packs: BTreeSet<PackId>) -> Vec<HostAction> {
        self.away.extend(packs.into_iter().filter(|root| self.entries.contains_key(root)));
        Vec::new()
    }

    /// A disk is there again: what it has of the packs that were away.
    pub(super) fn came_back(&mut self, found: &BTreeMap<PackId, Option<u64>>) -> Vec<HostAction> {
        let (mut entries, mut files) = (BTreeMap::new(), BTreeMap::new());
        for (root, len) in found {
            if !self.away.remove(root) {
                continue;
            }
            files.extend(len.map(|len| (*root, len)));
            entries.extend(self.take_entry(*root).map(|entry| (*root, entry)));
        }
        let done = joined(&mut entries, &files, &BTreeSet::new());
        for entry in entries.into_values() {
            self.put_entry(entry);
        }
        done
    }
}
