//! A mounted simulated disk: a real folder behind the disk's gate.
//!
//! It adds faults, a size, and an end when the disk is pulled; everything else is `FsDisk`'s. Start
//! at [`SimDisk`].

use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

use nix::errno::Errno;
use types::Bytes;
use volume::{Disk, DiskFile, FsDisk, Listed, Space};

use crate::look;
use crate::medium::{Kind, Medium, State};
use crate::unsynced::Mark;

/// The disk as long as it stays plugged in.
#[derive(Debug)]
pub(crate) struct SimDisk {
    pub(crate) inner: FsDisk,
    pub(crate) gate: Gate,
    /// Where its files are.
    pub(crate) root: PathBuf,
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
    fn file(&self, inner: Box<dyn DiskFile>, mark: Option<Mark>) -> Box<dyn DiskFile> {
        Box::new(SimFile { inner, gate: self.gate.clone(), mark })
    }

    /// Notes something about what is not synced, unless the disk went meanwhile.
    fn note<T>(&self, how: impl FnOnce(&mut State) -> T) -> io::Result<T> {
        let mut state = self.gate.medium.state();
        if state.session != self.gate.session {
            return Err(Errno::EIO.into());
        }
        Ok(how(&mut state))
    }

    /// Length of a file that is about to go; 0 when there is none.
    fn len_of(&self, path: &str) -> u64 {
        self.inner.open(path).and_then(|file| file.len()).unwrap_or(0)
    }
}

impl Disk for SimDisk {
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.gate.pass(Kind::Grow)?;
        let file = self.inner.create_new(path)?;
        let mark = self.note(|state| state.unsynced.made(self.root.join(path)))?;
        Ok(self.file(file, Some(mark)))
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.gate.pass(Kind::Read)?;
        Ok(self.file(self.inner.open(path)?, None))
    }

    fn open_for_writing(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.gate.pass(Kind::Change)?;
        let file = self.inner.open_for_writing(path)?;
        let len = file.len()?;
        let mark = self.note(|state| state.unsynced.opened(self.root.join(path), len))?;
        Ok(self.file(file, Some(mark)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.gate.pass(Kind::Change)?;
        let replaced = if from == to { 0 } else { self.len_of(to) };
        self.inner.rename(from, to)?;
        self.gate.medium.give(replaced);
        let (from, to) = (self.root.join(from), self.root.join(to));
        self.note(|state| state.unsynced.renamed(&from, &to))
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        self.gate.pass(Kind::Change)?;
        let len = self.len_of(path);
        self.inner.unlink(path)?;
        self.gate.medium.give(len);
        self.note(|state| state.unsynced.removed(&self.root.join(path)))
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
        self.gate.pass(Kind::Change)?;
        self.note(|state| state.unsynced.all_synced())
    }

    fn list(&self, path: &str) -> io::Result<Vec<Listed>> {
        self.gate.pass(Kind::Read)?;
        self.inner.list(path)
    }

    fn space(&self) -> io::Result<Space> {
        // Whoever writes plain files to a drive does it by their paths: nobody counted them.
        if self.root == self.gate.medium.root() {
            self.gate.pass(Kind::Read)?;
            let counted = look::count(&self.root)?.unwrap_or_default();
            self.gate.medium.set_used(Bytes(counted.bytes));
        }
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

    /// Faults strike whoever goes through this handle; another process that works in the folder meets
    /// only those of the folder itself.
    fn folder(&self) -> io::Result<Option<OwnedFd>> {
        self.gate.pass(Kind::Read)?;
        self.inner.folder()
    }

    fn read_only(&self) -> bool {
        self.gate.read_only || self.gate.medium.state().facts.faults.read_only
    }
}

#[derive(Debug)]
struct SimFile {
    inner: Box<dyn DiskFile>,
    gate: Gate,
    /// Where it is noted what of it is not synced; none for a file that is only read.
    mark: Option<Mark>,
}

impl DiskFile for SimFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.gate.pass(Kind::Grow)?;
        self.gate.medium.take(bytes.len() as u64)?;
        self.inner.append(bytes)?;
        self.mark.iter().for_each(|mark| mark.appended(bytes.len() as u64));
        Ok(())
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.gate.pass(Kind::Grow)?;
        let end = offset.saturating_add(bytes.len() as u64);
        let len = self.mark.as_ref().map_or(end, Mark::len);
        self.gate.medium.take(end.saturating_sub(len))?;
        self.inner.write_at(offset, bytes)?;
        self.mark.iter().for_each(|mark| mark.reached(end));
        Ok(())
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.gate.pass(Kind::Change)?;
        self.inner.sync_data()?;
        self.mark.iter().for_each(Mark::synced);
        Ok(())
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
