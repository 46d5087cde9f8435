//! What can happen to a stored file, drawn by seed, and done to a folder.
//!
//! The same number gives every tool the same kind of damage at the same relative place; which file
//! that is depends on what the tool stores. Nothing here knows any tool. Start at [`Damage::draw`].

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::corpus::Random;
use crate::{Outcome, files};

/// A kind of damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// One bit of one file is another.
    Flip,
    /// The end of one file is gone.
    Truncate,
    /// Two files have each other's content.
    Swap,
    /// One file is gone.
    Delete,
    /// One folder, with all that is in it, is as it was before the last backup.
    RollBack,
}

impl Kind {
    /// Every kind.
    pub(super) const ALL: [Self; 5] =
        [Self::Flip, Self::Truncate, Self::Swap, Self::Delete, Self::RollBack];

    /// Its name in tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Flip => "a bit flipped",
            Self::Truncate => "a file cut short",
            Self::Swap => "two files swapped",
            Self::Delete => "a file deleted",
            Self::RollBack => "a folder rolled back",
        }
    }
}

/// One damage to a folder of files.
#[derive(Clone, Debug)]
pub(super) struct Damage {
    /// Its kind.
    pub kind: Kind,
    /// The file or folder, below the damaged folder.
    pub path: PathBuf,
    /// The file it is swapped with.
    other: PathBuf,
    /// A number that chooses a byte and a bit, or a length.
    place: u64,
}

impl Damage {
    /// The damage of this number to what `now` holds; `before` is an older state of it.
    pub(super) fn draw(number: u64, seed: u64, now: &Path, before: &Path) -> Outcome<Self> {
        let mut random = Random::new(seed.wrapping_mul(1_000_003).wrapping_add(number));
        // The first numbers of neighbouring seeds are alike.
        for _ in 0..8 {
            random.next();
        }
        let kind = Kind::ALL[index(random.below(Kind::ALL.len() as u64))];
        let (first, second, place) = (random.next(), random.next(), random.next());
        let candidates = if kind == Kind::RollBack { rolled(now, before) } else { filled(now) };
        if candidates.len() < 2 {
            return Err(format!("{} has too little in it to be damaged", now.display()));
        }
        let chosen = index(first % candidates.len() as u64);
        // Any other than the first, so that a swap swaps.
        let step = 1 + index(second % (candidates.len() as u64 - 1));
        let other = candidates[(chosen + step) % candidates.len()].clone();
        Ok(Self { kind, path: candidates[chosen].clone(), other, place })
    }

    /// It, to be kept.
    pub(super) fn value(&self) -> Value {
        json!([self.kind.name(), self.path, self.other, self.place])
    }

    /// One that was kept.
    pub(super) fn of_value(value: &Value) -> Option<Self> {
        let kind = Kind::ALL.into_iter().find(|kind| value[0] == kind.name())?;
        let path = |n: usize| value[n].as_str().map(PathBuf::from);
        Some(Self { kind, path: path(1)?, other: path(2)?, place: value[3].as_u64()? })
    }

    /// What it does, for a log.
    pub(super) fn describe(&self) -> String {
        let kind = self.kind.name();
        match self.kind {
            Kind::Swap => format!("{kind}: {} and {}", self.path.display(), self.other.display()),
            _ => format!("{kind}: {} (number {})", self.path.display(), self.place),
        }
    }

    /// Does it to a folder; false when nothing is different afterwards.
    pub(super) fn apply(&self, folder: &Path, before: &Path) -> Outcome<bool> {
        let path = folder.join(&self.path);
        match self.kind {
            Kind::Delete => files::remove(&path).map(|()| true),
            Kind::RollBack => {
                files::remove(&path)?;
                copy(&before.join(&self.path), &path, &|_| false).map(|()| true)
            }
            Kind::Flip => {
                let mut bytes = read(&path)?;
                let bit = self.place % (bytes.len() as u64 * 8);
                bytes[index(bit / 8)] ^= 1 << (bit % 8);
                replace(&path, &bytes).map(|()| true)
            }
            Kind::Truncate => {
                let mut bytes = read(&path)?;
                bytes.truncate(index(self.place % bytes.len() as u64));
                replace(&path, &bytes).map(|()| true)
            }
            Kind::Swap => {
                let other = folder.join(&self.other);
                let (one, two) = (read(&path)?, read(&other)?);
                replace(&path, &two)?;
                replace(&other, &one)?;
                Ok(one != two)
            }
        }
    }
}

