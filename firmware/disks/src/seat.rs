//! Where the vault sits: whoever holds its secrets opens it, and opens it anew when disks change.
//!
//! The caretaker never sees a secret; it hands over disks. Start at [`Seat`].

use std::fmt::Debug;
use std::sync::Arc;

use vault::{Vault, VaultError};
use volume::Disk;

/// The place of the vault.
pub trait Seat: Send + Sync + Debug {
    /// The vault, when it is open for writing; none while it is locked or has no disk.
    fn vault(&self) -> Option<Arc<Vault>>;

    /// Lets go of the vault and opens it with these disks: all members that are plugged in, each
    /// mounted. A vault that is locked keeps them until it is unlocked; with no disk, there is none.
    fn reopen(&self, disks: Vec<Arc<dyn Disk>>) -> Result<(), VaultError>;
}
