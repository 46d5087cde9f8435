//! The talk itself: a greeting, a hello, then requests and messages.
//!
//! The box greets first, so that a caller knows the versions before it says anything. The two
//! smallest types may never change: they are how the rest is agreed on. Start at [`Greeting`].

use serde::{Deserialize, Serialize};

use crate::{Answer, Call, Event, Fault};

/// The version of everything in this crate. It rises with any change that an older side would
/// refuse, and a refused field is such a change.
pub const PROTOCOL: u16 = 1;
/// The oldest version that is still understood.
pub const OLDEST_PROTOCOL: u16 = 1;

/// The first frame, from the box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Greeting {
    /// The program's version, for people.
    pub holdfast: String,
    /// The newest protocol that the box speaks.
    pub protocol: u16,
    /// The oldest.
    pub oldest: u16,
}

impl Greeting {
    /// The version that both sides speak, if there is one.
    pub fn agreed(&self) -> Option<u16> {
        let common = self.protocol.min(PROTOCOL);
        (common >= self.oldest && common >= OLDEST_PROTOCOL).then_some(common)
    }
}

/// The second frame, from the caller: the version it chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// The version.
    pub protocol: u16,
}

/// A question with the caller's number for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Comes back with the answer.
    pub id: u64,
    /// The question.
    pub call: Call,
}

/// What the box sends after its greeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Message {
    /// It was done.
    Answer {
        /// The number of the request.
        id: u64,
        /// What came of it.
        answer: Box<Answer>,
    },
    /// It was not done.
    Fault {
        /// The number of the request; 0 when it could not be read.
        id: u64,
        /// Why not.
        fault: Fault,
    },
    /// News, for a watcher.
    Event(Box<Event>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_sides_agree_on_the_newest_version_that_both_speak_or_on_none() {
        let greeting =
            |oldest, protocol| Greeting { holdfast: "9.9.9".to_owned(), protocol, oldest };
        assert_eq!(greeting(1, PROTOCOL).agreed(), Some(PROTOCOL));
        assert_eq!(greeting(1, PROTOCOL + 7).agreed(), Some(PROTOCOL));
        assert_eq!(greeting(PROTOCOL + 1, PROTOCOL + 7).agreed(), None);
        assert_eq!(greeting(0, 0).agreed(), None);
    }
}
