//! Where the supervisor gets its volumes from: a seam.
//!
//! Today the folders in the vault's file. Whoever looks after disks, ports and mounts puts another
//! source here; nothing else has to change. Start at [`VolumesSource`].

use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;

use host::{VaultFile, VaultFileError};
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
}

/// The folders that a vault's file lists.
#[derive(Clone, Debug)]
pub struct FromVaultFile {
    /// The file.
    pub file: PathBuf,
}

impl VolumesSource for FromVaultFile {
    fn gather(&self) -> Result<Gathered, VaultFileError> {
        let file = VaultFile::load(&self.file)?;
        let (disks, missing) = host::attach(&file, |disk| Arc::new(disk));
        let why =
            |id: VolumeId| missing.iter().find(|one| one.id == id).map(|one| one.why.to_string());
        let expected =
            file.volumes.iter().map(|one| (one.id, file.path_of(one), why(one.id))).collect();
        Ok(Gathered { vault: file.vault, catalog: file.catalog(), disks, expected })
    }
}
