//! The folder to restore into, and the folders in it.
//!
//! Every operation takes one checked name and works relative to an open folder, so neither a
//! link planted in the target nor one swapped in during the restore leads outside it. Nothing
//! that stands there is opened for writing: files are made new, and replace others (where that
//! was asked for) by a rename inside one folder.
//! Start reading at [`TargetFolder::make_folder`] and `TargetFolder::put`.

use std::fs::DirBuilder;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use format::entry::{Entry, EntryKind};
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, open, renameat};
use nix::sys::stat::{
    FchmodatFlags, Mode, SFlag, fchmodat, fstat, fstatat, makedev, mkdirat, mknodat,
};
use nix::unistd::{UnlinkatFlags, linkat, symlinkat, unlinkat};

use super::naming::under_temporary_name;
use super::{FileWriter, Shortfall, WriteError, attrs};
use crate::name::check_name;
use crate::owners::Directory;
use crate::sys::{kind_of, open_one, path_of};

/// What happens when a name is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// What is there is kept, and the entry is refused with an error of its own.
    #[default]
    Refuse,
    /// The entry replaces what is there in one step, once it is complete. A folder is never
    /// replaced, and never deleted to make place.
    Overwrite,
}

/// How owners are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Owners {
    /// By their numbers, as on the machine that was backed up.
    #[default]
    ByNumber,
    /// By their names where this machine knows them, else by number.
    ByName,
}

/// How to restore.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TargetOptions {
    /// What happens when a name is taken.
    pub existing: Existing,
    /// How owners are found.
    pub owners: Owners,
}

/// The folder to restore into.
#[derive(Debug)]
pub struct Target {
    root: Arc<Root>,
}

/// What all folders of one target share.
#[derive(Debug)]
pub(super) struct Root {
    fd: Arc<OwnedFd>,
    pub(super) options: TargetOptions,
    pub(super) directory: Directory,
    /// The file system has no files without a name.
    pub(super) names_all: AtomicBool,
}

/// A folder in the target, held open: it stays the same whatever is renamed around it.
#[derive(Debug)]
pub struct TargetFolder {
    fd: Arc<OwnedFd>,
    root: Arc<Root>,
    existed: bool,
}

/// Makes temporary names differ, also those of two restores into one folder.
static COUNT: AtomicU64 = AtomicU64::new(0);
/// How temporary names begin.
pub(super) const TEMPORARY: &str = ".holdfast-restore-";
/// Temporary names tried before giving up: each differs, so one is nearly always enough.
pub(super) const TEMPORARY_NAMES_MAX: usize = 64;

const PATH_ONLY: OFlag = OFlag::O_PATH.union(OFlag::O_CLOEXEC);
/// Until an entry's own attributes are set, only its owner reaches it.
pub(super) const NEW_FILE: Mode = Mode::S_IRUSR.union(Mode::S_IWUSR);

impl Target {
    /// Opens the folder at `dir` and creates it, and those above it, if it is absent.
    pub fn open(dir: &Path, options: TargetOptions) -> Result<Self, WriteError> {
        let failed =
            |doing, error: io::Error| WriteError::new(dir.as_os_str().as_bytes(), doing, error);
        DirBuilder::new()
            .recursive(true)
            .create(dir)
            .map_err(|error| failed("creating the folder", error))?;
        let fd = open(dir, PATH_ONLY | OFlag::O_DIRECTORY, Mode::empty())
            .map_err(|errno| failed("opening the folder", errno.into()))?;
        let root = Root {
            fd: Arc::new(fd),
            options,
            directory: Directory::new(),
            names_all: AtomicBool::new(false),
        };
        Ok(Self { root: Arc::new(root) })
    }

    /// The target folder itself.
    pub fn folder(&self) -> TargetFolder {
        TargetFolder { fd: Arc::clone(&self.root.fd), root: Arc::clone(&self.root), existed: true }
    }
}

impl TargetFolder {
    /// Whether the folder was there before.
    pub fn existed(&self) -> bool {
        self.existed
    }

