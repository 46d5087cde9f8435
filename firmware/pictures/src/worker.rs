//! The box's side of the child: started when it is needed, ended when it is late, replaced when it is gone.
//!
//! This is the only module of this crate that starts a program. Start at [`Worker`].

use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use types::{Clock, Millis};

use crate::child::{self, WORD};
use crate::wire::{self, ANSWER_MAX, BROKEN, DATE, DRAW, FOUND, LARGE, NOTHING, WHOLE_MAX};
use crate::{Eyes, Look, Taken, Unseen};

/// How long one picture may take: the largest, on a slow processor.
const PATIENCE: Duration = Duration::from_secs(30);
/// The program that runs now, also when its file was replaced since.
const OURSELVES: &str = "/proc/self/exe";

/// Starts children: one for each who looks, so that nobody's pictures meet another's.
#[derive(Clone, Debug)]
pub struct Worker {
    program: PathBuf,
    clock: Arc<dyn Clock>,
    patience: Duration,
}

impl Worker {
    /// Children of the program that runs now, whose `main` begins with [`crate::answer`].
    pub fn ourselves(clock: Arc<dyn Clock>) -> Self {
        Self::of(OURSELVES, clock)
    }

    /// Children of another program.
    pub fn of(program: impl Into<PathBuf>, clock: Arc<dyn Clock>) -> Self {
        Self { program: program.into(), clock, patience: PATIENCE }
    }

    /// With another patience for one picture.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    #[expect(clippy::disallowed_methods, reason = "the one place here that starts a program")]
    fn start(&self) -> io::Result<Running> {
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_read_timeout(Some(self.patience))?;
        ours.set_write_timeout(Some(self.patience))?;
        let mut command = Command::new(&self.program);
        command.arg(WORD).env_clear().process_group(0).current_dir("/");
        command.stdin(OwnedFd::from(theirs)).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Running { child: command.spawn()?, socket: ours, answered: 0 })
    }
}

impl Eyes for Worker {
    fn open(&self) -> Box<dyn Look + '_> {
        Box::new(Sight { worker: self, running: None })
    }
}

/// A child at work.
#[derive(Debug)]
struct Running {
    child: Child,
    socket: UnixStream,
    answered: u64,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; it is collected in any case.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

struct Sight<'w> {
    worker: &'w Worker,
    running: Option<Running>,
}

impl Sight<'_> {
    fn ask(&mut self, letter: u8, bytes: &[u8]) -> Result<(u8, Vec<u8>), Unseen> {
        if bytes.len() > WHOLE_MAX {
            return Err(Unseen::TooLarge);
        }
        loop {
            let mut running = match self.running.take() {
                Some(running) => running,
                None => self.worker.start().map_err(|_| Unseen::Nobody)?,
            };
            match self.exchange(&mut running, letter, bytes) {
                Ok(answer) => {
                    running.answered += 1;
                    self.running = Some(running);
                    return Ok(answer);
                }
                // What it saw before may have worn it out. A new one ends by this picture, or by none.
                Err(_) if running.answered > 0 => {}
                Err(_) => return Err(Unseen::Lost),
            }
        }
    }

    fn exchange(
        &self,
        running: &mut Running,
        letter: u8,
        bytes: &[u8],
    ) -> io::Result<(u8, Vec<u8>)> {
        let clock = &*self.worker.clock;
        let until = Millis(clock.uptime().0 + 2 * whole_millis(self.worker.patience));
        let mut line = Timed { socket: &running.socket, clock, until };
        wire::send(&mut line, letter, bytes)?;
        let head = wire::head(&mut line, ANSWER_MAX)?;
        let (letter, len) = head.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut answer = vec![0; len];
        line.read_exact(&mut answer)?;
        Ok((letter, answer))
    }
}

fn whole_millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX / 4)
}

/// A child's socket, for as long as one answer may take: one that reads or answers byte by byte has no longer
/// than one that does neither.
struct Timed<'t> {
    socket: &'t UnixStream,
    clock: &'t dyn Clock,
    until: Millis,
}

impl Timed<'_> {
    fn in_time(&self) -> io::Result<()> {
        if self.clock.uptime() > self.until { Err(io::ErrorKind::TimedOut.into()) } else { Ok(()) }
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.in_time()?;
        self.socket.read(buffer)
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.in_time()?;
        self.socket.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

impl Look for Sight<'_> {
    fn date(&mut self, head: &[u8]) -> Result<Option<Taken>, Unseen> {
        match self.ask(DATE, head)? {
            (FOUND, bytes) => child::read(&bytes).map(Some).ok_or(Unseen::Lost),
            (NOTHING, _) => Ok(None),
            _ => Err(Unseen::Lost),
        }
    }

    fn draw(&mut self, whole: &[u8]) -> Result<Vec<u8>, Unseen> {
        match self.ask(DRAW, whole)? {
            (FOUND, small) => Ok(small),
            (LARGE, _) => Err(Unseen::TooLarge),
            (BROKEN, _) => Err(Unseen::Broken),
            _ => Err(Unseen::Lost),
        }
    }
}
