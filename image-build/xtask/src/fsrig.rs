//! The crash rig on real file systems, `tests/fsrig`: with options, and as two steps of the tests.
//!
//! A machine without FUSE, loop devices or root cannot run it. That is said and counts as skipped,
//! never as passed. Start at [`Asked::run`].

use std::time::Duration;

use crate::cmd::Cmd;
use crate::{Outcome, repo, setup};

/// Deadline for any number of states that makes sense in one sitting.
const LIMIT: Duration = Duration::from_secs(4 * 3600);
/// States for each file system in the tests, on honest disks.
const STATES_IN_TEST: &str = "300";
/// The program's exit code when this machine cannot run it.
const SKIPPED: i32 = 77;
/// What the program is called with.
const OPTIONS: [&str; 4] = ["--fs", "--states", "--seed", "--only"];

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// All acknowledged work survived, and sabotage was seen.
    Passed,
    /// It cannot run here: the program's sentence.
    Skipped(String),
}

/// Options that mean something.
#[derive(Clone, Debug)]
pub(crate) struct Asked(Vec<String>);

impl Asked {
    /// The options of a command line.
    pub(crate) fn from(arguments: &[String]) -> Outcome<Self> {
        for pair in arguments.chunks(2) {
            let value = pair.get(1).map_or("", String::as_str);
            let means = match pair[0].as_str() {
                "--fs" => matches!(value, "ext4" | "xfs"),
                name => OPTIONS.contains(&name) && value.parse::<u64>().is_ok(),
            };
            if !means {
                let pair = pair.join(" ");
                return Err(format!(
                    "cannot use {pair}; with --fs ext4 or --fs xfs it takes --states N, --seed N and --only N"
                ));
            }
        }
        Ok(Self(arguments.to_vec()))
    }

    /// One file system, as many states as the tests have time for.
    pub(crate) fn in_test(fs: &str) -> Self {
        Self(["--fs", fs, "--states", STATES_IN_TEST].map(str::to_owned).to_vec())
    }

    /// Runs it. States in which something was lost are kept under the target folder.
    pub(crate) fn run(&self, limit: Duration) -> Outcome<Told> {
        setup::for_fsrig()?;
        let ended = Cmd::new("cargo")
            .args(["run", "--quiet", "--package", "fsrig", "--"])
            .args(&self.0)
            .arg("--keep")
            .arg(repo::target().join("fsrig"))
            .dir(&repo::root())
            .limit(limit.min(LIMIT))
            .teed()?
            .wants(&[0, SKIPPED])?;
        let last = ended.stdout.lines().last().unwrap_or_default().to_owned();
        Ok(if ended.code == Some(SKIPPED) { Told::Skipped(last) } else { Told::Passed })
    }
}

/// The command.
pub(crate) fn command(arguments: &[String]) -> Outcome<()> {
    match Asked::from(arguments)?.run(LIMIT)? {
        Told::Passed => Ok(()),
        // Whoever asks for it by name wants to know that nothing was shown.
        Told::Skipped(_) => Err("nothing was examined".to_owned()),
    }
}

#[test]
fn options_that_mean_nothing_are_refused_before_a_long_run() {
    let asked = |line: &str| Asked::from(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
    assert!(asked("--fs ext4").is_ok());
    assert!(asked("--fs xfs --states 500 --seed 7").is_ok());
    assert!(asked("--fs btrfs").is_err());
    assert!(asked("--fs ext4 --states").is_err());
    assert!(asked("--fs ext4 --sates 5").is_err());
}
