//! What a backup leaves out: glob patterns on names and paths, which are bytes.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use globset::{GlobSet, GlobSetBuilder};

use crate::error::VaultError;

/// Patterns of what to leave out.
pub(crate) struct Excludes {
    names: GlobSet,
    paths: GlobSet,
}

impl Excludes {
    pub(crate) fn new(patterns: &[String]) -> Result<Self, VaultError> {
        let (mut names, mut paths) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        for pattern in patterns {
            let trimmed = pattern.trim_start_matches("./").trim_matches('/');
            let glob = globset::GlobBuilder::new(trimmed)
                .literal_separator(true)
                .build()
                .map_err(|error| bad_glob(pattern, &error))?;
            if pattern.trim_end_matches('/').contains('/') {
                paths.add(glob)
            } else {
                names.add(glob)
            };
        }
        let built = |set: GlobSetBuilder| set.build().map_err(|error| bad_glob("", &error));
        Ok(Self { names: built(names)?, paths: built(paths)? })
    }

    pub(crate) fn hit(&self, path: &[u8], name: &[u8]) -> bool {
        (!self.names.is_empty() && self.names.is_match(Path::new(OsStr::from_bytes(name))))
            || (!self.paths.is_empty() && self.paths.is_match(Path::new(OsStr::from_bytes(path))))
    }
}

fn bad_glob(pattern: &str, error: &globset::Error) -> VaultError {
    VaultError::Bad { what: format!("the pattern {pattern:?} cannot be read: {}", error.kind()) }
}
