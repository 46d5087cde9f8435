//! Which crate may know which: layers, and the edges that must never be.
//!
//! Only normal and build dependencies count: a test may look upward, a program may not. The
//! invariants are those of `ARCHITECTURE.md`. Start reading at [`check`].

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::{Repo, Violation};

/// Crates that must never reach another one, however many steps away, and why.
const NEVER_REACH: &[(&str, &str, &str)] = &[
    ("federation", "seal", "it may only ever send ciphertext"),
    ("federation", "vault", "it may only ever send ciphertext"),
    ("federation", "tree", "it may never know what is in a pack"),
    ("volume", "seal", "it may only ever hold ciphertext"),
    ("peer-proto", "seal", "it may only ever offer ciphertext"),
    ("plan", "volume", "it decides and never does"),
];

/// Crates that reach packs and keys only through `vault`.
const ONLY_THROUGH_VAULT: &[&str] = &["gateways", "api"];

/// What those may not reach past `vault`.
const BEHIND_VAULT: &[&str] = &["seal", "volume", "catalog"];

/// Layers up to this one do no I/O, and so may not have these.
const PURE_LAYER_MAX: i64 = 2;
const IMPURE: &[&str] = &["tokio", "nix", "redb", "getrandom", "rand", "tempfile", "libc", "xattr"];

/// Parts of the standard library that do I/O or ask for the time.
const IMPURE_STD: &[&str] =
    &["std::fs", "std::net", "std::process", "std::thread", "std::os::unix"];

struct Member {
    path: String,
    folder: String,
    layer: Option<i64>,
    depends_on: BTreeSet<String>,
}

type Members = BTreeMap<String, Member>;

/// Every rule about crates and their edges.
pub(super) fn check(repo: &Repo) -> Vec<Violation> {
    let mut found = Vec::new();
    let members = members(repo, &mut found);
    for (name, member) in &members {
        found.extend(own_rules(repo, name, member));
        found.extend(edges(repo, name, member, &members));
    }
    for (from, to, why) in NEVER_REACH {
        if let Some(way) = way(&members, from, to, None) {
            let sentence = format!("{from} reaches {to} ({way}), but {why}");
            found.push(repo.wrong(&members[*from].path, "[dependencies]", sentence));
        }
    }
    for from in ONLY_THROUGH_VAULT {
        for to in BEHIND_VAULT {
            if let Some(way) = way(&members, from, to, Some("vault")) {
                let sentence = format!("{from} reaches {to} past vault ({way})");
                found.push(repo.wrong(&members[*from].path, "[dependencies]", sentence));
            }
        }
    }
    found
}

fn members(repo: &Repo, found: &mut Vec<Violation>) -> Members {
    let root = table(repo, "Cargo.toml", found);
    let list = root.get("workspace").and_then(|part| part.get("members"));
    let folders: Vec<&str> =
        list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let mut members = Members::new();
    for folder in folders {
        let path = format!("{folder}/Cargo.toml");
        let manifest = table(repo, &path, found);
        let package = manifest.get("package");
        let name = package.and_then(|part| part.get("name")).and_then(Value::as_str).unwrap_or("");
        let layer = package
            .and_then(|part| part.get("metadata"))
            .and_then(|part| part.get("holdfast"))
            .and_then(|part| part.get("layer"))
            .and_then(Value::as_integer);
        let depends_on = dependencies(&manifest);
        let folder = folder.rsplit('/').next().unwrap_or(folder).to_owned();
        members.insert(name.to_owned(), Member { path, folder, layer, depends_on });
    }
    members
}

fn table(repo: &Repo, path: &str, found: &mut Vec<Violation>) -> Table {
    repo.text(path).parse().unwrap_or_else(|error: toml::de::Error| {
        found.push(repo.wrong(path, "", format!("cannot be read: {}", error.message())));
        Table::new()
    })
}

