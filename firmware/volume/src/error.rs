//! Why a volume could not do what it was asked, and what it found on the way.
//!
//! Errors name the volume and the file; what the system said is the `source`. They can be cloned:
//! a file that failed once answers every later call with the same error.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use format::FormatError;
use nix::errno::Errno;
use thiserror::Error;
use types::{Bytes, PackId};

/// What a message calls a volume: its short id and the owner's folder.
#[derive(Clone, PartialEq, Eq)]
pub struct VolumeName(Arc<str>);

impl VolumeName {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for VolumeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for VolumeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Why a volume could not do what it was asked.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "fields repeat the words of the sentence above them")]
pub enum VolumeError {
    /// Less room than the write needs, the reserve already taken off.
    #[error("{volume} has {free} to spare and the write needs {need}")]
    Full { volume: VolumeName, free: Bytes, need: Bytes },
    /// The disk itself ran out in the middle of a write.
    #[error("{volume} ran out of room: cannot {doing} {path}")]
    RanOut { volume: VolumeName, doing: &'static str, path: String, source: Arc<io::Error> },
    /// The system refused. What it said is the `source`, never part of this message.
    #[error("{volume}: cannot {doing} {path}")]
    Io { volume: VolumeName, doing: &'static str, path: String, source: Arc<io::Error> },
    /// A volume, or something else, is already where one was to be made.
    #[error("{volume} already holds a volume or other files")]
    Exists { volume: VolumeName },
    /// No superblock at all.
    #[error("{volume} holds no Holdfast volume")]
    NotAVolume { volume: VolumeName },
    /// Superblocks, but not one that can be read.
    #[error("{volume}: none of the superblock's copies can be read")]
    SuperblockLost { volume: VolumeName },
    /// Superblocks of two volumes in one folder.
    #[error("{volume}: the superblock's copies belong to different volumes")]
    SuperblockMixed { volume: VolumeName },
    /// A file that this version cannot read, intact as it is.
    #[error("{volume}: {path} was written by another version of Holdfast")]
    Format { volume: VolumeName, path: String, source: FormatError },
    /// Mounted read-only, quarantined, or written by a newer Holdfast.
    #[error("{volume} may only be read")]
    ReadOnly { volume: VolumeName },
    /// Another process has the volume open for writing.
    #[error("{volume} is in use by another Holdfast")]
    InUse { volume: VolumeName },
    /// No such file; `what` says which kind.
    #[error("{volume} has no {what} {name}")]
    Missing { volume: VolumeName, what: &'static str, name: String },
    /// The bytes are not what the name promises. Nothing was stored.
    #[error("{volume}: the bytes offered as pack {pack} are not that pack")]
    WrongContent { volume: VolumeName, pack: PackId },
    /// More bytes than a file of that kind may have. Nothing was stored or read.
    #[error("{volume}: {path} is longer than the {limit} it may be")]
    TooLong { volume: VolumeName, path: String, limit: Bytes },
    /// Written and synced, and yet it reads back differently.
    #[error("{volume}: pack {pack} does not read back as it was written")]
    ReadBack { volume: VolumeName, pack: PackId },
    /// Where the bytes should come from failed; this volume is not to blame.
    #[error("{volume}: pack {pack} could not be fetched to be stored")]
    Source { volume: VolumeName, pack: PackId, source: Arc<io::Error> },
    /// The same pack is being imported by somebody else right now.
    #[error("{volume}: pack {pack} is already being copied here")]
    Busy { volume: VolumeName, pack: PackId },
    /// No answer in time. The writer takes nothing more.
    #[error("{volume} did not answer within {} s", .deadline.as_secs_f32())]
    Deadline { volume: VolumeName, deadline: Duration },
}

/// What the system says when the disk, the cable or the file system is broken. ENOSPC and EDQUOT
/// are not among them: a full disk is a healthy one.
const DISK_FAULTS: [Errno; 11] = [
    Errno::EIO,
    Errno::EROFS,
    Errno::ENODEV,
    Errno::ENXIO,
    Errno::ENOMEDIUM,
    Errno::ESHUTDOWN,
    Errno::ENOTCONN,
    Errno::ETIMEDOUT,
    Errno::ESTALE,
    Errno::EUCLEAN, // ext4 and xfs: a damaged structure on the disk
    Errno::EBADMSG, // ext4 and xfs: a checksum of such a structure is wrong
];

impl VolumeError {
    pub(crate) fn io(
        volume: VolumeName,
        doing: &'static str,
        path: String,
        source: io::Error,
    ) -> Self {
        let full = matches!(errno(&source), Some(Errno::ENOSPC | Errno::EDQUOT));
        let source = Arc::new(source);
        if full {
            Self::RanOut { volume, doing, path, source }
        } else {
            Self::Io { volume, doing, path, source }
        }
    }

    /// Whatever is called `label` did not answer in time.
    pub fn silent(label: &str, deadline: Duration) -> Self {
        Self::Deadline { volume: VolumeName::new(label), deadline }
    }

    /// True when the disk should take no more writes until somebody has looked at it.
    pub fn is_disk_fault(&self) -> bool {
        match self {
            Self::Io { source, .. } => {
                // A write that stores nothing and names no reason is no better than EIO.
                errno(source).is_some_and(|errno| DISK_FAULTS.contains(&errno))
                    || source.kind() == io::ErrorKind::WriteZero
            }
            Self::Deadline { .. } | Self::ReadBack { .. } => true,
            _ => false,
        }
    }

    /// True when there is no room: another volume may still take the write.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full { .. } | Self::RanOut { .. })
    }

    /// What the owner can do now: one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Full { .. } | Self::RanOut { .. } => {
                "Add a disk; what is forgotten and pruned frees its room only after its grace."
            }
            Self::Io { .. } if self.is_disk_fault() => {
                "Check the cable, then run a disk check; other copies are not affected."
            }
            Self::Io { .. } => "Check that the folder is there and may be written.",
            Self::Exists { .. } => {
                "Choose an empty folder; if nothing in it is needed any more, remove the folder `holdfast` in it."
            }
            Self::NotAVolume { .. } => "Check that the right disk is mounted there.",
            Self::SuperblockLost { .. } | Self::SuperblockMixed { .. } => {
                "Put an empty folder or another disk in its place with `holdfast volume replace`."
            }
            Self::Format { .. } => "Update Holdfast on this computer, then try again.",
            Self::InUse { .. } => "Wait until the other Holdfast is done, or stop it first.",
            Self::ReadOnly { .. } => {
                "See why: it may be mounted read-only, or be a copy of another disk."
            }
            Self::Missing { .. } => "Run a check: it restores what other copies still have.",
            Self::WrongContent { .. } | Self::Source { .. } => {
                "Nothing was stored; try another copy of the pack."
            }
            Self::TooLong { .. } => "Leave the file alone and run a check.",
            Self::ReadBack { .. } => "Replace this disk soon: it does not keep what it is given.",
            Self::Busy { .. } => "Wait for the copy under way to end.",
            Self::Deadline { .. } => "Check the cable and power of this disk, then restart.",
        }
    }
}

