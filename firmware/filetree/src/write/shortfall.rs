//! What a restored entry lacks, said item by item, so that nothing is lost in silence.

use std::io;

use crate::name::Shown;
use crate::write::WriteError;

/// Something that could not be brought back as it was. What else there was has been.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Shortfall {
    /// The entry itself.
    #[error("{} was not restored", Shown(.name))]
    Entry {
        /// The name.
        name: Vec<u8>,
        /// Why.
        source: WriteError,
    },
    /// None of its attributes: it could not be reached to set them.
    #[error("the attributes of {} were not restored", Shown(.name))]
    Attributes {
        /// The name.
        name: Vec<u8>,
        /// What the system said.
        source: io::Error,
    },
    /// None of its attributes: something else stands in its place now.
    #[error("{} became something else while it was restored", Shown(.name))]
    Replaced {
        /// The name.
        name: Vec<u8>,
    },
    /// Its owner.
    #[error("the owner of {} stays {kept} instead of {wanted}", Shown(.name))]
    Owner {
        /// The name.
        name: Vec<u8>,
        /// User number it should have.
        wanted: u32,
        /// User number it has.
        kept: u32,
        /// What the system said.
        source: io::Error,
    },
    /// Its group.
    #[error("the group of {} stays {kept} instead of {wanted}", Shown(.name))]
    Group {
        /// The name.
        name: Vec<u8>,
        /// Group number it should have.
        wanted: u32,
        /// Group number it has.
        kept: u32,
        /// What the system said.
        source: io::Error,
    },
    /// Its set-user or set-group bit was left off, since it would now act for somebody else.
    #[error("{} is not {what} any more, as its owner or group differs", Shown(.name))]
    SpecialBits {
        /// The name.
        name: Vec<u8>,
        /// The bits.
        what: &'static str,
    },
    /// Its permissions.
    #[error("the permissions of {} are {kept:o} instead of {wanted:o}", Shown(.name))]
    Mode {
        /// The name.
        name: Vec<u8>,
        /// Mode it should have.
        wanted: u32,
        /// Mode it has.
        kept: u32,
        /// What the system said, if it said so.
        source: Option<io::Error>,
    },
    /// One extended attribute.
    #[error("the attribute {} of {} was not restored", Shown(.attribute), Shown(.name))]
    Xattr {
        /// The name.
        name: Vec<u8>,
        /// The attribute.
        attribute: Vec<u8>,
        /// What the system said.
        source: io::Error,
    },
    /// An attribute that it should not have, such as access inherited from the folder above.
    #[error("the attribute {} of {} could not be taken off", Shown(.attribute), Shown(.name))]
    ExtraXattr {
        /// The name.
        name: Vec<u8>,
        /// The attribute.
        attribute: Vec<u8>,
        /// What the system said.
        source: io::Error,
    },
    /// Its time of modification, or its last digits.
    #[error("the time of {} was not restored exactly", Shown(.name))]
    Time {
        /// The name.
        name: Vec<u8>,
        /// What the system said, if it said so.
        source: Option<io::Error>,
    },
}

impl Shortfall {
    /// The entry concerned: the last component of its path.
    pub fn name(&self) -> &[u8] {
        match self {
            Self::Entry { name, .. }
            | Self::Attributes { name, .. }
            | Self::Replaced { name }
            | Self::Owner { name, .. }
            | Self::Group { name, .. }
            | Self::SpecialBits { name, .. }
            | Self::Mode { name, .. }
            | Self::Xattr { name, .. }
            | Self::ExtraXattr { name, .. }
            | Self::Time { name, .. } => name,
        }
    }

    /// What the owner can do now: one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Entry { source, .. } => source.advice(),
            Self::Replaced { .. } => "Restore into a folder that nobody else is writing to.",
            Self::Owner { .. } | Self::Group { .. } | Self::SpecialBits { .. } => {
                "Restore as root to bring back owners and groups."
            }
            Self::Attributes { .. }
            | Self::Mode { .. }
            | Self::Xattr { .. }
            | Self::ExtraXattr { .. }
            | Self::Time { .. } => {
                "Restore as root, to a disk with a Linux file system such as ext4."
            }
        }
    }
}
