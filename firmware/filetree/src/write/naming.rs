//! How a file gets its name: only when it is whole.
//!
//! A restore that is killed leaves nothing behind that looks like a file of the backup: it would be kept by
//! whoever restores again, as everything is that is there. Where the file system can, a file has no name
//! at all until then and goes with whoever wrote it; elsewhere (FAT, exFAT, most of FUSE) it has a
//! temporary one. Never opens what is there. Start at [`TargetFolder::begin_file`].

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::Ordering;

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, RenameFlags, renameat, renameat2};
use nix::sys::stat::{Mode, fstatat};
use nix::unistd::{UnlinkatFlags, linkat, unlinkat};

use super::WriteError;
use super::target::{
    Existing, NEW_FILE, Root, TEMPORARY, TEMPORARY_NAMES_MAX, TargetFolder, replace,
};
use crate::sys::{open_one, path_of};

const DOING: &str = "creating the file";

/// A file that does not have its own name yet, and the temporary one if it has any.
pub(super) struct Begun {
    pub(super) made: OwnedFd,
    pub(super) temporary: Option<Vec<u8>>,
}

impl TargetFolder {
    /// Makes a file that is to have this name. What stands there is refused now, and not when all is
    /// written.
    pub(super) fn begin_file(&self, name: &[u8]) -> Result<Begun, WriteError> {
        let root = self.root();
        match fstatat(self.fd(), name, AtFlags::AT_SYMLINK_NOFOLLOW) {
            Err(Errno::ENOENT) => {}
            Err(errno) => return Err(WriteError::new(name, DOING, errno)),
            Ok(_) if root.options.existing == Existing::Refuse => {
                return Err(WriteError::new(name, DOING, Errno::EEXIST));
            }
            Ok(_) => self.must_be_no_folder(name)?,
        }
        if !root.names_all.load(Ordering::Relaxed) {
            let flags = OFlag::O_WRONLY | OFlag::O_TMPFILE;
            match open_one(self.fd(), b".", flags, NEW_FILE) {
                Ok(made) => return Ok(Begun { made, temporary: None }),
                Err(Errno::EOPNOTSUPP | Errno::EISDIR | Errno::EINVAL | Errno::ENOENT) => {
                    root.names_all.store(true, Ordering::Relaxed);
                }
                Err(errno) => return Err(WriteError::new(name, DOING, errno)),
            }
        }
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL;
        let make = |name: &[u8]| open_one(self.fd(), name, flags, NEW_FILE);
        let (made, temporary) = under_temporary_name(root, make)
            .map_err(|errno| WriteError::new(name, DOING, errno))?;
        Ok(Begun { made, temporary: Some(temporary) })
    }
}

impl TargetFolder {
    /// Takes away what restores that were killed had begun here under temporary names, but for those that
    /// `keep` says are somebody's. What cannot be taken away stays.
    pub fn remove_leftovers(&self, keep: impl Fn(&[u8]) -> bool) {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY;
        let Ok(opened) = open_one(self.fd(), b".", flags, Mode::empty()) else { return };
        let Ok(mut listed) = Dir::from_fd(opened) else { return };
        let names = listed.iter().flatten().map(|entry| entry.file_name().to_bytes().to_vec());
        let left: Vec<_> = names.filter(|name| is_temporary(name) && !keep(name)).collect();
        for name in left {
            unlinkat(self.fd(), name.as_slice(), UnlinkatFlags::NoRemoveDir).ok();
        }
    }
}

fn is_temporary(name: &[u8]) -> bool {
    let numbers = name.strip_prefix(TEMPORARY.as_bytes()).unwrap_or_default();
    let mut parts = numbers.split(|byte| *byte == b'-');
    let is_number = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    parts.by_ref().take(2).filter(|part| is_number(part)).count() == 2 && parts.next().is_none()
}

