//! Figures for `docs/performance.md`: `cargo test --release -p catalog --test speed -- --ignored
//! --nocapture`. Not a test of behaviour; CPU time, because the machine may be busy.
#![expect(clippy::print_stdout, reason = "its output is its purpose")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::io::Read;

use catalog::{Catalog, ChunkEntry, Durability, PackInfo, PackState};
use types::{ChunkId, PackId, SpaceId, VaultId};

const CHUNKS: u64 = 1_000_000;
const PER_PACK: u64 = 16;
const PER_BATCH: u64 = 10_000;

/// CPU seconds of this process so far, in hundredths.
fn cpu_ticks() -> u64 {
    let mut stat = String::new();
    std::fs::File::open("/proc/self/stat").unwrap().read_to_string(&mut stat).unwrap();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

fn id(n: u64) -> ChunkId {
    ChunkId(*blake3::hash(&n.to_le_bytes()).as_bytes())
}

fn report(what: &str, count: u64, ticks: u64) {
    let per_second = count * 100 / ticks.max(1);
    println!("{what}: {ticks} ticks, {per_second} per CPU second");
}

#[test]
#[ignore = "takes seconds and prints figures"]
fn figures_at_a_million_chunks() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("catalog");
    let (catalog, _) = Catalog::open(Some(&path), VaultId([7; 16]), 16 << 20).unwrap();
    let ids: Vec<ChunkId> = (0..2 * CHUNKS).map(id).collect();
    let (known, strange) = ids.split_at(1_000_000);

    let start = cpu_ticks();
    let mut chunks = known.iter();
    for first in (0..CHUNKS).step_by(10_000) {
        let mut batch = catalog.batch().unwrap();
        for pack in (first..first + PER_BATCH).step_by(16) {
            let mut name = [0; 32];
            name[..8].copy_from_slice(&pack.to_le_bytes());
            let info = PackInfo {
                id: PackId(*blake3::hash(&name).as_bytes()),
                kind: 1,
                space: SpaceId::SYSTEM,
                len: 1,
                raw_len: 1,
                objects: 16,
                state: PackState::Live,
            };
            let no = batch.add_pack(info).unwrap();
            let entries = chunks.by_ref().take(16).map(|id| ChunkEntry {
                id: *id,
                frame: 1,
                frame_offset: 2,
                raw_offset: 3,
                len: 4,
            });
            batch.add_chunks(no, entries).unwrap();
        }
        batch.commit(Durability::Relaxed).unwrap();
    }
    report("inserts, 16 a pack, 10,000 a batch", CHUNKS, cpu_ticks() - start);

    for (what, ids) in [("look-ups of known chunks", known), ("of strange ones", strange)] {
        let start = cpu_ticks();
        let found = ids.iter().filter(|id| catalog.chunk(id).unwrap().is_some()).count();
        report(what, CHUNKS, cpu_ticks() - start);
        assert_eq!(found as u64, if what.contains("known") { CHUNKS } else { 0 });
    }
    let open = catalog.stats().file_bytes;
    let start = cpu_ticks();
    drop(catalog);
    let (catalog, _) = Catalog::open(Some(&path), VaultId([7; 16]), 16 << 20).unwrap();
    report("close and open", 1, cpu_ticks() - start);
    let stats = catalog.stats();
    println!(
        "{} B an entry closed (its pack's share included), {} B open; {stats:?}; {} packs of {}",
        stats.file_bytes / CHUNKS,
        open / CHUNKS,
        CHUNKS / PER_PACK,
        PER_PACK
    );
}
