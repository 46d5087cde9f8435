//! What is never restored into, whoever asks for it: the volumes of a vault.
//!
//! Start at [`outside_volumes`].

use std::path::Path;

use crate::error::VaultError;

/// What is never restored into, whoever asks for it and by whichever name.
pub(crate) const NO_PLACE: &str = "it is a volume of a Holdfast vault";

/// Whether a folder is a volume's.
pub(crate) fn is_volume(folder: &Path) -> bool {
    folder.ends_with("holdfast")
        && folder.join("superblock.0").symlink_metadata().is_ok()
        && folder.join("heads").is_dir()
}

/// Refuses a target in a volume: its superblocks and keys are files like others, and a backup of
/// files with their names would take their place.
pub(crate) fn outside_volumes(to: &Path) -> Result<(), VaultError> {
    // What is not there yet is made below the first folder that is.
    let there = to.ancestors().find_map(|folder| folder.canonicalize().ok());
    match there.iter().flat_map(|folder| folder.ancestors()).find(|folder| is_volume(folder)) {
        None => Ok(()),
        Some(volume) => {
            let what = format!("{} cannot be restored into: {NO_PLACE}", volume.display());
            Err(VaultError::Bad { what })
        }
    }
}
