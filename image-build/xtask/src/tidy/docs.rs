//! Rules about documents: links lead somewhere, named pages exist, every library has its reason.
//!
//! Start reading at [`check`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use toml::{Table, Value};

use super::{Repo, Violation};

/// The page that says why each outside library is there.
const REASONS: &str = "docs/dependencies.md";

/// Every rule about documents.
pub(super) fn check(repo: &Repo) -> Vec<Violation> {
    let mut found = Vec::new();
    for (path, text) in repo.ending(".md") {
        found.extend(links(repo, path, text));
    }
    for (path, text) in repo.ending(".rs") {
        // Tests may name pages that are made up.
        found.extend(named_pages(repo, path, super::source::without_tests(text)));
    }
    found.extend(reasons(repo));
    found
}

/// Every `[text](target)` outside code, with its line.
fn links_of(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        in_code ^= line.trim_start().starts_with("```");
        let mut rest = line;
        while let Some((_, after)) = rest.split_once("](") {
            let Some((target, after)) = after.split_once(')') else { break };
            if !in_code {
                found.push((index + 1, target));
            }
            rest = after;
        }
    }
    found
}

fn links(repo: &Repo, path: &str, text: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    for (line, target) in links_of(text) {
        let target = target.split(['#', ' ']).next().unwrap_or("");
        if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let folder = Path::new(path).parent().unwrap_or(Path::new(""));
        let Some(place) = resolved(&folder.join(target)) else {
            let sentence = format!("links to {target}, which is outside the repository");
            found.push(Violation { path: path.to_owned(), line, sentence });
            continue;
        };
        if !exists(repo, &place) {
            let sentence = format!("links to {target}, which is not there");
            found.push(Violation { path: path.to_owned(), line, sentence });
        }
    }
    found
}

/// A path without `.` and `..`; `None` when it leads out.
fn resolved(path: &Path) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(parts.pop()?),
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

fn exists(repo: &Repo, place: &str) -> bool {
    let folder = format!("{}/", place.trim_end_matches('/'));
    repo.texts.contains_key(place)
        || repo.texts.keys().any(|path| path.starts_with(&folder))
        || repo.root.join(place).exists()
}

/// Pages named in sources, such as `docs/formats/pack.md`, exist.
fn named_pages(repo: &Repo, path: &str, text: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut rest = line;
        while let Some(place) = rest.find("docs/") {
            let allowed = |letter: char| letter.is_ascii_alphanumeric() || "/-_.".contains(letter);
            let end = rest[place..].find(|letter| !allowed(letter));
            let name = &rest[place..end.map_or(rest.len(), |end| place + end)];
            if name.ends_with(".md") && !exists(repo, name) {
                let sentence = format!("names {name}, which is not there");
                found.push(Violation { path: path.to_owned(), line: index + 1, sentence });
            }
            rest = &rest[place + "docs/".len()..];
        }
    }
    found
}

/// Every outside library has a line of reason, and every line a library.
fn reasons(repo: &Repo) -> Vec<Violation> {
    let root: Table = repo.text("Cargo.toml").parse().unwrap_or_default();
    let list = root.get("workspace").and_then(|part| part.get("dependencies"));
    let used: BTreeSet<&str> = list
        .and_then(Value::as_table)
        .into_iter()
        .flatten()
        .filter(|(_, value)| value.get("path").is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    let mut explained = BTreeMap::new();
    for (index, line) in repo.text(REASONS).lines().enumerate() {
        let start = line.strip_prefix("| `").or_else(|| line.strip_prefix("- `"));
        if let Some((name, reason)) = start.and_then(|rest| rest.split_once('`')) {
            explained.insert(name, (index + 1, reason));
        }
    }
    let mut found = Vec::new();
    for name in &used {
        match explained.get(name) {
            None => {
                let sentence = format!("{name} has no line of reason in {REASONS}");
                found.push(repo.wrong("Cargo.toml", &format!("\n{name} ")[1..], sentence));
            }
            Some((line, reason)) if !reason.contains(char::is_alphabetic) => {
                let sentence = format!("says no reason for {name}");
                found.push(Violation { path: REASONS.to_owned(), line: *line, sentence });
            }
            Some(_) => {}
        }
    }
    for (name, (line, _)) in explained {
        if !used.contains(name) {
            let sentence = format!("{name} is not a dependency of the workspace any more");
            found.push(Violation { path: REASONS.to_owned(), line, sentence });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::sample::{breaks, with};
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_named() {
        breaks(&[("docs/a.md", "x\n[b](b.md)\n")], "docs/a.md:2: links to b.md");
        breaks(&[("docs/a.md", "[b](../../b.md)\n")], "outside the repository");
        let fine = "[r](../README.md#top) [web](https://example.org/x) [d](formats/)\n\
                    ```\n[c](c.md)\n```\n";
        assert!(check(&with(&[("docs/a.md", fine)])).is_empty());
    }

    #[test]
    fn a_page_named_in_a_source_exists() {
        let source = "//! Layout: `docs/formats/trailer.md`, and `docs/formats/` has more.\n";
        breaks(&[("firmware/seal/src/lib.rs", source)], "names docs/formats/trailer.md");
    }

    #[test]
    fn every_library_has_its_reason_and_every_reason_its_library() {
        breaks(&[("docs/dependencies.md", "")], "blake3 has no line of reason");
        breaks(&[("docs/dependencies.md", "| `blake3` | |\n")], "says no reason for blake3");
        let more = "| `blake3` | names packs |\n| `openssl` | was handy |\n";
        breaks(&[("docs/dependencies.md", more)], "dependencies.md:2: openssl is not a dependency");
    }
}
