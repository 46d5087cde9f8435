//! The book of jobs: every job has a record on disk before anybody hears of it.
//!
//! A record is replaced durably with each change of state; progress is not written. After a cut a
//! job that was at work waits for its turn again, or for its owner's word: that is decided in
//! `plan::jobs::cut`. A record that cannot be read is left and told, its number not given to another;
//! one that could not be written is written later, in `standing`. Start at [`Book::load`].

mod failed;
mod notes;
mod standing;
mod wishes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use calls::{AskedBy, Fault, FaultCode, Job, JobId, JobProgress, JobResult, JobSpec, JobState};
use plan::jobs::pace::{SAMPLES_MAX, Sample};
use plan::jobs::{JobKind, Outcome, StopFor, Waiting, after};
use types::clock::Moment;
use types::{Millis, UnixTime};

use crate::error::StartError;
use crate::jobs::{Halted, kind_of, shown};
use crate::record::{FOLDER, Found, Record, path_of};
use crate::state::StateFolder;

pub(crate) use failed::{in_words, times_in_a_row};

/// Jobs that are not over, at most: more is a program gone wild.
const UNFINISHED_MAX: usize = 100;

#[derive(Debug)]
struct Entry {
    record: Record,
    stopping: Option<StopFor>,
    /// What the job at work looks at.
    halt: Arc<AtomicBool>,
    samples: Vec<Sample>,
    /// It reads slowly, because others are waited for.
    gives_way: bool,
    /// Since when it waits for its turn; none when that was before the program began.
    waits_since: Option<Moment>,
}

/// What a job at work needs to know.
#[derive(Clone, Debug)]
pub(crate) struct Begun {
    pub(crate) id: JobId,
    pub(crate) spec: JobSpec,
    pub(crate) asked_by: AskedBy,
    /// When it was asked for.
    pub(crate) created: UnixTime,
    pub(crate) halt: Arc<AtomicBool>,
    /// It began before.
    pub(crate) again: bool,
    /// What it found then.
    pub(crate) found: Option<Found>,
}

/// The book.
#[derive(Debug)]
pub(crate) struct Book {
    folder: Arc<StateFolder>,
    entries: BTreeMap<JobId, Entry>,
    next: u64,
    /// Jobs that stand otherwise than their records say.
    unwritten: BTreeSet<JobId>,
    /// Jobs before this one failed under other circumstances, which says nothing of how it would go now.
    anew_from: JobId,
    /// Jobs that were given up when the book was read.
    given_up: Vec<JobKind>,
}

impl Book {
    /// Reads every record; a job that was cut off waits again, asks, or is given up.
    pub(crate) fn load(folder: Arc<StateFolder>, now: UnixTime) -> Result<Self, StartError> {
        folder.make_folder(FOLDER)?;
        let path = std::path::PathBuf::from(FOLDER);
        let failed = |source| StartError::State { path: path.clone(), source };
        let mut book = Self {
            folder: Arc::clone(&folder),
            entries: BTreeMap::new(),
            next: 1,
            unwritten: BTreeSet::new(),
            anew_from: JobId(0),
            given_up: Vec::new(),
        };
        for name in folder.names(FOLDER).map_err(failed)? {
            let id = name.strip_suffix(".json").and_then(|id| id.parse::<u64>().ok());
            let Some(number) = id else {
                continue;
            };
            book.next = book.next.max(number.saturating_add(1));
            let read = folder.get(&path_of(JobId(number))).map_err(|error| error.to_string());
            let parsed = read.and_then(|bytes| {
                serde_json::from_slice::<Record>(&bytes.unwrap_or_default())
                    .map_err(|error| error.to_string())
            });
            match parsed {
                Ok(record) => book.take_up(record, now),
                Err(error) => tracing::error!(error, name, "a job's record cannot be read"),
            }
        }
        Ok(book)
    }

    /// Adds a job, or names the one that does the same and is not over.
    pub(crate) fn add(
        &mut self,
        spec: JobSpec,
        asked_by: AskedBy,
        now: Moment,
    ) -> Result<(Job, bool), Fault> {
        let unfinished = || self.entries.values().filter(|one| !one.record.job.state.is_over());
        if let Some(same) = unfinished().find(|one| one.record.job.spec == spec) {
            return Ok((same.record.job.clone(), true));
        }
        if asked_by == AskedBy::Schedule && self.was_given_up(&spec, now.wall) {
            let sentence = "This was given up: the box ended each time it did it.";
            return Err(Fault::new(FaultCode::Busy, sentence, "It is tried again in some hours."));
        }
        if asked_by == AskedBy::Schedule
            && let Some((times, left)) = self.rests(&spec, now.wall)
        {
            let sentence = format!("This failed {}.", times_in_a_row(times));
            let advice = format!("It is tried again in {}.", in_words(left));
            return Err(Fault::new(FaultCode::Busy, sentence, advice));
        }
        if unfinished().count() >= UNFINISHED_MAX {
            let sentence = format!("{UNFINISHED_MAX} jobs wait already.");
            return Err(Fault::new(FaultCode::Busy, sentence, "Cancel some, or wait."));
        }
        let id = JobId(self.next);
        let job = Job {
            id,
            spec,
            state: JobState::Queued,
            asked_by,
            created_ms: now.wall.0,
            started_ms: None,
            ended_ms: None,
            attempts: 0,
            progress: JobProgress::default(),
            result: None,
            fault: None,
            rests: None,
        };
        let record = Record { job: job.clone(), found: None, cut_off: 0, asks: false };
        self.write(&record)?;
        self.next += 1;
        self.entries.insert(id, entry(record, Some(now)));
        self.forget_old();
        Ok((job, false))
    }

