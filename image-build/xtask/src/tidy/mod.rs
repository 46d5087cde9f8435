//! `cargo xtask tidy`: the rules of this repository that no compiler checks.
//!
//! Each rule reads files and returns violations; none changes anything. `tidy` also runs as a
//! test, so that a plain `cargo test` finds what it finds. To add a rule, write a function that
//! takes the [`Repo`] and give it a line in [`check`].

mod docs;
mod layers;
mod ratchet;
mod sabotage;
mod source;
mod words;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::say::say;
use crate::{Outcome, files, repo};

/// Folders that hold nothing of ours.
const SKIPPED: &[&str] = &["target", ".git", "node_modules", "__pycache__", "dist", ".venv"];

/// Files larger than this are data, not text.
const TEXT_MAX: u64 = 2 << 20;

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    /// Path from the root of the repository.
    pub path: String,
    /// Line, from 1; 0 when the whole file is meant.
    pub line: usize,
    /// What is wrong, and what to do.
    pub sentence: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.path, self.line.max(1), self.sentence)
    }
}

/// The repository as the rules see it: every text file, read once.
#[derive(Debug)]
pub(crate) struct Repo {
    /// Its root.
    pub root: PathBuf,
    /// Path from the root, and content.
    pub texts: BTreeMap<String, String>,
}

impl Repo {
    /// Reads every text file below the root.
    pub(crate) fn read(root: &Path) -> Outcome<Self> {
        let mut texts = BTreeMap::new();
        let mut folders = vec![root.to_path_buf()];
        while let Some(folder) = folders.pop() {
            let entries = fs::read_dir(&folder)
                .map_err(|error| format!("cannot list {}: {error}", folder.display()))?;
            for entry in entries.flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                let Ok(facts) = entry.metadata() else { continue };
                if facts.is_dir() && !SKIPPED.contains(&name.as_str()) {
                    folders.push(entry.path());
                }
                if facts.is_file() && facts.len() <= TEXT_MAX {
                    let Ok(text) = fs::read_to_string(entry.path()) else { continue };
                    let path = entry.path();
                    let below = path.strip_prefix(root).expect("the walk began at the root");
                    texts.insert(below.to_string_lossy().into_owned(), text);
                }
            }
        }
        Ok(Self { root: root.to_path_buf(), texts })
    }

    /// Files with this ending.
    pub(crate) fn ending<'a>(
        &'a self,
        ending: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
        self.texts
            .iter()
            .filter(move |(path, _)| path.ends_with(ending))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// A file's content; empty when there is no such file.
    pub(crate) fn text(&self, path: &str) -> &str {
        self.texts.get(path).map_or("", String::as_str)
    }

    /// The line on which these words first stand, from 1; 0 when they do not.
    pub(crate) fn line_of(&self, path: &str, words: &str) -> usize {
        let found = self.text(path).lines().position(|line| line.contains(words));
        found.map_or(0, |index| index + 1)
    }

    /// A violation in one of its files.
    pub(crate) fn wrong(&self, path: &str, words: &str, sentence: impl Into<String>) -> Violation {
        Violation {
            path: path.to_owned(),
            line: self.line_of(path, words),
            sentence: sentence.into(),
        }
    }
}

/// Every rule; sorted by place.
pub(crate) fn check(repo: &Repo) -> Vec<Violation> {
    let mut found = layers::check(repo);
    found.extend(source::check(repo));
    found.extend(docs::check(repo));
    found.extend(sabotage::check(repo));
    found.extend(words::check(repo));
    found.extend(ratchet::check(repo));
    found.sort();
    found.dedup();
    found
}

/// The command.
pub(crate) fn command(arguments: &[String]) -> Outcome<()> {
    let repo = Repo::read(&repo::root())?;
    match arguments {
        [] => {}
        [flag] if flag == "--lower" => {
            let lowered = ratchet::lowered(&repo);
            files::put(&repo.root.join(ratchet::FILE), lowered.as_bytes())?;
            return command(&[]);
        }
        _ => return Err("the only option is --lower".to_owned()),
    }
    let violations = check(&repo);
    for violation in &violations {
        say(violation);
    }
    for note in ratchet::notes(&repo) {
        say(note);
    }
    match violations.len() {
        0 => Ok(()),
        1 => Err("1 rule is broken".to_owned()),
        many => Err(format!("{many} rules are broken")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_repository_is_tidy() {
        let violations = check(&Repo::read(&repo::root()).unwrap());
        let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
    }
}

/// A repository that breaks no rule, in memory; the rules' tests break one each.
#[cfg(test)]
pub(crate) mod sample {
    use super::{Repo, check};

    /// The clean repository with these files put in or replaced.
    pub(crate) fn with(changes: &[(&str, &str)]) -> Repo {
        let member = |name: &str, layer: u32, rest: &str| {
            format!(
                "[package]\nname = \"{name}\"\n\n[package.metadata.holdfast]\nlayer = {layer}\n\n{rest}"
            )
        };
        let mut texts: Vec<(String, String)> = vec![
            (
                "Cargo.toml".into(),
                "[workspace]\nmembers = [\"firmware/types\", \"firmware/seal\", \"firmware/volume\"]\n\
                 [workspace.dependencies]\ntypes = { path = \"firmware/types\" }\nblake3 = \"1\"\n"
                    .into(),
            ),
            ("docs/dependencies.md".into(), "| `blake3` | names packs |\n".into()),
            ("docs/formats/pack.md".into(), "# Pack\n".into()),
            ("README.md".into(), "See [the pack](docs/formats/pack.md).\n".into()),
            (
                "tidy.toml".into(),
                "[ratchet]\nexpects = 0\nlint_exceptions = 0\nlong_files = 0\n".into(),
            ),
        ];
        for (name, layer, rest) in [
            ("types", 0, "[dependencies]\nblake3.workspace = true\n"),
            ("seal", 3, "[dependencies]\ntypes.workspace = true\n"),
            ("volume", 3, "[dependencies]\ntypes.workspace = true\n"),
        ] {
            texts.push((format!("firmware/{name}/Cargo.toml"), member(name, layer, rest)));
            let source = "//! What it is; layout in `docs/formats/pack.md`.\n".to_owned();
            texts.push((format!("firmware/{name}/src/lib.rs"), source));
        }
        let mut repo = Repo { root: "/nowhere/at/all".into(), texts: texts.into_iter().collect() };
        for (path, text) in changes {
            repo.texts.insert((*path).to_owned(), (*text).to_owned());
        }
        repo
    }

    /// Checks that these changes break exactly the rule whose sentence holds these words.
    pub(crate) fn breaks(changes: &[(&str, &str)], expected: &str) {
        let found: Vec<String> = check(&with(changes)).iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(expected), "{found:?}");
    }

    #[test]
    fn the_clean_repository_is_clean() {
        let found: Vec<String> = check(&with(&[])).iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{found:?}");
    }
}
