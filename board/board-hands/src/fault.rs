//! The board's errors on their way: they arrive as what they were.
//!
//! Sentences that are constants in the program are constants again on the other side; of those at most
//! [`WORDS_MAX`] are kept, so that nobody can fill memory with them. Start at [`Refusal`].

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::sync::{Mutex, PoisonError};

use board::{BoardError, DiskIdentity};
use frame::FrameError;
use serde::{Deserialize, Serialize};

use crate::message::{Left, Said, Why};
use crate::wire::IdentityHeld;

/// Different sentences that are kept; the boards have a few dozen.
const WORDS_MAX: usize = 256;
/// The longest that is kept, in bytes.
const WORD_LEN_MAX: usize = 200;
/// Stands for a sentence that is not kept.
const OTHER_WORDS: &str = "for a reason of its own";

/// Kinds of errors that callers tell apart and that no number of the system stands for.
const KINDS: &[(&str, ErrorKind)] = &[
    ("not_found", ErrorKind::NotFound),
    ("permission_denied", ErrorKind::PermissionDenied),
    ("already_exists", ErrorKind::AlreadyExists),
    ("invalid_data", ErrorKind::InvalidData),
    ("invalid_input", ErrorKind::InvalidInput),
    ("timed_out", ErrorKind::TimedOut),
    ("unsupported", ErrorKind::Unsupported),
    ("unexpected_eof", ErrorKind::UnexpectedEof),
];

/// A [`BoardError`] as it stands in a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Refusal {
    NotThere { disk: IdentityHeld },
    Changed { disk: IdentityHeld },
    InUse { disk: IdentityHeld, how: String },
    ReadOnly { disk: IdentityHeld },
    Nothing { disk: IdentityHeld, wanted: String },
    Asleep { disk: IdentityHeld },
    Order { disk: IdentityHeld, what: String },
    NoBay { bay: String },
    Io { doing: String, what: String, cause: Cause },
}

/// What the system said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cause {
    /// The system's number.
    errno: Option<i32>,
    /// The kind, where there is no number.
    kind: Option<String>,
    text: String,
}

impl From<&BoardError> for Refusal {
    fn from(error: &BoardError) -> Self {
        let held = |disk: &DiskIdentity| IdentityHeld(disk.clone());
        match error {
            BoardError::NotThere { disk } => Self::NotThere { disk: held(disk) },
            BoardError::Changed { disk } => Self::Changed { disk: held(disk) },
            BoardError::InUse { disk, how } => {
                Self::InUse { disk: held(disk), how: (*how).to_owned() }
            }
            BoardError::ReadOnly { disk } => Self::ReadOnly { disk: held(disk) },
            BoardError::Nothing { disk, wanted } => {
                Self::Nothing { disk: held(disk), wanted: (*wanted).to_owned() }
            }
            BoardError::Asleep { disk } => Self::Asleep { disk: held(disk) },
            BoardError::Order { disk, what } => {
                Self::Order { disk: held(disk), what: (*what).to_owned() }
            }
            BoardError::NoBay { bay } => Self::NoBay { bay: bay.clone() },
            BoardError::Io { doing, what, source } => {
                Self::Io { doing: (*doing).to_owned(), what: what.clone(), cause: source.into() }
            }
            other => {
                let cause = Cause { errno: None, kind: None, text: other.to_string() };
                Self::Io { doing: "do".to_owned(), what: "what was asked".to_owned(), cause }
            }
        }
    }
}

impl From<Refusal> for BoardError {
    fn from(refusal: Refusal) -> Self {
        let boxed = |held: IdentityHeld| Box::new(held.0);
        match refusal {
            Refusal::NotThere { disk } => Self::NotThere { disk: boxed(disk) },
            Refusal::Changed { disk } => Self::Changed { disk: boxed(disk) },
            Refusal::InUse { disk, how } => Self::InUse { disk: boxed(disk), how: lasting(&how) },
            Refusal::ReadOnly { disk } => Self::ReadOnly { disk: boxed(disk) },
            Refusal::Nothing { disk, wanted } => {
                Self::Nothing { disk: boxed(disk), wanted: lasting(&wanted) }
            }
            Refusal::Asleep { disk } => Self::Asleep { disk: boxed(disk) },
            Refusal::Order { disk, what } => {
                Self::Order { disk: boxed(disk), what: lasting(&what) }
            }
            Refusal::NoBay { bay } => Self::NoBay { bay },
            Refusal::Io { doing, what, cause } => {
                Self::Io { doing: lasting(&doing), what, source: cause.into() }
            }
        }
    }
}

impl From<&io::Error> for Cause {
    fn from(error: &io::Error) -> Self {
        let errno = error.raw_os_error();
        let kind = KINDS.iter().find(|(_, kind)| *kind == error.kind());
        let kind = kind.filter(|_| errno.is_none()).map(|(word, _)| (*word).to_owned());
        // Also what lies below: the other side has nothing else to show.
        let mut text = error.to_string();
        let mut below = error.get_ref().and_then(|inner| inner.source());
        while let Some(cause) = below {
            text.push_str(&format!(": {cause}"));
            below = cause.source();
        }
        Self { errno, kind, text }
    }
}

