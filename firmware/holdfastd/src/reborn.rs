//! The vault of a box that is gone, on fresh disks of this one: the words and a friend are all that is left.
//!
//! The disks are prepared as for a new vault, the friends are gone back to, and the vault brings its metadata: from
//! then on it is this box's own, and what is in the files follows as a job. The words are used here and kept
//! nowhere. Cut off before that, the disks are offered for erasing and it is asked again. Start at
//! [`Supervisor::reborn`].

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::Duration;

use calls::{
    Answer, AskedBy, Fault, FaultCode, Job, JobSpec, Lock, Reborn, SecretText, StartedJob,
    first_wrong,
};
use host::VaultFile;
use seal::Words;
use types::VaultId;
use vault::{HeldKeys, Hold, RebornReport, RebornSpec, Vault};
use volume::Disk;

use crate::carer::Carer;
use crate::show;
use crate::supervisor::Supervisor;

/// The metadata of a large vault over a slow line takes hours.
const METADATA_MAX: Duration = Duration::from_secs(24 * 3_600);
/// Friends that are named, at most.
const SHEETS_MAX: usize = 16;
/// What can be done when a friend that may have something newer is silent.
const WITHOUT: &str = "Ask again when each of them answers. Whoever goes on without (`--without-missing`) gives up, \
                       for good, what is newer and only there.";

/// Held while a vault is brought back.
#[derive(Debug, Default)]
pub(crate) struct Rebirth(Mutex<()>);

impl Rebirth {
    /// For whoever makes the box's vault, in either way: one at a time.
    pub(crate) fn begin(&self) -> Result<MutexGuard<'_, ()>, Fault> {
        match self.0.try_lock() {
            Ok(one) => Ok(one),
            Err(TryLockError::Poisoned(one)) => Ok(one.into_inner()),
            Err(TryLockError::WouldBlock) => {
                let sentence = "The vault is being made or brought back already.";
                Err(Fault::new(FaultCode::Busy, sentence, "Wait for it."))
            }
        }
    }
}

/// What the vault said, and what is needed to go on with it.
struct Made {
    vault: VaultId,
    keys: HeldKeys,
    report: RebornReport,
    versions: u64,
    packs: u64,
    bytes: u64,
}

impl Supervisor {
    /// Brings the vault back. It is open afterwards, and every version is listed.
    pub(crate) fn reborn(
        &self,
        disks: Vec<String>,
        words: &SecretText,
        (sheets, without_missing): (&[String], bool),
    ) -> Result<Answer, Fault> {
        let _one = self.rebirth.begin()?;
        self.may_be_reborn(&disks, sheets)?;
        let parsed = Words::parse(words.reveal()).map_err(|error| {
            Fault::new(FaultCode::WrongSecret, error.to_string(), error.advice())
        })?;
        let mut odd = self.come_back((sheets, without_missing), words)?;
        let (made, job) = self.with_carer_for(METADATA_MAX, move |carer| {
            // One that was asked for before, and waited for longer, may have made a vault meanwhile.
            carer.supervisor.has_no_vault()?;
            carer.bring_vault_back(&disks, &parsed, without_missing)
        })?;
        let vault = made.vault;
        tracing::info!(%vault, head = made.report.head.seq, "the vault is back; its data follows");
        self.hub.tell(&calls::Event::Lock(Lock::Unlocked));
        self.changed.notify_all();
        drop(self.keeper.vault()?);
        odd.extend(made.report.findings.iter().cloned());
        let friends = self.friends()?.everybody().into_iter().map(|(_, name)| name).collect();
        Ok(Answer::Reborn(Box::new(Reborn {
            vault: vault.to_string(),
            written_ms: made.report.written.0,
            versions: made.versions,
            friends,
            packs: made.packs,
            bytes: made.bytes,
            job: StartedJob { job, already_there: false },
            odd: first_wrong(odd),
        })))
    }

    fn has_no_vault(&self) -> Result<(), Fault> {
        if let Some(vault) = self.vault.get() {
            let sentence = format!("This box has a vault already: {vault}.");
            let advice = "Only a box without one can bring another back: take a fresh box, or a fresh \
                          state folder and blank disks.";
            return Err(Fault::new(FaultCode::WrongState, sentence, advice));
        }
        self.folder
            .is_free()
            .map_err(|error| Fault::new(FaultCode::Failed, show::whole(&error), error.advice()))
    }

    fn may_be_reborn(&self, disks: &[String], sheets: &[String]) -> Result<(), Fault> {
        self.has_no_vault()?;
        let count = sheets.len();
        if disks.is_empty() || !(1..=SHEETS_MAX).contains(&count) {
            let sentence =
                format!("{} disks and {count} come-back addresses were named.", disks.len());
            let advice = "Name at least one blank disk, and the sheet of at least one friend.";
            return Err(Fault::new(FaultCode::BadRequest, sentence, advice));
        }
        Ok(())
    }

