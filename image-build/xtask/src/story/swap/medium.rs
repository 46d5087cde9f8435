//! The bytes of one disk of the story, and what is wrong with it. Start at [`Medium`].
//!
//! Promises nothing over a power cut: only programs are killed here.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use fuser::Errno;

use crate::Outcome;

/// The bytes of one disk, wherever it lies, and what is wrong with it.
///
/// The file is opened for each request: the threads that serve have open files of their own.
#[derive(Debug)]
pub(super) struct Medium {
    bytes: PathBuf,
    size: u64,
    /// Writes end with EIO.
    pub(super) refuses_writes: AtomicBool,
    /// Each write takes so many microseconds more.
    pub(super) slow_micros: AtomicU64,
    /// Bytes written to it so far.
    pub(super) written: AtomicU64,
}

impl Medium {
    /// A blank disk.
    pub(super) fn new(path: &Path, size: u64) -> Outcome<Arc<Self>> {
        let failed = |error| format!("cannot make {}: {error}", path.display());
        File::create_new(path).and_then(|file| file.set_len(size)).map_err(failed)?;
        Ok(Arc::new(Self {
            bytes: path.to_path_buf(),
            size,
            refuses_writes: AtomicBool::new(false),
            slow_micros: AtomicU64::new(0),
            written: AtomicU64::new(0),
        }))
    }

    fn open(&self) -> Result<File, Errno> {
        File::options().read(true).write(true).open(&self.bytes).map_err(|_| Errno::EIO)
    }

    /// Its size in bytes.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn read(&self, offset: u64, size: u32) -> Result<Vec<u8>, Errno> {
        let len = u64::from(size).min(self.size.saturating_sub(offset));
        let mut out = vec![0; usize::try_from(len).map_err(|_| Errno::EINVAL)?];
        self.open()?.read_exact_at(&mut out, offset).map_err(|_| Errno::EIO)?;
        Ok(out)
    }

    pub(super) fn write(&self, offset: u64, data: &[u8]) -> Result<(), Errno> {
        if self.refuses_writes.load(Ordering::SeqCst) {
            return Err(Errno::EIO);
        }
        if offset.saturating_add(data.len() as u64) > self.size {
            return Err(Errno::ENOSPC);
        }
        let more = self.slow_micros.load(Ordering::SeqCst);
        if more > 0 {
            std::thread::sleep(Duration::from_micros(more));
        }
        self.written.fetch_add(data.len() as u64, Ordering::SeqCst);
        self.open()?.write_all_at(data, offset).map_err(|_| Errno::EIO)
    }
}
