//! Whose a volume's files are, when the box runs as a user without rights.
//!
//! Only a volume that takes part is given away, and only what is in its own folder: files and folders,
//! never through a link. Somebody's own files keep their owners. The folder itself comes last, so a
//! walk that was cut short is made again. Start at `Hands::given`.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use board::{BoardError, DiskContent, DiskIdentity, MountAs};
use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat};
use nix::sys::stat::{Mode, SFlag, fstat, fstatat};
use nix::unistd::{Gid, Uid, fchown, fchownat, syncfs};
use volume::{Disk, FsDisk};

use crate::hands::{Hands, nothing};

/// Folders in folders: a volume has three levels.
const DEPTH_MAX: u8 = 8;

/// A user and a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The user's number.
    pub user: u32,
    /// The group's number.
    pub group: u32,
}

impl Hands {
    /// A volume that was mounted to be written, given to whom it is for.
    pub(crate) fn given(
        &self,
        disk: &DiskIdentity,
        how: MountAs,
        opened: FsDisk,
    ) -> Result<FsDisk, BoardError> {
        let Some(owner) = self.settings().owner else { return Ok(opened) };
        let io = |error| BoardError::io("give its owner", disk, error);
        match how {
            MountAs::NewVolume => owner.take(&opened).map_err(io)?,
            MountAs::Volume if !owner.has(&opened).map_err(io)? => {
                // Somebody's folder may have this name; what is no volume keeps its owners.
                if !matches!(self.probe(disk)?, DiskContent::Volume(_)) {
                    return Err(nothing(disk, "volume"));
                }
                owner.take(&opened).map_err(io)?;
            }
            MountAs::Volume | MountAs::VolumeReadOnly | MountAs::Look | MountAs::Target => {}
        }
        Ok(opened)
    }
}

impl Owner {
    /// What file systems without owners are told.
    pub(crate) fn mount_options(self, fs: &str) -> Option<String> {
        let Self { user, group } = self;
        match fs {
            "vfat" | "exfat" | "ntfs3" => Some(format!("uid={user},gid={group},umask=0077")),
            "iso9660" | "udf" => Some(format!("uid={user},gid={group}")),
            _ => None,
        }
    }

    /// Whether a volume's folder is this user's already.
    pub(crate) fn has(self, disk: &FsDisk) -> io::Result<bool> {
        let stat = fstat(root(disk)?)?;
        Ok((stat.st_uid, stat.st_gid) == (self.user, self.group))
    }

    /// Gives a volume's folder and all that is in it.
    pub(crate) fn take(self, disk: &FsDisk) -> io::Result<()> {
        let root = root(disk)?;
        self.take_entries(&root, 0)?;
        syncfs(&root)?;
        Ok(fchown(&root, Some(self.uid()), Some(self.gid()))?)
    }

    fn take_entries(self, folder: &OwnedFd, depth: u8) -> io::Result<()> {
        if depth > DEPTH_MAX {
            return Err(Errno::ELOOP.into());
        }
        let how = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let mut entries = Dir::from_fd(openat(folder, ".", how, Mode::empty())?)?;
        for entry in entries.iter() {
            let entry = entry?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            let stat = fstatat(folder, name, AtFlags::AT_SYMLINK_NOFOLLOW)?;
            match SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT {
                SFlag::S_IFDIR => {
                    let below = openat(folder, name, how, Mode::empty())?;
                    self.take_entries(&below, depth + 1)?;
                    fchown(below.as_fd(), Some(self.uid()), Some(self.gid()))?;
                }
                SFlag::S_IFREG => {
                    let (user, group) = (Some(self.uid()), Some(self.gid()));
                    fchownat(folder, name, user, group, AtFlags::AT_SYMLINK_NOFOLLOW)?;
                }
                // A volume has nothing else.
                _ => {}
            }
        }
        Ok(())
    }

    fn uid(self) -> Uid {
        Uid::from_raw(self.user)
    }

    fn gid(self) -> Gid {
        Gid::from_raw(self.group)
    }
}

fn root(disk: &FsDisk) -> io::Result<OwnedFd> {
    disk.folder()?.ok_or_else(|| io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;

    #[test]
    fn a_volume_is_given_as_a_whole_and_nothing_that_a_link_leads_to() {
        if !Uid::effective().is_root() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let outside = folder.path().join("outside");
        File::create(&outside).unwrap();
        let disk = FsDisk::create(folder.path(), None).unwrap();
        disk.make_dir("packs").unwrap();
        disk.create_new("packs/one").unwrap();
        symlink(&outside, folder.path().join("holdfast/packs/link")).unwrap();
        let owner = Owner { user: 65_533, group: 65_532 };
        assert!(!owner.has(&disk).unwrap());
        owner.take(&disk).unwrap();
        assert!(owner.has(&disk).unwrap());
        for name in ["holdfast", "holdfast/packs", "holdfast/packs/one"] {
            let meta = fs::metadata(folder.path().join(name)).unwrap();
            assert_eq!((meta.uid(), meta.gid()), (owner.user, owner.group), "{name}");
        }
        for name in ["outside", "holdfast/packs/link", "."] {
            let meta = fs::symlink_metadata(folder.path().join(name)).unwrap();
            assert_ne!(meta.uid(), owner.user, "{name}");
        }
    }
}
