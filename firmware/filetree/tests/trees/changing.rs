//! Files and folders that change while they are read give answers, never loops or panics.

use std::fs::{self, File};
use std::os::unix::fs::{FileExt, symlink};

use filetree::{Folder, ReadError, Segment};
use nix::sys::stat::{Mode, SFlag, mknod};
use tempfile::tempdir;

use crate::common::write;
use crate::set_mtime;

#[test]
fn a_name_that_vanished_says_so() {
    let dir = tempdir().unwrap();
    write(dir.path().join("file"), b"x");
    fs::create_dir(dir.path().join("folder")).unwrap();
    let folder = Folder::open(dir.path()).unwrap();
    let mut found = folder.stat(b"file").unwrap();
    fs::remove_file(dir.path().join("file")).unwrap();
    fs::remove_dir(dir.path().join("folder")).unwrap();
    for error in [
        folder.stat(b"file").unwrap_err(),
        folder.details(&mut found).unwrap_err(),
        folder.open_file(&found).unwrap_err(),
        folder.child(b"folder").unwrap_err(),
    ] {
        assert!(error.is_vanished(), "{error}");
    }
}

#[test]
fn a_folder_deleted_while_open_is_empty() {
    let dir = tempdir().unwrap();
    fs::create_dir(dir.path().join("gone")).unwrap();
    let gone = Folder::open(dir.path()).unwrap().child(b"gone").unwrap();
    fs::remove_dir(dir.path().join("gone")).unwrap();
    assert!(gone.names().map_or_else(|error| error.is_vanished(), |names| names.is_empty()));
}

#[test]
fn a_folder_swapped_for_a_link_is_never_followed() {
    let dir = tempdir().unwrap();
    let outside = tempdir().unwrap();
    write(outside.path().join("secret"), b"x");
    fs::create_dir(dir.path().join("inner")).unwrap();
    let folder = Folder::open(dir.path()).unwrap();
    assert!(folder.child(b"inner").is_ok());
    fs::remove_dir(dir.path().join("inner")).unwrap();
    symlink(outside.path(), dir.path().join("inner")).unwrap();
    assert!(matches!(folder.child(b"inner"), Err(ReadError::Replaced { .. })));
}

#[test]
fn a_file_replaced_after_it_was_found_is_not_read() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("file");
    write(&path, b"old");
    let folder = Folder::open(dir.path()).unwrap();
    let found = folder.stat(b"file").unwrap();
    // Kept under another name, so that its number is not given to the next file.
    fs::hard_link(&path, dir.path().join("kept")).unwrap();
    fs::remove_file(&path).unwrap();
    let replaced = |what: &str| {
        let answer = folder.open_file(&found);
        assert!(matches!(answer, Err(ReadError::Replaced { .. })), "{what}: {answer:?}");
        fs::remove_file(&path).unwrap();
    };
    write(&path, b"new");
    replaced("another file");
    symlink("kept", &path).unwrap();
    replaced("a link");
    // Nobody writes to this pipe: opening it must not wait.
    mknod(&path, SFlag::S_IFIFO, Mode::S_IRWXU, 0).unwrap();
    replaced("a pipe");
    mknod(&path, SFlag::S_IFSOCK, Mode::S_IRWXU, 0).unwrap();
    replaced("a socket");
}

#[test]
fn a_file_that_grows_is_read_up_to_its_length_at_opening() {
    let dir = tempdir().unwrap();
    write(dir.path().join("log"), &[1; 1000]);
    let folder = Folder::open(dir.path()).unwrap();
    let mut reader = folder.open_file(&folder.stat(b"log").unwrap()).unwrap();
    assert!(reader.settled().unwrap());
    let log = File::options().write(true).open(dir.path().join("log")).unwrap();
    log.write_all_at(&[2; 100_000], 1000).unwrap();
    assert_eq!(reader.next_segment(), Some(Segment::Data { offset: 0, len: 1000 }));
    assert_eq!(reader.next_segment(), None);
    assert!(!reader.settled().unwrap());
}

#[test]
fn a_file_that_shrinks_ends_early() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("file");
    write(&path, &[1; 1 << 20]);
    let folder = Folder::open(dir.path()).unwrap();
    let found = folder.stat(b"file").unwrap();
    let mut before = folder.open_file(&found).unwrap();
    let mut halfway = folder.open_file(&found).unwrap();
    assert!(before.next_segment().is_some());
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(10).unwrap();
    let mut buf = [0; 100];
    assert_eq!(before.read_at(0, &mut buf).unwrap(), 10);
    assert_eq!(before.read_at(4096, &mut buf).unwrap(), 0);
    assert!(!before.settled().unwrap());
    let mut total = 0;
    while let Some(Segment::Data { len, .. } | Segment::Hole { len, .. }) = halfway.next_segment() {
        total += len;
    }
    assert!(total <= 1 << 20, "never more than at opening");
    file.set_len(0).unwrap();
    let mut emptied = folder.open_file(&found).unwrap();
    assert_eq!((emptied.size(), emptied.next_segment()), (0, None));
}

#[test]
fn a_change_that_keeps_length_and_time_is_noticed() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("file");
    write(&path, b"before");
    set_mtime(&path, 1_000, 0);
    let folder = Folder::open(dir.path()).unwrap();
    let reader = folder.open_file(&folder.stat(b"file").unwrap()).unwrap();
    write(&path, b"after!");
    set_mtime(&path, 1_000, 0);
    assert!(!reader.settled().unwrap(), "the inode's own time tells");
}

#[test]
fn reading_leaves_the_access_time_alone() {
    use std::os::unix::fs::MetadataExt;
    let dir = tempdir().unwrap();
    let path = dir.path().join("file");
    write(&path, b"bytes");
    // Long before the modification, so that even a lazy mount would update it.
    let old = nix::sys::time::TimeSpec::new(1_000, 0);
    let file = File::open(&path).unwrap();
    nix::sys::stat::futimens(&file, &old, &nix::sys::time::TimeSpec::new(2_000, 0)).unwrap();
    let folder = Folder::open(dir.path()).unwrap();
    let reader = folder.open_file(&folder.stat(b"file").unwrap()).unwrap();
    assert_eq!(reader.read_at(0, &mut [0; 5]).unwrap(), 5);
    assert_eq!(fs::metadata(&path).unwrap().atime(), 1_000);
}
