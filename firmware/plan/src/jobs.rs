//! Which jobs run: their states, which of them may run together, and which is next.
//!
//! Facts in, answers out. Two jobs that would fight never run at the same time, and a job that has
//! to wait for a running one is not overtaken for ever by others. The table of who may run while
//! what is [`may_run_together`]; it is never wider than the one in
//! `docs/operations/concurrency.md`. After a crash the same records give the same answers:
//! [`cut::found_at_start`]. When what is due is decided in [`schedule`], a time server's word is weighed in [`clock`].
//! Start at [`choose`].

pub mod again;
pub mod clock;
pub mod cut;
pub mod failures;
pub mod gently;
pub mod pace;
pub mod quiet;
pub mod schedule;

/// Jobs at work at the same time, at most: one that writes, one that reads everything, and one that
/// gives something back. More would only share the same disks.
pub const RUNNING_MAX: usize = 3;
/// Disks in a test at the same time, at most. They are counted apart: a test takes days, shares no disk with
/// anybody, and must not keep the others waiting.
pub const BURNING_MAX: usize = 4;

/// What a job does, as far as decisions care. In the order in which they are begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobKind {
    /// Somebody wants something back.
    Restore,
    /// Somebody has something new.
    Backup,
    /// Copies are missing.
    Rebuild,
    /// Copies are damaged, perhaps.
    Repair,
    /// Versions may go.
    Forget,
    /// Packs may go.
    Prune,
    /// Everything is looked up.
    Check,
    /// Every byte is read and compared with the name of its pack. It needs no keys.
    Scrub,
    /// A disk that takes part in nothing is tested. It needs no keys either.
    BurnIn,
}

/// All of them.
pub const ALL_KINDS: [JobKind; 9] = [
    JobKind::Restore,
    JobKind::Backup,
    JobKind::Rebuild,
    JobKind::Repair,
    JobKind::Forget,
    JobKind::Prune,
    JobKind::Check,
    JobKind::Scrub,
    JobKind::BurnIn,
];

impl JobKind {
    /// Whether it lets go of something for good.
    pub fn deletes(self) -> bool {
        matches!(self, Self::Forget | Self::Prune)
    }

    /// Whether it can be done with the keys only.
    pub fn needs_keys(self) -> bool {
        !matches!(self, Self::Scrub | Self::BurnIn)
    }

    fn needs(self) -> Needs {
        match self {
            Self::Restore | Self::BurnIn => Needs::Nothing,
            Self::Backup | Self::Forget => Needs::Writing,
            Self::Check | Self::Scrub => Needs::Looking,
            Self::Repair => Needs::WritingAndLooking,
            Self::Rebuild => Needs::Copying,
            Self::Prune => Needs::Everything,
        }
    }
}

/// What a job keeps others from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Nothing,
    Writing,
    Looking,
    WritingAndLooking,
    Copying,
    Everything,
}

/// Whether two jobs may be at work at the same time. One writes at a time, one reads everything at
/// a time, one copies at a time and beside nobody who looks at the copies, and what must not see
/// half of another's work has the vault for itself; giving something back goes beside all of them.
pub fn may_run_together(one: JobKind, other: JobKind) -> bool {
    use Needs::{Copying, Looking, Nothing, Writing};
    matches!(
        (one.needs(), other.needs()),
        (Nothing, _) | (_, Nothing) | (Writing, Looking | Copying) | (Looking | Copying, Writing)
    )
}

/// A job that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its number; a lower one came first.
    pub id: u64,
    /// What it does.
    pub kind: JobKind,
    /// Somebody asked for it; else it was due.
    pub asked_for: bool,
}

/// What may keep jobs from being begun at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// The keys are not there.
    pub locked: bool,
    /// The clock jumped and nobody has said that it is right.
    pub clock_jumped: bool,
    /// The box stops.
    pub stopping: bool,
    /// It is one of the quiet hours.
    pub quiet: bool,
}

impl Gate {
    /// Whether a job of that kind may be begun now.
    pub fn lets(self, kind: JobKind) -> bool {
        !(self.stopping || self.locked && kind.needs_keys() || self.clock_jumped && kind.deletes())
    }
}

