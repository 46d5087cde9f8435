//! The local socket: who may speak, how many at once, and for how long nobody is waited for.
//!
//! Only the box's own user and root may speak; the socket's mode says so, and the kernel is asked
//! who is at the other end. A caller that sends what cannot be read is told so and left. One thread
//! a caller. Start at [`serve`].

use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use calls::frame::{self, CALL_LEN_MAX, FrameError};
use calls::{
    Answer, Call, Event, Fault, FaultCode, Greeting, Hello, JobId, Message, OLDEST_PROTOCOL,
    PROTOCOL, Request, Watched,
};
use nix::sys::socket::{getsockopt, sockopt};
use nix::unistd::Uid;

use crate::answer::answer;
use crate::callers::{CALLERS_MAX, Callers, Doing, Place};
use crate::door::Door;
use crate::supervisor::Supervisor;

/// A caller that has not said hello by then is left.
const HELLO_MAX: Duration = Duration::from_secs(10);
/// A caller that says nothing for this long is left.
const IDLE_MAX: Duration = Duration::from_secs(600);
/// A caller that takes nothing for this long is left.
const WRITE_MAX: Duration = Duration::from_secs(30);
/// No caller is taken for this long after one could not be.
const AFTER_TROUBLE: Duration = Duration::from_millis(200);
/// A watcher hears that the box is alive at least this often, and the box that the watcher is.
const QUIET_MAX: Duration = Duration::from_secs(15);

/// Serves callers until the box stops; closing the door wakes it for that.
pub fn serve(supervisor: &Arc<Supervisor>, door: &Door) {
    let callers = Arc::<Callers>::default();
    for stream in door.listener.incoming() {
        if supervisor.is_stopping() {
            return;
        }
        let stream = match stream {
            Ok(stream) => stream,
            Err(error) => {
                // Too many open files, say: to try again at once would only burn the processor.
                tracing::warn!(%error, "a caller could not be taken");
                if supervisor.rests(AFTER_TROUBLE) {
                    return;
                }
                continue;
            }
        };
        let (callers, supervisor) = (Arc::clone(&callers), Arc::clone(supervisor));
        let named = std::thread::Builder::new().name("caller".to_owned());
        let spawned = named.spawn(move || {
            let ended = Talk::begin(&supervisor, &callers, stream);
            let ended = ended.and_then(|mut talk| talk.go_on());
            if let Err(error) = ended {
                tracing::debug!(%error, "a talk ended");
            }
        });
        if let Err(error) = spawned {
            tracing::warn!(%error, "no thread for a caller");
        }
    }
}

/// Whether somebody with this number may speak with a box of that.
fn may_speak(caller: Uid, own: Uid) -> bool {
    caller == own || caller.is_root()
}

struct Talk<'s> {
    supervisor: &'s Supervisor,
    stream: UnixStream,
    /// None until it is taken.
    place: Option<Place<'s>>,
}

impl<'s> Talk<'s> {
    /// Greets, and hears whether both speak the same version.
    fn begin(
        supervisor: &'s Supervisor,
        callers: &'s Callers,
        stream: UnixStream,
    ) -> Result<Self, FrameError> {
        let io = |source| FrameError::Io { source };
        stream.set_read_timeout(Some(HELLO_MAX)).map_err(io)?;
        stream.set_write_timeout(Some(WRITE_MAX)).map_err(io)?;
        let caller =
            getsockopt(&stream, sockopt::PeerCredentials).map_err(|errno| io(errno.into()))?;
        let mut talk = Self { supervisor, stream, place: None };
        let greeting = Greeting {
            holdfast: env!("CARGO_PKG_VERSION").to_owned(),
            protocol: PROTOCOL,
            oldest: OLDEST_PROTOCOL,
        };
        frame::write(&mut talk.stream, &greeting)?;
        let (caller, own) = (Uid::from_raw(caller.uid()), Uid::effective());
        if !may_speak(caller, own) {
            tracing::warn!(uid = caller.as_raw(), "a stranger called");
            let sentence = "This box speaks with its own user only.";
            return talk.leave(Fault::new(FaultCode::Denied, sentence, "Call as that user."));
        }
        talk.place = callers.take(&talk.stream, caller.is_root(), supervisor.uptime());
        if talk.place.is_none() {
            let sentence = format!("{CALLERS_MAX} callers are here already.");
            return talk.leave(Fault::new(FaultCode::Busy, sentence, "Try again in a moment."));
        }
        let hello: Hello = talk.read()?;
        talk.stream.set_read_timeout(Some(IDLE_MAX)).map_err(io)?;
        if !(OLDEST_PROTOCOL..=PROTOCOL).contains(&hello.protocol) {
            let sentence =
                format!("This box speaks protocol {PROTOCOL}, and {} was wanted.", hello.protocol);
            let advice = "Use the program that came with the box.";
            return talk.leave(Fault::new(FaultCode::Version, sentence, advice));
        }
        Ok(talk)
    }

