//! What only the box knows: that it is locked, that its clock jumped, how it is fed, whether it can
//! write, and what became of its jobs.
//!
//! For how long a failure is told is decided in `plan::jobs::failures`. Start at
//! [`Supervisor::judge_box`].

use calls::{AskedBy, FaultCode, Finding, Job, JobResult, JobState, Lock, Severity};
use plan::jobs::failures::{Failure, is_told};
use plan::power::Power;
use types::UnixTime;

use crate::book::{in_words, times_in_a_row};
use crate::jobs::kind_of;
use crate::schedule_settings::Schedule;
use crate::show;
use crate::supervisor::{Shared, Supervisor};
use crate::ups::Battery;

impl Supervisor {
    /// What only the box knows.
    pub(crate) fn judge_box(&self, found: &mut Vec<Finding>) {
        let lost = self.vault.get().is_none().then(|| self.folder.owner()).flatten();
        if let Some(vault) = lost {
            let sentence =
                format!("The vault's file is missing: this is the box of vault {vault}.");
            let action = "Put the file back where the settings name it, or write it anew from the \
                          disks with `holdfast vault attach`, then start the box anew.";
            found.push(finding(Severity::Alarm, sentence, action));
        } else if self.vault.get().is_none() {
            let fault = show::no_vault();
            found.push(finding(Severity::Notice, fault.sentence, &fault.advice));
        } else if self.keeper.lock() == Lock::Locked {
            let sentence = "The vault is locked: nothing is backed up until it is unlocked.";
            let action = "Unlock it with the words or the password.";
            found.push(finding(Severity::Warning, sentence, action));
        }
        found.extend(self.untold.answer().map(|_| unconfirmed()));
        found.extend(self.telling.findings(self.now()));
        found.extend(self.copied_keys());
        if let Some(fault) = self.keeper.trouble() {
            let sentence =
                format!("The vault cannot be opened with the disks here: {}", fault.sentence);
            found.push(finding(Severity::Alarm, sentence, &fault.advice));
        }
        let shared = self.shared();
        if self.clock_jumped(&shared) {
            let sentence = "The clock jumped by more than a day, so nothing old is let go.";
            let action =
                "Set the clock; if it is right, `holdfast --box default jobs trust-clock` says so.";
            found.push(finding(Severity::Warning, sentence, action));
        }
        if self.cannot_write(&shared) {
            let sentence = "The box cannot write its own records down: what it does now may be \
                            forgotten, or done again, after a restart.";
            let action = "Make room on the box's own disk, or mend it.";
            found.push(finding(Severity::Warning, sentence, action));
        }
        found.extend(shared.battery.and_then(of_battery));
        found.extend(shared.door.iter().map(|sentence| {
            let action = "Look at the folder `web` in the box's state folder, and at who could write \
                          there; it is told until the next start.";
            finding(Severity::Warning, sentence.clone(), action)
        }));
        found.extend(of_checks(&shared));
        found.extend(shared.book.asking().map(asks));
        found.extend(shared.book.jobs().filter_map(waits));
        found.extend(of_failures(&shared, self.setup.config.schedule, self.now()));
    }
}

/// Nothing can be stored yet, and whoever is told that all is well would not look.
fn unconfirmed() -> Finding {
    let sentence = "The new vault waits for somebody to have its words: until then it takes nothing, and it \
                    is thrown away when the box starts anew.";
    let action = "Write the words down and say two of them back on the page; `holdfast --box default \
                  create ...`, asked as before, tells them again.";
    finding(Severity::Warning, sentence, action)
}

fn finding(severity: Severity, sentence: impl Into<String>, action: &str) -> Finding {
    Finding { severity, sentence: sentence.into(), action: action.to_owned(), nameless: None }
}

fn of_battery(battery: Battery) -> Option<Finding> {
    match battery.power {
        _ if battery.silent >= plan::power::SILENT_MAX => Some(finding(
            Severity::Warning,
            "Nobody says how full the battery is.",
            "Check its cable and that `upsd` runs.",
        )),
        Power::Battery | Power::Ending => Some(finding(
            Severity::Warning,
            "The box runs on its battery.",
            "See to the power; the box stops in order before the battery is empty.",
        )),
        Power::Wall | Power::Unclear => None,
    }
}

/// What the last check left damaged.
fn of_checks(shared: &Shared) -> Option<Finding> {
    let mut checks = shared.book.jobs().rev().filter_map(|job| match &job.result {
        Some(JobResult::Check(found)) => Some(found),
        _ => None,
    });
    let found = checks.next().filter(|found| found.damaged > found.repaired)?;
    let count = found.damaged - found.repaired;
    let copies = if count == 1 { "1 damaged copy" } else { &format!("{count} damaged copies") };
    let sentence = format!("The last check found {copies}, not mended yet.");
    let action = "Unlock the box if it is locked, then run a check with repair.";
    Some(finding(Severity::Warning, sentence, action))
}

/// A job that waits for a drive, and goes on by itself.
fn waits(job: &Job) -> Option<Finding> {
    let fault = job.fault.as_ref().filter(|_| job.state == JobState::Paused)?;
    let sentence = format!("Job {} waits: {}", job.id, fault.sentence);
    Some(finding(Severity::Notice, sentence, &fault.advice))
}

/// A job that rests because nobody knows whether it is still wanted.
fn asks(job: &Job) -> Finding {
    let id = job.id;
    let sentence = format!(
        "Job {id}, a restore that takes the place of files, was put by and does not go on by itself."
    );
    let action = format!(
        "`holdfast --box default jobs resume {id}` lets it go on, over whatever is there now; \
         `holdfast --box default jobs cancel {id}` ends it."
    );
    finding(Severity::Warning, sentence, &action)
}

fn of_failures(shared: &Shared, schedule: Schedule, now: UnixTime) -> Vec<Finding> {
    let (mut over, mut well) = (Vec::new(), Vec::new());
    let mut found = Vec::new();
    for job in shared.book.jobs().rev().filter(|job| job.state.is_over()) {
        let asked_for = job.asked_by == AskedBy::Owner;
        let kind = kind_of(&job.spec);
        let made_up_for = over.contains(&&job.spec) || !asked_for && well.contains(&kind);
        over.push(&job.spec);
        if job.state == JobState::Done {
            well.push(kind);
        }
        let Some(fault) = job.fault.as_ref().filter(|_| job.state == JobState::Failed) else {
            continue;
        };
        let ended = UnixTime(job.ended_ms.unwrap_or(job.created_ms));
        if is_told(Failure { asked_for, ended, made_up_for }, now) {
            // Whoever mistyped a path knows it by now, and no promise is broken.
            let slip = matches!(fault.code, FaultCode::BadRequest | FaultCode::NotFound);
            let severity = if asked_for && slip { Severity::Notice } else { Severity::Warning };
            let again = tried_again(shared, job, schedule, now).unwrap_or_default();
            let sentence = format!("Job {} failed: {}{again}", job.id, fault.sentence);
            found.push(finding(severity, sentence, &fault.advice));
        }
    }
    found
}

/// When something that nobody asked for is tried again, and how often it failed.
fn tried_again(shared: &Shared, job: &Job, schedule: Schedule, now: UnixTime) -> Option<String> {
    if job.asked_by == AskedBy::Owner {
        return None;
    }
    let (times, left) = match shared.book.rests(&job.spec, now) {
        Some(rests) => rests,
        None => shared.memory.retry_in(kind_of(&job.spec), schedule, now)?,
    };
    let (times, left) = (times_in_a_row(times), in_words(left));
    Some(format!(" It failed {times} and is tried again in {left}."))
}
