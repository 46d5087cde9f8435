//! `cargo xtask story NAME`: acceptance stories, told with the real program on real files.
//!
//! A story either ends with facts or with the sentence that says what went wrong. Everything it
//! ran leaves its output under `target/story/NAME/`, and the facts stand in `facts.json` there.
//! To add one, write a function and give it a line in [`STORIES`].

mod attacks;
mod canaries;
mod computer;
mod corruption;
mod deb;
mod evil;
mod figures;
mod hands;
mod hung;
pub(crate) mod idle;
mod kill;
mod list;
mod memory;
mod nat;
mod openapi;
mod reader;
mod rebuild;
mod scale;
mod sequences;
mod swap;
mod throttle;
mod upload;
mod ups;
mod usb;

pub(crate) use list::STORIES;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value};

use crate::cmd::Cmd;
use crate::say::{complain, say, time};
use crate::{Outcome, corpus, demo, files, product, repo, setup};

/// One story.
pub(crate) struct Story {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it shows, as a sentence.
    pub about: &'static str,
    /// True when `cargo xtask test` tells it.
    pub in_test: bool,
    run: fn(&StoryDir) -> Outcome<Facts>,
}

/// A story's folder: its logs, and the program it tells of.
#[derive(Debug)]
pub(crate) struct StoryDir {
    /// Where everything goes.
    pub path: PathBuf,
    /// The real program.
    pub program: PathBuf,
    /// What followed the story's name; empty in the test command.
    pub options: Vec<String>,
}

/// The stories that can be told in a longer form.
const WITH_OPTIONS: [&str; 8] =
    ["corruption", "evil", "guesses", "names", "nat", "openapi", "sequences", "upload"];

impl StoryDir {
    /// Keeps this program's output under `NAME.out` and `NAME.err`.
    pub(crate) fn logged(&self, name: &str, cmd: Cmd) -> Cmd {
        cmd.log(&self.path.join(name)).limit(Duration::from_secs(600))
    }

    /// The small tree; all stories share one, and each treats it as read-only but for the image.
    pub(crate) fn tree(&self) -> Outcome<corpus::Corpus> {
        let place = repo::target().join("story");
        files::folder(&place)?;
        corpus::build(&place.join("tree"), corpus::SMALL)
    }

    /// The demo's tree: at least 1 GiB and 20,000 files.
    pub(crate) fn whole_tree(&self) -> Outcome<corpus::Corpus> {
        let place = repo::target().join("demo");
        files::folder(&place)?;
        corpus::build(&place.join("tree"), corpus::FULL)
    }

    /// A new, empty folder inside.
    pub(crate) fn folder(&self, name: &str) -> Outcome<PathBuf> {
        let path = self.path.join(name);
        files::fresh(&path)?;
        Ok(path)
    }
}

/// What a story or the demo measured, in the order in which it was learned.
#[derive(Debug, Default)]
pub(crate) struct Facts(Vec<(String, Value)>);

impl Facts {
    /// One more fact.
    pub(crate) fn add(&mut self, key: &str, value: impl Into<Value>) {
        self.0.push((key.to_owned(), value.into()));
    }

    /// A time, in milliseconds.
    pub(crate) fn add_time(&mut self, key: &str, spent: Duration) {
        self.add(&format!("{key}_ms"), u64::try_from(spent.as_millis()).unwrap_or(u64::MAX));
    }

    /// A fact as text; empty when there is none.
    pub(crate) fn get(&self, key: &str) -> String {
        let found = self.0.iter().find(|(name, _)| name == key);
        found.map_or(String::new(), |(_, value)| plain(value))
    }

    /// `key=value key=value`.
    pub(crate) fn line(&self) -> String {
        let pairs = self.0.iter().map(|(key, value)| format!("{key}={}", plain(value)));
        pairs.collect::<Vec<_>>().join(" ")
    }

    /// One JSON object.
    pub(crate) fn json(&self) -> String {
        let object: Map<String, Value> = self.0.iter().cloned().collect();
        format!("{:#}\n", Value::Object(object))
    }
}

/// Text without spaces, so that a line of facts can be split again.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace(char::is_whitespace, "_"),
        other => other.to_string(),
    }
}

/// The command.
pub(crate) fn command(arguments: &[String]) -> Outcome<()> {
    if arguments.is_empty() {
        for story in STORIES {
            say(format!("{}: {}", story.name, story.about));
        }
        return Ok(());
    }
    if let Some(("scale", options)) =
        arguments.split_first().map(|(name, rest)| (name.as_str(), rest))
    {
        // Twenty million chunks by hand; the bounded form is the one in `cargo xtask test`.
        return scale::by_hand(options);
    }
    let end = arguments.iter().position(|word| word.starts_with("--")).unwrap_or(arguments.len());
    let (names, options) = arguments.split_at(end);
    if !options.is_empty() && !names.iter().all(|name| WITH_OPTIONS.contains(&name.as_str())) {
        return Err(format!("only the stories {} take options", WITH_OPTIONS.join(" and ")));
    }
    let mut chosen = Vec::new();
    for name in names {
        let story = STORIES.iter().find(|story| story.name == name);
        chosen.push(story.ok_or_else(|| format!("there is no story {name}"))?);
    }
    setup::for_demo()?;
    let program = product::build()?;
    let failed = chosen.iter().filter(|story| tell_with(story, &program, options).is_err()).count();
    if failed == 0 { Ok(()) } else { Err(format!("{failed} failed")) }
}

/// Tells one story in its usual form.
pub(crate) fn tell(story: &Story, program: &Path) -> Outcome<()> {
    tell_with(story, program, &[])
}

/// Tells one story and prints its last line.
fn tell_with(story: &Story, program: &Path, options: &[String]) -> Outcome<()> {
    let began = files::now();
    let told = prepare(story.name, program, options).and_then(|dir| {
        let facts = (story.run)(&dir)?;
        files::put(&dir.path.join("facts.json"), facts.json().as_bytes())?;
        Ok(facts)
    });
    let spent = time(began.elapsed()).replace(' ', "_");
    match told {
        Ok(facts) => say(format!("story {}: ok time={spent} {}", story.name, facts.line())),
        Err(sentence) => {
            complain(format!("story {}: {sentence}", story.name));
            let place = repo::target().join("story").join(story.name);
            say(format!("story {}: FAILED time={spent} logs={}", story.name, place.display()));
            return Err(sentence);
        }
    }
    Ok(())
}

fn prepare(name: &str, program: &Path, options: &[String]) -> Outcome<StoryDir> {
    let path = repo::target().join("story").join(name);
    demo::disks::sweep(&path)?;
    files::fresh(&path)?;
    Ok(StoryDir { path, program: program.to_path_buf(), options: options.to_vec() })
}

#[test]
fn facts_make_a_line_that_can_be_split_and_a_json_object() {
    let mut facts = Facts::default();
    facts.add("files", 3);
    facts.add("disks", "plain folders");
    facts.add_time("backup", Duration::from_millis(1500));
    assert_eq!(facts.line(), "files=3 disks=plain_folders backup_ms=1500");
    let read: Value = serde_json::from_str(&facts.json()).unwrap();
    assert_eq!(read["disks"], "plain folders");
    assert_eq!(facts.get("files"), "3");
}
