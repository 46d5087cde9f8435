//! Small file helpers: put, read, walk, remove, and the stopwatch.
//!
//! Nothing here is durable: these are files of the repository's own tools, never of a vault.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::Outcome;

/// The only place in xtask that asks for the time of day: it measures how long steps take.
#[expect(clippy::disallowed_methods, reason = "the stopwatch of the repository's tools")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Replaces a file's content.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> Outcome<()> {
    File::create(path)
        .and_then(|mut file| file.write_all(bytes))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// Adds to the end of a file, which is made if it is not there.
pub(crate) fn append(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(bytes))
        .map_err(|error| format!("cannot add to {}: {error}", path.display()))
}

/// Reads a text file; bytes that are not UTF-8 are replaced.
pub(crate) fn text(path: &Path) -> Outcome<String> {
    fs::read(path)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// Makes a folder and those above it.
pub(crate) fn folder(path: &Path) -> Outcome<()> {
    fs::create_dir_all(path).map_err(|error| format!("cannot make {}: {error}", path.display()))
}

/// Removes a file or a folder with all that is in it; absence is fine.
pub(crate) fn remove(path: &Path) -> Outcome<()> {
    let Ok(facts) = fs::symlink_metadata(path) else { return Ok(()) };
    let removed = if facts.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.map_err(|error| format!("cannot remove {}: {error}", path.display()))
}

/// Removes what is there and makes an empty folder.
pub(crate) fn fresh(path: &Path) -> Outcome<()> {
    remove(path)?;
    folder(path)
}

/// Every regular file below `root`, sorted by path. Folders that cannot be read are passed over.
pub(crate) fn all_files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = fs::read_dir(&next) else { continue };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// Regular files below `root` and their bytes as `ls` shows them.
pub(crate) fn count(root: &Path) -> (u64, u64) {
    let files = all_files(root);
    let bytes = files.iter().filter_map(|file| fs::symlink_metadata(file).ok());
    (files.len() as u64, bytes.map(|facts| facts.len()).sum())
}
