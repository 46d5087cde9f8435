//! Sabotage: a disk whose folder syncs are left out. The rest goes to the real one.
//!
//! What follows shows that the honest figures mean something. Start at [`NoFolderSyncs`].

use std::io;

use volume::{Disk, DiskFile, FsDisk, Listed, Space};

/// A real disk, on which syncing a folder does nothing.
#[derive(Debug)]
pub(crate) struct NoFolderSyncs(pub(crate) FsDisk);

impl Disk for NoFolderSyncs {
    fn sync_dir(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.0.create_new(path)
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.0.open(path)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.0.rename(from, to)
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        self.0.unlink(path)
    }

    fn make_dir(&self, path: &str) -> io::Result<()> {
        self.0.make_dir(path)
    }

    fn sync_all(&self) -> io::Result<()> {
        self.0.sync_all()
    }

    fn list(&self, path: &str) -> io::Result<Vec<Listed>> {
        self.0.list(path)
    }

    fn space(&self) -> io::Result<Space> {
        self.0.space()
    }

    fn serial(&self) -> String {
        self.0.serial()
    }

    fn label(&self) -> String {
        self.0.label()
    }

    fn try_lock(&self) -> io::Result<bool> {
        self.0.try_lock()
    }

    fn read_only(&self) -> bool {
        self.0.read_only()
    }
}
