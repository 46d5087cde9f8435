//! One open folder: its names, and what each stands for.
//!
//! [`Folder::names`] lists cheaply, [`Folder::stat`] costs one system call and tells whether a
//! file changed, [`Folder::details`] reads the rest (link target, attributes, owners' names).
//! Names, once listed, may vanish or change before they are looked at: that is an answer.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use format::entry::{Attrs, Entry, EntryKind, Origin, Xattr};
use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open, readlinkat};
use nix::sys::stat::{FileStat, Mode, fstat, fstatat, major, minor};
use xattr::FileExt;

use super::{FileReader, ReadError};
use crate::owners::Directory;
use crate::sys::{ctime_of, kind_of, mtime_of, open_one, path_of, size_of, wide};

/// A folder, open for reading. It stays the same folder, whatever is renamed around it.
#[derive(Debug)]
pub struct Folder {
    fd: OwnedFd,
    /// The last component of its path, for messages.
    name: Vec<u8>,
    owners: Arc<Directory>,
}

/// One name in a folder, and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// All that a snapshot keeps; `content`, `node` and `link` are left to the caller.
    pub entry: Entry,
    /// How many names the file has; a file with more than one may be met again.
    pub links: u64,
}

/// A whole folder, with what could not be read.
#[derive(Debug, Default)]
pub struct Listing {
    /// Sorted by name, as bytes.
    pub entries: Vec<Found>,
    /// What failed, name by name. A partial failure's entry is in `entries` too.
    pub skipped: Vec<Skipped>,
}

/// A name that could not be read.
#[derive(Debug)]
pub struct Skipped {
    /// The name.
    pub name: Vec<u8>,
    /// Why.
    pub error: ReadError,
}

const FOLDER: OFlag = OFlag::O_RDONLY.union(OFlag::O_DIRECTORY).union(OFlag::O_CLOEXEC);

