//! What can be asked of the caretaker between its steps, and how it takes and lets go of mounts.
//!
//! Nothing here waits for a disk but the last unmounting. Start at [`Caretaker::waits`].

use std::sync::Arc;

use board::{Mounted, SmartFacts};
use plan::disk::{ABSENT_GRACE, Entry, How, Joining, Life};
use types::{DiskIdentity, Light, Millis};
use volume::Disk;

use crate::caretaker::{Caretaker, Held};
use crate::error::DisksError;
use crate::seat::Work;
use crate::witness::{Seen as Faults, Witness};

impl Caretaker {
    /// Whether something is to be done once enough time has passed: else nobody has to look at the
    /// vault while nothing happens.
    pub fn waits(&self) -> bool {
        let waits = |entry: &Entry| match entry.life {
            Life::OursAbsent { .. } => entry.away < ABSENT_GRACE,
            life => matches!(
                life.joining(),
                Joining::Waiting { .. }
                    | Joining::Ready { .. }
                    | Joining::Kept { .. }
                    | Joining::PuttingBack
            ),
        };
        self.reopen_due
            || self.is_to_try_again()
            // What comes after a work is done when its end is seen.
            || !self.begun.is_empty()
            || self.is_kept_waiting()
            || self.is_resting()
            || !self.refused.is_empty()
            || self.roster.entries().iter().any(waits)
    }

    /// Whether a disk has not answered yet, or something on one that is let go of is still open: it is
    /// worth asking again soon.
    pub fn is_kept_waiting(&self) -> bool {
        !self.leaving.is_empty()
            || self.probed.is_open()
            || self.mounting.is_open()
            || self.preparing.is_open()
            || self.putting_back.is_open()
            || self.unmounting.is_open()
    }

    /// Whether a long work failed and is begun again when it has rested.
    fn is_resting(&self) -> bool {
        let leaves = |entry: &&Entry| {
            matches!(entry.life, Life::Retiring { .. }) || entry.life.strike_off().is_ok()
        };
        let drains = self.roster.entries().iter().filter(leaves).filter_map(|entry| entry.volume);
        let mut works = drains.map(Work::Drain).chain([Work::Copy]);
        works.any(|work| self.parts.seat.rests(work).is_some())
    }

    /// How long a disk with which something failed is left alone before it is tried again.
    pub fn tried_again_in(&self, disk: &DiskIdentity) -> Option<Millis> {
        self.refused.left(disk)
    }

    /// Whether the vault has to be opened anew, and could not be so far.
    pub fn is_to_reopen(&self) -> bool {
        self.reopen_due
    }

    /// Lets the light beside a bay say that this is the bay that is spoken of, or no more.
    pub fn point_at(&mut self, bay: &str, on: bool) -> Result<(), DisksError> {
        if on {
            self.parts.board.light(bay, Light::Here)?;
            self.pointed_at.insert(bay.to_owned());
        } else {
            self.pointed_at.remove(bay);
        }
        // Shown anew with the next step.
        self.lights.remove(bay);
        Ok(())
    }

    /// Takes a mounted disk for the vault; from now on it is counted what goes wrong with it.
    pub(crate) fn hold(&mut self, disk: DiskIdentity, mounted: Mounted, how: How) -> Arc<dyn Disk> {
        let seen = Arc::clone(self.seen.entry(disk.clone()).or_default());
        let inner = Arc::clone(&mounted.disk);
        let watched: Arc<dyn Disk> = Arc::new(Witness { inner, seen });
        let mounted = Mounted { disk: Arc::clone(&watched), ..mounted };
        self.held.insert(disk, Held { mounted, how });
        watched
    }

    /// How much went wrong with disks while they were used, in all: when it grows, it is worth judging
    /// them.
    pub fn faults(&self) -> u64 {
        let count = |seen: &Arc<Faults>| {
            let io = seen.record();
            io.read_errors + io.write_errors + io.missed_deadlines
        };
        self.seen.values().map(count).sum()
    }

    /// What a disk said last about its health.
    pub fn said(&self, disk: &DiskIdentity) -> Option<&SmartFacts> {
        self.smart.get(disk)
    }

    /// Unmounts everything: the vault is closed, and the box ends. A disk that does not answer is left
    /// to the system.
    pub fn release_all(&mut self) {
        let held: Vec<DiskIdentity> = self.held.keys().cloned().collect();
        for disk in held {
            drop(self.unmount(&disk));
        }
    }
}
