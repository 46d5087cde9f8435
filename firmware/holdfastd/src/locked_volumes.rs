//! The disks of a box whose vault nobody has opened: read for friends, without a key. Start at [`of`].

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use calls::Lock;
use volume::Volume;

use crate::supervisor::Supervisor;

/// The volumes that are here while nobody has the vault open. Opened once for each time.
pub(crate) fn of(supervisor: &Supervisor) -> Vec<Arc<Volume>> {
    let mut own = supervisor.friendship.opened.lock().unwrap_or_else(PoisonError::into_inner);
    let is_lent = !supervisor.friendship.kept_back.load(Ordering::SeqCst);
    if !is_lent || supervisor.keeper.lock() != Lock::Locked || supervisor.vault.get().is_none() {
        own.clear();
        return Vec::new();
    }
    let Ok(gathered) = supervisor.setup.source.gather() else { return Vec::new() };
    let missing = gathered.expected.iter().filter(|(_, _, why)| why.is_some());
    let missing: Vec<_> = missing.map(|(id, _, _)| *id).collect();
    // Those that are open stay as they are: what they count would be read anew.
    let mut now: Vec<Arc<Volume>> = std::mem::take(&mut *own);
    now.retain(|volume| !missing.contains(&volume.id()));
    for disk in gathered.disks {
        match Volume::open(disk) {
            Ok((volume, _)) if volume.vault() != gathered.vault => {}
            Ok((volume, _)) if now.iter().any(|one| one.id() == volume.id()) => {}
            // Whoever works on the disks without the box has them to itself.
            Ok((volume, _)) if volume.lock_for_writing().is_err() => {}
            Ok((volume, _)) => now.push(Arc::new(volume)),
            Err(error) => tracing::warn!(%error, "a disk is not used for friends"),
        }
    }
    own.clone_from(&now);
    now
}
