//! The box's own folder for mounts, and who may look into it: nobody but the box.
//!
//! A file system brings the rights of its own root along, and most let everybody read. So each is
//! mounted inside a folder that is closed, and the folder around those can be passed through by who
//! knows a name, and listed by nobody. The umask decides nothing of it. Start at [`make`].

use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::Path;

use crate::owner::Owner;

/// Passed through by everybody: the user that the box runs as may be another than the one that mounts.
const PASSED: u32 = 0o711;
/// Opened by its owner alone.
const CLOSED: u32 = 0o700;
/// Opened by the box's group, too, and changed by us alone: who could change it could put a link where
/// we are about to mount.
const CLOSED_TO_OTHERS: u32 = 0o750;

/// Makes the folder for all mounts, and takes rights away from one that was there. One that is
/// somebody else's, or a link, is refused: what is mounted there would be in other hands.
pub(crate) fn make(home: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(PASSED).create(home)?;
    must_be_own(home)?;
    std::fs::set_permissions(home, Permissions::from_mode(PASSED))
}

/// Makes a folder that only we may open, and the box's group where one is named.
pub(crate) fn make_closed(folder: &Path, owner: Option<Owner>) -> io::Result<()> {
    match DirBuilder::new().mode(CLOSED).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => other?,
    }
    // It is in a folder of ours, so only we can have made it.
    let facts = std::fs::symlink_metadata(folder)?;
    if !facts.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, "a link stands in its place"));
    }
    let Some(owner) = owner else {
        return std::fs::set_permissions(folder, Permissions::from_mode(CLOSED));
    };
    chown(folder, None, Some(owner.group))?;
    std::fs::set_permissions(folder, Permissions::from_mode(CLOSED_TO_OTHERS))
}

/// Makes a mount point, and the closed folder around it.
pub(crate) fn make_point(point: &Path, owner: Option<Owner>) -> io::Result<()> {
    let around = point.parent().ok_or(io::ErrorKind::InvalidInput)?;
    make_closed(around, owner)?;
    make_closed(point, None)
}

/// Takes both away. One that is still in use stays.
pub(crate) fn remove_point(point: &Path) {
    std::fs::remove_dir(point).ok();
    point.parent().map(|around| std::fs::remove_dir(around).ok());
}

fn must_be_own(folder: &Path) -> io::Result<()> {
    let facts = std::fs::symlink_metadata(folder)?;
    if facts.is_dir() && facts.uid() == nix::unistd::geteuid().as_raw() {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is a link, or somebody else's folder"))
}
