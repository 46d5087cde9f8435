//! A [`Disk`] on a mounted file system: everything relative to one open folder, no link followed.
//!
//! It never leaves that folder and never decides what to write. Start at [`FsDisk::open`].

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::path::Path;

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, PosixFadviseAdvice, openat, posix_fadvise, renameat};
use nix::sys::stat::{Mode, SFlag, fstat, fstatat, mkdirat};
use nix::sys::statvfs::{FsFlags, fstatvfs};
use nix::unistd::{UnlinkatFlags, fsync, syncfs, unlinkat};
use types::Bytes;

use crate::disk::{Disk, DiskFile, EntryKind, Listed, Space};
use crate::error::{VolumeError, VolumeName};
use crate::layout;

/// Files are the owner's alone: ciphertext, but nobody else's business.
const FILE_MODE: Mode = Mode::from_bits_truncate(0o600);
const FOLDER_MODE: Mode = Mode::from_bits_truncate(0o700);

/// Whether there is a volume's folder in `dir`.
pub fn holds_volume(dir: &Path) -> bool {
    let listed = FsDisk::open(dir, None)
        .and_then(|disk| disk.list("").map_err(|error| host_error("list", dir, error)));
    listed.is_ok_and(|listed| listed.iter().any(|entry| layout::is_superblock(&entry.name)))
}

/// A folder on a mounted file system.
#[derive(Debug)]
pub struct FsDisk {
    root: OwnedFd,
    label: String,
    serial: String,
}

impl FsDisk {
    /// Makes the folder `holdfast` in `dir`; refuses when a volume is in it.
    ///
    /// `serial` is the hardware's, where it is known. Without one, the file system's id and the
    /// folder's inode stand in: they tell a copy of the files, but not a copy of the whole disk.
    pub fn create(dir: &Path, serial: Option<String>) -> Result<Self, VolumeError> {
        let make = || {
            let parent = open_owners_folder(dir)?;
            match mkdirat(&parent, layout::VOLUME_FOLDER, FOLDER_MODE) {
                Ok(()) | Err(Errno::EEXIST) => {}
                Err(error) => return Err(error.into()),
            }
            fsync(&parent)?;
            let disk = Self::within(&parent, dir, serial)?;
            let taken = disk.list("")?.iter().any(|entry| layout::is_superblock(&entry.name));
            Ok((disk, taken))
        };
        match make() {
            Ok((disk, false)) => Ok(disk),
            Ok((_, true)) => {
                Err(VolumeError::Exists { volume: VolumeName::new(&dir.to_string_lossy()) })
            }
            Err(error) => Err(host_error("make the volume's folder in", dir, error)),
        }
    }

    /// Opens the folder `holdfast` in `dir`.
    pub fn open(dir: &Path, serial: Option<String>) -> Result<Self, VolumeError> {
        let opened = open_owners_folder(dir).and_then(|parent| Self::within(&parent, dir, serial));
        opened.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                VolumeError::NotAVolume { volume: VolumeName::new(&dir.to_string_lossy()) }
            }
            _ => host_error("open", dir, error),
        })
    }

    /// Any folder at all, so that [`crate::durable`] can keep settings outside of volumes too.
    pub fn plain_folder(dir: &Path) -> io::Result<Self> {
        let root = open_owners_folder(dir)?;
        Ok(Self { root, label: dir.to_string_lossy().into_owned(), serial: String::new() })
    }

    /// A folder that another process opened and handed over: what is seen is what was opened there,
    /// whatever stands at its path by now.
    pub fn of_folder(root: OwnedFd, label: String, serial: String) -> io::Result<Self> {
        if SFlag::from_bits_truncate(fstat(&root)?.st_mode) & SFlag::S_IFMT != SFlag::S_IFDIR {
            return Err(Errno::ENOTDIR.into());
        }
        Ok(Self { root, label, serial })
    }

    fn within(parent: &OwnedFd, dir: &Path, serial: Option<String>) -> io::Result<Self> {
        let root = open_folder_at(parent, layout::VOLUME_FOLDER)?;
        let serial = match serial {
            Some(serial) => serial,
            None => stand_in_serial(&root)?,
        };
        Ok(Self { root, label: dir.to_string_lossy().into_owned(), serial })
    }

    /// Opens a folder one name at a time: `O_NOFOLLOW` guards only the last name of a path.
    fn folder_at(&self, path: &str) -> io::Result<OwnedFd> {
        let mut names = path.split('/').filter(|name| !name.is_empty());
        let Some(first) = names.next() else {
            return Ok(open_folder_at(&self.root, ".")?);
        };
        let mut at = open_folder_at(&self.root, first)?;
        for name in names {
            at = open_folder_at(&at, name)?;
        }
        Ok(at)
    }

    fn folder_of<'a>(&self, path: &'a str) -> io::Result<(OwnedFd, &'a str)> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        Ok((self.folder_at(folder)?, name))
    }

    fn open_file(&self, path: &str, how: OFlag) -> io::Result<Box<dyn DiskFile>> {
        let (folder, name) = self.folder_of(path)?;
        let how = how | OFlag::O_CLOEXEC | OFlag::O_NOFOLLOW;
        let mode = if name.starts_with(layout::RESCUE_PROGRAM) { FOLDER_MODE } else { FILE_MODE };
        let fd = openat(&folder, name, how, mode)?;
        let file = File::from(fd);
        // O_NONBLOCK kept a pipe from holding us up; nothing but a regular file is wanted.
        if !file.metadata()?.is_file() {
            return Err(Errno::EINVAL.into());
        }
        Ok(Box::new(FsFile { file }))
    }
}

