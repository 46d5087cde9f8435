//! What both programs need of the computer that they run on: the clock, the kernel's randomness, the
//! vault's file, the folders of its volumes, and how a vault is opened.
//!
//! It holds no secret and decides nothing. Start at [`VaultFile::load`] and [`attach`].
#![warn(missing_docs)]

mod format_text;
mod real;
mod vault_file;

use std::path::PathBuf;
use std::sync::Arc;

use types::VolumeId;
use vault::{OnVolume, Options};
use volume::{Disk, FsDisk, VolumeError};

pub use format_text::FORMAT_TEXT;
pub use real::{SystemClock, env};
pub use vault_file::{VaultFile, VaultFileError, VolumeAt, folder_of};

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

/// Opens the folder of each volume of a vault's file; those that are not there are named.
pub fn attach(
    file: &VaultFile,
    guarded: impl Fn(FsDisk) -> Arc<dyn Disk>,
) -> (Vec<Arc<dyn Disk>>, Vec<Missing>) {
    let (mut disks, mut missing) = (Vec::new(), Vec::new());
    for volume in &file.volumes {
        let path = file.path_of(volume);
        match FsDisk::open(&path, None) {
            Ok(disk) => disks.push(guarded(disk)),
            Err(why) => missing.push(Missing { id: volume.id, path, why }),
        }
    }
    (disks, missing)
}

/// How any vault is opened. `program` is copied to every volume, to be there at the rescue.
pub fn options(catalog: Option<PathBuf>, program: Option<PathBuf>) -> Options {
    // A debug build is large and needs this computer's libraries: no use on a pulled disk.
    let rescue_program = program.filter(|_| !cfg!(debug_assertions));
    let on_volume = OnVolume { format_text: FORMAT_TEXT.to_owned(), rescue_program };
    Options { catalog, on_volume, ..Options::default() }
}