/// Makes something under a name that nothing else has.
pub(super) fn under_temporary_name<T>(
    root: &Root,
    make: impl Fn(&[u8]) -> nix::Result<T>,
) -> nix::Result<(T, Vec<u8>)> {
    for _ in 0..TEMPORARY_NAMES_MAX {
        let temporary = root.temporary_name();
        match make(&temporary) {
            // Left by a restore that was killed, or a file's real name: the next will do.
            Err(Errno::EEXIST) => {}
            made => return made.map(|made| (made, temporary)),
        }
    }
    Err(Errno::EEXIST)
}

/// Gives a whole file its name.
pub(super) fn give_name(
    root: &Root,
    folder: BorrowedFd<'_>,
    file: impl AsFd,
    temporary: Option<&[u8]>,
    name: &[u8],
) -> Result<(), WriteError> {
    let failed = |errno| WriteError::new(name, DOING, errno);
    let overwrites = root.options.existing == Existing::Overwrite;
    let Some(temporary) = temporary else {
        let path = path_of(file);
        let link = |name: &[u8]| linkat(AT_FDCWD, &path, folder, name, AtFlags::AT_SYMLINK_FOLLOW);
        return match link(name) {
            Err(Errno::EEXIST) if overwrites => {
                let ((), temporary) = under_temporary_name(root, link).map_err(failed)?;
                replace(folder, &temporary, name)
            }
            linked => linked.map_err(failed),
        };
    };
    if overwrites {
        return replace(folder, temporary, name);
    }
    match renameat2(folder, temporary, folder, name, RenameFlags::RENAME_NOREPLACE) {
        // An old file system: whoever makes that name in between is replaced.
        Err(Errno::EINVAL | Errno::ENOSYS) => {
            match fstatat(folder, name, AtFlags::AT_SYMLINK_NOFOLLOW) {
                Err(Errno::ENOENT) => renameat(folder, temporary, folder, name).map_err(failed),
                Ok(_) => Err(failed(Errno::EEXIST)),
                Err(errno) => Err(failed(errno)),
            }
        }
        renamed => renamed.map_err(failed),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::target::{Target, TargetOptions};
    use super::*;

    /// As on a FAT drive, where every file has a name.
    #[test]
    fn where_every_file_has_a_name_a_whole_one_gets_its_own_last() {
        for existing in [Existing::Refuse, Existing::Overwrite] {
            let dir = tempfile::tempdir().unwrap();
            let options = TargetOptions { existing, ..TargetOptions::default() };
            let folder = Target::open(dir.path(), options).unwrap().folder();
            folder.root().names_all.store(true, Ordering::Relaxed);
            let names = || fs::read_dir(dir.path()).unwrap().flatten().map(|one| one.file_name());
            let mut half = folder.create_file(b"letter").unwrap();
            half.append(b"Dear").unwrap();
            assert!(!dir.path().join("letter").exists());
            drop(half);
            assert_eq!(names().count(), 0, "it is taken away");
            Box::leak(Box::new(folder.create_file(b"letter").unwrap()));
            let mut whole = folder.create_file(b"letter").unwrap();
            whole.append(b"Dear Ada").unwrap();
            whole.finish().unwrap();
            assert_eq!(fs::read(dir.path().join("letter")).unwrap(), b"Dear Ada");
            assert_eq!(names().count(), 2, "and what the killed one had begun");
            folder.remove_leftovers(|_| true);
            assert_eq!(names().count(), 2);
            folder.remove_leftovers(|_| false);
            assert_eq!(names().collect::<Vec<_>>(), ["letter"]);
            let late = folder.create_file(b"taken").unwrap();
            fs::copy(dir.path().join("letter"), dir.path().join("taken")).unwrap();
            let finished = late.finish();
            let replaces = existing == Existing::Overwrite;
            assert_eq!(finished.is_ok(), replaces);
            assert_eq!(fs::read(dir.path().join("taken")).unwrap().is_empty(), replaces);
        }
    }

    #[test]
    fn only_what_a_restore_names_so_is_temporary() {
        for name in ["", ".holdfast-restore", ".holdfast-restore-1", ".holdfast-restore-1-2-3"] {
            assert!(!is_temporary(name.as_bytes()), "{name}");
        }
        assert!(!is_temporary(b".holdfast-restore-1-x"));
        assert!(is_temporary(b".holdfast-restore-17-0"));
    }
}
