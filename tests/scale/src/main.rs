//! A vault of many millions of chunks, measured: `scale --chunks N --files N`.
//!
//! Data packs have no bodies and take a thousandth of their length; their headers, trailers and
//! footers are real, and so is all metadata. Each act runs in a process of its own, checks its
//! result, and says what it cost. Figures never fail a run, except memory beyond the target.
//! Start at [`acts::ACTS`]; the page is `docs/scale.md`.

mod acts;
mod disk;
mod index;
mod make;
mod measure;
mod meta;
mod place;
mod shape;
mod small;
mod store;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use acts::{ACTS, Act};
use measure::Measured;
use place::Place;
use shape::Shape;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// What every operation may hold at 20 TB.
const MEMORY_KIB: u64 = 256 << 10;

/// Measures a large vault.
#[derive(Debug, Parser)]
#[command(name = "scale")]
struct Args {
    /// Chunks: a multiple of four times the files.
    #[arg(long, default_value_t = 20_000_000)]
    chunks: u64,
    /// Files: a multiple of 5,000.
    #[arg(long, default_value_t = 5_000_000)]
    files: u64,
    /// An empty folder for it, or one that is not there yet.
    #[arg(long)]
    dir: PathBuf,
    /// Leave everything there.
    #[arg(long)]
    keep: bool,
    /// One act, in this process.
    #[arg(long, hide = true)]
    act: Option<String>,
    /// Its number.
    #[arg(long, hide = true, default_value_t = 0)]
    number: u32,
}

#[expect(clippy::print_stdout, reason = "this program's answer")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "this program's answer")]
fn complain(text: &str) {
    eprintln!("{text}");
}

fn one(args: &Args, name: &str, shape: Shape) -> Outcome<()> {
    let act = ACTS.iter().find(|act| act.name == name).ok_or("there is no such act")?;
    let place = Place { dir: args.dir.clone(), act: args.number };
    let facts = (act.run)(&place, shape)?;
    say(&format!("{:.3} {} {facts}", measure::cpu(), measure::peak_kib()));
    Ok(())
}

fn row(act: &Act, cost: &Measured) -> String {
    let mib = cost.peak_kib.div_ceil(1024);
    let Measured { wall, cpu, facts, .. } = cost;
    format!("| {} | {} | {wall:.1} | {cpu:.1} | {mib} | {facts} |", act.name, act.about)
}

fn all(dir: &Path, shape: Shape) -> Outcome<()> {
    std::fs::create_dir_all(dir)?;
    if std::fs::read_dir(dir)?.next().is_some() {
        return Err(format!("{} is not empty", dir.display()).into());
    }
    say(&format!(
        "{} chunks in {} packs, {} files, {} volumes",
        shape.chunks,
        shape.packs(),
        shape.files,
        Place::VOLUMES
    ));
    say("| act | what | wall s | CPU s | peak MiB | found |\n|---|---|---|---|---|---|");
    let mut too_much = Vec::new();
    let mut most = 0;
    for (number, act) in ACTS.iter().enumerate() {
        let cost = measure::run(dir, number, act.name, shape)?;
        say(&row(act, &cost));
        if act.bounded {
            most = most.max(cost.peak_kib);
            if cost.peak_kib > MEMORY_KIB {
                too_much.push(act.name);
            }
        }
    }
    if !too_much.is_empty() {
        return Err(format!("more than {} MiB: {}", MEMORY_KIB >> 10, too_much.join(", ")).into());
    }
    let (chunks, files) = (shape.chunks, shape.files);
    say(&format!("scale: ok chunks={chunks} files={files} peak_kib={most}"));
    Ok(())
}

fn main() -> ExitCode {
    let args = Args::parse();
    let done =
        Shape::new(args.chunks, args.files).map_err(Into::into).and_then(|shape| match &args.act {
            Some(name) => one(&args, name, shape),
            None => all(&args.dir, shape),
        });
    if args.act.is_none() && !args.keep && args.dir.join("packs.index").exists() {
        // Only what a run made here: the folder was empty before.
        std::fs::remove_dir_all(&args.dir).unwrap_or_else(|error| complain(&error.to_string()));
    }
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("scale: FAILED {error}"));
            ExitCode::FAILURE
        }
    }
}
