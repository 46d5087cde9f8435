//! The programs of the story: `peer` in each home, the relay and the eavesdropper in the middle.
//!
//! A peer is asked over a socket in its folder; every answer is bounded in time. Start at [`Peer::start`].

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::net::{Home, Net, RELAY};
use crate::cmd::{Cmd, Running};
use crate::{Outcome, files};

/// An answer takes no longer than this, those that wait for something among them.
const ANSWER: Duration = Duration::from_secs(200);
/// A program listens by then, also on a machine that is busy.
const LISTENS: Duration = Duration::from_secs(60);
const NO_EAR: &str = "a program does not listen";
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A box in one of the homes.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) home: Home,
    /// Where everything of it is.
    pub(super) folder: PathBuf,
    program: PathBuf,
    ca: PathBuf,
    mbit: u32,
    starts: u32,
    running: Option<(Running, BufReader<UnixStream>)>,
}

/// What a peer answered: `key=value` words.
#[derive(Debug)]
pub(super) struct Said(String);

impl Said {
    /// A value as text.
    pub(super) fn of(&self, key: &str) -> Outcome<&str> {
        let mut pairs = self.0.split(' ').filter_map(|word| word.split_once('='));
        let found = pairs.find(|(name, _)| *name == key);
        found.map(|(_, value)| value).ok_or_else(|| format!("no {key} in the answer: {}", self.0))
    }

    /// A value as a number.
    pub(super) fn number(&self, key: &str) -> Outcome<u64> {
        let text = self.of(key)?;
        text.parse().map_err(|_| format!("{key}={text} is no number"))
    }
}

impl Peer {
    /// A box that was not started yet, sending at most so many million bits a second.
    pub(super) fn new(home: Home, folder: PathBuf, programs: &Path, mbit: u32) -> Self {
        Self {
            home,
            ca: folder.with_file_name("ca.der"),
            folder,
            program: programs.join("peer"),
            mbit,
            starts: 0,
            running: None,
        }
    }

    /// Starts it and waits until it listens.
    pub(super) fn start(&mut self, net: &Net) -> Outcome<()> {
        let socket = self.folder.with_extension("socket");
        files::remove(&socket)?;
        self.starts += 1;
        let log = self.folder.with_extension(format!("log-{}", self.starts));
        let peer = Cmd::new(&self.program)
            .arg(&self.folder)
            .arg("--label")
            .arg(format!("{:?}", self.home))
            .args(["--tick", "200", "--mbit", &self.mbit.to_string()])
            .args(["--relay", &format!("https://{RELAY}")])
            .arg("--ca")
            .arg(&self.ca)
            .arg("--socket")
            .arg(&socket);
        let mut running = net.at(self.home, peer).log(&log).start()?;
        let line = until(NO_EAR, || {
            let alive = running.alive();
            match UnixStream::connect(&socket) {
                Ok(line) => Ok(Some(line)),
                Err(_) if alive => Ok(None),
                Err(_) => Err(format!("a peer ended; see {}.out", log.display())),
            }
        })?;
        line.set_read_timeout(Some(ANSWER)).map_err(|error| error.to_string())?;
        let mut line = BufReader::new(line);
        heard(&mut line, "ready")?;
        self.running = Some((running, line));
        Ok(())
    }

    /// Asks it something; an answer of `no` is an error.
    pub(super) fn ask(&mut self, line: &str) -> Outcome<Said> {
        let home = self.home;
        let (_, talk) = self.running.as_mut().ok_or("a peer is asked that does not run")?;
        let sent = talk.get_mut().write_all(format!("{line}\n").as_bytes());
        sent.map_err(|error| format!("{home:?} cannot be asked: {error}"))?;
        let short: String = line.chars().take(40).collect();
        heard(talk, "ok").map_err(|said| format!("{home:?}, asked to {short}: {said}"))
    }

    /// Ends it at once, as a power cut of the box alone would.
    pub(super) fn kill(&mut self) -> Outcome<()> {
        let Some((mut running, _)) = self.running.take() else { return Ok(()) };
        running.kill();
        running.wait(LISTENS).map(drop)
    }

    /// Lets it end in order.
    pub(super) fn stop(&mut self) -> Outcome<()> {
        self.ask("quit")?;
        let Some((running, _)) = self.running.take() else { return Ok(()) };
        running.wait(LISTENS)?.ok().map(drop)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.kill());
    }
}

fn heard(line: &mut BufReader<UnixStream>, wanted: &str) -> Outcome<Said> {
    let mut text = String::new();
    let read = line.read_line(&mut text).map_err(|error| format!("no answer: {error}"))?;
    let text = text.trim();
    match text.strip_prefix(wanted) {
        Some(rest) if read > 0 => Ok(Said(rest.trim().to_owned())),
        _ if text.is_empty() => Err("it ended without an answer".to_owned()),
        _ => Err(text.to_owned()),
    }
}

/// A program in the middle that runs until the story is over.
#[derive(Debug)]
pub(super) struct Beside(Option<Running>);

impl Beside {
    /// The relay; its certificate goes to `ca.der` in the folder.
    pub(super) fn relay(net: &Net, programs: &Path, folder: &Path) -> Outcome<Self> {
        let relay = Cmd::new(programs.join("relay")).arg(folder).arg(RELAY);
        let log = folder.join("relay");
        let running = net.middle(relay).log(&log).start()?;
        Self::ready(running, &log.with_extension("out"), "ready")
    }

    /// Writes down every packet that goes to the host's home or comes from it, whole.
    pub(super) fn eavesdropper(net: &Net, to: &Path) -> Outcome<Self> {
        let watch = Cmd::new("tcpdump")
            .args(["-Z", "root", "-U", "-s", "0", "-B", "65536", "-i", net.watched(), "-w"])
            .arg(to);
        let log = to.with_extension("log");
        let running = net.middle(watch).log(&log).limit(Duration::from_secs(3600)).start()?;
        Self::ready(running, &log.with_extension("log.err"), "listening")
    }

    fn ready(running: Running, says: &Path, word: &str) -> Outcome<Self> {
        let mut beside = Self(Some(running));
        until(NO_EAR, || {
            let alive = beside.0.as_mut().is_some_and(Running::alive);
            let said = files::text(says)?;
            match said.contains(word) {
                true => Ok(Some(())),
                false if alive => Ok(None),
                false => Err(format!("it ended: {}", said.trim())),
            }
        })?;
        Ok(beside)
    }

    /// Lets it write down what it has, and ends it.
    pub(super) fn finish(&mut self) -> Outcome<()> {
        let Some(running) = self.0.take() else { return Ok(()) };
        Cmd::new("kill").args(["-INT", &running.id().to_string()]).kept()?.ok()?;
        running.wait(LISTENS).map(drop)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if let Some(mut running) = self.0.take() {
            running.kill();
            drop(running.wait(LISTENS));
        }
    }
}

/// Looks until there is something, bounded; what did not come then is told.
pub(super) fn until<T>(missing: &str, mut look: impl FnMut() -> Outcome<Option<T>>) -> Outcome<T> {
    let began = files::now();
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if began.elapsed() > LISTENS {
            return Err(missing.to_owned());
        }
        thread::sleep(LOOK_EVERY);
    }
}
