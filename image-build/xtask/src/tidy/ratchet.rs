//! Counters that may only fall.
//!
//! `tidy.toml` holds the highest number allowed of things that are sometimes right and never
//! welcome. More of them breaks a rule until somebody raises the number there, in the open. Fewer
//! is told, and `cargo xtask tidy --lower` writes the smaller number down. Start at [`counts`].

use toml::{Table, Value};

use super::source::without_tests;
use super::{Repo, Violation};

/// The file of numbers and words.
pub(super) const FILE: &str = "tidy.toml";

/// A source file with more lines than this is counted.
const LONG_LINES: usize = 300;

/// What is counted: key in the file, words for people, how many there are.
fn counts(repo: &Repo) -> [(&'static str, &'static str, usize); 3] {
    let (mut expects, mut lint_exceptions, mut long_files) = (0, 0, 0);
    // Built from parts, so that this file does not count itself.
    let panic = concat!(".exp", "ect(");
    let exception = concat!("#[exp", "ect(clippy");
    let exception_of_file = concat!("#![exp", "ect(clippy");
    for (path, text) in repo.ending(".rs") {
        let code = if is_test(path) { "" } else { without_tests(text) };
        expects += code.matches(panic).count();
        lint_exceptions +=
            text.matches(exception).count() + text.matches(exception_of_file).count();
        long_files += usize::from(text.lines().count() > LONG_LINES);
    }
    [
        ("expects", "calls of `expect` outside tests", expects),
        ("lint_exceptions", "exceptions from clippy's rules", lint_exceptions),
        ("long_files", "source files of more than 300 lines", long_files),
    ]
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs")
}

fn allowed(repo: &Repo, key: &str) -> Option<usize> {
    let table: Table = repo.text(FILE).parse().ok()?;
    let number = table.get("ratchet")?.get(key).and_then(Value::as_integer)?;
    usize::try_from(number).ok()
}

/// No counter is above its number.
pub(super) fn check(repo: &Repo) -> Vec<Violation> {
    let mut found = Vec::new();
    for (key, what, count) in counts(repo) {
        match allowed(repo, key) {
            None => {
                let sentence =
                    format!("has no number for {key} under [ratchet]; today it is {count}");
                found.push(repo.wrong(FILE, "[ratchet]", sentence));
            }
            Some(most) if count > most => {
                let sentence = format!(
                    "{count} {what}, and {most} are allowed: remove one, or raise the number and say why"
                );
                found.push(repo.wrong(FILE, key, sentence));
            }
            Some(_) => {}
        }
    }
    found
}

/// Lines about counters that have fallen.
pub(super) fn notes(repo: &Repo) -> Vec<String> {
    let fallen = counts(repo).into_iter().filter_map(|(key, what, count)| {
        let most = allowed(repo, key).filter(|most| *most > count)?;
        Some(format!("{what}: {count}, allowed {most}; `cargo xtask tidy --lower` writes it down"))
    });
    fallen.collect()
}

/// The file with every number lowered to what there is; comments stay.
pub(super) fn lowered(repo: &Repo) -> String {
    let mut text = String::new();
    for line in repo.text(FILE).lines() {
        let key = line.split_once(" = ").map_or("", |(key, _)| key);
        let fallen = counts(repo).into_iter().find(|(name, _, count)| {
            *name == key && allowed(repo, name).is_some_and(|most| most > *count)
        });
        match fallen {
            Some((name, _, count)) => text.push_str(&format!("{name} = {count}")),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::sample::{breaks, with};
    use super::*;

    #[test]
    fn a_counter_that_rises_breaks_the_rule_and_one_that_falls_is_written_down() {
        let call = concat!("//! Keys.\nfn f() { g().exp", "ect(\"held\"); }\n");
        let source = ("firmware/seal/src/lib.rs", call);
        breaks(&[source], "1 calls of `expect` outside tests, and 0 are allowed");
        let wide = "# Why: start.\n[ratchet]\nexpects = 5\nlint_exceptions = 0\nlong_files = 0\n";
        let repo = with(&[source, ("tidy.toml", wide)]);
        assert!(check(&repo).is_empty());
        assert_eq!(notes(&repo).len(), 1);
        assert_eq!(lowered(&repo), wide.replace("expects = 5", "expects = 1"));
    }

    #[test]
    fn a_call_inside_tests_is_free() {
        let call = concat!(
            "//! Keys.\n#[cfg(test)]\nmod tests {\n    fn f() { g().exp",
            "ect(\"x\"); }\n}\n"
        );
        assert!(check(&with(&[("firmware/seal/src/lib.rs", call)])).is_empty());
    }
}
