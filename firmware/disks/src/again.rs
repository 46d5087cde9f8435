//! What is tried once more although nothing is known to have changed, and what is put right between the
//! roster and the vault.
//!
//! A disk that could not be read, or had no room, says to nobody when that is over. Nothing here is
//! tried often: trying wakes disks, and opening the vault anew interrupts whoever works with it.
//! Start at [`Again`].

use plan::disk::{ABSENT_GRACE, Life, Wish};
use types::{Millis, VolumeId};

use crate::caretaker::Caretaker;
use crate::error::DisksError;

/// Copying and emptying that got nowhere are tried again after this; and a disk that the vault cannot
/// use is not tried less often.
const PAUSE_MAX: Millis = Millis::from_secs(6 * 60 * 60);

/// Since when something got nowhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Again {
    /// For so long.
    waited: Millis,
    /// A disk is mounted, and the vault was opened without it.
    left_out: bool,
    /// How long until the vault is opened anew for it: longer each time.
    pause: Millis,
}

impl Default for Again {
    fn default() -> Self {
        Self { waited: Millis(0), left_out: false, pause: ABSENT_GRACE }
    }
}

impl Again {
    pub(crate) fn passed(&mut self, span: Millis, stuck: bool) {
        let before = if stuck || self.left_out { self.waited.0 } else { 0 };
        self.waited = Millis(before.saturating_add(span.0));
    }
}

impl Caretaker {
    pub(crate) fn is_to_try_again(&self) -> bool {
        let Again { waited, left_out, pause } = self.again;
        left_out && waited >= pause || self.stuck.is_some() && waited >= PAUSE_MAX
    }

    /// Tries again what is due.
    pub(crate) fn try_again(&mut self) {
        if !self.is_to_try_again() {
            return;
        }
        (self.stuck, self.again.waited) = (None, Millis(0));
        if self.again.left_out {
            self.reopen_due = true;
            self.again.pause = Millis(self.again.pause.0 * 2).min(PAUSE_MAX);
        }
    }

    /// Whether a member is mounted, and the vault was opened without it.
    pub(crate) fn is_left_out(&self, volume: VolumeId) -> bool {
        let mut entries = self.roster.entries().iter();
        let member = entries.find(|entry| entry.volume == Some(volume));
        member.is_some_and(|entry| self.held.contains_key(&entry.identity))
            && self.parts.seat.vault().is_some_and(|vault| !vault.attached().contains(&volume))
    }

    /// The vault was opened: whether it took all that is mounted for it.
    pub(crate) fn note_left_out(&mut self) {
        if self.parts.seat.vault().is_none() {
            return;
        }
        let members = self.roster.entries().iter().filter_map(|entry| entry.volume);
        let left_out = members.into_iter().any(|volume| self.is_left_out(volume));
        let pause = if left_out { self.again.pause } else { ABSENT_GRACE };
        self.again = Again { left_out, pause, ..self.again };
    }

    /// Members that stay by the roster and are to be emptied by the vault: their owner took that back
    /// while they were away, or while the vault was locked.
    pub(crate) fn keep_who_stays(&mut self) -> Result<(), DisksError> {
        let Some(vault) = self.parts.seat.vault() else { return Ok(()) };
        // Whoever empties one now holds the vault for as long as that takes.
        if !self.parts.seat.under_way().is_empty() {
            return Ok(());
        }
        let leaves = |volume: VolumeId| vault.volumes_that_leave().contains(&volume);
        let members = self.roster.entries().iter().filter(|entry| entry.life.is_here());
        let stays = members.filter(|entry| {
            entry.life.wish() == Wish::Stay
                && matches!(entry.life, Life::Member { .. } | Life::Watch { .. })
        });
        for volume in stays.filter_map(|entry| entry.volume).filter(|volume| leaves(*volume)) {
            vault.keep(volume)?;
            self.stuck = None;
        }
        Ok(())
    }
}
