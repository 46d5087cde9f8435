//! What was written and not synced: it goes when the disk is pulled, as it does from a real one.
//!
//! Only bytes at the ends of files are forgotten. Names stay, as if every folder had been synced;
//! what a disk without that may become is simulated in `testkit`. Start at [`Unsynced::cut`].

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A file that was made since the disk was mounted.
#[derive(Debug)]
struct Written {
    path: PathBuf,
    len: u64,
    synced: u64,
}

/// A file's place in the list; its handle keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Mark(Arc<Mutex<Written>>);

/// Files that may have bytes which are not on the medium.
#[derive(Debug, Default)]
pub(crate) struct Unsynced {
    files: Vec<Mark>,
}

impl Mark {
    fn lock(&self) -> MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn appended(&self, len: u64) {
        self.lock().len += len;
    }

    /// Bytes were put somewhere: the file is at least this long now.
    pub(crate) fn reached(&self, end: u64) {
        let mut file = self.lock();
        file.len = file.len.max(end);
    }

    pub(crate) fn len(&self) -> u64 {
        self.lock().len
    }

    pub(crate) fn synced(&self) {
        let mut file = self.lock();
        file.synced = file.len;
    }

    /// Whether nobody writes it any more and all of it is safe.
    fn is_settled(&self) -> bool {
        let file = self.lock();
        Arc::strong_count(&self.0) == 1 && file.synced == file.len
    }
}

impl Unsynced {
    pub(crate) fn made(&mut self, path: PathBuf) -> Mark {
        self.opened(path, 0)
    }

    /// A file of `len` bytes that is written again: what it had is as safe as it was.
    pub(crate) fn opened(&mut self, path: PathBuf, len: u64) -> Mark {
        self.files.retain(|mark| !mark.is_settled());
        if let Some(mark) = self.files.iter().find(|mark| mark.lock().path == path) {
            return mark.clone();
        }
        let mark = Mark(Arc::new(Mutex::new(Written { path, len, synced: len })));
        self.files.push(mark.clone());
        mark
    }

    pub(crate) fn renamed(&mut self, from: &Path, to: &Path) {
        if from != to {
            self.removed(to);
        }
        for mark in self.files.iter().filter(|mark| mark.lock().path == from) {
            mark.lock().path = to.to_path_buf();
        }
    }

    pub(crate) fn removed(&mut self, path: &Path) {
        self.files.retain(|mark| mark.lock().path != path);
    }

    pub(crate) fn all_synced(&self) {
        self.files.iter().for_each(Mark::synced);
    }

    /// The disk is gone: files end where they were synced.
    pub(crate) fn cut(&mut self) -> io::Result<()> {
        for mark in std::mem::take(&mut self.files) {
            let file = mark.lock();
            if file.synced < file.len {
                File::options().write(true).open(&file.path)?.set_len(file.synced)?;
            }
        }
        Ok(())
    }
}
