//! What the owner is told of a disk whose content from before it was formatted is kept, or put back.

use types::Millis;

/// What happened to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndoNews {
    /// It was pulled; what was there is kept.
    TakenOut {
        /// How long the undo goes on when it is back.
        left: Millis,
    },
    /// It was pulled while it was put back as it was.
    TakenOutHalf,
    /// It is back, and what was there can still be put back.
    Again {
        /// How long still.
        left: Millis,
    },
    /// It is back, and putting back goes on.
    GoesOn,
    /// Something else is on it by now.
    Lost,
    /// It did not come back in time.
    Over {
        /// How long it was waited for.
        away: Millis,
    },
    /// What was there is there again.
    Done,
    /// It could not be put back for now: the disk or a program failed.
    NotYet,
    /// It is not put back, because it was written to since.
    Changed,
    /// It is not put back, because what was there is not kept any more.
    NotKept,
}

impl UndoNews {
    pub(super) fn sentence(self, place: &str) -> String {
        match self {
            Self::TakenOut { left } => format!(
                "The disk in {place} was taken out. What was on it before it was formatted is kept: plug it \
                 in again, anywhere, and it can still be put back for {}.",
                whole_minutes(left)
            ),
            Self::TakenOutHalf => format!(
                "The disk in {place} was taken out while it was put back as it was: only a part of that is \
                 done. Plug it in again, anywhere: it goes on by itself."
            ),
            Self::Again { left } => format!(
                "The disk in {place} is back: what was on it before it was formatted can be put back for \
                 {} more.",
                whole_minutes(left)
            ),
            Self::GoesOn => {
                format!("The disk in {place} is back: putting back what was on it goes on.")
            }
            Self::Lost => format!(
                "Something else is on the disk in {place} than was left there: what was on it before it was \
                 formatted cannot be put back on it. It is left as it is."
            ),
            Self::Over { away } => format!(
                "The disk that was in {place} did not come back for {} days: what was on it before it was \
                 formatted is not kept any longer.",
                away.0 / Millis::from_secs(24 * 60 * 60).0
            ),
            Self::Done => {
                format!("What was on the disk in {place} before it was formatted is there again.")
            }
            Self::NotYet => format!(
                "What was on the disk in {place} before it was formatted could not be put back yet: the disk, \
                 or a program that works on it, failed. It is kept, and tried again by itself."
            ),
            Self::Changed => format!(
                "The disk in {place} was written to since it was formatted: what was on it before is not put \
                 back, because that would spoil what is there now. It is left as it is, and is not used."
            ),
            Self::NotKept => format!(
                "What was on the disk in {place} before it was formatted is not kept any more, and cannot be \
                 put back. The disk is left as it is now, and is not used."
            ),
        }
    }
}

/// A span in words: of what is left, a part of a minute counts as one.
pub fn whole_minutes(left: Millis) -> String {
    let minutes = left.0.div_ceil(Millis::from_secs(60).0);
    format!("{minutes} {}", if minutes == 1 { "minute" } else { "minutes" })
}
