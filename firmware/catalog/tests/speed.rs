//! Figures for `docs/performance.md`: `cargo test --release -p catalog --test speed -- --ignored
//! --nocapture`. Not a test of behaviour; CPU time, because the machine may be busy.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "its output is its purpose; it stops"
)]

use std::io::Read;

use testkit::catalogs;

const CHUNKS: u64 = 1_000_000;

/// CPU seconds of this process so far, in hundredths.
fn cpu_ticks() -> u64 {
    let mut stat = String::new();
    std::fs::File::open("/proc/self/stat").unwrap().read_to_string(&mut stat).unwrap();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
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
    let catalog = catalogs::open(&path).unwrap();
    let (known, strange) = (catalogs::ids(0..CHUNKS), catalogs::ids(CHUNKS..2 * CHUNKS));

    let start = cpu_ticks();
    catalogs::fill(&catalog, &known).unwrap();
    report("inserts", CHUNKS, cpu_ticks() - start);

    for (what, ids) in [("look-ups of known chunks", &known), ("of strange ones", &strange)] {
        let start = cpu_ticks();
        let found = ids.iter().filter(|id| catalog.chunk(id).unwrap().is_some()).count();
        report(what, CHUNKS, cpu_ticks() - start);
        assert_eq!(found as u64, if what.contains("known") { CHUNKS } else { 0 });
    }
    let open = catalog.stats().file_bytes;
    let start = cpu_ticks();
    drop(catalog);
    let catalog = catalogs::open(&path).unwrap();
    report("close and open", 1, cpu_ticks() - start);
    let stats = catalog.stats();
    println!(
        "{} B an entry closed (its pack's share included), {} B open; {stats:?}; packs of {} in \
         batches of {} chunks",
        stats.file_bytes / CHUNKS,
        open / CHUNKS,
        catalogs::PER_PACK,
        catalogs::PER_BATCH
    );
}
