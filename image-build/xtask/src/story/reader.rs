//! Story `reader`: the independent reader restores what the program stored.
//!
//! `docs/formats/reader.py` was written from the format's documents and shares no code with the
//! product. From any two of three volumes it restores everything, from one alone what is there,
//! and it names the rest. The golden volumes of `tests/golden` are read by both and compared.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Facts, StoryDir};
use crate::cmd::{Cmd, Ended};
use crate::corpus::Corpus;
use crate::product::{self, Vault};
use crate::{Outcome, compare, files, odd, repo, setup};

/// How the reader's sentence about a path that it could not restore begins.
const MISSED: &str = "not restored: ";

/// The reader, and the words of one vault.
struct Reader<'d> {
    dir: &'d StoryDir,
    python: PathBuf,
    kit: PathBuf,
}

impl Reader<'_> {
    /// Runs it on these volumes; its output is kept under `NAME`.
    fn run(&self, name: &str, volumes: &[&Path], words: &[&str]) -> Cmd {
        let mut cmd = Cmd::new(&self.python)
            .arg("-B")
            .arg(repo::root().join("docs/formats/reader.py"))
            .arg("--words-file")
            .arg(&self.kit);
        for volume in volumes {
            cmd = cmd.arg("--volume").arg(volume);
        }
        self.dir.logged(name, cmd.args(words))
    }

    /// Restores the newest version of a source into a new folder.
    fn restore(&self, source: &str, volumes: &[&Path], to: &Path) -> Outcome<Ended> {
        files::remove(to)?;
        let wanted = format!("latest:{source}");
        let name = format!("reader-{}", to.file_name().unwrap_or_default().display());
        let to = to.to_string_lossy();
        self.run(&name, volumes, &["restore", &wanted, "--to", &to]).kept()
    }
}

/// Tells it.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    let python = setup::for_reader()?;
    let corpus = dir.tree()?;
    let mut facts = Facts::default();
    spread(dir, &python, &corpus, &mut facts)?;
    mirrored(dir, &python, &corpus, &mut facts)?;
    golden(dir, &python, &mut facts)?;
    Ok(facts)
}

/// A vault in which the second version of the tree's image is made of ranges of the first.
fn vault(
    dir: &StoryDir,
    name: &str,
    volumes: &[&Path],
    copies: u32,
    tree: &Corpus,
) -> Outcome<Vault> {
    let vault = Vault::new(&dir.program, &dir.folder(name)?);
    dir.logged(&format!("{name}-create"), vault.create(volumes, copies)).kept()?.ok()?;
    for round in 0..2 {
        let backup = vault.call(&["backup", "--source", "tree"]).arg(&tree.tree);
        dir.logged(&format!("{name}-backup-{round}"), backup).kept()?.ok()?;
        if round == 0 {
            odd::rewrite(&tree.tree, 7)?;
        }
    }
    Ok(vault)
}

/// Two copies on three volumes: each pair has everything, one alone has not.
fn spread(dir: &StoryDir, python: &Path, corpus: &Corpus, facts: &mut Facts) -> Outcome<()> {
    let places = [dir.folder("volume-a")?, dir.folder("volume-b")?, dir.folder("volume-c")?];
    let [a, b, c] = [&*places[0], &*places[1], &*places[2]];
    let made = vault(dir, "spread", &[a, b, c], 2, corpus)?;
    facts.add("packs", scatter(&places)?);
    let reader = Reader { dir, python: python.to_path_buf(), kit: made.kit };
    let to = dir.path.join("pair");
    let mut pairs = 0;
    for pair in [[a, b], [a, c], [b, c]] {
        let ended = reader.restore("tree", &pair, &to)?.ok()?;
        let seen = compare::trees(&corpus.tree, &to)?.same()?;
        pairs += 1;
        if pairs == 1 {
            facts.add("files_compared", seen.files);
            facts.add_time("restore", ended.wall);
            facts.add("restore_peak_bytes", ended.peak_bytes);
        }
    }
    facts.add("pairs", pairs);
    files::remove(&to)?;
    alone(&reader, a, corpus, facts)
}

