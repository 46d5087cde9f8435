//! What must be true of a box, whatever is done to it. Pure: it is told what an owner is told.
//!
//! Real time is what is left of the box's time without whole hours, see `boxed`: so a job's times can
//! be compared although the clock jumps. Start at [`Judge`].

use std::collections::{BTreeMap, BTreeSet};

use calls::{Job, JobId, JobResult, JobSpec, JobState};
use plan::jobs::{JobKind, may_run_together};

use crate::Outcome;
use crate::boxed::HOUR_MS;

/// A job that began this soon after a jump of the clock may have been chosen before it.
const CHOSEN_BEFORE_MS: i64 = 50;

/// One version that the box said it has.
#[derive(Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// Its snapshot.
    pub snapshot: String,
    /// The folder that was backed up, which nobody changed since.
    pub folder: Vec<u8>,
    /// Its source.
    pub source: String,
    /// The job that stored it.
    pub job: JobId,
}

impl std::fmt::Debug for Acknowledged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let folder = String::from_utf8_lossy(&self.folder);
        write!(f, "{} of {} in {folder}, job {}", self.snapshot, self.source, self.job)
    }
}

/// One beginning of a job, as far as it was seen.
#[derive(Clone, Debug)]
struct Attempt {
    spec: JobSpec,
    started: i64,
    ended: Option<i64>,
}

/// Everything that was seen of jobs, and whether it may be.
#[derive(Debug, Default)]
pub struct Judge {
    attempts: BTreeMap<(JobId, u32), Attempt>,
    latest: BTreeMap<JobId, Job>,
    frozen: Vec<(i64, i64)>,
    frozen_since: Option<i64>,
    /// What must not be, and was seen.
    pub wrong: Vec<String>,
    /// Moments at which more than one job was at work: that they were judged shows itself here.
    pub together: u64,
    /// Versions that the owner wanted gone.
    pub let_go: BTreeSet<String>,
}

/// What kind of work it is; its own table, so that a mistake in the box's is seen.
pub fn kind(spec: &JobSpec) -> JobKind {
    match spec {
        JobSpec::Backup { .. } | JobSpec::Import { .. } => JobKind::Backup,
        JobSpec::Check { repair, .. } if *repair => JobKind::Repair,
        JobSpec::Check { .. } => JobKind::Check,
        JobSpec::Scrub {} => JobKind::Scrub,
        JobSpec::BurnIn { .. } => JobKind::BurnIn,
        JobSpec::BringBack {} => JobKind::Restore,
        JobSpec::Rebuild {} | JobSpec::Drain { .. } => JobKind::Rebuild,
        JobSpec::Forget { .. } => JobKind::Forget,
        JobSpec::Prune { .. } => JobKind::Prune,
        JobSpec::Restore { .. } | JobSpec::Usb { .. } | JobSpec::UsbVerify { .. } => {
            JobKind::Restore
        }
    }
}

fn fight(one: &JobSpec, other: &JobSpec) -> bool {
    !may_run_together(kind(one), kind(other))
}

impl Judge {
    /// The jobs as they stand at one moment.
    pub fn sees(&mut self, jobs: &[Job]) {
        let running: Vec<&Job> = jobs.iter().filter(|job| job.state == JobState::Running).collect();
        self.together += u64::from(running.len() > 1);
        for (at, one) in running.iter().enumerate() {
            for other in &running[at + 1..] {
                if fight(&one.spec, &other.spec) {
                    let said = format!("at work together: {:?} and {:?}", one.spec, other.spec);
                    self.wrong.push(said);
                }
            }
        }
        for job in jobs {
            self.note(job);
        }
    }

    fn note(&mut self, job: &Job) {
        let real = |ms: i64| ms.rem_euclid(HOUR_MS);
        if let Some(started) = job.started_ms.filter(|_| job.attempts > 0) {
            let fresh = || Attempt { spec: job.spec.clone(), started: real(started), ended: None };
            let attempt = self.attempts.entry((job.id, job.attempts)).or_insert_with(fresh);
            // One that was cancelled may have been paused long before.
            if let Some(ended) = job.ended_ms.filter(|_| job.state == JobState::Done) {
                attempt.ended = Some(real(ended));
            }
        }
        if let Some(before) = self.latest.insert(job.id, job.clone())
            && before.state.is_over()
            && before.state != job.state
        {
            self.wrong
                .push(format!("job {} was {:?} and is {:?}", job.id, before.state, job.state));
        }
    }

    /// The box says that it does not believe its clock. `now` is real.
    pub fn clock_is_frozen(&mut self, now: i64) {
        self.frozen_since.get_or_insert(now);
    }

    /// Something is about to be done after which it may believe it.
    pub fn clock_may_thaw(&mut self, now: i64) {
        if let Some(since) = self.frozen_since.take() {
            self.frozen.push((since, now));
        }
    }

