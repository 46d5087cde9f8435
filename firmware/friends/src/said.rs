//! A message that was written here, and what became of it.
//!
//! Plain data. Whether the friend has it is known by its number, never guessed from how many wait. Start at
//! [`Said::state`].

use calls::MessageState;
use federation::{NoteEnd, Sent};
use serde::{Deserialize, Serialize};

/// A message that was written here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Said {
    /// When, milliseconds since 1970.
    pub at_ms: i64,
    /// What.
    pub text: String,
    /// Its number among those to the friend; 0 for one that was written down before there were any.
    #[serde(default)]
    pub serial: u64,
}

/// As it stands in the notes, old and new.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Before(i64, String),
    Now { at_ms: i64, text: String, serial: u64 },
}

impl From<Written> for Said {
    fn from(written: Written) -> Self {
        match written {
            Written::Before(at_ms, text) => Self { at_ms, text, serial: 0 },
            Written::Now { at_ms, text, serial } => Self { at_ms, text, serial },
        }
    }
}

impl Said {
    /// How far it has come.
    pub fn state(&self, sent: &Sent) -> MessageState {
        if sent.waiting.contains(&self.serial) {
            return MessageState::Waiting;
        }
        match sent.ended.get(&self.serial) {
            Some(NoteEnd::Taken) => MessageState::Taken,
            Some(NoteEnd::Refused) => MessageState::Refused,
            Some(NoteEnd::Expired) => MessageState::Expired,
            // So old that nobody remembers.
            None => MessageState::Unknown,
        }
    }
}
