//! One honest box as a process: `peer FOLDER`, driven by lines on its standard input.
//!
//! Says `ready endpoint=...` when it listens, then answers each line ([`peer::driven`]). The end of the
//! input stops it politely; SIGKILL is for whoever started it. Start at [`run`].

use std::io::{self, BufRead, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use federation::{Reach, Settings};
use peer::driven::{Answer, Driven};
use peer::{PeerBox, PlainHouse};

/// An honest box for tests of friends.
#[derive(Debug, Parser)]
#[command(name = "peer")]
struct Args {
    /// Where everything of it is; made when there is nothing.
    folder: PathBuf,
    /// What its owner calls it.
    #[arg(long, default_value = "a box")]
    label: String,
    /// Disks for friends.
    #[arg(long, default_value_t = 1)]
    disks: u8,
    /// Where to listen; every address and any port when it is not said.
    #[arg(long)]
    listen: Vec<SocketAddr>,
    /// The https address of a relay; nobody helps to meet when it is not said.
    #[arg(long)]
    relay: Option<String>,
    /// The relay's certificate authority, a file in DER.
    #[arg(long, requires = "relay")]
    ca: Option<PathBuf>,
    /// Milliseconds between two looks at the clock.
    #[arg(long, default_value_t = 1_000)]
    tick: u64,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            say(&format!("no {sentence}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), String> {
    let house = PlainHouse::open(&args.folder, &args.label, args.disks).map_err(told)?;
    let mut settings = Settings::new(house.keys().secret());
    settings.listen.clone_from(&args.listen);
    settings.tick = Duration::from_millis(args.tick);
    if let Some(url) = &args.relay {
        let ca = args.ca.as_ref().map(std::fs::read).transpose().map_err(told)?;
        settings.reach = Reach::Relay { url: url.clone(), ca };
    }
    let boxed = PeerBox::start(Arc::new(house), settings).map_err(told)?;
    say(&format!("ready endpoint={}", boxed.federation().endpoint()));
    let driven = Driven::new(boxed);
    for line in io::stdin().lock().lines() {
        match driven.answer(&line.map_err(told)?) {
            Answer::Say(answer) => say(&answer),
            Answer::End(answer) => {
                driven.stop();
                say(&answer);
                return Ok(());
            }
        }
    }
    driven.stop();
    Ok(())
}

fn say(line: &str) {
    let mut out = io::stdout().lock();
    // Nobody to read it is no error.
    drop(out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush()));
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
