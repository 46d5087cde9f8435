//! Carrying out what was decided, one action at a time.
//!
//! Order at each step: what cannot be taken back is written to the roster first, then done, then its
//! end is written. A step that was cut short is decided again and finds out how far it came.
//! Start at [`Caretaker::step`].

use std::sync::Arc;

use board::{BoardError, MountAs, PrepareOrder};
use plan::disk::{Action, Aim, How, Refusal, World};
use types::{DiskContent, DiskIdentity, VolumeId};
use vault::{OnProgress, Vault};

use crate::caretaker::{Caretaker, Held};
use crate::error::DisksError;

/// Bytes of randomness in a label: with `hf-` before them, half of what ext4 can hold.
const LABEL_RANDOM_LEN: usize = 4;

/// What a step did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// Nothing was left to do without the owner. What he is asked is in [`Caretaker::open_questions`].
    Idle,
    /// This.
    Did(Action),
}

impl Caretaker {
    /// What waits for the owner: disks to pull, to insert, to decide about.
    pub fn open_questions(&self) -> Result<Vec<Action>, DisksError> {
        let world = self.world()?;
        let mut actions = self.roster.decide(&world);
        actions.retain(|action| matches!(action, Action::Offer { .. } | Action::AskInsert { .. }));
        let safe = self.roster.safe_to_pull(&world).into_iter();
        actions.extend(safe.map(|disk| Action::AskPull { disk }));
        Ok(actions)
    }

    /// Does the next thing that needs nobody's word. A long one says how far it is, and may be
    /// stopped; it goes on with the next step.
    pub fn step(&mut self, progress: OnProgress<'_>) -> Result<Done, DisksError> {
        if self.reopen_due {
            self.reopen()?;
        }
        self.finish_leaving();
        let world = self.world()?;
        let actions = self.roster.decide(&world);
        self.show(&actions);
        let next = actions.into_iter().find(|action| self.can_do(action, &world));
        let Some(action) = next else { return Ok(Done::Idle) };
        if let Err(error) = self.carry_out(&action, progress) {
            self.set_aside(&action, world.under_copied);
            return Err(error);
        }
        let after = self.roster.decide(&self.world()?);
        self.show(&after);
        Ok(Done::Did(action))
    }

    fn carry_out(&mut self, action: &Action, progress: OnProgress<'_>) -> Result<(), DisksError> {
        match action {
            Action::Mount { .. } => self.mount_all(),
            Action::Unmount { disk } => self.unmount(disk),
            Action::Format { disk } => self.format(disk),
            Action::Join { disk, aim } => self.join(disk, *aim, progress),
            Action::Copy => self.copy(progress),
            Action::Drain { volume } | Action::StrikeOff { volume } => {
                self.let_go(*volume, progress)
            }
            Action::AskPull { disk } => {
                self.roster.pull_was_asked(disk)?;
                self.keep()
            }
            Action::WithdrawPull { disk } => {
                let news = self.roster.pull_was_withdrawn(disk)?;
                self.untold.push(news);
                self.keep()
            }
            Action::AskInsert { .. } | Action::Offer { .. } => Ok(()),
        }
    }

    /// What failed is not tried again at once, so that the rest gets its turn.
    fn set_aside(&mut self, action: &Action, under_copied: u64) {
        match action {
            Action::Mount { .. } | Action::WithdrawPull { .. } => {}
            Action::Unmount { disk }
            | Action::Format { disk }
            | Action::Join { disk, .. }
            | Action::AskPull { disk } => _ = self.refused.insert(disk.clone()),
            Action::Copy | Action::Drain { .. } | Action::StrikeOff { .. } => {
                self.stuck = Some(under_copied);
            }
            Action::AskInsert { .. } | Action::Offer { .. } => {}
        }
    }

    fn can_do(&self, action: &Action, world: &World) -> bool {
        let is_open = self.parts.seat.vault().is_some();
        match action {
            Action::Join { disk, aim: Aim::Member { .. } } => {
                is_open && !self.refused.contains(disk)
            }
            Action::Mount { disk, .. }
            | Action::Unmount { disk }
            | Action::Format { disk }
            | Action::Join { disk, .. }
            | Action::AskPull { disk } => !self.refused.contains(disk),
            Action::Copy | Action::Drain { .. } | Action::StrikeOff { .. } => {
                is_open && world.has_room
            }
            Action::WithdrawPull { .. } => true,
            Action::AskInsert { .. } | Action::Offer { .. } => false,
        }
    }

    /// A light that cannot be set is no reason to stop: the page says the same.
    fn show(&mut self, actions: &[Action]) {
        let board = Arc::clone(&self.parts.board);
        let bays: Vec<String> = board.profile().bays.iter().map(|bay| bay.name.clone()).collect();
        for (bay, light) in self.roster.lights(&bays, actions) {
            if self.lights.get(&bay) != Some(&light) && board.light(&bay, light).is_ok() {
                self.lights.insert(bay, light);
            }
        }
    }

    /// Mounts every member that is to be mounted, and opens the vault with all of them at once.
    fn mount_all(&mut self) -> Result<(), DisksError> {
        let mut failed = None;
        for action in self.roster.decide(&self.world()?) {
            let Action::Mount { disk, how, .. } = action else { continue };
            let wanted = match how {
                How::ReadWrite => MountAs::Volume,
                How::ReadOnly => MountAs::VolumeReadOnly,
            };
            let (board, target) = (Arc::clone(&self.parts.board), disk.clone());
            let mount = move || board.mount(&target, wanted);
            match self.mounting.ask(&disk, self.parts.patience, mount) {
                Some(Ok(mounted)) => _ = self.held.insert(disk, Held { mounted, how }),
                Some(Err(error)) => {
                    self.refused.insert(disk);
                    failed = Some(error.into());
                }
                None => {
                    failed = Some(DisksError::Silent { disk: Box::new(disk.clone()) });
                    self.refused.insert(disk);
                }
            }
        }
        self.reopen()?;
        failed.map_or(Ok(()), Err)
    }

