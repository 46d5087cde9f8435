//! Drives for plain files: which of them a job may write to, and when they may be unplugged.
//!
//! A drive is written to only after its owner named it, by a word or by a job; one that was pulled
//! is known again by its serial, and one without a serial by the port it was in. What runs on its own
//! is the going on, never the beginning. Start at [`Supervisor::name_drives`] and [`Carer::held`].

use calls::{AskedBy, Fault, FaultCode, Job, JobId, JobResult, JobSpec, JobState, Lock};
use plan::disk::{Aim, Entry, Life};
use plan::jobs::Wish;
use types::{DiskContent, DiskIdentity};

use crate::book::Book;
use crate::carer::Carer;
use crate::supervisor::Supervisor;
use crate::{burn_in, naming, seen, show};

/// The drives that a job works with, by their letters; none when it works with none.
pub(crate) fn drives_of(spec: &JobSpec) -> Option<&[String]> {
    match spec {
        JobSpec::Usb { drives, .. } => Some(drives),
        JobSpec::UsbVerify { drive } | JobSpec::Import { drive, .. } => {
            Some(std::slice::from_ref(drive))
        }
        _ => None,
    }
}

fn writes(spec: &JobSpec) -> bool {
    matches!(spec, JobSpec::Usb { .. })
}

/// A job that is not over and works with this drive.
pub(crate) fn user_of<'b>(book: &'b Book, drive: &str) -> Option<&'b Job> {
    let uses = |job: &&Job| drives_of(&job.spec).is_some_and(|all| all.iter().any(|d| d == drive));
    book.jobs().filter(|job| !job.state.is_over()).find(uses)
}

fn refused(sentence: String, advice: &str) -> Fault {
    Fault::new(FaultCode::Refused, sentence, advice)
}

impl Supervisor {
    /// Puts letters that mean the same drive wherever it is plugged in, in the place of the names in a
    /// job's wish. A restore's wish is its owner's word that plain files may be written to them.
    pub(crate) fn name_drives(&self, spec: &mut JobSpec) -> Result<(), Fault> {
        let Some(named) = drives_of(spec) else { return Ok(()) };
        let (named, is_restore) = (named.to_vec(), writes(spec));
        if named.is_empty() {
            let sentence = "A restore to no drive was asked for.";
            return Err(Fault::new(FaultCode::BadRequest, sentence, "Name a drive."));
        }
        let of_these = named.clone();
        let found = self.with_carer(move |carer| carer.drives_named(&of_these))?;
        match spec {
            JobSpec::Usb { drives, .. } => drives.clone_from(&found),
            JobSpec::UsbVerify { drive } => drive.clone_from(&found[0]),
            JobSpec::Import { drive, source } => {
                drive.clone_from(&found[0]);
                if source.is_none() {
                    *source = Some(self.with_carer(move |carer| carer.name_for_import(&named[0]))?);
                }
            }
            _ => {}
        }
        for drive in &found {
            let shared = self.shared();
            if let Some(job) = user_of(&shared.book, drive).filter(|job| job.spec != *spec) {
                let sentence = format!("Job {} works with drive {drive}.", job.id);
                let advice = "Wait for it, or cancel it: `holdfast --box default jobs cancel JOB`.";
                return Err(Fault::new(FaultCode::Busy, sentence, advice));
            }
        }
        if is_restore {
            self.with_carer(move |carer| {
                found.iter().try_for_each(|drive| carer.take_drive(drive).map(drop))?;
                carer.publish();
                Ok(())
            })?;
        }
        Ok(())
    }

    /// A job with drives is over: they are nobody's again, and their owner is told that he may take
    /// them.
    pub(crate) fn let_drives_go(&self, job: &Job) {
        if !job.state.is_over() || !writes(&job.spec) {
            return;
        }
        let job = job.clone();
        self.tell_carer(move |carer| carer.let_drives_go(&job));
    }
}

