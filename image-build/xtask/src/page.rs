//! `cargo xtask page` and `cargo xtask e2e`: builds the box's page with Node, and tries it in Chromium.
//!
//! Libraries come from npm as the lock file names them, and no script of theirs is run. Without Node a box
//! is built all the same: it serves a placeholder. Start at [`command`], [`e2e`], [`in_test`] and
//! [`if_possible`].

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cmd::{self, Cmd};
use crate::say::say;
use crate::{Outcome, product, repo, setup};

/// Bound of one step: a cold install over a slow line, or all pictures on a busy machine.
const LIMIT: Duration = Duration::from_secs(30 * 60);
/// Bound of the story with the real program in `cargo xtask test`: two minutes on two idle processors.
const STORY_LIMIT: Duration = Duration::from_secs(6 * 60);
/// Bound of the story of two boxes that become friends: a minute and a quarter on two busy processors.
const FRIENDS_LIMIT: Duration = Duration::from_secs(4 * 60);

/// The command `page`.
pub(crate) fn command(arguments: &[String]) -> Outcome<()> {
    if !arguments.is_empty() {
        return Err("it takes no options".to_owned());
    }
    if !has_node() {
        return Err("building the page needs `node` (20 or newer) and `npm`".to_owned());
    }
    build()
}

/// Builds the page when Node is there, and says what is missing when it is not.
pub(crate) fn if_possible() -> Outcome<()> {
    if has_node() {
        return build();
    }
    say("There is no node and npm here: the box is built with a placeholder instead of its page.");
    Ok(())
}

/// The command `e2e`: the page's own checks, then the page in a browser against a fake box, which can be
/// set into any state, and against the real program in desk mode; then two of those become friends.
pub(crate) fn e2e(arguments: &[String]) -> Outcome<()> {
    command(arguments)?;
    npm(&["run", "check"])?;
    npm(&["test"])?;
    setup::for_browser()?;
    npm(&["run", "e2e"])?;
    let programs = programs()?;
    story("e2e/real.mjs", &programs, LIMIT)?;
    story("e2e/friendly.mjs", &programs, FRIENDS_LIMIT)
}

/// The part of `cargo xtask test`: weights, types and pure parts, then the page that the real program
/// serves. Every screen in every look is left to [`e2e`], which takes longer.
pub(crate) fn in_test() -> Outcome<()> {
    command(&[])?;
    npm(&["run", "check"])?;
    npm(&["test"])?;
    setup::for_browser()?;
    story("e2e/real.mjs", &programs()?, STORY_LIMIT)
}

/// The real programs, which stories start in desk mode.
fn programs() -> Outcome<PathBuf> {
    product::static_build(&["holdfast", "holdfastd"])
}

fn story(name: &str, programs: &Path, limit: Duration) -> Outcome<()> {
    let story = Cmd::new("node").arg(name).arg(programs);
    story.dir(&folder()).limit(limit).shown()?.ok().map(drop)
}

fn build() -> Outcome<()> {
    say("The page: libraries as web-ui/package-lock.json names them, then the build.");
    npm(&["ci", "--no-audit", "--no-fund", "--ignore-scripts"])?;
    npm(&["run", "types", "--", "--check"])?;
    npm(&["run", "build"])?;
    npm(&["run", "size"])
}

fn has_node() -> bool {
    cmd::has("node") && cmd::has("npm")
}

fn folder() -> PathBuf {
    repo::root().join("web-ui")
}

fn npm(words: &[&str]) -> Outcome<()> {
    Cmd::new("npm").args(words).dir(&folder()).limit(LIMIT).shown()?.ok().map(drop)
}
