//! Rules about deliberate bugs: nothing that ships can have them, and none is without its test.
//!
//! The bugs stand in product code and are switched by a feature of `types` that only
//! `tests/sabotage` may turn on. Start at [`check`].

use super::{Repo, Violation};

/// The list of bugs, and the only product file that may ask for the feature.
const BUGS: &str = "firmware/types/src/sabotage.rs";
/// The two manifests that may name the feature.
const TYPES: &str = "firmware/types/Cargo.toml";
const SUITE: &str = "tests/sabotage/Cargo.toml";
/// Which detector catches which bug.
const CASES: &str = "tests/sabotage/src/suite.rs";
/// The page that lists them for people.
const PAGE: &str = "docs/testing.md";

/// Every rule about deliberate bugs.
pub(super) fn check(repo: &Repo) -> Vec<Violation> {
    let mut found = manifests(repo);
    found.extend(switches(repo));
    found.extend(places(repo));
    found
}

/// No manifest but those two mentions the feature, and those two do not turn it on by themselves.
fn manifests(repo: &Repo) -> Vec<Violation> {
    let mut found = Vec::new();
    for (path, text) in repo.ending("Cargo.toml") {
        for (index, line) in text.lines().enumerate() {
            let said = line.split('#').next().unwrap_or("").trim();
            let allowed = match path {
                TYPES => matches!(said, "sabotage = []"),
                SUITE => matches!(
                    said,
                    "name = \"sabotage\""
                        | "sabotage = [\"types/sabotage\"]"
                        | "required-features = [\"sabotage\"]"
                ),
                "Cargo.toml" => said == "\"tests/sabotage\",",
                _ => false,
            };
            if said.contains("sabotage") && !allowed {
                let sentence =
                    "only tests/sabotage may turn deliberate bugs on, and only when asked";
                found.push(Violation {
                    path: path.to_owned(),
                    line: index + 1,
                    sentence: sentence.to_owned(),
                });
            }
        }
    }
    found
}

/// Nobody else asks for the feature or switches a bug.
fn switches(repo: &Repo) -> Vec<Violation> {
    // Built from parts, so that this file does not find itself.
    let words = [
        concat!("feature = ", "\"sabotage\""),
        concat!("sabotage::", "switch"),
        concat!("sabotage::", "befall"),
    ];
    let mut found = Vec::new();
    for (path, text) in repo.ending(".rs") {
        if path == BUGS || path.starts_with("tests/sabotage/") {
            continue;
        }
        for word in words.iter().filter(|word| text.contains(**word)) {
            found.push(repo.wrong(
                path,
                word,
                "deliberate bugs are switched by tests/sabotage alone",
            ));
        }
    }
    found
}

/// Every bug stands somewhere in the product, has a case, and is told of.
fn places(repo: &Repo) -> Vec<Violation> {
    let mut found = Vec::new();
    for bug in bugs(repo) {
        let mention = format!("Bug::{bug}");
        let names = |path: &str, text: &str| path != BUGS && has_word(text, &mention);
        let in_product = |(path, text): (&str, &str)| {
            path.starts_with("firmware/") && path.contains("/src/") && names(path, text)
        };
        if !repo.ending(".rs").any(in_product) {
            found.push(repo.wrong(BUGS, bug, format!("{bug} stands nowhere in the product")));
        }
        let is_tried = repo
            .ending(".rs")
            .any(|(path, text)| path.starts_with("tests/sabotage/") && names(path, text));
        if !is_tried {
            let sentence = format!("{bug} is caught by no detector in {CASES}");
            found.push(repo.wrong(BUGS, bug, sentence));
        }
        let name = kebab(bug);
        if !repo.text(PAGE).contains(&format!("`{name}`")) {
            found.push(repo.wrong(BUGS, bug, format!("{PAGE} does not tell of `{name}`")));
        }
    }
    found
}

