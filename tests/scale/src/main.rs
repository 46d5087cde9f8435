//! A vault of many millions of chunks: makes it, and does one act on it per process.
//!
//! Data packs have no bodies and take a thousandth of their length; their headers, trailers and
//! footers are real, and so is all metadata. Each act checks its result and says what it cost.
//! `cargo xtask story scale` runs them in order. Start at [`acts::ACTS`]; the page is
//! `docs/scale.md`.

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

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use acts::ACTS;
use place::Place;
use shape::Shape;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// One act on a large vault. Without `--act`: the names of all, in order, each with whether its
/// memory is bounded and what it is.
#[derive(Debug, Parser)]
#[command(name = "scale")]
struct Args {
    /// Chunks: a multiple of four times the files.
    #[arg(long, default_value_t = 20_000_000)]
    chunks: u64,
    /// Files: a multiple of 5,000.
    #[arg(long, default_value_t = 5_000_000)]
    files: u64,
    /// The folder of the run: empty for the first act.
    #[arg(long, requires = "act")]
    dir: Option<PathBuf>,
    /// Which act.
    #[arg(long, requires = "dir")]
    act: Option<String>,
}

fn run(args: &Args) -> Outcome<String> {
    let (Some(name), Some(dir)) = (&args.act, &args.dir) else {
        let line = |act: &acts::Act| format!("{}\t{}\t{}\n", act.name, act.bounded, act.about);
        return Ok(ACTS.iter().map(line).collect());
    };
    let shape = Shape::new(args.chunks, args.files)?;
    let mut numbered = (0_u32..).zip(ACTS);
    let (number, act) = numbered.find(|(_, act)| act.name == name).ok_or("there is no such act")?;
    let facts = (act.run)(&Place { dir: dir.clone(), act: number }, shape)?;
    let (cpu, peak) = (measure::cpu().as_millis(), measure::peak_kib());
    Ok(format!("cpu_ms={cpu} peak_kib={peak} {facts}\n"))
}

fn main() -> ExitCode {
    let args = Args::parse();
    let said = match run(&args) {
        Ok(text) => std::io::stdout().write_all(text.as_bytes()).map(|()| ExitCode::SUCCESS),
        Err(error) => writeln!(std::io::stderr(), "scale: {error}").map(|()| ExitCode::FAILURE),
    };
    said.unwrap_or(ExitCode::FAILURE)
}