    /// Says why, and ends the talk.
    fn leave<T>(&mut self, fault: Fault) -> Result<T, FrameError> {
        frame::write(&mut self.stream, &Message::Fault { id: 0, fault })?;
        Err(FrameError::Ended)
    }

    /// The caller's next frame. What cannot be read is answered, and never repeated: it may be a
    /// secret in the wrong place.
    fn read<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, FrameError> {
        let read = frame::read(&mut self.stream, CALL_LEN_MAX);
        match &read {
            Err(FrameError::NotUnderstood { source }) => {
                let sentence = format!(
                    "The request cannot be understood ({:?} error at byte {}).",
                    source.classify(),
                    source.column()
                );
                let advice = "Use the program that came with the box.";
                self.leave(Fault::new(FaultCode::BadRequest, sentence, advice))
            }
            Err(error @ FrameError::TooLong { .. }) => {
                let fault = Fault::new(FaultCode::BadRequest, error.to_string(), "Send less.");
                self.leave(fault)
            }
            _ => read,
        }
    }

    fn go_on(&mut self) -> Result<(), FrameError> {
        loop {
            let Request { id, call } = match self.read() {
                Err(FrameError::Ended) => return Ok(()),
                other => other?,
            };
            tracing::debug!(call = call.name(), "asked");
            self.does(Doing::Asking);
            if let Call::Watch { job } = call {
                return self.watch(id, job);
            }
            let (stops, begins) = (call.stops_the_box(), matches!(call, Call::Restart {}));
            let creates = matches!(call, Call::Create { .. });
            let answered = answer(self.supervisor, call);
            let is_made = creates && answered.is_ok();
            self.reply(id, answered)?;
            if is_made {
                // Only now somebody has the words.
                self.supervisor.words_are_told();
            }
            if stops {
                self.supervisor.stop_for(begins);
                return Ok(());
            }
            self.does(Doing::Silent(self.supervisor.uptime()));
        }
    }

    fn does(&self, doing: Doing) {
        if let Some(place) = &self.place {
            place.is(doing);
        }
    }

    fn reply(&mut self, id: u64, answered: Result<Answer, Fault>) -> Result<(), FrameError> {
        let message = match answered {
            Ok(answer) => Message::Answer { id, answer: Box::new(answer) },
            Err(fault) => Message::Fault { id, fault },
        };
        match frame::write(&mut self.stream, &message) {
            Err(error @ FrameError::DoesNotFit { .. }) => {
                let advice = "Ask for a smaller part of it.";
                let fault = Fault::new(FaultCode::Failed, error.to_string(), advice);
                frame::write(&mut self.stream, &Message::Fault { id, fault })
            }
            other => other,
        }
    }

    fn watch(&mut self, id: u64, job: Option<JobId>) -> Result<(), FrameError> {
        // Watched first and asked then: what happens in between is heard of twice, not never.
        let watching = self.supervisor.hub.watch(job);
        let known = job.map(|job| self.supervisor.shared().book.job(job)).transpose();
        let first = match known {
            Ok(known) => known,
            Err(fault) => return self.reply(id, Err(fault)),
        };
        self.reply(id, Ok(Answer::Watching(Watched { job })))?;
        self.does(Doing::Watching(self.supervisor.uptime()));
        if let Some(first) = first {
            let over = first.state.is_over();
            self.tell(Event::Job(Box::new(first)))?;
            if over {
                return Ok(());
            }
        }
        loop {
            let event = match watching.next(QUIET_MAX) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout) => Arc::new(Event::Quiet {}),
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            let count = watching.missed();
            if count > 0 {
                self.tell(Event::Missed { count })?;
                if let Some(job) = job
                    && let Ok(now) = self.supervisor.shared().book.job(job)
                {
                    self.tell(Event::Job(Box::new(now)))?;
                }
            }
            let last = match &*event {
                Event::Job(one) => job == Some(one.id) && one.state.is_over(),
                Event::ShuttingDown {} => true,
                _ => false,
            };
            self.tell(Arc::unwrap_or_clone(event))?;
            if last {
                return Ok(());
            }
        }
    }

    fn tell(&mut self, event: Event) -> Result<(), FrameError> {
        frame::write(&mut self.stream, &Message::Event(Box::new(event)))
    }
}

impl std::fmt::Debug for Talk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Talk")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_boxs_own_user_and_root_may_speak() {
        let (own, other) = (Uid::from_raw(990), Uid::from_raw(1_000));
        assert!(may_speak(own, own) && may_speak(Uid::from_raw(0), own));
        assert!(!may_speak(other, own) && !may_speak(other, Uid::from_raw(0)));
    }
}
