//! Letting disks sleep that nobody has used for a while.
//!
//! What wakes a disk counts as use, and so does nothing that can be answered without it: its health is
//! asked only while it is awake. Start at [`Caretaker::let_sleep`].

use types::{DiskIdentity, Millis};

use crate::caretaker::Caretaker;

/// How long a disk has not been used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rest {
    uses: u64,
    since: Millis,
    asleep: bool,
}

impl Caretaker {
    /// Sends to sleep every mounted disk that was not used for so long. `now` is a clock that cannot be
    /// set. A disk that cannot sleep stays awake, and is not asked again before it was used.
    pub fn let_sleep(&mut self, now: Millis, after: Millis) {
        let held: Vec<DiskIdentity> = self.held.keys().cloned().collect();
        self.rests.retain(|disk, _| held.contains(disk));
        for disk in held {
            let uses = self.seen.get(&disk).map_or(0, |seen| seen.uses());
            let fresh = Rest { uses, since: now, asleep: false };
            let rest = self.rests.entry(disk.clone()).or_insert(fresh);
            if rest.uses != uses {
                *rest = fresh;
            }
            if rest.asleep || now.0 < rest.since.0 + after.0 {
                continue;
            }
            rest.asleep = true;
            let sleep = |board: &dyn board::Board, disk: &DiskIdentity| board.sleep(disk);
            // What does not answer is no reason to keep anybody; it is asleep enough.
            drop(Self::on_board(&mut self.falling_asleep, &self.parts, &disk, sleep));
        }
    }
}
