//! A disk whose keys cannot be read for a moment. It writes what it is told, as the disk below it does.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use volume::{Disk, DiskFile, Listed, Space};

use crate::simdisk::SimDisk;

/// Copies of the key file that a disk has.
const COPIES: usize = 2;

/// A disk on which the keys cannot be read the first time: neither copy of them.
#[derive(Debug)]
pub struct ShakyKeys {
    disk: SimDisk,
    fails: AtomicUsize,
}

impl ShakyKeys {
    /// Over a disk that is well.
    pub fn new(disk: SimDisk) -> Self {
        Self { disk, fails: AtomicUsize::new(COPIES) }
    }
}

impl Disk for ShakyKeys {
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.disk.create_new(path)
    }
    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let left = |left: usize| left.checked_sub(1);
        let counts = path.contains("keys")
            && self.fails.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_ok();
        if counts { Err(io::Error::other("the cable")) } else { self.disk.open(path) }
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }
    fn unlink(&self, path: &str) -> io::Result<()> {
        self.disk.unlink(path)
    }
    fn make_dir(&self, path: &str) -> io::Result<()> {
        self.disk.make_dir(path)
    }
    fn sync_dir(&self, path: &str) -> io::Result<()> {
        self.disk.sync_dir(path)
    }
    fn sync_all(&self) -> io::Result<()> {
        self.disk.sync_all()
    }
    fn list(&self, path: &str) -> io::Result<Vec<Listed>> {
        self.disk.list(path)
    }
    fn space(&self) -> io::Result<Space> {
        self.disk.space()
    }
    fn serial(&self) -> String {
        self.disk.serial()
    }
    fn label(&self) -> String {
        self.disk.label()
    }
    fn read_only(&self) -> bool {
        self.disk.read_only()
    }
}