    fn entry(&mut self, id: JobId) -> Result<&mut Entry, Fault> {
        self.entries.get_mut(&id).ok_or_else(|| {
            let sentence = format!("There is no job {id}.");
            Fault::new(FaultCode::NotFound, sentence, "List the jobs to see their numbers.")
        })
    }

    /// Notes that a job is at work.
    pub(crate) fn begin(&mut self, id: JobId, now: UnixTime) -> Result<Begun, Fault> {
        let mut record = self.entry(id)?.record.clone();
        let again = record.job.attempts > 0;
        record.job.state = JobState::Running;
        record.job.attempts = record.job.attempts.saturating_add(1);
        record.job.started_ms = Some(now.0);
        record.job.progress = JobProgress::default();
        record.job.fault = None;
        self.write(&record)?;
        let entry = self.entry(id)?;
        *entry = self::entry(record, None);
        let (spec, found) = (entry.record.job.spec.clone(), entry.record.found.clone());
        let created = UnixTime(entry.record.job.created_ms);
        let asked_by = entry.record.job.asked_by;
        Ok(Begun { id, spec, asked_by, created, halt: Arc::clone(&entry.halt), again, found })
    }

    /// Notes how far a job is; the job as it is then.
    pub(crate) fn progress(&mut self, id: JobId, mut new: JobProgress, at: Millis) -> Option<Job> {
        let entry = self.entries.get_mut(&id)?;
        if entry.samples.len() >= SAMPLES_MAX {
            entry.samples.remove(0);
        }
        entry.samples.push(Sample { at, bytes: new.bytes });
        new.bytes_per_second = plan::jobs::pace::rate(&entry.samples);
        let left = plan::jobs::pace::left(new.bytes, new.bytes_total, new.bytes_per_second);
        new.left_ms = left.map(|left| left.0);
        new.new_bytes = entry.record.job.progress.new_bytes;
        entry.record.job.progress = new;
        Some(entry.record.job.clone())
    }

    /// Notes how a job's work ended. When the record cannot be written the job is over all the same,
    /// and it is written later; after a restart before that the job begins again.
    pub(crate) fn end(
        &mut self,
        id: JobId,
        ended: Result<JobResult, Halted>,
        now: Moment,
    ) -> Option<Job> {
        let entry = self.entries.get_mut(&id)?;
        let outcome = match &ended {
            Ok(_) => Outcome::Done,
            Err(halted) if halted.waits || halted.fault.code == FaultCode::Stopped => {
                Outcome::Stopped
            }
            Err(_) => Outcome::Failed,
        };
        entry.gives_way = false;
        let job = &mut entry.record.job;
        job.rests = None;
        job.state = shown(after(outcome, entry.stopping.take()));
        let waits = ended.as_ref().is_err_and(|halted| halted.waits);
        if waits && job.state == JobState::Queued {
            job.state = JobState::Paused;
        }
        job.ended_ms = job.state.is_over().then_some(now.wall.0);
        (entry.record.cut_off, entry.waits_since) = (0, Some(now));
        match ended {
            Ok(result) => job.result = Some(result),
            Err(halted) if job.state == JobState::Failed || waits && !job.state.is_over() => {
                job.fault = Some(halted.fault);
            }
            Err(_) => {}
        }
        let record = entry.record.clone();
        if self.write(&record).is_err() {
            self.unwritten.insert(id);
        }
        Some(record.job)
    }

    /// The jobs that wait for their turn.
    pub(crate) fn waiting(&self) -> Vec<Waiting> {
        let queued = self.jobs().filter(|job| job.state == JobState::Queued);
        let waiting = |job: &Job| Waiting {
            id: job.id.0,
            kind: kind_of(&job.spec),
            asked_for: job.asked_by == AskedBy::Owner,
        };
        queued.map(waiting).collect()
    }

    /// What is at work.
    pub(crate) fn running(&self) -> Vec<JobKind> {
        let running = self.jobs().filter(|job| job.state == JobState::Running);
        running.map(|job| kind_of(&job.spec)).collect()
    }

    /// Every job, the oldest first.
    pub(crate) fn jobs(&self) -> impl DoubleEndedIterator<Item = &Job> {
        self.entries.values().map(|entry| &entry.record.job)
    }

    /// One job.
    pub(crate) fn job(&mut self, id: JobId) -> Result<Job, Fault> {
        Ok(self.entry(id)?.record.job.clone())
    }
}

fn entry(record: Record, waits_since: Option<Moment>) -> Entry {
    Entry {
        record,
        stopping: None,
        halt: Arc::default(),
        samples: Vec::new(),
        gives_way: false,
        waits_since,
    }
}
