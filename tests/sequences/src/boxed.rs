//! The box itself, in this process, with a clock that whoever started it steers over standard input.
//!
//! Lines in: `jump HOURS` sets the wall clock, `pass HOURS` lets time go by. Each is answered with a
//! line when it holds. Stores nothing of its own. Start at [`be_a_box`].

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use holdfastd::{Config, Door, Notifier, Setup, Supervisor, hardware, serve};
use types::{Clock, Millis, UnixTime};
use vault::Env;

use crate::Outcome;

/// Where the box's time begins: some day in 2026, at a full hour since 1970.
pub const BEGIN_MS: i64 = 1_789_999_200_000;
/// Milliseconds of an hour. Clocks move by whole hours only, so what is left of a time is real.
pub const HOUR_MS: i64 = 3_600_000;

/// The wall clock is `hours` after [`BEGIN_MS`], and as much more as really went by since the course
/// began.
#[derive(Debug)]
struct Steered {
    real: Arc<dyn Clock>,
    course_began: i64,
    hours: AtomicI64,
    passed: AtomicU64,
}

impl Clock for Steered {
    fn now(&self) -> UnixTime {
        let ran = self.real.now().0 - self.course_began;
        UnixTime(BEGIN_MS + self.hours.load(Ordering::SeqCst) * HOUR_MS + ran)
    }

    fn uptime(&self) -> Millis {
        Millis(self.real.uptime().0 + self.passed.load(Ordering::SeqCst))
    }
}

/// How a box is told where it is and what time it is.
#[derive(Clone, Debug, clap::Args)]
pub struct Life {
    /// Its folder, with `box.toml`.
    pub folder: PathBuf,
    /// When the course began, milliseconds since 1970.
    pub began: i64,
    /// Where the wall clock is, in hours.
    #[arg(allow_negative_numbers = true)]
    pub hours: i64,
}

/// Serves until it is stopped or killed.
pub fn be_a_box(life: &Life) -> Outcome<()> {
    let log = tracing_subscriber::fmt().with_ansi(false).with_writer(std::io::stderr);
    let level = tracing_subscriber::filter::LevelFilter::INFO;
    log.with_max_level(level).try_init().map_err(|error| error.to_string())?;
    let real = host::env().clock;
    let (hours, passed) = (AtomicI64::new(life.hours), AtomicU64::new(0));
    let clock = Arc::new(Steered { real, course_began: life.began, hours, passed });
    let setup = setup(&life.folder, Arc::clone(&clock))?;
    let socket = setup.config.socket.clone();
    let supervisor = Supervisor::start(setup).map_err(|error| error.to_string())?;
    let door = Arc::new(Door::open(&socket).map_err(|error| error.to_string())?);
    let (serving, served) = (Arc::clone(&supervisor), Arc::clone(&door));
    let server = std::thread::spawn(move || serve::serve(&serving, &served));
    std::thread::spawn(move || steer(&clock));
    supervisor.conduct();
    door.close();
    drop(server.join());
    Ok(())
}

fn setup(folder: &Path, clock: Arc<Steered>) -> Outcome<Setup> {
    let config = Config::load(&folder.join("box.toml")).map_err(|error| error.to_string())?;
    let board = config.board.as_ref().ok_or("the settings name no board")?;
    let hardware = hardware::find(board, &config.vault).map_err(|error| error.to_string())?;
    Ok(Setup {
        source: Arc::clone(&hardware.plugged) as _,
        config,
        env: Env { clock, rng: host::env().rng },
        // Looks around a hundred times a second, so that nobody need wait a minute.
        notifier: Notifier::new(None, Some(Millis(20))),
        clock_is_set: PathBuf::from("/no/time/server"),
        hardware: Some(hardware),
    })
}

fn steer(clock: &Steered) {
    say("ready");
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let (word, number) = line.split_once(' ').unwrap_or_default();
        let hours: i64 = number.parse().unwrap_or_default();
        clock.hours.fetch_add(hours, Ordering::SeqCst);
        if word == "pass" {
            let span = u64::try_from(hours * HOUR_MS).unwrap_or_default();
            clock.passed.fetch_add(span, Ordering::SeqCst);
        }
        say("it is so");
    }
    // Whoever started it is gone, and with it everything that the box is for.
    nix::sys::signal::kill(nix::unistd::Pid::this(), nix::sys::signal::Signal::SIGKILL).ok();
}

fn say(word: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody hears it when the test was ended.
    drop(out.write_all(format!("{word}\n").as_bytes()).and_then(|()| out.flush()));
}