    /// Makes a folder, or enters the one that is there; anything else there is refused, a link
    /// to a folder above all. Its attributes are set last, with [`Self::set_attrs`].
    pub fn make_folder(&self, name: &[u8]) -> Result<Self, WriteError> {
        checked(name)?;
        let existed = match mkdirat(&self.fd, name, Mode::S_IRWXU) {
            Ok(()) => false,
            Err(Errno::EEXIST) => true,
            Err(errno) => return Err(WriteError::new(name, "making the folder", errno)),
        };
        let fd = open_one(&self.fd, name, PATH_ONLY | OFlag::O_DIRECTORY, Mode::empty()).map_err(
            |errno| match errno {
                Errno::ELOOP | Errno::ENOTDIR => {
                    WriteError::Occupied { name: name.to_vec(), wanted: "a folder" }
                }
                _ => WriteError::new(name, "opening the folder", errno),
            },
        )?;
        if existed && self.root.options.existing == Existing::Overwrite {
            make_writable(fd.as_fd());
        }
        Ok(Self { fd: Arc::new(fd), root: Arc::clone(&self.root), existed })
    }

    /// Makes a file to write to. It has no name before [`FileWriter::finish`], and without that it is
    /// taken away again.
    pub fn create_file(&self, name: &[u8]) -> Result<FileWriter, WriteError> {
        checked(name)?;
        let begun = self.begin_file(name)?;
        Ok(FileWriter::new(Arc::clone(&self.fd), Arc::clone(&self.root), name, begun))
    }

    /// Makes a symbolic link; its target is bytes that are never looked at.
    pub fn symlink(&self, name: &[u8], target: &[u8]) -> Result<(), WriteError> {
        self.put(name, "making the link", |name| symlinkat(target, &self.fd, name))
    }

    /// Makes a named pipe.
    pub fn fifo(&self, name: &[u8]) -> Result<(), WriteError> {
        self.node(name, "making the pipe", SFlag::S_IFIFO, 0)
    }

    /// Makes a socket, as a name that nobody listens to.
    pub fn socket(&self, name: &[u8]) -> Result<(), WriteError> {
        self.node(name, "making the socket", SFlag::S_IFSOCK, 0)
    }

    /// Makes a device; `number` holds major and minor as [`Entry::device`] does. Needs root.
    pub fn device(&self, name: &[u8], kind: EntryKind, number: u64) -> Result<(), WriteError> {
        let flag = if kind == EntryKind::BlockDevice { SFlag::S_IFBLK } else { SFlag::S_IFCHR };
        self.node(name, "making the device", flag, number)
    }

    /// Makes whatever the entry is, but for folders and files, which have content to follow.
    pub fn special(&self, entry: &Entry) -> Result<(), WriteError> {
        let name = entry.name.as_slice();
        let lacks = |what| WriteError::Incomplete { name: name.to_vec(), what };
        match entry.kind {
            EntryKind::Symlink => {
                self.symlink(name, entry.target.as_ref().ok_or_else(|| lacks("its target"))?)
            }
            EntryKind::Fifo => self.fifo(name),
            EntryKind::Socket => self.socket(name),
            EntryKind::CharDevice | EntryKind::BlockDevice => {
                self.device(name, entry.kind, entry.device.ok_or_else(|| lacks("its number"))?)
            }
            EntryKind::File | EntryKind::Folder => Err(lacks("a kind without content")),
        }
    }

    /// Makes another name for a file that was restored before; `existing` is its path from the
    /// target folder, component by component.
    pub fn hard_link(&self, name: &[u8], existing: &[&[u8]]) -> Result<(), WriteError> {
        let doing = "making the hard link";
        let Some((last, folders)) = existing.split_last() else {
            return Err(WriteError::Incomplete {
                name: name.to_vec(),
                what: "the file to link to",
            });
        };
        checked(last)?;
        let mut folder = Arc::clone(&self.root.fd);
        for step in folders {
            checked(step)?;
            let below = open_one(&folder, step, PATH_ONLY | OFlag::O_DIRECTORY, Mode::empty());
            folder = Arc::new(below.map_err(|errno| WriteError::new(name, doing, errno))?);
        }
        self.put(name, doing, |name| {
            // Without AT_SYMLINK_FOLLOW: a link that took the file's place is linked itself.
            linkat(&folder, *last, &self.fd, name, AtFlags::empty())
        })
    }

