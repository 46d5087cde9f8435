//! The real-filesystem crash rig as a program: `fsrig --fs ext4 --states N --seed S`.
//!
//! Examines that many states on honest disks, more with one lying disk of two, then sabotaged
//! ones. Ends with one line that says what was found; exits with 1 when anything was lost or when
//! sabotage was not seen, and with 77 when this machine cannot run it.

use std::collections::VecDeque;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use clap::{Parser, ValueEnum};
use fsrig::found::Found;
use fsrig::guard::{self, Watchdog};
use fsrig::job::{Job, Kind, Shape};
use fsrig::rig::Fs;
use fsrig::search::Bench;

/// States of one recording.
const STATES_EACH: u64 = 25;
/// States of each sabotaged search, and with one lying disk, in parts of the honest ones.
const SHARE: u64 = 5;
/// At least this many of them, since fewer may find nothing by chance; more show nothing new.
const SHARE_MIN: u64 = 60;
const SHARE_MAX: u64 = 500;
/// Recordings at one time: twice the processors of a small machine, since a disk mostly waits.
const BENCHES: usize = 4;
/// A search says how far it is after this many states.
const PROGRESS: u64 = 250;
/// Exit code of a machine that cannot run it, as test runners know it.
const SKIPPED: u8 = 77;
/// Recordings of one seed have numbers of their own.
const SEEDS_EACH: u64 = 1_000_000;
const SHAPES: [Shape; 4] = [Shape::Volume, Shape::One, Shape::Two, Shape::Moving];

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FsName {
    Ext4,
    Xfs,
}

/// Cuts the power of real file systems and looks at what is left.
#[derive(Debug, Parser)]
#[command(name = "fsrig")]
struct Args {
    /// The file system.
    #[arg(long, value_enum)]
    fs: FsName,
    /// States on honest disks; a fifth as many of each other kind comes on top.
    #[arg(long, default_value_t = 300)]
    states: u64,
    /// Everything that is chosen follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only the recording of this number, on honest disks, as a failure names it (its `seed`): all
    /// states are drawn from it.
    #[arg(long)]
    only: Option<u64>,
    /// Writes the disks of failing states into this folder.
    #[arg(long)]
    keep: Option<PathBuf>,
}

fn say(line: &str) {
    // Nobody may be listening any more; the exit code still says it.
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}

fn jobs(states: u64, seed: u64, kind: Kind, shapes: &[Shape]) -> Vec<Job> {
    // Short searches meet every shape too.
    let each = STATES_EACH.min(states.div_ceil(shapes.len() as u64)).max(1);
    let count = states.div_ceil(each);
    let first = seed.wrapping_mul(SEEDS_EACH);
    let job = |n: u64| Job {
        seed: first.wrapping_add(n),
        shape: shapes[usize::try_from(n).unwrap_or(0) % shapes.len()],
        kind,
        // The last recordings are not examined more than was asked for.
        states: each.min(states - n * each),
    };
    (0..count).map(job).collect()
}

/// The recordings of one number, as `jobs` makes it, again and again: the kernel's order differs each
/// time.
fn only(args: &Args, number: u64) -> Vec<Job> {
    let nth = usize::try_from(number % SEEDS_EACH).unwrap_or(0);
    let shape = SHAPES[nth % SHAPES.len()];
    let again = args.states.div_ceil(STATES_EACH);
    let job = |_| Job { seed: number, shape, kind: Kind::Honest, states: STATES_EACH };
    (0..again).map(job).collect()
}

