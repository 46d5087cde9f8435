//! The folder of the box's own records, and the lock that keeps a second box out of it.
//!
//! A record is replaced whole and durably: after a cut the old one is there or the new one. It holds
//! no secret and nothing that the vault could not do without. Start at [`StateFolder::open`].

use std::fs::{DirBuilder, File, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use types::VaultId;
use volume::durable::{self, IoFailure};
use volume::{Disk, FsDisk};

use crate::error::StartError;

/// A record is never longer than this: a backup of some hundred folders.
const RECORD_LEN_MAX: u64 = 1 << 20;
/// What is held locked while a box runs.
const LOCK_FILE: &str = "lock";

/// Says which vault the records are of.
const OWNER_FILE: &str = "vault";

/// The folder.
#[derive(Debug)]
pub(crate) struct StateFolder {
    path: PathBuf,
    disk: FsDisk,
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
            .open(path.join(LOCK_FILE))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StartError::AlreadyRunning { path: path.to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let disk = FsDisk::plain_folder(path).map_err(failed)?;
        Ok(Self { path: path.to_owned(), disk, _lock: lock })
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
        durable::replace_file(&self.disk, name, bytes)
    }

    /// Removes a record.
    pub(crate) fn remove(&self, name: &str) -> Result<(), IoFailure> {
        durable::remove_file(&self.disk, name).map(|_| ())
    }

    /// A record; none when there is none.
    pub(crate) fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(self.path.join(name)) {
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
