//! What jobs have noted beside how far they are: what they found, and what became of it later.
//!
//! Start at [`Book::note_found`].

use std::sync::atomic::Ordering;

use calls::{AskedBy, Fault, Job, JobId, JobResult, JobState};
use plan::jobs::StopFor;
use plan::jobs::quiet::can_wait;

use super::Book;
use crate::jobs::kind_of;
use crate::record::Found;

/// What is said of a reading that gives way.
const SLOWLY: &str = "it reads slowly, because something else is at work";

impl Book {
    /// Notes what a job found, before it stores anything.
    pub(crate) fn note_found(&mut self, id: JobId, found: Found) -> Result<(), Fault> {
        let mut record = self.entry(id)?.record.clone();
        record.found = Some(found);
        self.write(&record)?;
        self.entry(id)?.record = record;
        Ok(())
    }

    /// Notes how much of what a job stored the vault did not have; told with its progress.
    pub(crate) fn note_new_bytes(&mut self, id: JobId, bytes: u64) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.record.job.progress.new_bytes = Some(bytes);
        }
    }

    /// Says of each job that can wait for the day that it rests, and why, or that it does so no more;
    /// those of which that is new. Never written: after a restart it is said anew.
    pub(crate) fn rest_for(&mut self, why: Option<&str>) -> Vec<Job> {
        let mut changed = Vec::new();
        for entry in self.entries.values_mut() {
            let job = &mut entry.record.job;
            let works = matches!(job.state, JobState::Queued | JobState::Running);
            let rests = works && can_wait(kind_of(&job.spec), job.asked_by == AskedBy::Owner);
            let why = why.filter(|_| rests).or(entry.gives_way.then_some(SLOWLY));
            if job.rests.as_deref() != why {
                job.rests = why.map(str::to_owned);
                changed.push(job.clone());
            }
        }
        changed
    }

    /// Says of a job at work that it reads slowly, or does so no more; the job if that is new.
    pub(crate) fn note_gives_way(&mut self, id: JobId, gives_way: bool) -> Option<Job> {
        let entry = self.entries.get_mut(&id)?;
        if std::mem::replace(&mut entry.gives_way, gives_way) == gives_way {
            return None;
        }
        entry.record.job.rests = gives_way.then(|| SLOWLY.to_owned());
        Some(entry.record.job.clone())
    }

    /// Tells one job at work to stop.
    pub(crate) fn halt(&mut self, id: JobId, why: StopFor) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.stopping = entry.stopping.max(Some(why));
            entry.halt.store(true, Ordering::SeqCst);
        }
    }

    /// The imports that lack nothing but copies, made since: they lack nothing from now on. Those jobs.
    pub(crate) fn imports_have_copies(&mut self, copies: u8) -> Vec<Job> {
        let mut changed = Vec::new();
        for entry in self.entries.values_mut() {
            let Some(JobResult::Import(one)) = &mut entry.record.job.result else { continue };
            if one.is_whole() && !one.safe_to_wipe && copies >= one.copies_wanted {
                (one.copies, one.safe_to_wipe) = (copies, true);
                changed.push(entry.record.job.clone());
            }
        }
        // Unwritten it is told once more after a restart, and is as true then.
        self.unwritten.extend(changed.iter().map(|job| job.id));
        self.write_again();
        changed
    }
}
