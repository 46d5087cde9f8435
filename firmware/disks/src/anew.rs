//! What was on a disk is looked at once more, since somebody else than the caretaker changed it on purpose.
//!
//! Start at [`Caretaker::look_anew`].

use types::{DiskContent, DiskIdentity};

use crate::caretaker::Caretaker;
use crate::error::DisksError;

impl Caretaker {
    /// Looks at a disk as if it had just been plugged in.
    pub fn look_anew(&mut self, disk: &DiskIdentity) -> Result<(), DisksError> {
        self.contents.remove(disk);
        self.refused.remove(disk);
        self.look()
    }

    /// What was on a disk at the last look, and which time it was plugged in then.
    pub fn seen_on(&self, disk: &DiskIdentity) -> Option<(DiskContent, u64)> {
        let attached = *self.attached.get(disk)?;
        Some((self.contents.get(disk)?.clone(), attached))
    }
}