/// Runs jobs on all benches. A long search says now and then how far it is.
fn search(benches: &mut [Bench], jobs: Vec<Job>) -> Result<Found, String> {
    let wanted: u64 = jobs.iter().map(|job| job.states).sum();
    let queue = Mutex::new(VecDeque::from(jobs));
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let all = Mutex::new(Found::default());
    let work = |bench: &mut Bench| {
        while let Some(job) = next() {
            let found = bench.run(job)?;
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
            let before = all.states / PROGRESS;
            all.add(found);
            if all.states / PROGRESS > before && all.states < wanted {
                say(&format!("... {} of {wanted} states, {} lost", all.states, all.lost));
            }
        }
        Ok(())
    };
    let ended: Vec<Result<(), String>> = std::thread::scope(|scope| {
        let threads: Vec<_> = benches.iter_mut().map(|bench| scope.spawn(|| work(bench))).collect();
        let ended = threads.into_iter().map(|thread| thread.join());
        ended.map(|done| done.unwrap_or_else(|_| Err("a thread panicked".to_owned()))).collect()
    });
    ended.into_iter().collect::<Result<(), _>>()?;
    Ok(all.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Takes what only some machines give: mounts of one's own, FUSE, loop devices.
fn prepare(args: &Args, fs: Fs) -> Result<Vec<Bench>, String> {
    if let Some(why) = guard::unable(fs.name(), fs.programs()) {
        return Err(why);
    }
    let place = guard::enter()?;
    let watchdog = Watchdog::start().map_err(|error| format!("no watchdog: {error}"))?;
    let bench = |n: usize| {
        let folder = place.join(format!("bench-{n}"));
        Bench::new(&folder, fs, watchdog.clone(), args.keep.clone())
    };
    // All disks are served before the first has a device, see `Rig::attach`.
    let mut benches = (0..BENCHES).map(bench).collect::<Result<Vec<_>, _>>()?;
    benches.iter_mut().try_for_each(Bench::attach)?;
    Ok(benches)
}

fn run(args: &Args, fs: Fs, mut benches: Vec<Bench>) -> Result<bool, String> {
    benches.iter_mut().try_for_each(Bench::make_fs)?;
    if let Some(number) = args.only {
        let found = search(&mut benches, only(args, number))?;
        found.stories.iter().for_each(|story| say(story));
        say(&format!("fsrig: {} states of {number}, {} lost", found.states, found.lost));
        return Ok(found.lost == 0);
    }
    let began = fsrig::now();
    let few = (args.states / SHARE).clamp(SHARE_MIN, SHARE_MAX);
    let plan = [
        (Kind::Honest, args.states, &SHAPES[..]),
        (Kind::OneLies, few, &[Shape::Two]),
        (Kind::NoFolderSyncs, few, &SHAPES),
        (Kind::DropsFlushes, few, &SHAPES),
    ];
    let mut found = Vec::new();
    for (kind, states, shapes) in plan {
        let one = search(&mut benches, jobs(states, args.seed, kind, shapes))?;
        say(&format!(
            "{kind:?}: {} states ({} with unflushed writes, {} torn, {} cut again while they \
             recovered, {} with a clone) of {} requests: {} lost {:?}, {} \
             unrepeatable; {} file systems did not mount, {} states lost with them",
            one.states,
            one.unflushed,
            one.torn,
            one.again,
            one.cloned,
            one.requests,
            one.lost,
            one.lost_by,
            one.unrepeatable,
            one.repaired,
            one.lost_below
        ));
        let told = if matches!(kind, Kind::Honest | Kind::OneLies) { usize::MAX } else { 1 };
        one.stories.iter().take(told).for_each(|story| say(&format!("  {story}")));
        found.push(one);
    }
    let spent = began.elapsed().as_millis();
    let all: u64 = found.iter().map(|one| one.states).sum();
    let tenths = u128::from(all) * 10_000 / spent.max(1);
    let [honest, liar, folders, flushes] = &found[..] else { unreachable!("four kinds") };
    let lost = honest.lost + liar.lost;
    let ok = lost == 0 && folders.lost > 0 && flushes.lost > 0;
    say(&format!(
        "fsrig: {} fs={} states={} lost={lost} lost_below={} unrepeatable={} one_liar_states={} \
         no_folder_sync_lost={} dropped_flush_lost={} seed={} states_per_s={}.{}",
        if ok { "ok" } else { "FAILED" },
        fs.name(),
        honest.states,
        honest.lost_below + liar.lost_below,
        honest.unrepeatable + liar.unrepeatable,
        liar.states,
        folders.lost,
        flushes.lost,
        args.seed,
        tenths / 10,
        tenths % 10,
    ));
    Ok(ok)
}

fn main() -> ExitCode {
    let args = Args::parse();
    let fs = match args.fs {
        FsName::Ext4 => Fs::Ext4,
        FsName::Xfs => Fs::Xfs,
    };
    let benches = match prepare(&args, fs) {
        Ok(benches) => benches,
        Err(why) => {
            say(&format!("fsrig: skipped fs={}: {why}", fs.name()));
            return ExitCode::from(SKIPPED);
        }
    };
    match run(&args, fs, benches) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("fsrig: FAILED fs={}: {error}", fs.name()));
            ExitCode::FAILURE
        }
    }
}