impl Folder {
    /// Opens the folder at `path`. Here, and only here, links are followed: the caller named it.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let name = path.as_os_str().as_bytes();
        let fd = without_atime(FOLDER, |flags| open(path, flags, Mode::empty()))
            .map_err(|errno| ReadError::new(name, "opening", errno))?;
        Ok(Self { fd, name: name.to_vec(), owners: Arc::new(Directory::new()) })
    }

    /// Opens a folder below; a link that took its place is never followed.
    pub fn child(&self, name: &[u8]) -> Result<Self, ReadError> {
        let fd = without_atime(FOLDER, |flags| open_one(&self.fd, name, flags, Mode::empty()))
            .map_err(|errno| ReadError::opening(name, "opening", errno))?;
        Ok(Self { fd, name: name.to_vec(), owners: Arc::clone(&self.owners) })
    }

    /// All names, sorted as bytes. A folder whose listing breaks off is an error, never a short
    /// list: what is missing from a list would look deleted.
    pub fn names(&self) -> Result<Vec<Vec<u8>>, ReadError> {
        let broken = |errno| ReadError::new(&self.name, "listing the folder", errno);
        // A listing of its own: two of them at a time do not disturb each other.
        let own = match open_one(&self.fd, b".", FOLDER, Mode::empty()) {
            // A folder that may be read but not searched: its names may be known all the same.
            Err(Errno::EACCES) => open(&path_of(&self.fd), FOLDER, Mode::empty()),
            answer => answer,
        };
        let own = own.map_err(broken)?;
        let mut names = Vec::new();
        for found in Dir::from_fd(own).map_err(broken)?.iter() {
            let name = found.map_err(broken)?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// What a name stands for, in one system call: everything but link target, extended
    /// attributes and owners' names, which [`Self::details`] adds.
    pub fn stat(&self, name: &[u8]) -> Result<Found, ReadError> {
        let flags = AtFlags::AT_SYMLINK_NOFOLLOW | AtFlags::AT_NO_AUTOMOUNT;
        let stat = fstatat(&self.fd, name, flags)
            .map_err(|errno| ReadError::new(name, "asking for its size and times", errno))?;
        found(name, &stat)
    }

    /// The folder itself, with a name of no bytes, as a snapshot's root has.
    pub fn stat_self(&self) -> Result<Found, ReadError> {
        let stat = fstat(&self.fd)
            .map_err(|errno| ReadError::new(&self.name, "asking for its times", errno))?;
        found(b"", &stat)
    }

    /// Adds what [`Self::stat`] left out. After an [`ReadError::Attribute`] everything else has
    /// been added and the entry may be kept.
    pub fn details(&self, found: &mut Found) -> Result<(), ReadError> {
        self.details_by(found, None)
    }

    /// The same for a file that is open, without looking up its name again.
    pub fn details_of(&self, found: &mut Found, file: &FileReader) -> Result<(), ReadError> {
        self.details_by(found, Some(file.file()))
    }

    fn details_by(&self, found: &mut Found, file: Option<&File>) -> Result<(), ReadError> {
        let entry = &mut found.entry;
        if entry.kind == EntryKind::Symlink {
            let target = readlinkat(&self.fd, entry.name.as_slice())
                .map_err(|errno| link_error(&entry.name, errno))?;
            entry.target = Some(target.into_vec().into());
        }
        entry.attrs.user = self.owners.user(entry.attrs.uid).map(Into::into);
        entry.attrs.group = self.owners.group(entry.attrs.gid).map(Into::into);
        let (xattrs, error) = read_xattrs(&self.reach(&entry.name), file, &entry.name);
        entry.attrs.xattrs = xattrs;
        match error {
            None => Ok(()),
            // Without /proc every name looks vanished here, and must not be left out for that.
            Some(ReadError::Vanished { name, source }) if self.is_there(&name) => {
                Err(ReadError::attribute(&name, b"", source))
            }
            Some(error) => Err(error),
        }
    }

    fn is_there(&self, name: &[u8]) -> bool {
        name.is_empty() || self.stat(name).is_ok()
    }

    /// Every name with all its details. Needs memory for the whole folder; a caller that keeps
    /// only what changed uses [`Self::names`], [`Self::stat`] and [`Self::details`].
    pub fn read(&self) -> Result<Listing, ReadError> {
        let mut listing = Listing::default();
        for name in self.names()? {
            let mut found = match self.stat(&name) {
                Ok(found) => found,
                Err(error) => {
                    listing.skipped.push(Skipped { name, error });
                    continue;
                }
            };
            let stands = match self.details(&mut found) {
                Ok(()) => true,
                Err(error) => {
                    let partial = error.is_partial();
                    listing.skipped.push(Skipped { name, error });
                    partial
                }
            };
            if stands {
                listing.entries.push(found);
            }
        }
        Ok(listing)
    }

    /// Opens the file that [`Self::stat`] found; another one by the same name is refused.
    pub fn open_file(&self, found: &Found) -> Result<FileReader, ReadError> {
        let name = found.entry.name.as_slice();
        // O_NONBLOCK: a pipe that took the file's place must not make us wait for a writer.
        let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        let fd = without_atime(flags, |flags| open_one(&self.fd, name, flags, Mode::empty()))
            .map_err(|errno| ReadError::opening(name, "opening", errno))?;
        FileReader::new(File::from(fd), found)
    }

    /// A path to an entry that no rename above it can lead astray: only the last component is
    /// looked up, in this very folder.
    fn reach(&self, name: &[u8]) -> PathBuf {
        // The dot ends the path in a folder, not in the link that stands for it.
        let last = if name.is_empty() { b"." } else { name };
        path_of(self.fd.as_fd()).join(std::ffi::OsStr::from_bytes(last))
    }
}

/// Reading must not change what is read; but only a file's owner and root may ask for that.
fn without_atime(
    flags: OFlag,
    open: impl Fn(OFlag) -> nix::Result<OwnedFd>,
) -> nix::Result<OwnedFd> {
    match open(flags | OFlag::O_NOATIME) {
        Err(Errno::EPERM) => open(flags),
        answer => answer,
    }
}

fn link_error(name: &[u8], errno: Errno) -> ReadError {
    match errno {
        Errno::EINVAL => ReadError::Replaced { name: name.to_vec() },
        _ => ReadError::new(name, "reading the link", errno),
    }
}

/// An entry as one `stat` tells it.
fn found(name: &[u8], stat: &FileStat) -> Result<Found, ReadError> {
    let kind = kind_of(stat)
        .ok_or_else(|| ReadError::UnknownKind { name: name.to_vec(), mode: stat.st_mode })?;
    let mut entry = Entry::new(name, kind);
    fill(&mut entry, stat);
    Ok(Found { entry, links: wide(stat.st_nlink) })
}

/// Takes over what a `stat` tells; keeps what it does not.
pub(super) fn fill(entry: &mut Entry, stat: &FileStat) {
    entry.attrs = Attrs {
        mode: stat.st_mode & 0o7777,
        uid: stat.st_uid,
        gid: stat.st_gid,
        mtime: mtime_of(stat),
        ..std::mem::take(&mut entry.attrs)
    };
    if entry.kind == EntryKind::File {
        entry.size = size_of(stat);
    }
    if matches!(entry.kind, EntryKind::CharDevice | EntryKind::BlockDevice) {
        entry.device = Some(major(stat.st_rdev) << 32 | minor(stat.st_rdev));
    }
    entry.origin =
        Some(Origin { dev: wide(stat.st_dev), ino: wide(stat.st_ino), ctime: ctime_of(stat) });
}

/// All extended attributes that can be read, sorted by name, and the first failure.
fn read_xattrs(path: &Path, file: Option<&File>, name: &[u8]) -> (Vec<Xattr>, Option<ReadError>) {
    let listed = file.map_or_else(|| xattr::list(path), File::list_xattr);
    let names = match listed {
        Ok(names) => names,
        Err(error) => return (Vec::new(), list_error(name, error)),
    };
    let (mut xattrs, mut first_error) = (Vec::new(), None);
    for attribute in names {
        match xattr::get(path, &attribute) {
            Ok(Some(value)) => {
                xattrs.push(Xattr { name: attribute.into_vec().into(), value: value.into() });
            }
            // Removed since it was listed.
            Ok(None) => {}
            Err(error) => {
                first_error
                    .get_or_insert_with(|| ReadError::attribute(name, attribute.as_bytes(), error));
            }
        }
    }
    xattrs.sort_unstable_by(|a, b| a.name.as_slice().cmp(b.name.as_slice()));
    (xattrs, first_error)
}

fn list_error(name: &[u8], error: std::io::Error) -> Option<ReadError> {
    match Errno::from_raw(error.raw_os_error().unwrap_or(0)) {
        // A file system without attributes.
        Errno::EOPNOTSUPP | Errno::ENOSYS => None,
        Errno::ENOENT | Errno::ESTALE => Some(ReadError::new(name, "reading attributes", error)),
        _ => Some(ReadError::attribute(name, b"", error)),
    }
}
