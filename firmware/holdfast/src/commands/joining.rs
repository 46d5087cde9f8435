//! The folder that is to become a volume, or already is one after an attempt that was cut short.
//!
//! What comes to nothing leaves no folder behind; what is data is never removed. Start at
//! [`with_new`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use types::VolumeId;
use vault::{Access, VolumeInfo};
use volume::{Disk, FsDisk};

use super::create::prepare_folder;
use crate::Result;
use crate::session::{Context, Done, Session};

/// What a folder that is to join the vault holds.
pub(super) enum Joining {
    /// Nothing: it becomes a volume.
    Empty(Arc<dyn Disk>),
    /// A volume of this vault already, after an attempt that was cut short.
    Member(VolumeId),
}

/// Opens the vault, and the folder that is to join it.
pub(super) fn with_new(
    context: &Context,
    dir: &Path,
    work: impl FnOnce(&mut Session, Joining) -> Result<Done>,
) -> Result<Done> {
    if let Some(disk) = volume_in(dir) {
        let joined = Session::open_with(context, Access::ReadWrite, Some((dir, Arc::new(disk))))?;
        return joined.finish(|session| {
            let here = |volume: &VolumeInfo| Path::new(&volume.path) == dir;
            let known = session.config.volumes.iter().any(|at| session.config.path_of(at) == dir);
            match session.vault.volumes()?.iter().find(|volume| here(volume)).map(|one| one.id) {
                Some(id) if !known => work(session, Joining::Member(id)),
                // Says that there is a volume in the folder, and whose it may be.
                _ => prepare_folder(dir).map(|_| Done::Clean),
            }
        });
    }
    Session::run(context, Access::ReadWrite, |session| {
        let (disk, made) = prepare_folder(dir)?;
        let result = work(session, Joining::Empty(Arc::new(disk)));
        if result.is_err() {
            forget_folder(session, dir, made);
        }
        result
    })
}

/// The volume in a folder, if there is one.
fn volume_in(dir: &Path) -> Option<FsDisk> {
    let disk = FsDisk::open(dir, None).ok()?;
    let held = disk.list("").ok()?;
    // Exactly: one that was cut short while it was written (`superblock.0.tmp`) makes no volume.
    let names = (0..volume::COPIES_OF_SUPERBLOCK).map(|copy| format!("superblock.{copy}"));
    let names: Vec<String> = names.collect();
    held.iter().any(|entry| names.contains(&entry.name)).then_some(disk)
}

/// Removes the folder of a volume that came to nothing, if it was made for it.
fn forget_folder(session: &Session, dir: &Path, made: Option<PathBuf>) {
    let joined = |volumes: &[VolumeInfo]| volumes.iter().any(|one| Path::new(&one.path) == dir);
    if let Some(folder) = made
        && session.vault.volumes().is_ok_and(|volumes| !joined(&volumes))
    {
        // What cannot be removed is empty of data, and says so when it is tried again.
        drop(std::fs::remove_dir_all(folder));
    }
}