/// The variants of the list.
fn bugs(repo: &Repo) -> impl Iterator<Item = &str> {
    let lines = repo.text(BUGS).lines().skip_while(|line| !line.starts_with("pub enum"));
    let lines = lines.skip(1).take_while(|line| !line.starts_with('}'));
    lines.filter_map(|line| line.trim().strip_suffix(',')).filter(|name| {
        name.starts_with(|first: char| first.is_ascii_uppercase())
            && name.chars().all(|letter| letter.is_ascii_alphanumeric())
    })
}

/// Whether `word` stands in `text` and does not merely begin a longer one.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        !text[at + word.len()..].starts_with(|next: char| next.is_ascii_alphanumeric())
    })
}

fn kebab(bug: &str) -> String {
    let mut name = String::new();
    for letter in bug.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::super::sample::{breaks, with};
    use super::*;

    const LIST: &str = "//! Bugs.\npub enum Bug {\n    /// It is late.\n    LateSync,\n}\n";
    const POINT: &str = "//! Writes.\nfn f() -> bool { on(Bug::LateSync) }\n";
    const CASE: &str = "//! Cases.\nconst CASES: Case = case(Bug::LateSync);\n";
    const TOLD: &str = "# Testing\n\n- `late-sync`\n";

    /// Checks that these rules, of all, find one thing wrong, and it holds these words.
    fn finds(changes: &[(&str, &str)], expected: &str) {
        let found: Vec<String> = check(&with(changes)).iter().map(ToString::to_string).collect();
        assert!(found.len() == 1 && found[0].contains(expected), "{found:?}");
    }

    #[test]
    fn a_bug_needs_a_place_a_case_and_a_line_in_the_page() {
        let list = (BUGS, LIST);
        let point = ("firmware/volume/src/write.rs", POINT);
        let (case, page) = ((CASES, CASE), (PAGE, TOLD));
        assert!(check(&with(&[list, point, case, page])).is_empty());
        finds(&[list, case, page], "LateSync stands nowhere in the product");
        finds(&[list, point, page], "LateSync is caught by no detector");
        finds(&[list, point, case], "does not tell of `late-sync`");
        let longer = POINT.replace("LateSync", "LateSyncOfNames");
        let other = ("firmware/volume/src/write.rs", longer.as_str());
        finds(&[list, other, case, page], "LateSync stands nowhere in the product");
    }

    #[test]
    fn the_feature_is_turned_on_by_the_suite_alone_and_by_no_default() {
        let seal = |rest: &str| {
            format!("[package]\nname = \"seal\"\n[package.metadata.holdfast]\nlayer = 3\n{rest}\n")
        };
        for rest in [
            "[dependencies]\ntypes = { workspace = true, features = [\"sabotage\"] }",
            "[dev-dependencies]\ntypes = { workspace = true, features = [\"sabotage\"] }",
            "[features]\nsabotage = [\"types/sabotage\"]",
            "[features]\ndefault = [\"types/sabotage\"]",
        ] {
            breaks(&[("firmware/seal/Cargo.toml", &seal(rest))], "only tests/sabotage may turn");
        }
        let types = |rest: &str| seal(rest).replace("seal", "types").replace("= 3", "= 0");
        let off = types("[features]\nsabotage = []");
        assert!(check(&with(&[(TYPES, &off)])).is_empty());
        for rest in ["default = [\"sabotage\"]\nsabotage = []", "fast = [\"sabotage\"]"] {
            let on = types(&format!("[features]\n{rest}"));
            breaks(&[(TYPES, &on)], "only tests/sabotage may turn");
        }
    }

    #[test]
    fn bugs_are_switched_in_the_suite_alone() {
        for line in [
            concat!("#[cfg(feature = ", "\"sabotage\")]\nfn f() {}\n"),
            concat!("fn f() { types::sabotage::", "switch(&[]); }\n"),
        ] {
            let source = format!("//! Keys.\n{line}");
            breaks(&[("firmware/seal/src/lib.rs", &source)], "by tests/sabotage alone");
        }
    }
}
