//! Paths as they go into the vault's file. The file itself is [`host::VaultFile`].
//!
//! Start at [`storable`].

use std::path::{Path, PathBuf};

use crate::fail::CliError;

/// A path that stays right wherever the program is called from, and can stand in the file.
pub(crate) fn storable(path: &Path) -> Result<PathBuf, CliError> {
    let absolute = std::path::absolute(path)
        .map_err(|source| CliError::Input { path: path.to_owned(), source })?;
    if absolute.to_str().is_none() {
        let what = format!("the path {} is not text", path.display());
        return Err(CliError::Usage { what });
    }
    Ok(absolute)
}
