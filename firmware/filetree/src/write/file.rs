//! A file being restored: bytes and holes, then [`FileWriter::finish`].
//!
//! Holes are left out, so they take no room. A writer that is dropped unfinished takes its file
//! away again; what it was to replace is still there.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use format::entry::Entry;
use nix::fcntl::AtFlags;
use nix::sys::stat::{fstat, fstatat};
use nix::unistd::{UnlinkatFlags, unlinkat};

use super::naming::{Begun, give_name};
use super::target::Root;
use super::{Shortfall, WriteError, attrs};

/// A new file, open for writing.
#[derive(Debug)]
pub struct FileWriter {
    folder: Arc<OwnedFd>,
    root: Arc<Root>,
    file: File,
    name: Vec<u8>,
    /// The name it has until it is whole, where it has to have one.
    temporary: Option<Vec<u8>>,
    /// Where the next append goes; the file's length in the end.
    end: u64,
    /// Where the last byte written lies: the file is that long already.
    written: u64,
    finished: bool,
}

impl FileWriter {
    pub(super) fn new(folder: Arc<OwnedFd>, root: Arc<Root>, name: &[u8], begun: Begun) -> Self {
        Self {
            folder,
            root,
            file: File::from(begun.made),
            name: name.to_vec(),
            temporary: begun.temporary,
            end: 0,
            written: 0,
            finished: false,
        }
    }

    /// Adds bytes at the end.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.write_at(self.end, bytes)
    }

    /// Adds a hole at the end: `len` zeros that take no room.
    pub fn hole(&mut self, len: u64) -> Result<(), WriteError> {
        self.end = self.end.checked_add(len).ok_or_else(|| self.too_large())?;
        Ok(())
    }

    /// Writes bytes at `offset`; what was never written is a hole.
    pub fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<(), WriteError> {
        let stop = offset.checked_add(bytes.len() as u64).ok_or_else(|| self.too_large())?;
        self.file
            .write_all_at(bytes, offset)
            .map_err(|error| WriteError::new(&self.name, "writing", error))?;
        self.end = self.end.max(stop);
        self.written = self.written.max(stop);
        Ok(())
    }

    /// The file's length so far, holes at the end included.
    pub fn len(&self) -> u64 {
        self.end
    }

    /// Whether nothing was added yet.
    pub fn is_empty(&self) -> bool {
        self.end == 0
    }

    /// Gives the file its length and its name. Its attributes come after that.
    pub fn finish(mut self) -> Result<(), WriteError> {
        self.complete()
    }

    /// The same, and then its attributes, as far as we may; answers what is missing of them.
    pub fn finish_as(mut self, entry: &Entry) -> Result<Vec<Shortfall>, WriteError> {
        self.complete()?;
        Ok(attrs::set_open(&self.root, &self.file, &self.name, entry))
    }

    fn complete(&mut self) -> Result<(), WriteError> {
        if self.end != self.written {
            self.file
                .set_len(self.end)
                .map_err(|error| WriteError::new(&self.name, "setting the length", error))?;
        }
        let temporary = self.temporary.as_deref();
        give_name(&self.root, self.folder.as_fd(), &self.file, temporary, &self.name)?;
        self.finished = true;
        Ok(())
    }

    fn too_large(&self) -> WriteError {
        WriteError::new(&self.name, "writing", io::Error::from(nix::errno::Errno::EFBIG))
    }

    /// Whether the name still stands for our file.
    fn is_ours(&self, name: &[u8]) -> bool {
        let here = fstatat(&*self.folder, name, AtFlags::AT_SYMLINK_NOFOLLOW);
        match (here, fstat(&self.file)) {
            (Ok(here), Ok(ours)) => (here.st_dev, here.st_ino) == (ours.st_dev, ours.st_ino),
            _ => false,
        }
    }
}

impl Drop for FileWriter {
    fn drop(&mut self) {
        // One without a name goes by itself.
        if let Some(temporary) = self.temporary.as_deref().filter(|_| !self.finished)
            && self.is_ours(temporary)
        {
            // Nobody is left to tell; a temporary name stays behind at worst.
            unlinkat(&*self.folder, temporary, UnlinkatFlags::NoRemoveDir).ok();
        }
    }
}
