//! Why a board could not do what it was asked, and what the owner can do about it.
//!
//! The message says which disk and what; the cause is the source, never part of the message.

use std::io;

use types::DiskIdentity;

/// Why a board could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BoardError {
    /// The disk is not plugged in, or another one is at its port now.
    #[error("{disk} is not there")]
    NotThere {
        /// The disk that was named.
        disk: Box<DiskIdentity>,
    },
    /// It, or what is on it, is not what the owner was shown.
    #[error("{disk} has changed, or was pulled, since it was shown, so it was not erased")]
    Changed {
        /// The disk that was named.
        disk: Box<DiskIdentity>,
    },
    /// It is in use in another way.
    #[error("{disk} is in use: {how}")]
    InUse {
        /// The disk that was named.
        disk: Box<DiskIdentity>,
        /// In which way.
        how: &'static str,
    },
    /// It cannot be written.
    #[error("{disk} is read-only")]
    ReadOnly {
        /// The disk that was named.
        disk: Box<DiskIdentity>,
    },
    /// There is nothing on it that could be mounted so.
    #[error("{disk} has no {wanted} on it")]
    Nothing {
        /// The disk that was named.
        disk: Box<DiskIdentity>,
        /// What was looked for.
        wanted: &'static str,
    },
    /// It sleeps, and what was asked is not worth waking it.
    #[error("{disk} is asleep")]
    Asleep {
        /// The disk that was named.
        disk: Box<DiskIdentity>,
    },
    /// An order that no board could carry out.
    #[error("the order for {disk} makes no sense: {what}")]
    Order {
        /// The disk that was named.
        disk: Box<DiskIdentity>,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The profile has no such bay.
    #[error("this box has no bay {bay}")]
    NoBay {
        /// The name that was asked for.
        bay: String,
    },
    /// The program that works on disks for the box does not answer.
    #[error("the helper for disks does not answer")]
    Helper {
        /// What the system or the helper said.
        source: io::Error,
    },
    /// The system or the disk refused.
    #[error("cannot {doing} {what}")]
    Io {
        /// The step.
        doing: &'static str,
        /// The disk or file.
        what: String,
        /// What the system said.
        source: io::Error,
    },
}

impl BoardError {
    /// A refusal of the system.
    pub fn io(doing: &'static str, what: impl ToString, source: io::Error) -> Self {
        Self::Io { doing, what: what.to_string(), source }
    }

    /// A helper that does not answer.
    pub fn helper(source: io::Error) -> Self {
        Self::Helper { source }
    }

    /// A disk that is not there.
    pub fn not_there(disk: &DiskIdentity) -> Self {
        Self::NotThere { disk: Box::new(disk.clone()) }
    }

    /// What the owner can do now: one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NotThere { .. } => "Plug it back into the same place, or choose it anew.",
            Self::Changed { .. } => "Look at what is on it now, and ask again if it may go.",
            Self::InUse { .. } => "Wait until that is done, or stop it first.",
            Self::ReadOnly { .. } => "Slide its write-protect switch, or take another disk.",
            Self::Nothing { .. } => "Choose another disk, or have this one erased first.",
            Self::Asleep { .. } => "Ask again while it is being used.",
            Self::Order { .. } => "This is a fault in Holdfast: please report it.",
            Self::NoBay { .. } => "Check which board profile is used.",
            Self::Helper { .. } => {
                "Start it with `systemctl start holdfast-hands`, and look at its log."
            }
            Self::Io { .. } => "Check the cable, then try again; replace the disk if it stays.",
        }
    }
}

#[cfg(test)]
mod tests {
    use types::{Bytes, Transport};

    use super::*;

    #[test]
    fn an_error_names_the_disk_as_its_owner_can_find_it() {
        let disk = DiskIdentity {
            transport: Transport::Sata,
            model: "WD Red".to_owned(),
            serial: Some("WX1234".to_owned()),
            wwn: None,
            port: "ata2".to_owned(),
            size: Bytes(4_000_000_000_000),
        };
        let error = BoardError::not_there(&disk);
        assert_eq!(error.to_string(), "WD Red of 4.0 TB (..1234) at ata2 is not there");
        assert!(error.advice().ends_with('.'));
    }
}