fn errno(error: &io::Error) -> Option<Errno> {
    error.raw_os_error().map(Errno::from_raw)
}

/// Something odd on a volume that stopped nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// A copy of the superblock was missing, damaged or older than the best.
    SuperblockCopy {
        /// Which copy.
        copy: usize,
        /// True when it was written anew.
        repaired: bool,
    },
    /// The superblock names features unknown here: the volume may only be read.
    NewerFeatures,
    /// The disk below is not the one the volume was made on.
    OtherSerial {
        /// As the superblock has it.
        written: String,
        /// As the disk says.
        found: String,
    },
    /// A file that is no part of the layout.
    Stray {
        /// Where.
        path: String,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SuperblockCopy { copy, repaired: true } => {
                write!(f, "copy {copy} of the superblock was damaged or old and is written anew")
            }
            Self::SuperblockCopy { copy, repaired: false } => {
                write!(f, "copy {copy} of the superblock is damaged or old")
            }
            Self::NewerFeatures => {
                f.write_str("a newer Holdfast wrote this volume; it may only be read")
            }
            Self::OtherSerial { written, found } => {
                write!(f, "the volume was made on disk {written} and is now on {found}")
            }
            Self::Stray { path } => write!(
                f,
                "{path} is no part of a volume and is left alone; move it elsewhere (where a pack \
                 should be, `holdfast check --repair` does)"
            ),
        }
    }
}
