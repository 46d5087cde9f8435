//! A box as everybody outside of it sees it: a process, a socket, a clock, and disks in a hand.
//!
//! The only place of this crate that starts programs, and it ends what it started. Nothing sleeps:
//! states are waited for, each with a deadline. Start at [`Outside::start`].

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use calls::{
    Answer, Call, DeskAct, DiskAct, Disks, Finding, Job, JobSpec, Page, Secret, Talk, TalkError,
};
use types::Millis;

use crate::Outcome;
use crate::model::Judge;

/// Nothing that a box is asked takes longer: not even with disks that do not answer.
const ANSWER_MAX: Duration = Duration::from_secs(170);
/// No state takes longer to come.
pub const STATE_MAX: Millis = Millis::from_secs(120);
/// A state is looked for at least this often.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A running box.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    pub(crate) steer: ChildStdin,
    pub(crate) said: BufReader<ChildStdout>,
    talk: Talk<UnixStream>,
}

/// A box and its surroundings.
#[derive(Debug)]
pub struct Outside {
    /// Everything is in here.
    pub folder: PathBuf,
    program: PathBuf,
    began: i64,
    /// Where the wall clock is.
    pub hours: i64,
    /// Hours that it jumped since it was last known to be right; none when nobody can tell.
    pub(crate) jumped: Option<i64>,
    pub(crate) running: Option<Running>,
    judge: Arc<Mutex<Judge>>,
    news: (SyncSender<()>, Receiver<()>),
    /// The words of the vault.
    pub words: Option<Secret>,
}

#[expect(clippy::disallowed_methods, reason = "the one place of this crate that starts programs")]
fn command(program: &Path) -> Command {
    Command::new(program)
}

/// Real time, in milliseconds since 1970.
fn real_now() -> i64 {
    host::env().clock.now().0
}

impl Outside {
    /// A new box in an empty folder. `program` is this crate's own.
    pub fn new(folder: &Path, program: &Path) -> Outcome<Self> {
        let text = "vault = \"home.toml\"\nstate = \"state\"\nsocket = \"box.sock\"\n\
                    [board]\nkind = \"desk\"\nfolder = \"machine\"\n";
        put(&folder.join("box.toml"), text.as_bytes())?;
        let (folder, program) = (folder.to_path_buf(), program.to_path_buf());
        let news = sync_channel(1);
        let judge = Arc::default();
        let (running, words) = (None, None);
        let began = real_now();
        Ok(Self { folder, program, began, hours: 0, jumped: None, running, judge, news, words })
    }

    /// What was seen of jobs.
    pub fn judge(&self) -> MutexGuard<'_, Judge> {
        self.judge.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Milliseconds since the course began.
    pub fn real(&self) -> i64 {
        real_now() - self.began
    }

    /// Whether a box runs.
    pub fn is_on(&self) -> bool {
        self.running.is_some()
    }

    /// Switches the box on.
    pub fn start(&mut self) -> Outcome<()> {
        let log = self.folder.join("log");
        let opened = File::options().append(true).create(true).open(&log);
        let log = opened.map_err(|error| error.to_string())?;
        let mut command = command(&self.program);
        command.arg("box").arg(&self.folder).arg(self.began.to_string());
        command.arg(self.hours.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let (Some(steer), Some(said)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the box has no pipes".to_owned());
        };
        let mut said = BufReader::new(said);
        let ready = line(&mut said);
        if let Err(sentence) = ready {
            drop(child.wait());
            return Err(format!("the box does not start: {sentence}"));
        }
        let talk = self.connect()?;
        self.running = Some(Running { child, steer, said, talk });
        self.watch()?;
        // How long it was off is as good as a jump, of up to a day where it believes its clock.
        self.jumped = (!self.look_at_clock()?).then_some(0);
        Ok(())
    }

    fn connect(&self) -> Outcome<Talk<UnixStream>> {
        let connected = UnixStream::connect(self.folder.join("box.sock"));
        let stream = connected.map_err(|error| format!("no box answers: {error}"))?;
        stream.set_read_timeout(Some(ANSWER_MAX)).map_err(|error| error.to_string())?;
        Talk::begin(stream).map_err(|error| error.to_string())
    }

    /// Whenever something happens, all jobs are looked at, until the box goes away.
    fn watch(&self) -> Outcome<()> {
        let (mut events, mut asking) = (self.connect()?, self.connect()?);
        events.ask(Call::Watch { job: None }).map_err(|error| error.to_string())?;
        let (judge, news) = (Arc::clone(&self.judge), self.news.0.clone());
        std::thread::spawn(move || {
            while let Ok(Some(_)) = events.event() {
                // Held while it is asked, so that nobody hears older news after newer.
                let mut judge = judge.lock().unwrap_or_else(PoisonError::into_inner);
                if let Ok(Answer::Jobs { jobs, .. }) = asking.ask(all_jobs()) {
                    judge.sees(&jobs);
                }
                drop(judge);
                // One word is enough for whoever waits.
                news.try_send(()).ok();
            }
        });
        Ok(())
    }

    /// As a power cut does it. What was seen of the box before is kept.
    pub fn kill(&mut self) -> Outcome<()> {
        self.clock_may_thaw();
        let Some(mut running) = self.running.take() else { return Ok(()) };
        running.child.kill().map_err(|error| error.to_string())?;
        running.child.wait().map(drop).map_err(|error| error.to_string())
    }

    /// As its owner does it; it has to end well, and in time.
    pub fn stop(&mut self) -> Outcome<()> {
        self.clock_may_thaw();
        let Some(mut running) = self.running.take() else { return Ok(()) };
        drop(running.talk.ask(Call::Shutdown {}));
        let deadline = self.real() + i64::try_from(STATE_MAX.0).unwrap_or(i64::MAX);
        loop {
            match running.child.try_wait().map_err(|error| error.to_string())? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(format!("the box ended with {status}")),
                None if self.real() > deadline => {
                    drop(running.child.kill().and_then(|()| running.child.wait()));
                    return Err("the box does not stop in time".to_owned());
                }
                None => self.linger(LOOK_EVERY),
            }
        }
    }

