//! Whether what was backed up comes back.

use std::fs;
use std::path::{Path, PathBuf};

use vault::RestoreOptions;

use crate::common::Rig;

impl Rig {
    /// The newest version is what was backed up, to the last byte.
    pub(crate) fn is_whole(&self) {
        let to = tempfile::tempdir().expect("a temporary folder");
        let target = to.path().join("out");
        let vault = self.vault();
        let found = vault.find_snapshot("latest").expect("a version");
        vault
            .restore(&found, b"", &target, RestoreOptions::default(), &mut |_| true)
            .expect("it can be read");
        let restored = fs::read_dir(&target).expect("restored").flatten().next();
        assert!(restored.is_some(), "something was restored");
        assert!(names(&target) == names(&self.source()), "what came back is not what was given");
    }
}

/// Names and contents of all files below a folder, wherever they stand.
fn names(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let named = |file: PathBuf| {
        let bytes = fs::read(&file).expect("a file");
        (file.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes)
    };
    let mut all: Vec<_> = testkit::files::below(folder, "").into_iter().map(named).collect();
    all.sort();
    all
}
