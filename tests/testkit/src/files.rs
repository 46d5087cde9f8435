//! Real files that tests look for.
//!
//! Reads folders, writes nothing. Start at [`below`].

use std::path::{Path, PathBuf};

/// Files below a folder whose names end so, sorted.
pub fn below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let (mut found, mut waiting) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = waiting.pop() {
        let entries = std::fs::read_dir(&folder).expect("a folder that the test made");
        for path in entries.map(|entry| entry.expect("it is readable").path()) {
            if path.is_dir() {
                waiting.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
