//! Stories `guesses` and `names`: somebody who means harm knocks at the door of a real box.
//!
//! What is sent, and how it is judged, stands in `tests/attacks`. What must be none is, and stands beside a figure
//! that shows it would have been seen. Start at [`guesses`]
//! and [`names`].

use std::time::Duration;

use super::figures::Figures;
use super::{Facts, StoryDir};
use crate::cmd::Cmd;
use crate::{Outcome, product, repo, setup};

/// Deadline of the form that the test command has.
const LIMIT: Duration = Duration::from_secs(10 * 60);
/// By hand, with a great many.
const LIMIT_BY_HAND: Duration = Duration::from_secs(4 * 3600);

/// A program of `tests/attacks`, and how often it tries.
struct Attack {
    program: &'static str,
    option: &'static str,
    usual: &'static str,
}

/// Every kind of secret, tried so often; by hand `--tries 100000`.
pub(super) fn guesses(dir: &StoryDir) -> Outcome<Facts> {
    let attack = Attack { program: "guesses", option: "--tries", usual: "2000" };
    let figures = attack.runs(dir)?;
    figures.hold(&[
        ("opened", "sabotaged_opened"),
        ("odd", "tries"),
        ("owner_kept_out", "owner_in"),
        ("panics", "tries"),
        ("ended_with", "tries"),
    ])?;
    let (doors, seen) = (figures.of("doors")?, figures.of("sabotaged_opened")?);
    if doors != seen {
        return Err(format!("of {doors} doors {seen} were seen to open with the right secret"));
    }
    Ok(figures.facts())
}

/// So many names, each every way in, and what was kept out again; by hand `--names 5000`.
pub(super) fn names(dir: &StoryDir) -> Outcome<Facts> {
    let attack = Attack { program: "names", option: "--names", usual: "200" };
    let figures = attack.runs(dir)?;
    figures.hold(&[
        ("server_errors", "sabotaged_server_errors"),
        ("unnamed", "sabotaged_unnamed"),
        ("differing", "sabotaged_differing"),
        ("escaped", "sabotaged_escaped"),
        ("panics", "kept"),
        ("ended_with", "refused"),
    ])?;
    Ok(figures.facts())
}

impl Attack {
    fn runs(&self, dir: &StoryDir) -> Outcome<Figures> {
        let (count, limit) = match dir.options.as_slice() {
            [] => (self.usual, LIMIT),
            [name, number] if name == self.option && number.parse::<u32>().is_ok() => {
                (number.as_str(), LIMIT_BY_HAND)
            }
            other => {
                let other = other.join(" ");
                return Err(format!("cannot use {other}; it takes {} N", self.option));
            }
        };
        let python = setup::for_openapi()?;
        let programs = product::programs(&["holdfast", "holdfastd"])?;
        let place = dir.folder("attack")?;
        let program = repo::root().join("tests/attacks").join(format!("{}.py", self.program));
        let told = Cmd::new(python).arg("-B").arg(program).arg(&programs).arg(&place).arg(count);
        let told = told.limit(limit).log(&dir.path.join("run")).kept()?;
        let figures = Figures::read(&told.stdout, &format!("{}: ", self.program));
        told.ok()?;
        Ok(figures)
    }
}
