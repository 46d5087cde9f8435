//! The caller's end of a talk, over anything that reads and writes.
//!
//! Start at [`Talk::begin`], then [`Talk::ask`].

use std::io::{Read, Write};

use thiserror::Error;

use crate::frame::{self, FrameError, LEN_MAX};
use crate::{Answer, Call, Event, Fault, FaultCode, Greeting, Hello, Message, Request};

/// Why a call has no answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TalkError {
    /// The box said no, and why.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The talk itself failed.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The box sent something else than was asked for.
    #[error("the box answered something that was not asked")]
    Unexpected,
}

/// A talk with a box.
#[derive(Debug)]
pub struct Talk<S> {
    stream: S,
    next: u64,
}

impl<S: Read + Write> Talk<S> {
    /// Hears the greeting and chooses the version.
    pub fn begin(mut stream: S) -> Result<Self, TalkError> {
        let greeting: Greeting = frame::read(&mut stream, LEN_MAX)?;
        let Some(protocol) = greeting.agreed() else {
            let sentence = format!(
                "The box (Holdfast {}) speaks protocol {} to {}, and this program none of them.",
                greeting.holdfast, greeting.oldest, greeting.protocol
            );
            let advice = "Use the program that came with the box.";
            return Err(Fault::new(FaultCode::Version, sentence, advice).into());
        };
        let sent = frame::write(&mut stream, &Hello { protocol });
        if let Err(error) = sent {
            // A box that refuses a talk has said why and hung up.
            return Err(match frame::read(&mut stream, LEN_MAX) {
                Ok(Message::Fault { fault, .. }) => fault.into(),
                _ => error.into(),
            });
        }
        Ok(Self { stream, next: 1 })
    }

    /// Asks, and waits for the answer.
    pub fn ask(&mut self, call: Call) -> Result<Answer, TalkError> {
        let id = self.next;
        self.next += 1;
        let sent = frame::write(&mut self.stream, &Request { id, call });
        // A box that refuses a talk says why and hangs up, perhaps before it heard the question.
        let message = frame::read(&mut self.stream, LEN_MAX);
        match message {
            Ok(Message::Answer { id: told, answer }) if told == id => Ok(*answer),
            Ok(Message::Fault { id: told, fault }) if told == id || told == 0 => Err(fault.into()),
            Ok(_) => Err(TalkError::Unexpected),
            Err(error) => {
                sent?;
                Err(error.into())
            }
        }
    }

    /// The next event, after [`Call::Watch`]; none when the box ended the talk.
    pub fn event(&mut self) -> Result<Option<Event>, TalkError> {
        match frame::read(&mut self.stream, LEN_MAX) {
            Ok(Message::Event(event)) => Ok(Some(*event)),
            Ok(Message::Fault { fault, .. }) => Err(fault.into()),
            Ok(Message::Answer { .. }) => Err(TalkError::Unexpected),
            Err(FrameError::Ended) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
