//! Carrying out what was decided, one action at a time.
//!
//! Order at each step: what cannot be taken back is written to the roster first, then done, then its
//! end is written. A step that was cut short is decided again and finds out how far it came.
//! Start at [`Caretaker::step`].

use std::collections::BTreeSet;
use std::sync::Arc;

use plan::disk::{Action, Aim, Entry, Life, World};
use types::{Light, VolumeId};

use crate::caretaker::Caretaker;
use crate::error::DisksError;
use crate::seat::Work;

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

    /// Does the next thing that needs nobody's word. What takes long is only begun: the seat does it.
    pub fn step(&mut self) -> Result<Done, DisksError> {
        self.try_again();
        if self.reopen_due
            && let Err(error) = self.reopen()
        {
            return self.mount_what_lacks(error);
        }
        self.note_ended()?;
        self.keep_who_stays()?;
        self.finish_leaving();
        let world = self.world()?;
        let actions = self.roster.decide(&world);
        self.show(&actions);
        let next = actions.into_iter().find(|action| self.can_do(action, &world));
        let Some(action) = next else { return Ok(Done::Idle) };
        if let Err(error) = self.carry_out(&action) {
            self.set_aside(&action, &error, world.under_copied);
            return Err(error);
        }
        let after = self.roster.decide(&self.world()?);
        self.show(&after);
        Ok(Done::Did(action))
    }

    /// The vault could not be opened with what is mounted: what it lacks may be on a disk that is to be
    /// mounted, or mounted anew. With that it is tried once more; else the error stands.
    fn mount_what_lacks(&mut self, error: DisksError) -> Result<Done, DisksError> {
        self.finish_leaving();
        let world = self.world()?;
        let lacks =
            |action: &Action| matches!(action, Action::Mount { .. } | Action::Unmount { .. });
        let mut actions = self.roster.decide(&world);
        actions.retain(lacks);
        let Some(action) = actions.into_iter().find(|action| self.can_do(action, &world)) else {
            return Err(error);
        };
        if let Err(error) = self.carry_out(&action) {
            self.set_aside(&action, &error, world.under_copied);
            return Err(error);
        }
        Ok(Done::Did(action))
    }

    /// Takes note of works that ended since, and of members that the vault has let go.
    fn note_ended(&mut self) -> Result<(), DisksError> {
        let under_way = self.parts.seat.under_way();
        let begun = std::mem::take(&mut self.begun);
        // A volume is off the vault's list a moment before a head says so, and on it again if none can.
        let is_leaving = |volume: &VolumeId| under_way.contains(&Work::Drain(*volume));
        let (left, ended): (BTreeSet<Work>, BTreeSet<Work>) =
            begun.into_iter().partition(|work| under_way.contains(work));
        self.begun = left;
        let Some(vault) = self.parts.seat.vault() else { return Ok(()) };
        let listed: Vec<VolumeId> = vault.volumes()?.into_iter().map(|one| one.id).collect();
        let leave = |entry: &Entry| {
            matches!(entry.life, Life::Retiring { .. }) || entry.life.strike_off().is_ok()
        };
        let entries = self.roster.entries().iter().filter(|entry| leave(entry));
        let mut gone: Vec<VolumeId> =
            entries.filter_map(|e| e.volume).filter(|volume| !listed.contains(volume)).collect();
        gone.retain(|volume| !is_leaving(volume));
        for volume in &gone {
            self.roster.drained(*volume)?;
        }
        // An emptying may have come to its end before it heard that its owner took it back.
        let stays = |entry: &&Entry| entry.life.is_here() && !leave(entry);
        let stay = self.roster.entries().iter().filter(stays).filter_map(|entry| entry.volume);
        let mut late: Vec<VolumeId> = stay.filter(|volume| vault.has_left(*volume)).collect();
        // One that is on its way back already was noticed before.
        late.retain(|volume| !is_leaving(volume) && self.roster.kept_too_late(*volume).is_ok());
        // An emptying that its owner took back says nothing of how far copying would come.
        let still = |work: &Work| match work {
            Work::Copy => true,
            Work::Drain(volume) => self.roster.member(*volume).is_some_and(leave),
        };
        let ended: BTreeSet<Work> = ended.into_iter().filter(still).collect();
        if !gone.is_empty() || !late.is_empty() {
            self.stuck = None;
            self.keep()?;
        } else if !ended.is_empty() {
            let short = vault.under_copied()?;
            // It got as far as it could, and would come no further if it began again; but when
            // everything has its copies, what waited for that goes on.
            let all_copied = short == 0 && ended.iter().all(|work| *work == Work::Copy);
            // One that failed is begun again when it has rested, whatever has changed by then.
            let failed = ended.iter().all(|work| self.parts.seat.rests(*work).is_some());
            self.stuck = (!all_copied && !failed).then_some(short);
        }
        Ok(())
    }

    fn begin(&mut self, work: Work) -> Result<(), DisksError> {
        self.parts.seat.begin(work)?;
        self.begun.insert(work);
        Ok(())
    }

    fn carry_out(&mut self, action: &Action) -> Result<(), DisksError> {
        self.do_it(action)?;
        if let Action::Unmount { disk }
        | Action::Format { disk }
        | Action::PutBack { disk }
        | Action::Join { disk, .. }
        | Action::AskPull { disk } = action
        {
            self.refused.remove(disk);
        }
        Ok(())
    }

    fn do_it(&mut self, action: &Action) -> Result<(), DisksError> {
        match action {
            Action::Mount { .. } => self.mount_all(),
            Action::Unmount { disk } => self.unmount(disk),
            Action::Format { disk } => self.format(disk),
            Action::PutBack { disk } => self.put_back(disk),
            Action::Join { disk, aim } => self.join(disk, *aim),
            Action::Copy => self.begin(Work::Copy),
            Action::Drain { volume } | Action::StrikeOff { volume } => {
                self.begin(Work::Drain(*volume))
            }
            Action::AskPull { disk } => {
                self.roster.pull_was_asked(disk)?;
                self.keep()
            }
            Action::WithdrawPull { disk } => {
                let news = self.roster.pull_was_withdrawn(disk)?;
                self.news.push(news);
                self.keep()
            }
            Action::AskInsert { .. } | Action::Offer { .. } => Ok(()),
        }
    }

    /// What failed is not tried again at once, so that the rest gets its turn.
    fn set_aside(&mut self, action: &Action, error: &DisksError, under_copied: u64) {
        match action {
            Action::Mount { .. } | Action::WithdrawPull { .. } => {}
            // The vault has let go of it: without it nothing may be read that it alone has.
            Action::Unmount { disk } if error.is_soon_over() => {
                self.refused.insert_silent(disk.clone());
            }
            Action::Unmount { disk }
            | Action::Format { disk }
            | Action::PutBack { disk }
            | Action::Join { disk, .. }
            | Action::AskPull { disk } => match error {
                DisksError::Silent { .. } => self.refused.insert_silent(disk.clone()),
                _ => self.refused.insert(disk.clone()),
            },
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
                (is_open || self.comes_back_alone(disk)) && !self.refused.contains(disk)
            }
            Action::Mount { disk, .. }
            | Action::Unmount { disk }
            | Action::Format { disk }
            | Action::PutBack { disk }
            | Action::Join { disk, .. }
            | Action::AskPull { disk } => !self.refused.contains(disk),
            Action::Copy | Action::Drain { .. } | Action::StrikeOff { .. } => {
                let work = work_of(action).filter(|work| self.parts.seat.rests(*work).is_none());
                let is_new = self.stuck != Some(world.under_copied);
                is_open && !world.is_copying && is_new && work.is_some()
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
            let light = if self.pointed_at.contains(&bay) { Light::Here } else { light };
            if self.lights.get(&bay) != Some(&light) && board.light(&bay, light).is_ok() {
                self.lights.insert(bay, light);
            }
        }
    }
}

/// The long work that an action begins.
pub(crate) fn work_of(action: &Action) -> Option<Work> {
    match action {
        Action::Copy => Some(Work::Copy),
        Action::Drain { volume } | Action::StrikeOff { volume } => Some(Work::Drain(*volume)),
        _ => None,
    }
}
