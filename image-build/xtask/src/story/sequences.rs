//! Story `sequences`: random courses of everything that hands, time and power do to a whole box.
//!
//! The program is `tests/sequences`; this module builds it, runs as many courses as the tests have time
//! for and takes its figures over. What must be none stands beside the same figure of courses that were
//! spoilt on purpose. By hand: `cargo xtask story sequences --courses 1000`. Start at [`story`].

use std::time::Duration;

use super::figures::Figures;
use super::{Facts, StoryDir};
use crate::cmd::Cmd;
use crate::{Outcome, files, repo};

/// Courses in the test command: two or three minutes on two processors.
const COURSES: u64 = 20;
/// Where they begin.
const SEED: u64 = 1;
/// At once: they wait most of the time.
const THREADS: &str = "6";
/// Deadline of any number of courses that makes sense in one sitting.
const LIMIT: Duration = Duration::from_secs(6 * 3600);
/// What must be none, each beside its name where it was spoilt.
const NONE: [(&str, &str); 3] = [
    ("lost", "sabotaged_lost"),
    ("foreign_written", "sabotaged_foreign_written"),
    ("jobs_fighting", "sabotaged_jobs_fighting"),
];

/// How much is run.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    courses: u64,
    seed: u64,
}

impl Options {
    fn read(words: &[String]) -> Outcome<Self> {
        let mut options = Self { courses: COURSES, seed: SEED };
        for pair in words.chunks(2) {
            let number = pair.get(1).and_then(|word| word.parse::<u64>().ok());
            match (pair[0].as_str(), number) {
                ("--courses", Some(number @ 1..)) => options.courses = number,
                ("--seed", Some(number)) => options.seed = number,
                _ => {
                    let said = pair.join(" ");
                    return Err(format!("cannot use {said}; it takes --courses N and --seed N"));
                }
            }
        }
        Ok(options)
    }
}

/// The story.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    let Options { courses, seed } = Options::read(&dir.options)?;
    let build = ["build", "--quiet", "--package", "sequences"];
    Cmd::new("cargo").args(build).dir(&repo::root()).limit(LIMIT).shown()?.ok()?;
    // A course that went wrong leaves its folder here.
    let place = dir.path.join("courses");
    files::folder(&place)?;
    let ended = Cmd::new(repo::target().join("debug").join("sequences"))
        .args(["run", "--threads", THREADS, "--count", &courses.to_string()])
        .args(["--seed", &seed.to_string()])
        .env("TMPDIR", &place)
        .log(&dir.path.join("run"))
        .limit(LIMIT)
        .kept()?;
    let figures = Figures::read(&ended.stdout, "sequences: ");
    ended.ok()?;
    figures.hold(&NONE)?;
    Ok(figures.facts())
}

#[test]
fn options_that_mean_nothing_are_refused() {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(Options::read(&[]), Ok(Options { courses: COURSES, seed: SEED }));
    let asked = Options::read(&words("--courses 1000 --seed 7"));
    assert_eq!(asked, Ok(Options { courses: 1000, seed: 7 }));
    assert!(Options::read(&words("--courses")).is_err());
    assert!(Options::read(&words("--corses 7")).is_err());
}