impl Carer {
    /// The letters of drives that somebody named; all of them are here and can be used as drives.
    fn drives_named(&self, names: &[String]) -> Result<Vec<String>, Fault> {
        let mut found: Vec<String> = Vec::new();
        for name in names {
            let entry = naming::find(self.caretaker.roster(), name)?;
            fit(entry, name)?;
            let drive = seen::drive_id(&entry.identity);
            self.drive(&drive)?;
            if found.contains(&drive) {
                let sentence = format!("{name} is named twice.");
                return Err(Fault::new(FaultCode::BadRequest, sentence, "Name each drive once."));
            }
            found.push(drive);
        }
        Ok(found)
    }

    /// The one drive of these letters that is here.
    pub(crate) fn drive(&self, drive: &str) -> Result<&Entry, Fault> {
        let here = |e: &&Entry| e.life.is_here() && seen::drive_id(&e.identity) == drive;
        let found: Vec<&Entry> = self.caretaker.roster().entries().iter().filter(here).collect();
        match found[..] {
            [one] => Ok(one),
            [] => {
                let sentence = format!("Drive {drive} is not plugged in.");
                Err(Fault::new(FaultCode::NotFound, sentence, "Plug it in."))
            }
            _ => Err(refused(
                format!("{} drives are here that nobody can tell apart: {drive}.", found.len()),
                "Unplug all of them but one.",
            )),
        }
    }

    /// Makes sure that plain files may be written to a drive whose owner wants it.
    fn take_drive(&mut self, drive: &str) -> Result<DiskIdentity, Fault> {
        let entry = self.drive(drive)?;
        fit(entry, drive)?;
        let (disk, life) = (entry.identity.clone(), entry.life);
        if life != Life::Rescue {
            self.caretaker.use_as(&disk, Aim::Rescue).map_err(|error| show::disks(&error))?;
        }
        Ok(disk)
    }

    /// Lets jobs go on that waited for a drive which is back.
    pub(crate) fn drives_go_on(&mut self) {
        let waiting: Vec<(JobId, JobSpec)> = {
            let shared = self.supervisor.shared();
            let waits = |job: &&Job| job.state == JobState::Paused && job.fault.is_some();
            shared.book.jobs().filter(waits).map(|job| (job.id, job.spec.clone())).collect()
        };
        for (job, spec) in waiting {
            let drives = drives_of(&spec).or_else(|| burn_in::drive_of(&spec));
            let Some(drives) = drives else { continue };
            let ready = drives.iter().all(|drive| match writes(&spec) {
                true => self.take_drive(drive).is_ok(),
                false => self.drive(drive).is_ok(),
            });
            if !ready {
                continue;
            }
            match &spec {
                JobSpec::Import { .. } => {
                    self.tell("The disk is back: the import goes on.".to_owned());
                }
                spec if writes(spec) => {
                    self.tell("The drive is back: the restore goes on.".to_owned());
                }
                _ => {}
            }
            self.publish();
            if let Err(fault) = self.supervisor.wish(job, Wish::Resume) {
                tracing::warn!(job = job.0, "it cannot go on: {fault}");
            }
        }
    }

    /// A drive is nobody's again, unless a job works with it.
    pub(crate) fn release_drive(&mut self, disk: &DiskIdentity) -> Result<(), Fault> {
        let drive = seen::drive_id(disk);
        let user = user_of(&self.supervisor.shared().book, &drive).map(|job| job.id);
        if let Some(job) = user {
            let sentence = format!("Job {job} works with it.");
            let advice = "Cancel the job; then the drive is let go, and you are told.";
            return Err(Fault::new(FaultCode::Busy, sentence, advice));
        }
        self.caretaker.release(disk).map_err(|error| show::disks(&error))
    }

    fn let_drives_go(&mut self, job: &Job) {
        for drive in drives_of(&job.spec).unwrap_or_default() {
            let entry = self.drive(drive).ok().filter(|entry| entry.life == Life::Rescue);
            let Some((disk, place)) = entry.map(|e| (e.identity.clone(), e.place.clone())) else {
                continue;
            };
            let is_used = user_of(&self.supervisor.shared().book, drive).is_some();
            if is_used {
                continue;
            }
            let said = said_of(job);
            let closed = self.caretaker.close_drive(&disk).map_err(|error| show::disks(&error));
            match closed.and_then(|()| self.release_drive(&disk)) {
                Ok(()) => {
                    // What is on it now is what the restore wrote, not what it came with.
                    let looked = self.caretaker.look_anew(&disk);
                    self.note(looked);
                    self.tell(format!("{said} It is safe to unplug the drive in {place}."));
                }
                Err(fault) => self.tell(format!(
                    "{said} Do not unplug the drive in {place} yet: {fault} {}",
                    fault.advice
                )),
            }
        }
        self.publish();
    }

