//! Story `usb`: the emergency restore, with a drive that is pulled half way and drives too small.
//!
//! One of two disks is gone and so is the catalog. Everything is restored to a drive; half way the
//! file system under it is shut down by the kernel, as when it is pulled; it is mounted again and
//! the same command goes on. `b3sum`, which shares no code with the product, checks the manifest,
//! and every file is compared with the original. Then the same with two drives one after the
//! other, the first of them too small.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Facts, StoryDir};
use crate::cmd::Cmd;
use crate::demo::disks::{Disk, Shelf};
use crate::product::{Vault, document};
use crate::{Outcome, files, setup};

/// The drive is pulled when its manifest has that many lines.
const PULLED_AT_LINES: usize = 500;
/// Room on a drive that holds everything; the tree's longest file is mostly holes.
const LARGE_MIB: u64 = 12 << 10;
/// Room on a drive that does not.
const SMALL_MIB: u64 = 96;
/// How long the restore may take to come that far.
const PATIENCE: Duration = Duration::from_secs(120);

/// Tells it.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    setup::for_usb()?;
    let corpus = dir.tree()?;
    let volumes = [dir.folder("volume-a")?, dir.folder("volume-b")?];
    let vault = Vault::new(&dir.program, &dir.path);
    dir.logged("create", vault.create(&[&volumes[0], &volumes[1]], 2)).kept()?.ok()?;
    let backup = vault.call(&["backup", "--source", "tree"]).arg(&corpus.tree);
    dir.logged("backup", backup).kept()?.ok()?;
    files::remove(&vault.catalog()?)?;
    files::remove(&volumes[0])?;
    let shelf = Shelf::new(&dir.path.join("drives"))?;
    let mut facts = Facts::default();
    facts.add("drives", shelf.kind());
    pulled(dir, &vault, &shelf, &corpus.tree, &mut facts)?;
    too_small(dir, &vault, &shelf, &corpus.tree, &mut facts)?;
    Ok(facts)
}

fn restore(dir: &StoryDir, vault: &Vault, log: &str, drive: &Disk) -> Cmd {
    dir.logged(log, vault.call(&["usb", "restore", "--json"]).arg(&drive.path))
}

/// A drive that is pulled half way, comes back, and gets the rest.
fn pulled(
    dir: &StoryDir,
    vault: &Vault,
    shelf: &Shelf,
    tree: &Path,
    facts: &mut Facts,
) -> Outcome<()> {
    let drive = shelf.insert("large", LARGE_MIB)?;
    let mut running = restore(dir, vault, "pulled", &drive).start()?;
    let began = crate::files::now();
    while lines(&drive.path) < PULLED_AT_LINES {
        if !running.alive() || waited(began) {
            running.kill();
            return Err(
                "the restore ended before the drive was pulled: nothing is shown".to_owned()
            );
        }
        thread::yield_now();
    }
    let by_kernel = drive.shut_down()?;
    if !by_kernel {
        running.kill();
    }
    let ended = running.wait(PATIENCE)?;
    if by_kernel && ended.code != Some(1) {
        return Err("the restore did not end with an error on a drive that was pulled".to_owned());
    }
    drive.mount_again()?;
    let safe = lines(&drive.path);
    let rest = restore(dir, vault, "goes-on", &drive).kept()?.wants(&[0, 3])?;
    let report = document(&rest)?;
    let earlier = number(&report, "earlier_files");
    if earlier == 0 || report["continued"] != Value::Bool(true) {
        return Err(format!("it did not go on with {safe} files, but began anew"));
    }
    if number(&report["checked"], "damaged_count") > 0 || number(&report, "left_out_count") > 0 {
        return Err(format!("not everything is on the drive: {report}"));
    }
    drive.mount_again()?;
    let root = root_on(&drive.path)?;
    let summed = Cmd::new("b3sum").args(["--check", "--quiet", "MANIFEST.b3"]).dir(&root);
    dir.logged("b3sum", summed).kept()?.ok()?;
    dir.logged("verify", vault.call(&["usb", "verify"]).arg(&drive.path)).kept()?.ok()?;
    facts.add("pulled_by", if by_kernel { "shutting the file system down" } else { "a kill" });
    facts.add("files_safe_when_pulled", safe);
    facts.add("files_from_before", earlier);
    facts.add("files_after", number(&report, "written_files"));
    facts.add("files_renamed", number(&report, "renamed"));
    facts.add("files_compared", same(tree, &[&root])?);
    sabotaged(dir, vault, &drive, &root)?;
    drive.away()
}

