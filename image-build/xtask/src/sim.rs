//! `cargo xtask sim`: worlds of friends, by hand; the tests live through five hundred. Always the optimised
//! build, with its options passed through.

use std::time::Duration;

use crate::cmd::Cmd;
use crate::{Outcome, repo};

/// Deadline for any number of worlds that makes sense in one sitting.
const LIMIT: Duration = Duration::from_secs(12 * 3600);

/// The command.
pub(crate) fn command(arguments: &[String]) -> Outcome<()> {
    check(arguments)?;
    let build = Cmd::new("cargo").args(["build", "--package", "sim", "--profile", "measure"]);
    build.dir(&repo::root()).limit(LIMIT).shown()?.ok()?;
    let program = repo::target().join("measure").join("sim");
    Cmd::new(program).args(arguments).dir(&repo::root()).limit(LIMIT).shown()?.ok().map(drop)
}

/// Only `--worlds N` and `--seed N`; a typing mistake must not become a run without meaning.
fn check(arguments: &[String]) -> Outcome<()> {
    for pair in arguments.chunks(2) {
        let is_known = matches!(pair[0].as_str(), "--worlds" | "--seed");
        if !is_known || pair.get(1).is_none_or(|number| number.parse::<u64>().is_err()) {
            return Err(format!("cannot use {}; it takes --worlds N and --seed N", pair[0]));
        }
    }
    Ok(())
}

#[test]
fn options_that_mean_nothing_are_refused_before_a_long_run() {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert!(check(&[]).is_ok());
    assert!(check(&words("--worlds 500 --seed 7")).is_ok());
    assert!(check(&words("--worlds")).is_err());
    assert!(check(&words("--seeds 7")).is_err());
}
