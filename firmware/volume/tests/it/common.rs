//! A volume in a temporary folder.

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
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

/// Flips all bits of one byte of a file.
pub(crate) fn flip(path: &Path, at: u64) {
    let mut file = fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).unwrap();
    file.read_exact(&mut byte).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[!byte[0]]).unwrap();
}
