//! `cargo xtask crash`: the crash simulator of `tests/crash`, with its options passed through; and
//! the two searches that `cargo xtask test` makes with it. Always the optimised build: a search is
//! worth what it has seen. With `--fs` it is the rig on real file systems instead, see `fsrig`.

use std::time::Duration;

use crate::cmd::Cmd;
use crate::{Outcome, fsrig, repo};

/// Deadline for any number of states that makes sense in one sitting.
const LIMIT: Duration = Duration::from_secs(12 * 3600);
/// States that a change is tested with.
const TEST_STATES: u64 = 200_000;

/// The command.
pub(crate) fn command(arguments: &[String]) -> Outcome<()> {
    if arguments.iter().any(|argument| argument == "--fs") {
        return fsrig::command(arguments);
    }
    check(arguments)?;
    build()?;
    run(arguments)
}

/// Builds the simulator.
pub(crate) fn build() -> Outcome<()> {
    let build = Cmd::new("cargo").args(["build", "--package", "crash", "--profile", "measure"]);
    build.dir(&repo::root()).limit(LIMIT).shown()?.ok().map(drop)
}

/// Power cuts, as many as a change is tested with.
pub(crate) fn states() -> Outcome<()> {
    run(&["--states".to_owned(), TEST_STATES.to_string(), "--seed".to_owned(), "1".to_owned()])
}

/// The n-th operation of a disk fails, for every n.
pub(crate) fn faults() -> Outcome<()> {
    run(&["--faults".to_owned()])
}

fn run(arguments: &[String]) -> Outcome<()> {
    let program = repo::target().join("measure").join("crash");
    Cmd::new(program).args(arguments).dir(&repo::root()).limit(LIMIT).shown()?.ok().map(drop)
}

/// Only `--faults`, `--states N`, `--seed N`, `--only N` and `--threads N`; a typing mistake must not become a run without meaning.
fn check(arguments: &[String]) -> Outcome<()> {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let takes_number = matches!(word.as_str(), "--states" | "--seed" | "--only" | "--threads");
        let number = if takes_number { words.next() } else { None };
        if word != "--faults" && number.is_none_or(|number| number.parse::<u64>().is_err()) {
            return Err(format!(
                "cannot use {word}; it takes --states N, --seed N, --only N, --threads N, or \
                 --faults"
            ));
        }
    }
    Ok(())
}

#[test]
fn options_that_mean_nothing_are_refused_before_a_long_run() {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert!(check(&[]).is_ok());
    assert!(check(&words("--states 500 --seed 7")).is_ok());
    assert!(check(&words("--faults --seed 7")).is_ok());
    assert!(check(&words("--states")).is_err());
    assert!(check(&words("--sates 500")).is_err());
    assert!(check(&words("--seed seven")).is_err());
}
