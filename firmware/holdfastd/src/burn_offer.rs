//! What is said of tests of disks, which disk may be tested, and what a disk in a test is not used for.
//!
//! Start at [`Supervisor::name_for_burn_in`] and [`Carer::show_burn_ins`].

use calls::{Disks, Fault, FaultCode, Job, JobResult, JobSpec, JobState};
use plan::disk::{Entry, Joining, Life};
use types::{Bytes, DiskIdentity};

use crate::burn_in::{About, drive_of};
use crate::carer::Carer;
use crate::supervisor::Supervisor;
use crate::{naming, seen, show};

impl Supervisor {
    /// Puts letters that mean the same disk in any port in the place of a name, after looking whether the
    /// disk may be tested.
    pub(crate) fn name_for_burn_in(&self, spec: &mut JobSpec) -> Result<(), Fault> {
        let JobSpec::BurnIn { drive, typed, .. } = spec else { return Ok(()) };
        let (name, word) = (drive.clone(), typed.clone());
        *drive = self.with_carer(move |carer| carer.may_burn(&name, word.as_deref()))?;
        Ok(())
    }

    /// Tells what became of a test.
    pub(crate) fn tell_of_burn_in(&self, job: &Job) {
        if drive_of(&job.spec).is_none() || !job.state.is_over() {
            return;
        }
        let said = said_of(job);
        self.tell_carer(move |carer| {
            carer.tell(said);
            carer.publish();
        });
    }
}

impl Carer {
    fn may_burn(&self, name: &str, typed: Option<&str>) -> Result<String, Fault> {
        let roster = self.caretaker.roster();
        let entry = naming::find(roster, name)?;
        let refused =
            |sentence: String, advice: &str| Err(Fault::new(FaultCode::Refused, sentence, advice));
        match (entry.life, typed) {
            (Life::Blank(Joining::No), _) => {}
            (Life::Foreign(Joining::No) | Life::Drained, None) => {
                let sentence =
                    format!("There is something on {name}, and a test lets go of all of it.");
                let advice = "Look at it in `holdfast disks`, then say so with `--serial LAST4`.";
                return refused(sentence, advice);
            }
            (Life::Foreign(Joining::No) | Life::Drained, Some(typed)) => {
                let word = roster.erase_word(&entry.identity);
                let (word, of) =
                    word.map_err(|refusal| show::disks(&disks::DisksError::Refused(refusal)))?;
                if word.is_empty() || !typed.trim().eq_ignore_ascii_case(&word) {
                    let sentence = format!("These are not the last four letters of its {of}.");
                    return refused(sentence, "Look at the label of the disk that you mean.");
                }
            }
            (life, _) => {
                let sentence = format!("{name} {}, and is not tested.", life.words());
                return refused(sentence, "A disk is tested before it takes part.");
            }
        }
        Ok(seen::drive_id(&entry.identity))
    }

    /// What a test has to know of its disk.
    pub(crate) fn about_burn_in(&mut self, drive: &str) -> Result<About, Fault> {
        let entry = self.drive(drive)?;
        let joins = entry.life.joining() != Joining::No || entry.life.standing().is_some();
        let (disk, place) = (entry.identity.clone(), entry.place.clone());
        let (content, attached) = self.caretaker.seen_on(&disk).ok_or_else(show::stopping)?;
        Ok(About { disk, place, content, attached, joins })
    }

    /// A test is over: the disk is looked at anew, and takes part if that was wanted; whether it does.
    pub(crate) fn burnt_in(
        &mut self,
        disk: &DiskIdentity,
        spec: &JobSpec,
        good: bool,
    ) -> Result<bool, Fault> {
        let looked = self.caretaker.look_anew(disk);
        self.note(looked);
        let JobSpec::BurnIn { adopt, replaces, .. } = spec else { return Ok(false) };
        if !(good && *adopt) {
            return Ok(false);
        }
        let aim = self.aim(disk, replaces.clone())?;
        self.caretaker.adopt(disk, aim).map_err(|error| show::disks(&error))?;
        Ok(true)
    }

    /// The test that a disk is in, if it is in one.
    fn burns(&self, disk: &DiskIdentity) -> Option<u64> {
        let drive = seen::drive_id(disk);
        let shared = self.supervisor.shared();
        let mut jobs = shared.book.jobs().filter(|job| !job.state.is_over());
        let is_it = |job: &&Job| drive_of(&job.spec).is_some_and(|of| of[0] == drive);
        jobs.find(is_it).map(|job| job.id.0)
    }

    /// A disk in a test is used for nothing else.
    pub(crate) fn must_not_burn(&self, disk: &DiskIdentity) -> Result<(), Fault> {
        let Some(job) = self.burns(disk) else { return Ok(()) };
        let sentence = format!("Job {job} tests this disk.");
        let advice = "Wait for it, or cancel it: `holdfast --box default jobs cancel JOB`.";
        Err(Fault::new(FaultCode::Busy, sentence, advice))
    }

    /// Says of disks in a test that they are, and asks nothing of them.
    pub(crate) fn show_burn_ins(&self, disks: &mut Disks) {
        let is_free = |entry: &&Entry| {
            matches!(entry.life, Life::Blank(_) | Life::Foreign(_) | Life::Drained)
        };
        for entry in self.caretaker.roster().entries().iter().filter(is_free) {
            let Some(job) = self.burns(&entry.identity) else { continue };
            let id = seen::id_of(&entry.identity);
            disks.questions.retain(|question| question.disk.as_ref() != Some(&id));
            for shown in disks.disks.iter_mut().filter(|shown| shown.id == id) {
                shown.sentence = "It is being tested: all of it is written and read.".to_owned();
                shown.action =
                    format!("Leave it in; `holdfast --box default jobs watch {job}` follows it.");
            }
        }
    }
}

/// What became of a test, in a sentence or two.
fn said_of(job: &Job) -> String {
    let one = match (&job.result, job.state) {
        (Some(JobResult::BurnIn(one)), JobState::Done) => one,
        (_, JobState::Cancelled) => return "The test of a disk was cancelled.".to_owned(),
        _ => return "The test of a disk failed, and nothing is known of it.".to_owned(),
    };
    let (place, size) = (&one.place, Bytes(one.size));
    match (one.good, one.holds) {
        (true, _) if one.adopted => format!(
            "The disk in {place} kept all of its {size} in a test, and takes part from now on."
        ),
        (true, _) => format!("The disk in {place} kept all of its {size} in a test. It is blank."),
        (false, Some(holds)) => format!(
            "The disk in {place} says that it has {size} and keeps about {}: it is a fake. Give it back.",
            Bytes(holds)
        ),
        (false, None) => format!(
            "The disk in {place} does not keep what it is given: {} were wrong. Do not use it.",
            Bytes(one.wrong)
        ),
    }
}
