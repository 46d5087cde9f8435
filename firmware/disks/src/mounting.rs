//! Mounting what belongs to the vault, and opening the vault with it.
//!
//! All members at once, so that the vault is opened once. Start at [`Caretaker::mount_all`].

use std::sync::Arc;

use board::{Board, BoardError, MountAs, Mounted};
use plan::disk::{Action, How, Joining, Refusal, Verb};
use types::DiskIdentity;
use volume::Disk;

use crate::caretaker::{Caretaker, Parts};
use crate::error::DisksError;
use crate::patience::Waiting;

impl Caretaker {
    /// Mounts every member that is to be mounted, and opens the vault with all of them at once.
    pub(crate) fn mount_all(&mut self) -> Result<(), DisksError> {
        let (mut failed, mut any) = (None, false);
        let mut wanted = Vec::new();
        for action in self.roster.decide(&self.world()?) {
            if let Action::Mount { disk, how, .. } = action
                && !self.refused.contains(&disk)
            {
                wanted.push((disk, how));
            }
        }
        let question = |(disk, how): &(DiskIdentity, How)| {
            let how = match how {
                How::ReadWrite => MountAs::Volume,
                How::ReadOnly => MountAs::VolumeReadOnly,
            };
            let (board, target) = (Arc::clone(&self.parts.board), disk.clone());
            (disk.clone(), move || board.mount(&target, how))
        };
        let questions: Vec<_> = wanted.iter().map(question).collect();
        let mut answers = self.mounting.ask_all(questions, self.parts.patience);
        for (disk, how) in wanted {
            let refusal = match answers.remove(&disk) {
                Some(Ok(mounted)) => {
                    self.refused.remove(&disk);
                    self.hold(disk, mounted, how);
                    any = true;
                    continue;
                }
                Some(Err(error)) => error.into(),
                None => DisksError::Silent { disk: Box::new(disk.clone()) },
            };
            match refusal {
                DisksError::Silent { .. } => self.refused.insert_silent(disk),
                _ => self.refused.insert(disk),
            }
            failed = Some(refusal);
        }
        // What is at work is put by for this: not for a disk that still does not answer.
        if any {
            self.reopen()?;
            // Copying that came no further without these disks may do so with them.
            self.stuck = None;
        }
        failed.map_or(Ok(()), Err)
    }

    /// Opens the vault with what is mounted. Opening counts generations on: they are read again, so
    /// that an older copy is known as such.
    pub(crate) fn reopen(&mut self) -> Result<(), DisksError> {
        self.open_with_all()?;
        for disk in self.held.keys() {
            self.contents.remove(disk);
        }
        self.look()
    }

    pub(crate) fn disks(&self) -> Vec<Arc<dyn Disk>> {
        self.held.values().map(|held| Arc::clone(&held.mounted.disk)).collect()
    }

    pub(crate) fn open_with_all(&mut self) -> Result<(), DisksError> {
        self.reopen_due = true;
        self.parts.seat.reopen(self.disks())?;
        self.reopen_due = false;
        self.note_left_out();
        Ok(())
    }

    /// Asks the board about one disk, and waits for no longer than a disk may take.
    pub(crate) fn on_board<T: Send + 'static>(
        waiting: &mut Waiting<Result<T, BoardError>>,
        parts: &Parts,
        disk: &DiskIdentity,
        act: impl FnOnce(&dyn Board, &DiskIdentity) -> Result<T, BoardError> + Send + 'static,
    ) -> Result<T, DisksError> {
        let (board, target) = (Arc::clone(&parts.board), disk.clone());
        match waiting.ask(disk, parts.patience, move || act(&*board, &target)) {
            Some(answer) => Ok(answer?),
            None => Err(DisksError::Silent { disk: Box::new(disk.clone()) }),
        }
    }

    pub(crate) fn mount(
        &mut self,
        disk: &DiskIdentity,
        how: MountAs,
    ) -> Result<Mounted, DisksError> {
        Self::on_board(&mut self.mounting, &self.parts, disk, move |board, disk| {
            board.mount(disk, how)
        })
    }

    /// Mounts a disk that was formatted, for the first vault of a box: there is none yet that it could
    /// join.
    pub fn mount_new(&mut self, disk: &DiskIdentity) -> Result<Arc<dyn Disk>, DisksError> {
        let life = self.roster.here(disk).ok_or(Refusal::NoSuchDisk)?.life;
        if !matches!(life.joining(), Joining::Formatted { .. }) {
            return Err(Refusal::Illegal { verb: Verb::Joined, life: life.words() }.into());
        }
        let mounted = self.mount(disk, MountAs::NewVolume)?;
        Ok(self.hold(disk.clone(), mounted, How::ReadWrite))
    }
}
