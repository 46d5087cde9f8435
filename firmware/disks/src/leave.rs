//! How a mounted disk is let go of: by the vault first, then by the system.
//!
//! Nothing here decides that it goes. A disk counts as mounted until the board says that it is not,
//! so that none is called safe to pull too early. Start at [`Caretaker::unmount`].

use board::Board;
use plan::disk::Life;
use types::DiskIdentity;

use crate::caretaker::Caretaker;
use crate::error::DisksError;

impl Caretaker {
    /// The vault lets go of a disk first: it would go on writing to one that is called safe to pull.
    /// One that was drained it has let go of already. As long as the board cannot unmount it, it
    /// counts as mounted.
    pub(crate) fn unmount(&mut self, disk: &DiskIdentity) -> Result<(), DisksError> {
        if let Some(held) = self.held.remove(disk) {
            self.leaving.insert(disk.clone(), held.how);
            drop(held);
            if self.roster.here(disk).is_some_and(|entry| entry.life != Life::Drained) {
                // What is left may not do for a vault; it has let go of this disk all the same.
                if let Err(error) = self.reopen()
                    && self.parts.seat.vault().is_some()
                {
                    return Err(error);
                }
            } else {
                // Whoever keeps the list of disks has this one open, too.
                self.parts.seat.keep_in_mind(self.disks());
            }
        }
        let unmount = |board: &dyn Board, disk: &DiskIdentity| board.unmount(disk);
        Self::on_board(&mut self.unmounting, &self.parts, disk, unmount)?;
        self.leaving.remove(disk);
        Ok(())
    }

    /// Unmounts what could not be unmounted before, also when it is wanted again by now: it is mounted
    /// anew then.
    pub(crate) fn finish_leaving(&mut self) {
        let mut again: Vec<DiskIdentity> = self.leaving.keys().cloned().collect();
        again.retain(|disk| !self.refused.contains(disk));
        for disk in again {
            match self.unmount(&disk) {
                Ok(()) => self.refused.remove(&disk),
                Err(error) if error.is_soon_over() => self.refused.insert_silent(disk),
                Err(_) => self.refused.insert(disk),
            }
        }
    }
}
