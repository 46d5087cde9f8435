//! How far a disk is on its way to be used: asked, waiting, formatting, kept, formatted.
//!
//! The wait is counted in time that passed while somebody counted, not against a clock on the wall:
//! a clock that jumps erases nothing early, and a restart only makes the wait longer.
//! Start at [`Joining`].

use types::{Millis, VolumeId};

use super::refusal::Refusal;

/// How long a disk with something on it waits before it is erased.
pub const ERASE_WAIT: Millis = Millis::from_secs(10 * 60);

/// How long a disk that was formatted, and whose old content is kept, is not used: until then all that
/// was on it can be put back. See ADR 25.
pub const KEPT_WAIT: Millis = Millis::from_secs(5 * 60);

/// What a disk is to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aim {
    /// A member, perhaps in the place of another.
    Member {
        /// The other.
        replaces: Option<VolumeId>,
    },
    /// A drive for plain files.
    Rescue,
    /// A drive that carries packs.
    Courier,
}

/// How far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Joining {
    /// Nobody asked.
    #[default]
    No,
    /// The owner asked for it to be erased, and may still change his mind.
    Waiting {
        /// How long still.
        left: Millis,
        /// For what.
        aim: Aim,
    },
    /// To be formatted now.
    Ready {
        /// For what.
        aim: Aim,
    },
    /// Being formatted: what was on it is gone.
    Formatting {
        /// For what.
        aim: Aim,
    },
    /// An empty file system is on it, nothing was stored there, and what was on it before is kept.
    Kept {
        /// How long still.
        left: Millis,
        /// For what.
        aim: Aim,
    },
    /// What was on it before it was formatted is being put back.
    PuttingBack,
    /// An empty file system is on it.
    Formatted {
        /// For what.
        aim: Aim,
    },
}

impl Joining {
    /// For what, if anybody asked.
    pub fn aim(self) -> Option<Aim> {
        match self {
            Self::No | Self::PuttingBack => None,
            Self::Waiting { aim, .. }
            | Self::Kept { aim, .. }
            | Self::Ready { aim }
            | Self::Formatting { aim }
            | Self::Formatted { aim } => Some(aim),
        }
    }

    /// Whether its content is gone already, so that nothing about it is asked any more.
    pub fn has_begun(self) -> bool {
        match self {
            Self::Formatting { .. }
            | Self::Kept { .. }
            | Self::PuttingBack
            | Self::Formatted { .. } => true,
            Self::No | Self::Waiting { .. } | Self::Ready { .. } => false,
        }
    }

    /// Why what was asked for is not asked for again; none while nothing was.
    pub(super) fn underway(self) -> Option<&'static str> {
        match self {
            Self::No => None,
            Self::Waiting { .. } => Some("this disk is to be erased already, and waits for that"),
            Self::Ready { .. } => Some("this disk is to be formatted already"),
            Self::Formatting { .. } => Some("this disk is being formatted already"),
            Self::Kept { .. } | Self::Formatted { .. } => Some("this disk is formatted already"),
            Self::PuttingBack => Some("what was on this disk is being put back"),
        }
    }

    /// Whether a pull leaves something to go on with: what was there before is kept, or may be. A yes that
    /// was not acted on ends with a pull (ADR 11).
    pub(super) fn outlives_a_pull(self) -> bool {
        match self {
            Self::Formatting { .. } | Self::Kept { .. } | Self::PuttingBack => true,
            Self::No | Self::Waiting { .. } | Self::Ready { .. } | Self::Formatted { .. } => false,
        }
    }

    /// Whether what was there before can be put back, or is being.
    pub(super) fn is_undoable(self) -> bool {
        matches!(self, Self::Kept { .. } | Self::PuttingBack)
    }

    pub(super) fn passed(self, span: Millis) -> Self {
        match self {
            Self::Waiting { left, aim } if left <= span => Self::Ready { aim },
            Self::Waiting { left, aim } => Self::Waiting { left: Millis(left.0 - span.0), aim },
            Self::Kept { left, aim } if left <= span => Self::Formatted { aim },
            Self::Kept { left, aim } => Self::Kept { left: Millis(left.0 - span.0), aim },
            other => other,
        }
    }

    /// The next step, where it is the one that was named; none where it is not.
    pub(super) fn skipped(self) -> Option<Self> {
        match self {
            Self::Waiting { aim, .. } | Self::Ready { aim } => Some(Self::Ready { aim }),
            Self::Kept { aim, .. } => Some(Self::Formatted { aim }),
            Self::No | Self::Formatting { .. } | Self::PuttingBack | Self::Formatted { .. } => None,
        }
    }

    pub(super) fn undone(self) -> Option<Result<Self, Refusal>> {
        match self {
            Self::No => None,
            Self::Waiting { .. } | Self::Ready { .. } => Some(Ok(Self::No)),
            Self::Kept { .. } | Self::PuttingBack => Some(Ok(Self::PuttingBack)),
            Self::Formatting { .. } | Self::Formatted { .. } => Some(Err(Refusal::TooLate)),
        }
    }

    pub(super) fn begun(self) -> Option<Self> {
        match self {
            Self::Ready { aim } | Self::Formatting { aim } => Some(Self::Formatting { aim }),
            Self::No
            | Self::Waiting { .. }
            | Self::Kept { .. }
            | Self::PuttingBack
            | Self::Formatted { .. } => None,
        }
    }

    pub(super) fn spared(self) -> Option<Self> {
        matches!(self, Self::Formatting { .. }).then_some(Self::No)
    }

    pub(super) fn done(self) -> Option<Self> {
        match self {
            Self::Formatting { aim } | Self::Formatted { aim } => Some(Self::Formatted { aim }),
            Self::No
            | Self::Waiting { .. }
            | Self::Ready { .. }
            | Self::Kept { .. }
            | Self::PuttingBack => None,
        }
    }

    pub(super) fn kept(self) -> Option<Self> {
        match self {
            Self::Formatting { aim } => Some(Self::Kept { left: KEPT_WAIT, aim }),
            Self::Kept { .. } => Some(self),
            Self::No
            | Self::Waiting { .. }
            | Self::Ready { .. }
            | Self::PuttingBack
            | Self::Formatted { .. } => None,
        }
    }
}
