//! The disks of a box whose vault nobody has opened: read for friends, without a key. Start at [`of`].
//!
//! They are opened once and not for each question: again when the caretaker of the disks says that others are here,
//! and now and then, for folders of which nobody says so.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use calls::Lock;
use friends::federation::Shelf;
use types::Millis;
use volume::{Disk, Volume};

use crate::supervisor::Supervisor;

/// It is looked again after this, whoever said nothing.
const LOOK_EVERY: Millis = Millis::from_secs(30);

/// What was found when it was last looked.
#[derive(Debug)]
pub(crate) struct Looked<T> {
    found: Vec<T>,
    /// Which disks there were by the caretaker's count, and when that was.
    at: Option<(u64, Millis)>,
}

impl<T> Default for Looked<T> {
    fn default() -> Self {
        Self { found: Vec::new(), at: None }
    }
}

impl<T: Clone> Looked<T> {
    /// Nothing is held any more.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// What there is; looked for when other disks are here than last time, or that was long ago. Whoever looks
    /// is told what was found before; when it cannot look, that is all there is, and nothing is remembered.
    fn now(
        &mut self,
        (count, uptime): (u64, Millis),
        look: impl FnOnce(Vec<T>) -> Option<Vec<T>>,
    ) -> Vec<T> {
        let is_young = |at: Millis| uptime.0.saturating_sub(at.0) < LOOK_EVERY.0;
        if self.at.is_some_and(|(of, at)| of == count && is_young(at)) {
            return self.found.clone();
        }
        let found = look(std::mem::take(&mut self.found));
        self.at = found.is_some().then_some((count, uptime));
        self.found = found.unwrap_or_default();
        self.found.clone()
    }
}

/// A volume, and the disk on which it was opened.
pub(crate) type Opened = (Arc<dyn Disk>, Arc<Volume>);

/// The disks that may keep packs of friends now: those of the open vault, or of the locked one.
pub(crate) fn shelves(supervisor: &Supervisor) -> Vec<Shelf> {
    if supervisor.friendship.kept_back.load(Ordering::SeqCst) {
        return Vec::new();
    }
    if let Some(vault) = supervisor.keeper.vault_now() {
        let all = vault.hosting().into_iter();
        return all.map(|(volume, takes)| Shelf { volume, takes }).collect();
    }
    let takes = |volume: &Volume| !volume.is_read_only();
    of(supervisor).into_iter().map(|volume| Shelf { takes: takes(&volume), volume }).collect()
}

/// The volumes that are here while nobody has the vault open.
pub(crate) fn of(supervisor: &Supervisor) -> Vec<Arc<Volume>> {
    let mut own = supervisor.friendship.opened.lock().unwrap_or_else(PoisonError::into_inner);
    let is_lent = !supervisor.friendship.kept_back.load(Ordering::SeqCst);
    if !is_lent || supervisor.keeper.lock() != Lock::Locked || supervisor.vault.get().is_none() {
        own.clear();
        return Vec::new();
    }
    let count = supervisor.setup.source.changes();
    let uptime = supervisor.setup.env.clock.uptime();
    let found = own.now((count, uptime), |before| look(supervisor, before));
    found.into_iter().map(|(_, volume)| volume).collect()
}

fn look(supervisor: &Supervisor, before: Vec<Opened>) -> Option<Vec<Opened>> {
    let gathered = supervisor.setup.source.gather().ok()?;
    let missing = gathered.expected.iter().filter(|(_, _, why)| why.is_some());
    let missing: Vec<_> = missing.map(|(id, _, _)| *id).collect();
    // Those that are open stay as they are: what they count would be read anew.
    let mut now = before;
    now.retain(|(_, volume)| !missing.contains(&volume.id()));
    for disk in gathered.disks {
        if now.iter().any(|(open, _)| Arc::ptr_eq(open, &disk)) {
            continue;
        }
        match Volume::open(Arc::clone(&disk)) {
            Ok((volume, _)) if volume.vault() != gathered.vault => {}
            Ok((volume, _)) if now.iter().any(|(_, one)| one.id() == volume.id()) => {}
            // Whoever works on the disks without the box has them to itself.
            Ok((volume, _)) if volume.lock_for_writing().is_err() => {}
            Ok((volume, _)) => now.push((disk, Arc::new(volume))),
            Err(error) => tracing::warn!(%error, "a disk is not used for friends"),
        }
    }
    Some(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each question of a friend's opened every disk of a locked box anew.
    #[test]
    fn disks_are_looked_at_once_until_others_are_here_or_some_time_has_passed() {
        let (mut own, mut looks) = (Looked::default(), 0);
        let mut ask = |own: &mut Looked<u32>, count, secs, disks: Option<Vec<u32>>| {
            let found = own.now((count, Millis::from_secs(secs)), |_| {
                looks += 1;
                disks
            });
            (found, looks)
        };
        assert_eq!(ask(&mut own, 1, 5, Some(vec![7])), (vec![7], 1));
        assert_eq!(ask(&mut own, 1, 34, Some(vec![8])), (vec![7], 1), "not again");
        assert_eq!(ask(&mut own, 2, 34, Some(vec![8])), (vec![8], 2), "others are here");
        assert_eq!(ask(&mut own, 2, 63, Some(vec![9])), (vec![8], 2));
        assert_eq!(ask(&mut own, 2, 64, Some(vec![9])), (vec![9], 3), "nobody said so");
        own.clear();
        assert_eq!(ask(&mut own, 2, 65, Some(vec![9])), (vec![9], 4), "they were needed elsewhere");
        assert_eq!(ask(&mut own, 3, 65, None), (vec![], 5), "it cannot be looked");
        assert_eq!(ask(&mut own, 3, 65, Some(vec![9])), (vec![9], 6), "and is tried again");
    }
}
