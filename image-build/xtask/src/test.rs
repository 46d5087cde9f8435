//! `cargo xtask test`: everything that must hold, in one command with one total.
//!
//! Steps run in order of how fast they can fail. A step that fails is told at once, and the later
//! ones still run, so that one look at the end shows everything. The last line is always the
//! counts, alone: `N passed, N failed`. Start reading at [`command`].

use std::path::Path;
use std::time::{Duration, Instant};

use crate::cmd::{Cmd, Ended};
use crate::files::now;
use crate::fsrig::{Asked, Told};
use crate::say::{complain, say, time};
use crate::setup::{self, Tools};
use crate::story::{self, STORIES};
use crate::{Outcome, crash, fuzz, page, product, repo, sabotage};

/// File systems whose power cuts are a step of their own.
const REAL_FILE_SYSTEMS: [&str; 2] = ["ext4", "xfs"];

/// Bound of the whole command: a cold build on two processors that are busy with other things included.
/// On idle ones it takes well under an hour, and is to stay there.
const TOTAL_LIMIT: Duration = Duration::from_secs(80 * 60);

/// Bound of the power cuts on one file system: about a minute on two idle processors.
const FSRIG_LIMIT: Duration = Duration::from_secs(10 * 60);

/// Characters of a failed step's reason that the closing lines tell again.
const REASON_MAX: usize = 600;

/// Tests and stories, counted as their runners count them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
}

struct Run {
    began: Instant,
    counts: Counts,
    tools: Option<Tools>,
    /// What the sabotage suite said.
    sabotage: Option<sabotage::Told>,
    /// One line for each step, told again at the end.
    summary: Vec<String>,
    /// Why the step under way was skipped.
    skipped: Option<String>,
}

/// The command.
pub(crate) fn command(arguments: &[String]) -> Outcome<()> {
    if !arguments.is_empty() {
        return Err("it takes no options".to_owned());
    }
    let mut run = Run {
        began: now(),
        counts: Counts::default(),
        tools: None,
        sabotage: None,
        summary: Vec::new(),
        skipped: None,
    };
    run.all();
    say(format!("\nSteps, {} in all:", time(run.began.elapsed())));
    for line in &run.summary {
        say(format!("  {line}"));
    }
    say(format!("{} passed, {} failed", run.counts.passed, run.counts.failed));
    // The counts are the last line, whoever reads it: nothing is said after them.
    if run.counts.failed == 0 { Ok(()) } else { Err(String::new()) }
}

