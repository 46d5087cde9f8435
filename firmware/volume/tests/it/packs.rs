//! A pack's life on one volume: open, sealed, checked, imported, in the trash, gone.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use crate::common::{create, flip, open, pack_path};
use format::pack::PackKind::{Data, Meta};
use testkit::volumes::pack;
use types::{Bytes, PackId};
use volume::{Finding, Imported, OpenPart, PackFile, PackVerdict, Trashed, VolumeError};

fn files_in(dir: &Path) -> usize {
    fs::read_dir(dir.join("holdfast/open")).unwrap().count()
}

#[test]
fn what_is_appended_and_sealed_is_listed_and_reads_back() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    for (kind, seed) in [(Data, 1), (Meta, 2)] {
        let (id, bytes) = pack(kind, seed);
        let mut growing = volume.create_open([seed; 16]).unwrap();
        for part in bytes.chunks(10_000) {
            growing.append(part).unwrap();
            growing.sync().unwrap();
        }
        assert_eq!(growing.len(), bytes.len() as u64);
        growing.seal(id, kind).unwrap();
    }
    let volume = open(dir.path());
    let (listed, strays) = volume.list_packs().unwrap();
    assert_eq!(strays, []);
    assert_eq!(volume.list_open().unwrap(), []);
    for (kind, seed) in [(Data, 1), (Meta, 2)] {
        let (id, bytes) = pack(kind, seed);
        assert!(listed.contains(&PackFile { id, kind, len: Bytes(bytes.len() as u64) }));
        assert!(volume.has_pack(id, kind).unwrap());
        assert_eq!(volume.verify_pack(id, kind, true).unwrap(), PackVerdict::Good);
        let reader = volume.open_pack(id, kind).unwrap();
        assert_eq!(reader.read_all(Bytes(1 << 20)).unwrap(), bytes);
        let mut tail = [0; 100];
        assert_eq!(reader.read_at(reader.len() - 10, &mut tail).unwrap(), 10);
        assert_eq!(tail[..10], bytes[bytes.len() - 10..]);
    }
}

#[test]
fn an_open_pack_that_was_left_is_found_read_and_removed() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    let mut growing = volume.create_open([7; 16]).unwrap();
    growing.append(b"some frames").unwrap();
    growing.sync().unwrap();
    drop(growing);
    assert!(matches!(volume.create_open([7; 16]), Err(VolumeError::Io { .. })));

    let volume = open(dir.path());
    assert_eq!(volume.list_open().unwrap(), [OpenPart { name: [7; 16], len: Bytes(11) }]);
    let reader = volume.read_open([7; 16]).unwrap();
    assert_eq!(reader.read_all(Bytes(100)).unwrap(), b"some frames");
    assert!(matches!(reader.read_all(Bytes(10)), Err(VolumeError::TooLong { .. })));
    assert!(volume.delete_open([7; 16]).unwrap());
    assert!(!volume.delete_open([7; 16]).unwrap());
    assert!(matches!(volume.read_open([7; 16]), Err(VolumeError::Missing { .. })));
}

#[test]
fn an_open_pack_that_is_discarded_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    volume.create_open([7; 16]).unwrap().discard().unwrap();
    assert_eq!(files_in(dir.path()), 0);
}

#[test]
fn any_flipped_byte_makes_a_pack_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    let (id, bytes) = pack(Data, 1);
    volume.import_pack(Data, id, &mut &bytes[..]).unwrap();
    let path = pack_path(dir.path(), id, "data");
    for at in [0, 127, 1_000, bytes.len() as u64 - 1] {
        flip(&path, at);
        let verdict = volume.verify_pack(id, Data, true).unwrap();
        assert!(matches!(verdict, PackVerdict::Damaged { len, .. } if len.0 == bytes.len() as u64));
        flip(&path, at);
        assert_eq!(volume.verify_pack(id, Data, true).unwrap(), PackVerdict::Good);
    }
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(100).unwrap();
    let verdict = volume.verify_pack(id, Data, false).unwrap();
    assert!(matches!(verdict, PackVerdict::Damaged { len: Bytes(100), .. }));
}

