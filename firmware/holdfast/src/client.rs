//! The talk with a running box: found, asked, and its jobs followed to their end.
//!
//! A job is the box's. Ctrl-C ends the watching and not the job, and that is said. Start at
//! [`RunningBox::find`].

use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use calls::{Answer, Call, Event, Job, JobId, JobSpec, JobState, Talk, TalkError};
use vault::Progress;

use crate::fail::CliError;
use crate::out::Out;
use crate::progress::Meter;
use crate::session::Context;
use crate::signals;

/// Where a box is found when its owner says `default`, or nothing.
pub(crate) const DEFAULT_SOCKET: &str = "/run/holdfast/holdfast.sock";
/// Ctrl-C is noticed this soon while a job is watched.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Events that wait while the bar is drawn.
const EVENTS_MAX: usize = 64;

/// A running box.
#[derive(Debug)]
pub(crate) struct RunningBox {
    socket: PathBuf,
    talk: Talk<UnixStream>,
}

impl RunningBox {
    /// The box that the owner named, or the usual one.
    pub(crate) fn find(context: &Context) -> Result<Self, CliError> {
        let named = context.global.running_box.clone().filter(|name| name != Path::new("default"));
        let usual = || std::env::var_os("HOLDFAST_BOX").filter(|path| !path.is_empty());
        let socket =
            named.or_else(|| usual().map(PathBuf::from)).unwrap_or_else(|| DEFAULT_SOCKET.into());
        let talk = begin(&socket)?;
        Ok(Self { socket, talk })
    }

    /// Asks.
    pub(crate) fn ask(&mut self, call: Call) -> Result<Answer, CliError> {
        Ok(self.talk.ask(call)?)
    }

    /// Begins a job and follows it to its end.
    pub(crate) fn work(
        &mut self,
        out: &Out,
        what: &'static str,
        spec: JobSpec,
    ) -> Result<Job, CliError> {
        let Answer::Started(started) = self.ask(Call::Start { spec })? else {
            return Err(unexpected());
        };
        if started.already_there {
            out.warn(format_args!("job {} does the same already; this is it", started.job.id));
        }
        self.follow(out, what, started.job.id)
    }

    /// Follows a job until it ends, rests, or nobody wants to look any more.
    pub(crate) fn follow(
        &self,
        out: &Out,
        what: &'static str,
        job: JobId,
    ) -> Result<Job, CliError> {
        let mut talk = begin(&self.socket)?;
        talk.ask(Call::Watch { job: Some(job) })?;
        let (send, events) = sync_channel(EVENTS_MAX);
        // Reads until the box ends the talk, or until nobody takes the events any more.
        std::thread::spawn(move || while send.send(talk.event()).is_ok() {});
        let (mut meter, mut waits) = (Meter::new(out, what), None);
        loop {
            if signals::stopped() {
                meter.finish();
                return Err(CliError::GoesOn { job, socket: self.socket.clone() });
            }
            let event = match events.recv_timeout(LOOK_EVERY) {
                Ok(event) => event?,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => None,
            };
            match event {
                // It goes on by itself when what it waits for is there.
                Some(Event::Job(job)) if job.state == JobState::Paused && job.fault.is_some() => {
                    if let Some(fault) = job.fault.as_ref().filter(|_| waits != job.fault) {
                        out.warn(format_args!("{fault} {}", fault.advice));
                    }
                    waits = job.fault;
                }
                Some(Event::Job(job)) if job.state.is_over() || job.state == JobState::Paused => {
                    meter.finish();
                    return Ok(*job);
                }
                Some(Event::Job(job)) => draw(&mut meter, &job),
                Some(Event::ShuttingDown {}) | None => {
                    meter.finish();
                    let gone = calls::frame::FrameError::Ended;
                    return Err(CliError::Talk { source: TalkError::Frame(gone) });
                }
                Some(_) => {}
            }
        }
    }
}

fn draw(meter: &mut Meter, job: &Job) {
    let progress = job.progress;
    meter.tick(Progress {
        items: progress.items,
        items_total: progress.items_total,
        bytes: progress.bytes,
        bytes_total: progress.bytes_total,
    });
}

fn begin(socket: &Path) -> Result<Talk<UnixStream>, CliError> {
    let stream = UnixStream::connect(socket)
        .map_err(|source: io::Error| CliError::NoBox { socket: socket.to_owned(), source })?;
    Ok(Talk::begin(stream)?)
}

/// The box answered something else than was asked.
pub(crate) fn unexpected() -> CliError {
    CliError::Talk { source: TalkError::Unexpected }
}
