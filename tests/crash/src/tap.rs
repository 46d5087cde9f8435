//! Stands between the vault and its simulated disks: counts changes over all of them, lets a
//! watcher look just before each, and takes the power from all of them at once.
//!
//! What a power cut leaves is drawn from the disks themselves while the workload goes on, so one
//! run of a workload shows every cut point of it. Start at [`Tap::disk`].

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::errno::Errno;
use testkit::simdisk::SimDisk;
use volume::{Disk, DiskFile, Listed, Space};

use crate::salts::{Salts, Written};

/// Called with the number of changes so far, before the next one.
pub type Watcher = Box<dyn FnMut(u64) + Send>;

/// What all disks of one world share.
pub struct Tap {
    state: Mutex<State>,
    watcher: Mutex<Option<Watcher>>,
    salts: Arc<Salts>,
}

#[derive(Debug, Default)]
struct State {
    changes: u64,
    cut_at: Option<u64>,
    gone: bool,
    recalls_space: bool,
}

impl std::fmt::Debug for Tap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tap").field("state", &self.state).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tap {
    /// A world whose ciphertexts `salts` watches.
    pub fn new(salts: Arc<Salts>) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), watcher: Mutex::default(), salts })
    }

    /// A disk as the vault is to see it.
    pub fn disk(self: &Arc<Self>, disk: &SimDisk) -> Arc<dyn Disk> {
        Arc::new(TapDisk { tap: Arc::clone(self), disk: disk.clone(), space: Mutex::default() })
    }

    /// Who looks before each change from now on.
    pub fn watch(&self, watcher: Option<Watcher>) {
        *lock(&self.watcher) = watcher;
    }

    /// Takes the power from every disk after `count` more changes.
    pub fn cut_after(&self, count: u64) {
        let mut state = lock(&self.state);
        state.cut_at = Some(state.changes + count);
    }

    /// From now on a disk's free room is what it last was, asked of nobody: a system knows it
    /// without the disk, and says so while the disk hangs.
    pub fn recall_space(&self) {
        lock(&self.state).recalls_space = true;
    }

    /// Changes so far, over all disks.
    pub fn changes(&self) -> u64 {
        lock(&self.state).changes
    }

    /// Whether the power is gone.
    pub fn is_gone(&self) -> bool {
        lock(&self.state).gone
    }

    fn reading(&self) -> io::Result<()> {
        if self.is_gone() { Err(Errno::EIO.into()) } else { Ok(()) }
    }

    fn changing(&self) -> io::Result<()> {
        let mut state = lock(&self.state);
        state.gone |= state.cut_at.is_some_and(|cut| state.changes >= cut);
        if state.gone {
            return Err(Errno::EIO.into());
        }
        let before = state.changes;
        state.changes += 1;
        drop(state);
        // The lock is not held while the watcher looks: it opens vaults of its own.
        let watcher = lock(&self.watcher).take();
        if let Some(mut watcher) = watcher {
            watcher(before);
            *lock(&self.watcher) = Some(watcher);
        }
        Ok(())
    }
}

#[derive(Debug)]
struct TapDisk {
    tap: Arc<Tap>,
    disk: SimDisk,
    /// The last answer.
    space: Mutex<Option<Space>>,
}

impl TapDisk {
    fn file(&self, path: &str, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        let tap = Arc::clone(&self.tap);
        // Only a growing pack is sealed as it is written. A copy from another disk is hashed before
        // it counts, and may be the torn bytes of a disk that lied until then.
        let written = path.ends_with(".part").then(Written::default);
        Box::new(TapFile { tap, file, path: path.to_owned(), written })
    }
}

impl Disk for TapDisk {
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.tap.changing()?;
        Ok(self.file(path, self.disk.create_new(path)?))
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.tap.reading()?;
        Ok(self.file(path, self.disk.open(path)?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.tap.changing()?;
        self.disk.rename(from, to)
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        self.tap.changing()?;
        self.disk.unlink(path)
    }

    fn make_dir(&self, path: &str) -> io::Result<()> {
        self.tap.changing()?;
        self.disk.make_dir(path)
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        self.tap.changing()?;
        self.disk.sync_dir(path)
    }

    fn sync_all(&self) -> io::Result<()> {
        self.tap.changing()?;
        self.disk.sync_all()
    }

    fn list(&self, path: &str) -> io::Result<Vec<Listed>> {
        self.tap.reading()?;
        self.disk.list(path)
    }

    fn space(&self) -> io::Result<Space> {
        self.tap.reading()?;
        let known = lock(&self.space).filter(|_| lock(&self.tap.state).recalls_space);
        if let Some(space) = known {
            return Ok(space);
        }
        let space = self.disk.space()?;
        *lock(&self.space) = Some(space);
        Ok(space)
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

#[derive(Debug)]
struct TapFile {
    tap: Arc<Tap>,
    file: Box<dyn DiskFile>,
    path: String,
    written: Option<Written>,
}

impl DiskFile for TapFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.tap.changing()?;
        if let Some(written) = &mut self.written {
            self.tap.salts.saw(&self.path, written, bytes);
        }
        self.file.append(bytes)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.tap.changing()?;
        self.file.sync_data()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.tap.reading()?;
        self.file.read_at(offset, buf)
    }

    fn len(&self) -> io::Result<u64> {
        self.tap.reading()?;
        self.file.len()
    }

    fn forget_cache(&self) -> io::Result<()> {
        self.tap.reading()?;
        self.file.forget_cache()
    }
}
