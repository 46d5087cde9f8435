//! Sabotage: a disk whose folder syncs are left out. The rest goes to the real one.
//!
//! What follows shows that the honest figures mean something. Start at [`NoFolderSyncs`].

use std::io;

use testkit::twist::Twist;
use volume::Disk;

/// Syncing a folder does nothing.
#[derive(Debug)]
pub(crate) struct NoFolderSyncs;

impl Twist for NoFolderSyncs {
    fn sync_dir(&self, _: &dyn Disk, _: &str) -> io::Result<()> {
        Ok(())
    }
}
