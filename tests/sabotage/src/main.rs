//! The sabotage suite: every deliberate bug of `types::sabotage` must be caught, by name.
//!
//! For each bug its detector runs twice: on the product as it is, where it must be content, and
//! with the bug switched on, where it must complain, and of the right thing. A bug that the run
//! never came past is not caught either. The last line says how many were; anything less than all
//! ends with 1. It is no test of the product: it is the test of the tests. Start at [`suite`].

mod afar;
mod apart;
mod beside;
mod failing;
mod history;
mod home;
mod hosting;
mod keys;
mod letting_go;
mod mixed_up;
mod power;
mod receipts;
mod sealed;
mod single;
mod stored;
mod suite;

use std::collections::HashMap;
use std::fmt::Display;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use types::sabotage::{self, Bug};

use suite::{CASES, Case, Detector};

/// Switches deliberate bugs on, one at a time, and shows which test sees each.
#[derive(Debug, Parser)]
#[command(name = "sabotage")]
struct Args {
    /// Only the bug of this name.
    #[arg(long)]
    only: Option<String>,
}

/// What a run of a detector came to.
type Verdict = Result<(), String>;

/// What detectors said without a bug, and how long they took: each is run so once.
type Honest = HashMap<&'static str, (Verdict, Duration)>;

/// Characters of a complaint that the table shows; of a single bug, all of it.
const SAID_MAX: usize = 90;

fn say(line: impl Display) {
    // A closed terminal is no reason to stop: the exit code tells as well.
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}

/// Runs a detector; a panic is a complaint like any other.
fn run(detector: &Detector, bugs: &[Bug]) -> (Verdict, Duration) {
    sabotage::switch(bugs);
    let began = uptime();
    let verdict = catch_unwind(AssertUnwindSafe(detector.run)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
        Err(format!("panicked: {}", said.unwrap_or_default()))
    });
    (verdict, uptime().saturating_sub(began))
}

/// Time since the computer started, to the hundredth of a second: it is only printed.
fn uptime() -> Duration {
    let said = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
    let seconds = said.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_secs_f64(seconds.unwrap_or(0.0))
}

/// The case's line for the table, and whether the bug was caught.
fn judge(case: &Case, honest: &mut Honest, said_max: usize) -> (String, bool) {
    let detector = &case.detector;
    let (content, took) = honest.entry(detector.name).or_insert_with(|| run(detector, &[])).clone();
    let name = case.name();
    if let Err(complaint) = content {
        return (
            format!("{name}: {} complains without the bug: {complaint}", detector.name),
            false,
        );
    }
    let (verdict, needed) = run(detector, &[case.bug]);
    let hits = sabotage::hits();
    sabotage::switch(&[]);
    let complaint = match verdict {
        Ok(()) => return (format!("{name}: NOT CAUGHT by {} (hits {hits})", detector.name), false),
        Err(complaint) => complaint,
    };
    if hits == 0 {
        return (format!("{name}: the run never came past it, and yet: {complaint}"), false);
    }
    if !complaint.contains(case.complaint) {
        let wanted = case.complaint;
        return (format!("{name}: the complaint is not of {wanted:?}: {complaint}"), false);
    }
    let (took, needed) = (took.as_secs_f64(), needed.as_secs_f64());
    let short: String = complaint.chars().take(said_max).collect();
    let short = short.replace('\n', " ");
    let by = detector.name;
    (format!("{name:<25} {by:<34} {took:>5.1} s {needed:>5.1} s  {short}"), true)
}

fn main() -> ExitCode {
    let args = Args::parse();
    say(sabotage::MARKER);
    let chosen: Vec<&Case> = CASES
        .iter()
        .filter(|case| args.only.as_ref().is_none_or(|only| *only == case.name()))
        .collect();
    if chosen.is_empty() {
        let names: Vec<String> = CASES.iter().map(Case::name).collect();
        say(format!("there is no such bug; there are: {}", names.join(" ")));
        return ExitCode::from(2);
    }
    // What a detector says is in the table; a panic's own words would only stand between.
    std::panic::set_hook(Box::new(|_| {}));
    let began = uptime();
    say(format!("{:<25} {:<34} {:>7} {:>7}  complaint", "bug", "detector", "without", "with"));
    let mut honest = Honest::new();
    let said_max = if chosen.len() == 1 { usize::MAX } else { SAID_MAX };
    let mut caught = 0;
    for case in &chosen {
        let (line, is_caught) = judge(case, &mut honest, said_max);
        say(line);
        caught += usize::from(is_caught);
    }
    let (of, seconds) = (chosen.len(), uptime().saturating_sub(began).as_secs());
    let word = if caught == of { "ok" } else { "FAILED" };
    let detectors = honest.len();
    say(format!(
        "sabotage: {word} caught={caught} of={of} detectors={detectors} seconds={seconds}"
    ));
    ExitCode::from(u8::from(caught < of))
}
