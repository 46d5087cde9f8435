//! A disk that refuses every write, whatever is asked of it: what reading commands are given.
//!
//! The vault promises not to write when it is opened for reading; this makes it certain, down to
//! the last repaired superblock, so that a pulled disk stays evidence. Start at [`ReadOnly`].

use std::io;

use nix::errno::Errno;
use volume::{Disk, DiskFile, FsDisk, Listed, Space};

/// A disk that can only be read.
#[derive(Debug)]
pub(crate) struct ReadOnly {
    below: FsDisk,
}

impl ReadOnly {
    pub(crate) fn new(below: FsDisk) -> Self {
        Self { below }
    }
}

fn refused<T>() -> io::Result<T> {
    Err(Errno::EROFS.into())
}

impl Disk for ReadOnly {
    fn create_new(&self, _: &str) -> io::Result<Box<dyn DiskFile>> {
        refused()
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.below.open(path)
    }

    fn rename(&self, _: &str, _: &str) -> io::Result<()> {
        refused()
    }

    fn unlink(&self, _: &str) -> io::Result<()> {
        refused()
    }

    fn make_dir(&self, _: &str) -> io::Result<()> {
        refused()
    }

    fn sync_dir(&self, _: &str) -> io::Result<()> {
        refused()
    }

    fn sync_all(&self) -> io::Result<()> {
        refused()
    }

    fn list(&self, path: &str) -> io::Result<Vec<Listed>> {
        self.below.list(path)
    }

    fn space(&self) -> io::Result<Space> {
        self.below.space()
    }

    fn serial(&self) -> String {
        self.below.serial()
    }

    fn label(&self) -> String {
        self.below.label()
    }

    fn read_only(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_can_be_written_through_it() {
        let folder = tempfile::tempdir().unwrap();
        let disk = ReadOnly::new(FsDisk::create(folder.path(), None).unwrap());
        assert!(disk.read_only());
        assert!(disk.create_new("a").is_err());
        assert!(disk.make_dir("a").is_err());
        assert!(disk.list("").unwrap().is_empty());
    }
}
