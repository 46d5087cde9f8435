//! The world simulator as a program: `sim --worlds N --seed S`.
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
    worlds: u64,
    /// The first seed; the others follow.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> io::Result<ExitCode> {
    let args = Args::parse();
    let mut out = io::stdout().lock();
    let mut sum = Tally::default();
    for seed in args.seed..args.seed.saturating_add(args.worlds) {
        let tally = run(seed, Sabotage::None);
        if !tally.is_right() {
            writeln!(out, "WRONG: seed {seed}: {:?}", tally.wrongs)?;
        }
        sum += tally;
    }
    writeln!(out, "{} worlds: {:#?}", args.worlds, sum.happened)?;
    let mut is_right = sum.is_right();
    let worlds = (args.worlds / SABOTAGED_SHARE).max(SABOTAGED_MIN);
    for (sabotage, wrong) in SABOTAGES {
        let mut sum = Tally::default();
        for seed in args.seed..args.seed.saturating_add(worlds) {
            sum += run(seed, sabotage);
        }
        writeln!(out, "{sabotage:?}, {worlds} worlds: {:?}", sum.wrongs)?;
        is_right &= sum.count_wrong(wrong) > 0;
    }
    writeln!(
        out,
        "sim: {} worlds={} seed={}",
        if is_right { "ok" } else { "FAILED" },
        args.worlds,
        args.seed
    )?;
    Ok(if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
