//! What is to be told about a friend until somebody has looked, and for how long it stays true.
//!
//! Plain data; what is said of each stands in `outside`. Start at [`Trouble`].

use serde::{Deserialize, Serialize};

/// Something about a friend that stays true until somebody has looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// The friend has seen a newer head than there is here: this box went back in time.
    WentBack,
    /// The friend has seen a head that is not in the own chain: there are two of this box.
    Forked,
    /// The friend names a head of ours that it cannot show.
    HeadNotShown,
    /// The friend's box offers an older head than before: it was rolled back.
    TheyWentBack,
    /// There are two heads of the friend's of one number.
    TheyForked,
    /// The friend's box asked without end.
    Flooded,
    /// The friend takes nothing more: what it gives, or its disks, are full.
    Full,
    /// The friend has a fresh box, and showed the words.
    CameBack,
    /// What the two count differs.
    FiguresDiffer,
    /// The friend stopped the pact at once.
    Stopped,
    /// So much lies at the friend's that this box does not know that nothing is let go.
    Strange,
    /// Packs kept for the friend were lost here.
    LostHere,
    /// What is written down of the friend cannot be read or written.
    RecordsFailed,
    /// A disk on which something lies for the friend failed.
    DiskFailed,
    /// The clock is not sure, and nothing of the friend's is let go until it is.
    ClockUnsure,
}

impl Trouble {
    /// Whether it is so for as long as somebody or something is not otherwise: who reads it ends nothing.
    pub fn lasts(self) -> bool {
        match self {
            Self::WentBack
            | Self::Forked
            | Self::Strange
            | Self::RecordsFailed
            | Self::DiskFailed
            | Self::ClockUnsure => true,
            Self::HeadNotShown
            | Self::TheyWentBack
            | Self::TheyForked
            | Self::Flooded
            | Self::Full
            | Self::CameBack
            | Self::FiguresDiffer
            | Self::Stopped
            | Self::LostHere => false,
        }
    }

    /// Whether it is about heads of this box that a friend has seen: what the words settle.
    pub fn is_of_own_heads(self) -> bool {
        matches!(self, Self::WentBack | Self::Forked | Self::HeadNotShown)
    }
}
