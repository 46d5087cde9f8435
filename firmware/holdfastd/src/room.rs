//! A vault whose disks were all full takes nothing more until it is opened anew. Nobody has to come for
//! that: once there is room it is done here, with the keys that are there.
//!
//! What was acknowledged is read all the while. Start at [`Supervisor::go_on_once_there_is_room`].

use std::sync::Arc;
use std::time::Duration;

use crate::supervisor::Supervisor;

/// How often it is looked whether there is room again: no disk is asked before one was full.
const LOOK_EVERY: Duration = Duration::from_secs(10);

impl Supervisor {
    /// Looks now and then, until the box stops.
    pub(crate) fn go_on_once_there_is_room(self: &Arc<Self>) {
        let this = Arc::downgrade(self);
        let named = std::thread::Builder::new().name("room".to_owned());
        let watched = named.spawn(move || {
            while let Some(this) = this.upgrade() {
                this.open_anew_if_that_helps();
                if this.waits_to_stop(LOOK_EVERY) {
                    return;
                }
            }
        });
        if let Err(error) = watched {
            tracing::warn!(%error, "a vault whose disks were full has to be locked and unlocked");
        }
    }

    fn open_anew_if_that_helps(&self) {
        let helps = self.keeper.vault_now().is_some_and(|vault| vault.may_go_on());
        if !helps {
            return;
        }
        tracing::info!("the disks were full and have room again: the vault is opened anew");
        if let Err(fault) = self.reopen(true) {
            tracing::warn!("the vault is not opened anew yet: {fault}");
        }
    }
}
