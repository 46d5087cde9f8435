//! Mounting and unmounting a simulated disk.
//!
//! A mount point is a link into the disk's folder; it goes when the disk does. A volume or drive is
//! reached through a [`SimDisk`], where faults strike; whoever uses the path alone meets only the
//! pull. Start at [`mount`].

use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use board::{BoardError, DiskIdentity, MountAs, Mounted};
use types::Bytes;
use volume::{FsDisk, VolumeError};

use crate::hardware::remove_link;
use crate::look;
use crate::medium::{Kind, Medium, Mount};
use crate::prepare::forget_before;
use crate::simdisk::{Gate, SimDisk};

/// The folder of a volume in its file system, as `FsDisk` makes it.
const VOLUME_FOLDER: &str = "holdfast";

/// What a disk is to be mounted as, and what the handle is to say of itself.
pub(crate) struct Wish<'a> {
    pub(crate) disk: &'a DiskIdentity,
    pub(crate) how: MountAs,
    pub(crate) session: u64,
    pub(crate) point: &'a Path,
    pub(crate) serial: String,
    pub(crate) label: String,
}

pub(crate) fn mount(medium: &Arc<Medium>, wish: Wish<'_>) -> Result<Mounted, BoardError> {
    let io = |error| BoardError::io("mount", wish.disk, error);
    let users = users(medium, &wish)?;
    // Counting what is on it reads, and so wakes it.
    medium.pass(wish.session, Kind::Read).map_err(io)?;
    if wish.how.writes() {
        forget_before(medium).map_err(io)?;
    }
    let inner = open(medium, &wish)?;
    let counted = look::count(&medium.root()).map_err(io)?.unwrap_or_default();
    medium.set_used(Bytes(counted.bytes));
    remove_link(wish.point).map_err(|error| io(std::io::Error::other(error)))?;
    symlink(medium.root(), wish.point).map_err(io)?;
    let mount = Mount { how: settled(wish.how), users: Arc::clone(&users) };
    let mut state = medium.state();
    if state.session != wish.session {
        return Err(BoardError::not_there(wish.disk));
    }
    state.mounted = Some(mount);
    drop(state);
    let read_only = !wish.how.writes();
    let gate = Gate { medium: Arc::clone(medium), session: wish.session, read_only, _users: users };
    let root = match wish.how {
        MountAs::Look | MountAs::Target => medium.root(),
        _ => medium.root().join(VOLUME_FOLDER),
    };
    let disk = Arc::new(SimDisk { inner, gate, root, serial: wish.serial, label: wish.label });
    Ok(Mounted { disk, path: wish.point.to_path_buf() })
}

/// A new volume is a volume once it is mounted.
fn settled(how: MountAs) -> MountAs {
    if how == MountAs::NewVolume { MountAs::Volume } else { how }
}

/// What handles on this mount share: that of the mount there is, or a new one.
fn users(medium: &Medium, wish: &Wish<'_>) -> Result<Arc<()>, BoardError> {
    let state = medium.state();
    let target = || Box::new(wish.disk.clone());
    let shows = state.facts.file_system.as_ref().is_some_and(|fs| fs.shows.is_some());
    if wish.how.writes() && (shows || state.facts.faults.read_only) {
        return Err(BoardError::ReadOnly { disk: target() });
    }
    match &state.mounted {
        None => Ok(Arc::default()),
        Some(mount) if mount.how == settled(wish.how) => Ok(Arc::clone(&mount.users)),
        Some(_) => Err(BoardError::InUse { disk: target(), how: "it is mounted in another way" }),
    }
}

fn open(medium: &Medium, wish: &Wish<'_>) -> Result<FsDisk, BoardError> {
    let nothing = |wanted| BoardError::Nothing { disk: Box::new(wish.disk.clone()), wanted };
    if medium.state().facts.file_system.is_none() {
        return Err(nothing("file system"));
    }
    let (root, serial) = (medium.root(), Some(wish.serial.clone()));
    let of_volume = |error| match error {
        VolumeError::NotAVolume { .. } => nothing("volume"),
        other => BoardError::io("mount", wish.disk, std::io::Error::other(other)),
    };
    match wish.how {
        MountAs::Volume | MountAs::VolumeReadOnly => FsDisk::open(&root, serial).map_err(of_volume),
        MountAs::NewVolume => {
            medium
                .pass(wish.session, Kind::Grow)
                .map_err(|error| BoardError::io("mount", wish.disk, error))?;
            FsDisk::create(&root, serial).map_err(|error| match error {
                VolumeError::Exists { .. } => BoardError::InUse {
                    disk: Box::new(wish.disk.clone()),
                    how: "there is a volume on it already",
                },
                other => of_volume(other),
            })
        }
        MountAs::Look | MountAs::Target => {
            FsDisk::plain_folder(&root).map_err(|error| BoardError::io("mount", wish.disk, error))
        }
    }
}

pub(crate) fn unmount(
    medium: &Medium,
    disk: &DiskIdentity,
    point: &Path,
) -> Result<(), BoardError> {
    let mut state = medium.state();
    let Some(mount) = &state.mounted else { return Ok(()) };
    if Arc::strong_count(&mount.users) > 1 {
        let disk = Box::new(disk.clone());
        return Err(BoardError::InUse { disk, how: "something on it is open" });
    }
    state.mounted = None;
    drop(state);
    remove_link(point)
        .map_err(|error| BoardError::io("unmount", disk, std::io::Error::other(error)))
}
