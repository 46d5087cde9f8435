//! What the owner asks of disks: each act changes the roster, which is kept before the act is
//! acknowledged, so that a kill forgets none.
//!
//! Whether an act makes sense is said by `plan::disk`. Start at [`Caretaker::adopt`].

use board::{MountAs, Mounted};
use plan::disk::{Aim, Grade, Joining, Life, Refusal, Roster, Verb};
use types::{DiskIdentity, VolumeId};

use crate::caretaker::Caretaker;
use crate::error::DisksError;
use crate::seat::Work;

impl Caretaker {
    fn act(
        &mut self,
        change: impl FnOnce(&mut Roster) -> Result<(), Refusal>,
    ) -> Result<(), DisksError> {
        let before = self.roster.clone();
        change(&mut self.roster)?;
        self.stuck = None;
        if self.roster != before {
            self.parts.seat.try_anew();
        }
        if let Err(error) = self.keep() {
            // What was not kept was not said.
            self.roster = before;
            return Err(error);
        }
        Ok(())
    }

    /// The same with one disk that is here: whatever failed with it before is tried at once.
    fn act_on(
        &mut self,
        disk: &DiskIdentity,
        change: impl FnOnce(&mut Roster) -> Result<(), Refusal>,
    ) -> Result<(), DisksError> {
        self.act(change)?;
        self.refused.remove(disk);
        Ok(())
    }

    /// A blank disk is to be used.
    pub fn adopt(&mut self, disk: &DiskIdentity, aim: Aim) -> Result<(), DisksError> {
        self.act_on(disk, |roster| roster.adopt(disk, aim))
    }

    /// What is on a disk is to go; `typed` is the last four letters of its serial.
    pub fn ask_erase(
        &mut self,
        disk: &DiskIdentity,
        typed: &str,
        aim: Aim,
    ) -> Result<(), DisksError> {
        self.act_on(disk, |roster| roster.ask_erase(disk, typed, aim))
    }

    /// Disks that were formatted for a vault that came to nothing are formatted once more. What is on
    /// them now was put there since, by whoever asks: a part of that vault.
    pub fn format_again(&mut self, disks: &[DiskIdentity]) -> Result<(), DisksError> {
        for disk in disks {
            let found = Self::on_board(&mut self.probed, &self.parts, disk, |board, disk| {
                board.probe(disk)
            })?;
            self.contents.insert(disk.clone(), found.clone());
            self.act(|roster| roster.format_again(disk, found))?;
        }
        Ok(())
    }

    /// The wait before an erasing is left out.
    pub fn skip_wait(&mut self, disk: &DiskIdentity) -> Result<(), DisksError> {
        self.act_on(disk, |roster| roster.skip_wait(disk))
    }

    /// A disk is not erased after all, or what was on it is put back with the next step.
    pub fn undo(&mut self, disk: &DiskIdentity) -> Result<(), DisksError> {
        self.act_on(disk, |roster| roster.undo(disk))
    }

    /// A volume was moved to this disk on purpose.
    pub fn confirm(&mut self, disk: &DiskIdentity) -> Result<(), DisksError> {
        self.act_on(disk, |roster| roster.confirm(disk))
    }

    /// A drive is used as it is, for plain files or to carry packs: what is on it stays.
    pub fn use_as(&mut self, disk: &DiskIdentity, aim: Aim) -> Result<(), DisksError> {
        self.act_on(disk, |roster| roster.use_as(disk, aim))
    }

    /// A drive is nobody's again.
    pub fn release(&mut self, disk: &DiskIdentity) -> Result<(), DisksError> {
        self.act_on(disk, |roster| roster.release(disk))
    }

    /// Mounts a drive that its owner named as a target. The caller unmounts it when it is done.
    pub fn open_drive(&self, disk: &DiskIdentity) -> Result<Mounted, DisksError> {
        let life = self.roster.here(disk).ok_or(Refusal::NoSuchDisk)?.life;
        if !matches!(life, Life::Rescue | Life::Courier) {
            return Err(Refusal::Illegal { verb: Verb::UseAs, life: life.words() }.into());
        }
        Ok(self.parts.board.mount(disk, MountAs::Target)?)
    }

    /// Mounts somebody's disk to look at its files, or to import them. It is never written.
    pub fn open_to_look(&self, disk: &DiskIdentity) -> Result<Mounted, DisksError> {
        let life = self.roster.here(disk).ok_or(Refusal::NoSuchDisk)?.life;
        if life != Life::Foreign(Joining::No) {
            return Err(Refusal::Illegal { verb: Verb::UseAs, life: life.words() }.into());
        }
        Ok(self.parts.board.mount(disk, MountAs::Look)?)
    }

    /// Unmounts what was opened so.
    pub fn close_drive(&self, disk: &DiskIdentity) -> Result<(), DisksError> {
        if self.held.contains_key(disk) {
            return Err(Refusal::Illegal { verb: Verb::Release, life: "takes part" }.into());
        }
        Ok(self.parts.board.unmount(disk)?)
    }

    /// A member is to be replaced by another disk.
    pub fn replace(&mut self, volume: VolumeId) -> Result<(), DisksError> {
        self.act(|roster| roster.replace(volume))
    }

    /// A member is to be emptied and let go.
    pub fn retire(&mut self, volume: VolumeId) -> Result<(), DisksError> {
        self.act(|roster| roster.retire(volume))
    }

    /// A member stays after all.
    pub fn cancel(&mut self, volume: VolumeId) -> Result<(), DisksError> {
        self.act(|roster| roster.cancel(volume))?;
        // Begun or not: it would empty the disk all the same.
        self.parts.seat.give_up(Work::Drain(volume));
        if let Some(vault) = self.parts.seat.vault() {
            vault.keep(volume)?;
        }
        Ok(())
    }

    /// A disk that had left the vault comes back with what is on it.
    pub fn readmit(&mut self, disk: &DiskIdentity) -> Result<(), DisksError> {
        self.act_on(disk, |roster| roster.readmit(disk))
    }

    /// A member that failed is to take part again, or one that the vault was opened without: it is
    /// opened anew, and tries the disk once more.
    pub fn reinstate(&mut self, volume: VolumeId) -> Result<(), DisksError> {
        match self.act(|roster| roster.reinstate(volume)) {
            // By the roster it takes part.
            Err(DisksError::Refused(_)) if self.is_left_out(volume) => {}
            done => done?,
        }
        // What was before does not count any more.
        if let Some(disk) = self.roster.member(volume).map(|entry| entry.identity.clone())
            && let Some(held) = self.held.remove(&disk)
        {
            self.seen.remove(&disk);
            let how = held.how;
            self.hold(disk, held.mounted, how);
        }
        self.reopen_due = true;
        Ok(())
    }

    /// How well a member is, as `plan::disk::verdict` found.
    pub fn judged(&mut self, volume: VolumeId, grade: Grade) -> Result<(), DisksError> {
        self.act(|roster| {
            roster.judged(volume, grade);
            Ok(())
        })
    }
}
