//! Story `canaries`: what somebody finds who gets a disk without the vault's words: nothing.
//!
//! Ten thousand words that stand nowhere else are put into contents, names, link targets, tags of files
//! and names of sources, and are backed up onto real ext4. Then every byte of every disk is searched, also
//! what belongs to no file any more. A disk to which all that was restored is copied plainly is searched
//! in the same way and shows every one of them: so they were in the vault, and the search finds them. At
//! the end a disk leaves the vault, and what is still on it is told. Start at [`story`].

mod scan;
mod words;

use std::path::Path;

pub(super) use self::scan::{Found, Scan};
pub(super) use self::words::{Kind, Words};
use super::{Facts, Story, StoryDir};
use crate::cmd::Cmd;
use crate::demo::disks::{Disk, Shelf};
use crate::product::{Vault, packs};
use crate::{Outcome, files};

/// Room on each disk.
const DISK_MIB: u64 = 512;
/// Words in all.
const COUNT: usize = 10_000;

/// Its line in the list of stories.
pub(super) const STORY: Story = Story {
    name: "canaries",
    about: "ten thousand words are backed up, and no byte of any disk shows one of them",
    in_test: true,
    run: story,
};

/// Tells it.
fn story(dir: &StoryDir) -> Outcome<Facts> {
    let mut facts = Facts::default();
    let shelf = Shelf::new(&dir.path.join("disks"))?;
    facts.add("disks", shelf.kind());
    if !shelf.has_devices() {
        facts.add("skipped", "there is no raw disk to be searched");
        return Ok(facts);
    }
    let words = Words::new(COUNT);
    let tree = dir.folder("tree")?;
    words.plant(&tree)?;
    let scan = Scan::new(&words)?;
    facts.add("canaries", COUNT as u64);
    let (one, two) = (shelf.insert("one", DISK_MIB)?, shelf.insert("two", DISK_MIB)?);
    let vault = Vault::new(&dir.program, &dir.path);
    back_up(dir, &vault, &[&one.path, &two.path], &words, &tree)?;
    for disk in [&one, &two] {
        if packs(&disk.path, "data").is_empty() {
            return Err(format!("disk {} got no pack, so this shows nothing", disk.name));
        }
        clean(&scan, disk, &mut facts)?;
    }
    plainly(dir, &vault, &words, &scan, &shelf, &mut facts)?;
    leaving(dir, &vault, &one, &scan, &mut facts)?;
    Ok(facts)
}

/// Everything that people name, in the places where the product stores it; and a version that goes
/// again, because what was there stays on the medium.
fn back_up(
    dir: &StoryDir,
    vault: &Vault,
    volumes: &[&Path],
    words: &Words,
    tree: &Path,
) -> Outcome<()> {
    dir.logged("create", vault.create(volumes, 2)).kept()?.ok()?;
    let sources = words.of(Kind::Source);
    for (number, source) in sources.iter().enumerate() {
        let from = if number == 0 { tree.to_path_buf() } else { tree.join(words::SMALL) };
        let backup = vault.call(&["backup", "--source", source]).arg(from);
        dir.logged(&format!("backup-{number}"), backup).kept()?.ok()?;
    }
    let again = vault.call(&["backup", "--source", sources[1]]).arg(tree.join(words::SMALL));
    dir.logged("backup-again", again).kept()?.ok()?;
    let old = format!("latest:{}", sources[1]);
    dir.logged("forget", vault.call(&["forget", &old])).kept()?.ok()?;
    dir.logged("prune", vault.call(&["prune"])).kept()?.ok().map(drop)
}

/// Searches a disk; any word at all on it is a failure.
fn clean(scan: &Scan, disk: &Disk, facts: &mut Facts) -> Outcome<()> {
    let found = scan.disk(disk)?;
    facts.add(&format!("{}_searched_bytes", disk.name), found.bytes);
    facts.add(&format!("{}_found", disk.name), found.words.len() as u64);
    match found.first {
        None => Ok(()),
        Some((at, word)) => {
            Err(format!("{word} stands on disk {} at byte {at}, for everybody to read", disk.name))
        }
    }
}

/// Gives everything back, and copies it plainly to a disk: there the same search finds every word.
fn plainly(
    dir: &StoryDir,
    vault: &Vault,
    words: &Words,
    scan: &Scan,
    shelf: &Shelf,
    facts: &mut Facts,
) -> Outcome<()> {
    let to = dir.path.join("restored");
    let wanted = format!("latest:{}", words.of(Kind::Source)[0]);
    let restore = vault.call(&["restore", &wanted, "--to"]).arg(&to);
    dir.logged("restore", restore).kept()?.ok()?;
    let listed = dir.logged("snapshots", vault.call(&["snapshots", "--json"])).kept()?.ok()?;
    let plain = shelf.insert("plain", DISK_MIB)?;
    Cmd::new("cp").arg("-a").arg(&to).arg(&plain.path).kept()?.ok()?;
    // The names of sources stand in no file.
    files::put(&plain.path.join("sources"), listed.stdout.as_bytes())?;
    let found = scan.disk(&plain)?;
    facts.add("plain_found", found.words.len() as u64);
    let lost: Vec<&str> = words.all().filter(|word| !found.words.contains(*word)).collect();
    if let Some(word) = lost.first() {
        let count = lost.len();
        return Err(format!(
            "{count} words such as {word} were not found where they stand plainly"
        ));
    }
    // And one name alone is enough for a disk to fail.
    let one = shelf.insert("one-name", DISK_MIB)?;
    files::put(&one.path.join(words.of(Kind::Name)[7]), b"")?;
    if clean(scan, &one, &mut Facts::default()).is_ok() {
        return Err("a disk with one name on it was called clean".to_owned());
    }
    files::remove(&to)
}

/// A disk that left the vault in order can be taken back, so its packs stay on it, sealed: without the
/// words nothing, with them everything. What makes that end is told in `docs/operations/box.md`.
fn leaving(
    dir: &StoryDir,
    vault: &Vault,
    disk: &Disk,
    scan: &Scan,
    facts: &mut Facts,
) -> Outcome<()> {
    let id = vault.volume_at(&disk.path)?;
    dir.logged("copies", vault.call(&["volume", "copies", "1"])).kept()?.ok()?;
    dir.logged("retire", vault.call(&["volume", "retire", &id])).kept()?.ok()?;
    clean(scan, disk, facts)?;
    let rescue = |name: &str| {
        let cmd = Cmd::new(&dir.program).args(["rescue", "--list", "--volume"]).arg(&disk.path);
        dir.logged(name, cmd.arg("--words-file").arg(&vault.kit)).kept()
    };
    facts.add("retired_packs", packs(&disk.path, "data").len() as u64);
    facts.add("retired_opens_with_words", rescue("rescue-retired")?.ok().is_ok());
    // The key file holds what the words and a password are tried on: without it there is nothing to try.
    for name in ["keys.0", "keys.1"] {
        for file in files::all_files(&disk.path) {
            if file.file_name().is_some_and(|found| found == name) {
                files::remove(&file)?;
            }
        }
    }
    let without = rescue("rescue-without-keys")?;
    if without.ok().is_ok() {
        return Err("packs opened without a key file".to_owned());
    }
    facts.add("retired_opens_without_key_file", false);
    Ok(())
}
