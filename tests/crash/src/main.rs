//! The crash simulator as a program: `crash --states N --seed S`.
//!
//! Runs every short workload and drawn ones until that many states were examined, then sabotaged
//! ones. Ends with one line that says what was found; exits with 1 when anything was lost, when a
//! fault never occurred, or when sabotage was not seen. `--only NUMBER` repeats one workload of a
//! failure. `crash --faults` lets the n-th operation of a disk fail instead, for every n.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it answers, and prints a rate"
)]

use std::process::ExitCode;

use clap::Parser;
use crash::found::Found;
use crash::plan::Plan;
use crash::rig::Rig;
use crash::run::Step;
use crash::search::THOROUGH_ONE_IN;
use crash::sweep::{sabotaged, sweep, trials};
use crash::workload::Kind;

/// States of sabotaged searches, in parts of the honest ones.
const SABOTAGED_SHARE: u64 = 40;
/// At least this many of them: fewer may find nothing by chance.
const SABOTAGED_MIN: u64 = 100;
/// From this many states on, every short workload is run, and every fault must have occurred.
const WHOLE_FROM: u64 = 100_000;
/// Steps that a power cut must have fallen into.
const STEPS: [Step; 12] = [
    Step::Put,
    Step::PutBig,
    Step::Overwrite,
    Step::Delete,
    Step::Rename,
    Step::Backup,
    Step::BackupImage,
    Step::Forget,
    Step::Prune,
    Step::Rebuild,
    Step::Retire,
    Step::Replace,
];

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
    /// Only the workload of this number, as a failure names it.
    #[arg(long)]
    only: Option<u64>,
    /// The n-th operation of a disk fails, for every n; no power cuts.
    #[arg(long, conflicts_with = "states")]
    faults: bool,
    /// Workers; the processors there are, when it is left out. What is found does not depend on it.
    #[arg(long)]
    threads: Option<usize>,
}

struct Sabotaged {
    no_folder_syncs: Found,
    all_lie: Found,
    same_salts: Found,
}

impl Sabotaged {
    fn search(seed: u64, states: u64, threads: usize) -> Self {
        let search = |kind, rig: &Rig| Plan::drawn(seed, kind).search(rig, states, 0, threads);
        let mut repeating = Rig::new(seed);
        repeating.same_salts = true;
        let rig = Rig::new(seed);
        let no_folder_syncs = search(Kind::NoFolderSyncs, &rig);
        let all_lie = search(Kind::AllLie, &rig);
        Self { no_folder_syncs, all_lie, same_salts: search(Kind::Honest, &repeating) }
    }

    /// Sabotage that no state showed.
    fn unseen(&self) -> Vec<&'static str> {
        let named = &self.all_lie.named;
        let seen = [
            ("missing folder syncs", self.no_folder_syncs.lost_count),
            ("disks that all lie", named.refused + named.listed + named.rolled_back),
            ("salts that repeat", self.same_salts.salts_reused),
        ];
        seen.into_iter().filter(|(_, times)| *times == 0).map(|(name, _)| name).collect()
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let plan = Plan::whole(args.seed);
    if let Some(number) = args.only {
        return only(&plan, number, args.seed);
    }
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = args.threads.unwrap_or(processors);
    if args.faults { fail(args.seed, threads) } else { cut(&args, &plan, threads) }
}

fn fail(seed: u64, threads: usize) -> ExitCode {
    let rig = Rig::new(seed);
    let trials = trials(&rig);
    let swept = sweep(&rig, &trials, threads, &|what| println!("WRONG: {what}"));
    let sabotage = sweep(&rig, &sabotaged(&trials), threads, &|_| {});
    println!("by fault: {:?}", swept.by_fault);
    println!("by job: {:?}", swept.by_job);
    println!(
        "two disks that fail together: {} of {} told",
        sabotage.wrong.len(),
        sabotage.trials()
    );
    // A fault that nothing felt was none.
    let felt = swept.refused > 0 && swept.unopened > 0 && swept.single_copy > 0;
    let ok = swept.wrong.is_empty() && felt && !sabotage.wrong.is_empty();
    println!(
        "faults: {} trials={} wrong={} sabotaged_wrong={} refused={} unopened={} single_copy={} \
         waits={} missed={} seed={seed}",
        if ok { "ok" } else { "FAILED" },
        swept.trials(),
        swept.wrong.len(),
        sabotage.wrong.len(),
        swept.refused,
        swept.unopened,
        swept.single_copy,
        swept.waits,
        swept.missed,
    );
    ExitCode::from(u8::from(!ok))
}

fn only(plan: &Plan, number: u64, seed: u64) -> ExitCode {
    println!("{:?}", plan.workload(number));
    let found = plan.run(&Rig::new(seed), number);
    println!("{found:#?}");
    ExitCode::from(u8::from(found.lost_count > 0))
}

fn cut(args: &Args, plan: &Plan, threads: usize) -> ExitCode {
    let least = if args.states >= WHOLE_FROM { plan.core_len() } else { 0 };
    let began = std::time::Instant::now();
    let found = plan.search(&Rig::new(args.seed), args.states, least, threads);
    let rate = found.seen.states as f64 / began.elapsed().as_secs_f64();
    tell(&found, least > 0);
    println!("{rate:.0} states a second on {threads} threads");
    let few = (args.states / SABOTAGED_SHARE).max(SABOTAGED_MIN);
    let sabotaged = Sabotaged::search(args.seed, few, threads);
    let no_syncs = &sabotaged.no_folder_syncs;
    let sabotaged_lost = no_syncs.lost_count;
    println!("without folder syncs: {sabotaged_lost} lost of {}", no_syncs.seen.states);
    println!("all disks lie: {:?}", sabotaged.all_lie.named);
    println!("salts that repeat: {} told", sabotaged.same_salts.salts_reused);
    let lost = found.lost_count + sabotaged.all_lie.lost_count;
    found.lost.iter().for_each(|what| println!("LOST: {what}"));
    sabotaged.all_lie.lost.iter().for_each(|what| println!("NOT NAMED: {what}"));
    let mut wrong = lost > 0;
    for what in sabotaged.unseen() {
        println!("BLIND: {what} would not be seen");
        wrong = true;
    }
    let unmet = if least > 0 { found.blind_to(&STEPS) } else { Vec::new() };
    for what in unmet {
        println!("BLIND: {what} never occurred");
        wrong = true;
    }
    let (word, states, seed) = (if wrong { "FAILED" } else { "ok" }, found.seen.states, args.seed);
    println!(
        "crash: {word} states={states} lost={lost} sabotaged_lost={sabotaged_lost} seed={seed}"
    );
    ExitCode::from(u8::from(wrong))
}

fn tell(found: &Found, whole: bool) {
    let seen = &found.seen;
    println!("{} workloads, {} cut points", found.workloads, found.changes);
    println!("every sequence of up to three core steps: {}", if whole { "yes" } else { "no" });
    let counted = |what: &[(String, u64)]| -> String {
        what.iter().map(|(name, times)| format!(" {name}={times}")).collect()
    };
    let faults = found.faults().map(|(name, times)| (name.to_owned(), times));
    println!("faults:{}", counted(&faults));
    let steps: Vec<_> = found.by_step.iter().map(|(step, n)| (format!("{step:?}"), *n)).collect();
    println!("cut in:{}", counted(&steps));
    println!(
        "every state was opened and read whole; {} (one in {THOROUGH_ONE_IN}) also checked, mended, \
         written and opened again; {} without one disk",
        seen.thorough, seen.one_missing
    );
    println!("refused by the vault, mostly for a failed disk: {}", found.refused.len());
}
