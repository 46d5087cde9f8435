//! `holdfast-hands --config FILE`: the helper that works on disks for a box without rights.
//!
//! It runs as root, opens one socket for the box's user, and serves until it is ended, which may be at
//! any moment: what is mounted stays mounted, and a disk that was being prepared says so. Before
//! anything else it answers as the child that looks at foreign disks. It holds no key and knows no vault.
//! Start at [`run`].

mod error;
mod passwd;
mod settings;
mod show;

use std::io::Write;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use board::profile;
use board_hands::{Door, Helper, RemoteBoard};
use board_linux::{LinuxBoard, Owner};
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::stat::{Mode, umask};
use nix::unistd::{Gid, Uid, geteuid};
use rustix::thread::set_no_new_privs;

use crate::error::HandsError;
use crate::settings::Settings;

const USAGE: &str = "usage: holdfast-hands --config FILE [disks]\n";
/// Folders that are made are for everybody to pass through; files have modes of their own.
const UMASK: Mode = Mode::from_bits_truncate(0o022);

fn main() -> ExitCode {
    if let Some(code) = board_linux::answer_as_child(std::env::args_os().skip(1)) {
        return code;
    }
    let words: Vec<_> = std::env::args_os().skip(1).collect();
    let done = match &words[..] {
        [option, file] if option == "--config" => run(Path::new(file)),
        [option, file, act] if option == "--config" && act == "disks" => list(Path::new(file)),
        _ => {
            say(USAGE);
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = format!("error: {error}\n");
            let mut next = std::error::Error::source(&error);
            while let Some(cause) = next {
                text.push_str(&format!("  because: {cause}\n"));
                next = cause.source();
            }
            say(&format!("{text}  do: {}\n", error.advice()));
            ExitCode::from(1)
        }
    }
}

/// Gives up what is not needed, opens the door and serves without end.
fn run(file: &Path) -> Result<(), HandsError> {
    let settings = Settings::load(file)?;
    log(&settings);
    if !geteuid().is_root() {
        return Err(HandsError::NotRoot);
    }
    umask(UMASK);
    // What was read of a disk must not end in a file. Where it cannot be had, the unit says the same.
    setrlimit(Resource::RLIMIT_CORE, 0, 0).ok();
    set_no_new_privs(true).map_err(|errno| HandsError::Rights { source: errno.into() })?;
    let owner = passwd::find(&settings.user)?;
    let socket = |source| HandsError::Socket { path: settings.socket.clone(), source };
    let (user, group) = (Uid::from_raw(owner.user), Gid::from_raw(owner.group));
    // The door first: it refuses folders that others may change, and mounts go into such, too.
    let door = Door::open(&settings.socket, user, group).map_err(socket)?;
    let home = |source| HandsError::Home { path: settings.home.clone(), source };
    board_hands::own_folder(&settings.home).map_err(home)?;
    let board = Arc::new(board(&settings, owner)?);
    let helper = Helper::new(board, user);
    tracing::info!(user = settings.user, socket = %settings.socket.display(), "serving");
    is_ready();
    helper.serve(&door);
    Ok(())
}

/// Asks the helper that runs, as the box would.
fn list(file: &Path) -> Result<(), HandsError> {
    let settings = Settings::load(file)?;
    let board = RemoteBoard::connect(&settings.socket)?;
    let text = show::disks(&board)?;
    std::io::stdout().write_all(text.as_bytes()).map_err(|source| HandsError::Say { source })
}

fn board(settings: &Settings, owner: Owner) -> Result<LinuxBoard, HandsError> {
    let own = std::env::current_exe().map_err(|source| HandsError::Program { source })?;
    let places = board_linux::Settings {
        home: settings.home.clone(),
        images: settings.images.clone(),
        keeps_in: Some(settings.keeps_in.clone()),
        owner: Some(owner),
        ..board_linux::Settings::of_system(own)
    };
    let profile = match &settings.profile {
        Some(id) => profile::by_id(id)?,
        None => profile::choose(&board_linux::machine_facts(&places.sys, &places.proc))?,
    };
    Ok(LinuxBoard::new(places, profile)?)
}

/// Tells the service manager, if there is one, as `sd_notify(3)` describes it.
fn is_ready() {
    let Some(name) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let address = match name.to_str().and_then(|name| name.strip_prefix('@')) {
        Some(rest) => SocketAddr::from_abstract_name(rest),
        None => SocketAddr::from_pathname(PathBuf::from(name)),
    };
    let told = UnixDatagram::unbound()
        .and_then(|socket| socket.send_to_addr(b"READY=1", &address?).map(drop));
    if let Err(error) = told {
        tracing::warn!(%error, "the service manager does not listen");
    }
}

/// Lines of JSON on standard error, where a service manager picks them up.
fn log(settings: &Settings) {
    let lines = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(tracing::level_filters::LevelFilter::from(settings.log))
        .with_writer(std::io::stderr);
    if lines.try_init().is_err() {
        say("the log was set up twice\n");
    }
}

/// For whoever starts the program by hand. Nobody to read it is no error.
fn say(text: &str) {
    drop(std::io::stderr().write_all(text.as_bytes()));
}
