//! Many courses from one seed on, and beside them each kind of harm, which has to be noticed.
//!
//! Start at [`search`].

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::Outcome;
use crate::course::{self, HARMS, Harm};
use crate::hands::Tally;

/// How far it is is told after so many courses.
const TOLD_EVERY: u64 = 25;

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

/// Runs them all; `program` is this crate's own. The last thing that is told is one line of figures.
pub fn search(program: &Path, extent: Extent, tell: &(dyn Fn(&str) + Sync)) -> Outcome<()> {
    let Extent { count, seed, threads, unharmed } = extent;
    let (next, ran, failed) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let all = Mutex::new(Tally::default());
    let one = || {
        loop {
            let number = next.fetch_add(1, Ordering::SeqCst);
            if number >= count {
                return;
            }
            let ended = course::run(program, seed + number, Harm::None);
            if let Err(wrong) = &ended {
                failed.fetch_add(1, Ordering::SeqCst);
                tell(&said(seed + number, wrong));
            }
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
            all.add(&ended.map_or_else(|wrong| wrong.tally, |tally| tally));
            let ran = ran.fetch_add(1, Ordering::SeqCst) + 1;
            if ran.is_multiple_of(TOLD_EVERY) {
                tell(&format!(
                    "so far: courses={ran} failed={} {all}",
                    failed.load(Ordering::SeqCst)
                ));
            }
        }
    };
    std::thread::scope(|scope| {
        (0..threads.clamp(1, count.max(1))).for_each(|_| drop(scope.spawn(one)));
    });
    let harms: &[Harm] = if unharmed { &[] } else { &HARMS };
    let noticed: Vec<Outcome<()>> =
        harms.iter().map(|harm| is_noticed(program, seed, *harm)).collect();
    let spoilt = noticed.iter().filter(|noticed| noticed.is_ok()).count();
    let tally = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    let failed = failed.into_inner();
    tell(&format!("sequences: courses={count} failed={failed} noticed={spoilt} {tally}"));
    if failed > 0 {
        return Err(format!("{failed} courses went wrong"));
    }
    noticed.into_iter().collect::<Outcome<()>>()?;
    if unharmed { Ok(()) } else { tally.is_enough(count) }
}

/// One that was spoilt has to go wrong, and for that reason.
fn is_noticed(program: &Path, seed: u64, harm: Harm) -> Outcome<()> {
    match course::run(program, seed, harm) {
        Ok(_) => Err(format!("{harm:?} went unnoticed")),
        Err(wrong) if harm.is_named_in(&wrong.sentence) => Ok(()),
        Err(wrong) => Err(format!("{harm:?} was to be noticed, and not this: {}", wrong.sentence)),
    }
}

fn said(seed: u64, wrong: &course::Wrong) -> String {
    let folder = wrong.folder.display();
    let story = wrong.story.join("\n  ");
    format!("seed {seed}: {}\n  {story}\n  everything of it: {folder}", wrong.sentence)
}
