//! Opens files on a drive, which may come from anywhere: only plain files, no links.
//!
//! A link or a pipe by the name of a file is an error, never followed and never waited for.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;

/// A path of fewer bytes is opened at once: Linux takes less than 4,096.
const PATH_LEN_MAX: usize = 4_000;

/// Opens a plain file.
pub(crate) fn open_plain(path: &Path, how: &mut OpenOptions) -> io::Result<File> {
    let file = how.custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits()).open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    let what = format!("{} is not a plain file", path.display());
    Err(io::Error::new(io::ErrorKind::InvalidInput, what))
}

/// Opens a plain file for reading.
pub(crate) fn read_plain(path: &Path) -> io::Result<File> {
    open_plain(path, OpenOptions::new().read(true))
}

/// Opens a file below a folder for reading, also where its path is longer than the system takes one at a time: it
/// was written folder by folder, too.
pub(crate) fn read_below(root: &Path, path: &str) -> io::Result<File> {
    let whole = root.join(path);
    if whole.as_os_str().len() < PATH_LEN_MAX {
        return read_plain(&whole);
    }
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let how = OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let mut folder = OwnedFd::from(File::open(root)?);
    for part in folders.split('/') {
        folder = openat(&folder, part, how | OFlag::O_PATH | OFlag::O_DIRECTORY, Mode::empty())?;
    }
    let file = File::from(openat(&folder, name, how | OFlag::O_NONBLOCK, Mode::empty())?);
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a plain file"))
}

/// Makes a plain file, or empties the one that is there.
pub(crate) fn make_plain(path: &Path) -> io::Result<File> {
    open_plain(path, OpenOptions::new().write(true).create(true).truncate(true))
}
