//! Why something was not done with a disk, from whichever side the no came.

use board::BoardError;
use plan::disk::Refusal;
use types::DiskIdentity;
use vault::VaultError;
use volume::durable::IoFailure;

/// Why something was not done with a disk.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DisksError {
    /// It makes no sense as things stand.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The hardware said no.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// The vault said no.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The disk does not answer.
    #[error("{disk} does not answer; the other disks go on without it")]
    Silent {
        /// The disk.
        disk: Box<DiskIdentity>,
    },
    /// The vault is locked.
    #[error("the vault is locked, so no disk can join or leave it")]
    Locked,
    /// Whoever holds the vault did not do it.
    #[error("{sentence}")]
    Seat {
        /// Why not.
        sentence: String,
        /// What the owner can do.
        advice: String,
    },
    /// The roster could not be kept.
    #[error("the list of disks cannot be kept")]
    Keep {
        /// What the system said.
        #[from]
        source: IoFailure,
    },
    /// The roster could not be read.
    #[error("{file}: {what}")]
    Record {
        /// The file.
        file: String,
        /// What is wrong with it.
        what: String,
    },
}

impl DisksError {
    /// Whether it may be over in a moment: the disk is slow, or somebody has not closed a file yet.
    pub(crate) fn is_soon_over(&self) -> bool {
        matches!(self, Self::Silent { .. } | Self::Board(BoardError::InUse { .. }))
    }

    /// What the owner can do now: one sentence.
    pub fn advice(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.advice().to_owned(),
            Self::Board(error) => error.advice().to_owned(),
            Self::Vault(error) => error.advice(),
            Self::Silent { .. } => {
                "Pull it and push it back in; replace it if it stays.".to_owned()
            }
            Self::Locked => "Unlock it first; disks that are asked for then join.".to_owned(),
            Self::Seat { advice, .. } => advice.clone(),
            Self::Keep { .. } => "Check the system's own disk: it may be full.".to_owned(),
            Self::Record { .. } => {
                "Move the file away: the disks are then recognised by what is on them.".to_owned()
            }
        }
    }
}