impl Disk for FsDisk {
    fn try_lock(&self) -> io::Result<bool> {
        // The lock belongs to the open folder, which `root` keeps open after this handle is gone.
        match File::from(self.root.try_clone()?).try_lock() {
            Ok(()) => Ok(true),
            Err(std::fs::TryLockError::WouldBlock) => Ok(false),
            Err(std::fs::TryLockError::Error(error)) => Err(error),
        }
    }

    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.open_file(path, OFlag::O_RDWR | OFlag::O_CREAT | OFlag::O_EXCL)
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.open_file(path, OFlag::O_RDONLY | OFlag::O_NONBLOCK)
    }

    fn open_for_writing(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.open_file(path, OFlag::O_RDWR | OFlag::O_NONBLOCK)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let (from_folder, from_name) = self.folder_of(from)?;
        let (to_folder, to_name) = self.folder_of(to)?;
        Ok(renameat(&from_folder, from_name, &to_folder, to_name)?)
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        let (folder, name) = self.folder_of(path)?;
        Ok(unlinkat(&folder, name, UnlinkatFlags::NoRemoveDir)?)
    }

    fn make_dir(&self, path: &str) -> io::Result<()> {
        let (folder, name) = self.folder_of(path)?;
        Ok(mkdirat(&folder, name, FOLDER_MODE)?)
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        Ok(fsync(self.folder_at(path)?)?)
    }

    fn sync_all(&self) -> io::Result<()> {
        Ok(syncfs(&self.root)?)
    }

    fn list(&self, path: &str) -> io::Result<Vec<Listed>> {
        let folder = self.folder_at(path)?;
        let mut entries = Dir::from_fd(folder.try_clone()?)?;
        let mut found = Vec::new();
        for entry in entries.iter() {
            let entry = entry?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            let stat = match fstatat(&folder, name, AtFlags::AT_SYMLINK_NOFOLLOW) {
                Ok(stat) => stat,
                Err(Errno::ENOENT) => continue, // gone since it was listed
                Err(error) => return Err(error.into()),
            };
            let kind = match SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT {
                SFlag::S_IFREG => EntryKind::File,
                SFlag::S_IFDIR => EntryKind::Folder,
                _ => EntryKind::Other,
            };
            let len = u64::try_from(stat.st_size).unwrap_or(0);
            found.push(Listed { name: name.to_string_lossy().into_owned(), len, kind });
        }
        Ok(found)
    }

    fn space(&self) -> io::Result<Space> {
        let stat = fstatvfs(&self.root)?;
        let unit = stat.fragment_size();
        Ok(Space {
            total: Bytes(stat.blocks().saturating_mul(unit)),
            free: Bytes(stat.blocks_available().saturating_mul(unit)),
        })
    }

    fn serial(&self) -> String {
        self.serial.clone()
    }

    fn label(&self) -> String {
        self.label.clone()
    }

    fn folder(&self) -> io::Result<Option<OwnedFd>> {
        self.root.try_clone().map(Some)
    }

    fn read_only(&self) -> bool {
        fstatvfs(&self.root).map_or(true, |stat| stat.flags().contains(FsFlags::ST_RDONLY))
    }
}

#[derive(Debug)]
struct FsFile {
    file: File,
}

impl DiskFile for FsFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buf.len() {
            match self.file.read_at(&mut buf[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(more) => filled += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn forget_cache(&self) -> io::Result<()> {
        // A hint: pages that are still dirty stay, which is why callers sync before.
        Ok(posix_fadvise(&self.file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED)?)
    }
}

fn open_folder_at(at: &impl AsFd, name: &str) -> nix::Result<OwnedFd> {
    let how = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    openat(at, name, how, Mode::empty())
}

/// The owner's own path may well be a link; only what is below it may not.
fn open_owners_folder(dir: &Path) -> io::Result<OwnedFd> {
    let how = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    Ok(nix::fcntl::open(dir, how, Mode::empty())?)
}

fn stand_in_serial(root: &OwnedFd) -> io::Result<String> {
    let fsid = fstatvfs(root)?.filesystem_id();
    Ok(format!("fsid:{fsid:016x}:{}", fstat(root)?.st_ino))
}

fn host_error(doing: &'static str, dir: &Path, error: io::Error) -> VolumeError {
    let path = dir.to_string_lossy().into_owned();
    VolumeError::io(VolumeName::new(&path), doing, path, error)
}
