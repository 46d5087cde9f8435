//! What can go wrong with a tree, for code that matches and for people who read.

use format::FormatError;
use thiserror::Error;
use types::ObjectId;

use crate::path::shown;

/// What is wrong with an object that was read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// The bytes are not the record.
    #[error("its bytes cannot be decoded")]
    Undecodable(#[source] FormatError),
    /// Longer than any node may be.
    #[error("it is {len} bytes long, more than a node may be")]
    TooLong {
        /// Its length.
        len: usize,
    },
    /// A node without anything in it.
    #[error("it is empty")]
    Empty,
    /// Names do not rise, or do not lie in the range that the parent gave.
    #[error("its names are out of order")]
    Order,
    /// A name that no file system can hold.
    #[error("the name {} cannot be a file's name", shown(.name))]
    Name {
        /// The name.
        name: Vec<u8>,
    },
    /// An entry whose fields contradict each other.
    #[error("the entry {} {why}", shown(.name))]
    Entry {
        /// Its name.
        name: Vec<u8>,
        /// What is wrong, as the rest of a sentence.
        why: &'static str,
    },
    /// A leaf where an inner node was due, or the other way round, or too many levels.
    #[error("it stands at the wrong height")]
    Height,
    /// Its extents do not add up to what its parent promised.
    #[error("its lengths do not add up")]
    Lengths,
}

/// Why a tree could not be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TreeError<E: std::error::Error + Send + Sync + 'static> {
    /// The store failed.
    #[error("an object of the tree could not be read or stored")]
    Store(#[source] E),
    /// An object is not what it should be.
    #[error("the object {object} is damaged")]
    Damaged {
        /// The object.
        object: ObjectId,
        /// What is wrong with it.
        #[source]
        damage: Damage,
    },
    /// Nothing of that name.
    #[error("{} does not exist", shown(.path))]
    NotFound {
        /// The path, as far as it was followed.
        path: Vec<u8>,
    },
    /// Something that is not a folder stands in a path's middle.
    #[error("{} is not a folder", shown(.path))]
    NotAFolder {
        /// The path, as far as it was followed.
        path: Vec<u8>,
    },
    /// Folders in folders, more than [`crate::PATH_DEPTH_MAX`] deep.
    #[error("{} lies too deep", shown(.path))]
    TooDeep {
        /// Where.
        path: Vec<u8>,
    },
    /// A name that cannot be one.
    #[error("{} cannot be a file's name", shown(.name))]
    BadName {
        /// The name.
        name: Vec<u8>,
    },
    /// An entry whose fields contradict each other was to be stored.
    #[error("the entry {} {why}", shown(.name))]
    BadEntry {
        /// Its name.
        name: Vec<u8>,
        /// What is wrong, as the rest of a sentence.
        why: &'static str,
    },
    /// A name was pushed that does not come after the one before.
    #[error("the name {} does not come after the one before it", shown(.name))]
    OutOfOrder {
        /// The name.
        name: Vec<u8>,
    },
    /// An entry with more attributes than one entry may have.
    #[error("the attributes of {} take {len} bytes, more than one entry may have", shown(.name))]
    EntryTooBig {
        /// Its name.
        name: Vec<u8>,
        /// Its encoded length.
        len: usize,
    },
    /// An extent that no chunk can hold.
    #[error("an extent of a file reaches beyond the end of any chunk")]
    BadExtent,
    /// A file longer than 2^64 bytes.
    #[error("the extents of a file add up to more than 2^64 bytes")]
    FileTooLong,
}

