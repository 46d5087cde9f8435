//! The few system calls that both faces share, each safe against a tree that changes under it.
//!
//! Names given here are single components: [`open_one`] never follows a symbolic link and never
//! leaves the folder it is given.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::PathBuf;

use format::entry::{EntryKind, FileTime};
use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat, openat2};
use nix::sys::stat::{FileStat, Mode, SFlag};
use types::sabotage::{self, Bug};

const NANOS_OF_A_SECOND: i64 = 1_000_000_000;

/// Opens one name below a folder: no link, no other folder, no magic of `/proc`.
///
/// A kernel before 5.6, or a sandbox that does not know `openat2`, is served by `openat` with
/// `O_NOFOLLOW`, which for one component without slash or dots is as strict.
pub(crate) fn open_one(
    folder: impl AsFd,
    name: &[u8],
    flags: OFlag,
    mode: Mode,
) -> nix::Result<OwnedFd> {
    let folder = folder.as_fd();
    if sabotage::on(Bug::LinkFollowed) {
        return openat(folder, name, flags | OFlag::O_CLOEXEC, mode);
    }
    let flags = flags | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let how = OpenHow::new().flags(flags).mode(mode).resolve(
        ResolveFlag::RESOLVE_BENEATH
            | ResolveFlag::RESOLVE_NO_SYMLINKS
            | ResolveFlag::RESOLVE_NO_MAGICLINKS,
    );
    match openat2(folder, name, how) {
        // Sandboxes answer EPERM to calls they do not know; a real EPERM comes back from openat.
        Err(Errno::ENOSYS | Errno::EPERM) => openat(folder, name, flags, mode),
        answer => answer,
    }
}

/// The name under which the system reaches an open entry itself, even one opened with `O_PATH`.
pub(crate) fn path_of(entry: impl AsFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", entry.as_fd().as_raw_fd()))
}

/// What an entry is; none for what Linux does not know.
pub(crate) fn kind_of(stat: &FileStat) -> Option<EntryKind> {
    let format = SFlag::from_bits_truncate(stat.st_mode & SFlag::S_IFMT.bits());
    Some(match format {
        SFlag::S_IFREG => EntryKind::File,
        SFlag::S_IFDIR => EntryKind::Folder,
        SFlag::S_IFLNK => EntryKind::Symlink,
        SFlag::S_IFIFO => EntryKind::Fifo,
        SFlag::S_IFSOCK => EntryKind::Socket,
        SFlag::S_IFCHR => EntryKind::CharDevice,
        SFlag::S_IFBLK => EntryKind::BlockDevice,
        _ => return None,
    })
}

/// Last modification.
pub(crate) fn mtime_of(stat: &FileStat) -> FileTime {
    file_time(stat.st_mtime, stat.st_mtime_nsec)
}

/// Last change of the inode.
pub(crate) fn ctime_of(stat: &FileStat) -> FileTime {
    file_time(stat.st_ctime, stat.st_ctime_nsec)
}

fn file_time(secs: i64, nanos: i64) -> FileTime {
    // The kernel keeps nanoseconds in 0..10^9; anything else is a broken file system's. It is brought into
    // that range here, where it is read: no system would set such a time again, and a box refuses a whole
    // version for it. The remainder is taken, so that a time that changes is still seen to change.
    let nanos = nanos.rem_euclid(NANOS_OF_A_SECOND);
    FileTime { secs, nanos: u32::try_from(nanos).unwrap_or(0) }
}

/// Widens a field whose width differs between processors.
pub(crate) fn wide<T: Into<u64>>(field: T) -> u64 {
    field.into()
}

/// A file's length; never negative.
pub(crate) fn size_of(stat: &FileStat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::os::unix::fs::symlink;

    use super::*;

    /// One file of a broken file system, and a paired computer could store nothing at all any more.
    #[test]
    fn a_broken_time_is_brought_into_range_and_still_differs_from_another() {
        let nanos = |nanos| file_time(-7, nanos);
        assert_eq!(nanos(999_999_999), FileTime { secs: -7, nanos: 999_999_999 });
        let broken = [1_000_000_000, 1_000_000_004, u32::MAX.into(), -1, i64::MAX, i64::MIN];
        for one in broken {
            let read = nanos(one);
            assert!(read.secs == -7 && read.nanos < 1_000_000_000, "{one}: {read:?}");
            assert_ne!(read, nanos(one.wrapping_add(1)), "{one}");
        }
    }

    #[test]
    fn without_openat2_a_link_is_refused_just_the_same() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("folder")).unwrap();
        symlink("folder", dir.path().join("link")).unwrap();
        let folder = File::open(dir.path()).unwrap();
        let open = |name: &[u8], flags| {
            let old = openat(&folder, name, flags | OFlag::O_NOFOLLOW, Mode::empty());
            let new = open_one(&folder, name, flags, Mode::empty());
            (old.map(drop), new.map(drop))
        };
        assert_eq!(open(b"folder", OFlag::O_RDONLY | OFlag::O_DIRECTORY), (Ok(()), Ok(())));
        let (old, new) = open(b"link", OFlag::O_RDONLY);
        assert_eq!((old, new), (Err(Errno::ELOOP), Err(Errno::ELOOP)));
        for flags in [OFlag::O_RDONLY, OFlag::O_PATH] {
            let (old, new) = open(b"link", flags | OFlag::O_DIRECTORY);
            for error in [old.unwrap_err(), new.unwrap_err()] {
                assert!(matches!(error, Errno::ELOOP | Errno::ENOTDIR), "{error}");
            }
        }
    }
}
