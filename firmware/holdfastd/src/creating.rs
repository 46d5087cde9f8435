//! The first vault of a new box, made on disks that its owner named.
//!
//! Only blank disks are taken, or such as were erased for it; the words are told once and kept nowhere.
//! Cut off in the middle, the disks hold an empty vault that nobody has the words of, and are offered
//! for erasing. Start at [`Supervisor::create`].

use std::sync::Arc;
use std::time::Duration;

use calls::{Answer, Fault, FaultCode, Lock, SecretText};
use disks::{DisksError, Done};
use host::VaultFile;
use plan::disk::{Aim, Joining};
use seal::Words;
use types::{DiskIdentity, Millis, VaultId};
use vault::{CreateSpec, HeldKeys, Vault};
use volume::Disk;

use crate::carer::Carer;
use crate::error::StartError;
use crate::supervisor::Supervisor;
use crate::untold::NEW_ROSTER;
use crate::{naming, show};

/// Formatting a large, slow disk takes minutes; whoever goes away meanwhile asks again for the words.
const CREATE_MAX: Duration = Duration::from_secs(1_800);
/// A disk that is being formatted is asked again after this.
const AGAIN: Duration = Duration::from_secs(1);
/// And given up after so many times.
const AGAIN_MAX: u32 = 900;
/// Steps that formatting takes, at most, for each disk.
const STEPS_MAX: usize = 20;

impl Supervisor {
    /// Makes the vault. It is open afterwards.
    pub(crate) fn create(
        &self,
        disks: Vec<String>,
        copies: u8,
        password: Option<SecretText>,
    ) -> Result<Answer, Fault> {
        if let Some(answer) = self.untold_words() {
            return Ok(answer);
        }
        let _one = self.rebirth.begin()?;
        self.no_friends_of_another_vault()?;
        self.with_carer_for(CREATE_MAX, move |carer| {
            carer.create(&disks, copies, password.as_ref())
        })?;
        self.hub.tell(&calls::Event::Lock(Lock::Unlocked));
        self.changed.notify_all();
        self.untold.answer().ok_or_else(show::stopping)
    }

    /// A box that went back to friends and brought nothing back has pacts about the vault that is gone: packs of
    /// another one would be sent there, and count as copies that no words bring back.
    fn no_friends_of_another_vault(&self) -> Result<(), Fault> {
        let friends = self.friends().map(|service| service.everybody()).unwrap_or_default();
        if friends.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = friends.into_iter().map(|(_, name)| name).collect();
        let sentence =
            format!("This box has gone back to friends for another vault: {}.", names.join(", "));
        let advice = "Bring that vault back (`holdfast --box default reborn`); or, for a new vault, begin with \
                      a fresh state folder, and make pacts with these friends anew.";
        Err(Fault::new(FaultCode::WrongState, sentence, advice))
    }
}

fn no(sentence: String, advice: &str) -> Fault {
    Fault::new(FaultCode::BadRequest, sentence, advice)
}

impl Carer {
    fn create(
        &mut self,
        names: &[String],
        copies: u8,
        password: Option<&SecretText>,
    ) -> Result<(), Fault> {
        if let Some(vault) = self.supervisor.vault.get() {
            let sentence = format!("This box has a vault already: {vault}.");
            let advice =
                "Let more disks take part in it: `holdfast --box default disk adopt DISK`.";
            return Err(Fault::new(FaultCode::WrongState, sentence, advice));
        }
        if names.is_empty() || !(1..=8).contains(&copies) {
            let sentence =
                format!("A vault of {copies} copies on {} disks was asked for.", names.len());
            return Err(no(sentence, "Name at least one disk, and 1 to 8 copies."));
        }
        let wrong =
            |error: StartError| Fault::new(FaultCode::Failed, show::whole(&error), error.advice());
        self.supervisor.folder.is_free().map_err(wrong)?;
        let targets = self.targets(names)?;
        self.format(&targets)?;
        self.supervisor.begin_untold()?;
        if self.supervisor.is_stopping() {
            return Err(show::stopping());
        }
        let made = self.make_on(&targets, copies, password);
        // Mounted again as members, by the caretaker of the new vault.
        self.caretaker.release_all();
        let (vault, keys, words) = made.inspect_err(|_| {
            // Half a vault may be on them: they are formatted once more, and can be named again.
            if let Err(error) = self.caretaker.format_again(&targets) {
                tracing::warn!(%error, "disks of a vault that was not made stay as they are");
            }
        })?;
        // From here on there is a vault: nothing that fails may keep its words back.
        self.supervisor.hold_words(vault, words);
        self.take_into_use(vault, keys);
        Ok(())
    }

    /// The box is this vault's from now on: its disks are taken up, and it is opened with them.
    pub(crate) fn take_into_use(&mut self, vault: VaultId, keys: HeldKeys) {
        self.supervisor.keeper.keep(keys);
        self.supervisor.vault.get_or_init(|| vault);
        if let Err(error) = self.supervisor.folder.is_of(vault) {
            tracing::error!(%error, "it cannot be noted whose the box's records are");
        }
        if let Err(error) = self.supervisor.folder.remove(NEW_ROSTER) {
            tracing::warn!(%error, "the roster of the new box stays");
        }
        match self.begin_anew(vault) {
            Ok(()) => {
                let looked = self.caretaker.look();
                self.note(looked);
                self.caretaker.take_news();
                self.take_steps();
            }
            Err(fault) => self.supervisor.cannot_care(fault),
        }
    }

