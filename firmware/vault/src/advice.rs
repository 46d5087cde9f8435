//! What the owner can do about each error.
//!
//! Says nothing of what went wrong: the error itself does. Start at [`VaultError::advice`].

use crate::error::VaultError;

impl VaultError {
    /// What the owner can do now: one sentence.
    pub fn advice(&self) -> String {
        let text = match self {
            Self::Volume(error) => return error.advice().to_owned(),
            Self::Catalog(error) => return error.advice().to_owned(),
            Self::Unlock(error) => return error.advice().to_owned(),
            Self::Seal(error) => return error.advice().to_owned(),
            Self::Read(error) => return error.advice().to_owned(),
            Self::Write(error) => return error.advice().to_owned(),
            Self::Refused(error) => return error.advice().to_owned(),
            Self::Full { .. } => {
                "Add a disk; what is forgotten and pruned frees its room only after its grace."
            }
            Self::Edit(error) => return error.advice().to_owned(),
            Self::Format(_) => "Run a check with repair; another volume may hold a good copy.",
            Self::NoVolume { .. } => {
                "Check that the disks are mounted where the vault expects them."
            }
            Self::OtherVault { .. } => "Open that volume with its own vault, or erase it first.",
            Self::SameVolumeTwice { .. } => "Name each volume once.",
            Self::Clone { .. } => "Take the copy away, or erase it and add it as a new volume.",
            Self::Fork { .. } => {
                "Open the vault with one side only; once all that you need is there, empty the other side's disks and add them as new ones."
            }
            Self::NoKeys => {
                "Attach another volume of this vault: each holds two copies of the keys."
            }
            Self::NoHead { .. } => {
                "Attach another volume of this vault, each has the newest head, then run a check \
                 with repair; write nothing to these until then."
            }
            Self::NotFound { .. } => "List what there is, and check the spelling.",
            Self::Ambiguous { .. } => "Give more digits of the id.",
            Self::NewerKeys { .. } => {
                "Try again, with every disk well plugged in. If it stays, update this program: a newer one wrote them."
            }
            Self::SeveralSources { .. } => "Say which space is meant, or give the snapshot's id.",
            Self::Exists { .. } => "Choose another name.",
            Self::NotA { .. } => "List the folder to see what is there.",
            Self::Tree(_) | Self::Lost { .. } | Self::PackDamaged { .. } => {
                "Attach the missing volumes, then run a check with repair."
            }
            Self::HoldsLack { .. } => {
                "Ask another friend: whoever keeps packs of this vault keeps its words slot and heads, too."
            }
            Self::Unheard { .. } => {
                "Ask again when all of them answer. To go on without them gives up, for good, what is newer and only there."
            }
            Self::NotThatPack { .. } => {
                "Ask another friend for it; what this one said that it has is not there."
            }
            Self::ReadOnly => "Open the vault for writing, with its volumes mounted writable.",
            Self::NoWriter { .. } => {
                "Free or attach a disk, then try again; what was acknowledged is kept."
            }
            Self::OnlyCopy { .. } => {
                "Retire the volume instead, so that its packs are copied first."
            }
            Self::Unsettled { .. } => {
                "Plug its disk in once. If it is gone for good, say so, and what only it had is given up."
            }
            Self::Bad { .. } => "Correct the request and try again.",
            Self::Batch { .. } => "Try again.",
            Self::NothingRead { .. } => {
                "Check that you may read it; older versions stay as they are."
            }
            Self::Path { .. } => "Check that the path is there and may be read.",
            Self::Stream { .. } => "Send it again.",
            Self::Stopped => "Start it again: what was already stored is not stored twice.",
        };
        text.to_owned()
    }
}
