//! Folders and small files of a test's box: made, read, and put in place durably.
//!
//! Start at [`made`].

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use volume::{FsDisk, durable};

/// The folder, made where it is missing; its name is durable.
pub(crate) fn made(path: PathBuf) -> io::Result<PathBuf> {
    fs::create_dir_all(&path)?;
    if let Some(parent) = path.parent() {
        File::open(parent)?.sync_all()?;
    }
    Ok(path)
}

/// Puts a file in place, whole and durable.
pub(crate) fn put(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let disk = FsDisk::plain_folder(folder)?;
    durable::replace_file(&disk, name, bytes).map_err(|failure| failure.source)
}

/// A file's bytes; none when there is no such file.
pub(crate) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Names of everything in a folder, those that are being written left out.
pub(crate) fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.ends_with(durable::TEMPORARY) {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}
