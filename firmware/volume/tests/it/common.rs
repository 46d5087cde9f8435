//! A volume in a temporary folder.

use std::path::Path;
use std::sync::Arc;

use testkit::volumes::create_on;
use types::PackId;
use volume::{FsDisk, Volume};

pub(crate) fn create(dir: &Path) -> Volume {
    let disk = FsDisk::create(dir, None).expect("the folder is empty");
    create_on(Arc::new(disk)).expect("the folder is empty")
}

pub(crate) fn open(dir: &Path) -> Volume {
    let disk = FsDisk::open(dir, None).expect("a volume was made here");
    Volume::open(Arc::new(disk)).expect("a volume was made here").0
}

/// Where a sealed pack lies, seen from the folder that the owner named.
pub(crate) fn pack_path(dir: &Path, id: PackId, kind: &str) -> std::path::PathBuf {
    let id = id.to_string();
    dir.join("holdfast").join(kind).join(&id[..2]).join(format!("{id}.pack"))
}
