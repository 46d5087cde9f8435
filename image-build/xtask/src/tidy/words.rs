//! Words that must not stand in any file: left-over notes, and places of one computer.
//!
//! The list is in `tidy.toml`. The folder in which this very checkout stands is always on it, so
//! that no path of the writer's own computer gets in. Start reading at [`check`].

use std::path::Path;

use toml::{Table, Value};

use super::{Repo, Violation, ratchet};

/// Files that may name the words: the list, and what Cargo writes.
const EXEMPT: &[&str] = &[ratchet::FILE, "Cargo.lock"];

/// Folders that a checkout may stand in and a document may speak of.
const COMMON: &[&str] = &["/", "/home", "/opt", "/srv", "/mnt", "/tmp", "/usr", "/usr/src"];

/// No forbidden word in any text.
pub(super) fn check(repo: &Repo) -> Vec<Violation> {
    let words = forbidden(repo);
    let mut found = Vec::new();
    for (path, text) in &repo.texts {
        if EXEMPT.contains(&path.as_str()) {
            continue;
        }
        // The whole text first: most files hold none of the words.
        if !words.iter().any(|(word, _)| text.contains(word.as_str())) {
            continue;
        }
        for (index, line) in text.lines().enumerate() {
            if let Some((word, reason)) = words.iter().find(|(word, _)| line.contains(word)) {
                let sentence = format!("has `{word}`: {reason}");
                found.push(Violation { path: path.clone(), line: index + 1, sentence });
            }
        }
    }
    found
}

fn forbidden(repo: &Repo) -> Vec<(String, String)> {
    let mut words = Vec::new();
    let table: Table = repo.text(ratchet::FILE).parse().unwrap_or_default();
    let list = table.get("forbidden").and_then(Value::as_array);
    for entry in list.into_iter().flatten() {
        let field = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
        if !field("word").is_empty() {
            words.push((field("word"), field("reason")));
        }
    }
    let reason = "a path of the computer on which this was written";
    for folder in repo.root.ancestors().take(2).filter(|folder| !is_common(folder)) {
        words.push((format!("{}/", folder.display()), reason.to_owned()));
    }
    words
}

fn is_common(folder: &Path) -> bool {
    COMMON.iter().any(|common| Path::new(common) == folder)
}

#[cfg(test)]
mod tests {
    use super::super::sample::breaks;

    #[test]
    fn a_forbidden_word_and_the_checkouts_own_path_are_found_in_any_text() {
        let list = "[ratchet]\nexpects = 0\nlint_exceptions = 0\nlong_files = 0\n\
                    [[forbidden]]\nword = \"LATER\"\nreason = \"do it now\"\n";
        breaks(&[("tidy.toml", list), ("notes.txt", "a\nLATER: b\n")], "notes.txt:2: has `LATER`");
        breaks(&[("docs/a.md", "see /nowhere/at/all/x\n")], "a path of the computer");
    }
}
