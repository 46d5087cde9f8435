//! Why something could not be done for a friend: the volume's fault, the friend's, or nobody's.

use std::io;
use std::sync::Arc;

use format::FormatError;
use thiserror::Error;
use types::{Bytes, OwnerKey, PackId};
use verified::ReceiveError;

use crate::error::{VolumeError, VolumeName};

/// Why something could not be done for a friend.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "fields repeat the words of the sentence above them")]
pub enum HostedError {
    /// The volume itself could not.
    #[error(transparent)]
    Volume(#[from] VolumeError),
    /// More than this friend was promised here. Nothing was written.
    #[error(
        "{volume}: friend {} was promised {promised}, has {held} here, and the pack needs {need}",
        .owner.short()
    )]
    OverPromise { volume: VolumeName, owner: OwnerKey, promised: Bytes, held: Bytes, need: Bytes },
    /// The same pack is being received, moved or checked by somebody else right now.
    #[error("{volume}: pack {} of a friend is being worked on", .pack.short())]
    Busy { volume: VolumeName, pack: PackId },
    /// No such pack is kept for this friend.
    #[error("{volume} keeps no pack {} for friend {}", .pack.short(), .owner.short())]
    Missing { volume: VolumeName, owner: OwnerKey, pack: PackId },
    /// The stored bytes are not those of the pack any more. Nothing of them was sent.
    #[error("{volume}: group {group} of pack {} of a friend is damaged", .pack.short())]
    Damaged { volume: VolumeName, pack: PackId, group: usize },
    /// Not all of it has come.
    #[error("pack {} of a friend lacks {missing}", .pack.short())]
    Unfinished { pack: PackId, missing: Bytes },
    /// A sync failed here before: what this disk would say of friends' packs cannot be believed.
    #[error("{volume} takes nothing for friends any more: a sync failed")]
    GivenUp { volume: VolumeName },
    /// Written and synced, and yet it reads back differently.
    #[error("{volume}: pack {} of a friend does not read back as it came", .pack.short())]
    ReadBack { volume: VolumeName, pack: PackId },
    /// The sender's bytes are not those of the pack. What came before them is kept.
    #[error("the bytes sent for group {group} of pack {} are not those of the pack", .pack.short())]
    Wrong { pack: PackId, group: usize },
    /// The stream ended or failed. What came is kept.
    #[error("the stream of pack {} ended before group {group}", .pack.short())]
    Ended { pack: PackId, group: usize },
    /// The stream failed. What came is kept.
    #[error("the stream of pack {} failed", .pack.short())]
    Stream { pack: PackId, source: Arc<io::Error> },
    /// Whoever asked takes no more.
    #[error("the receiver of pack {} takes no more", .pack.short())]
    Receiver { pack: PackId, source: Arc<io::Error> },
    /// No copy of a note can be read as what it should be.
    #[error("{volume}: no copy of {path} is whole")]
    NoteLost { volume: VolumeName, path: String, source: FormatError },
    /// A note is longer than one may be. Nothing was written.
    #[error("{len} are more than the {limit} that a note of a friend may be")]
    NoteTooLong { len: Bytes, limit: Bytes },
}

impl HostedError {
    /// True when the disk should take no more writes until somebody has looked at it.
    pub fn is_disk_fault(&self) -> bool {
        match self {
            Self::Volume(error) => error.is_disk_fault(),
            Self::ReadBack { .. } | Self::GivenUp { .. } => true,
            _ => false,
        }
    }

    /// True when there is no room on this disk: another may still take the pack.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Volume(error) if error.is_full())
    }

    /// What the owner of this box can do now: one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Volume(error) => error.advice(),
            Self::OverPromise { .. } => {
                "Agree on more room with this friend, or leave it as it is."
            }
            Self::Busy { .. } => "Wait for the work under way to end.",
            Self::Missing { .. } => {
                "Nothing to do here: the friend sends it again where it counts."
            }
            Self::Damaged { .. } => "Run a disk check; the friend's box sends the pack again.",
            Self::Unfinished { .. } | Self::Ended { .. } | Self::Stream { .. } => {
                "Nothing to do: the friend's box goes on where it stopped."
            }
            Self::GivenUp { .. } | Self::ReadBack { .. } => {
                "Replace this disk soon: it does not keep what it is given."
            }
            Self::Wrong { .. } => "If it happens again, ask the friend to check their disks.",
            Self::Receiver { .. } => "Nothing to do: the friend's box asks again.",
            Self::NoteLost { .. } => "The friend's box sends it again; check this disk.",
            Self::NoteTooLong { .. } => "Ask the friend to update their box.",
        }
    }

    pub(super) fn of_stream(pack: PackId, error: ReceiveError<Self>) -> Self {
        match error {
            ReceiveError::Wrong { group } => Self::Wrong { pack, group },
            ReceiveError::Ended { group } => Self::Ended { pack, group },
            ReceiveError::Reading(source) => Self::Stream { pack, source: Arc::new(source) },
            ReceiveError::Taking(error) => error,
        }
    }
}
