//! Where the vault sits: whoever holds its secrets opens it, opens it anew when disks change, and does
//! long works with it.
//!
//! The caretaker never sees a secret; it hands over disks and says what is to be copied. Start at
//! [`Seat`].

use std::fmt::Debug;
use std::sync::Arc;

use types::{Millis, VolumeId};
use vault::Vault;
use volume::Disk;

use crate::error::DisksError;

/// Something long that the vault is to do: whoever does it says how far it is, and may put it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Work {
    /// Make the copies that are missing.
    Copy,
    /// Copy away what a member alone has, prove it, and let the member go. One that is away is let
    /// go without it.
    Drain(VolumeId),
}

/// The place of the vault.
pub trait Seat: Send + Sync + Debug {
    /// The vault, when it is open for writing; none while it is locked or has no disk.
    fn vault(&self) -> Option<Arc<Vault>>;

    /// Lets go of the vault and opens it with these disks: all members that are plugged in, each
    /// mounted. A vault that is locked keeps them until it is unlocked; with no disk, there is none.
    /// What was under way is put by and goes on afterwards.
    fn reopen(&self, disks: Vec<Arc<dyn Disk>>) -> Result<(), DisksError>;

    /// These are the disks now, one more than before; the open vault knows it already. Whoever opens
    /// it the next time takes them.
    fn keep_in_mind(&self, disks: Vec<Arc<dyn Disk>>);

    /// Begins a work and comes back at once, or names the same one that is not over as begun.
    fn begin(&self, work: Work) -> Result<(), DisksError>;

    /// Its owner does not want a work any more: one that waits is not begun, one that runs ends soon.
    fn give_up(&self, work: Work);

    /// How long a work that failed is left alone still: longer each time it fails in a row. None: it may
    /// be begun now.
    fn rests(&self, _work: Work) -> Option<Millis> {
        None
    }

    /// A disk came or went, or the owner did something: what failed may go well now.
    fn try_anew(&self) {}

    /// Works that were begun and are not over, also those that wait for something.
    fn under_way(&self) -> Vec<Work>;
}