    /// The button was held: everything is restored to the drive that was named for it.
    pub(crate) fn held(&mut self) {
        let named = |e: &&Entry| e.life == Life::Rescue;
        let found: Vec<&Entry> = self.caretaker.roster().entries().iter().filter(named).collect();
        let said = match found[..] {
            _ if self.supervisor.vault.get().is_none() => {
                "The button was held, but there is no vault yet.".to_owned()
            }
            [one] => self.begin_by_button(&seen::drive_id(&one.identity), &one.place),
            [] => "The button was held, but no drive that is here was named for it. Plug one in, \
                   name it with `holdfast --box default disk use-as-drive DISK`, and hold it again."
                .to_owned(),
            _ => format!(
                "The button was held, but {} drives are named for it: unplug all but one, and hold \
                 it again.",
                found.len()
            ),
        };
        self.tell(said);
        self.publish();
    }

    /// What is told of it.
    fn begin_by_button(&self, drive: &str, place: &str) -> String {
        let user = user_of(&self.supervisor.shared().book, drive).map(|job| (job.id, job.state));
        let begun = match user {
            Some((job, JobState::Paused)) => self.supervisor.wish(job, Wish::Resume).map(drop),
            Some(_) => Ok(()),
            None => {
                let spec = JobSpec::Usb {
                    drives: vec![drive.to_owned()],
                    sources: Vec::new(),
                    path: calls::RawPath::default(),
                    ago_ms: None,
                    anew: false,
                };
                self.supervisor.add(spec, AskedBy::Owner).map(drop)
            }
        };
        let locked = match self.supervisor.keeper.lock() {
            Lock::Unlocked => "",
            _ => " It begins once the vault is unlocked.",
        };
        match begun {
            Ok(()) => format!(
                "The button was held: everything is restored to the drive in {place}.{locked} You \
                 are told when it is safe to unplug it."
            ),
            Err(fault) => format!("The button was held. {fault} {}", fault.advice),
        }
    }
}

/// Whether plain files can be written beside what is on a disk.
fn fit(entry: &Entry, name: &str) -> Result<(), Fault> {
    let has_file_system =
        matches!(&entry.content, DiskContent::Foreign(found) if found.file_system.is_some());
    match entry.life {
        Life::Rescue | Life::Foreign(plan::disk::Joining::No) if has_file_system => Ok(()),
        Life::Rescue | Life::Foreign(_) | Life::Blank(_) => Err(refused(
            format!("There is no file system on {name} that plain files could be written to."),
            "Format it with exFAT on any computer, or take another one.",
        )),
        life => Err(refused(
            format!("{name} {}, and is no drive for plain files.", life.words()),
            "Plug in a USB drive and name that.",
        )),
    }
}

/// What became of a restore, in a sentence.
fn said_of(job: &Job) -> String {
    match (&job.result, job.state) {
        (Some(JobResult::Usb(one)), JobState::Done) if one.finished => {
            format!("The restore is done: {} files, all read back.", one.read_back)
        }
        (Some(JobResult::Usb(one)), JobState::Done) if !one.no_room.is_empty() => {
            let files: u64 = one.no_room.iter().map(|kind| kind.files).sum();
            format!(
                "The drive is full, and {files} files found no room: run the restore again with \
                 another drive, and they go there."
            )
        }
        (_, JobState::Done) => "The restore is not whole: run it again, and it goes on.".to_owned(),
        (_, JobState::Cancelled) => "The restore was cancelled.".to_owned(),
        _ => "The restore failed; asked for again, it goes on.".to_owned(),
    }
}
