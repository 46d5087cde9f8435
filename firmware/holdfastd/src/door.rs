//! The socket's file: made so that only one box stands behind it, and taken away only by its own.
//!
//! Knows no caller; those are in `serve`. Start at [`Door::open`].

use std::fs;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use nix::sys::socket::{Shutdown, shutdown};

use crate::error::StartError;

/// Where callers come in.
#[derive(Debug)]
pub struct Door {
    pub(crate) listener: UnixListener,
    path: PathBuf,
    /// Device and inode of the file that was made.
    file: (u64, u64),
}

impl Door {
    /// Makes the socket, mode 0600. One that a box left behind is taken away first; one behind which
    /// somebody answers is not.
    pub fn open(path: &Path) -> Result<Self, StartError> {
        let failed = |source| StartError::Socket { path: path.to_owned(), source };
        match fs::symlink_metadata(path) {
            Ok(meta) if meta.file_type().is_socket() => {
                if UnixStream::connect(path).is_ok() {
                    return Err(failed(io::ErrorKind::AddrInUse.into()));
                }
                fs::remove_file(path).map_err(failed)?;
            }
            Ok(_) => return Err(failed(io::ErrorKind::AlreadyExists.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let listener = UnixListener::bind(path).map_err(failed)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        let file = id_of(path).map_err(failed)?;
        Ok(Self { listener, path: path.to_owned(), file })
    }

    /// Wakes whoever waits for callers, for good, and takes the file away if it is still ours. Neither
    /// needs the file: it may be gone, or another's by now.
    pub fn close(&self) {
        // A listener that nobody waits at needs no waking.
        shutdown(self.listener.as_raw_fd(), Shutdown::Both).ok();
        if id_of(&self.path).is_ok_and(|file| file == self.file) {
            drop(fs::remove_file(&self.path));
        }
    }
}

fn id_of(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|meta| (meta.dev(), meta.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("holdfast.sock");
        (folder, path)
    }

    #[test]
    fn a_file_that_is_no_socket_is_not_taken_away() {
        let (_folder, path) = folder();
        fs::File::create(&path).unwrap();
        assert!(matches!(Door::open(&path), Err(StartError::Socket { .. })));
        assert!(path.is_file());
    }

    /// A second box with the same socket once took it from the first without a word, and its end left
    /// the first without any.
    #[test]
    fn a_socket_behind_which_somebody_answers_is_not_taken_and_one_left_behind_is() {
        let (_folder, path) = folder();
        let first = Door::open(&path).unwrap();
        assert!(matches!(Door::open(&path), Err(StartError::Socket { .. })));
        assert!(UnixStream::connect(&path).is_ok(), "the first is still there");
        drop(first);
        assert!(path.exists(), "as after a kill");
        Door::open(&path).unwrap().close();
        assert!(!path.exists());
    }

    /// A box whose socket somebody had removed did not end: it was woken through the file.
    #[test]
    fn whoever_waits_is_woken_though_the_file_is_gone_and_anothers_file_stays() {
        let (_folder, path) = folder();
        let door = Door::open(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let other = Door::open(&path).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| door.listener.accept().map(drop));
            door.close();
            assert!(waiting.join().unwrap().is_err());
        });
        assert!(UnixStream::connect(&path).is_ok());
        other.close();
    }
}