/// Names of normal and build dependencies, those of single platforms among them.
fn dependencies(manifest: &Table) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let platforms = manifest.get("target").and_then(Value::as_table);
    let parts = platforms.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    for part in parts.chain([manifest]) {
        for kind in ["dependencies", "build-dependencies"] {
            let list = part.get(kind).and_then(Value::as_table);
            for (key, value) in list.into_iter().flatten() {
                // A dependency may stand under another name.
                let real = value.get("package").and_then(Value::as_str);
                names.insert(real.unwrap_or(key).to_owned());
            }
        }
    }
    names
}

fn own_rules(repo: &Repo, name: &str, member: &Member) -> Vec<Violation> {
    let mut found = Vec::new();
    let path = &member.path;
    if name != member.folder {
        let sentence =
            format!("package {name} stands in folder {}; one name, please", member.folder);
        found.push(repo.wrong(path, "name =", sentence));
    }
    let Some(layer) = member.layer else {
        let sentence = "declares no layer under [package.metadata.holdfast]";
        found.push(repo.wrong(path, "[package]", sentence));
        return found;
    };
    if layer > PURE_LAYER_MAX {
        return found;
    }
    for library in IMPURE.iter().filter(|library| member.depends_on.contains(**library)) {
        let sentence = format!("layer {layer} does no I/O and so may not depend on {library}");
        found.push(repo.wrong(path, library, sentence));
    }
    let sources = format!("{}/src/", path.trim_end_matches("/Cargo.toml"));
    for (source, text) in repo.ending(".rs").filter(|(source, _)| source.starts_with(&sources)) {
        let code = super::source::without_tests(text);
        for (index, line) in code.lines().enumerate() {
            let said = line.split("//").next().unwrap_or("");
            if let Some(part) = IMPURE_STD.iter().find(|part| said.contains(**part)) {
                let sentence = format!("layer {layer} does no I/O and so may not use {part}");
                found.push(Violation { path: source.to_owned(), line: index + 1, sentence });
            }
        }
    }
    found
}

fn edges(repo: &Repo, name: &str, member: &Member, members: &Members) -> Vec<Violation> {
    let mut found = Vec::new();
    for other in &member.depends_on {
        let (Some(here), Some(there)) =
            (member.layer, members.get(other).and_then(|other| other.layer))
        else {
            continue;
        };
        if there >= here {
            let sentence = format!(
                "{name} (layer {here}) depends on {other} (layer {there}); only lower layers may be used"
            );
            found.push(repo.wrong(&member.path, other, sentence));
        }
    }
    found
}

