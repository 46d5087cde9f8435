//! Why something was not done with a file, and what a person can do about it.
//!
//! [`FilesError::kind`] says which family it is of, for whoever has codes for families.

use thiserror::Error;
use tree::EditError;
use vault::VaultError;

use crate::names::NameFault;

/// The vault cannot be used now.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{sentence}")]
pub struct NotOpen {
    /// Its owner has locked it; else it will be there by itself.
    pub locked: bool,
    /// One sentence.
    pub sentence: String,
    /// What can be done.
    pub advice: String,
}

/// Families of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request makes no sense.
    Bad,
    /// The vault is locked.
    Locked,
    /// The vault is away for a while.
    Away,
    /// There is no such thing.
    NotFound,
    /// There was one, and it is over.
    Gone,
    /// What stands there is in the way.
    Conflict,
    /// What stands there is not what was expected.
    Changed,
    /// Somebody else is at it.
    Busy,
    /// The bytes are not those that were announced.
    Checksum,
    /// More than may be sent.
    TooLarge,
    /// No room: on the disks, or of one's own.
    Full,
    /// The bytes broke off.
    Broken,
    /// Something failed that should not.
    Failed,
}

/// Why something was not done with a file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FilesError {
    /// The vault cannot be used now.
    #[error(transparent)]
    NotOpen(#[from] NotOpen),
    /// A path that cannot be one.
    #[error("{} cannot be a path: {fault}", tree::shown(.path))]
    Name {
        /// The path, or the front of it.
        path: Vec<u8>,
        /// What is wrong with it.
        fault: NameFault,
    },
    /// No source of that name in the space.
    #[error("there is no source {name:?}")]
    NoSource {
        /// The name.
        name: String,
    },
    /// No such version of the source.
    #[error("there is no version {version:?} of it")]
    NoVersion {
        /// What was asked for.
        version: String,
    },
    /// The vault said no.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Something other than what was asked for.
    #[error("{} is not a {wanted}", tree::shown(.path))]
    NotA {
        /// The path.
        path: Vec<u8>,
        /// What it should be.
        wanted: &'static str,
    },
    /// No upload of that number, or none of this person's.
    #[error("there is no such upload")]
    NoUpload,
    /// An upload that waited too long for more.
    #[error("this upload has expired")]
    Expired,
    /// Somebody else is at the upload and does not let go.
    #[error("this upload is being written by another request")]
    Busy,
    /// Bytes for another place than the upload's end.
    #[error("the upload goes on at byte {wanted}, not at {given}")]
    Offset {
        /// Where it goes on.
        wanted: u64,
        /// Where the bytes were for.
        given: u64,
    },
    /// More bytes than were announced.
    #[error("more was sent than the {length} bytes that were announced")]
    TooLong {
        /// What was announced.
        length: u64,
    },
    /// More than this person may still store.
    #[error("this takes {need} bytes, and {room} are left of what may be stored")]
    Quota {
        /// What is left.
        room: u64,
        /// What is needed.
        need: u64,
    },
    /// The bytes have another checksum.
    #[error("the bytes do not have the checksum that was sent with them")]
    Checksum,
    /// The request makes no sense.
    #[error("{what}")]
    Bad {
        /// What is wrong, as a sentence.
        what: String,
    },
    /// The bytes broke off; what came is kept.
    #[error("the bytes broke off")]
    Broken {
        /// What the connection said.
        source: std::io::Error,
    },
}

impl FilesError {
    /// A request that makes no sense.
    pub(crate) fn bad(what: impl Into<String>) -> Self {
        Self::Bad { what: what.into() }
    }

    pub(crate) fn name(path: &[u8], fault: NameFault) -> Self {
        let shown = path.len().min(crate::NAME_LEN_MAX);
        Self::Name { path: path[..shown].to_vec(), fault }
    }

    /// Which family it is of.
    pub fn kind(&self) -> Kind {
        match self {
            Self::NotOpen(NotOpen { locked: true, .. }) => Kind::Locked,
            Self::NotOpen(_) => Kind::Away,
            Self::Name { .. } | Self::Bad { .. } => Kind::Bad,
            Self::NoSource { .. } | Self::NoVersion { .. } | Self::NoUpload => Kind::NotFound,
            Self::Expired => Kind::Gone,
            Self::NotA { .. } | Self::Offset { .. } => Kind::Conflict,
            Self::Busy => Kind::Busy,
            Self::TooLong { .. } => Kind::TooLarge,
            Self::Quota { .. } => Kind::Full,
            Self::Checksum => Kind::Checksum,
            Self::Broken { .. } => Kind::Broken,
            Self::Vault(error) => of_vault(error),
        }
    }

    /// What a person can do now: one sentence.
    pub fn advice(&self) -> String {
        let text = match self {
            Self::NotOpen(not_open) => return not_open.advice.clone(),
            Self::Vault(error) => return error.advice(),
            Self::Name { .. } => "Choose another name.",
            Self::NoSource { .. } => "Look at the list of sources for the right name.",
            Self::NoVersion { .. } => "Look at its versions: this one may have been let go.",
            Self::NotA { .. } => "Look at the folder's list to see what is there.",
            Self::NoUpload | Self::Expired => "Begin the upload anew.",
            Self::Busy => "Try again in a moment.",
            Self::Offset { .. } => "Ask where the upload goes on, and send what comes after that.",
            Self::TooLong { .. } => "Announce the file's true length.",
            Self::Quota { .. } => "Ask the owner for more room, or delete something.",
            Self::Checksum => "Send them again.",
            Self::Bad { .. } => "Correct the request and try again.",
            Self::Broken { .. } => "Connect again and go on where the upload stands.",
        };
        text.to_owned()
    }
}

fn of_vault(error: &VaultError) -> Kind {
    match error {
        full if full.is_full() => Kind::Full,
        VaultError::NotFound { .. } | VaultError::Edit(EditError::NotFound { .. }) => {
            Kind::NotFound
        }
        VaultError::Edit(EditError::Changed { .. }) => Kind::Changed,
        VaultError::Edit(
            EditError::BadName { .. } | EditError::TooDeep { .. } | EditError::TopFolder,
        )
        | VaultError::Bad { .. } => Kind::Bad,
        VaultError::Edit(_) | VaultError::NotA { .. } | VaultError::Exists { .. } => Kind::Conflict,
        VaultError::Stream { .. } => Kind::Broken,
        VaultError::ReadOnly
        | VaultError::NoVolume { .. }
        | VaultError::NoWriter { .. }
        | VaultError::Batch { .. } => Kind::Away,
        _ => Kind::Failed,
    }
}
