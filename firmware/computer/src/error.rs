//! Why a computer could not be paired, backed up or restored, and what its owner can do.
//!
//! Holds no code, token or key. Start at [`ComputerError`].

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use vault::VaultError;

/// Why not.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ComputerError {
    /// The scan, the cut or the writing back failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// No box of that name is known here.
    #[error("this computer is not paired with a box called {name:?}")]
    NotPaired {
        /// The name.
        name: String,
    },
    /// A box of that name is known already.
    #[error("this computer is paired with a box called {name:?} already")]
    PairedAlready {
        /// The name.
        name: String,
    },
    /// What was typed cannot be a pairing code.
    #[error("this is no pairing code: it has 28 letters and digits")]
    BadCode,
    /// Somebody else answers at the address, or the code is another box's.
    #[error("what answers at {address} is not the box that the code is of")]
    OtherBox {
        /// The address.
        address: String,
    },
    /// Nothing answers, or the line broke.
    #[error("the box at {address} cannot be reached: {why}")]
    Unreachable {
        /// The address.
        address: String,
        /// What the line said.
        why: String,
    },
    /// The box said no.
    #[error("the box refuses: {sentence}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// For programs.
        code: String,
        /// What is the case.
        sentence: String,
        /// What to do.
        next: String,
    },
    /// The box answered something that was not asked.
    #[error("the box gave an answer that makes no sense: {what}")]
    Odd {
        /// What.
        what: String,
    },
    /// A file of this program cannot be read or written.
    #[error("{} cannot be used", .path.display())]
    Own {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No version of that name.
    #[error("this computer has no version {name:?} on the box")]
    NoVersion {
        /// What was asked for.
        name: String,
    },
    /// The box lets go of what it was sent, again and again.
    #[error("the box still lacks {count} pieces after they were sent three times")]
    Lacking {
        /// How many.
        count: usize,
    },
}

impl ComputerError {
    /// Whether the same may work a little later.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { status, code, .. } => match *status {
                408 | 423 | 429 | 502 | 503 | 504 => true,
                400 => code == "broken_off",
                _ => false,
            },
            _ => false,
        }
    }

    /// What to do now: one sentence.
    pub fn advice(&self) -> String {
        let text = match self {
            Self::Vault(error) => return error.advice(),
            Self::Refused { status: 401, .. } => {
                "Pair this computer again: its token was taken back. What it stored is kept."
            }
            Self::Refused { next, .. } => return next.clone(),
            Self::NotPaired { .. } => "Pair it first: `holdfast pair ADDRESS`.",
            Self::PairedAlready { name } => {
                return format!(
                    "Give this one another name with `--as`, or forget the old one first: \
                     `holdfast unpair {name}`."
                );
            }
            Self::BadCode => "Type it as the box shows it; dashes and small letters do not matter.",
            Self::OtherBox { .. } => "Check the address, and make a new code at the right box.",
            Self::Unreachable { .. } => {
                "Check that the box is on and in the same network, then run it again: what was \
                 stored is not sent twice."
            }
            Self::Odd { .. } => "Bring this program and the box to the same version.",
            Self::Own { .. } => "Check the disk and who may write there.",
            Self::NoVersion { .. } => "List them: `holdfast snapshots --box NAME`.",
            Self::Lacking { .. } => "Run a check on the box, then back up again.",
        };
        text.to_owned()
    }
}
