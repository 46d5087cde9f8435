//! Opens this crate's own lists on a drive, which may come from anywhere: only plain files, no links.
//!
//! A link or a pipe by the name of a list is an error, never followed and never waited for.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::fcntl::OFlag;

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

/// Makes a plain file, or empties the one that is there.
pub(crate) fn make_plain(path: &Path) -> io::Result<File> {
    open_plain(path, OpenOptions::new().write(true).create(true).truncate(true))
}