    /// Goes back to each friend. One that cannot be reached ends it, unless the owner said to go on without.
    fn come_back(
        &self,
        (sheets, without_missing): (&[String], bool),
        words: &SecretText,
    ) -> Result<Vec<String>, Fault> {
        let name = self.setup.config.web.as_ref().map(|web| web.name.clone());
        let label = name.unwrap_or_else(|| "holdfast".to_owned());
        let service = self.friends()?;
        let (mut failed, mut reached): (Vec<(usize, Fault)>, usize) = (Vec::new(), 0);
        for (number, sheet) in (1..).zip(sheets) {
            match service.come_back(sheet, &label, words) {
                Ok(friend) => {
                    tracing::info!(%friend, "back at a friend");
                    reached += 1;
                }
                Err(fault) => failed.push((number, fault)),
            }
        }
        if let Some((_, fault)) = failed.first().filter(|_| reached == 0) {
            return Err(fault.clone());
        }
        let told = |(number, fault): (usize, Fault)| format!("Sheet {number}: {}", fault.sentence);
        let told: Vec<String> = failed.into_iter().map(told).collect();
        if told.is_empty() || without_missing {
            return Ok(told);
        }
        let sentence = format!("Not every friend could be gone back to. {}", told.join(" "));
        Err(Fault::new(FaultCode::WrongState, sentence, WITHOUT))
    }

    fn bring_metadata(
        &self,
        disks: Vec<Arc<dyn Disk>>,
        words: &Words,
        go_on_without: bool,
    ) -> Result<Made, Fault> {
        let halt = AtomicBool::new(false);
        let holds = self.holds(&halt)?;
        let holds: Vec<&dyn Hold> = holds.iter().map(|one| one as &dyn Hold).collect();
        let catalog = VaultFile::new(&self.setup.config.vault, VaultId::default()).catalog();
        // A cache, and that of an attempt before this one knows other disks.
        match std::fs::remove_file(&catalog) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                let sentence = format!("{} is in the way: {error}.", catalog.display());
                return Err(Fault::new(FaultCode::Failed, sentence, "Remove it, and ask again."));
            }
            _ => {}
        }
        let options = host::options(Some(catalog), self.setup.config.rescue_program.clone());
        let spec = RebornSpec { disks, words, holds: &holds, head: None, go_on_without };
        let mut goes_on = |_: vault::Progress| !self.is_stopping();
        let fault = |error: vault::VaultError| match error {
            error @ vault::VaultError::Unheard { .. } => {
                Fault::new(FaultCode::WrongState, show::whole(&error), WITHOUT)
            }
            error => show::fault(&error),
        };
        let (vault, report) =
            Vault::reborn(self.setup.env.clone(), options, spec, &mut goes_on).map_err(fault)?;
        for finding in &report.findings {
            tracing::warn!(finding, "found while the vault was brought back");
        }
        let lacking = vault.packs_to_fetch().map_err(fault)?;
        let versions = vault.snapshots(None).map_err(fault)?.len() as u64;
        vault.close().map_err(fault)?;
        Ok(Made {
            vault: vault.id(),
            keys: vault.held_keys(),
            report,
            versions,
            packs: lacking.len() as u64,
            bytes: lacking.iter().map(|pack| pack.len.0).sum(),
        })
    }
}

impl Carer {
    /// Formats these disks where that was not done before, has the metadata brought there, and takes the vault into
    /// use. Meanwhile no disk is looked at, so that none of these is let go of.
    fn bring_vault_back(
        &mut self,
        names: &[String],
        words: &Words,
        go_on_without: bool,
    ) -> Result<(Made, Job), Fault> {
        let targets = self.targets(names)?;
        self.format(&targets)?;
        let mounted: Result<Vec<_>, _> =
            targets.iter().map(|disk| self.caretaker.mount_new(disk)).collect();
        let supervisor = Arc::clone(&self.supervisor);
        let brought = mounted.map_err(|error| show::disks(&error));
        let brought =
            brought.and_then(|disks| supervisor.bring_metadata(disks, words, go_on_without));
        let made = brought.and_then(|made| {
            // Before the vault is this box's: one whose power fails here still knows what it lacks.
            let (job, _) = supervisor.add(JobSpec::BringBack {}, AskedBy::Owner)?;
            let file = VaultFile::new(&supervisor.setup.config.vault, made.vault);
            let saved = file.save_new();
            saved
                .map(|()| (made, job))
                .map_err(|error| Fault::new(FaultCode::Failed, show::whole(&error), error.advice()))
        });
        // Mounted again as members, by the caretaker of the vault; or as they are, by the next attempt.
        self.caretaker.release_all();
        let (made, job) = made.inspect_err(|fault| {
            tracing::warn!(disks = targets.len(), "the vault was not brought back: {fault}");
        })?;
        self.take_into_use(made.vault, made.keys.clone());
        Ok((made, job))
    }
}
