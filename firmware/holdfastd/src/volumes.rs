//! Where the supervisor gets its volumes from: a seam.
//!
//! Either the folders in the vault's file, or the disks that the box's caretaker mounted. Nothing here
//! asks a disk anything. Start at [`VolumesSource`].

use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use host::{Attaching, VaultFile, VaultFileError};
use types::{VaultId, VolumeId};
use volume::Disk;

/// What there is of a vault now.
#[derive(Debug)]
pub struct Gathered {
    /// The vault's id.
    pub vault: VaultId,
    /// Where its catalog is.
    pub catalog: PathBuf,
    /// Volumes that are here.
    pub disks: Vec<Arc<dyn Disk>>,
    /// Every volume that is expected: its id, where, and why it is not here if it is not.
    pub expected: Vec<(VolumeId, PathBuf, Option<String>)>,
}

/// Gathers the volumes of the box's vault. Asked again at each unlock.
pub trait VolumesSource: Send + Sync + Debug {
    /// What there is now. Writes nothing.
    fn gather(&self) -> Result<Gathered, VaultFileError>;

    /// The vault; none when the box is new. Asks no disk.
    fn vault(&self) -> Result<Option<VaultId>, VaultFileError>;

    /// Where its volumes are expected, as far as that is written down. Asks no disk.
    fn folders(&self) -> Result<Vec<PathBuf>, VaultFileError> {
        Ok(Vec::new())
    }

    /// Counts up whenever other disks are here than before; stands still where nobody says so.
    fn changes(&self) -> u64 {
        0
    }

    /// Whether everything that could be there was looked at.
    fn has_looked(&self) -> bool {
        true
    }
}

/// The folders that a vault's file lists.
#[derive(Debug)]
pub struct FromVaultFile {
    file: PathBuf,
    attaching: Attaching,
}

impl FromVaultFile {
    /// Those of this file.
    pub fn new(file: PathBuf) -> Self {
        Self { file, attaching: Attaching::default() }
    }
}

impl VolumesSource for FromVaultFile {
    fn gather(&self) -> Result<Gathered, VaultFileError> {
        let file = VaultFile::load(&self.file)?;
        if file.volumes.is_empty() {
            let what = "it lists no volume, and there is no [board] that would find them";
            return Err(VaultFileError::Content { path: self.file.clone(), what: what.to_owned() });
        }
        let (disks, missing) = self.attaching.attach(&file, |disk| Arc::new(disk));
        let why =
            |id: VolumeId| missing.iter().find(|one| one.id == id).map(|one| one.why.to_string());
        let expected =
            file.volumes.iter().map(|one| (one.id, file.path_of(one), why(one.id))).collect();
        Ok(Gathered { vault: file.vault, catalog: file.catalog(), disks, expected })
    }

    fn vault(&self) -> Result<Option<VaultId>, VaultFileError> {
        VaultFile::load(&self.file).map(|file| Some(file.vault))
    }

    fn folders(&self) -> Result<Vec<PathBuf>, VaultFileError> {
        VaultFile::load(&self.file).map(|file| file.paths().collect())
    }
}

/// The disks that the caretaker mounted.
#[derive(Debug)]
pub struct Plugged {
    file: PathBuf,
    state: Mutex<PluggedState>,
}

#[derive(Debug, Default)]
struct PluggedState {
    disks: Vec<Arc<dyn Disk>>,
    expected: Vec<(VolumeId, PathBuf, Option<String>)>,
    has_looked: bool,
    changes: u64,
}

impl Plugged {
    /// No disk so far. The vault's file says which vault it is; it may not be there yet.
    pub fn new(file: PathBuf) -> Self {
        Self { file, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, PluggedState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These are mounted now.
    pub(crate) fn mounted(&self, disks: Vec<Arc<dyn Disk>>) {
        let mut state = self.state();
        state.disks = disks;
        state.changes += 1;
    }

    /// These belong to the vault.
    pub(crate) fn expect(&self, expected: Vec<(VolumeId, PathBuf, Option<String>)>) {
        let mut state = self.state();
        state.changes += u64::from(state.expected != expected);
        state.expected = expected;
    }

    /// Every disk that is here was looked at, and mounted if it is the vault's.
    pub(crate) fn looked(&self) {
        self.state().has_looked = true;
    }
}

impl VolumesSource for Plugged {
    fn gather(&self) -> Result<Gathered, VaultFileError> {
        let file = VaultFile::load(&self.file)?;
        let state = self.state();
        let (disks, expected) = (state.disks.clone(), state.expected.clone());
        Ok(Gathered { vault: file.vault, catalog: file.catalog(), disks, expected })
    }

    fn vault(&self) -> Result<Option<VaultId>, VaultFileError> {
        if self.file.exists() {
            VaultFile::load(&self.file).map(|file| Some(file.vault))
        } else {
            Ok(None)
        }
    }

    fn changes(&self) -> u64 {
        self.state().changes
    }

    fn has_looked(&self) -> bool {
        self.state().has_looked
    }
}