impl Run {
    fn all(&mut self) {
        self.step("room to build", |_| setup::room_to_build());
        if self.counts.failed > 0 {
            return;
        }
        self.step("set up", |run| {
            run.tools = Some(setup::for_test()?);
            Ok(())
        });
        self.step("format", |run| run.check(&["fmt", "--all", "--check"]));
        self.step("licences and sources", |run| {
            run.check(&["deny", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"])
        });
        self.step("lints", |run| {
            run.check(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
            // Left out of the workspace's build by its feature.
            let suite = ["--package", "sabotage", "--features", "sabotage", "--all-targets"];
            run.check(&[&["clippy"], &suite[..], &["--", "-D", "warnings"]].concat())
        });
        self.step("tests", Self::tests);
        self.step("examples in the documentation", Self::doc_tests);
        self.step("sabotage", Self::sabotage);
        self.step("build the crash simulator", |_| crash::build());
        self.step("power cuts at any write", |run| run.counted(crash::states));
        self.step("the n-th operation of a disk fails", |run| run.counted(crash::faults));
        for fs in REAL_FILE_SYSTEMS {
            self.step(&format!("power cuts on {fs}"), |run| run.cut_power(fs));
        }
        self.step("fuzz", Self::fuzz);
        self.step("the page in a browser", |run| run.page());
        self.stories();
    }

    /// A search that counts as one test.
    fn counted(&mut self, search: fn() -> Outcome<()>) -> Outcome<()> {
        search()?;
        self.counts.passed += 1;
        Ok(())
    }

    /// Runs one step and keeps its time. A failed step that counts no tests itself is one failure.
    fn step(&mut self, name: &str, body: impl FnOnce(&mut Self) -> Outcome<()>) {
        say(format!("\n== {name}"));
        let began = now();
        let failed_before = self.counts.failed;
        let ended = body(self);
        let spent = time(began.elapsed());
        if let Err(sentence) = ended {
            complain(format!("{name}: {sentence}"));
            if self.counts.failed == failed_before {
                self.counts.failed += 1;
            }
            // Whoever sees only the end of what was printed is to know what to look at.
            let short: String = sentence.chars().take(REASON_MAX).collect();
            self.summary
                .push(format!("{name}: FAILED after {spent}: {}", short.replace('\n', " ")));
        } else if let Some(why) = self.skipped.take() {
            self.summary.push(format!("{name}: SKIPPED: {why}"));
        } else {
            self.summary.push(format!("{name}: {spent}"));
        }
    }

    fn left(&self) -> Duration {
        TOTAL_LIMIT.saturating_sub(self.began.elapsed())
    }

    fn cargo(&self, arguments: &[&str]) -> Cmd {
        let cmd = Cmd::new("cargo").args(arguments).dir(&repo::root()).limit(self.left());
        match &self.tools {
            Some(tools) => cmd.env("PATH", &tools.path),
            None => cmd,
        }
    }

    fn check(&mut self, arguments: &[&str]) -> Outcome<()> {
        self.cargo(arguments).shown()?.ok().map(drop)
    }

    fn tests(&mut self) -> Outcome<()> {
        let nextest = self.tools.as_ref().is_some_and(|tools| tools.nextest);
        if !nextest {
            say("cargo-nextest is missing, so `cargo test` runs the tests");
            let tests = ["test", "--workspace", "--all-targets", "--no-fail-fast"];
            let ended = self.cargo(&tests).teed()?;
            return self.count(cargo_test_counts(&ended.stdout), ended);
        }
        let arguments = ["nextest", "run", "--workspace", "--profile", "ci", "--no-fail-fast"];
        let ended = self.cargo(&arguments).teed()?;
        let failed = nextest_failed(&ended.stderr);
        self.count(nextest_counts(&ended.stderr), ended).map_err(|said| format!("{said} {failed}"))
    }

    fn doc_tests(&mut self) -> Outcome<()> {
        let ended = self.cargo(&["test", "--workspace", "--doc", "--no-fail-fast"]).kept()?;
        self.count(cargo_test_counts(&ended.stdout), ended)
    }

    fn fuzz(&mut self) -> Outcome<()> {
        fuzz::bounded()?;
        self.counts.passed += 1;
        Ok(())
    }

    fn page(&mut self) -> Outcome<()> {
        page::in_test()?;
        self.counts.passed += 1;
        Ok(())
    }

    /// Adds a runner's counts; a runner that failed without a failed test is a failure as well.
    fn count(&mut self, counts: Counts, ended: Ended) -> Outcome<()> {
        self.counts.passed += counts.passed;
        self.counts.failed += counts.failed;
        ended.ok()?;
        if counts.failed > 0 { Err(format!("{} failed", counts.failed)) } else { Ok(()) }
    }

    fn sabotage(&mut self) -> Outcome<()> {
        let told = sabotage::run(&[])?;
        self.counts.passed += told.caught;
        self.counts.failed += told.of - told.caught;
        let missed = told.missed.join("; ");
        self.sabotage = Some(told);
        if missed.is_empty() { Ok(()) } else { Err(format!("not caught: {missed}")) }
    }

    /// What cannot run here is no pass: it is told among the steps and counted nowhere.
    fn cut_power(&mut self, fs: &str) -> Outcome<()> {
        match Asked::in_test(fs).run(self.left().min(FSRIG_LIMIT))? {
            Told::Passed => self.counts.passed += 1,
            Told::Skipped(why) => self.skipped = Some(why),
        }
        Ok(())
    }

    fn stories(&mut self) {
        let mut program = None;
        self.step("build the program for release", |_| {
            program = Some(product::build()?);
            Ok(())
        });
        let Some(program) = program else { return };
        self.step("no deliberate bug in the program", |run| match &run.sabotage {
            Some(told) => told.must_be_absent_from(&program),
            None => Err("the sabotage suite did not run".to_owned()),
        });
        for chosen in STORIES.iter().filter(|story| story.in_test) {
            self.step(&format!("story {}", chosen.name), |run| run.tell(chosen, &program));
        }
    }

    fn tell(&mut self, chosen: &story::Story, program: &Path) -> Outcome<()> {
        if self.left().is_zero() {
            return Err("there is no time left of the whole command's bound".to_owned());
        }
        story::tell(chosen, program)?;
        self.counts.passed += 1;
        Ok(())
    }
}

/// Reads `Summary [ 1.2s] 12 tests run: 11 passed (1 slow), 1 failed, 3 skipped`.
fn nextest_counts(text: &str) -> Counts {
    let line = text.lines().rev().find(|line| line.trim_start().starts_with("Summary ["));
    let rest = line.and_then(|line| line.split_once(" run: ")).map_or("", |(_, rest)| rest);
    let mut counts = Counts::default();
    for part in rest.split(", ") {
        let Some((number, word)) = part.trim().split_once(' ') else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        match word.split(' ').next().unwrap_or("") {
            "passed" => counts.passed += number,
            "failed" | "exec" | "timed" => counts.failed += number,
            _ => {}
        }
    }
    counts
}

/// The tests that failed, from lines like `FAIL [ 1.2s] ( 5/14) crate::binary test`, each once.
fn nextest_failed(text: &str) -> String {
    let mut names: Vec<&str> = text
        .lines()
        .filter(|line| {
            ["FAIL [", "TIMEOUT [", "SIGABRT ["]
                .iter()
                .any(|word| line.trim_start().starts_with(word))
        })
        .filter_map(|line| line.rsplit(' ').next())
        .collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

/// Adds up lines like `test result: ok. 3 passed; 0 failed; 0 ignored;`.
fn cargo_test_counts(text: &str) -> Counts {
    let mut counts = Counts::default();
    for line in text.lines().filter(|line| line.starts_with("test result:")) {
        let words: Vec<&str> = line.split([' ', ';']).collect();
        for pair in words.windows(2) {
            let Ok(number) = pair[0].parse::<u64>() else { continue };
            match pair[1] {
                "passed" => counts.passed += number,
                "failed" => counts.failed += number,
                _ => {}
            }
        }
    }
    counts
}

#[test]
fn the_counts_of_both_runners_are_read() {
    let nextest = "   Compiling x\n------------\n     Summary [   1.204s] 14/15 tests run: \
                   10 passed (1 slow, 2 leaky), 2 failed, 1 exec failed, 1 timed out, 3 skipped\n";
    assert_eq!(nextest_counts(nextest), Counts { passed: 10, failed: 4 });
    assert_eq!(nextest_counts("error: could not compile"), Counts::default());
    let failed = "   FAIL [   0.1s] ( 3/14) it::all one\n  TIMEOUT [ 300s] ( 4/14) it::all two\n\
                  ----\n   FAIL [   0.1s] ( 3/14) it::all one\n";
    assert_eq!(nextest_failed(failed), "one, two");
    let cargo = "running 3 tests\ntest result: FAILED. 2 passed; 1 failed; 4 ignored; 0 measured\n\
                 test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured\n";
    assert_eq!(cargo_test_counts(cargo), Counts { passed: 7, failed: 1 });
}
