//! The sequences as a program: `sequences run --count N --seed S`; and the box that they are run on.
//!
//! Ends with one line that says what was found. Exits with 1 when a course went wrong, when harm that
//! was done on purpose went unnoticed, or when the hands did too little. `--seed S --count 1`
//! repeats one course, as far as threads allow. Start at `sequences::search`.

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sequences::boxed::{Life, be_a_box};
use sequences::search::{Extent, search};

/// Random sequences of everything against a whole box.
#[derive(Debug, Parser)]
#[command(name = "sequences")]
struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Runs courses.
    Run(Extent),
    /// The box of a course: started by `run`.
    Box(Life),
}

fn main() -> ExitCode {
    let ended = match Args::parse().what {
        What::Box(life) => be_a_box(&life),
        What::Run(extent) => std::env::current_exe()
            .map_err(|error| error.to_string())
            .and_then(|program| search(&program, extent, &|line| say(line))),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            say(&sentence);
            ExitCode::FAILURE
        }
    }
}

fn say(line: &str) {
    // Nobody to read it is no error.
    drop(std::io::stdout().lock().write_all(format!("{line}\n").as_bytes()));
}
