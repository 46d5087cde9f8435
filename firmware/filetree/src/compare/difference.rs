//! What can differ between two trees.

use std::fmt;

use crate::name::Shown;
use crate::read::ReadError;

/// One of the two trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The first tree given.
    Left,
    /// The second.
    Right,
}

/// One thing in which two trees differ.
#[derive(Debug)]
pub struct Difference {
    /// Where, from the trees' roots; no bytes for the roots themselves.
    pub path: Vec<u8>,
    /// What.
    pub what: What,
}

/// How two entries by one name differ.
#[derive(Debug)]
#[non_exhaustive]
pub enum What {
    /// There is none in the other tree.
    OnlyIn(Side),
    /// One is a file and one a folder, for example. Nothing more was compared.
    Kind,
    /// The files' lengths.
    Size(u64, u64),
    /// The files' bytes.
    Bytes {
        /// Where they first differ.
        offset: u64,
    },
    /// Permissions.
    Mode(u32, u32),
    /// The owner's number.
    Owner(u32, u32),
    /// The group's number.
    Group(u32, u32),
    /// The time of modification.
    Mtime,
    /// The links' targets.
    Target,
    /// The devices' numbers.
    Device,
    /// An extended attribute: its value, or that it is there at all.
    Xattr(Vec<u8>),
    /// Which names are hard links to one file.
    HardLinks,
    /// It could not be read, so it was not compared (for an attribute: not wholly).
    Unreadable(Side, ReadError),
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Left => "first",
            Self::Right => "second",
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { b"." } else { self.path.as_slice() };
        write!(f, "{}: ", Shown(path))?;
        match &self.what {
            What::OnlyIn(side) => write!(f, "only in the {side} tree"),
            What::Kind => write!(f, "different kinds of entry"),
            What::Size(left, right) => write!(f, "{left} bytes and {right} bytes"),
            What::Bytes { offset } => write!(f, "bytes differ from {offset} on"),
            What::Mode(left, right) => write!(f, "mode {left:o} and {right:o}"),
            What::Owner(left, right) => write!(f, "owner {left} and {right}"),
            What::Group(left, right) => write!(f, "group {left} and {right}"),
            What::Mtime => write!(f, "different times of modification"),
            What::Target => write!(f, "links to different targets"),
            What::Device => write!(f, "different device numbers"),
            What::Xattr(name) => write!(f, "attribute {} differs", Shown(name)),
            What::HardLinks => write!(f, "not a hard link to the same file in both"),
            What::Unreadable(side, error) => write!(f, "not compared in the {side} tree: {error}"),
        }
    }
}
