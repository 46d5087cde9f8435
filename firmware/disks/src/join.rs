//! How a disk that its owner named becomes what he named it for: erased, formatted, joined.
//!
//! What cannot be taken back is written to the roster first. Each step may be cut short and done anew.
//! Start at [`Caretaker::format`] and [`Caretaker::join`].

use std::sync::Arc;

use board::{Board, BoardError, MountAs, PrepareOrder, Prepared, PutBackOrder};
use plan::disk::{Aim, How, News, Refusal, UndoNews};
use types::{DiskContent, DiskIdentity, VolumeId};
use vault::Vault;

use crate::caretaker::Caretaker;
use crate::error::DisksError;

/// Bytes of randomness in a label: with `hf-` before them, half of what ext4 can hold.
const LABEL_RANDOM_LEN: usize = 4;

impl Caretaker {
    pub(crate) fn format(&mut self, disk: &DiskIdentity) -> Result<(), DisksError> {
        let label = match self.roster.here(disk).and_then(|entry| entry.label.clone()) {
            Some(label) => label,
            None => {
                let random: [u8; LABEL_RANDOM_LEN] = (*self.parts.rng).array();
                let start = PrepareOrder::LABEL_START;
                format!("{start}{:08x}", u32::from_le_bytes(random))
            }
        };
        let shown = self.roster.here(disk).map(|entry| entry.content.clone());
        let attached = *self.attached.get(disk).ok_or(Refusal::NoSuchDisk)?;
        self.roster.formatting(disk, &label)?;
        // From here on the disk is being erased, whatever happens.
        self.keep()?;
        let expects = shown.unwrap_or(DiskContent::Unknown);
        // Of a blank disk there is nothing to keep.
        let keeps = expects != DiskContent::Blank;
        let order = PrepareOrder { expects, attached, label, keeps };
        let prepare = move |board: &dyn Board, disk: &DiskIdentity| board.prepare(disk, &order);
        let prepared = match Self::on_board(&mut self.preparing, &self.parts, disk, prepare) {
            Ok(prepared) => prepared,
            Err(DisksError::Board(error)) => {
                self.spare(disk, &error)?;
                return Err(error.into());
            }
            Err(other) => return Err(other),
        };
        match prepared {
            Prepared::Kept => self.roster.kept_before(disk)?,
            Prepared::Formatted | Prepared::AlreadyDone => self.roster.formatted(disk)?,
        }
        // What was seen there is not there any more.
        self.contents.remove(disk);
        self.keep()
    }

    /// Puts back what was on a disk before it was formatted. A board that says that it cannot any more
    /// has changed nothing, and the disk is left alone; anything else is tried again.
    pub(crate) fn put_back(&mut self, disk: &DiskIdentity) -> Result<(), DisksError> {
        let attached = *self.attached.get(disk).ok_or(Refusal::NoSuchDisk)?;
        let label = self.roster.here(disk).and_then(|entry| entry.label.clone());
        let label = label.ok_or(Refusal::TooLate)?;
        let order = PutBackOrder { attached, label };
        let put_back = move |board: &dyn Board, disk: &DiskIdentity| board.put_back(disk, &order);
        let what = match Self::on_board(&mut self.putting_back, &self.parts, disk, put_back) {
            Ok(()) => UndoNews::Done,
            Err(DisksError::Board(BoardError::Changed { .. })) => UndoNews::Changed,
            Err(DisksError::Board(BoardError::Nothing { .. })) => UndoNews::NotKept,
            Err(other) => {
                self.note_not_yet(disk, &other);
                return Err(other);
            }
        };
        let news = self.roster.put_back(disk, what)?;
        self.news.push(news);
        self.contents.remove(disk);
        self.keep()?;
        self.look()
    }

