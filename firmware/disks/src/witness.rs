//! What goes wrong with a disk while it is used: counted where it happens, judged elsewhere.
//!
//! Only what speaks against the hardware counts: a full disk, a name that is not there or a disk that
//! may not be written is no fault of it. Nothing is changed on the way. Start at [`Witness`].

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use plan::disk::IoRecord;
use volume::{Disk, DiskFile, Listed, Space};

/// Errors of the system that only broken hardware gives: EIO, ENXIO, ETIMEDOUT, EREMOTEIO, and EUCLEAN
/// and EBADMSG, by which file systems say that what they read is not what they wrote.
const FAULTS: [i32; 6] = [5, 6, 110, 121, 117, 74];

/// What was seen of one disk since it was plugged in.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    reads: AtomicU64,
    writes: AtomicU64,
    silences: AtomicU64,
    /// Everything that was asked of it, so that one which is left alone may sleep.
    uses: AtomicU64,
}

impl Seen {
    /// What was seen so far.
    pub(crate) fn record(&self) -> IoRecord {
        IoRecord {
            read_errors: self.reads.load(Ordering::Relaxed),
            write_errors: self.writes.load(Ordering::Relaxed),
            missed_deadlines: self.silences.load(Ordering::Relaxed),
            ..IoRecord::default()
        }
    }

    /// How often it was used.
    pub(crate) fn uses(&self) -> u64 {
        self.uses.load(Ordering::Relaxed)
    }

    fn read<T>(&self, done: io::Result<T>) -> io::Result<T> {
        self.uses.fetch_add(1, Ordering::Relaxed);
        note(&self.reads, done)
    }

    fn write<T>(&self, done: io::Result<T>) -> io::Result<T> {
        self.uses.fetch_add(1, Ordering::Relaxed);
        note(&self.writes, done)
    }
}

fn note<T>(count: &AtomicU64, done: io::Result<T>) -> io::Result<T> {
    done.inspect_err(|error| {
        if error.raw_os_error().is_some_and(|code| FAULTS.contains(&code)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    })
}

/// A disk whose faults are counted.
#[derive(Debug)]
pub(crate) struct Witness {
    pub(crate) inner: Arc<dyn Disk>,
    pub(crate) seen: Arc<Seen>,
}

impl Witness {
    fn file(&self, inner: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(WitnessedFile { inner, seen: Arc::clone(&self.seen) })
    }
}

impl Disk for Witness {
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.seen.write(self.inner.create_new(path)).map(|file| self.file(file))
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.seen.read(self.inner.open(path)).map(|file| self.file(file))
    }

    fn open_for_writing(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.seen.write(self.inner.open_for_writing(path)).map(|file| self.file(file))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.seen.write(self.inner.rename(from, to))
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        self.seen.write(self.inner.unlink(path))
    }

    fn make_dir(&self, path: &str) -> io::Result<()> {
        self.seen.write(self.inner.make_dir(path))
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        self.seen.write(self.inner.sync_dir(path))
    }

    fn sync_all(&self) -> io::Result<()> {
        self.seen.write(self.inner.sync_all())
    }

    fn list(&self, path: &str) -> io::Result<Vec<Listed>> {
        self.seen.read(self.inner.list(path))
    }

    fn space(&self) -> io::Result<Space> {
        self.inner.space()
    }

    fn serial(&self) -> String {
        self.inner.serial()
    }

    fn label(&self) -> String {
        self.inner.label()
    }

    fn try_lock(&self) -> io::Result<bool> {
        self.inner.try_lock()
    }

    fn folder(&self) -> io::Result<Option<OwnedFd>> {
        self.inner.folder()
    }

    fn read_only(&self) -> bool {
        self.inner.read_only()
    }

    fn work_here(&self) {
        self.inner.work_here();
    }

    fn at_once(&self, work: Box<dyn FnOnce() + Send>) -> io::Result<()> {
        self.inner.at_once(work)
    }

    fn give_up(&self) {
        self.seen.silences.fetch_add(1, Ordering::Relaxed);
        self.inner.give_up();
    }
}

#[derive(Debug)]
struct WitnessedFile {
    inner: Box<dyn DiskFile>,
    seen: Arc<Seen>,
}

impl DiskFile for WitnessedFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.seen.write(self.inner.append(bytes))
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.seen.write(self.inner.write_at(offset, bytes))
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.seen.write(self.inner.sync_data())
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.seen.read(self.inner.read_at(offset, buf))
    }

    fn len(&self) -> io::Result<u64> {
        self.seen.read(self.inner.len())
    }

    fn is_empty(&self) -> io::Result<bool> {
        self.seen.read(self.inner.is_empty())
    }

    fn forget_cache(&self) -> io::Result<()> {
        self.inner.forget_cache()
    }
}