/// Copies a folder; files for which `shared` says so become second names of the same file.
pub(super) fn copy(from: &Path, to: &Path, shared: &dyn Fn(&Path) -> bool) -> Outcome<()> {
    let failed = |error| format!("cannot copy {}: {error}", from.display());
    files::folder(to)?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().map_err(failed)?.is_dir() {
            copy(&path, &target, shared)?;
        } else if shared(&path) {
            fs::hard_link(&path, &target).map_err(failed)?;
        } else {
            fs::copy(&path, &target).map_err(failed)?;
        }
    }
    Ok(())
}

/// Files with something in them, below this folder.
fn filled(folder: &Path) -> Vec<PathBuf> {
    let all = files::all_files(folder);
    let some = all.iter().filter(|path| path.metadata().is_ok_and(|facts| facts.len() > 0));
    some.map(|path| below(folder, path)).collect()
}

/// Folders that were there before, and were different; the whole is among them.
fn rolled(now: &Path, before: &Path) -> Vec<PathBuf> {
    let (new, old) = (filled(now), filled(before));
    let (new_set, old_set): (BTreeSet<_>, BTreeSet<_>) =
        (new.iter().collect(), old.iter().collect());
    let same = |path: &PathBuf| {
        old_set.contains(path) && fs::read(now.join(path)).ok() == fs::read(before.join(path)).ok()
    };
    let mut found = BTreeSet::new();
    let gone = old.iter().filter(|path| !new_set.contains(path));
    for path in new.iter().filter(|path| !same(path)).chain(gone) {
        let folders = path.ancestors().skip(1);
        found.extend(folders.filter(|folder| before.join(folder).is_dir()).map(Path::to_path_buf));
    }
    found.into_iter().collect()
}

fn below(folder: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(folder).unwrap_or(path).to_path_buf()
}

fn read(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// Never writes into a file that has another name elsewhere.
fn replace(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let mode = fs::metadata(path).map(|facts| facts.permissions());
    files::remove(path)?;
    files::put(path, bytes)?;
    let kept = mode.and_then(|mode| fs::set_permissions(path, mode));
    kept.map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[test]
fn every_kind_changes_something_and_the_same_number_does_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (before, now) = (folder.path().join("before"), folder.path().join("now"));
    for place in [&before, &now] {
        files::folder(&place.join("packs/deep")).unwrap();
        files::put(&place.join("packs/deep/one"), b"one").unwrap();
        files::put(&place.join("packs/two"), b"two").unwrap();
    }
    files::put(&now.join("packs/deep/three"), b"three").unwrap();
    let mut seen = BTreeSet::new();
    for number in 0..60 {
        let damage = Damage::draw(number, 7, &now, &before).unwrap();
        let again = Damage::draw(number, 7, &now, &before).unwrap();
        assert_eq!(damage.describe(), again.describe());
        seen.insert(damage.kind);
        let copied = folder.path().join("copy");
        files::fresh(&copied).unwrap();
        copy(&now, &copied, &|path| path.ends_with("two")).unwrap();
        assert!(damage.apply(&copied, &before).unwrap());
        let report = crate::compare::trees(&now, &copied).unwrap();
        assert!(report.other_bytes > 0 || report.differences > 0, "{}", damage.describe());
        assert_eq!(fs::read(now.join("packs/two")).unwrap(), b"two", "the original is untouched");
    }
    assert_eq!(seen.len(), Kind::ALL.len(), "60 numbers draw every kind");
}
