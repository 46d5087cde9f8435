//! `cargo bench -p bench`: what chunking, hashing, sealing, opening and the catalog cost alone.
//!
//! Wall time on one thread, so it wants an idle machine; it compares a change with what was before
//! it, on one machine. Whole operations beside other programs are `cargo xtask bench`.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use bench::{Home, noise, text};
use catalog::Catalog;
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use seal::chunker::MAX_LEN;
use seal::{Chunker, Codecs, PackOpener, PackSealer};
use testkit::catalogs;
use types::ChunkId;

/// Bytes worked on at once.
const LEN: usize = 8 << 20;
/// A frame's usual size.
const FRAME: usize = 1 << 20;
/// Chunks that the catalog knows.
const CHUNKS: u64 = 100_000;

fn main() {
    divan::main();
}

#[divan::bench]
fn chunk(bencher: Bencher<'_, '_>) {
    let (chunker, bytes) = (Chunker::new(Home::new().keys()), noise(LEN));
    bencher.counter(BytesCount::new(LEN)).bench(|| {
        let (mut rest, mut cuts) = (bytes.as_slice(), 0);
        while !rest.is_empty() {
            rest = &rest[chunker.cut(&rest[..rest.len().min(MAX_LEN)])..];
            cuts += 1;
        }
        cuts
    });
}

#[divan::bench]
fn hash(bencher: Bencher<'_, '_>) {
    let (home, bytes) = (Home::new(), noise(LEN));
    bencher.counter(BytesCount::new(LEN)).bench(|| home.keys().chunk_id(black_box(&bytes)));
}

/// Frames of a mebibyte in one pack.
fn sealed(home: &Home, pieces: &[(ChunkId, &[u8])], codecs: &mut Codecs) -> Vec<u8> {
    let (mut sealer, header) = PackSealer::new(home.identity(), home.keys(), &home.rng);
    let mut out = header.to_vec();
    for piece in pieces {
        sealer.add_objects(&[*piece], codecs, &mut out).unwrap();
    }
    out
}

fn pieces<'a>(home: &Home, bytes: &'a [u8]) -> Vec<(ChunkId, &'a [u8])> {
    bytes.chunks(FRAME).map(|piece| (home.keys().chunk_id(piece), piece)).collect()
}

/// Compress, encrypt, open again to prove it.
#[divan::bench(args = ["noise", "text"])]
fn seal_frames(bencher: Bencher<'_, '_>, kind: &str) {
    let (home, mut codecs) = (Home::new(), Codecs::new());
    let bytes = if kind == "noise" { noise(LEN) } else { text(LEN) };
    let pieces = pieces(&home, &bytes);
    bencher.counter(BytesCount::new(LEN)).bench_local(|| sealed(&home, &pieces, &mut codecs));
}

#[divan::bench(args = ["noise", "text"])]
fn open_frames(bencher: Bencher<'_, '_>, kind: &str) {
    let (home, mut codecs) = (Home::new(), Codecs::new());
    let bytes = if kind == "noise" { noise(LEN) } else { text(LEN) };
    let pack = sealed(&home, &pieces(&home, &bytes), &mut codecs);
    let opener = PackOpener::new(&pack, &home.ring).unwrap();
    bencher.counter(BytesCount::new(LEN)).bench_local(|| {
        let prefix = opener.scan_prefix(&mut codecs, pack.len() as u64, &pack[..]).unwrap();
        assert_eq!(prefix.frames.len(), LEN / FRAME);
    });
}

fn empty() -> (tempfile::TempDir, Catalog) {
    let folder = tempfile::tempdir().unwrap();
    let catalog = catalogs::open(&folder.path().join("catalog")).unwrap();
    (folder, catalog)
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn catalog_insert(bencher: Bencher<'_, '_>) {
    let ids = catalogs::ids(0..CHUNKS);
    bencher
        .counter(ItemsCount::new(CHUNKS))
        .with_inputs(empty)
        .bench_local_refs(|(_, catalog)| catalogs::fill(catalog, &ids).unwrap());
}

#[divan::bench(args = ["known", "strange"])]
fn catalog_look_up(bencher: Bencher<'_, '_>, kind: &str) {
    let (_folder, catalog) = empty();
    catalogs::fill(&catalog, &catalogs::ids(0..CHUNKS)).unwrap();
    let first = if kind == "known" { 0 } else { CHUNKS };
    let ids = catalogs::ids(first..first + 1_000);
    let expected = if kind == "known" { ids.len() } else { 0 };
    bencher.counter(ItemsCount::new(ids.len())).bench_local(|| {
        let found = ids.iter().filter(|id| catalog.chunk(id).unwrap().is_some()).count();
        assert_eq!(found, expected);
    });
}
