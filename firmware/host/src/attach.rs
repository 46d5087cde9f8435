//! Opening the folders of a vault's volumes, without waiting for ever for a disk that hangs.
//!
//! A mount whose server or cable is gone may hold up whoever touches it for good. Each folder is opened
//! on a thread of its own; one that does not answer in time is named as missing, and is not waited for
//! again until it has answered. Start at [`Attaching::attach`].

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use types::VolumeId;
use volume::{Disk, FsDisk, VolumeError, Waiting};

use crate::VaultFile;

/// A disk that spins up answers within this.
const PATIENCE: Duration = Duration::from_secs(20);

/// A volume whose folder could not be opened.
#[derive(Debug)]
pub struct Missing {
    /// The volume.
    pub id: VolumeId,
    /// Where it should be.
    pub path: PathBuf,
    /// Why not.
    pub why: VolumeError,
}

/// Opens folders again and again, each by one thread at a time at most.
#[derive(Debug, Default)]
pub struct Attaching {
    /// By the place in the vault's file and the folder: a folder may be named twice.
    waiting: Mutex<Waiting<(usize, PathBuf), Result<FsDisk, VolumeError>>>,
}

impl Attaching {
    /// Opens the folder of each volume of a vault's file; those that are not there, or do not answer,
    /// are named. All are waited for at once.
    pub fn attach(
        &self,
        file: &VaultFile,
        guarded: impl Fn(FsDisk) -> Arc<dyn Disk>,
    ) -> (Vec<Arc<dyn Disk>>, Vec<Missing>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = file.volumes.iter().enumerate().map(|(n, volume)| {
            let key = (n, file.path_of(volume));
            let folder = key.1.clone();
            let is_new = waiting.begin(&key, move || FsDisk::open(&folder, None));
            (volume.id, key, is_new)
        });
        let asked: Vec<_> = asked.collect();
        let (mut disks, mut missing) = (Vec::new(), Vec::new());
        let mut patience = PATIENCE;
        for (id, key, is_new) in asked {
            let wait = if is_new { patience } else { Duration::ZERO };
            let answer = waiting.answer(&key, wait);
            let path = key.1;
            match answer {
                Some(Ok(disk)) => disks.push(guarded(disk)),
                Some(Err(why)) => missing.push(Missing { id, path, why }),
                None => {
                    // Those behind it had that much time, too.
                    patience = if is_new { Duration::ZERO } else { patience };
                    let why = VolumeError::silent(&path.to_string_lossy(), PATIENCE);
                    missing.push(Missing { id, path, why });
                }
            }
        }
        (disks, missing)
    }
}

/// The same, once.
pub fn attach(
    file: &VaultFile,
    guarded: impl Fn(FsDisk) -> Arc<dyn Disk>,
) -> (Vec<Arc<dyn Disk>>, Vec<Missing>) {
    Attaching::default().attach(file, guarded)
}
