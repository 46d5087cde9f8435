//! One honest box as a process: `peer FOLDER`, driven by lines on its standard input or on a socket.
//!
//! Says `ready endpoint=...` when it listens, then answers each line ([`peer::driven`]). The end of the
//! lines stops it politely; SIGKILL is for whoever started it. Start at [`run`].

use std::io::{self, BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use federation::{Reach, Settings};
use peer::driven::{Answer, Driven};
use peer::{PeerBox, PlainHouse};
use plan::traffic::{Rate, Rules, Week};

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
    /// Million bits a second, at most, each way.
    #[arg(long)]
    mbit: Option<u32>,
    /// Listens at this path for the one who drives it, in place of its standard input.
    #[arg(long)]
    socket: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            say(&mut io::stdout(), &format!("no {sentence}"));
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
    if let Some(mbit) = args.mbit {
        let rate = Rate::from_mbit(mbit);
        let week = Week::new(rate, Vec::new()).unwrap_or_default();
        house.allow(Rules { week, relayed: rate, month_cap: None });
    }
    let boxed = PeerBox::start(Arc::new(house), settings).map_err(told)?;
    let Some(socket) = &args.socket else {
        return drive(boxed, &mut io::stdin().lock(), &mut io::stdout());
    };
    let listener = UnixListener::bind(socket).map_err(told)?;
    let (mut line, _) = listener.accept().map_err(told)?;
    let mut lines = BufReader::new(line.try_clone().map_err(told)?);
    drive(boxed, &mut lines, &mut line)
}

/// Answers lines until they end or say so.
fn drive(boxed: PeerBox, lines: &mut dyn BufRead, out: &mut dyn Write) -> Result<(), String> {
    say(out, &format!("ready endpoint={}", boxed.federation().endpoint()));
    let driven = Driven::new(boxed);
    for line in lines.lines() {
        let Ok(line) = line else { break };
        match driven.answer(&line) {
            Answer::Say(answer) => say(out, &answer),
            Answer::End(answer) => {
                driven.stop();
                say(out, &answer);
                return Ok(());
            }
        }
    }
    driven.stop();
    Ok(())
}

fn say(out: &mut dyn Write, line: &str) {
    // Nobody to read it is no error.
    drop(out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush()));
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
