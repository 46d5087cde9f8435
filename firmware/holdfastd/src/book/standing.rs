//! Where jobs stand otherwise than their owner left them: after a cut, after a long wait, while their
//! records cannot be written, and when they are old.
//!
//! What is to become of them is decided in `plan::jobs::cut`. Start at [`Book::take_up`] and
//! [`Book::hold_back`].

use calls::{Fault, FaultCode, Job, JobId, JobSpec, JobState};
use plan::jobs::JobKind;
use plan::jobs::cut::{CUT_OFF_MAX, Cut, Found, found_at_start, has_waited_too_long};
use plan::jobs::schedule::RETRY_AFTER;
use types::UnixTime;
use types::clock::Moment;

use super::{Book, entry};
use crate::jobs::{kind_of, overwrites, planned, shown};
use crate::record::{Record, path_of};

/// Jobs that are over and still shown; older ones are forgotten.
const FINISHED_MAX: usize = 100;

impl Book {
    pub(super) fn take_up(&mut self, mut record: Record, now: UnixTime) {
        let state = planned(record.job.state);
        if record.job.state == JobState::Running {
            record.cut_off = record.cut_off.saturating_add(1);
        }
        let overwrites = overwrites(&record.job.spec);
        let job = &mut record.job;
        match found_at_start(Cut { state, overwrites, cut_off: record.cut_off }) {
            Found::As(state) => job.state = shown(state),
            Found::Asks => (job.state, record.asks) = (JobState::Paused, true),
            Found::GivenUp => {
                let sentence = format!("The box ended {CUT_OFF_MAX} times while it did this.");
                let advice = "See its log for why; then start it again.";
                tracing::error!(job = job.id.0, "a job is given up: {sentence}");
                (job.state, job.ended_ms) = (JobState::Failed, Some(now.0));
                job.fault = Some(Fault::new(FaultCode::Failed, sentence, advice));
                self.given_up.push(kind_of(&job.spec));
                self.unwritten.insert(job.id);
            }
        }
        self.entries.insert(record.job.id, entry(record, None));
    }

    /// The kinds of what was given up when the book was read.
    pub(crate) fn given_up(&self) -> &[JobKind] {
        &self.given_up
    }

    /// Whether this ended the program again and again a short while ago.
    pub(super) fn was_given_up(&self, spec: &JobSpec, now: UnixTime) -> bool {
        let last = self.entries.values().rev().find(|one| one.record.job.spec == *spec);
        last.is_some_and(|one| {
            one.record.job.state == JobState::Failed
                && one.record.cut_off >= CUT_OFF_MAX
                && now.since(UnixTime(one.record.job.ended_ms.unwrap_or(0))) < RETRY_AFTER
        })
    }

    pub(super) fn write(&mut self, record: &Record) -> Result<(), Fault> {
        let bytes = serde_json::to_vec_pretty(record).unwrap_or_default();
        self.folder.put(&path_of(record.job.id), &bytes).map_err(|error| {
            tracing::error!(%error, cause = %error.source, "a job's record cannot be written");
            let sentence = format!("The record of job {} cannot be written.", record.job.id);
            Fault::new(FaultCode::Failed, sentence, "Make room on the box's own disk.")
        })?;
        self.unwritten.remove(&record.job.id);
        Ok(())
    }

    /// Writes down what could not be written when it happened; whether everything is.
    pub(crate) fn write_again(&mut self) -> bool {
        for id in self.unwritten.clone() {
            match self.entries.get(&id).map(|entry| entry.record.clone()) {
                Some(record) => drop(self.write(&record)),
                None => drop(self.unwritten.remove(&id)),
            }
        }
        self.is_written()
    }

    /// Whether every job stands as its record says.
    pub(crate) fn is_written(&self) -> bool {
        self.unwritten.is_empty()
    }

    /// Those who take the place of files and waited long ask, before they begin. The jobs that do so
    /// from now on.
    pub(crate) fn hold_back(&mut self, now: Moment) -> Vec<Job> {
        let mut held = Vec::new();
        for entry in self.entries.values_mut() {
            let waits =
                entry.record.job.state == JobState::Queued && overwrites(&entry.record.job.spec);
            if waits && entry.waits_since.is_none_or(|since| has_waited_too_long(since, now)) {
                (entry.record.job.state, entry.record.asks) = (JobState::Paused, true);
                held.push(entry.record.job.clone());
            }
        }
        // Unwritten they still say that they wait, and after a restart those ask all the same.
        self.unwritten.extend(held.iter().map(|job| job.id));
        self.write_again();
        held
    }

    /// The jobs that rest until somebody says that they may go on.
    pub(crate) fn asking(&self) -> impl Iterator<Item = &Job> {
        let entries = self.entries.values().map(|entry| &entry.record);
        let asks = |one: &&Record| one.asks && one.job.state == JobState::Paused;
        entries.filter(asks).map(|record| &record.job)
    }

    /// Those at work do not stop in time, and the program ends in order: they are not to blame.
    pub(crate) fn leave_running(&mut self) {
        let running: Vec<Record> = self
            .entries
            .values()
            .map(|entry| entry.record.clone())
            .filter(|record| record.job.state == JobState::Running)
            .collect();
        for mut record in running {
            record.job.state = JobState::Queued;
            // What went wrong is logged where it is written.
            drop(self.write(&record));
        }
    }

    /// The oldest that are over make room for new ones. The newest record of all always stays, so
    /// that no number is given twice.
    pub(super) fn forget_old(&mut self) {
        let over: Vec<JobId> = self
            .entries
            .iter()
            .filter(|(_, one)| one.record.job.state.is_over())
            .map(|(id, _)| *id)
            .collect();
        for id in over.iter().take(over.len().saturating_sub(FINISHED_MAX)) {
            match self.folder.remove(&path_of(*id)) {
                Ok(()) => drop(self.entries.remove(id)),
                Err(error) => tracing::warn!(%error, job = id.0, "an old job's record stays"),
            }
        }
    }
}
