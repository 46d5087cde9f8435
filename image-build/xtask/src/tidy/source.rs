//! Rules about source files: a header, a bounded length, ASCII, and no file that nothing uses.
//!
//! Start reading at [`check`].

use super::{Repo, Violation};

/// From this many lines a file has to say why it is long.
const LONG_LINES: usize = 500;

/// More lines than this, inline tests left out, are never allowed.
const LINES_MAX: usize = 1000;

/// The words by which a file says it, in its header.
const WHY_LONG: &str = "//! Long because";

/// Endings of files whose text is code.
const CODE: &[&str] = &[".rs", ".toml", ".py", ".sh"];

/// Every rule about single source files.
pub(super) fn check(repo: &Repo) -> Vec<Violation> {
    let mut found = Vec::new();
    for (path, text) in repo.ending(".rs") {
        found.extend(header_and_length(path, text));
        found.extend(unused(repo, path));
    }
    for ending in CODE {
        for (path, text) in repo.ending(ending) {
            found.extend(ascii(path, text));
        }
    }
    found
}

/// The text up to the first inline test module.
pub(super) fn without_tests(text: &str) -> &str {
    let mut from = 0;
    while let Some(place) = text[from..].find("\n#[cfg(test)]\n") {
        let rest = &text[from + place + 1..];
        let next = rest.lines().nth(1).unwrap_or("");
        if next.contains("mod ") && next.trim_end().ends_with('{') {
            return &text[..=from + place];
        }
        from += place + 1;
    }
    text
}

fn header_and_length(path: &str, text: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    let wrong = |sentence: String| Violation { path: path.to_owned(), line: 1, sentence };
    if !text.starts_with("//! ") {
        let sentence = "starts without `//!`: say what it is, what it never does, where to start";
        found.push(wrong(sentence.to_owned()));
    }
    let lines = text.lines().count();
    let says_why = text.lines().any(|line| line.starts_with(WHY_LONG));
    if lines > LONG_LINES && !says_why {
        let sentence = format!("{lines} lines: split it, or say `{WHY_LONG} ...` in its header");
        found.push(wrong(sentence));
    }
    let code = without_tests(text).lines().count();
    if code > LINES_MAX && !path.starts_with("tests/") && !path.contains("/tests/") {
        found.push(wrong(format!("{code} lines without its tests; {LINES_MAX} is the most")));
    }
    found
}

fn ascii(path: &str, text: &str) -> Option<Violation> {
    for (index, line) in text.lines().enumerate() {
        if let Some(strange) = line.chars().find(|letter| !letter.is_ascii()) {
            let code = u32::from(strange);
            let sentence = format!("has U+{code:04X}; sources are ASCII, write an escape");
            return Some(Violation { path: path.to_owned(), line: index + 1, sentence });
        }
    }
    None
}

/// A file below `src` that no other file of its crate names as a module is dead.
fn unused(repo: &Repo, path: &str) -> Option<Violation> {
    let (of_crate, below) = path.split_once("/src/")?;
    let stem = below.trim_end_matches(".rs").trim_end_matches("/mod");
    if matches!(stem, "lib" | "main") || below.starts_with("bin/") {
        return None;
    }
    let module = stem.rsplit('/').next().unwrap_or(stem);
    let named = format!("mod {module}");
    let sources = format!("{of_crate}/src/");
    let used = repo.ending(".rs").any(|(other, text)| {
        other != path
            && other.starts_with(&sources)
            && text.lines().any(|line| {
                let rest = line.split_once(&named).map(|(_, rest)| rest.trim_start());
                rest.is_some_and(|rest| rest.starts_with(';') || rest.starts_with('{'))
            })
    });
    if used {
        return None;
    }
    let sentence = format!("no file of its crate has `mod {module};`, so it is not compiled");
    Some(Violation { path: path.to_owned(), line: 1, sentence })
}

#[cfg(test)]
mod tests {
    use super::super::sample::breaks;
    use super::*;

    const LIB: &str = "firmware/seal/src/lib.rs";

    #[test]
    fn a_file_without_a_header_is_named() {
        breaks(&[(LIB, "pub struct Key;\n")], "lib.rs:1: starts without `//!`");
    }

    #[test]
    fn a_long_file_says_why_and_a_longer_one_is_refused() {
        // Comment lines, so that only length is at stake; the ratchet counts long files too.
        let ratchet =
            ("tidy.toml", "[ratchet]\nexpects = 0\nlint_exceptions = 0\nlong_files = 1\n");
        let long = format!("//! Keys.\n{}", "//\n".repeat(600));
        breaks(&[(LIB, &long), ratchet], "601 lines: split it");
        let explained =
            format!("//! Keys.\n//! Long because it is a table.\n{}", "//\n".repeat(998));
        let repo = super::super::sample::with(&[(LIB, &explained), ratchet]);
        assert!(check(&repo).is_empty());
        let longer = format!("{explained}//\n");
        breaks(&[(LIB, &longer), ratchet], "1001 lines without its tests");
        let tested = format!("{explained}#[cfg(test)]\nmod tests {{\n}}\n");
        assert!(check(&super::super::sample::with(&[(LIB, &tested), ratchet])).is_empty());
    }

    #[test]
    fn a_letter_that_is_not_ascii_is_named_by_its_number() {
        breaks(&[(LIB, "//! Keys.\n// caf\u{e9}\n")], "lib.rs:2: has U+00E9");
    }

    #[test]
    fn a_file_that_nothing_includes_is_dead() {
        breaks(
            &[("firmware/seal/src/old.rs", "//! Old.\n")],
            "no file of its crate has `mod old;`",
        );
        let used = [(LIB, "//! Keys.\nmod old;\n"), ("firmware/seal/src/old.rs", "//! Old.\n")];
        assert!(check(&super::super::sample::with(&used)).is_empty());
    }
}
