//! What the owner does with disks, and what the hands report: verbs on the whole roster.
//!
//! An act names a disk that is plugged in by its whole identity, and a member by its volume; it
//! changes that one entry or refuses. Start at [`Roster::adopt`] and [`Roster::ask_erase`].

use types::{DiskContent, DiskIdentity, Millis, VolumeId};

use super::joining::{Aim, Joining};
use super::life::{Life, Wish};
use super::news::News;
use super::refusal::{Refusal, Verb};
use super::roster::{Entry, Roster};
use super::verdict::Grade;

impl Roster {
    pub(super) fn stranger_at(&self, disk: &DiskIdentity) -> Result<usize, Refusal> {
        self.here_at(disk).ok_or(Refusal::NoSuchDisk)
    }

    fn volume_at(&self, volume: VolumeId) -> Result<usize, Refusal> {
        self.member_at(volume).ok_or(Refusal::NoSuchDisk)
    }

    pub(super) fn change(
        &mut self,
        at: usize,
        verb: impl FnOnce(&Life) -> Result<Life, Refusal>,
    ) -> Result<(), Refusal> {
        let entry = &mut self.entries[at];
        let life = verb(&entry.life)?;
        if life != entry.life {
            (entry.life, entry.pull_asked) = (life, false);
        }
        Ok(())
    }

    /// A blank disk is to be used for `aim`. If it is to replace a member, the owner has said with
    /// this that he wants that one replaced.
    pub fn adopt(&mut self, disk: &DiskIdentity, aim: Aim) -> Result<(), Refusal> {
        let at = self.stranger_at(disk)?;
        self.entries[at].life.adopt(aim)?;
        self.want_replaced(aim)?;
        self.change(at, |life| life.adopt(aim))
    }

    /// What is on a disk is to go, and the disk to be used for `aim`. `typed` is what the owner
    /// typed: it has to be [`Self::erase_word`].
    pub fn ask_erase(&mut self, disk: &DiskIdentity, typed: &str, aim: Aim) -> Result<(), Refusal> {
        let at = self.stranger_at(disk)?;
        self.entries[at].life.ask_erase(aim)?;
        let (word, of) = self.erase_word(disk)?;
        if word.is_empty() || !typed.trim().eq_ignore_ascii_case(&word) {
            return Err(Refusal::Word { of });
        }
        self.want_replaced(aim)?;
        self.change(at, |life| life.ask_erase(aim))
    }

    /// What has to be typed before a disk is erased, and of what it is: the last four letters of its
    /// serial, or of its port when another disk here has the same.
    pub fn erase_word(&self, disk: &DiskIdentity) -> Result<(String, &'static str), Refusal> {
        self.stranger_at(disk)?;
        let word = disk.last_four();
        let same = |entry: &&Entry| {
            entry.identity != *disk
                && !matches!(entry.life, Life::TakenOut(_))
                && entry.identity.last_four().eq_ignore_ascii_case(&word)
        };
        if word.is_empty() || self.entries.iter().any(|entry| same(&entry)) {
            return Ok((disk.last_four_of_port(), "port"));
        }
        Ok((word, "serial"))
    }