/// Moves copies about until each volume lacks every third pack, and returns how many packs there
/// are. These volumes share one disk and its free room, so the vault gave the same two all data;
/// on disks of their own every pair of them gets some.
fn scatter(places: &[PathBuf; 3]) -> Outcome<usize> {
    let mut names = BTreeSet::new();
    for place in places {
        let packs = product::packs(place, "data");
        names.extend(
            packs.iter().filter_map(|pack| pack.strip_prefix(place).ok()).map(PathBuf::from),
        );
    }
    for (number, name) in names.iter().enumerate() {
        let [without, one, other] = [0, 1, 2].map(|step| places[(number + step) % 3].join(name));
        if !without.exists() {
            continue;
        }
        let to = if one.exists() { other } else { one };
        files::folder(to.parent().expect("a pack stands in a folder"))?;
        let moved = fs::copy(&without, &to).and_then(|_| fs::remove_file(&without));
        moved.map_err(|error| format!("cannot move {}: {error}", without.display()))?;
    }
    Ok(names.len())
}

/// What one volume lacks is named, path by path, and everything else is as it was.
fn alone(reader: &Reader<'_>, volume: &Path, corpus: &Corpus, facts: &mut Facts) -> Outcome<()> {
    let to = reader.dir.path.join("alone");
    let ended = reader.restore("tree", &[volume], &to)?.wants(&[3])?;
    let named = ended.stderr.lines().filter(|line| line.starts_with(MISSED)).count() as u64;
    let seen = compare::trees(&corpus.tree, &to)?;
    let strange = seen.named.iter().find(|what| !what.ends_with("is missing on the right"));
    if let Some(what) = strange {
        return Err(format!("one volume alone gave back something else than was stored: {what}"));
    }
    if seen.differences != named {
        let missing = seen.differences;
        return Err(format!("{missing} paths are missing and the reader named {named}"));
    }
    if named == 0 || seen.files == 0 {
        return Err("one volume has all or nothing, so this shows nothing".to_owned());
    }
    facts.add("alone_files", seen.files);
    facts.add("alone_named_missing", named);
    files::remove(&to)
}

/// A copy on each of two volumes: one of them has everything.
fn mirrored(dir: &StoryDir, python: &Path, corpus: &Corpus, facts: &mut Facts) -> Outcome<()> {
    let places = [dir.folder("mirror-a")?, dir.folder("mirror-b")?];
    let made = vault(dir, "mirrored", &[&*places[0], &*places[1]], 2, corpus)?;
    let reader = Reader { dir, python: python.to_path_buf(), kit: made.kit };
    let to = dir.path.join("mirror");
    reader.restore("tree", &[&places[1]], &to)?.ok()?;
    let seen = compare::trees(&corpus.tree, &to)?.same()?;
    facts.add("mirror_files", seen.files);
    files::remove(&to)
}

/// The golden volumes, by the program and by the reader.
fn golden(dir: &StoryDir, python: &Path, facts: &mut Facts) -> Outcome<()> {
    let golden = repo::root().join("tests/golden/v1");
    let (one, two) = (golden.join("disk1"), golden.join("disk2"));
    let kit = golden.join("kit.txt");
    let by_program = dir.path.join("golden-by-program");
    let rescue = Cmd::new(&dir.program)
        .args(["rescue", "--words-file"])
        .arg(&kit)
        .arg("--volume")
        .arg(&one)
        .arg("--volume")
        .arg(&two)
        .arg("--to")
        .arg(&by_program);
    dir.logged("golden-rescue", rescue).kept()?.ok()?;

    let reader = Reader { dir, python: python.to_path_buf(), kit };
    let listed = reader.run("golden-list", &[&one, &two], &["list"]).kept()?.ok()?;
    let expected = files::text(&golden.join("expected.json"))?;
    let expected: serde_json::Value = serde_json::from_str(&expected)
        .map_err(|error| format!("expected.json of the golden volumes: {error}"))?;
    let snapshots = expected["snapshots"].as_array().map_or(&[][..], Vec::as_slice);
    let ids: Vec<&str> = snapshots.iter().filter_map(|one| one["id"].as_str()).collect();
    let known = |line: &str| ids.iter().any(|id| line.len() > 16 && id.starts_with(&line[..16]));
    if ids.is_empty()
        || listed.stdout.lines().count() != ids.len()
        || !listed.stdout.lines().all(known)
    {
        return Err(
            "the reader lists other snapshots of the golden volumes than expected".to_owned()
        );
    }
    let by_reader = dir.path.join("golden-by-reader");
    for source in ["home", "notes"] {
        files::folder(&by_reader)?;
        reader.restore(source, &[&one, &two], &by_reader.join(source))?.ok()?;
    }
    let seen = compare::trees(&by_program, &by_reader)?.same()?;
    facts.add("golden_snapshots", ids.len());
    facts.add("golden_entries", seen.entries);
    files::remove(&by_program)?;
    files::remove(&by_reader)
}
