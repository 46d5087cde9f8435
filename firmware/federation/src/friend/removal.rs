//! What may go from this box's disks, goes: kept packs beside the thread, parts at once.
//! Start at [`Friend::remove_some`].

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::spawn_blocking;
use types::{OwnerKey, PackId, VolumeId};
use volume::hosted::{Day, Hosted, HostedError};

use super::Friend;
use super::events::Event;
use crate::holds::Held;
use crate::pacts::Share;

/// The trash of this day is emptied at once: what is laid there may go now.
const NOW: Day = Day(0);

impl Friend {
    /// Begins to remove what may go, beside the thread; one batch at a time. Of what another pact with the
    /// same owner keeps only the record goes.
    pub(super) fn remove_some(&mut self) {
        if self.removing || self.to_remove.is_empty() {
            return;
        }
        match self.core.pacts.share(self.id) {
            Share::Own => {}
            Share::Others => {
                self.removing = true;
                let all = self.to_remove.iter().map(|root| (*root, true)).collect();
                return self.inbox.send(Event::Removed(all));
            }
            // Looked at again in a minute.
            Share::Unknown => return,
        }
        self.removing = true;
        let owner = self.owner_key();
        let mut by_disk: BTreeMap<VolumeId, (Held<Hosted>, Vec<PackId>)> = BTreeMap::new();
        for root in &self.to_remove {
            if let Some(disk) = self.disk_of(*root) {
                let of_disk = by_disk.entry(disk.id).or_insert_with(|| (disk.hosted(), Vec::new()));
                of_disk.1.push(*root);
            }
        }
        let (inbox, pacts, id) = (self.inbox.clone(), Arc::clone(&self.core.pacts), self.id);
        self.core.runtime.spawn(async move {
            let all = by_disk.into_values();
            let removed = spawn_blocking(move || {
                let remove = |hosted: &Hosted, root| {
                    pacts.removing(id, |share| {
                        share == Share::Own && remove_one(hosted, owner, root).is_ok()
                    })
                };
                let of_disk = |(hosted, roots): (Held<Hosted>, Vec<PackId>)| {
                    let roots = roots.into_iter();
                    roots.map(|root| (root, remove(&hosted, root))).collect::<Vec<_>>()
                };
                all.flat_map(of_disk).collect()
            });
            inbox.send(Event::Removed(removed.await.unwrap_or_default()));
        });
    }

    /// Removes what there is of a pack that is not kept; false when somebody works on it just now.
    pub(super) fn drop_part(&self, root: PackId) -> bool {
        self.core.pacts.removing(self.id, |share| match share {
            Share::Own => self.drop_own_part(root),
            Share::Others => true,
            Share::Unknown => false,
        })
    }

    fn drop_own_part(&self, root: PackId) -> bool {
        let owner = self.owner_key();
        let Some(disk) = self.disk_of(root) else { return true };
        let hosted = disk.hosted();
        let is_busy = |error: &HostedError| matches!(error, HostedError::Busy { .. });
        if self.rotten.contains(&root) {
            // Most of it is good: its owner sends the rest.
            return !hosted.set_aside(owner, root).is_err_and(|error| is_busy(&error));
        }
        let dropped = hosted.abandon(owner, root).and_then(|_| match hosted.has(owner, root) {
            Ok(true) => remove_one(&hosted, owner, root),
            other => other.map(drop),
        });
        !dropped.is_err_and(|error| is_busy(&error))
    }
}

/// Through the trash, which is the one way in which a pack of a friend goes.
fn remove_one(hosted: &Hosted, owner: OwnerKey, root: PackId) -> Result<(), HostedError> {
    match hosted.trash(owner, root, NOW) {
        Ok(_) => hosted.purge(owner, NOW).map(drop),
        Err(HostedError::Missing { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
