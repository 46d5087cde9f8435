//! Copying that failed again and again: how often in a row, and when it is begun again.
//!
//! Read off the records, so a restart makes it neither sooner nor later. For how long it rests is decided
//! in `plan::jobs::again`. Start at [`Book::rests`].

use calls::{JobId, JobSpec, JobState};
use plan::jobs::again::{COPYING, rests};
use types::{Millis, UnixTime};

use super::Book;

impl Book {
    /// How often in a row copying failed, and how long it is left alone still; none when it may be begun
    /// now. What somebody asks for himself is begun in any case, and chores have their own rhythm.
    pub(crate) fn rests(&self, spec: &JobSpec, now: UnixTime) -> Option<(u32, Millis)> {
        if !matches!(spec, JobSpec::Rebuild {} | JobSpec::Drain { .. }) {
            return None;
        }
        let counts = |id: &JobId| *id >= self.anew_from;
        let entries = self.entries.iter().rev().filter(|(id, _)| counts(id));
        let jobs = entries.map(|(_, entry)| &entry.record.job).filter(|job| job.spec == *spec);
        let failed: Vec<_> = jobs.take_while(|job| job.state == JobState::Failed).collect();
        let last = UnixTime(failed.first()?.ended_ms?);
        let times = u32::try_from(failed.len()).unwrap_or(u32::MAX);
        Some((times, rests(COPYING, times, last, now)?))
    }

    /// A disk came or went, or the owner did something: what failed before says nothing any more.
    pub(crate) fn try_anew(&mut self) {
        self.anew_from = JobId(self.next);
    }
}

/// "once", "3 times in a row".
pub(crate) fn times_in_a_row(times: u32) -> String {
    if times <= 1 { "once".to_owned() } else { format!("{times} times in a row") }
}

/// As people say how long they wait: no more than one number.
pub(crate) fn in_words(span: Millis) -> String {
    let minutes = span.0.div_ceil(60_000).max(1);
    match (minutes, minutes.div_ceil(60)) {
        (0..120, _) => format!("{minutes} min"),
        (_, hours @ 0..48) => format!("{hours} h"),
        (_, hours) => format!("{} days", hours.div_ceil(24)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use calls::{AskedBy, Fault, FaultCode};
    use types::clock::Moment;

    use super::*;
    use crate::state::StateFolder;

    const COPY: JobSpec = JobSpec::Rebuild {};
    const MINUTE: i64 = 60_000;

    fn at(minute: i64) -> Moment {
        Moment { wall: UnixTime(minute * MINUTE), uptime: Millis(0) }
    }

    fn copying_fails(book: &mut Book, minute: i64) -> JobId {
        let (job, _) = book.add(COPY, AskedBy::Schedule, at(minute)).unwrap();
        book.begin(job.id, at(minute).wall).unwrap();
        let fault = Fault::new(FaultCode::Failed, "No disk took it.", "See to the disks.");
        book.end(job.id, Err(fault.into()), at(minute)).unwrap();
        job.id
    }

    fn refused(book: &mut Book, minute: i64) -> Option<String> {
        let fault = book.add(COPY, AskedBy::Schedule, at(minute)).err()?;
        Some(format!("{} {}", fault.sentence, fault.advice))
    }

    /// While something new was stored, copying that failed was begun again at once, each time.
    #[test]
    fn copying_that_failed_rests_longer_each_time_and_says_until_when() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Arc::new(StateFolder::open(temporary.path()).unwrap());
        let mut book = Book::load(Arc::clone(&folder), UnixTime(0)).unwrap();
        copying_fails(&mut book, 0);
        let said = "This failed once. It is tried again in 1 min.";
        assert_eq!(refused(&mut book, 0).as_deref(), Some(said));
        let (mut now, mut tries) = (0, 1);
        while now < 24 * 60 {
            now += 1;
            if book.rests(&COPY, at(now).wall).is_none() {
                copying_fails(&mut book, now);
                tries += 1;
            }
        }
        assert!((10..14).contains(&tries), "{tries} in a day, which has 1440 minutes");
        // A restart makes it neither sooner nor later.
        let left = book.rests(&COPY, at(now).wall);
        drop(book);
        drop(folder);
        let folder = Arc::new(StateFolder::open(temporary.path()).unwrap());
        let mut book = Book::load(folder, at(now).wall).unwrap();
        assert!(left.is_some_and(|(times, _)| times == tries));
        assert_eq!(book.rests(&COPY, at(now).wall), left);
        assert_eq!(book.rests(&JobSpec::Scrub {}, at(now).wall), None, "that is a chore");
        // Whoever asks for it himself is not kept waiting.
        let (asked, _) = book.add(COPY, AskedBy::Owner, at(now)).unwrap();
        book.wish(asked.id, plan::jobs::Wish::Cancel, at(now)).unwrap();
        copying_fails_by(&mut book, now);
    }

    /// One that was cancelled, or went well, ends the row.
    fn copying_fails_by(book: &mut Book, now: i64) {
        let first = copying_fails(book, now);
        let one = Some((1, Millis::from_secs(60)));
        assert_eq!(book.rests(&COPY, at(now).wall), one, "job {first} is the first of its row");
        book.try_anew();
        assert_eq!(book.rests(&COPY, at(now).wall), None, "a new disk came");
        copying_fails(book, now);
        assert_eq!(book.rests(&COPY, at(now).wall), one);
        assert_eq!(book.rests(&COPY, at(now - 60).wall), one, "a clock that went back");
    }

    #[test]
    fn a_wait_is_said_in_one_number_and_never_as_nothing() {
        let said: Vec<String> = [1, 61_000, 7_200_000, 90_000_000, 172_800_000]
            .map(|span| in_words(Millis(span)))
            .to_vec();
        assert_eq!(said, ["1 min", "2 min", "2 h", "25 h", "2 days"]);
    }
}
