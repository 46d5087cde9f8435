//! What the owner is told when disks come and go: one sentence each.

mod undo;

use types::Millis;

pub use undo::{UndoNews, whole_minutes};

/// Something that happened to a disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// A disk that is none of ours was plugged in.
    Appeared {
        /// Where.
        place: String,
        /// Nothing is on it.
        blank: bool,
    },
    /// A disk that is none of ours was pulled.
    Gone {
        /// From where.
        place: String,
    },
    /// A member was pulled, or went away by itself.
    Missing {
        /// From where.
        place: String,
    },
    /// The disk that was asked for was pulled.
    RightPulled {
        /// From where.
        place: String,
    },
    /// Another one was asked for.
    WrongPulled {
        /// From where.
        place: String,
        /// Where the right one is.
        wanted: String,
    },
    /// The box began anew, and nothing proves that a disk which was to be erased is the same.
    EraseForgotten {
        /// Where.
        place: String,
    },
    /// A disk that was called safe to pull is not any more.
    NeededAgain {
        /// Where.
        place: String,
    },
    /// The second disk of a box that had one joined: there are to be two copies from now on.
    KeptTwice {
        /// Where.
        place: String,
    },
    /// A member is back.
    Returned {
        /// Where.
        place: String,
        /// How long it was away.
        away: Millis,
    },
    /// A disk claims to be a member, and is not believed.
    Quarantined {
        /// Where.
        place: String,
    },
    /// Something about what was on a disk before it was formatted.
    Undo {
        /// Where.
        place: String,
        /// What.
        what: UndoNews,
    },
    /// What is on a disk has changed, so it is not erased.
    EraseStopped {
        /// Where.
        place: String,
    },
}

impl News {
    /// In words.
    pub fn sentence(&self) -> String {
        match self {
            Self::Appeared { place, blank: true } => {
                format!("There is a new, blank disk in {place}.")
            }
            Self::Appeared { place, blank: false } => {
                format!(
                    "There is a disk in {place} with something on it; nothing is written to it."
                )
            }
            Self::Gone { place } => format!("The disk in {place} was taken out."),
            Self::Missing { place } => {
                format!("The disk in {place} is gone. Push it back: only what is new is copied.")
            }
            Self::RightPulled { place } => {
                format!("The disk in {place} is out; that was the right one.")
            }
            Self::WrongPulled { place, wanted } => format!(
                "That was the wrong disk: push it back into {place} first. The one in {wanted} can \
                 be taken when it is called safe to pull."
            ),
            Self::EraseForgotten { place } => format!(
                "The box was started anew and cannot tell whether the disk in {place} is still the \
                 one that you wanted erased: ask for it again."
            ),
            Self::NeededAgain { place } => format!(
                "The disk in {place} is needed again: do not pull it. You are told when it is safe."
            ),
            Self::KeptTwice { place } => format!(
                "The disk in {place} is the second one: from now on everything is kept on two disks, \
                 and what is missing on one of them is copied."
            ),
            Self::Returned { place, away } => {
                let minutes = away.0 / Millis::from_secs(60).0;
                format!(
                    "The disk in {place} is back after {minutes} min; only what is new is copied."
                )
            }
            Self::Quarantined { place } => {
                format!(
                    "The disk in {place} says that it is one of yours, and may be a copy; it is left alone."
                )
            }
            Self::Undo { place, what } => what.sentence(place),
            Self::EraseStopped { place } => {
                format!("What is on the disk in {place} has changed, so it will not be erased.")
            }
        }
    }
}
