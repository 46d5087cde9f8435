//! What others laid into the folder for friends: it ends nothing and takes nothing.

use std::fs;
use std::io::Write;

use testkit::friends::{ANNA, bring, pack};
use types::{Bytes, PackId};

use crate::common::open;
use crate::hosted::{host, path};

#[test]
fn files_that_are_longer_than_any_pack_and_promises_beyond_the_disk_end_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    let (_, bytes) = pack(1, 3, 0);
    bring(&hosted, ANNA, &bytes).unwrap();
    drop(hosted);
    // Whoever can write to the disk lays down sparse files, and a promise that no disk can keep.
    for (of, folder) in [(1, "packs/01"), (2, "packs/02"), (3, "trash/00020700")] {
        let folder = path(dir.path(), folder);
        fs::create_dir_all(&folder).unwrap();
        let name = format!("{}.pack", PackId([of; 32]));
        fs::File::create(folder.join(name)).unwrap().set_len(LONGEST_SPARSE).unwrap();
    }
    let note = format::note::Note::promise(ANNA, 9, Bytes(u64::MAX)).encode().unwrap();
    for copy in ["promise.0", "promise.1"] {
        fs::File::create(path(dir.path(), copy)).unwrap().write_all(&note).unwrap();
    }
    let volume = open(dir.path());
    let totals = volume.hosted().totals(ANNA).unwrap();
    assert_eq!((totals.packs, totals.trashed_packs), (1, 0));
    assert_eq!(totals.promised, volume.space().unwrap().total);
    assert!(volume.free().is_ok());
}

/// As long as a sparse file may be on every file system that tests run on.
const LONGEST_SPARSE: u64 = 8 << 40;
