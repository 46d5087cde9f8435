//! Why one name could not be written. The rest of the tree is not concerned.

use std::io;

use nix::errno::Errno;

use crate::name::{BadName, Shown};

/// Why an entry could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The name could reach outside the folder, or no file system takes it.
    #[error("the name {:?} is refused", Shown(.name).to_string())]
    Name {
        /// The name.
        name: Vec<u8>,
        /// What is wrong with it.
        source: BadName,
    },
    /// Something of that name is there, and what is there is kept.
    #[error("{} exists already and was kept", Shown(.name))]
    Exists {
        /// The name.
        name: Vec<u8>,
    },
    /// What is there is of another kind; it is neither entered nor replaced.
    #[error("{} exists already and is not {wanted}", Shown(.name))]
    Occupied {
        /// The name.
        name: Vec<u8>,
        /// What should stand there.
        wanted: &'static str,
    },
    /// The system does not let us.
    #[error("{}: no permission for {doing}", Shown(.name))]
    Denied {
        /// The name.
        name: Vec<u8>,
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// No room.
    #[error("{} does not fit: the disk or the quota is full", Shown(.name))]
    Full {
        /// The name.
        name: Vec<u8>,
        /// What the system said.
        source: io::Error,
    },
    /// The file system there cannot hold such an entry, or not by that name.
    #[error("{}: the file system cannot hold it ({doing})", Shown(.name))]
    Unsupported {
        /// The name.
        name: Vec<u8>,
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The entry lacks what its kind needs: a link its target, a device its number.
    #[error("{}: the record of it lacks {what}", Shown(.name))]
    Incomplete {
        /// The name.
        name: Vec<u8>,
        /// What is missing.
        what: &'static str,
    },
    /// The disk or the system failed.
    #[error("{} cannot be written: {doing} failed", Shown(.name))]
    Io {
        /// The name.
        name: Vec<u8>,
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl WriteError {
    /// What the owner can do now: one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Name { .. } => "Restore the rest; such a name never came from a sound backup.",
            Self::Exists { .. } => {
                "Restore into an empty folder, or say that files may be replaced."
            }
            Self::Occupied { .. } => "Restore into an empty folder, or move what is there away.",
            Self::Denied { .. } => {
                "Restore as root, to a folder you may write on a disk that can hold it."
            }
            Self::Full { .. } => "Make room or take a larger disk, then restore again.",
            Self::Unsupported { .. } => "Restore to a disk with a Linux file system such as ext4.",
            Self::Incomplete { .. } => "Check the vault; another snapshot may have it whole.",
            Self::Io { .. } => "Check the disk that you restore to, then restore again.",
        }
    }

    pub(super) fn new(name: &[u8], doing: &'static str, cause: impl Into<io::Error>) -> Self {
        let (name, source) = (name.to_vec(), cause.into());
        match Errno::from_raw(source.raw_os_error().unwrap_or(0)) {
            Errno::EEXIST => Self::Exists { name },
            Errno::EACCES | Errno::EPERM => Self::Denied { name, doing, source },
            Errno::ENOSPC | Errno::EDQUOT => Self::Full { name, source },
            // EINVAL and EILSEQ: names or sizes that, for example, FAT does not take.
            Errno::EOPNOTSUPP
            | Errno::ENOSYS
            | Errno::ENAMETOOLONG
            | Errno::EILSEQ
            | Errno::EINVAL
            | Errno::EFBIG
            | Errno::EMLINK
            | Errno::EXDEV => Self::Unsupported { name, doing, source },
            _ => Self::Io { name, doing, source },
        }
    }
}
