//! Write, sync the file, rename, sync the folder: the only place where names change hands.
//!
//! A name is durable when its folder was synced, bytes when their file was; either alone is not
//! enough (without the folder sync 140 of 200 simulated power cuts on ext4 lost an acknowledged
//! pack). Every function here returns `Ok` only when a power cut cannot undo it.

use std::io;

use thiserror::Error;
use types::sabotage::{self, Bug};

use crate::disk::{Disk, DiskFile};

/// The system refused a step.
#[derive(Debug, Error)]
#[error("cannot {doing} {path}")]
pub struct IoFailure {
    /// The step.
    pub doing: &'static str,
    /// The file or folder.
    pub path: String,
    /// What the system said.
    pub source: io::Error,
}

/// Says what was being done, and to what.
pub(crate) trait At<T> {
    fn at(self, doing: &'static str, path: &str) -> Result<T, IoFailure>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, doing: &'static str, path: &str) -> Result<T, IoFailure> {
        self.map_err(|source| IoFailure { doing, path: path.to_owned(), source })
    }
}

/// Ending of a file that is being written by [`replace_file`].
pub const TEMPORARY: &str = ".tmp";

/// Puts `bytes` at `path`, whole: after a power cut the old file is there or the new one.
pub fn replace_file(disk: &dyn Disk, path: &str, bytes: &[u8]) -> Result<(), IoFailure> {
    let temporary = format!("{path}{TEMPORARY}");
    let mut file = create_over_leftover(disk, &temporary)?;
    file.append(bytes).at("write", &temporary)?;
    file.sync_data().at("sync", &temporary)?;
    drop(file);
    disk.rename(&temporary, path).at("put in place", path)?;
    sync_folder(disk, parent(path))
}

/// Makes a new file whose name lasts. Its bytes are the caller's to sync.
pub fn create_file(disk: &dyn Disk, path: &str) -> Result<Box<dyn DiskFile>, IoFailure> {
    let file = disk.create_new(path).at("create", path)?;
    if !sabotage::on(Bug::NewNameUnsynced) {
        sync_folder(disk, parent(path))?;
    }
    Ok(file)
}

/// Makes a new file, in place of what an interrupted attempt left. The name need not last.
pub fn create_over_leftover(disk: &dyn Disk, path: &str) -> Result<Box<dyn DiskFile>, IoFailure> {
    match disk.create_new(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            disk.unlink(path).at("remove", path)?;
            disk.create_new(path).at("create", path)
        }
        other => other.at("create", path),
    }
}

/// Moves a file whose bytes are synced. The new folder is synced first: between the two syncs the
/// file may have two names, never none. (Where renames are atomic, as in the simulated disk and on
/// ext4 and xfs, the second sync changes nothing; the first one is what counts.)
pub fn move_file(disk: &dyn Disk, from: &str, to: &str) -> Result<(), IoFailure> {
    disk.rename(from, to).at("move", from)?;
    if sabotage::on(Bug::FolderSyncSkipped) {
        return Ok(());
    }
    sync_folder(disk, parent(to))?;
    if parent(from) != parent(to) {
        sync_folder(disk, parent(from))?;
    }
    Ok(())
}

/// Removes a file for good; says whether it was there.
pub fn remove_file(disk: &dyn Disk, path: &str) -> Result<bool, IoFailure> {
    match disk.unlink(path) {
        Ok(()) => sync_folder(disk, parent(path)).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).at("remove", path),
    }
}

/// Makes sure that a folder is there, and lasts. Its parent is synced even when the folder was
/// there already: the attempt that made it may have been cut short before its sync.
pub fn make_folder(disk: &dyn Disk, path: &str) -> Result<(), IoFailure> {
    match disk.make_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(error).at("make the folder", path)
        }
        _ => sync_folder(disk, parent(path)),
    }
}

/// What [`sync_folder`] does, as its failures say it.
pub(crate) const SYNCING_FOLDER: &str = "sync the folder";

/// Makes a folder's names durable.
pub fn sync_folder(disk: &dyn Disk, path: &str) -> Result<(), IoFailure> {
    disk.sync_dir(path).at(SYNCING_FOLDER, if path.is_empty() { "." } else { path })
}

/// The folder of a path; `""` is the volume's root.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
