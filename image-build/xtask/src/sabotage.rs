//! `cargo xtask sabotage`: the suite of `tests/sabotage`, and the proof that nothing else has bugs.
//!
//! The suite is built with the feature `sabotage`, which nothing that ships has. Programs built so
//! carry words of which the suite's first line is made; [`Told::must_be_absent_from`] looks for
//! them in a program that ships, and that the suite has them shows that they would be seen.

use std::path::Path;
use std::time::Duration;

use crate::cmd::Cmd;
use crate::say::say;
use crate::{Outcome, files, repo};

/// Deadline of building and running the suite from nothing on a busy computer.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// What the suite said.
#[derive(Debug)]
pub(crate) struct Told {
    /// The words of programs with bugs in them.
    marker: String,
    /// Bugs that were caught.
    pub caught: u64,
    /// Bugs that there are.
    pub of: u64,
    /// What the suite said of those that were not.
    pub missed: Vec<String>,
}

/// The command.
pub(crate) fn command(arguments: &[String]) -> Outcome<()> {
    match arguments {
        [] => {}
        [only, name] if only == "--only" && !name.starts_with('-') => {}
        _ => return Err("it takes --only NAME, or nothing".to_owned()),
    }
    let told = run(arguments)?;
    if told.caught == told.of {
        Ok(())
    } else {
        Err(format!("not caught: {}", told.missed.join("; ")))
    }
}

/// Builds and runs the suite.
pub(crate) fn run(arguments: &[String]) -> Outcome<Told> {
    let suite = ["run", "--quiet", "--package", "sabotage", "--features", "sabotage", "--"];
    let ended =
        Cmd::new("cargo").args(suite).args(arguments).dir(&repo::root()).limit(LIMIT).teed()?;
    let Some(told) = told(&ended.stdout) else {
        ended.ok()?;
        return Err("the suite said nothing that can be read".to_owned());
    };
    let program = repo::target().join("debug/sabotage");
    if !holds(&program, &told.marker)? {
        return Err(format!("{} lacks the words that it says", program.display()));
    }
    Ok(told)
}

/// Reads the first line, and `sabotage: ok caught=36 of=36 ...`, the last.
fn told(text: &str) -> Option<Told> {
    let marker = text.lines().next()?.to_owned();
    let last = text.lines().last()?.strip_prefix("sabotage: ")?;
    let number =
        |key: &str| last.split(' ').find_map(|word| word.strip_prefix(key)?.parse::<u64>().ok());
    let (caught, of) = (number("caught=")?, number("of=")?);
    let is_missed = |line: &&str| line.split_once(": ").is_some_and(|(bug, _)| !bug.contains(' '));
    let all = text.lines().filter(|line| !line.starts_with("sabotage: "));
    let missed = all.filter(is_missed).map(str::to_owned).collect();
    (marker.len() > 20 && of > 0).then_some(Told { marker, caught, of, missed })
}

fn holds(program: &Path, words: &str) -> Outcome<bool> {
    Ok(files::text(program)?.contains(words))
}

impl Told {
    /// Complains when a program has deliberate bugs in it.
    pub(crate) fn must_be_absent_from(&self, program: &Path) -> Outcome<()> {
        if holds(program, &self.marker)? {
            return Err(format!("{} was built with the feature `sabotage`", program.display()));
        }
        say(format!("{} was built without deliberate bugs", program.display()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "words that stand in programs with bugs\nbug detector\nx y\n\
                        two: NOT CAUGHT by y: z\n\
                        sabotage: FAILED caught=2 of=3 detectors=3 seconds=1\n";

    #[test]
    fn the_suites_last_line_is_read_and_half_a_run_is_not() {
        let told = told(SAID).unwrap();
        assert_eq!((told.caught, told.of), (2, 3));
        assert_eq!(told.missed, ["two: NOT CAUGHT by y: z"]);
        assert!(super::told(SAID.strip_suffix("seconds=1\n").unwrap()).is_some());
        assert!(super::told("words that stand in programs with bugs\nbug detector\n").is_none());
        assert!(super::told("").is_none());
    }

    #[test]
    fn a_program_with_the_words_in_it_is_refused() {
        let told = told(SAID).unwrap();
        // This very program holds the words: they stand above.
        let own = std::env::current_exe().unwrap();
        let refused = told.must_be_absent_from(&own).unwrap_err();
        assert!(refused.contains("built with the feature"), "{refused}");
        told.must_be_absent_from(&repo::root().join("Cargo.toml")).unwrap();
    }
}
