//! How long an acknowledgement takes while a disk fills, and how much slower the filling is for it.
//!
//! A vault in folders: one disk with packs, and a second one that just joined. The same edits and
//! the same amount of backup run before the second is filled and while it is. Figures are told, never
//! judged: both disks are one here, which is worse than any box. `HOLDFAST_BENCH_MIB` sets the amount.

use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use seal::Words;
use testkit::env::noise;
use types::Clock;
use vault::{BackupSpec, CreateSpec, NewFile, Options, Vault, WriterMode};
use volume::{Disk, FsDisk};

const MIB: usize = 1 << 20;
/// An edit's file.
const EDIT_LEN: usize = 100 << 10;
/// Edits that are timed while nothing else runs.
const EDITS: u64 = 200;

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn disk(dir: &Path, name: &str) -> Fallible<Arc<dyn Disk>> {
    let at = dir.join(name);
    std::fs::create_dir(&at)?;
    Ok(Arc::new(FsDisk::create(&at, Some(name.to_owned()))?))
}

fn tree(dir: &Path, name: &str, seed: u64, mib: usize) -> Fallible<PathBuf> {
    let folder = dir.join(name);
    std::fs::create_dir(&folder)?;
    for n in 0..mib.div_ceil(4) {
        let mut file = File::create(folder.join(format!("{n}")))?;
        file.write_all(&noise(seed + n as u64, 4 * MIB))?;
    }
    Ok(folder)
}

/// Milliseconds of one backup.
fn back_up(vault: &Vault, clock: &dyn Clock, folder: &Path) -> Fallible<u64> {
    let began = clock.uptime();
    let (source, paths) = ("tree".to_owned(), vec![folder.to_owned()]);
    vault.backup(&BackupSpec { source, paths, ..Default::default() }, &mut |_| true)?;
    Ok(clock.uptime().0 - began.0)
}

/// Edits until `enough` says so, the milliseconds of each, sorted.
fn edits(
    vault: &Vault,
    clock: &dyn Clock,
    seed: u64,
    enough: impl Fn(u64) -> bool,
) -> Fallible<Vec<u64>> {
    let mut took = Vec::new();
    let editor = vault.editor(None, "edits")?;
    while !enough(took.len() as u64) {
        let bytes = noise(seed + took.len() as u64, EDIT_LEN);
        let began = clock.uptime();
        let file = NewFile { make_parents: true, ..NewFile::default() };
        editor.put(format!("{}", took.len() % 50).as_bytes(), file, &mut &bytes[..])?;
        took.push(clock.uptime().0 - began.0);
    }
    took.sort_unstable();
    Ok(took)
}

fn speed(bytes: u64, millis: u64) -> f64 {
    bytes as f64 / MIB as f64 * 1e3 / millis.max(1) as f64
}

fn tell(what: &str, took: &[u64], backup: u64, mib: usize) -> Fallible<()> {
    let at = |share: usize| took[(took.len() - 1) * share / 100];
    writeln!(
        std::io::stderr(),
        "{what}: {} edits of {} KiB, acknowledged after {} ms (median), {} ms (95 %), {} ms \
         (longest); a backup of {mib} MiB at {:.0} MiB/s",
        took.len(),
        EDIT_LEN >> 10,
        at(50),
        at(95),
        at(100),
        speed((mib * MIB) as u64, backup),
    )?;
    Ok(())
}

fn main() -> Fallible<()> {
    let asked = std::env::var("HOLDFAST_BENCH_MIB").ok();
    let mib: usize = asked.map_or(Ok(1_024), |text| text.parse())?;
    let part = mib / 8;
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let env = host::env();
    let (clock, words) = (Arc::clone(&env.clock), Words::generate(&*env.rng));
    let options = Options {
        writers: WriterMode::Threads,
        catalog: Some(dir.path().join("catalog.redb")),
        ..Options::default()
    };
    let disks = vec![disk(dir.path(), "first")?];
    let spec = CreateSpec { disks, copies: 2, words: &words, password: None };
    let vault = Vault::create(env, options, spec)?;
    back_up(&vault, &*clock, &tree(dir.path(), "old", 1 << 32, mib)?)?;
    let before = tree(dir.path(), "new-1", 1 << 40, part)?;
    let meanwhile = tree(dir.path(), "new-2", 2 << 40, part)?;
    vault.join_volume(disk(dir.path(), "second")?)?;

    let took = edits(&vault, &*clock, 1 << 50, |done| done >= EDITS)?;
    tell("alone", &took, back_up(&vault, &*clock, &before)?, part)?;

    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let filling = scope.spawn(|| {
            let began = clock.uptime();
            let report = vault.rebuild(&mut |_| true);
            over.store(true, Ordering::Release);
            report.map(|report| (report, clock.uptime().0 - began.0))
        });
        let backup = back_up(&vault, &*clock, &meanwhile)?;
        let whole = !over.load(Ordering::Acquire);
        let until = |done| done > 0 && over.load(Ordering::Acquire);
        let took = edits(&vault, &*clock, 1 << 51, until)?;
        tell("while the other fills", &took, backup, part)?;
        let (report, filled) = filling.join().map_err(|_| "the filling panicked")??;
        let (packs, bytes) = (report.copied, report.bytes);
        let mut err = std::io::stderr();
        writeln!(err, "filled: {packs} packs, {bytes} at {:.0} MiB/s", speed(bytes.0, filled))?;
        if !whole {
            writeln!(err, "the filling ended before the backup did: ask for more MiB")?;
        }
        Ok(())
    })
}
