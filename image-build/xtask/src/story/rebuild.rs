//! Story `rebuild`: a lost disk is replaced, beside plain copying of the same packs.
//!
//! Both read from the disk that is left and write to an empty disk of their own, each from a cold
//! cache, in turns that change places every round. `cp` with `fsync` promises only that bytes were
//! written; a rebuild also checks each pack against its name before and, read back from the disk,
//! after. Afterwards the new disk alone must give everything back. The times are told, never
//! judged: what fails the story is a wrong byte or a pack that is missing.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Facts, StoryDir};
use crate::demo::disks::{Disk, Shelf};
use crate::files::now;
use crate::product::{Vault, packs};
use crate::{Outcome, compare, files};

/// Rounds; the middle of the times is told.
const ROUNDS: usize = 3;
/// Room on each disk: the demo's tree takes half a gibibyte.
const DISK_MIB: u64 = 4 << 10;

/// Tells it.
pub(crate) fn story(dir: &StoryDir) -> Outcome<Facts> {
    let corpus = dir.whole_tree()?;
    let shelf = Shelf::new(&dir.path.join("disks"))?;
    let (kept, mut lost) = (shelf.insert("kept", DISK_MIB)?, shelf.insert("lost", DISK_MIB)?);
    let vault = Vault::new(&dir.program, &dir.path);
    dir.logged("create", vault.create(&[&kept.path, &lost.path], 2)).kept()?.ok()?;
    let backup = vault.call(&["backup", "--source", "tree"]).arg(&corpus.tree);
    dir.logged("backup", backup).kept()?.ok()?;
    let (mut rebuilt, mut copied) = (Vec::new(), Vec::new());
    let mut facts = Facts::default();
    facts.add("disks", shelf.kind());
    for round in 0..ROUNDS {
        let old = vault.volume_at(&lost.path)?;
        lost.away()?;
        let target = shelf.insert(&format!("new-{round}"), DISK_MIB)?;
        if round % 2 == 0 {
            copied.push(plain_copy(&kept, &shelf)?);
        }
        kept.mount_again()?;
        let replace = vault.call(&["volume", "replace", &old, "--with"]).arg(&target.path);
        rebuilt.push(dir.logged(&format!("replace-{round}"), replace).kept()?.ok()?.wall);
        if round % 2 == 1 {
            copied.push(plain_copy(&kept, &shelf)?);
        }
        same_packs(&kept.path, &target.path)?;
        lost = target;
    }
    let (count, bytes) = all_packs(&kept.path).iter().fold((0_u64, 0), |(count, bytes), path| {
        (count + 1, bytes + path.metadata().map_or(0, |facts| facts.len()))
    });
    facts.add("packs", count);
    facts.add("bytes", bytes);
    let (rebuild, copy) = (middle(&mut rebuilt), middle(&mut copied));
    facts.add_time("rebuild", rebuild);
    facts.add_time("cp_fsync", copy);
    let ratio = rebuild.as_secs_f64() / copy.as_secs_f64().max(f64::EPSILON);
    facts.add("ratio", format!("{ratio:.2}"));
    kept.away()?;
    let to = dir.path.join("restored");
    let restore = vault.call(&["restore", "latest:tree", "--to"]).arg(&to);
    dir.logged("restore", restore).kept()?.wants(&[0, 3])?;
    facts.add("files_compared", compare::trees(&corpus.tree, &to)?.same()?.files);
    files::remove(&to)?;
    Ok(facts)
}

/// Copies every pack of a disk to a new one as `cp` does, with each file and folder synced.
fn plain_copy(from: &Disk, shelf: &Shelf) -> Outcome<Duration> {
    let to = shelf.insert("copy", DISK_MIB)?;
    from.mount_again()?;
    let began = now();
    for path in all_packs(&from.path) {
        let below = path.strip_prefix(&from.path).unwrap_or(&path);
        let target = to.path.join(below);
        let folder = target.parent().unwrap_or(&to.path);
        files::folder(folder)?;
        let copied = std::fs::copy(&path, &target).and_then(|_| File::open(&target)?.sync_all());
        copied
            .and_then(|()| File::open(folder)?.sync_all())
            .map_err(|error| format!("cannot copy {}: {error}", path.display()))?;
    }
    let spent = began.elapsed();
    to.away()?;
    Ok(spent)
}

fn all_packs(disk: &Path) -> Vec<PathBuf> {
    ["data", "meta"].iter().flat_map(|kind| packs(disk, kind)).collect()
}

/// The same packs, byte for byte: what is compared is the disk's, not the program's word.
fn same_packs(kept: &Path, new: &Path) -> Outcome<()> {
    for path in all_packs(kept) {
        let other = new.join(path.strip_prefix(kept).unwrap_or(&path));
        let read = |path: &Path| {
            std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
        };
        if read(&path)? != read(&other)? {
            return Err(format!("{} is not what {} is", other.display(), path.display()));
        }
    }
    Ok(())
}

fn middle(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