#[test]
fn a_pack_that_is_not_there_is_missing_under_every_verb() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    let (id, bytes) = pack(Data, 1);
    volume.import_pack(Data, id, &mut &bytes[..]).unwrap();
    assert_eq!(volume.verify_pack(id, Meta, true).unwrap(), PackVerdict::Missing);
    assert!(!volume.has_pack(id, Meta).unwrap());
    for refused in [
        volume.open_pack(id, Meta).map(|_| ()),
        volume.trash_pack(id, Meta),
        volume.delete_damaged(id, Meta),
        volume.restore_from_trash(id).map(|_| ()),
    ] {
        assert!(matches!(refused, Err(VolumeError::Missing { .. })), "{refused:?}");
    }
    assert!(!volume.delete_trashed(id).unwrap());
}

#[test]
fn a_pack_is_copied_from_one_volume_to_another_once() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (from, volume) = (create(from.path()), create(to.path()));
    let (id, bytes) = pack(Meta, 1);
    from.import_pack(Meta, id, &mut &bytes[..]).unwrap();
    for expected in [Imported::Created, Imported::AlreadyThere] {
        let reader = from.open_pack(id, Meta).unwrap();
        assert_eq!(volume.import_pack(Meta, id, &mut reader.stream()).unwrap(), expected);
    }
    assert_eq!(fs::read(pack_path(to.path(), id, "meta")).unwrap(), bytes);
    assert_eq!(files_in(to.path()), 0);
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

#[test]
fn an_import_of_other_bytes_or_from_a_broken_source_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    let (id, bytes) = pack(Data, 1);
    let mut other = bytes.clone();
    other[1_000] ^= 1;
    let mut endless = io::repeat(0);
    let sources: [&mut dyn Read; 5] =
        [&mut &other[..], &mut &bytes[1..], &mut io::empty(), &mut endless, &mut Broken];
    for source in sources {
        let refused = volume.import_pack(Data, id, source).unwrap_err();
        assert!(!refused.is_disk_fault(), "{refused}");
        assert!(!volume.has_pack(id, Data).unwrap());
        assert_eq!(files_in(dir.path()), 0);
    }
}

#[test]
fn an_import_replaces_a_damaged_pack_and_what_an_interrupted_import_left() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    let (id, bytes) = pack(Data, 1);
    volume.import_pack(Data, id, &mut &bytes[..]).unwrap();
    flip(&pack_path(dir.path(), id, "data"), 300);
    let left = dir.path().join(format!("holdfast/open/{id}.import"));
    fs::File::create(&left).unwrap().write_all(b"half a pack").unwrap();
    assert_eq!(volume.list_open().unwrap(), []);
    assert_eq!(volume.import_pack(Data, id, &mut &bytes[..]).unwrap(), Imported::Created);
    assert_eq!(volume.verify_pack(id, Data, true).unwrap(), PackVerdict::Good);
    assert_eq!(files_in(dir.path()), 0);
}

/// A source that, while it is read, tries to import the same pack.
struct Impatient<'a>(&'a volume::Volume, PackId, Option<VolumeError>);

impl Read for Impatient<'_> {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.2 = self.0.import_pack(Data, self.1, &mut io::empty()).err();
        Ok(0)
    }
}

#[test]
fn the_same_pack_is_not_imported_twice_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    let (id, bytes) = pack(Data, 1);
    let mut source = Impatient(&volume, id, None);
    volume.import_pack(Data, id, &mut source).unwrap_err();
    assert!(matches!(source.2, Some(VolumeError::Busy { .. })), "{:?}", source.2);
    volume.import_pack(Data, id, &mut &bytes[..]).unwrap();
}

#[test]
fn a_trashed_pack_can_be_put_back_until_it_is_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    let (id, bytes) = pack(Meta, 1);
    volume.import_pack(Meta, id, &mut &bytes[..]).unwrap();
    let len = Bytes(bytes.len() as u64);
    volume.trash_pack(id, Meta).unwrap();
    assert_eq!(volume.list_packs().unwrap().0, []);
    assert_eq!(volume.list_trash().unwrap(), [Trashed { id, len, damaged: false }]);
    assert_eq!(volume.restore_from_trash(id).unwrap(), Meta);
    assert_eq!(volume.list_packs().unwrap().0, [PackFile { id, kind: Meta, len }]);
    volume.trash_pack(id, Meta).unwrap();
    assert!(volume.delete_trashed(id).unwrap());
    assert_eq!(volume.list_trash().unwrap(), []);
}