/// The checks see damage: one flipped bit, and both say so.
fn sabotaged(dir: &StoryDir, vault: &Vault, drive: &Disk, root: &Path) -> Outcome<()> {
    let some = files::all_files(&root.join("files/tree"));
    let victim = some
        .iter()
        .find(|path| path.metadata().is_ok_and(|meta| meta.is_file() && meta.len() > 100));
    let victim = victim.ok_or("there is no file to damage")?;
    let mut bytes = std::fs::read(victim).map_err(|error| error.to_string())?;
    bytes[50] ^= 1;
    files::put(victim, &bytes)?;
    let summed = Cmd::new("b3sum").args(["--check", "--quiet", "MANIFEST.b3"]).dir(root);
    dir.logged("b3sum-damaged", summed).kept()?.wants(&[1])?;
    let verify = vault.call(&["usb", "verify"]).arg(&drive.path);
    dir.logged("verify-damaged", verify).kept()?.wants(&[3])?;
    Ok(())
}

/// A drive that is too small, and then, alone, a second one for the rest.
fn too_small(
    dir: &StoryDir,
    vault: &Vault,
    shelf: &Shelf,
    tree: &Path,
    facts: &mut Facts,
) -> Outcome<()> {
    let small = shelf.insert("small", SMALL_MIB)?;
    if small.size == 0 {
        // A plain folder is never too small.
        return small.away();
    }
    let ended = restore(dir, vault, "small", &small).kept()?.wants(&[3])?;
    let report = document(&ended)?;
    let (first, missing) = (number(&report, "written_files"), &report["no_room"]);
    let missing: u64 =
        missing.as_array().into_iter().flatten().map(|row| number(row, "files")).sum();
    if first == 0 || missing == 0 || report["by_kind"] != Value::Bool(true) {
        return Err(format!("a drive of {SMALL_MIB} MiB held everything, or nothing: {report}"));
    }
    // The first is put into a drawer: only the second is plugged in.
    let first_root = root_on(&small.path)?;
    let drawer = dir.folder("drawer")?;
    Cmd::new("cp").args(["-a", "--sparse=always"]).arg(&first_root).arg(&drawer).kept()?.ok()?;
    small.away()?;
    let second = shelf.insert("second", LARGE_MIB)?;
    let again = vault.call(&["usb", "restore", "--json"]).arg(&second.path);
    let again = dir.logged("second", again).kept()?.wants(&[0, 3])?;
    let report = document(&again)?;
    let rest = number(&report, "written_files");
    let name = first_root.file_name().ok_or("a restore's folder has a name")?;
    let roots = [drawer.join(name), root_on(&second.path)?];
    let seen = same(tree, &[&roots[0], &roots[1]])?;
    facts.add("first_drive_files", first);
    facts.add("second_drive_files", rest);
    facts.add("files_compared_on_both", seen);
    if rest > missing {
        return Err(format!("{rest} files went to the second drive; {missing} were missing"));
    }
    second.away()
}

/// Every file of the tree whose name is text stands on one of the drives, byte for byte.
fn same(tree: &Path, roots: &[&Path]) -> Outcome<u64> {
    let mut seen = 0;
    for path in files::all_files(tree) {
        let below = path.strip_prefix(tree).unwrap_or(&path);
        let is_file = path.symlink_metadata().is_ok_and(|meta| meta.is_file());
        if !is_file || below.to_str().is_none() {
            continue;
        }
        let places: Vec<PathBuf> = roots
            .iter()
            .map(|root| root.join("files/tree").join(below))
            .filter(|place| place.exists())
            .collect();
        let [place] = places.as_slice() else {
            return Err(format!("{} stands on {} drives", below.display(), places.len()));
        };
        if !equal(&path, place).map_err(|error| format!("{}: {error}", below.display()))? {
            return Err(format!("{} holds other bytes", place.display()));
        }
        seen += 1;
    }
    Ok(seen)
}

/// Whether two files hold the same bytes.
fn equal(one: &Path, other: &Path) -> std::io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    let len = one.metadata()?.len();
    if other.metadata()?.len() != len {
        return Ok(false);
    }
    let (mut here, mut there) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    let mut left = len;
    while left > 0 {
        let step = usize::try_from(left).unwrap_or(here.len()).min(here.len());
        one.read_exact(&mut here[..step])?;
        other.read_exact(&mut there[..step])?;
        if here[..step] != there[..step] {
            return Ok(false);
        }
        left -= step as u64;
    }
    Ok(true)
}

fn waited(began: Instant) -> bool {
    began.elapsed() > PATIENCE
}

fn number(report: &Value, key: &str) -> u64 {
    report[key].as_u64().unwrap_or(0)
}

/// The one restore on a drive.
fn root_on(drive: &Path) -> Outcome<PathBuf> {
    let entries = std::fs::read_dir(drive).map_err(|error| error.to_string())?;
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    found.retain(|path| path.join("MANIFEST.b3").is_file());
    found.pop().ok_or_else(|| format!("there is no restore in {}", drive.display()))
}

/// Lines of the manifest on a drive so far.
fn lines(drive: &Path) -> usize {
    let manifest = root_on(drive).ok().map(|root| root.join("MANIFEST.b3"));
    let text = manifest.and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
    text.iter().filter(|byte| **byte == b'\n').count()
}
