//! The box's own folder for mounts, and who may look into it: nobody but the box.
//!
//! A file system brings the rights of its own root along, and most let everybody read. So each is
//! mounted inside a folder that is closed, and the folder around those can be passed through by who
//! knows a name, and listed by nobody. The umask decides nothing of it. Start at [`make`].

use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::Path;

/// Passed through by everybody: the user that the box runs as may be another than the one that mounts.
const PASSED: u32 = 0o711;
/// Opened by its owner alone.
const CLOSED: u32 = 0o700;
/// Passed through by one group, and changed by its owner alone: who could put a link in it would say
/// where we mount.
const PASSED_BY_GROUP: u32 = 0o710;

/// Makes the folder for all mounts, and takes rights away from one that was there. One that is
/// somebody else's, or a link, is refused: what is mounted there would be in other hands.
pub(crate) fn make(home: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(PASSED).create(home)?;
    must_be_own(home)?;
    std::fs::set_permissions(home, Permissions::from_mode(PASSED))
}

/// Makes a folder that nobody but us may open.
pub(crate) fn make_closed(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(CLOSED).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => other?,
    }
    must_be_own(folder)?;
    std::fs::set_permissions(folder, Permissions::from_mode(CLOSED))
}

/// Makes a mount point, and the folder around it, which a group may pass: that of the user that the box
/// runs as, where it is another.
pub(crate) fn make_point(point: &Path, group: Option<u32>) -> io::Result<()> {
    let around = point.parent().ok_or(io::ErrorKind::InvalidInput)?;
    make_closed(around)?;
    if let Some(group) = group {
        chown(around, None, Some(group))?;
        std::fs::set_permissions(around, Permissions::from_mode(PASSED_BY_GROUP))?;
    }
    make_closed(point)
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