#[test]
fn a_pack_that_rotted_in_the_trash_is_not_put_back() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    let (id, bytes) = pack(Meta, 1);
    volume.import_pack(Meta, id, &mut &bytes[..]).unwrap();
    volume.trash_pack(id, Meta).unwrap();
    flip(&dir.path().join(format!("holdfast/trash/{id}.pack")), 1_000);
    let refused = volume.restore_from_trash(id).unwrap_err();
    assert!(matches!(refused, VolumeError::WrongContent { .. }), "{refused}");
    assert_eq!(volume.list_trash().unwrap().len(), 1);
}

#[test]
fn a_damaged_pack_is_put_aside_and_makes_way_for_a_good_one() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    let (id, bytes) = pack(Data, 1);
    volume.import_pack(Data, id, &mut &bytes[..]).unwrap();
    flip(&pack_path(dir.path(), id, "data"), 300);
    volume.delete_damaged(id, Data).unwrap();
    assert_eq!(volume.verify_pack(id, Data, false).unwrap(), PackVerdict::Missing);
    assert!(volume.list_trash().unwrap()[0].damaged);
    volume.import_pack(Data, id, &mut &bytes[..]).unwrap();
    assert!(volume.delete_trashed(id).unwrap());
    assert_eq!(volume.verify_pack(id, Data, true).unwrap(), PackVerdict::Good);
}

#[test]
fn strays_are_reported_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    let (id, bytes) = pack(Data, 1);
    volume.import_pack(Data, id, &mut &bytes[..]).unwrap();
    let root = dir.path().join("holdfast");
    let wrong_folder = if id.0[0] == 0 { "data/01" } else { "data/00" };
    fs::create_dir(root.join(wrong_folder)).unwrap();
    let upper = format!("meta/{}.PACK", id.to_string().to_uppercase());
    let misplaced = format!("{wrong_folder}/{id}.pack");
    for path in ["data/notes.txt", &upper, &misplaced] {
        fs::File::create(root.join(path)).unwrap();
    }
    std::os::unix::fs::symlink("/", root.join("meta/link")).unwrap();
    let (packs, strays) = volume.list_packs().unwrap();
    assert_eq!(packs.len(), 1);
    let expected = [&misplaced, "data/notes.txt", &upper, "meta/link"];
    assert_eq!(strays, expected.map(|path| Finding::Stray { path: path.to_owned() }));
    assert!(expected.iter().all(|path| root.join(path).symlink_metadata().is_ok()));
}

#[test]
fn leftovers_are_swept_but_open_packs_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let volume = create(dir.path());
    let root = dir.path().join("holdfast");
    let import = format!("open/{}.import", PackId([5; 32]));
    for path in ["keys.0.tmp", "heads/0000000000000001-0101010101010101.head.tmp", &import] {
        fs::File::create(root.join(path)).unwrap();
    }
    drop(volume.create_open([7; 16]).unwrap());
    assert_eq!(volume.delete_leftovers().unwrap(), 3);
    assert_eq!(volume.delete_leftovers().unwrap(), 0);
    assert_eq!(volume.list_open().unwrap().len(), 1);
}

#[test]
fn many_threads_may_read_and_import_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let volume = Arc::new(create(dir.path()));
    std::thread::scope(|scope| {
        for seed in 0..4 {
            let volume = &volume;
            scope.spawn(move || {
                let (id, bytes) = pack(Data, seed);
                volume.import_pack(Data, id, &mut &bytes[..]).unwrap();
                assert_eq!(volume.verify_pack(id, Data, true).unwrap(), PackVerdict::Good);
            });
        }
    });
    assert_eq!(volume.list_packs().unwrap().0.len(), 4);
}