/// The jobs to begin now, in this order. `running` are those at work.
///
/// What somebody asked for goes before what was due, then by kind, then by age. A job that waits for
/// a running one holds back those behind it that it could not run beside: otherwise small ones would
/// keep a big one waiting for ever. One that waits for copying does not, before that is over: a new
/// disk fills for hours, and nothing is to stop for it.
pub fn choose(waiting: &[Waiting], running: &[JobKind], gate: Gate) -> Vec<u64> {
    let quiet = |job: &Waiting| gate.quiet && quiet::can_wait(job.kind, job.asked_for);
    let is_let = |job: &&Waiting| gate.lets(job.kind) && !quiet(job);
    let mut line: Vec<&Waiting> = waiting.iter().filter(is_let).collect();
    line.sort_by_key(|job| (!job.asked_for, job.kind, job.id));
    let mut at_work = running.to_vec();
    let mut passed_over: Vec<JobKind> = Vec::new();
    let mut begun = Vec::new();
    for job in line {
        let beside =
            |others: &[JobKind]| others.iter().all(|other| may_run_together(job.kind, *other));
        if has_room(job.kind, &at_work) && beside(&at_work) && beside(&passed_over) {
            at_work.push(job.kind);
            begun.push(job.id);
        } else if !waits_for_copying(job.kind, &at_work) {
            passed_over.push(job.kind);
        }
    }
    begun
}

fn has_room(kind: JobKind, at_work: &[JobKind]) -> bool {
    let burning = at_work.iter().filter(|one| **one == JobKind::BurnIn).count();
    match kind {
        JobKind::BurnIn => burning < BURNING_MAX,
        _ => at_work.len() - burning < RUNNING_MAX,
    }
}

fn waits_for_copying(kind: JobKind, at_work: &[JobKind]) -> bool {
    let copying = at_work.iter().filter(|one| one.needs() == Needs::Copying);
    copying.into_iter().any(|one| !may_run_together(kind, *one))
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobState {
    /// Waits for its turn.
    Queued,
    /// At work.
    Running,
    /// Stopped until somebody lets it go on.
    Paused,
    /// Did what it should.
    Done,
    /// Could not.
    Failed,
    /// Somebody did not want it any more.
    Cancelled,
}

impl JobState {
    /// Whether it is over for good.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// What somebody wants of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Stop for now.
    Pause,
    /// Go on.
    Resume,
    /// Stop for good.
    Cancel,
}

/// Why a job at work is to stop. A later one is stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StopFor {
    /// The box stops or is locked: it goes on by itself afterwards.
    Later,
    /// Somebody wants it to rest.
    Pause,
    /// Somebody does not want it any more.
    Cancel,
}

/// What a wish comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granted {
    /// It is so already.
    Already,
    /// It stands there from now on.
    Now(JobState),
    /// It is told to stop, and stands there once it has.
    Stop(StopFor),
    /// It was told to rest and has not yet: it is told to go on.
    GoOn,
}

/// What becomes of a wish; none when the job is over and it makes no sense any more. `stopping` is
/// what a job at work was told before.
pub fn grant(state: JobState, stopping: Option<StopFor>, wish: Wish) -> Option<Granted> {
    use JobState::{Cancelled, Done, Failed, Paused, Queued, Running};
    Some(match (wish, state) {
        (Wish::Pause, Queued) => Granted::Now(Paused),
        (Wish::Pause, Paused) | (Wish::Cancel, Cancelled) => Granted::Already,
        (Wish::Pause, Running) if stopping >= Some(StopFor::Pause) => Granted::Already,
        (Wish::Pause, Running) => Granted::Stop(StopFor::Pause),
        (Wish::Resume, Paused) => Granted::Now(Queued),
        (Wish::Resume, Running) if stopping == Some(StopFor::Pause) => Granted::GoOn,
        (Wish::Resume, Running) if stopping == Some(StopFor::Cancel) => return None,
        (Wish::Resume, Queued | Running) => Granted::Already,
        (Wish::Cancel, Queued | Paused) => Granted::Now(Cancelled),
        (Wish::Cancel, Running) if stopping == Some(StopFor::Cancel) => Granted::Already,
        (Wish::Cancel, Running) => Granted::Stop(StopFor::Cancel),
        (Wish::Pause | Wish::Resume, Done | Failed | Cancelled) | (Wish::Cancel, Done | Failed) => {
            return None;
        }
    })
}

/// How a job's work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did what it should.
    Done,
    /// It could not.
    Failed,
    /// It stopped because it was told to.
    Stopped,
}

/// Where a job stands after its work ended. What was finished before it could stop is done; what
/// stopped though nobody wants that any more waits for its turn again.
pub fn after(outcome: Outcome, stopping: Option<StopFor>) -> JobState {
    match (outcome, stopping) {
        (Outcome::Done, _) => JobState::Done,
        (Outcome::Failed, _) => JobState::Failed,
        (Outcome::Stopped, Some(StopFor::Cancel)) => JobState::Cancelled,
        (Outcome::Stopped, Some(StopFor::Pause)) => JobState::Paused,
        (Outcome::Stopped, Some(StopFor::Later) | None) => JobState::Queued,
    }
}
