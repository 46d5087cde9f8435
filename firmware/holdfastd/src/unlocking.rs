//! Locking and unlocking: by the owner, or by the box itself from a file that only it may read.
//!
//! Secrets are used here and handed on to nobody; none is kept or logged. Start at
//! [`Supervisor::unlock`].

use std::sync::PoisonError;
use std::time::Duration;

use calls::{Event, Fault, FaultCode, JobState, Lock};
use seal::Words;
use types::Millis;
use vault::{Access, Secrets, Vault};
use zeroize::Zeroizing;

use crate::conduct::PUT_BY_MAX;
use crate::config::{KeyKind, Unlock};
use crate::error::StartError;
use crate::key_file::read_key_file;
use crate::show;
use crate::supervisor::{Shared, Supervisor};

/// A box that unlocks itself waits this long for disks that are not there: a large one spins up in
/// half a minute. After that it goes on without.
const DISKS_WAIT_MAX: Millis = Millis::from_secs(60);
/// An owner who unlocks a box that has just started waits this long for its disks to be looked at.
const LOOK_MAX: Duration = Duration::from_secs(45);
/// And looks this often whether they are.
const DISKS_LOOK_EVERY: Duration = Duration::from_secs(2);

impl Supervisor {
    /// Opens the vault with the words.
    pub(crate) fn unlock_with_words(&self, text: &str) -> Result<(), Fault> {
        let words = Words::parse(text).map_err(|error| {
            Fault::new(FaultCode::WrongSecret, error.to_string(), error.advice())
        })?;
        self.unlock(Secrets::Words(&words))
    }

    /// Opens the vault.
    pub(crate) fn unlock(&self, secret: Secrets<'_>) -> Result<(), Fault> {
        if self.is_stopping() {
            return Err(show::stopping());
        }
        if self.keeper.lock() == Lock::Unlocked
            && let Some(keys) = self.keeper.keys()
        {
            // It stays open either way.
            return keys.accepts(secret).map_err(|error| show::fault(&error));
        }
        if self.vault.get().is_none() {
            return Err(show::no_vault());
        }
        // Right after the start the disks are still being looked at.
        let looking = |_: &mut Shared| !self.setup.source.has_looked();
        drop(self.changed.wait_timeout_while(self.shared(), LOOK_MAX, looking));
        let opened = self.keeper.open(|| {
            self.let_friends_go_of_disks();
            self.open_vault(secret)
        });
        self.lend_disks_to_friends();
        match &opened {
            Ok(()) => {
                tracing::info!("the vault is unlocked");
                self.hub.tell(&Event::Lock(self.keeper.lock()));
                self.look_after_health();
            }
            Err(fault) => tracing::warn!(code = ?fault.code, "the vault stays locked: {fault}"),
        }
        // What waited for the keys may begin.
        drop(self.shared());
        self.changed.notify_all();
        self.wake_care();
        opened
    }

    fn open_vault(&self, secret: Secrets<'_>) -> Result<Vault, Fault> {
        let gathered =
            self.setup.source.gather().map_err(|error| {
                Fault::new(FaultCode::Volumes, show::whole(&error), error.advice())
            })?;
        let program = self.setup.config.rescue_program.clone();
        let options = host::options(Some(gathered.catalog), program);
        // Whoever cares for disks says himself which are away.
        let own_folders = self.setup.hardware.is_none();
        let away = gathered.expected.into_iter().filter_map(|(_, _, why)| why);
        let away: Vec<String> = away.filter(|_| own_folders).map(|why| why + ".").collect();
        let env = self.setup.env.clone();
        let opened = Vault::open(
            env,
            options,
            Access::ReadWrite,
            gathered.disks,
            Some(gathered.vault),
            secret,
        );
        let opened = opened.map_err(|error| show::fault(&error));
        let (vault, report) = opened.map_err(|fault| self.naming_what_failed(fault))?;
        // Locked again, the box must still know its own heads from others.
        self.remember_writers(&vault.writers());
        for finding in &report.findings {
            tracing::warn!(finding, "found while the vault was opened");
        }
        tracing::info!(
            recovered_packs = report.recovered_packs,
            replayed_commits = report.replayed_commits,
            "the vault is open"
        );
        let mut shared = self.shared();
        shared.oddities = away.into_iter().chain(report.findings).collect();
        shared.missing_packs = report.missing_packs.len() as u64;
        Ok(vault)
    }

