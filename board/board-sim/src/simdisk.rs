//! A mounted simulated disk: a real folder behind the disk's gate.
//!
//! It adds faults, a size, and an end when the disk is pulled; everything else is `FsDisk`'s. Start
//! at [`SimDisk`].

use std::io;
use std::sync::Arc;

use nix::errno::Errno;
use volume::{Disk, DiskFile, FsDisk, Listed, Space};

use crate::medium::{Kind, Medium};

/// The disk as long as it stays plugged in.
#[derive(Debug)]
pub(crate) struct SimDisk {
    pub(crate) inner: FsDisk,
    pub(crate) gate: Gate,
    pub(crate) serial: String,
    pub(crate) label: String,
}

/// What every handle carries.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    pub(crate) medium: Arc<Medium>,
    pub(crate) session: u64,
    /// Mounted so that nothing is written.
    pub(crate) read_only: bool,
    /// Lets the machine see that a handle is left.
    pub(crate) _users: Arc<()>,
}

impl Gate {
    fn pass(&self, kind: Kind) -> io::Result<()> {
        if kind != Kind::Read && self.read_only {
            return Err(Errno::EROFS.into());
        }
        self.medium.pass(self.session, kind)
    }
}

impl SimDisk {
    fn file(&self, inner: io::Result<Box<dyn DiskFile>>) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(SimFile { inner: inner?, gate: self.gate.clone() }))
    }

    /// Length of a file that is about to go; 0 when there is none.
    fn len_of(&self, path: &str) -> u64 {
        self.inner.open(path).and_then(|file| file.len()).unwrap_or(0)
    }
}

impl Disk for SimDisk {
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.gate.pass(Kind::Grow)?;
        self.file(self.inner.create_new(path))
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.gate.pass(Kind::Read)?;
        self.file(self.inner.open(path))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.gate.pass(Kind::Change)?;
        let replaced = if from == to { 0 } else { self.len_of(to) };
        self.inner.rename(from, to)?;
        self.gate.medium.give(replaced);
        Ok(())
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        self.gate.pass(Kind::Change)?;
        let len = self.len_of(path);
        self.inner.unlink(path)?;
        self.gate.medium.give(len);
        Ok(())
    }

    fn make_dir(&self, path: &str) -> io::Result<()> {
        self.gate.pass(Kind::Grow)?;
        self.inner.make_dir(path)
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        self.gate.pass(Kind::Change)?;
        self.inner.sync_dir(path)
    }

    fn sync_all(&self) -> io::Result<()> {
        // The folder lies on the host's own file system: syncing all of that would be too much, and
        // a power cut of the host is not what is simulated.
        self.gate.pass(Kind::Change)
    }

    fn list(&self, path: &str) -> io::Result<Vec<Listed>> {
        self.gate.pass(Kind::Read)?;
        self.inner.list(path)
    }

    fn space(&self) -> io::Result<Space> {
        self.gate.medium.space(self.gate.session)
    }

    fn serial(&self) -> String {
        self.serial.clone()
    }

    fn label(&self) -> String {
        self.label.clone()
    }

    fn try_lock(&self) -> io::Result<bool> {
        self.gate.pass(Kind::Read)?;
        self.inner.try_lock()
    }

    fn read_only(&self) -> bool {
        self.gate.read_only || self.gate.medium.state().facts.faults.read_only
    }
}

#[derive(Debug)]
struct SimFile {
    inner: Box<dyn DiskFile>,
    gate: Gate,
}

impl DiskFile for SimFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.gate.pass(Kind::Grow)?;
        self.gate.medium.take(bytes.len() as u64)?;
        self.inner.append(bytes)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.gate.pass(Kind::Change)?;
        self.inner.sync_data()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.gate.pass(Kind::Read)?;
        self.inner.read_at(offset, buf)
    }

    fn len(&self) -> io::Result<u64> {
        self.gate.pass(Kind::Read)?;
        self.inner.len()
    }

    fn forget_cache(&self) -> io::Result<()> {
        self.gate.pass(Kind::Read)?;
        self.inner.forget_cache()
    }
}
