//! What a walk through what is to be backed up has found.
//!
//! Plain facts. Start at [`Walked`].

use std::path::PathBuf;

use format::entry::Entry;
use format::record::{Skipped, SnapshotStats};

use crate::error::VaultError;

/// What a walk found.
#[derive(Clone, Debug)]
pub struct Walked {
    /// The top folder of the new tree.
    pub root: Entry,
    /// Counts.
    pub stats: SnapshotStats,
    /// What was left out, by path, each with its reason.
    pub skipped: Vec<Skipped>,
    /// Files that were still changing at the last try.
    pub unsettled: u64,
    /// Their paths, as far as they are named.
    pub unsettled_paths: Vec<Vec<u8>>,
}

impl Walked {
    /// An error when nothing that was named could be read: an empty version would hide the one before
    /// it as the newest.
    pub fn must_hold_something(&self, paths: &[PathBuf]) -> Result<(), VaultError> {
        let held = self.stats.files + self.stats.folders + self.stats.others;
        let is_folder = matches!(paths, [only] if only.is_dir());
        match self.skipped.first().filter(|_| held == 0 && !is_folder) {
            None => Ok(()),
            Some(first) => {
                let path = tree::shown(&first.path).to_string();
                Err(VaultError::NothingRead { path, reason: first.reason.clone() })
            }
        }
    }
}