    /// A vault whose disks all failed once cannot be opened before one is written again, and only its
    /// owner may say that one can be: he is told which, and how.
    fn naming_what_failed(&self, fault: Fault) -> Fault {
        let Some(care) = self.care.as_ref().filter(|_| fault.code == FaultCode::Volumes) else {
            return fault;
        };
        let shown = care.shown();
        let of_life = |lives: &'static [&str]| {
            shown.disks.disks.iter().filter(move |disk| lives.contains(&disk.life.as_str()))
        };
        let failed: Vec<String> = of_life(&["failed"])
            .map(|disk| format!("{} (..{})", disk.place, disk.serial))
            .collect();
        let Some(first) = of_life(&["failed"]).next() else { return fault };
        if of_life(&["member", "watch", "retiring"]).next().is_some() {
            return fault;
        }
        let sentence = format!(
            "{} Every disk of the vault that is here failed once and is only read: {}.",
            fault.sentence,
            failed.join(", ")
        );
        let advice = format!(
            "Check the cables, then try one again with `holdfast --box default disk trust {}`, and \
             unlock once more.",
            first.id
        );
        Fault::new(fault.code, sentence, advice)
    }

    /// Looks whether the key file of the settings can be used, before anybody is told that all is
    /// well. What it holds is not kept.
    pub fn check_key_file(&self) -> Result<(), StartError> {
        match &self.setup.config.unlock {
            Some(unlock) => read_key_file(&unlock.key_file).map(drop),
            None => Ok(()),
        }
    }

    /// Unlocks by itself when the settings say so. After a power cut disks come up later than the
    /// box, so all of them are waited for, for a while; and when none can be opened it is tried again.
    /// Each time the file is read, used and wiped.
    pub fn unlock_by_itself(&self) -> Result<(), StartError> {
        let Some(unlock) = &self.setup.config.unlock else { return Ok(()) };
        let (begun, locks) = (self.uptime(), self.keeper.locks());
        // An owner who unlocked it, or locked it, has taken over.
        let is_taken_over = || self.keeper.lock() == Lock::Unlocked || self.keeper.locks() != locks;
        while !self.all_are_here() && self.uptime().0 < begun.0 + DISKS_WAIT_MAX.0 {
            if self.rests(DISKS_LOOK_EVERY) || is_taken_over() {
                return Ok(());
            }
        }
        while !is_taken_over() {
            match self.try_key_file(unlock)? {
                Err(fault) if fault.code == FaultCode::Volumes => {}
                // It was logged. The box serves, locked, and its owner sees why.
                Err(_) | Ok(()) => return Ok(()),
            }
            if self.rests(DISKS_LOOK_EVERY) {
                return Ok(());
            }
        }
        Ok(())
    }

    fn try_key_file(&self, unlock: &Unlock) -> Result<Result<(), Fault>, StartError> {
        let secret = read_key_file(&unlock.key_file)?;
        Ok(match unlock.kind {
            KeyKind::Words => {
                let text = Zeroizing::new(String::from_utf8_lossy(&secret).into_owned());
                self.unlock_with_words(&text)
            }
            KeyKind::Password => self.unlock(Secrets::Password(&secret)),
        })
    }

    fn all_are_here(&self) -> bool {
        let gathered = self.setup.source.gather();
        self.setup.source.has_looked()
            && gathered
                .is_ok_and(|gathered| gathered.expected.iter().all(|(_, _, why)| why.is_none()))
    }

    /// Waits; true when the box stops meanwhile.
    pub(crate) fn rests(&self, span: Duration) -> bool {
        let waited =
            self.changed.wait_timeout_while(self.shared(), span, |shared| !shared.stopping);
        waited.unwrap_or_else(PoisonError::into_inner).0.stopping
    }

    /// Stops what is at work so that it goes on later, and lets nothing begin until
    /// [`Self::let_jobs_begin`]. When something does not stop in time, all goes on as before.
    fn put_jobs_by(&self) -> Result<(), Fault> {
        let mut shared = self.shared();
        shared.putting_by += 1;
        shared.book.halt_all();
        let (mut after, late) = self
            .changed
            .wait_timeout_while(shared, PUT_BY_MAX, |shared| !shared.book.running().is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        if late.timed_out() {
            after.putting_by -= 1;
            let at_work = after.book.jobs().filter(|job| job.state == JobState::Running);
            let names: Vec<String> = at_work.map(|job| job.id.to_string()).collect();
            let sentence = format!("Job {} did not stop in time.", names.join(" and job "));
            let advice = "See what it waits for with `holdfast --box default jobs`, then try again; \
                          starting the box anew ends it, and loses nothing that was acknowledged.";
            return Err(Fault::new(FaultCode::Busy, sentence, advice));
        }
        Ok(())
    }

    fn let_jobs_begin(&self) {
        self.shared().putting_by -= 1;
        self.changed.notify_all();
    }

    /// Puts by what needs the keys, and forgets them.
    pub(crate) fn lock(&self) -> Result<(), Fault> {
        if self.keeper.lock() == Lock::Opening {
            let sentence = "The vault is just being opened.";
            return Err(Fault::new(FaultCode::Busy, sentence, "Lock it once it is open."));
        }
        self.put_jobs_by()?;
        self.let_friends_go_of_disks();
        let taken = self.keeper.take();
        self.let_jobs_begin();
        let closed = taken.map_or(Ok(()), |vault| vault.close());
        self.lend_disks_to_friends();
        closed.map_err(|error| show::fault(&error))?;
        tracing::info!("the vault is locked");
        self.hub.tell(&Event::Lock(Lock::Locked));
        self.look_after_health();
        self.wake_care();
        Ok(())
    }

    /// Opens the vault anew with the disks that are mounted now; with none, its keys are kept for
    /// when one comes. A locked vault stays locked. Jobs are put by and go on afterwards.
    pub(crate) fn reopen(&self, any: bool) -> Result<(), Fault> {
        if self.keeper.lock() == Lock::Opening {
            // It gathered its disks before these were there: they have their turn after it.
            let sentence = "The vault is just being opened with the disks that were there.";
            return Err(Fault::new(FaultCode::Busy, sentence, "It is tried again in a moment."));
        }
        let Some(keys) = self.keeper.keys() else {
            // Whoever unlocks by itself may wait for these disks; friends' packs may lie on them.
            self.changed.notify_all();
            self.let_friends_go_of_disks();
            self.lend_disks_to_friends();
            return Ok(());
        };
        self.put_jobs_by()?;
        let opening =
            || if any { self.open_vault(Secrets::Held(&keys)).map(Some) } else { Ok(None) };
        self.let_friends_go_of_disks();
        let ended = self.keeper.change(keys.clone(), opening);
        self.lend_disks_to_friends();
        self.let_jobs_begin();
        match &ended {
            Ok(()) => tracing::info!(any, "the vault was opened anew: its disks changed"),
            Err(fault) => tracing::warn!("the vault cannot be opened with these disks: {fault}"),
        }
        self.look_after_health();
        ended
    }
}
