//! Story `upload`: a folder goes up through a public tus client, and the line is cut and the box killed.
//!
//! The client comes from npm as `tests/uploads/package-lock.json` names it, and stands behind a line that can
//! be cut; the box is the real program in desk mode, killed three times. Nothing that was acknowledged may be
//! sent again, and every file has to come back. By hand with 5,000 files. Start at [`story`].

use std::time::Duration;

use super::figures::Figures;
use super::{Facts, StoryDir};
use crate::cmd::{self, Cmd};
use crate::{Outcome, product, repo};

/// Files in the test command; by hand `--files 5000`.
const FILES: &str = "500";
/// Installing the client included.
const LIMIT: Duration = Duration::from_secs(30 * 60);
/// What must be none, each beside its name where it was spoilt on purpose.
const NONE: [(&str, &str); 2] =
    [("beyond", "sabotaged_beyond"), ("different", "sabotaged_different")];
/// How often each happens.
const TROUBLES: u64 = 3;

/// The story.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    let files = match dir.options.as_slice() {
        [] => FILES,
        [name, number] if name == "--files" && number.parse::<u32>().is_ok() => number,
        other => return Err(format!("cannot use {}; it takes --files N", other.join(" "))),
    };
    if !cmd::has("node") || !cmd::has("npm") {
        return Err("the client needs `node` (20 or newer) and `npm`: install them".to_owned());
    }
    let folder = repo::root().join("tests/uploads");
    let install = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
    let install = Cmd::new("npm").args(install).dir(&folder).limit(LIMIT);
    install.log(&dir.path.join("npm")).kept()?.ok()?;
    let programs = product::programs(&["holdfast", "holdfastd"])?;
    let told = Cmd::new("node").arg("run.mjs").arg(&programs).arg(dir.path.join("box")).arg(files);
    let told = told.dir(&folder).limit(LIMIT).log(&dir.path.join("run")).kept()?;
    let figures = Figures::read(&told.stdout, "uploads: ");
    told.ok()?;
    figures.hold(&NONE)?;
    for trouble in ["cuts", "kills"] {
        if figures.of(trouble)? < TROUBLES {
            return Err(format!("there were too few {trouble}: it was over before them"));
        }
    }
    Ok(figures.facts())
}