impl From<Cause> for io::Error {
    fn from(cause: Cause) -> Self {
        if let Some(errno) = cause.errno {
            return Self::from_raw_os_error(errno);
        }
        let known = KINDS.iter().find(|(word, _)| Some(*word) == cause.kind.as_deref());
        Self::new(known.map_or(ErrorKind::Other, |(_, kind)| *kind), cause.text)
    }
}

/// The sentence as a constant.
fn lasting(text: &str) -> &'static str {
    static KEPT: Words = Words(Mutex::new(BTreeSet::new()));
    KEPT.lasting(text)
}

/// Sentences that are kept for as long as the program runs.
struct Words(Mutex<BTreeSet<&'static str>>);

impl Words {
    fn lasting(&self, text: &str) -> &'static str {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(text) {
            return known;
        }
        if kept.len() >= WORDS_MAX || text.len() > WORD_LEN_MAX {
            return OTHER_WORDS;
        }
        let word: &'static str = Box::leak(text.to_owned().into_boxed_str());
        kept.insert(word);
        word
    }
}

/// What a talk that broke is to whoever asked.
pub(crate) fn broken(error: FrameError) -> BoardError {
    BoardError::helper(match error {
        FrameError::Io { source } => source,
        FrameError::Ended | FrameError::Truncated => io::ErrorKind::UnexpectedEof.into(),
        other => io::Error::new(io::ErrorKind::InvalidData, other),
    })
}

pub(crate) fn over(left: Left) -> BoardError {
    let kind = match left.why {
        Why::Denied => io::ErrorKind::PermissionDenied,
        Why::Busy => io::ErrorKind::ResourceBusy,
        Why::Version => io::ErrorKind::Unsupported,
        Why::NotUnderstood => io::ErrorKind::InvalidInput,
    };
    BoardError::helper(io::Error::new(kind, left.sentence))
}

pub(crate) fn odd(said: &Said) -> BoardError {
    let sentence = format!("it answered something else: {said:?}");
    BoardError::helper(io::Error::new(io::ErrorKind::InvalidData, sentence))
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use board::Transport;
    use types::Bytes;

    use super::*;

    fn sent(error: &BoardError) -> BoardError {
        let bytes = serde_json::to_vec(&Refusal::from(error)).unwrap();
        serde_json::from_slice::<Refusal>(&bytes).unwrap().into()
    }

    #[test]
    fn every_error_arrives_as_it_left() {
        let disk = Box::new(DiskIdentity {
            transport: Transport::Usb,
            model: "WD \"Red\"".to_owned(),
            serial: Some("W1".to_owned()),
            wwn: None,
            port: "usb-1.2".to_owned(),
            size: Bytes(u64::MAX),
        });
        let io = |error| BoardError::io("mount", "disk", error);
        let all = [
            BoardError::NotThere { disk: disk.clone() },
            BoardError::Changed { disk: disk.clone() },
            BoardError::InUse { disk: disk.clone(), how: "it is mounted" },
            BoardError::ReadOnly { disk: disk.clone() },
            BoardError::Nothing { disk: disk.clone(), wanted: "volume" },
            BoardError::Asleep { disk: disk.clone() },
            BoardError::Order { disk, what: "its label does not fit" },
            BoardError::NoBay { bay: "9".to_owned() },
            io(io::Error::from_raw_os_error(5)),
            io(io::Error::new(ErrorKind::TimedOut, "mkfs did not end within 2 s")),
        ];
        for error in &all {
            let arrived = sent(error);
            assert_eq!(format!("{arrived:?}"), format!("{error:?}"));
            assert_eq!(arrived.to_string(), error.to_string());
            assert_eq!(arrived.advice(), error.advice());
        }
    }

    #[test]
    fn a_cause_below_the_cause_arrives_as_text() {
        let below = BoardError::io("open", "it", io::Error::other("deep down"));
        let arrived = sent(&BoardError::io("mount", "disk", io::Error::other(below)));
        let text = arrived.source().unwrap().to_string();
        assert!(text.contains("cannot open it") && text.contains("deep down"), "{text}");
    }

    #[test]
    fn sentences_without_end_are_not_kept() {
        let words = Words(Mutex::default());
        assert_eq!(words.lasting(&"a".repeat(WORD_LEN_MAX + 1)), OTHER_WORDS);
        let of = |number: usize| words.lasting(&format!("sentence {number}"));
        let lost = (0..2 * WORDS_MAX).filter(|number| of(*number) == OTHER_WORDS).count();
        assert_eq!(lost, WORDS_MAX);
        assert_eq!(of(0), "sentence 0", "those that came first stay");
    }
}
