//! Who is at an upload: one at a time, and who comes later goes first.
//!
//! A connection that broke is often noticed by its sender long before the box: the sender comes back
//! while the box still waits for the old one. So the newcomer asks, and whoever holds the upload stores
//! what it has and lets go. Start at [`Leases::take`].

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use types::SpaceId;

use super::UploadId;
use crate::error::FilesError;

/// How long a newcomer waits: a part of the longest kind has to become durable on slow disks.
const PATIENCE: Duration = Duration::from_secs(30);

type Key = (SpaceId, UploadId);

/// Called once when somebody else wants an upload, from their thread.
pub(crate) type Wake = Arc<dyn Fn() + Send + Sync>;

#[derive(Debug, Default)]
pub(crate) struct Leases {
    held: Mutex<HashMap<Key, Arc<Holder>>>,
    freed: Condvar,
}

#[derive(Default)]
struct Holder {
    wanted: AtomicBool,
    wake: Option<Wake>,
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Holder").field("wanted", &self.wanted).finish_non_exhaustive()
    }
}

/// An upload that nobody else is at until this is dropped.
#[derive(Debug)]
pub(crate) struct Lease<'l> {
    leases: &'l Leases,
    key: Key,
    holder: Arc<Holder>,
}

impl Leases {
    fn held(&self) -> MutexGuard<'_, HashMap<Key, Arc<Holder>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an upload, from somebody else where that is needed.
    pub(crate) fn take(&self, key: Key, wake: Option<Wake>) -> Result<Lease<'_>, FilesError> {
        let mut held = self.held();
        if let Some(holder) = held.get(&key) {
            holder.wanted.store(true, Ordering::SeqCst);
            if let Some(wake) = &holder.wake {
                wake();
            }
            let taken = |held: &mut HashMap<Key, Arc<Holder>>| held.contains_key(&key);
            let waited = self.freed.wait_timeout_while(held, PATIENCE, taken);
            held = waited.unwrap_or_else(PoisonError::into_inner).0;
            if held.contains_key(&key) {
                return Err(FilesError::Busy);
            }
        }
        let holder = Arc::new(Holder { wanted: AtomicBool::new(false), wake });
        held.insert(key, Arc::clone(&holder));
        Ok(Lease { leases: self, key, holder })
    }

    /// Takes an upload that nobody is at.
    pub(crate) fn take_free(&self, key: Key) -> Option<Lease<'_>> {
        let mut held = self.held();
        if held.contains_key(&key) {
            return None;
        }
        let holder = Arc::new(Holder::default());
        held.insert(key, Arc::clone(&holder));
        Some(Lease { leases: self, key, holder })
    }
}

impl Lease<'_> {
    /// Whether somebody else wants it.
    pub(crate) fn is_wanted(&self) -> bool {
        self.holder.wanted.load(Ordering::SeqCst)
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.leases.held().remove(&self.key);
        self.leases.freed.notify_all();
    }
}
