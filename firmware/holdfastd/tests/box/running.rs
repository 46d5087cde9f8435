//! A box that runs: asked, watched, stopped and killed.

use std::os::unix::net::{UnixDatagram, UnixStream};
use std::process::Child;

use calls::{
    Answer, Call, Event, Fault, Health, Job, JobId, JobSpec, Page, Snapshot, StartedJob, Status,
    Talk, TalkError,
};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::rig::{DEADLINE, Rig, ended};

/// A box that runs.
pub(crate) struct Running<'r> {
    pub(crate) rig: &'r Rig,
    pub(crate) child: Option<Child>,
    pub(crate) notify: UnixDatagram,
}

impl Running<'_> {
    /// Waits for this word to the service manager.
    pub(crate) fn hears(&self, word: &str) {
        let mut buffer = [0; 64];
        loop {
            let len = self.notify.recv(&mut buffer).unwrap_or_else(|error| {
                panic!("no {word} ({error}); the log: {}", self.rig.log());
            });
            if &buffer[..len] == word.as_bytes() {
                return;
            }
        }
    }

    pub(crate) fn stream(&self) -> UnixStream {
        let stream = UnixStream::connect(self.rig.path("box.sock")).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream
    }

    pub(crate) fn talk(&self) -> Talk<UnixStream> {
        Talk::begin(self.stream()).unwrap()
    }

    pub(crate) fn ask(&self, call: Call) -> Answer {
        self.talk().ask(call).unwrap_or_else(|error| panic!("{error}: {}", self.rig.log()))
    }

    /// The refusal of a call.
    pub(crate) fn refused(&self, call: Call) -> Fault {
        match self.talk().ask(call) {
            Err(TalkError::Fault(fault)) => {
                assert!(!fault.sentence.is_empty() && !fault.advice.is_empty(), "{fault:?}");
                fault
            }
            other => panic!("not refused: {other:?}"),
        }
    }

    pub(crate) fn status(&self) -> Status {
        match self.ask(Call::Status {}) {
            Answer::Status(status) => status,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn health(&self) -> Health {
        match self.ask(Call::Health {}) {
            Answer::Health(health) => health,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn unlock(&self) {
        let secret = self.rig.words();
        assert!(matches!(self.ask(Call::Unlock { secret }), Answer::Lock(calls::Lock::Unlocked)));
    }

    pub(crate) fn begin(&self, spec: JobSpec) -> StartedJob {
        match self.ask(Call::Start { spec }) {
            Answer::Started(started) => started,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn job(&self, call: Call) -> Job {
        match self.ask(call) {
            Answer::Job(job) => job,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn jobs(&self) -> Vec<Job> {
        match self.ask(Call::Jobs { page: Page::default() }) {
            Answer::Jobs { jobs, more: false } => jobs,
            other => panic!("{other:?}"),
        }
    }

    /// Follows a job until it is as wanted.
    pub(crate) fn until(&self, job: JobId, wanted: impl Fn(&Job) -> bool) -> Job {
        let mut talk = self.talk();
        talk.ask(Call::Watch { job: Some(job) }).unwrap();
        loop {
            match talk.event().unwrap() {
                Some(Event::Job(job)) if wanted(&job) => return *job,
                Some(Event::Job(job)) if job.state.is_over() => panic!("{job:?}"),
                Some(_) => {}
                None => panic!("the box went away: {}", self.rig.log()),
            }
        }
    }

    /// Does a job to its end.
    pub(crate) fn done(&self, spec: JobSpec) -> Job {
        let job = self.begin(spec).job.id;
        self.until(job, |job| job.state == calls::JobState::Done)
    }

    pub(crate) fn snapshots(&self) -> Vec<Snapshot> {
        match self.ask(Call::Snapshots { source: None, space: None, page: Page::default() }) {
            Answer::Snapshots { snapshots, more: false } => snapshots,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.as_ref().unwrap().id()).unwrap())
    }

    /// As a power cut does it.
    pub(crate) fn kill(mut self) {
        kill(self.pid(), Signal::SIGKILL).unwrap();
        assert!(!ended(self.child.take().unwrap()).success());
    }

    /// As a service manager does it.
    pub(crate) fn stop(mut self) -> Option<i32> {
        kill(self.pid(), Signal::SIGTERM).unwrap();
        self.hears("STOPPING=1");
        ended(self.child.take().unwrap()).code()
    }

    /// Waits until it has ended by itself.
    pub(crate) fn ends(mut self) -> Option<i32> {
        ended(self.child.take().unwrap()).code()
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }
}
