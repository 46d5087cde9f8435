//! `cargo xtask crash`: the crash simulator of `tests/crash`, with its options passed through. With
//! `--fs` it is the rig on real file systems instead, see `fsrig`.

use std::time::Duration;

use crate::cmd::Cmd;
use crate::{Outcome, fsrig, repo};

/// Deadline for any number of states that makes sense in one sitting.
const LIMIT: Duration = Duration::from_secs(4 * 3600);

/// The command.
pub(crate) fn command(arguments: &[String]) -> Outcome<()> {
    if arguments.iter().any(|argument| argument == "--fs") {
        return fsrig::command(arguments);
    }
    check(arguments)?;
    Cmd::new("cargo")
        .args(["run", "--quiet", "--package", "crash", "--"])
        .args(arguments)
        .dir(&repo::root())
        .limit(LIMIT)
        .shown()?
        .ok()
        .map(drop)
}

/// Only `--states N` and `--seed N`; a typing mistake must not become a run without meaning.
fn check(arguments: &[String]) -> Outcome<()> {
    for pair in arguments.chunks(2) {
        let known = matches!(pair[0].as_str(), "--states" | "--seed");
        if !known || pair.get(1).is_none_or(|number| number.parse::<u64>().is_err()) {
            return Err(format!("cannot use {}; it takes --states N and --seed N", pair.join(" ")));
        }
    }
    Ok(())
}

#[test]
fn options_that_mean_nothing_are_refused_before_a_long_run() {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert!(check(&[]).is_ok());
    assert!(check(&words("--states 500 --seed 7")).is_ok());
    assert!(check(&words("--states")).is_err());
    assert!(check(&words("--sates 500")).is_err());
    assert!(check(&words("--seed seven")).is_err());
}