    /// Told once, though it is tried again and again. A disk that is just slow or gone needs no word.
    fn note_not_yet(&mut self, disk: &DiskIdentity, error: &DisksError) {
        let failed =
            matches!(error, DisksError::Board(BoardError::Io { .. } | BoardError::InUse { .. }));
        if failed && self.refused.is_first(disk) {
            let place = self.roster.here(disk).map(|entry| entry.place.clone());
            let what = UndoNews::NotYet;
            self.news.extend(place.map(|place| News::Undo { place, what }));
        }
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
            self.contents.remove(disk);
            self.keep()?;
            self.look()?;
        }
        Ok(())
    }

    pub(crate) fn join(&mut self, disk: &DiskIdentity, aim: Aim) -> Result<(), DisksError> {
        let volume = match aim {
            Aim::Member { .. } => Some(self.make_member(disk)?),
            Aim::Rescue | Aim::Courier => None,
        };
        if let Some(volume) = volume {
            self.promise_more(disk, volume, aim)?;
        }
        self.roster.joined(disk, volume)?;
        self.contents.remove(disk);
        self.keep()?;
        self.look()
    }

    /// Before the roster says that the disk joined, so that a kill leaves it to be done.
    fn promise_more(
        &mut self,
        disk: &DiskIdentity,
        volume: VolumeId,
        aim: Aim,
    ) -> Result<(), DisksError> {
        // Locked, with no other disk: nothing can be promised now.
        let Some(vault) = self.parts.seat.vault() else { return Ok(()) };
        if let Some(copies) = self.roster.promise_with(volume, aim, vault.copies()) {
            vault.promise(copies)?;
            let place = self.roster.here(disk).map_or_else(String::new, |e| e.place.clone());
            self.news.push(News::KeptTwice { place });
        }
        Ok(())
    }

    /// Makes a volume on a formatted disk, unless a kill came after it was made.
    fn make_member(&mut self, disk: &DiskIdentity) -> Result<VolumeId, DisksError> {
        let found =
            Self::on_board(&mut self.probed, &self.parts, disk, |board, disk| board.probe(disk))?;
        let made = match found {
            DiskContent::Volume(mark) if mark.vault == self.parts.vault => Some(mark.volume),
            _ => None,
        };
        let known = made.is_some_and(|volume| self.vault_lists(volume).unwrap_or(false));
        let as_what = if made.is_some() { MountAs::Volume } else { MountAs::NewVolume };
        if !self.held.contains_key(disk) {
            let mounted = self.mount(disk, as_what)?;
            self.hold(disk.clone(), mounted, How::ReadWrite);
        }
        let left = self.roster.here(disk).and_then(|entry| entry.volume);
        if let Some(volume) = made {
            let volume = if left == Some(volume) { self.readmit_volume(disk)? } else { volume };
            if !known {
                self.open_with_all()?;
            }
            return Ok(volume);
        }
        let vault = self.vault()?;
        let target = self.held.get(disk).map(|held| Arc::clone(&held.mounted.disk));
        let target = target.ok_or(Refusal::NoSuchDisk)?;
        let volume = vault.join_volume(target)?;
        drop(vault);
        self.parts.seat.keep_in_mind(self.disks());
        Ok(volume)
    }

    /// What is on a disk that had left is to count again.
    fn readmit_volume(&self, disk: &DiskIdentity) -> Result<VolumeId, DisksError> {
        let held = self.held.get(disk).map(|held| Arc::clone(&held.mounted.disk));
        let target = held.ok_or(Refusal::NoSuchDisk)?;
        let id = VolumeId((*self.parts.rng).array());
        match self.parts.seat.vault() {
            Some(vault) => vault.readmit(target, id)?,
            None => vault::readmit_alone(target, self.parts.vault, id)?,
        }
        Ok(id)
    }

    /// Whether a disk comes back to a vault of which no other disk is left.
    pub(crate) fn comes_back_alone(&self, disk: &DiskIdentity) -> bool {
        let had_left = self.roster.here(disk).is_some_and(|entry| entry.volume.is_some());
        had_left && self.held.keys().all(|other| other == disk)
    }

    fn vault(&self) -> Result<Arc<Vault>, DisksError> {
        self.parts.seat.vault().ok_or(DisksError::Locked)
    }

    fn vault_lists(&self, volume: VolumeId) -> Result<bool, DisksError> {
        Ok(self.vault()?.volumes()?.iter().any(|known| known.id == volume))
    }
}
