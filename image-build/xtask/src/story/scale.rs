//! Story `scale`: a vault of many chunks whose data packs have no bodies, every act on it measured.
//!
//! The story in `cargo xtask test` is bounded; `cargo xtask story scale` by hand makes twenty
//! million chunks and five million files, or as many as its options say. The program itself is
//! `tests/scale`; this module builds it, runs each act in a process of its own and makes the table.
//! Wrong results and too much memory fail; times are printed.

use std::path::Path;
use std::time::Duration;

use super::{Facts, StoryDir};
use crate::cmd::Cmd;
use crate::say::say;
use crate::{Outcome, files, repo};

/// What `cargo xtask test` makes.
const BOUNDED: [&str; 4] = ["--chunks", "400000", "--files", "100000"];
/// What every operation may hold at 20 TB; a smaller vault has no excuse either.
const MEMORY_KIB: u64 = 256 << 10;
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
    let program = repo::target().join("measure").join("scale");
    let listed = Cmd::new(&program).kept()?.ok()?;
    let vault = dir.join("vault");
    files::folder(&vault)?;
    let mut facts = Facts::default();
    let mut most = 0;
    say("| act | what | wall s | CPU s | peak MiB | found |\n|---|---|---|---|---|---|");
    for line in listed.stdout.lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        let [name, bounded, about] = parts[..] else { return Err(format!("an act is {line:?}")) };
        let cmd = Cmd::new(&program).args(options).args(["--act", name, "--dir"]).arg(&vault);
        let ended = cmd.log(&dir.join(name)).limit(LIMIT).kept()?.ok()?;
        let cost = Cost::read(&ended.stdout)?;
        let (wall, cpu, mib) =
            (ended.wall.as_secs_f64(), cost.cpu_ms / 1000.0, cost.peak_kib >> 10);
        say(format!("| {name} | {about} | {wall:.1} | {cpu:.1} | {mib} | {} |", cost.rest));
        facts.add(&format!("{name}_peak_kib"), cost.peak_kib);
        facts.add_time(name, ended.wall);
        if bounded == "true" && cost.peak_kib > MEMORY_KIB {
            return Err(format!("{name} held {mib} MiB; the limit is {} MiB", MEMORY_KIB >> 10));
        }
        most = most.max(cost.peak_kib);
    }
    files::remove(&vault)?;
    facts.add("most_kib", most);
    Ok(facts)
}

/// What an act says of itself: `cpu_ms=N peak_kib=N`, and what it found.
struct Cost {
    cpu_ms: f64,
    peak_kib: u64,
    rest: String,
}

impl Cost {
    fn read(text: &str) -> Outcome<Self> {
        let parts: Vec<&str> = text.trim().splitn(3, ' ').collect();
        let odd = || format!("an act said {text:?}");
        let [cpu, peak, rest] = parts[..] else { return Err(odd()) };
        let cpu_ms = cpu.strip_prefix("cpu_ms=").and_then(|n| n.parse().ok()).ok_or_else(odd)?;
        let peak_kib = peak.strip_prefix("peak_kib=").and_then(|n| n.parse().ok());
        Ok(Self { cpu_ms, peak_kib: peak_kib.ok_or_else(odd)?, rest: rest.to_owned() })
    }
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
