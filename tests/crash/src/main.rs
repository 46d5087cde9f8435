//! The crash simulator as a program: `crash --states N --seed S`.
//!
//! Runs drawn workloads until that many states were examined, then sabotaged ones. Ends with one
//! line that says what was found; exits with 1 when anything was lost, or when sabotage was not
//! seen. `--only SEED` repeats one workload of a failure.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use crash::rig::Rig;
use crash::search::{Found, Kind, Workload};

/// One of this many cut points of a drawn workload is examined.
const ONE_IN: u32 = 12;
/// States of sabotaged searches, in parts of the honest ones.
const SABOTAGED_SHARE: u64 = 20;
/// At least this many of them: fewer may find nothing by chance.
const SABOTAGED_MIN: u64 = 100;

/// Cuts the power at every kind of moment and looks at what is left.
#[derive(Debug, Parser)]
#[command(name = "crash")]
struct Args {
    /// States to examine.
    #[arg(long, default_value_t = 1_000)]
    states: u64,
    /// Everything follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only the workload of this seed, as a failure names it, every cut point of it.
    #[arg(long)]
    only: Option<u64>,
}

fn search(first: u64, states: u64, kind: Kind) -> Found {
    let mut found = Found::default();
    let mut seed = first;
    while found.seen.states < states {
        found.add(Workload::drawn(seed, kind, ONE_IN).run(&Arc::new(Rig::new(seed))));
        seed = seed.wrapping_add(1);
    }
    found
}

#[expect(clippy::print_stdout, reason = "this program's answer")]
fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(seed) = args.only {
        let workload = Workload::drawn(seed, Kind::Any, 1);
        println!("{workload:?}");
        let found = workload.run(&Arc::new(Rig::new(seed)));
        println!("{found:#?}");
        return ExitCode::from(u8::from(found.lost_count > 0));
    }
    let first = args.seed.wrapping_mul(1_000_000_000);
    let found = search(first, args.states, Kind::Any);
    println!("{:?}; {} workloads, {} cut points", found.seen, found.workloads, found.changes);
    found.lost.iter().for_each(|what| println!("LOST: {what}"));
    let few = (args.states / SABOTAGED_SHARE).max(SABOTAGED_MIN);
    let no_folder_syncs = search(first, few, Kind::NoFolderSyncs);
    let all_lie = search(first, few, Kind::AllLie);
    println!("without folder syncs: {} of {few} lost", no_folder_syncs.lost_count);
    println!("all disks lie: {:?}", all_lie.named);
    all_lie.lost.iter().for_each(|what| println!("NOT NAMED: {what}"));
    let (states, seed, lost) =
        (found.seen.states, args.seed, found.lost_count + all_lie.lost_count);
    let named = all_lie.named.refused + all_lie.named.listed + all_lie.named.rolled_back;
    let sabotaged = no_folder_syncs.lost_count;
    let seen = sabotaged > 0 && named > 0;
    let word = if lost == 0 && seen { "ok" } else { "FAILED" };
    println!("crash: {word} states={states} lost={lost} sabotaged_lost={sabotaged} seed={seed}");
    ExitCode::from(u8::from(lost > 0 || !seen))
}
