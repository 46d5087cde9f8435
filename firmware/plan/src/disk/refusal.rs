//! Why something is not done with a disk now: a sentence, and what to do instead.

use super::life::Doubt;

/// What was to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// A blank disk joins.
    Adopt,
    /// What is on it goes, and it joins.
    AskErase,
    /// The wait before it is erased is left out.
    SkipWait,
    /// It is not erased after all.
    Undo,
    /// Formatting begins.
    Format,
    /// It turned out that it may not be formatted, before anything was written.
    Spared,
    /// Formatting is done.
    Formatted,
    /// Formatting is done, and what was there before is kept.
    Kept,
    /// It takes part, or is what it was formatted for.
    Joined,
    /// It went away.
    Pulled,
    /// It came back.
    Returned,
    /// It is taken for what it says it is, after a doubt.
    Confirm,
    /// Another one is to take its place.
    Replace,
    /// It is to be emptied.
    Retire,
    /// Replacing or emptying is called off.
    Cancel,
    /// Nothing depends on it any more.
    Drained,
    /// It is taken off the list while it is away.
    StrikeOff,
    /// It failed, and is to take part again.
    Reinstate,
    /// Its files stay, and plain files or packs are written beside them.
    UseAs,
    /// It is a rescue drive or a courier no longer.
    Release,
}

impl Verb {
    /// As in "cannot be ...".
    pub fn words(self) -> &'static str {
        match self {
            Self::Adopt => "adopted",
            Self::AskErase => "erased",
            Self::SkipWait | Self::Format => "formatted now",
            Self::Undo => "saved by an undo",
            Self::Spared => "left as it was",
            Self::Formatted | Self::Kept => "done with formatting",
            Self::Joined => "made a part of the vault",
            Self::Pulled => "pulled",
            Self::Returned => "back",
            Self::Confirm => "confirmed",
            Self::Replace => "replaced",
            Self::Retire => "retired",
            Self::Cancel => "kept by a cancel",
            Self::Drained => "called empty",
            Self::StrikeOff => "taken off the list",
            Self::Reinstate => "trusted again",
            Self::UseAs => "used as a drive",
            Self::Release => "released",
        }
    }
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It makes no sense as things stand.
    #[error("a disk that {life} cannot be {}", .verb.words())]
    Illegal {
        /// What was to be done.
        verb: Verb,
        /// How the disk is: "is blank", "failed".
        life: &'static str,
    },
    /// It was asked for before.
    #[error("{how}")]
    Underway {
        /// How far it is.
        how: &'static str,
    },
    /// A disk with something on it is erased, never just adopted.
    #[error("there is something on this disk, and it would be gone")]
    HoldsSomething,
    /// The letters that were typed are not this disk's.
    #[error("these are not the last four letters of the disk's {of}")]
    Word {
        /// Of what: "serial" or "port".
        of: &'static str,
    },
    /// It is being erased already.
    #[error("formatting has begun, and what was on the disk cannot be put back")]
    TooLate,
    /// Its content is in doubt in a way that a confirmation cannot settle.
    #[error("this disk is in doubt: {}", .doubt.words())]
    Doubtful {
        /// The doubt.
        doubt: Doubt,
    },
    /// No such disk is known.
    #[error("there is no such disk")]
    NoSuchDisk,
    /// The disk that it is to replace is none of the vault's.
    #[error("the disk that is to be replaced is not part of the vault")]
    NotAMember,
}

impl Refusal {
    /// What the owner can do instead: one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Illegal { .. } => {
                "Look at the disk's state: what can be done with it stands there."
            }
            Self::Underway { .. } => {
                "Nothing more is needed; until something is stored on it, an undo can take it back."
            }
            Self::HoldsSomething => {
                "Import its files first, or ask to erase it and type the last four of its serial."
            }
            Self::Word { .. } => "Read them off the disk's label, or off the list of disks.",
            Self::TooLate => "Let it finish; the disk can be used then.",
            Self::Doubtful { .. } => "Pull it, or erase it; the vault's own disk stays as it is.",
            Self::NoSuchDisk => "Plug it in, and choose it from the list of disks.",
            Self::NotAMember => {
                "Choose one of the vault's disks, or add this one without replacing."
            }
        }
    }
}