impl<E: std::error::Error + Send + Sync + 'static> TreeError<E> {
    pub(crate) fn damaged(object: ObjectId, damage: Damage) -> Self {
        Self::Damaged { object, damage }
    }

    /// What the owner can do now: one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Store(_) => "Check that all disks are present, then try again.",
            Self::Damaged { .. } => {
                "Run a check with repair; if it stays damaged, use an older version, or a newer \
                 Holdfast if one wrote it."
            }
            Self::NotFound { .. } => "Look at the folder's list for the right spelling.",
            Self::NotAFolder { .. } => "Name a folder, or leave out what follows.",
            Self::TooDeep { .. } => "Move the inner folders up, then try again.",
            Self::BadName { .. } => "Use a name without '/', of at most 1024 bytes.",
            Self::BadEntry { .. }
            | Self::OutOfOrder { .. }
            | Self::BadExtent
            | Self::FileTooLong => "This is a fault in Holdfast: please report it.",
            Self::EntryTooBig { .. } => "Remove some of its extended attributes.",
        }
    }
}

/// Why one edit of a batch was not made. The others were.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum EditError {
    /// Nothing of that name.
    #[error("{} does not exist", shown(.path))]
    NotFound {
        /// The path, as far as it was followed.
        path: Vec<u8>,
    },
    /// Something that is not a folder stands where a folder is needed.
    #[error("{} is not a folder", shown(.path))]
    NotAFolder {
        /// The path, as far as it was followed.
        path: Vec<u8>,
    },
    /// A folder stands where something else is to go.
    #[error("{} is a folder", shown(.path))]
    IsAFolder {
        /// The path.
        path: Vec<u8>,
    },
    /// Something of that name is there.
    #[error("{} already exists", shown(.path))]
    Exists {
        /// The path.
        path: Vec<u8>,
    },
    /// A folder that would go is not empty.
    #[error("the folder {} is not empty", shown(.path))]
    NotEmpty {
        /// The path.
        path: Vec<u8>,
    },
    /// Something else stands there than the edit was meant for.
    #[error("{} is no longer what it was when it was looked at", shown(.path))]
    Changed {
        /// The path.
        path: Vec<u8>,
    },
    /// A folder cannot go into itself.
    #[error("the folder {} cannot be moved into itself", shown(.path))]
    IntoItself {
        /// The folder.
        path: Vec<u8>,
    },
    /// The top folder stays.
    #[error("the top folder itself cannot be replaced, moved or deleted")]
    TopFolder,
    /// The path holds a name that cannot be one.
    #[error("{} holds a name that a file cannot have", shown(.path))]
    BadName {
        /// The path.
        path: Vec<u8>,
    },
    /// More folders in folders than [`crate::PATH_DEPTH_MAX`].
    #[error("{} lies too deep", shown(.path))]
    TooDeep {
        /// The path.
        path: Vec<u8>,
    },
    /// The entry's fields contradict each other.
    #[error("the entry for {} {why}", shown(.path))]
    BadEntry {
        /// The path.
        path: Vec<u8>,
        /// What is wrong, as the rest of a sentence.
        why: &'static str,
    },
    /// More attributes than one entry may have.
    #[error("the attributes of {} take {len} bytes, more than one entry may have", shown(.path))]
    EntryTooBig {
        /// The path.
        path: Vec<u8>,
        /// The entry's encoded length.
        len: usize,
    },
}

impl EditError {
    /// What the owner can do now: one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => {
                "Look at the folder's list: it may have been moved or deleted."
            }
            Self::NotAFolder { .. } => "Choose another name, or delete what stands there first.",
            Self::IsAFolder { .. } => "Choose another name, or delete the folder first.",
            Self::Exists { .. } => "Choose another name, or allow it to be replaced.",
            Self::NotEmpty { .. } => "Delete the folder with everything in it, if that is meant.",
            Self::Changed { .. } => "Look at what is there now, then decide again.",
            Self::IntoItself { .. } => "Choose a place outside of the folder.",
            Self::TopFolder => "Choose something inside of it.",
            Self::BadName { .. } => {
                "Use folders and names joined by '/', none of them empty, `.` or `..`, of at most 1024 bytes each."
            }
            Self::TooDeep { .. } => "Choose a place with fewer folders above it.",
            Self::BadEntry { .. } => "This is a fault in Holdfast: please report it.",
            Self::EntryTooBig { .. } => "Remove some of its extended attributes.",
        }
    }
}
