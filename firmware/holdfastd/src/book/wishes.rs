//! What somebody wants of a job: rest, go on, stop.
//!
//! What becomes of a wish is decided in `plan::jobs`. Start at [`Book::wish`].

use std::sync::atomic::Ordering;

use calls::{Fault, FaultCode, Job, JobId, JobState};
use plan::jobs::{Granted, StopFor, Wish, grant};
use types::clock::Moment;

use super::Book;
use crate::jobs::{planned, shown};

impl Book {
    /// Does what somebody wants of a job.
    pub(crate) fn wish(&mut self, id: JobId, wish: Wish, now: Moment) -> Result<Job, Fault> {
        let entry = self.entry(id)?;
        let state = entry.record.job.state;
        let Some(granted) = grant(planned(state), entry.stopping, wish) else {
            let word = format!("{state:?}").to_lowercase();
            let sentence = format!("Job {id} is {word}, or about to be.");
            return Err(Fault::new(FaultCode::WrongState, sentence, "Start a new one."));
        };
        match granted {
            // Whoever lets it rest does not want it to go on by itself.
            Granted::Already if wish == Wish::Pause => {
                entry.record.job.fault = None;
                self.unwritten.insert(id);
            }
            Granted::Already => {}
            Granted::GoOn => {
                entry.stopping = None;
                entry.halt.store(false, Ordering::SeqCst);
            }
            Granted::Stop(why) => {
                entry.stopping = entry.stopping.max(Some(why));
                entry.halt.store(true, Ordering::SeqCst);
            }
            Granted::Now(state) => {
                let mut record = entry.record.clone();
                record.job.state = shown(state);
                record.job.ended_ms = state.is_over().then_some(now.wall.0);
                (record.asks, record.job.fault) = (false, None);
                self.write(&record)?;
                let entry = self.entry(id)?;
                (entry.record, entry.waits_since) = (record, Some(now));
            }
        }
        Ok(self.entry(id)?.record.job.clone())
    }

    /// Tells every job at work to stop; it goes on by itself later.
    pub(crate) fn halt_all(&mut self) {
        for entry in self.entries.values_mut() {
            if entry.record.job.state == JobState::Running {
                entry.stopping = entry.stopping.max(Some(StopFor::Later));
                entry.halt.store(true, Ordering::SeqCst);
            }
        }
    }
}
