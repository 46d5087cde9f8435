//! The evil friend as a program: `evil run`, and the boxes that it is let loose on.
//!
//! `evil box FOLDER SEED` and `evil gull FOLDER` are boxes with a desk; `evil run` sits down at their
//! desks, prints the table and ends with a line of figures. Exits with 1 when anything came out
//! otherwise. Start at `evil::table`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use evil::desk::Ask;
use evil::meter::{LIMIT_KIB, peak_kib};
use evil::stage::Stage;
use evil::tried::Tried;
use evil::{Outcome, gull, table, victim};

/// An evil friend for real boxes.
#[derive(Debug, Parser)]
#[command(name = "evil")]
struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A real box, with a desk in its folder.
    Box { folder: PathBuf, seed: u64 },
    /// A box that believes everything.
    Gull { folder: PathBuf },
    /// The evil friend: at a box that was started with seed 1, beside an honest one, and at a gull.
    Run(Run),
}

#[derive(Debug, Parser)]
struct Run {
    /// The folder of the box that is harmed.
    #[arg(long)]
    victim: PathBuf,
    /// The folder of the honest friend's box.
    #[arg(long)]
    honest: PathBuf,
    /// The folder of the box that believes everything.
    #[arg(long)]
    gull: Option<PathBuf>,
    /// Much more of everything: a million streams, a hundred thousand messages.
    #[arg(long)]
    long: bool,
    /// Only these behaviours.
    only: Vec<String>,
}

fn main() -> ExitCode {
    let ended = match Args::parse().what {
        What::Box { folder, seed } => victim::be(&folder, seed).map(|()| true),
        What::Gull { folder } => gull::be(&folder).map(|()| true),
        What::Run(run) => all(&run),
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(sentence) => {
            say(&sentence);
            ExitCode::FAILURE
        }
    }
}

fn all(run: &Run) -> Outcome<bool> {
    let mut stage = Stage::open(&run.victim, Some(&run.honest), run.long)?;
    let tally = table::run(&mut stage, &run.only, &say)?;
    let recovered = stage.recovers()?;
    let memory = stage.peak_kib()?;
    stage.quit()?;
    let mut figures = vec![
        ("behaviours", u64::from(tally.tried)),
        ("wrong", u64::from(tally.wrong)),
        ("known_wrong", u64::from(tally.known)),
        ("recovered", recovered as u64),
        ("peak_mib", memory >> 10),
        ("over_limit", u64::from(memory >= LIMIT_KIB)),
    ];
    let mut is_right = tally.wrong == 0 && recovered > 0 && memory < LIMIT_KIB;
    if let Some(folder) = &run.gull {
        let (caught, tried, swollen) = at_gull(folder, run)?;
        figures.extend([
            ("sabotaged_wrong", u64::from(caught)),
            ("sabotaged_tried", u64::from(tried)),
            ("sabotaged_over_limit", u64::from(swollen)),
        ]);
        is_right &= caught > 0 && swollen;
    }
    let figures: Vec<String> =
        figures.iter().map(|(name, number)| format!("{name}={number}")).collect();
    say(&format!("evil: {}", figures.join(" ")));
    Ok(is_right)
}

/// Whether the table complains of a box that believes everything, and the meter of one that swells.
fn at_gull(folder: &Path, run: &Run) -> Outcome<(u32, u32, bool)> {
    let mut stage = Stage::open(folder, None, false)?;
    let (caught, tried) = table::sabotaged(&mut stage, &run.only, &say)?;
    let swollen = swells(&mut stage.victim)?;
    stage.quit()?;
    Ok((caught, tried, swollen))
}

fn swells(gull: &mut Tried) -> Outcome<bool> {
    let before = peak_kib(gull.process)?;
    gull.desk.ask(&Ask::Swell(300))?;
    Ok(before < LIMIT_KIB && peak_kib(gull.process)? >= LIMIT_KIB)
}

fn say(line: &str) {
    // Nobody to read it is no error.
    let mut out = std::io::stdout().lock();
    drop(out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush()));
}