    /// Makes the vault and its file.
    fn make_on(
        &mut self,
        targets: &[DiskIdentity],
        copies: u8,
        password: Option<&SecretText>,
    ) -> Result<(VaultId, HeldKeys, SecretText), Fault> {
        let disks: Result<Vec<_>, _> =
            targets.iter().map(|disk| self.caretaker.mount_new(disk)).collect();
        let made = self.make(disks.map_err(|error| show::disks(&error))?, copies, password)?;
        let file = VaultFile::new(&self.supervisor.setup.config.vault, made.0);
        file.save_new()
            .map_err(|error| Fault::new(FaultCode::Failed, show::whole(&error), error.advice()))?;
        Ok(made)
    }

    /// The disks that are meant, all of which may be used.
    pub(crate) fn targets(&self, names: &[String]) -> Result<Vec<DiskIdentity>, Fault> {
        let mut targets: Vec<DiskIdentity> = Vec::new();
        for name in names {
            let entry = naming::find(self.caretaker.roster(), name)?;
            let ready = matches!(
                entry.life.joining(),
                Joining::Formatting { .. } | Joining::Kept { .. } | Joining::Formatted { .. }
            );
            let blank = matches!(entry.life, plan::disk::Life::Blank(_));
            if !blank && !ready {
                let sentence =
                    format!("{name} is not blank: a disk that {} is not used.", entry.life.words());
                let advice =
                    "Name another, or erase it first: `holdfast --box default disk erase`.";
                return Err(Fault::new(FaultCode::Refused, sentence, advice));
            }
            if targets.contains(&entry.identity) {
                return Err(no(format!("{name} is named twice."), "Name each disk once."));
            }
            targets.push(entry.identity.clone());
        }
        Ok(targets)
    }

    pub(crate) fn format(&mut self, targets: &[DiskIdentity]) -> Result<(), Fault> {
        let failed = |error: DisksError| show::disks(&error);
        let at = |carer: &Self, disk: &DiskIdentity| {
            carer.caretaker.roster().here(disk).map_or(Joining::No, |entry| entry.life.joining())
        };
        for disk in targets {
            // Named for a vault: its owner does not want back what was on it.
            if matches!(at(self, disk), Joining::Kept { .. }) {
                self.caretaker.skip_wait(disk).map_err(failed)?;
            }
            if at(self, disk) == Joining::No {
                let aim = Aim::Member { replaces: None };
                self.caretaker.adopt(disk, aim).map_err(failed)?;
            }
        }
        let formatted = |carer: &Self| {
            targets.iter().all(|disk| matches!(at(carer, disk), Joining::Formatted { .. }))
        };
        for _ in 0..targets.len() * STEPS_MAX {
            if formatted(self) {
                return Ok(());
            }
            if self.supervisor.is_stopping() {
                return Err(show::stopping());
            }
            match self.caretaker.step() {
                Ok(Done::Idle) => break,
                Ok(Done::Did(_)) => {}
                // It is at it; a large disk takes a while.
                Err(DisksError::Silent { .. }) => self.wait_for_format()?,
                Err(error) => return Err(failed(error)),
            }
        }
        if formatted(self) {
            return Ok(());
        }
        let sentence = "Not every disk could be formatted.".to_owned();
        let advice = "See which: `holdfast --box default disks`, then ask again.";
        Err(Fault::new(FaultCode::Volumes, sentence, advice))
    }

    /// Waits until the disks that are being formatted answer, or nobody has patience any more.
    fn wait_for_format(&mut self) -> Result<(), Fault> {
        for _ in 0..AGAIN_MAX {
            if self.supervisor.rests(AGAIN) {
                return Err(show::stopping());
            }
            // Lets what was set aside be asked again.
            self.caretaker.passed(Millis(0)).map_err(|error| show::disks(&error))?;
            match self.caretaker.step() {
                Err(DisksError::Silent { .. }) => {}
                Err(error) => return Err(show::disks(&error)),
                Ok(_) => return Ok(()),
            }
        }
        let sentence = "A disk is still not formatted.".to_owned();
        Err(Fault::new(FaultCode::Volumes, sentence, "Use another disk in its place."))
    }

    fn make(
        &self,
        disks: Vec<Arc<dyn Disk>>,
        copies: u8,
        password: Option<&SecretText>,
    ) -> Result<(VaultId, HeldKeys, SecretText), Fault> {
        let setup = &self.supervisor.setup;
        let catalog = VaultFile::new(&setup.config.vault, VaultId::default()).catalog();
        let options = host::options(Some(catalog), setup.config.rescue_program.clone());
        let words = Words::generate(&*setup.env.rng);
        let password = password.map(|password| password.reveal().as_bytes());
        let spec = CreateSpec { disks, copies, words: &words, password };
        let vault =
            Vault::create(setup.env.clone(), options, spec).map_err(|error| show::fault(&error))?;
        vault.close().map_err(|error| show::fault(&error))?;
        let phrase = SecretText::from(words.phrase().as_str().to_owned());
        Ok((vault.id(), vault.held_keys(), phrase))
    }
}
