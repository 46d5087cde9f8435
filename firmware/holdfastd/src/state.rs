//! The folder of the box's own records, and the lock that keeps a second box out of it.
//!
//! A record is replaced whole and durably: after a cut the old one is there or the new one. None
//! holds a secret of the vault, and the vault could do without all of them. Start at [`StateFolder::open`].

use std::fs::{DirBuilder, File, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use nix::fcntl::OFlag;
use types::VaultId;
use volume::durable::{self, IoFailure};
use volume::{Disk, FsDisk};

use crate::error::StartError;

/// A record is never longer than this: a backup of some hundred folders.
const RECORD_LEN_MAX: u64 = 1 << 20;
/// What is held locked while a box runs.
const LOCK_FILE: &str = "lock";

/// No link is followed, and a pipe holds nobody up.
const PLAIN: OFlag = OFlag::O_NOFOLLOW.union(OFlag::O_NONBLOCK);

/// Says which vault the records are of.
const OWNER_FILE: &str = "vault";

/// The folder.
#[derive(Debug)]
pub(crate) struct StateFolder {
    path: PathBuf,
    disk: FsDisk,
    /// The last record that was to be written could not be.
    refuses: AtomicBool,
    /// Held until the end.
    _lock: File,
}

impl StateFolder {
    /// Makes the folder if it is not there, and takes its lock.
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        let failed = |source| StartError::State { path: path.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        let lock = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(PLAIN.bits())
            .open(path.join(LOCK_FILE))
            .and_then(only_a_file)
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StartError::AlreadyRunning { path: path.to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let disk = FsDisk::plain_folder(path).map_err(failed)?;
        Ok(Self { path: path.to_owned(), disk, refuses: AtomicBool::new(false), _lock: lock })
    }

    /// Makes sure that these records are this vault's, and notes it where nobody has said so yet: the
    /// jobs of one vault must not run into another.
    pub(crate) fn is_of(&self, vault: VaultId) -> Result<(), StartError> {
        let failed = |source| StartError::State { path: self.path.clone(), source };
        let said = vault.to_string();
        match self.get(OWNER_FILE).map_err(failed)? {
            None => Ok(self.put(OWNER_FILE, said.as_bytes())?),
            Some(noted) if noted == said.as_bytes() => Ok(()),
            Some(noted) => Err(StartError::OtherVault {
                path: self.path.clone(),
                noted: String::from_utf8_lossy(&noted).chars().take(64).collect(),
                vault: said,
            }),
        }
    }

    /// Makes sure that they are nobody's yet.
    pub(crate) fn is_free(&self) -> Result<(), StartError> {
        let failed = |source| StartError::State { path: self.path.clone(), source };
        match self.get(OWNER_FILE).map_err(failed)? {
            None => Ok(()),
            Some(noted) => Err(StartError::OtherVault {
                path: self.path.clone(),
                noted: String::from_utf8_lossy(&noted).chars().take(64).collect(),
                vault: "that is not made yet".to_owned(),
            }),
        }
    }

    /// Whose they are, if anybody has said so.
    pub(crate) fn owner(&self) -> Option<String> {
        let noted = self.get(OWNER_FILE).ok().flatten()?;
        Some(String::from_utf8_lossy(&noted).chars().take(64).collect())
    }

    /// They are nobody's any more.
    pub(crate) fn disown(&self) -> Result<(), IoFailure> {
        self.remove(OWNER_FILE)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a folder within it.
    pub(crate) fn make_folder(&self, name: &str) -> Result<(), IoFailure> {
        durable::make_folder(&self.disk, name)
    }

    /// Puts a record in place, durably.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> Result<(), IoFailure> {
        let put = durable::replace_file(&self.disk, name, bytes);
        self.refuses.store(put.is_err(), Ordering::Relaxed);
        put
    }

    /// Whether the last record that was to be written could not be.
    pub(crate) fn refuses(&self) -> bool {
        self.refuses.load(Ordering::Relaxed)
    }

    /// Removes a record.
    pub(crate) fn remove(&self, name: &str) -> Result<(), IoFailure> {
        durable::remove_file(&self.disk, name).map(|_| ())
    }

    /// A record; none when there is none.
    pub(crate) fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let opened =
            File::options().read(true).custom_flags(PLAIN.bits()).open(self.path.join(name));
        let file = match opened.and_then(only_a_file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let mut bytes = Vec::new();
        file.take(RECORD_LEN_MAX).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// The names in one of its folders.
    pub(crate) fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut names: Vec<String> =
            self.disk.list(folder)?.into_iter().map(|listed| listed.name).collect();
        names.sort_unstable();
        Ok(names)
    }
}

/// A file that is one: a pipe, a folder or a device by its name is none.
pub(crate) fn only_a_file(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "this is no ordinary file"))
}
