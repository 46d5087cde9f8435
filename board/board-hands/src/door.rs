//! The socket's file, in a folder that only root may change.
//!
//! The box's user gets the file and nothing else: in a folder of its own it could put a link where root
//! is about to give a file away. Start at [`Door::open`].

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use nix::unistd::{Gid, Uid, chown, geteuid};

/// Others may write in a folder and still not touch what is not theirs.
const STICKY: u32 = 0o1000;
const OTHERS_WRITE: u32 = 0o022;

/// Where the box comes in.
#[derive(Debug)]
pub struct Door {
    pub(crate) listener: UnixListener,
}

impl Door {
    /// Makes the socket for one user, mode 0600. One that was left behind is taken away first; one
    /// behind which somebody answers is not.
    pub fn open(path: &Path, user: Uid, group: Gid) -> io::Result<Self> {
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        own_folder(folder)?;
        match fs::symlink_metadata(path) {
            Ok(meta) if meta.file_type().is_socket() => {
                if UnixStream::connect(path).is_ok() {
                    return Err(io::ErrorKind::AddrInUse.into());
                }
                fs::remove_file(path)?;
            }
            Ok(_) => return Err(io::ErrorKind::AlreadyExists.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, Permissions::from_mode(0o600))?;
        chown(path, Some(user), Some(group))?;
        Ok(Self { listener })
    }
}

/// Makes a folder that only this user and root may change; the way to it has to be such, too.
pub fn own_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
    let folder = fs::canonicalize(folder)?;
    let own = geteuid().as_raw();
    for (above, place) in folder.ancestors().enumerate() {
        let meta = fs::metadata(place)?;
        let closed = meta.mode() & OTHERS_WRITE == 0 || above > 0 && meta.mode() & STICKY != 0;
        if !closed || ![0, own].contains(&meta.uid()) {
            let sentence = format!("{} can be changed by others", place.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, sentence));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use nix::unistd::getegid;

    use super::*;

    fn open(path: &Path) -> io::Result<Door> {
        Door::open(path, geteuid(), getegid())
    }

    #[test]
    fn a_socket_that_was_left_behind_is_replaced_and_one_that_answers_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hands.sock");
        let first = open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(open(&path).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        drop(first);
        open(&path).unwrap();
    }

    #[test]
    fn a_link_or_a_file_at_its_place_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("hands.sock"), folder.path().join("other"));
        fs::File::create(&other).unwrap();
        std::os::unix::fs::symlink(&other, &path).unwrap();
        assert_eq!(open(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert!(other.is_file() && path.is_symlink());
    }

    #[test]
    fn a_folder_that_others_may_write_in_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let open_to_all = folder.path().join("open");
        fs::create_dir(&open_to_all).unwrap();
        fs::set_permissions(&open_to_all, Permissions::from_mode(0o1777)).unwrap();
        let refused = open(&open_to_all.join("hands.sock")).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        let below = open_to_all.join("below");
        fs::create_dir(&below).unwrap();
        open(&below.join("hands.sock")).unwrap();
        fs::set_permissions(&open_to_all, Permissions::from_mode(0o777)).unwrap();
        assert!(open(&below.join("other.sock")).is_err(), "its folder could be exchanged");
    }
}
