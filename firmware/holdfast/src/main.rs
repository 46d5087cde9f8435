//! The command line of the vault: `holdfast backup`, `restore`, `check`, `rescue` and the rest.
//!
//! It turns what was typed into one call of `vault`, and the answer into text or JSON. It holds no
//! knowledge of packs, keys or copies. Every command is described, with its output, in
//! `docs/operations/vault.md`. Start at [`run`], then `args` and the files of `commands`.

mod args;
mod args_of_agent;
mod args_of_computers;
mod args_of_disks;
mod args_of_friends;
mod args_of_jobs;
mod args_of_reborn;
mod args_of_tell;
mod args_of_volumes;
mod client;
mod commands;
mod config;
mod fail;
mod kit;
mod out;
mod place;
mod progress;
mod readonly;
mod secrets;
mod session;
mod show;
mod signals;

use std::process::ExitCode;

use clap::Parser;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use args::Cli;
use fail::CliError;
use out::{EXIT_PIPE, Ended, Out};
use session::{Context, Done};

/// Something was skipped or damaged, and listed.
const EXIT_IMPERFECT: u8 = 3;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(said) => {
            // Help goes to standard output; a reader that went away needs none.
            if said.use_stderr() && std::env::args_os().any(|word| word == "--json") {
                out::usage(&said);
            } else {
                drop(said.print());
            }
            return ExitCode::from(if said.use_stderr() { 2 } else { 0 });
        }
    };
    signals::watch();
    raise_open_files();
    let context = Context { out: Out::new(cli.global.json), global: cli.global };
    ExitCode::from(run(&context, cli.command))
}

/// Runs the command and says how it went.
fn run(context: &Context, command: args::Command) -> u8 {
    let result = commands::run(context, command);
    let ended = context.out.finish();
    let ended = match (result, ended) {
        (Ok(done), Ok(ended)) => Ok((done, ended)),
        (Err(error), _) | (Ok(_), Err(error)) => Err(error),
    };
    match ended {
        Ok((Done::Imperfect, _)) => EXIT_IMPERFECT,
        Ok((Done::Clean, Ended::Whole)) => 0,
        Ok((Done::Clean, Ended::Unread)) => EXIT_PIPE,
        Err(error) => {
            context.out.error(&error);
            error.exit_code()
        }
    }
}

/// A deep tree holds a folder open for each level: take all that the system gives.
fn raise_open_files() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        // When refused, only trees deeper than the limit are affected, and those say so.
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard).ok();
    }
}

/// What any part of the command line answers.
type Result<T> = std::result::Result<T, CliError>;
