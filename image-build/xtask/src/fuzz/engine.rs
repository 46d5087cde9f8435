//! The engine: building it with coverage, starting it on one target, and reading what it says.
//!
//! Coverage comes from flags that the stable compiler passes to LLVM; nothing nightly is needed.
//! Start at [`Engine::build`] and [`Engine::fuzz`].

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cmd::{Cmd, Ended};
use crate::{Outcome, files, product, repo};

/// Coverage by edges, with counters and compared values, in the place where libFuzzer looks. The
/// name `fuzzing` lets `redb` leave out checks of itself that take longer than all the rest.
const FLAGS: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Ccodegen-units=1 --cfg fuzzing";
/// Memory of one target, inputs and engine included: what a box has to spare.
const RSS_LIMIT_MIB: u32 = 256;
/// One input that takes longer is a fault: a computer ten times slower takes ten times as long.
const INPUT_LIMIT_SECS: u32 = 60;
/// Runs within which the planted bug has to be found: it takes a million or less. Blind tries would
/// need four thousand million.
const PLANTED_RUNS: u64 = 8_000_000;
/// Deadline of the build from nothing, on a slow computer.
const BUILD_LIMIT: Duration = Duration::from_secs(30 * 60);
/// Deadline of a bounded run of one target.
const BOUNDED_LIMIT: Duration = Duration::from_secs(15 * 60);
/// Beyond the time that was asked for: start, and writing down what was found.
const GRACE: Duration = Duration::from_secs(120);
/// libFuzzer's exit code for an input that crashed.
const CRASHED: i32 = 77;

/// How much to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Amount {
    /// Each target's own number of runs, from seeds alone.
    Bounded,
    /// This long for each target, going on from what earlier runs found.
    Each(Duration),
}

/// A target as the list of `fuzz-seeds` has it.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) name: String,
    len_max: u64,
    runs: u64,
}

/// What a run told at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) runs: u64,
    pub(super) covered: u64,
    pub(super) features: u64,
    pub(super) corpus: u64,
    pub(super) per_second: u64,
    pub(super) peak_mib: u64,
    pub(super) wall: Duration,
}

/// The program, built.
#[derive(Debug)]
pub(super) struct Engine {
    program: PathBuf,
    list: String,
}

/// Where everything of the fuzzers stands.
fn place() -> PathBuf {
    repo::target().join("fuzz")
}

impl Engine {
    /// Writes seeds and dictionaries, and builds the engine.
    pub(super) fn build() -> Outcome<Self> {
        let corpus = place().join("corpus");
        files::folder(&corpus)?;
        let seeds = Cmd::new("cargo")
            .args(["run", "--quiet", "--package", "fuzz", "--bin", "fuzz-seeds", "--"])
            .arg(&corpus)
            .dir(&repo::root())
            .limit(BUILD_LIMIT)
            .kept()?
            .ok()?;
        let triple = product::host_triple()?;
        let build = place().join("build");
        Cmd::new("cargo")
            .args(["build", "--quiet", "--package", "fuzz", "--bin", "fuzz-engine"])
            .args(["--features", "libfuzzer", "--profile", "fuzz", "--target", &triple])
            .arg("--target-dir")
            .arg(&build)
            .env("RUSTFLAGS", FLAGS)
            .dir(&repo::root())
            .limit(BUILD_LIMIT)
            .shown()?
            .ok()?;
        let program = build.join(triple).join("fuzz/fuzz-engine");
        Ok(Self { program, list: seeds.stdout })
    }

    /// All targets.
    pub(super) fn jobs(&self) -> Outcome<Vec<Job>> {
        let job = |line: &str| {
            let mut words = line.split(' ');
            let name = words.next()?.to_owned();
            let len_max = words.next()?.parse().ok()?;
            Some(Job { name, len_max, runs: words.next()?.parse().ok()? })
        };
        let jobs: Option<Vec<Job>> = self.list.lines().map(job).collect();
        jobs.filter(|jobs| !jobs.is_empty())
            .ok_or_else(|| format!("fuzz-seeds listed no targets: {}", self.list))
    }

    fn cmd(&self, job: &Job) -> Cmd {
        let own = place().join("corpus").join(&job.name);
        Cmd::new(&self.program)
            .env("HOLDFAST_FUZZ_TARGET", &job.name)
            .arg(format!("-rss_limit_mb={RSS_LIMIT_MIB}"))
            .arg(format!("-timeout={INPUT_LIMIT_SECS}"))
            .arg(format!("-max_len={}", job.len_max))
            .arg(format!("-dict={}", own.join("words").display()))
            .arg(format!("-artifact_prefix={}/", own.display()))
            .arg("-print_final_stats=1")
            .dir(&own)
    }