    /// Opens the vault with what is mounted. Opening counts generations on: they are read again, so
    /// that an older copy is known as such.
    pub(crate) fn reopen(&mut self) -> Result<(), DisksError> {
        self.open_with_all()?;
        for disk in self.held.keys() {
            self.contents.remove(disk);
        }
        self.look_aside()?;
        Ok(())
    }

    fn open_with_all(&mut self) -> Result<(), DisksError> {
        let disks = self.held.values().map(|held| Arc::clone(&held.mounted.disk)).collect();
        self.reopen_due = true;
        self.parts.seat.reopen(disks)?;
        self.reopen_due = false;
        Ok(())
    }

    fn format(&mut self, disk: &DiskIdentity) -> Result<(), DisksError> {
        let label = match self.labels.get(disk) {
            Some(label) => label.clone(),
            None => {
                let random: [u8; LABEL_RANDOM_LEN] = (*self.parts.rng).array();
                format!("hf-{:08x}", u32::from_le_bytes(random))
            }
        };
        let shown = self.roster.here(disk).map(|entry| entry.content.clone());
        let attached = *self.attached.get(disk).ok_or(Refusal::NoSuchDisk)?;
        self.roster.formatting(disk)?;
        self.labels.insert(disk.clone(), label.clone());
        // From here on the disk is being erased, whatever happens.
        self.keep()?;
        let expects = shown.unwrap_or(DiskContent::Unknown);
        let order = PrepareOrder { expects, attached, label };
        if let Err(error) = self.parts.board.prepare(disk, &order) {
            self.spare(disk, &error)?;
            return Err(error.into());
        }
        self.roster.formatted(disk)?;
        self.keep()
    }

    /// A board that refuses before its first write has left everything as it was, and the owner is
    /// to be asked anew.
    fn spare(&mut self, disk: &DiskIdentity, error: &BoardError) -> Result<(), DisksError> {
        let untouched = matches!(
            error,
            BoardError::Changed { .. } | BoardError::InUse { .. } | BoardError::ReadOnly { .. }
        );
        if untouched {
            self.roster.spared(disk)?;
            self.labels.remove(disk);
            self.contents.remove(disk);
            self.keep()?;
            self.look_aside()?;
        }
        Ok(())
    }

    fn join(
        &mut self,
        disk: &DiskIdentity,
        aim: Aim,
        progress: OnProgress<'_>,
    ) -> Result<(), DisksError> {
        let volume = match aim {
            Aim::Member { .. } => Some(self.make_member(disk, progress)?),
            Aim::Rescue | Aim::Courier => None,
        };
        self.roster.joined(disk, volume)?;
        self.labels.remove(disk);
        self.contents.remove(disk);
        self.keep()?;
        self.look_aside()?;
        Ok(())
    }

    /// Makes a volume on a formatted disk, unless a kill came after it was made.
    fn make_member(
        &mut self,
        disk: &DiskIdentity,
        progress: OnProgress<'_>,
    ) -> Result<VolumeId, DisksError> {
        let made = match self.parts.board.probe(disk)? {
            DiskContent::Volume(mark) if mark.vault == self.parts.vault => Some(mark.volume),
            _ => None,
        };
        let known = made.is_some_and(|volume| self.vault_lists(volume).unwrap_or(false));
        let as_what = if made.is_some() { MountAs::Volume } else { MountAs::NewVolume };
        if !self.held.contains_key(disk) {
            let mounted = self.parts.board.mount(disk, as_what)?;
            self.held.insert(disk.clone(), Held { mounted, how: How::ReadWrite });
        }
        if let Some(volume) = made {
            if !known {
                self.open_with_all()?;
            }
            return Ok(volume);
        }
        let vault = self.vault()?;
        let target = self.held.get(disk).map(|held| Arc::clone(&held.mounted.disk));
        let target = target.ok_or(Refusal::NoSuchDisk)?;
        let (volume, _) = vault.add_volume(target, progress)?;
        Ok(volume)
    }

    fn vault(&self) -> Result<Arc<Vault>, DisksError> {
        self.parts.seat.vault().ok_or(DisksError::Locked)
    }

    fn vault_lists(&self, volume: VolumeId) -> Result<bool, DisksError> {
        Ok(self.vault()?.volumes()?.iter().any(|known| known.id == volume))
    }

    fn copy(&mut self, progress: OnProgress<'_>) -> Result<(), DisksError> {
        let vault = self.vault()?;
        let report = vault.rebuild(progress)?;
        let is_done = report.still_under_copied == 0 && report.failed.is_empty();
        self.stuck = if is_done { None } else { Some(vault.under_copied()?) };
        Ok(())
    }

    /// Empties a member and lets it go, as far as that can be done now.
    fn let_go(&mut self, volume: VolumeId, progress: OnProgress<'_>) -> Result<(), DisksError> {
        let is_here = self.roster.member(volume).is_some_and(|entry| entry.life.is_here());
        // A kill may have come between the vault's letting go and our noting it.
        if self.vault_lists(volume)? {
            let vault = self.vault()?;
            if is_here {
                vault.retire(volume, progress)?;
            } else {
                vault.finish_replacing(volume, progress)?;
            }
        }
        if self.vault_lists(volume)? {
            self.stuck = Some(self.vault()?.under_copied()?);
            return Ok(());
        }
        self.roster.drained(volume)?;
        self.keep()
    }
}