    /// Everything that was acknowledged and that its owner still wants.
    pub fn acknowledged(&self) -> Vec<Acknowledged> {
        let of = |job: &Job| match (&job.spec, &job.result) {
            (JobSpec::Backup { source, paths, .. }, Some(JobResult::Backup(result)))
                if job.state == JobState::Done && result.copies > 0 =>
            {
                let (snapshot, folder) = (result.snapshot.clone(), paths.first()?.0.clone());
                Some(Acknowledged { snapshot, folder, source: source.clone(), job: job.id })
            }
            _ => None,
        };
        let all = self.latest.values().filter_map(of);
        all.filter(|one| !self.let_go.contains(&one.snapshot)).collect()
    }

    /// How many versions a job may have let go by the usual rule; `None` when nobody can tell, since
    /// one was cut off.
    pub fn may_be_expired(&self) -> Option<u64> {
        let by_rule = self.latest.values().filter(
            |job| matches!(&job.spec, JobSpec::Forget { snapshots } if snapshots.is_empty()),
        );
        let mut all = 0;
        for job in by_rule.filter(|job| job.attempts > 0) {
            match &job.result {
                Some(JobResult::Forget(result)) if job.attempts == 1 => all += result.forgotten,
                _ => return None,
            }
        }
        Some(all)
    }

    /// Jobs that came to their end.
    pub fn done(&self) -> usize {
        self.latest.values().filter(|job| job.state == JobState::Done).count()
    }

    /// Whether anything was seen that must not be.
    pub fn verdict(&self) -> Outcome<()> {
        if let Some(wrong) = self.wrong.first() {
            return Err(wrong.clone());
        }
        self.overlaps()?;
        self.deleted_while_frozen()
    }

    /// Compares the times that jobs say they were at work.
    fn overlaps(&self) -> Outcome<()> {
        let spans: Vec<(i64, i64, &JobSpec)> = self
            .attempts
            .values()
            .filter_map(|one| Some((one.started, one.ended?, &one.spec)))
            .collect();
        for (at, one) in spans.iter().enumerate() {
            for other in &spans[at + 1..] {
                if one.0 < other.1 && other.0 < one.1 && fight(one.2, other.2) {
                    return Err(format!("at work in the same time: {one:?} and {other:?}"));
                }
            }
        }
        Ok(())
    }

    fn deleted_while_frozen(&self) -> Outcome<()> {
        for attempt in self.attempts.values().filter(|one| kind(&one.spec).deletes()) {
            let within = |span: &&(i64, i64)| {
                attempt.started > span.0 + CHOSEN_BEFORE_MS && attempt.started < span.1
            };
            if let Some(span) = self.frozen.iter().find(within) {
                return Err(format!("{attempt:?} began while the clock was frozen: {span:?}"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use calls::AskedBy;

    use super::*;

    fn job(id: u64, spec: JobSpec, state: JobState, times: (i64, i64)) -> Job {
        Job {
            id: JobId(id),
            spec,
            state,
            asked_by: AskedBy::Owner,
            created_ms: 0,
            started_ms: Some(times.0),
            ended_ms: state.is_over().then_some(times.1),
            attempts: 1,
            progress: calls::JobProgress::default(),
            result: None,
            fault: None,
            rests: None,
        }
    }

    const DRAIN: fn() -> JobSpec = || JobSpec::Drain { volume: "v".to_owned() };

    #[test]
    fn two_jobs_that_fight_are_seen_at_work_and_in_their_times() {
        let mut judge = Judge::default();
        let beside = [
            job(1, JobSpec::Scrub {}, JobState::Running, (5, 0)),
            job(2, DRAIN(), JobState::Queued, (5, 0)),
        ];
        judge.sees(&beside);
        assert_eq!(judge.verdict(), Ok(()));
        let two =
            [DRAIN(), JobSpec::Rebuild {}].map(|spec| job(3, spec, JobState::Running, (5, 0)));
        judge.sees(&two);
        assert!(judge.verdict().is_err_and(|said| said.contains("together")));

        let mut judge = Judge::default();
        let later = 400 * HOUR_MS;
        judge.sees(&[
            job(1, DRAIN(), JobState::Done, (10, 20)),
            job(2, JobSpec::Rebuild {}, JobState::Done, (later + 20, later + 30)),
        ]);
        assert_eq!(judge.verdict(), Ok(()));
        judge.sees(&[job(3, JobSpec::Rebuild {}, JobState::Done, (later + 15, later + 19))]);
        assert!(judge.verdict().is_err_and(|said| said.contains("same time")));
    }

    #[test]
    fn what_is_let_go_while_the_clock_is_frozen_is_seen() {
        let mut judge = Judge::default();
        judge.clock_is_frozen(1_000);
        judge.clock_may_thaw(2_000);
        let prune =
            |id, at| job(id, JobSpec::Prune { allow_large: false }, JobState::Done, (at, at + 1));
        judge.sees(&[prune(1, 999), prune(2, 2_001)]);
        assert_eq!(judge.verdict(), Ok(()));
        judge.sees(&[prune(3, 1_500)]);
        assert!(judge.verdict().is_err());
    }

    #[test]
    fn what_is_over_stays_over() {
        let mut judge = Judge::default();
        judge.sees(&[job(1, JobSpec::Scrub {}, JobState::Done, (1, 2))]);
        judge.sees(&[job(1, JobSpec::Scrub {}, JobState::Queued, (1, 2))]);
        assert!(judge.verdict().is_err());
    }
}
