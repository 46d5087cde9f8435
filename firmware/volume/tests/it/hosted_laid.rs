//! What others laid into the folder for friends: it ends nothing and takes nothing.

use std::fs;
use std::io::Write;

use testkit::friends::{ANNA, BEN, bring, pack};
use types::{Bytes, PackId};

use crate::common::open;
use crate::hosted::{PROMISED, host, path};

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

#[test]
fn a_folder_that_cannot_be_read_takes_no_room_from_other_friends() {
    let dir = tempfile::tempdir().unwrap();
    let hosted = host(dir.path());
    hosted.promise(BEN, PROMISED).unwrap();
    let (_, bytes) = pack(1, 3, 0);
    bring(&hosted, ANNA, &bytes).unwrap();
    drop(hosted);
    // A file where a folder should be.
    let odd = path(dir.path(), "packs/00");
    fs::File::create(&odd).unwrap();
    let volume = open(dir.path());
    let promised = volume.hosted();
    volume.free().unwrap();
    assert!(promised.totals(ANNA).is_err());
    assert_eq!(promised.totals(BEN).unwrap().promised, PROMISED, "one folder is no other");
    fs::remove_file(&odd).unwrap();
    assert_eq!(promised.totals(ANNA).unwrap().packs, 1, "it is read anew when it is asked for");
}

/// As long as a sparse file may be on every file system that tests run on.
const LONGEST_SPARSE: u64 = 8 << 40;