    fn want_replaced(&mut self, aim: Aim) -> Result<(), Refusal> {
        let Aim::Member { replaces: Some(volume) } = aim else { return Ok(()) };
        let at = self.member_at(volume).ok_or(Refusal::NotAMember)?;
        // One that is being emptied leaves in any case.
        match self.change(at, Life::replace) {
            Err(Refusal::Illegal { .. }) | Ok(()) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// The owner does not want to wait before a disk is erased.
    pub fn skip_wait(&mut self, disk: &DiskIdentity) -> Result<(), Refusal> {
        let at = self.stranger_at(disk)?;
        self.change(at, Life::skip_wait)
    }

    /// The owner changed his mind about a disk that is not formatted yet, or whose old content is kept.
    pub fn undo(&mut self, disk: &DiskIdentity) -> Result<(), Refusal> {
        let at = self.stranger_at(disk)?;
        self.change(at, Life::undo)
    }

    /// The owner says that a volume was moved to this disk on purpose.
    pub fn confirm(&mut self, disk: &DiskIdentity) -> Result<(), Refusal> {
        let at = self.stranger_at(disk)?;
        let life = self.entries[at].life.confirm()?;
        let volume = self.entries[at].volume.ok_or(Refusal::NoSuchDisk)?;
        self.entries[at].life = life;
        // The entry of the disk that it moved from is this one now.
        self.entries.retain(|e| e.life.is_here() || e.volume != Some(volume));
        Ok(())
    }

    /// A drive is used as it is.
    pub fn use_as(&mut self, disk: &DiskIdentity, aim: Aim) -> Result<(), Refusal> {
        let at = self.stranger_at(disk)?;
        self.change(at, |life| life.use_as(aim))
    }

    /// A drive is nobody's again.
    pub fn release(&mut self, disk: &DiskIdentity) -> Result<(), Refusal> {
        let at = self.stranger_at(disk)?;
        self.change(at, Life::release)
    }

    /// Another disk is to take a member's place.
    pub fn replace(&mut self, volume: VolumeId) -> Result<(), Refusal> {
        self.let_go(volume, Life::replace)
    }

    /// A member is to be emptied.
    pub fn retire(&mut self, volume: VolumeId) -> Result<(), Refusal> {
        self.let_go(volume, Life::retire)
    }

    fn let_go(
        &mut self,
        volume: VolumeId,
        how: impl FnOnce(&Life) -> Result<Life, Refusal>,
    ) -> Result<(), Refusal> {
        let at = self.volume_at(volume)?;
        self.change(at, how)?;
        let entry = &mut self.entries[at];
        entry.given_up = !entry.life.is_here();
        Ok(())
    }

    /// A member stays after all.
    pub fn cancel(&mut self, volume: VolumeId) -> Result<(), Refusal> {
        let at = self.volume_at(volume)?;
        self.change(at, Life::cancel)?;
        self.entries[at].given_up = false;
        Ok(())
    }

    /// Whether this disk holds a volume that left the vault, with all that was on it.
    pub fn has_left(&self, entry: &Entry) -> bool {
        let is_ours =
            matches!(&entry.content, DiskContent::Volume(mark) if mark.vault == self.vault);
        is_ours && matches!(entry.life, Life::Drained | Life::Foreign(Joining::No))
    }

    /// A disk that had left the vault comes back with what is on it. Its volume is remembered until
    /// it has joined: so it is known to need no formatting.
    pub fn readmit(&mut self, disk: &DiskIdentity) -> Result<(), Refusal> {
        let at = self.stranger_at(disk)?;
        if !self.has_left(&self.entries[at]) {
            return Err(self.entries[at].life.refuse(Verb::Cancel));
        }
        if let DiskContent::Volume(mark) = &self.entries[at].content {
            self.entries[at].volume = Some(mark.volume);
        }
        self.change(at, Life::readmit)
    }

    /// The vault had let go of a disk already when its owner wanted to keep it.
    pub fn kept_too_late(&mut self, volume: VolumeId) -> Result<(), Refusal> {
        let at = self.volume_at(volume)?;
        self.change(at, Life::kept_too_late)
    }

    /// A member that failed is to take part again.
    pub fn reinstate(&mut self, volume: VolumeId) -> Result<(), Refusal> {
        let at = self.volume_at(volume)?;
        self.change(at, Life::reinstate)
    }

    /// How well a member is.
    pub fn judged(&mut self, volume: VolumeId, grade: Grade) {
        if let Some(at) = self.member_at(volume) {
            self.entries[at].life = self.entries[at].life.judged(grade);
        }
    }

    /// Time passed, as a clock counts it that cannot be set.
    pub fn passed(&mut self, span: Millis) {
        for entry in &mut self.entries {
            entry.life = entry.life.passed(span);
            if !entry.life.is_here() {
                entry.away = Millis(entry.away.0.saturating_add(span.0));
            }
        }
    }

    /// The vault has a member that is not known here, or opened one once more. One that is not
    /// plugged in counts as away; the next look finds it.
    pub fn enrol(&mut self, member: Entry) {
        let Some(volume) = member.volume else { return };
        match self.member_at(volume) {
            Some(at) => {
                let known = &mut self.entries[at];
                known.generation = known.generation.max(member.generation);
            }
            None => self.enrol_new(volume, member),
        }
    }

    fn enrol_new(&mut self, volume: VolumeId, member: Entry) {
        // Killed between making the volume and saying so: the disk still stands as formatted.
        let unsaid = self.here_at(&member.identity).is_some()
            && self.joined(&member.identity, Some(volume)).is_ok();
        if !unsaid {
            // Strangers that claim it are looked at anew: they may be the member, or in doubt.
            let claims = |e: &Entry| {
                let is_it =
                    matches!(&e.content, DiskContent::Volume(mark) if mark.volume == volume);
                is_it && e.life == Life::Foreign(Joining::No)
            };
            let is_its_disk = |e: &Entry| e.life.is_here() && e.identity == member.identity;
            self.entries.retain(|e| !is_its_disk(e) && !claims(e));
            self.entries.push(member);
        }
    }

    /// A disk is what it was formatted for; as a member it has a volume. The one that it replaces is
    /// emptied from now on, if it is here and its owner still wants it replaced.
    pub fn joined(&mut self, disk: &DiskIdentity, volume: Option<VolumeId>) -> Result<(), Refusal> {
        let at = self.stranger_at(disk)?;
        let replaced = super::life::replaced_by(&self.entries[at].life);
        let life = self.entries[at].life.joined()?;
        if life.standing().is_some() && volume.is_none() {
            return Err(Refusal::NotAMember);
        }
        let entry = &mut self.entries[at];
        (entry.life, entry.volume, entry.label) = (life, volume, None);
        let old = replaced.and_then(|volume| self.member_at(volume));
        let leaves = |entry: &Entry| entry.life.is_here() && entry.life.wish() == Wish::Replace;
        if let Some(old) = old.filter(|old| leaves(&self.entries[*old])) {
            // If its owner was asked to pull it, that is taken back with a word, not in silence.
            self.entries[old].life = self.entries[old].life.retire()?;
        }
        Ok(())
    }

    /// Nothing depends on a member any more, and the vault has struck it off.
    pub fn drained(&mut self, volume: VolumeId) -> Result<(), Refusal> {
        let at = self.volume_at(volume)?;
        if self.entries[at].life.is_here() {
            return self.change(at, Life::drained);
        }
        self.entries[at].life.strike_off()?;
        self.entries.remove(at);
        Ok(())
    }

    /// The owner was asked to pull a disk.
    pub fn pull_was_asked(&mut self, disk: &DiskIdentity) -> Result<(), Refusal> {
        let at = self.stranger_at(disk)?;
        let entry = &mut self.entries[at];
        let leaves = entry.life == Life::Drained || entry.life.wish() == Wish::Replace;
        if !leaves {
            return Err(entry.life.refuse(Verb::Pulled));
        }
        entry.pull_asked = true;
        Ok(())
    }

    /// The owner was told not to pull a disk after all: with these words.
    pub fn pull_was_withdrawn(&mut self, disk: &DiskIdentity) -> Result<News, Refusal> {
        let at = self.stranger_at(disk)?;
        let entry = &mut self.entries[at];
        entry.pull_asked = false;
        Ok(News::NeededAgain { place: entry.place.clone() })
    }
}
