//! Superblocks that somebody with the disk wrote anew: they carry a checksum and no secret.

use std::fs;
use std::io::Write;

use format::superblock::Superblock;

use crate::common::{create, open};

/// A superblock with the highest generation ended the program that opened the volume for writing.
#[test]
fn the_last_generation_ends_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let block = Superblock { generation: u64::MAX, ..create(dir.path()).superblock() };
    for copy in 0..3 {
        let path = dir.path().join(format!("holdfast/superblock.{copy}"));
        fs::File::create(path).unwrap().write_all(&block.encode()).unwrap();
    }
    let volume = open(dir.path());
    assert_eq!(volume.superblock(), block);
    assert_eq!(volume.bump_generation().unwrap(), u64::MAX);
    assert_eq!(volume.adopt_disk().unwrap(), u64::MAX);
    assert_eq!(open(dir.path()).superblock().generation, u64::MAX);
}
