//! How long an acknowledgement takes while a disk fills, and how much slower the filling is for it.
//!
//! A vault in folders: one disk with packs, and a second one that just joined. The same edits and
//! the same amount of backup run before the second is filled and while it is. Figures are told, never
//! judged: both disks are one here, which is worse than any box. `HOLDFAST_BENCH_MIB` sets the amount.
#![expect(clippy::unwrap_used, reason = "a measurement stops at the first surprise")]
#![expect(clippy::disallowed_methods, reason = "what is backed up is written and timed here")]
#![expect(clippy::print_stderr, reason = "it tells its figures")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use seal::Words;
use testkit::env::noise;
use vault::{BackupSpec, CreateSpec, NewFile, Options, Vault, WriterMode};
use volume::{Disk, FsDisk};

const MIB: usize = 1 << 20;
/// An edit's file.
const EDIT_LEN: usize = 100 << 10;
/// Edits that are timed while nothing else runs.
const EDITS: u64 = 200;

fn disk(dir: &Path, name: &str) -> Arc<dyn Disk> {
    let at = dir.join(name);
    std::fs::create_dir(&at).unwrap();
    Arc::new(FsDisk::create(&at, Some(name.to_owned())).unwrap())
}

fn tree(dir: &Path, name: &str, seed: u64, mib: usize) -> PathBuf {
    let folder = dir.join(name);
    std::fs::create_dir(&folder).unwrap();
    for n in 0..mib.div_ceil(4) {
        std::fs::write(folder.join(format!("{n}")), noise(seed + n as u64, 4 * MIB)).unwrap();
    }
    folder
}

fn back_up(vault: &Vault, source: &str, folder: &Path) -> Duration {
    let began = Instant::now();
    let (source, paths) = (source.to_owned(), vec![folder.to_owned()]);
    vault.backup(&BackupSpec { source, paths, ..Default::default() }, &mut |_| true).unwrap();
    began.elapsed()
}

/// Edits until `enough` says so, each timed.
fn edits(vault: &Vault, seed: u64, enough: impl Fn(u64) -> bool) -> Vec<Duration> {
    let mut took = Vec::new();
    let editor = vault.editor(None, "edits").unwrap();
    while !enough(took.len() as u64) {
        let bytes = noise(seed + took.len() as u64, EDIT_LEN);
        let began = Instant::now();
        let file = NewFile { make_parents: true, ..NewFile::default() };
        editor.put(format!("{}", took.len() % 50).as_bytes(), file, &mut &bytes[..]).unwrap();
        took.push(began.elapsed());
    }
    took.sort();
    took
}

fn tell(what: &str, took: &[Duration], backup: Duration, mib: usize) {
    let at = |share: usize| took[(took.len() - 1) * share / 100].as_secs_f64() * 1e3;
    eprintln!(
        "{what}: {} edits of {} KiB, acknowledged after {:.1} ms (median), {:.1} ms (95 %), {:.1} ms \
         (longest); a backup of {mib} MiB at {:.0} MiB/s",
        took.len(),
        EDIT_LEN >> 10,
        at(50),
        at(95),
        at(100),
        mib as f64 / backup.as_secs_f64(),
    );
}

fn main() {
    let asked = std::env::var("HOLDFAST_BENCH_MIB").ok();
    let mib: usize = asked.map_or(1_024, |text| text.parse().unwrap());
    let part = mib / 8;
    let dir = tempfile::tempdir_in(std::env::var("CARGO_TARGET_TMPDIR").unwrap_or(".".into()));
    let dir = dir.unwrap();
    let env = host::env();
    let words = Words::generate(&*env.rng);
    let options = Options {
        writers: WriterMode::Threads,
        catalog: Some(dir.path().join("catalog.redb")),
        ..Options::default()
    };
    let disks = vec![disk(dir.path(), "first")];
    let spec = CreateSpec { disks, copies: 2, words: &words, password: None };
    let vault = Vault::create(env, options, spec).unwrap();
    back_up(&vault, "old", &tree(dir.path(), "old", 1 << 32, mib));
    let trees = [1_u64, 2].map(|n| tree(dir.path(), &format!("new-{n}"), n << 40, part));
    vault.join_volume(disk(dir.path(), "second")).unwrap();

    let took = edits(&vault, 1 << 50, |done| done >= EDITS);
    let backup = back_up(&vault, "new", &trees[0]);
    tell("alone", &took, backup, part);

    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let filling = scope.spawn(|| {
            let began = Instant::now();
            let report = vault.rebuild(&mut |_| true).unwrap();
            over.store(true, Ordering::Release);
            (report, began.elapsed())
        });
        let backup = back_up(&vault, "new", &trees[1]);
        let whole = !over.load(Ordering::Acquire);
        let took = edits(&vault, 1 << 51, |done| done > 0 && over.load(Ordering::Acquire));
        let (report, filled) = filling.join().unwrap();
        tell("while the other fills", &took, backup, part);
        let speed = report.bytes.0 as f64 / MIB as f64 / filled.as_secs_f64();
        eprintln!("filled: {} packs, {} at {speed:.0} MiB/s", report.copied, report.bytes);
        if !whole {
            eprintln!("the filling ended before the backup did: ask for more MiB");
        }
    });
}