    /// Runs every input once that ever crashed this target; how many there are.
    pub(super) fn replay(&self, job: &Job) -> Outcome<usize> {
        let known = repo::root().join("tests/fuzz/regressions").join(&job.name);
        let inputs = files::all_files(&known);
        if !inputs.is_empty() {
            let replayed = self.cmd(job).args(&inputs).limit(BOUNDED_LIMIT).kept()?;
            replayed.ok().map_err(|error| format!("{}: {error}", job.name))?;
        }
        Ok(inputs.len())
    }

    /// Finds the planted bug, or fails; after how many runs.
    pub(super) fn find_planted(&self, job: &Job, seed: u32) -> Outcome<u64> {
        let found = place().join("corpus").join(&job.name).join("bounded");
        files::fresh(&found)?;
        let ended = self
            .cmd(job)
            .arg(format!("-seed={seed}"))
            .arg(format!("-runs={PLANTED_RUNS}"))
            .arg(&found)
            .limit(BOUNDED_LIMIT)
            .kept()?;
        if ended.code != Some(CRASHED) || !ended.stderr.contains("the planted bug") {
            let told = told(&ended);
            return Err(format!(
                "the planted bug was not found in {} runs: the engine sees nothing",
                told.runs
            ));
        }
        Ok(told(&ended).runs)
    }

    /// Runs a target; the end of what the engine said when an input crashed it.
    pub(super) fn fuzz(&self, job: &Job, amount: &Amount, seed: u32) -> Outcome<Told> {
        let own = place().join("corpus").join(&job.name);
        let cmd = self.cmd(job).arg(format!("-seed={seed}"));
        let cmd = match amount {
            Amount::Bounded => {
                files::fresh(&own.join("bounded"))?;
                cmd.arg(format!("-runs={}", job.runs)).arg(own.join("bounded")).limit(BOUNDED_LIMIT)
            }
            Amount::Each(long) => {
                files::folder(&own.join("found"))?;
                let seconds = long.as_secs();
                cmd.arg(format!("-max_total_time={seconds}"))
                    .arg(own.join("found"))
                    .limit(*long + GRACE)
            }
        };
        let ended = cmd.arg(own.join("seeds")).log(&own.join("log")).kept()?;
        let told = told(&ended);
        if ended.code == Some(0) && !ended.late {
            return Ok(told);
        }
        Err(why(&ended, &own))
    }
}

/// The panic or the limit that was passed, and where the input lies.
fn why(ended: &Ended, own: &Path) -> String {
    let telling = |line: &&str| {
        line.contains("panicked at")
            || line.starts_with("SUMMARY")
            || line.starts_with("==") && line.contains("ERROR")
            || line.contains("Test unit written to")
    };
    let mut lines: Vec<&str> = ended.stderr.lines().filter(telling).collect();
    if ended.late {
        lines.push("it went on past its deadline");
    }
    format!("{}; all it said is in {}/log.err", lines.join("; "), own.display())
}

/// Reads the last line with coverage and the statistics behind it.
fn told(ended: &Ended) -> Told {
    let text = &ended.stderr;
    let stat = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("stat::{name}:")));
        line.and_then(|rest| rest.trim().parse().ok()).unwrap_or(0)
    };
    let line = text.lines().rev().find(|line| line.starts_with('#') && line.contains(" cov: "));
    let words: Vec<&str> = line.unwrap_or("").split_whitespace().collect();
    let after = |name: &str| {
        let at = words.iter().position(|word| *word == name);
        let value = at.and_then(|at| words.get(at + 1)).copied().unwrap_or("");
        value.split('/').next().unwrap_or("").parse().unwrap_or(0)
    };
    Told {
        runs: stat("number_of_executed_units"),
        covered: after("cov:"),
        features: after("ft:"),
        corpus: after("corp:"),
        per_second: stat("average_exec_per_sec"),
        peak_mib: stat("peak_rss_mb"),
        wall: ended.wall,
    }
}

#[test]
fn what_the_engine_says_at_its_end_is_read() {
    let mut ended = Cmd::new("true").kept().unwrap();
    ended.stderr = "#2\tINITED cov: 3 ft: 4 corp: 1/1b exec/s: 0 rss: 30Mb\n\
        #900\tDONE   cov: 1042 ft: 2206 corp: 88/12Kb lim: 100 exec/s: 450 rss: 61Mb\n\
        Done 900 runs in 2 second(s)\n\
        stat::number_of_executed_units: 900\nstat::average_exec_per_sec:     450\n\
        stat::new_units_added:          87\nstat::peak_rss_mb:              61\n"
        .to_owned();
    let wall = ended.wall;
    let wanted = Told {
        runs: 900,
        covered: 1042,
        features: 2206,
        corpus: 88,
        per_second: 450,
        peak_mib: 61,
        wall,
    };
    assert_eq!(told(&ended), wanted);
}
