//! Many courses from one seed on, and beside them each kind of harm, which has to be noticed.
//!
//! Start at [`search`].

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::Outcome;
use crate::course::{self, HARMS, Harm};
use crate::hands::Tally;

/// How far it is is told after so many courses.
const TOLD_EVERY: u64 = 25;

/// Courses in which harm is tried, until there is something to harm.
const SPOILT_MAX: u64 = 5;

/// How much is tried.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Extent {
    /// How many courses.
    #[arg(long, default_value_t = 30)]
    pub count: u64,
    /// The first seed; the others follow.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Courses at the same time.
    #[arg(long, default_value_t = 4)]
    pub threads: u64,
    /// Only the courses, and no harm that has to be noticed: for whoever looks for one cause.
    #[arg(long)]
    pub unharmed: bool,
}

/// What came of all that ran so far.
#[derive(Default)]
struct Found {
    tally: Tally,
    ran: u64,
    failed: u64,
    /// The same of courses that were spoilt on purpose.
    spoilt: Tally,
    noticed: u64,
    unnoticed: Vec<String>,
}

/// Runs them all; `program` is this crate's own. The last thing that is told is one line of figures.
pub fn search(program: &Path, extent: Extent, tell: &(dyn Fn(&str) + Sync)) -> Outcome<()> {
    let Extent { count, seed, threads, unharmed } = extent;
    let harms: &[Harm] = if unharmed { &[] } else { &HARMS };
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Found::default());
    let one = || {
        loop {
            let number = next.fetch_add(1, Ordering::SeqCst);
            // Harm first: it may take more than one course, and nobody waits for it in the end.
            match (harms.get(number), (number - harms.len().min(number)) as u64) {
                (Some(harm), _) => spoil_one(program, seed, *harm, &found),
                (None, number) if number < count => {
                    run_one(program, seed + number, &found, tell);
                }
                _ => return,
            }
        }
    };
    std::thread::scope(|scope| {
        (0..threads.max(1)).for_each(|_| drop(scope.spawn(one)));
    });
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let Found { tally, failed, spoilt, noticed, unnoticed, .. } = found;
    let Tally { lost, foreign, fights, .. } = spoilt;
    tell(&format!(
        "sequences: courses={count} failed={failed} {tally}noticed={noticed} sabotaged_lost={lost} \
         sabotaged_foreign_written={foreign} sabotaged_jobs_fighting={fights}"
    ));
    match (failed, unnoticed.first()) {
        (1.., _) => Err(format!("{failed} courses went wrong")),
        (0, Some(sentence)) => Err(sentence.clone()),
        (0, None) if unharmed => Ok(()),
        (0, None) if lost == 0 || foreign == 0 || fights == 0 => {
            Err("what was spoilt on purpose was not counted".to_owned())
        }
        (0, None) => tally.is_enough(count),
    }
}

fn run_one(program: &Path, seed: u64, found: &Mutex<Found>, tell: &(dyn Fn(&str) + Sync)) {
    let ended = course::run(program, seed, Harm::None);
    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
    found.ran += 1;
    if let Err(wrong) = &ended {
        found.failed += 1;
        tell(&said(seed, wrong));
    }
    found.tally.add(&ended.unwrap_or_else(|wrong| wrong.tally));
    if found.ran.is_multiple_of(TOLD_EVERY) {
        tell(&format!("so far: courses={} failed={} {}", found.ran, found.failed, found.tally));
    }
}

/// One that was spoilt has to go wrong, and for that reason. Where there was nothing to spoil, another
/// one is tried.
fn spoil_one(program: &Path, seed: u64, harm: Harm, found: &Mutex<Found>) {
    let ended = (0..SPOILT_MAX).map(|n| course::run(program, seed + n, harm));
    let spoilt = |ended: &Result<Tally, Box<course::Wrong>>| {
        !ended.as_ref().is_err_and(|wrong| wrong.sentence.contains(course::NOTHING_TO_SPOIL))
    };
    let ended = ended.into_iter().find(spoilt);
    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
    match ended {
        Some(Err(wrong)) if harm.is_named_in(&wrong.sentence) => {
            found.noticed += 1;
            found.spoilt.add(&wrong.tally);
        }
        Some(Err(wrong)) => found
            .unnoticed
            .push(format!("{harm:?} was to be noticed, and not this: {}", wrong.sentence)),
        Some(Ok(_)) => found.unnoticed.push(format!("{harm:?} went unnoticed")),
        None => found.unnoticed.push(format!("{harm:?}: there was never anything to spoil")),
    }
}

fn said(seed: u64, wrong: &course::Wrong) -> String {
    let folder = wrong.folder.display();
    let story = wrong.story.join("\n  ");
    format!("seed {seed}: {}\n  {story}\n  everything of it: {folder}", wrong.sentence)
}
