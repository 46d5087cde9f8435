//! The seam between a volume and what it stands on: a folder of a mounted disk, or a simulation.
//!
//! Paths are relative, joined by `/`, ASCII, and made by this crate alone. Nothing here promises
//! durability but the syncs: `sync_data` for bytes, `sync_dir` for names, `sync_all` for both.

use std::fmt::Debug;
use std::io;
use std::os::fd::OwnedFd;

use types::Bytes;

/// A place for files. All paths are relative to the volume's root folder, which is `""`.
pub trait Disk: Send + Sync + Debug {
    /// Makes a file that was not there (`AlreadyExists` otherwise) and opens it for writing.
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>>;
    /// Opens a file for reading.
    fn open(&self, path: &str) -> io::Result<Box<dyn DiskFile>>;
    /// Opens a file that is there, to go on writing it with [`DiskFile::write_at`]. Only parts of
    /// friends' packs are ever reopened; a disk that keeps none need not be able to.
    fn open_for_writing(&self, _path: &str) -> io::Result<Box<dyn DiskFile>> {
        Err(io::ErrorKind::Unsupported.into())
    }
    /// Moves a file; one already at `to` is replaced, atomically.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    fn unlink(&self, path: &str) -> io::Result<()>;
    /// Makes a folder (`AlreadyExists` when it is there).
    fn make_dir(&self, path: &str) -> io::Result<()>;
    /// Makes the names in a folder durable.
    fn sync_dir(&self, path: &str) -> io::Result<()>;
    /// Makes everything durable that was written or named so far.
    fn sync_all(&self) -> io::Result<()>;
    /// What a folder holds, in no order.
    fn list(&self, path: &str) -> io::Result<Vec<Listed>>;
    /// How big it is and how much of it is free.
    fn space(&self) -> io::Result<Space>;
    /// What tells a clone from the original: the hardware's serial, or the best there is.
    fn serial(&self) -> String;
    /// What the owner calls it: the folder or the bay. For messages only.
    fn label(&self) -> String;
    /// Claims the disk for this process until it is dropped; false when another has it.
    fn try_lock(&self) -> io::Result<bool> {
        Ok(true)
    }
    /// True when writing is refused by what is below.
    fn read_only(&self) -> bool;
    /// The open folder, for another process of this computer. None: there is no such thing here.
    fn folder(&self) -> io::Result<Option<OwnedFd>> {
        Ok(None)
    }
    /// Says that others wait for the calling thread with a deadline: it needs none of its own.
    fn work_here(&self) {}
    /// Does several things with this disk as one: where each is waited for by a deadline, all of
    /// them are waited for once. What is small costs more to wait for than to do.
    fn at_once(&self, work: Box<dyn FnOnce() + Send>) -> io::Result<()> {
        work();
        Ok(())
    }
    /// Says that it did not answer in time: it is not to be waited for again.
    fn give_up(&self) {}
    /// Whether somebody did not wait for it in a hurry, and it has still not answered.
    fn is_late(&self) -> bool {
        false
    }
}

/// An open file. Bytes are only ever added at the end, but for those of a friend's pack on its way
/// in, which come in any order and are proven one by one.
pub trait DiskFile: Send + Sync + Debug {
    /// Adds bytes at the end: all of them, or an error (after which some may be there).
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Puts bytes at an offset, over what is there or behind the end: all of them, or an error.
    /// What was skipped reads as zeros. A power cut may leave the old bytes, the new, or some of
    /// each. A file is appended to or written at offsets, never both.
    fn write_at(&mut self, _offset: u64, _bytes: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    /// Makes the bytes durable. After an error the file is worthless: never try again.
    fn sync_data(&mut self) -> io::Result<()>;
    /// Reads at an offset; fewer bytes than asked only at the end.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;
    /// Length now.
    fn len(&self) -> io::Result<u64>;
    /// True when there are no bytes.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
    /// Lets the next read come from the medium, as far as the system allows.
    fn forget_cache(&self) -> io::Result<()>;
}

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, a pipe, a device: nothing that this crate makes.
    Other,
}

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name; bytes that are no UTF-8 are replaced.
    pub name: String,
    /// Length of a file.
    pub len: u64,
    /// What it is.
    pub kind: EntryKind,
}

/// A disk's size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Space {
    /// All of it.
    pub total: Bytes,
    /// What can still be written.
    pub free: Bytes,
}