    /// Asks; what the box refuses is a value, what it does not answer is wrong.
    pub fn ask(&mut self, call: Call) -> Outcome<Result<Answer, calls::Fault>> {
        let name = call.name();
        let Some(running) = &mut self.running else { return Err("the box is off".to_owned()) };
        match running.talk.ask(call) {
            Ok(answer) => Ok(Ok(answer)),
            Err(TalkError::Fault(fault)) => Ok(Err(fault)),
            Err(other) => Err(format!("{name} was not answered: {other}")),
        }
    }

    /// Plays the hardware; what makes no sense is refused.
    pub fn desk(&mut self, act: DeskAct) -> Outcome<bool> {
        self.ask(Call::Desk { act }).map(|answered| answered.is_ok())
    }

    /// Asks something of a disk.
    pub fn disk(&mut self, disk: &str, act: DiskAct) -> Outcome<bool> {
        self.ask(Call::Disk { disk: disk.to_owned(), act }).map(|answered| answered.is_ok())
    }

    /// All disks as they are shown.
    pub fn disks(&mut self) -> Outcome<Disks> {
        match self.ask(Call::Disks {})? {
            Ok(Answer::Disks(disks)) => Ok(disks),
            other => Err(format!("asked for disks: {other:?}")),
        }
    }

    /// Whether a disk that is plugged in cannot be used for the moment, and is tried again by itself.
    pub fn tries_a_disk_again(&mut self) -> Outcome<bool> {
        let waits = |finding: &Finding| finding.sentence.contains("cannot be used now");
        let answer = self.ask(Call::Health {})?;
        Ok(matches!(answer, Ok(Answer::Health(health)) if health.findings.iter().any(waits)))
    }

    /// All jobs, which are judged as well.
    pub fn jobs(&mut self) -> Outcome<Vec<Job>> {
        let judge = Arc::clone(&self.judge);
        let mut judge = judge.lock().unwrap_or_else(PoisonError::into_inner);
        match self.ask(all_jobs())? {
            Ok(Answer::Jobs { jobs, .. }) => {
                judge.sees(&jobs);
                Ok(jobs)
            }
            other => Err(format!("asked for jobs: {other:?}")),
        }
    }

    /// Begins a job, unless the box refuses.
    pub fn begin(&mut self, spec: JobSpec) -> Outcome<Result<Job, calls::Fault>> {
        match self.ask(Call::Start { spec })? {
            Ok(Answer::Started(started)) => Ok(Ok(started.job)),
            Err(fault) => Ok(Err(fault)),
            other => Err(format!("a job was asked for: {other:?}")),
        }
    }

    /// Does a job to its end, whatever that is; none where it is refused.
    pub fn perform(&mut self, spec: JobSpec) -> Outcome<Option<Job>> {
        let Ok(begun) = self.begin(spec)? else { return Ok(None) };
        let over = |job: &Job| job.id == begun.id && job.state.is_over();
        let ended = self.until("a job ends", |this| Ok(this.jobs()?.into_iter().find(over)))?;
        Ok(Some(ended))
    }

    /// Waits for a state.
    pub fn until<T>(
        &mut self,
        what: &str,
        mut look: impl FnMut(&mut Self) -> Outcome<Option<T>>,
    ) -> Outcome<T> {
        let deadline = self.real() + i64::try_from(STATE_MAX.0).unwrap_or(i64::MAX);
        while self.real() < deadline {
            if let Some(found) = look(self)? {
                return Ok(found);
            }
            self.linger(LOOK_EVERY);
        }
        let (disks, jobs) = (self.disks()?, self.jobs()?);
        let open: Vec<Job> = jobs.into_iter().filter(|job| !job.state.is_over()).collect();
        Err(format!("it does not come that {what}: {disks:#?} {open:#?}"))
    }

    /// Waits for anything to happen, not longer than that.
    pub fn linger(&self, most: Duration) {
        self.news.1.recv_timeout(most).ok();
    }

    /// Unlocks it with the words, if it can be now.
    pub fn unlock(&mut self) -> Outcome<bool> {
        match self.words.clone() {
            Some(secret) => self.ask(Call::Unlock { secret }).map(|answered| answered.is_ok()),
            None => Ok(false),
        }
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        // A course that failed leaves no process behind.
        drop(self.kill());
    }
}

fn all_jobs() -> Call {
    Call::Jobs { page: Page::default() }
}

pub(crate) fn line(from: &mut impl BufRead) -> Outcome<()> {
    let mut text = String::new();
    match from.read_line(&mut text) {
        Ok(0) => Err("it ended".to_owned()),
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

/// Writes a file of the test's.
pub fn put(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let written = File::create(path).and_then(|mut file| file.write_all(bytes));
    written.map_err(|error| format!("{}: {error}", path.display()))
}
