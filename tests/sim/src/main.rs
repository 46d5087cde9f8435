//! The world simulator as a program: `sim --seeds N --seed S`.
//!
//! Lives through that many worlds and prints what happened in them; then again, sabotaged in each way there
//! is, to show that it would be seen. Exits with 1 when anything was wrong, or a sabotage was not seen.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use sim::{SABOTAGES, Sabotage, Tally, run};

/// Sabotaged worlds of each kind, in parts of the honest ones, and at least so many.
const SABOTAGED_SHARE: u64 = 10;
const SABOTAGED_MIN: u64 = 20;

/// Lives through worlds of friends, and judges what their boxes did.
#[derive(Debug, Parser)]
#[command(name = "sim")]
struct Args {
    /// Worlds to live through.
    #[arg(long, default_value_t = 500)]
    seeds: u64,
    /// The first seed; the others follow.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> io::Result<ExitCode> {
    let args = Args::parse();
    let mut out = io::stdout().lock();
    let mut sum = Tally::default();
    for seed in args.seed..args.seed.saturating_add(args.seeds) {
        let tally = run(seed, Sabotage::None);
        for (what, count) in tally.wrongs().iter().filter(|(_, count)| *count > 0) {
            writeln!(out, "WRONG: seed {seed}: {count} packs {what}")?;
        }
        sum += tally;
    }
    writeln!(out, "{} worlds: {sum:#?}", args.seeds)?;
    let mut is_right = sum.is_right();
    let seeds = (args.seeds / SABOTAGED_SHARE).max(SABOTAGED_MIN);
    for sabotage in SABOTAGES {
        let mut sum = Tally::default();
        for seed in args.seed..args.seed.saturating_add(seeds) {
            sum += run(seed, sabotage);
        }
        let (blamed, neglected) = (sum.blamed, sum.neglected);
        writeln!(
            out,
            "{sabotage:?}, {seeds} worlds: {blamed} lost by its fault, {neglected} neglected"
        )?;
        is_right &= blamed > 0;
    }
    Ok(if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
