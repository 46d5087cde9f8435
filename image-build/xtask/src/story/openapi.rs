//! Story `openapi`: strangers from PyPI judge what a real box says of its door, and hold it to that.
//!
//! `tests/openapi/run.py` has a public validator read the document and lets schemathesis send what follows from
//! it: as nobody, as a device, as the owner. Lies of the document, answers of 500, dropped connections and panics
//! must be none, and are seen where the door was spoilt on purpose. Start at [`story`].

use std::time::Duration;

use super::figures::Figures;
use super::{Facts, StoryDir};
use crate::cmd::Cmd;
use crate::{Outcome, product, repo, setup};

/// Examples of each operation in the test command; by hand `--examples 50`.
const EXAMPLES: &str = "2";
/// Deadline of the form that the test command has.
const LIMIT: Duration = Duration::from_secs(10 * 60);
/// By hand, with many examples.
const LIMIT_BY_HAND: Duration = Duration::from_secs(4 * 3600);
/// What must be none, each beside its name where it was spoilt on purpose.
const NONE: [(&str, &str); 3] = [
    ("faults", "sabotaged_faults"),
    ("lies", "sabotaged_lies"),
    ("server_errors", "sabotaged_server_errors"),
];
/// What must be none, and what shows that there was something to be seen.
const OTHERS: [(&str, &str); 4] = [
    ("dropped", "owner_answers"),
    ("panics", "operations"),
    ("ended_with", "operations"),
    ("ended_badly", "granted"),
];

/// The story.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    let (examples, limit) = match dir.options.as_slice() {
        [] => (EXAMPLES, LIMIT),
        [name, number] if name == "--examples" && number.parse::<u32>().is_ok() => {
            (number.as_str(), LIMIT_BY_HAND)
        }
        other => {
            return Err(format!("cannot use {}; it takes --examples N", other.join(" ")));
        }
    };
    let python = setup::for_openapi()?;
    let programs = product::programs(&["holdfast", "holdfastd"])?;
    let place = dir.folder("strangers")?;
    let told = Cmd::new(python).arg("-B").arg(repo::root().join("tests/openapi/run.py"));
    let told = told.arg(&programs).arg(&place).arg(examples);
    let told = told.limit(limit).log(&dir.path.join("run")).kept()?;
    let figures = Figures::read(&told.stdout, "openapi: ");
    told.ok()?;
    figures.hold(&NONE)?;
    figures.hold(&OTHERS)?;
    Ok(figures.facts())
}
