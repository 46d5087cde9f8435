//! Whatever is in the catalog's file, opening it works, and what it then says is true.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use catalog::{Catalog, CatalogError, ChunkEntry, Durability, Opened, PackInfo, PackState};
use types::{ChunkId, PackId, SpaceId, VaultId};

const VAULT: VaultId = VaultId([7; 16]);
const CHUNKS: u32 = 3000;

fn id(n: u32) -> ChunkId {
    let mut id = [0; 32];
    // Spread, as real ids are; odd, so that no two are alike.
    id[..8].copy_from_slice(&u64::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    ChunkId(id)
}

fn open(path: &Path) -> (Catalog, Opened) {
    Catalog::open(Some(path), VAULT, 1 << 20).unwrap()
}

/// A catalog of three packs, closed.
fn filled(dir: &Path) -> PathBuf {
    let path = dir.join("catalog");
    let (catalog, _) = open(&path);
    for pack in 0..3_u8 {
        let mut batch = catalog.batch().unwrap();
        let info = PackInfo {
            id: PackId([pack; 32]),
            kind: 1,
            space: SpaceId::SYSTEM,
            len: 1,
            raw_len: 2,
            objects: CHUNKS / 3,
            state: PackState::Live,
        };
        let no = batch.add_pack(info).unwrap();
        let chunks = (0..CHUNKS).filter(|n| n % 3 == u32::from(pack));
        let chunks = chunks.map(|n| ChunkEntry {
            id: id(n),
            frame: 0,
            frame_offset: n,
            raw_offset: 0,
            len: 1,
        });
        batch.add_chunks(no, chunks).unwrap();
        batch.commit(Durability::Durable).unwrap();
    }
    path
}

/// Either everything is there, or the catalog is empty and says so; and it can be written.
fn check(path: &Path, what: &str) -> Opened {
    let (catalog, opened) = open(path);
    match &opened {
        Opened::Existing => {
            for n in 0..CHUNKS {
                let found = catalog.chunk(&id(n)).unwrap();
                assert_eq!(found.map(|place| place.frame_offset), Some(n), "{what}");
            }
        }
        Opened::Created | Opened::Discarded { .. } => {
            assert_eq!(catalog.stats().chunk_rows, 0, "{what}");
            assert_eq!(catalog.chunk(&id(1)).unwrap(), None, "{what}");
        }
    }
    let mut batch = catalog.batch().unwrap();
    batch.set_note("works", b"yes").unwrap();
    batch.commit(Durability::Durable).unwrap();
    drop(catalog);
    assert_eq!(open(path).1, Opened::Existing, "{what}: the second open");
    opened
}

fn overwrite(path: &Path, bytes: &[u8]) {
    File::create(path).unwrap().write_all(bytes).unwrap();
}

fn flip(path: &Path, at: u64) {
    let mut file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).unwrap();
    file.read_exact(&mut byte).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[byte[0] ^ 0x10]).unwrap();
}

fn discarded(opened: &Opened) -> bool {
    matches!(opened, Opened::Discarded { .. })
}

#[test]
fn an_undamaged_file_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(check(&filled(dir.path()), "undamaged"), Opened::Existing);
}

#[test]
fn garbage_of_any_length_is_discarded() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("catalog");
    for len in [0, 1, 64, 4096, 100_000] {
        let garbage: Vec<u8> =
            (0..len).map(|n: u32| n.wrapping_mul(167).to_le_bytes()[0]).collect();
        overwrite(&path, &garbage);
        assert!(discarded(&check(&path, "garbage")), "{len}");
    }
}

#[test]
fn a_file_cut_anywhere_is_kept_whole_or_discarded() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path());
    let whole = std::fs::read(&path).unwrap();
    for part in 0..16 {
        overwrite(&path, &whole[..whole.len() * part / 16]);
        check(&path, &format!("cut to {part} sixteenths"));
    }
}

#[test]
fn a_flipped_bit_never_makes_the_catalog_lie() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path());
    let whole = std::fs::read(&path).unwrap();
    let mut found = 0;
    for step in 0..70 {
        overwrite(&path, &whole);
        let at = match step {
            0..20 => step * 16,
            _ => (whole.len() as u64) * (step - 20) / 50 + step,
        };
        if at < whole.len() as u64 {
            flip(&path, at);
            found += u32::from(discarded(&check(&path, &format!("a bit of byte {at}"))));
        }
    }
    // Were damage not looked for, this test would prove nothing.
    assert!(found > 10, "only {found} flips were noticed");
}

#[test]
fn a_catalog_of_another_vault_is_discarded() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path());
    let (_, opened) = Catalog::open(Some(&path), VaultId([8; 16]), 1 << 20).unwrap();
    let Opened::Discarded { why } = opened else { panic!("{opened:?}") };
    assert!(why.contains("another vault"), "{why}");
}

#[test]
fn a_catalog_that_brought_the_last_process_down_is_not_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path());
    overwrite(&dir.path().join("catalog.guard"), b"o");
    assert!(discarded(&check(&path, "left while opening")));
}

#[test]
fn a_condemned_catalog_is_gone_at_the_next_open() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path());
    open(&path).0.condemn();
    assert!(discarded(&check(&path, "condemned")));
}

#[test]
fn a_guard_that_makes_no_sense_means_a_check_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path());
    overwrite(&dir.path().join("catalog.guard"), b"what?");
    assert_eq!(check(&path, "strange guard"), Opened::Existing);
}

#[test]
fn only_a_folder_that_cannot_be_written_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("not there").join("catalog");
    let refused = Catalog::open(Some(&path), VAULT, 1 << 20).unwrap_err();
    assert!(matches!(refused, CatalogError::Folder { .. }), "{refused}");
    assert!(!refused.advice().is_empty());
}

#[test]
fn a_file_that_is_mostly_unused_gives_the_room_back_at_the_next_open() {
    let dir = tempfile::tempdir().unwrap();
    let path = filled(dir.path());
    let (catalog, _) = open(&path);
    for value in [vec![1; 40 << 20], Vec::new()] {
        let mut batch = catalog.batch().unwrap();
        batch.set_note("large", &value).unwrap();
        batch.commit(Durability::Durable).unwrap();
    }
    let before = catalog.stats().file_bytes;
    drop(catalog);
    let after = open(&path).0.stats().file_bytes;
    assert!(after < before / 2, "{before} B, then {after} B");
    assert_eq!(check(&path, "compacted"), Opened::Existing);
}
