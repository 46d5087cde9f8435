//! Story `scale`: a vault of many chunks whose data packs have no bodies, every act on it measured.
//!
//! The story in `cargo xtask test` is bounded; `cargo xtask story scale` by hand makes twenty
//! million chunks and five million files, or as many as its options say. The program itself is
//! `tests/scale`; this module builds it, runs it and reads its last line.

use std::path::Path;
use std::time::Duration;

use super::{Facts, StoryDir};
use crate::cmd::Cmd;
use crate::say::say;
use crate::{Outcome, files, repo};

/// What `cargo xtask test` makes.
const BOUNDED: [&str; 4] = ["--chunks", "400000", "--files", "100000"];
/// Deadline of any size that makes sense in one sitting.
const LIMIT: Duration = Duration::from_secs(4 * 3600);

/// Tells the bounded story.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    let bounded: Vec<String> = BOUNDED.iter().map(|&word| word.to_owned()).collect();
    run(&dir.path, &bounded)
}

/// `cargo xtask story scale`, with its options.
pub(crate) fn by_hand(options: &[String]) -> Outcome<()> {
    check(options)?;
    let dir = repo::target().join("story").join("scale");
    files::fresh(&dir)?;
    let facts = run(&dir, options)?;
    say(format!("story scale: ok {}", facts.line()));
    Ok(())
}

fn run(dir: &Path, options: &[String]) -> Outcome<Facts> {
    Cmd::new("cargo")
        .args(["build", "--quiet", "--profile", "measure", "--package", "scale"])
        .dir(&repo::root())
        .limit(LIMIT)
        .shown()?
        .ok()?;
    let ended = Cmd::new(repo::target().join("measure").join("scale"))
        .args(options)
        .arg("--dir")
        .arg(dir.join("vault"))
        .limit(LIMIT)
        .teed()?
        .ok()?;
    let last = ended.stdout.lines().last().unwrap_or_default();
    let pairs = last.strip_prefix("scale: ok ");
    let pairs = pairs.ok_or_else(|| format!("the program ended with {last:?}"))?;
    let mut facts = Facts::default();
    for (key, value) in pairs.split(' ').filter_map(|pair| pair.split_once('=')) {
        facts.add(key, value);
    }
    Ok(facts)
}

/// Only `--chunks N` and `--files N`; a typing mistake must not become an hour without meaning.
fn check(options: &[String]) -> Outcome<()> {
    for pair in options.chunks(2) {
        let known = matches!(pair[0].as_str(), "--chunks" | "--files");
        if !known || pair.get(1).is_none_or(|number| number.parse::<u64>().is_err()) {
            let said = pair.join(" ");
            return Err(format!("cannot use {said}; it takes --chunks N and --files N"));
        }
    }
    Ok(())
}

#[test]
fn options_that_mean_nothing_are_refused() {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert!(check(&[]).is_ok());
    assert!(check(&words("--chunks 400000 --files 100000")).is_ok());
    assert!(check(&words("--chunks many")).is_err());
    assert!(check(&words("--chunk 4")).is_err());
}