/// A way from one crate to another along dependencies, `a > b > c`; never through `avoid`.
fn way(members: &Members, from: &str, to: &str, avoid: Option<&str>) -> Option<String> {
    let mut open = vec![(from.to_owned(), from.to_owned())];
    let mut seen = BTreeSet::new();
    while let Some((name, way)) = open.pop() {
        if name == to {
            return Some(way);
        }
        if !seen.insert(name.clone()) || Some(name.as_str()) == avoid {
            continue;
        }
        let Some(member) = members.get(&name) else { continue };
        for next in member.depends_on.iter().filter(|next| members.contains_key(*next)) {
            open.push((next.clone(), format!("{way} > {next}")));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::sample::{breaks, with};
    use super::*;

    fn manifest(name: &str, layer: &str, rest: &str) -> String {
        format!("[package]\nname = \"{name}\"\n[package.metadata.holdfast]\n{layer}\n{rest}")
    }

    #[test]
    fn an_upward_edge_and_an_edge_within_a_layer_are_refused() {
        let up = manifest("seal", "layer = 1", "[dependencies]\nvolume.workspace = true\n");
        breaks(&[("firmware/seal/Cargo.toml", &up)], "seal (layer 1) depends on volume (layer 3)");
        let beside =
            manifest("seal", "layer = 3", "[build-dependencies]\nvolume.path = \"../volume\"\n");
        breaks(&[("firmware/seal/Cargo.toml", &beside)], "seal (layer 3) depends on volume");
    }

    #[test]
    fn a_test_may_look_upward() {
        let up = manifest("types", "layer = 0", "[dev-dependencies]\nseal.workspace = true\n");
        assert!(check(&with(&[("firmware/types/Cargo.toml", &up)])).is_empty());
    }

    #[test]
    fn who_holds_or_speaks_with_friends_never_reaches_keys_or_files_even_through_another_crate() {
        let pairs = [("volume", "seal"), ("peer-proto", "seal")];
        for (name, never) in
            pairs.into_iter().chain(["seal", "vault", "tree"].map(|never| ("federation", never)))
        {
            let root = format!(
                "[workspace]\nmembers = [\"a/{never}\", \"a/{name}\", \"a/between\"]\n\
                 [workspace.dependencies]\nblake3 = \"1\"\n"
            );
            let reached = manifest(never, "layer = 2", "");
            let itself = format!("[dependencies]\n{never}.path = \"\"\n");
            let between = manifest("between", "layer = 4", &itself);
            let through = "[dependencies]\nbetween.path = \"\"\n";
            let found = |needs: &str| {
                let crate_of = manifest(name, "layer = 5", needs);
                check(&with(&[
                    ("Cargo.toml", root.as_str()),
                    (&format!("a/{never}/Cargo.toml"), &reached),
                    ("a/between/Cargo.toml", &between),
                    (&format!("a/{name}/Cargo.toml"), &crate_of),
                ]))
            };
            let in_tests = itself.replace("dependencies", "dev-dependencies");
            assert!(found("").is_empty() && found(&in_tests).is_empty(), "tests may hold keys");
            let direct = format!("{name} > {never}");
            for (needs, way) in
                [(itself.as_str(), direct), (through, format!("{name} > between > {never}"))]
            {
                let said = format!("{name} reaches {never} ({way})");
                assert!(found(needs).iter().any(|wrong| wrong.sentence.contains(&said)), "{said}");
            }
        }
    }

    #[test]
    fn the_web_face_reaches_packs_only_through_the_vault() {
        let root = "[workspace]\nmembers = [\"a/volume\", \"a/vault\", \"a/api\"]\n\
                    [workspace.dependencies]\nblake3 = \"1\"\n";
        let volume = manifest("volume", "layer = 3", "");
        let vault = manifest("vault", "layer = 4", "[dependencies]\nvolume.path = \"\"\n");
        let good = manifest("api", "layer = 6", "[dependencies]\nvault.path = \"\"\n");
        let bad =
            manifest("api", "layer = 6", "[dependencies]\nvault.path = \"\"\nvolume.path = \"\"\n");
        let changes = |api| {
            [
                ("Cargo.toml", root),
                ("a/volume/Cargo.toml", volume.as_str()),
                ("a/vault/Cargo.toml", vault.as_str()),
                ("a/api/Cargo.toml", api),
            ]
        };
        assert!(check(&with(&changes(good.as_str()))).is_empty());
        breaks(&changes(bad.as_str()), "api reaches volume past vault");
    }

    #[test]
    fn a_pure_crate_may_not_touch_the_system() {
        let nix = manifest("types", "layer = 0", "[dependencies]\nnix.workspace = true\n");
        breaks(&[("firmware/types/Cargo.toml", &nix)], "may not depend on nix");
        let source =
            "//! Types.\nuse std::fs::File;\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n";
        breaks(&[("firmware/types/src/lib.rs", source)], "lib.rs:2: layer 0 does no I/O");
    }

    #[test]
    fn a_crate_says_its_layer_and_bears_its_folders_name() {
        let silent = manifest("types", "", "");
        breaks(&[("firmware/types/Cargo.toml", &silent)], "declares no layer");
        let other = manifest("kinds", "layer = 0", "");
        breaks(&[("firmware/types/Cargo.toml", &other)], "package kinds stands in folder types");
    }
}