    /// Gives an entry its owner, permissions, attributes and times, as far as we may, and says
    /// what is missing. For folders after all that is in them; not at all for further hard links.
    pub fn set_attrs(&self, name: &[u8], entry: &Entry) -> Vec<Shortfall> {
        if let Err(source) = checked(name) {
            return vec![Shortfall::Entry { name: name.to_vec(), source }];
        }
        match open_one(&self.fd, name, PATH_ONLY, Mode::empty()) {
            Ok(fd) => attrs::set(&self.root, fd.as_fd(), name, entry),
            Err(errno) => {
                vec![Shortfall::Attributes { name: name.to_vec(), source: errno.into() }]
            }
        }
    }

    /// The same for this folder itself: for a snapshot's root, which has no name.
    pub fn set_own_attrs(&self, entry: &Entry) -> Vec<Shortfall> {
        attrs::set(&self.root, self.fd.as_fd(), &entry.name, entry)
    }

    fn node(
        &self,
        name: &[u8],
        doing: &'static str,
        kind: SFlag,
        number: u64,
    ) -> Result<(), WriteError> {
        let device = makedev(number >> 32, number & u64::from(u32::MAX));
        self.put(name, doing, |name| mknodat(&self.fd, name, kind, NEW_FILE, device))
    }

    /// Makes an entry that is complete at once and must not exist yet: under its name, or, where it is
    /// to replace what is there, under a temporary one first.
    fn put(
        &self,
        name: &[u8],
        doing: &'static str,
        make: impl Fn(&[u8]) -> nix::Result<()>,
    ) -> Result<(), WriteError> {
        checked(name)?;
        let failed = |errno| WriteError::new(name, doing, errno);
        match make(name) {
            Err(Errno::EEXIST) if self.root.options.existing == Existing::Overwrite => {
                self.must_be_no_folder(name)?;
                let ((), temporary) = under_temporary_name(&self.root, make).map_err(failed)?;
                replace(self.fd.as_fd(), &temporary, name)
            }
            made => made.map_err(failed),
        }
    }

    /// A folder is never replaced.
    pub(super) fn must_be_no_folder(&self, name: &[u8]) -> Result<(), WriteError> {
        let is_folder = fstatat(&self.fd, name, AtFlags::AT_SYMLINK_NOFOLLOW)
            .is_ok_and(|stat| kind_of(&stat) == Some(EntryKind::Folder));
        if is_folder {
            return Err(WriteError::Occupied { name: name.to_vec(), wanted: "to be replaced" });
        }
        Ok(())
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    pub(super) fn root(&self) -> &Root {
        &self.root
    }
}

impl Root {
    pub(super) fn temporary_name(&self) -> Vec<u8> {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        format!("{TEMPORARY}{}-{count}", std::process::id()).into_bytes()
    }
}

fn checked(name: &[u8]) -> Result<(), WriteError> {
    check_name(name).map_err(|source| WriteError::Name { name: name.to_vec(), source })
}

/// Puts a finished entry in the place of another, in one folder and in one step.
pub(super) fn replace(
    folder: BorrowedFd<'_>,
    temporary: &[u8],
    name: &[u8],
) -> Result<(), WriteError> {
    let moved = renameat(folder, temporary, folder, name);
    // Two names of one file are not renamed onto each other: the temporary one would stay.
    match unlinkat(folder, temporary, UnlinkatFlags::NoRemoveDir) {
        // Renamed, as it should be.
        Ok(()) | Err(Errno::ENOENT) => {}
        Err(errno) => return Err(WriteError::new(name, "removing a temporary name", errno)),
    }
    moved.map_err(|errno| match errno {
        Errno::EISDIR => WriteError::Occupied { name: name.to_vec(), wanted: "to be replaced" },
        _ => WriteError::new(name, "replacing what is there", errno),
    })
}

/// Lets us write into a folder that an earlier restore left closed. Where that fails, each name
/// in it will say so.
fn make_writable(folder: BorrowedFd<'_>) {
    let Ok(stat) = fstat(folder) else { return };
    let mode = Mode::from_bits_truncate(stat.st_mode);
    if !mode.contains(Mode::S_IRWXU) {
        let open = mode | Mode::S_IRWXU;
        fchmodat(AT_FDCWD, &path_of(folder), open, FchmodatFlags::FollowSymlink).ok();
    }
}
