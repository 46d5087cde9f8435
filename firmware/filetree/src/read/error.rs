//! Why one name of a tree could not be read. The rest of the tree is not concerned.

use std::io;

use nix::errno::Errno;

use crate::name::Shown;

/// Why an entry could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It was deleted or renamed before it could be read.
    #[error("{} is not there", Shown(.name))]
    Vanished {
        /// The last component of its path.
        name: Vec<u8>,
        /// What the system said.
        source: io::Error,
    },
    /// Another entry took its name after it was listed.
    #[error("{} became something else while it was read", Shown(.name))]
    Replaced {
        /// The last component of its path.
        name: Vec<u8>,
    },
    /// Its owner or a rule of the system does not let us.
    #[error("{} may not be read: no permission for {doing}", Shown(.name))]
    Denied {
        /// The last component of its path.
        name: Vec<u8>,
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The disk or the system failed.
    #[error("{} cannot be read: {doing} failed", Shown(.name))]
    Unreadable {
        /// The last component of its path.
        name: Vec<u8>,
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Neither file, folder, link, pipe, socket nor device.
    #[error("{} is of a kind that is not known (mode {mode:o})", Shown(.name))]
    UnknownKind {
        /// The last component of its path.
        name: Vec<u8>,
        /// Its mode.
        mode: u32,
    },
    /// Its extended attributes, or one of them, could not be read; all else was.
    #[error("{}: attribute {} cannot be read", Shown(.name), Shown(.attribute))]
    Attribute {
        /// The last component of its path.
        name: Vec<u8>,
        /// The attribute; empty when not even their list could be read.
        attribute: Vec<u8>,
        /// What the system said.
        source: io::Error,
    },
}

impl ReadError {
    /// Whether the entry was read all the same, but for an attribute.
    pub fn is_partial(&self) -> bool {
        matches!(self, Self::Attribute { .. })
    }

    /// Whether the entry is gone: it may simply be left out.
    pub fn is_vanished(&self) -> bool {
        matches!(self, Self::Vanished { .. })
    }

    /// What the owner can do now: one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Vanished { .. } => "Nothing, unless it should be there.",
            Self::Replaced { .. } => "Back up again when the folder is at rest.",
            Self::Denied { .. } => "Run the backup as root, or give it permission to read.",
            Self::Unreadable { .. } => "Check the disk that holds it, then back up again.",
            Self::UnknownKind { .. } => "Check the file system that holds it.",
            Self::Attribute { .. } => "Run the backup as root to read every attribute.",
        }
    }

    pub(crate) fn new(name: &[u8], doing: &'static str, cause: impl Into<io::Error>) -> Self {
        let (name, source) = (name.to_vec(), cause.into());
        match Errno::from_raw(source.raw_os_error().unwrap_or(0)) {
            // ESTALE is how a network file system says that a file is gone.
            Errno::ENOENT | Errno::ESTALE => Self::Vanished { name, source },
            Errno::EACCES | Errno::EPERM => Self::Denied { name, doing, source },
            _ => Self::Unreadable { name, doing, source },
        }
    }

    /// For opens that must not follow links: what is not a folder or file any more was replaced.
    pub(crate) fn opening(name: &[u8], doing: &'static str, errno: Errno) -> Self {
        match errno {
            // ENXIO and ENODEV: a pipe, socket or device stands where a file was.
            Errno::ELOOP | Errno::ENOTDIR | Errno::ENXIO | Errno::ENODEV => {
                Self::Replaced { name: name.to_vec() }
            }
            _ => Self::new(name, doing, errno),
        }
    }

    pub(crate) fn attribute(name: &[u8], attribute: &[u8], source: io::Error) -> Self {
        Self::Attribute { name: name.to_vec(), attribute: attribute.to_vec(), source }
    }
}
