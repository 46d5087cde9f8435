//! Who works on which pack of which friend: nobody else does, and its bytes count from the beginning.
//!
//! Start at [`Claim::take`].

use std::sync::Arc;

use types::{Bytes, OwnerKey, PackId};

use super::error::HostedError;
use crate::volume::{Core, lock};

/// One pack of one friend that somebody works on; nobody else does until it is dropped.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) core: Arc<Core>,
    pub(super) owner: OwnerKey,
    pub(super) pack: PackId,
}

impl Claim {
    pub(super) fn take(
        core: &Arc<Core>,
        owner: OwnerKey,
        pack: PackId,
    ) -> Result<Self, HostedError> {
        let mut busy = lock(&core.hosting.busy);
        if busy.contains_key(&(owner, pack)) {
            return Err(HostedError::Busy { volume: core.name.clone(), pack });
        }
        busy.insert((owner, pack), 0);
        Ok(Self { core: Arc::clone(core), owner, pack })
    }

    /// Counts the pack against the promise, together with all others on their way in.
    pub(super) fn count(&self, need: Bytes) -> Result<(), HostedError> {
        // Both locks: a pack that has come in the meantime is counted twice rather than not at all.
        self.core.with_account(self.owner, |account| {
            let mut busy = lock(&self.core.hosting.busy);
            let coming =
                busy.iter().filter(|((owner, pack), _)| *owner == self.owner && *pack != self.pack);
            let held = coming.fold(account.held(), |sum, (_, bytes)| sum.saturating_add(*bytes));
            if held.saturating_add(need.0) > account.promised {
                return Err(HostedError::OverPromise {
                    volume: self.core.name.clone(),
                    owner: self.owner,
                    promised: Bytes(account.promised),
                    held: Bytes(held),
                    need,
                });
            }
            busy.insert((self.owner, self.pack), need.0);
            Ok(())
        })?
    }

    pub(super) fn missing(&self) -> HostedError {
        let volume = self.core.name.clone();
        HostedError::Missing { volume, owner: self.owner, pack: self.pack }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        lock(&self.core.hosting.busy).remove(&(self.owner, self.pack));
    }
}
