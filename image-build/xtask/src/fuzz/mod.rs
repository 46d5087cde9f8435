//! `cargo xtask fuzz`: the coverage-guided fuzzers of `tests/fuzz`, two at a time.
//!
//! Builds the engine into a target folder of its own, so that the ordinary build stays as it is;
//! replays what ever crashed; shows that a planted bug is found; then runs the targets. A bounded
//! run counts executions and begins from seeds alone, so that it is the same every time; a run by
//! hand counts time and keeps what it found under the target folder. Start at [`command`].

mod engine;

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::Outcome;
use crate::say::{say, time};
use crate::setup;
use engine::{Amount, Engine, Job, Told};

/// Targets that run at one time: as many as the smallest computer that we test on has processors.
const AT_A_TIME: usize = 2;
/// The target that is there to be broken.
const PLANTED: &str = "planted";

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    target: Option<String>,
    amount: Amount,
    seed: u32,
}

/// The command.
pub(crate) fn command(arguments: &[String]) -> Outcome<()> {
    run(&wanted(arguments)?)
}

/// The bounded run of `cargo xtask test`.
pub(crate) fn bounded() -> Outcome<()> {
    run(&Wanted { target: None, amount: Amount::Bounded, seed: 1 })
}

fn wanted(arguments: &[String]) -> Outcome<Wanted> {
    let mut wanted = Wanted { target: None, amount: Amount::Bounded, seed: 1 };
    for pair in arguments.chunks(2) {
        let (option, value) = (pair[0].as_str(), pair.get(1).map_or("", String::as_str));
        let number = || {
            let number = value.parse::<u32>().ok().filter(|number| *number > 0);
            number.ok_or_else(|| format!("{option} wants a number, not \"{value}\""))
        };
        match option {
            "--target" if !value.is_empty() => wanted.target = Some(value.to_owned()),
            "--seconds" => wanted.amount = Amount::Each(Duration::from_secs(number()?.into())),
            "--hours" => {
                wanted.amount = Amount::Each(Duration::from_secs(3600 * u64::from(number()?)));
            }
            "--seed" => wanted.seed = number()?,
            _ => {
                return Err(format!(
                    "cannot use {option}; it takes --target NAME, --seconds N or --hours N for \
                     each target, and --seed N"
                ));
            }
        }
    }
    Ok(wanted)
}

fn run(wanted: &Wanted) -> Outcome<()> {
    setup::for_fuzz()?;
    let engine = Engine::build()?;
    let mut jobs = engine.jobs()?;
    if let Some(name) = &wanted.target {
        let all: Vec<String> = jobs.iter().map(|job| job.name.clone()).collect();
        jobs.retain(|job| job.name == *name || job.name == PLANTED);
        if !all.contains(name) {
            return Err(format!("there is no target {name}; there are {}", all.join(", ")));
        }
    }
    let replayed = jobs.iter().map(|job| engine.replay(job)).sum::<Outcome<usize>>()?;
    say(format!("{replayed} inputs that once crashed were replayed"));
    let planted = jobs.iter().position(|job| job.name == PLANTED);
    let planted = jobs.remove(planted.ok_or("the planted bug is not among the targets")?);
    let runs = engine.find_planted(&planted, wanted.seed)?;
    say(format!("fuzz: planted bug found after {runs} runs"));

    let count = jobs.len();
    let (told, failed) = all(&engine, jobs, wanted);
    let runs: u64 = told.iter().map(|told| told.runs).sum();
    let crashes = failed.len();
    if crashes == 0 {
        say(format!("fuzz: ok targets={count} runs={runs} crashes=0"));
        return Ok(());
    }
    Err(format!("targets={count} runs={runs} crashes={crashes}:\n{}", failed.join("\n")))
}

/// Runs all jobs, some at a time; what was told and what crashed.
fn all(engine: &Engine, jobs: Vec<Job>, wanted: &Wanted) -> (Vec<Told>, Vec<String>) {
    let waiting = Mutex::new(VecDeque::from(jobs));
    let ended = Mutex::new((Vec::new(), Vec::new()));
    let work = || {
        loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(job) = next else { return };
            let told = engine.fuzz(&job, &wanted.amount, wanted.seed);
            let mut ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
            match told {
                Ok(told) => {
                    say(line(&job.name, &told));
                    ended.0.push(told);
                }
                Err(crash) => {
                    say(format!("fuzz {}: CRASH", job.name));
                    ended.1.push(format!("{}: {crash}", job.name));
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(work);
        }
    });
    ended.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn line(name: &str, told: &Told) -> String {
    format!(
        "fuzz {name}: runs={} cov={} features={} corpus={} exec/s={} peak={} MiB in {}",
        told.runs,
        told.covered,
        told.features,
        told.corpus,
        told.per_second,
        told.peak_mib,
        time(told.wall)
    )
}

#[test]
fn options_that_mean_nothing_are_refused_before_a_long_run() {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let asked = wanted(&words("--target pack --seconds 5 --seed 7")).unwrap();
    assert_eq!(asked.target.as_deref(), Some("pack"));
    assert_eq!(asked.amount, Amount::Each(Duration::from_secs(5)));
    assert_eq!(asked.seed, 7);
    assert_eq!(wanted(&[]).unwrap().amount, Amount::Bounded);
    assert!(wanted(&words("--seconds")).is_err());
    assert!(wanted(&words("--second 5")).is_err());
    assert!(wanted(&words("--seed none")).is_err());
}
