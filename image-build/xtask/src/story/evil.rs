//! Story `evil`: a friend that means harm, let loose on a real box beside an honest one.
//!
//! The programs and the table are in `tests/evil`; this module starts the boxes, each a process of its
//! own, and takes the figures over. What must be none stands beside the same figure of a box that
//! believes everything. By hand, with a million streams: `cargo xtask story evil --long`. Start at
//! [`story`].

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::figures::Figures;
use super::{Facts, StoryDir};
use crate::cmd::{Cmd, Running};
use crate::{Outcome, files, repo};

/// Deadline of the form that the test command has.
const LIMIT: Duration = Duration::from_secs(10 * 60);
/// By hand, with much more of everything.
const LIMIT_BY_HAND: Duration = Duration::from_secs(4 * 3600);
/// A box has a desk within this.
const DESK_WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// What must be none, each beside its name at the box that believes everything.
const NONE: [(&str, &str); 2] =
    [("wrong", "sabotaged_wrong"), ("over_limit", "sabotaged_over_limit")];

/// Tells it.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    let words: Vec<&str> = dir.options.iter().map(String::as_str).collect();
    let (long, limit) = match words[..] {
        [] => (None, LIMIT),
        ["--long"] => (Some("--long"), LIMIT_BY_HAND),
        _ => return Err(format!("cannot use {}; it takes --long", words.join(" "))),
    };
    let build = ["build", "--quiet", "--workspace", "--bin", "evil"];
    Cmd::new("cargo").args(build).dir(&repo::root()).limit(LIMIT_BY_HAND).shown()?.ok()?;
    let program = repo::target().join("debug").join("evil");
    let place = dir.folder("boxes")?;
    let mut boxes = Vec::new();
    let told = let_loose(dir, (&program, &place), &mut boxes, long, limit);
    for mut of in boxes {
        if told.is_err() {
            of.kill();
        }
        of.wait(DESK_WITHIN)?;
    }
    let figures = told?;
    figures.hold(&NONE)?;
    Ok(figures.facts())
}

fn let_loose(
    dir: &StoryDir,
    (program, place): (&Path, &Path),
    boxes: &mut Vec<Running>,
    long: Option<&str>,
    limit: Duration,
) -> Outcome<Figures> {
    let mut run = Cmd::new(program).arg("run").args(long);
    for (name, words) in
        [("victim", ["box", "1"]), ("honest", ["box", "2"]), ("gull", ["gull", ""])]
    {
        let folder = place.join(name);
        files::folder(&folder)?;
        let [what, seed] = words;
        let started = Cmd::new(program).arg(what).arg(&folder);
        let started = if seed.is_empty() { started } else { started.arg(seed) };
        let mut running = started.log(&dir.path.join(name)).limit(limit).start()?;
        let desk = has_desk(&folder, &mut running);
        boxes.push(running);
        run = run.arg(format!("--{name}")).arg(desk?);
    }
    let ended = run.log(&dir.path.join("run")).limit(limit).kept()?;
    let figures = Figures::read(&ended.stdout, "evil: ");
    ended.ok()?;
    Ok(figures)
}

/// The folder, once somebody can sit down at the desk in it.
fn has_desk(folder: &Path, running: &mut Running) -> Outcome<PathBuf> {
    let began = files::now();
    while !folder.join("desk").exists() {
        if !running.alive() || began.elapsed() > DESK_WITHIN {
            return Err(format!("the box in {} does not come up", folder.display()));
        }
        thread::sleep(LOOK_EVERY);
    }
    Ok(folder.to_path_buf())
}
