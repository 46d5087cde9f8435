//! The log of what was done by whom: each entry holds the hash of the one before, so that none can be
//! changed, taken out or put in without the rest showing it.
//!
//! It shows a change by whoever did not write all that follows; who can write the box's disk can write
//! a whole new log, and only a note of an older hash kept elsewhere shows that. Start at [`Log::add`].

use serde::{Deserialize, Serialize};
use thiserror::Error;
use types::UnixTime;

use crate::token::TokenHash;

/// Entries in one piece of the log, as it is kept.
pub const SEGMENT_ENTRIES: u64 = 256;

/// Longer texts are cut.
const TEXT_LEN_MAX: usize = 200;
const OF_ENTRY: &str = "holdfast 2026 entry of the log of what was done";

/// What is told to the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Who did it; empty: nobody who is known.
    pub who: String,
    /// What: a short word that stays the same.
    pub act: &'static str,
    /// To what; never a secret, a file's name, or a source of another person.
    pub what: String,
    /// From where.
    pub from: String,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its number, from 0.
    pub number: u64,
    /// When, by the wall clock in milliseconds.
    pub at_ms: i64,
    /// Who.
    pub who: String,
    /// What was done.
    pub act: String,
    /// To what.
    pub what: String,
    /// From where.
    pub from: String,
    /// The hash of the entry before.
    pub before: Link,
    /// The hash of all of the above.
    pub hash: Link,
}

/// A hash in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Link(TokenHash);

impl Link {
    /// Before the first entry.
    pub fn first() -> Self {
        Self(TokenHash::of(OF_ENTRY, b""))
    }

    /// As text.
    pub fn text(&self) -> String {
        self.0.text()
    }
}

/// The chain is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the log was changed at entry {number}")]
pub struct Broken {
    /// The first entry that does not fit.
    pub number: u64,
}

/// Where the log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// The number of the next entry.
    pub next: u64,
    /// The hash of the last one.
    pub last: Link,
}

impl Default for Log {
    fn default() -> Self {
        Self { next: 0, last: Link::first() }
    }
}

impl Log {
    /// The next entry.
    pub fn add(&mut self, told: Told, at: UnixTime) -> Entry {
        let mut entry = Entry {
            number: self.next,
            at_ms: at.0,
            who: cut(&told.who),
            act: told.act.to_owned(),
            what: cut(&told.what),
            from: cut(&told.from),
            before: self.last,
            hash: self.last,
        };
        entry.hash = hash_of(&entry);
        *self = Self { next: entry.number + 1, last: entry.hash };
        entry
    }

    /// Goes on after an entry that was kept, or says that it does not fit.
    pub fn follow(&mut self, entry: &Entry) -> Result<(), Broken> {
        let fits = entry.number == self.next && entry.before == self.last;
        if !fits || hash_of(entry) != entry.hash {
            return Err(Broken { number: self.next });
        }
        *self = Self { next: entry.number + 1, last: entry.hash };
        Ok(())
    }

    /// Begins at an entry, when what was before it is not kept any more.
    pub fn before(entry: &Entry) -> Self {
        Self { next: entry.number, last: entry.before }
    }
}

fn hash_of(entry: &Entry) -> Link {
    let mut bytes = Vec::new();
    // Each text with its length: no two entries have the same bytes.
    for text in [&entry.who, &entry.act, &entry.what, &entry.from] {
        bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.extend_from_slice(&entry.number.to_le_bytes());
    bytes.extend_from_slice(&entry.at_ms.to_le_bytes());
    bytes.extend_from_slice(entry.before.text().as_bytes());
    Link(TokenHash::of(OF_ENTRY, &bytes))
}

fn cut(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(TEXT_LEN_MAX).collect()
}
