//! A disk that does what the one below it does, but for a few things.
//!
//! Holds no bytes of its own. Start at [`Twisted`].

use std::fmt::Debug;
use std::io;

use volume::{Disk, DiskFile, Listed, Space};

/// What is done otherwise; each is left to the disk below unless it is written anew.
pub trait Twist: Send + Sync + Debug {
    /// In place of [`Disk::open`].
    fn open(&self, below: &dyn Disk, path: &str) -> io::Result<Box<dyn DiskFile>> {
        below.open(path)
    }

    /// In place of [`Disk::rename`].
    fn rename(&self, below: &dyn Disk, from: &str, to: &str) -> io::Result<()> {
        below.rename(from, to)
    }

    /// In place of [`Disk::sync_dir`].
    fn sync_dir(&self, below: &dyn Disk, path: &str) -> io::Result<()> {
        below.sync_dir(path)
    }

    /// In place of [`Disk::try_lock`].
    fn try_lock(&self, below: &dyn Disk) -> io::Result<bool> {
        below.try_lock()
    }
}

/// The disk below, and what is otherwise.
#[derive(Debug)]
pub struct Twisted<D, T> {
    /// What everything else goes to.
    pub below: D,
    /// What is otherwise.
    pub twist: T,
}

impl<D: Disk, T: Twist> Disk for Twisted<D, T> {
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.below.create_new(path)
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.twist.open(&self.below, path)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.twist.rename(&self.below, from, to)
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        self.below.unlink(path)
    }

    fn make_dir(&self, path: &str) -> io::Result<()> {
        self.below.make_dir(path)
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        self.twist.sync_dir(&self.below, path)
    }

    fn sync_all(&self) -> io::Result<()> {
        self.below.sync_all()
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

    fn try_lock(&self) -> io::Result<bool> {
        self.twist.try_lock(&self.below)
    }

    fn read_only(&self) -> bool {
        self.below.read_only()
    }
}
