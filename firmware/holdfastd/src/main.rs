//! `holdfastd --config FILE`: the box's program. It wires things up and waits for its end.
//!
//! Signals are blocked in every thread and waited for in one. SIGTERM and its kin stop the box in
//! order, and the exit code is 0 then (a box that shall begin anew turns into a new one of itself); a second one ends it at once, which loses nothing that was
//! acknowledged. Start at [`run`].

use std::ffi::CString;
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use holdfastd::{
    Config, Door, FromVaultFile, Notifier, Setup, StartError, Supervisor, VolumesSource, hardware,
    serve, web,
};
use nix::sys::prctl::set_dumpable;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::{Pid, execvp};

/// There when systemd-timesyncd has set the clock.
const CLOCK_IS_SET: &str = "/run/systemd/timesync/synchronized";

fn main() -> ExitCode {
    // A child that looks at pictures is this program, too, and never becomes a box.
    if let Some(code) = pictures::answer(std::env::args_os().skip(1)) {
        return code;
    }
    let Some(config) = config_file() else {
        say("usage: holdfastd --config FILE\n");
        return ExitCode::from(2);
    };
    // A box that is ended at a fault must not leave its keys in a file. Where this cannot be had, the
    // service's own settings say the same.
    setrlimit(Resource::RLIMIT_CORE, 0, 0).ok();
    // And no other program of the same user may look into its memory.
    set_dumpable(false).ok();
    // Before any other thread is started: they inherit the mask.
    let signals = blocked();
    raise_open_files();
    match run(&config, signals) {
        Ok(false) => ExitCode::SUCCESS,
        Ok(true) => anew(),
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

/// Reads the settings, opens the doors, and conducts until the end. Whether it shall begin anew then.
fn run(file: &std::path::Path, signals: SigSet) -> Result<bool, StartError> {
    let config = Config::load(file)?;
    log(&config);
    let socket = config.socket.clone();
    let hardware =
        config.board.as_ref().map(|board| hardware::find(board, &config.vault)).transpose()?;
    let source: Arc<dyn VolumesSource> = match &hardware {
        Some(hardware) => Arc::clone(&hardware.plugged) as _,
        None => Arc::new(FromVaultFile::new(config.vault.clone())),
    };
    let setup = Setup {
        config,
        env: host::env(),
        source,
        notifier: Notifier::from_env(),
        clock_is_set: PathBuf::from(CLOCK_IS_SET),
        hardware,
    };
    let supervisor = Supervisor::start(setup)?;
    supervisor.check_key_file()?;
    let door = Arc::new(Door::open(&socket)?);
    let waiting = Arc::clone(&supervisor);
    std::thread::spawn(move || wait_for_signals(&waiting, signals));
    let serving = Arc::clone(&supervisor);
    let served = Arc::clone(&door);
    let server = std::thread::spawn(move || serve::serve(&serving, &served));
    let web = web::open(&supervisor)?;
    if let Some(web) = &web {
        say(&web.console);
    }
    supervisor.begin_friends();
    supervisor.is_ready();
    let unlocking = Arc::clone(&supervisor);
    std::thread::spawn(move || {
        if let Err(error) = unlocking.unlock_by_itself() {
            tracing::error!(%error, advice = error.advice(), "the box waits for its owner");
        }
    });
    let watching = Arc::clone(&supervisor);
    std::thread::spawn(move || watching.watch_battery());
    let telling = Arc::clone(&supervisor);
    let teller = std::thread::spawn(move || telling.tell_owner());
    supervisor.conduct();
    if let Some(web) = web {
        web.running.close();
    }
    door.close();
    // It may wait for a server; whatever it has not sent is written down.
    drop(teller);
    if server.join().is_err() {
        tracing::error!("the thread that serves callers ended badly");
    }
    Ok(supervisor.begins_anew())
}

/// The same program with the same words in this one's place: no service manager is needed for it, and a
/// program that was updated meanwhile is the new one.
fn anew() -> ExitCode {
    let words = std::env::args_os().map(|word| CString::new(word.into_vec()));
    if let Ok(words) = words.collect::<Result<Vec<_>, _>>()
        && let Some(program) = words.first()
    {
        // It comes back only when it could not.
        execvp(program, &words).ok();
    }
    say("error: the box could not begin anew\n  do: Start it again.\n");
    ExitCode::from(1)
}

/// The file after `--config`, and nothing else.
fn config_file() -> Option<PathBuf> {
    let mut words = std::env::args_os().skip(1);
    match (words.next(), words.next(), words.next()) {
        (Some(option), Some(file), None) if option == "--config" => Some(file.into()),
        _ => None,
    }
}

fn blocked() -> SigSet {
    let mut set = SigSet::empty();
    set.add(Signal::SIGTERM);
    set.add(Signal::SIGINT);
    set.add(Signal::SIGHUP);
    if set.thread_block().is_err() {
        // Then a signal ends the process at once, which harms nothing.
        return SigSet::empty();
    }
    set
}

/// A deep tree holds a folder open for each level: take all that the system gives.
fn raise_open_files() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        // When refused, only trees deeper than the limit are affected, and those say so.
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard).ok();
    }
}

fn wait_for_signals(supervisor: &Supervisor, set: SigSet) {
    let mut heard = false;
    while set.wait().is_ok() {
        if std::mem::replace(&mut heard, true) {
            end();
        }
        supervisor.stop();
    }
}

/// As a power cut would: the vault is consistent at any moment.
fn end() {
    // Nothing is left to be done when the kernel refuses that.
    kill(Pid::this(), Signal::SIGKILL).ok();
}

/// Lines of JSON on standard error, where a service manager picks them up.
fn log(config: &Config) {
    let lines = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(tracing::level_filters::LevelFilter::from(config.log))
        .with_writer(std::io::stderr);
    if lines.try_init().is_err() {
        say("the log was set up twice\n");
    }
}

/// For whoever starts the program by hand, before there is a log. Nobody to read it is no error.
fn say(text: &str) {
    drop(std::io::stderr().write_all(text.as_bytes()));
}
