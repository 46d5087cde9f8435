//! One open file: its runs of data and holes, its bytes, and whether it kept still.
//!
//! The length at opening bounds everything, so a file that grows for ever is read once; a file
//! that shrinks gives short answers, never a panic. Start at [`FileReader::next_segment`].

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use format::entry::{Entry, EntryKind, FileTime};
use nix::errno::Errno;
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use nix::sys::stat::{FileStat, fstat};
use nix::unistd::{Whence, lseek};

use super::folder::fill;
use super::{Found, ReadError};
use crate::sys::{ctime_of, kind_of, mtime_of, size_of, wide};

/// Shorter files are read in one go anyway.
const ADVISE_OVER_LEN: u64 = 1 << 20;
/// In shorter files holes are looked for only when they take less room than they are long: blocks
/// set aside behind the end, or for attributes, could hide no more than this.
const HOLES_OVER_LEN: u64 = 64 << 10;

/// A regular file, open for reading.
#[derive(Debug)]
pub struct FileReader {
    file: File,
    name: Vec<u8>,
    /// As it was when it was opened.
    opened: FileStat,
    /// Where the next segment begins.
    next: u64,
    /// Whether the file system tells data from holes.
    sees_holes: bool,
}

/// A run of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Bytes to read.
    Data {
        /// Where they begin.
        offset: u64,
        /// How many; never 0.
        len: u64,
    },
    /// Zeros that take no room.
    Hole {
        /// Where they begin.
        offset: u64,
        /// How many; never 0.
        len: u64,
    },
}

impl FileReader {
    pub(super) fn new(file: File, found: &Found) -> Result<Self, ReadError> {
        let name = found.entry.name.to_vec();
        let opened =
            fstat(&file).map_err(|errno| ReadError::new(&name, "asking for its size", errno))?;
        let same = found.entry.origin.is_some_and(|origin| {
            origin.dev == wide(opened.st_dev) && origin.ino == wide(opened.st_ino)
        });
        if kind_of(&opened) != Some(EntryKind::File) || !same {
            return Err(ReadError::Replaced { name });
        }
        if size_of(&opened) >= ADVISE_OVER_LEN {
            // Advice only: where it is not taken, reading is merely slower.
            posix_fadvise(&file, 0, 0, PosixFadviseAdvice::POSIX_FADV_SEQUENTIAL).ok();
        }
        // A short file without a hole is spared the two questions that would find none.
        let sees_holes = size_of(&opened) >= HOLES_OVER_LEN || room_of(&opened) < size_of(&opened);
        Ok(Self { file, name, opened, next: 0, sees_holes })
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// The file's length when it was opened.
    pub fn size(&self) -> u64 {
        size_of(&self.opened)
    }

    /// Brings size, times, mode and owner of an entry to what they were when the file was opened.
    pub fn refresh(&self, entry: &mut Entry) {
        fill(entry, &self.opened);
    }

    /// The next run of data or hole, in file order, up to the length at opening. Where the file
    /// system cannot tell, all is data. A file that has shrunk ends early.
    pub fn next_segment(&mut self) -> Option<Segment> {
        let (offset, end) = (self.next, self.size());
        if offset >= end {
            return None;
        }
        let segment = if self.sees_holes {
            self.segment_at(offset, end)
        } else {
            Some(Segment::Data { offset, len: end - offset })
        };
        self.next = match segment {
            Some(Segment::Data { offset, len } | Segment::Hole { offset, len }) => offset + len,
            None => end,
        };
        segment
    }

    fn segment_at(&mut self, offset: u64, end: u64) -> Option<Segment> {
        match self.seek(offset, Whence::SeekData) {
            Ok(data) if data > offset => {
                Some(Segment::Hole { offset, len: data.min(end) - offset })
            }
            Ok(_) => {
                let hole = self.seek(offset, Whence::SeekHole).unwrap_or(end);
                // A hole right here means that the file changes under us: read it all.
                let stop = if hole > offset { hole.min(end) } else { end };
                Some(Segment::Data { offset, len: stop - offset })
            }
            // No data from here on: a hole up to the end, or the end moved here.
            Err(Errno::ENXIO) => {
                let now = fstat(&self.file).map_or(end, |stat| size_of(&stat)).min(end);
                (now > offset).then(|| Segment::Hole { offset, len: now - offset })
            }
            Err(_) => {
                self.sees_holes = false;
                Some(Segment::Data { offset, len: end - offset })
            }
        }
    }

    fn seek(&self, offset: u64, whence: Whence) -> nix::Result<u64> {
        let offset = i64::try_from(offset).map_err(|_| Errno::EOVERFLOW)?;
        // Reads name their offset, so nothing else looks at the position that this moves.
        lseek(&self.file, offset, whence).map(|found| u64::try_from(found).unwrap_or(0))
    }

    /// Fills `buf` from `offset`; answers how many bytes there were. Short only at the end.
    pub fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize, ReadError> {
        let mut filled = 0;
        while filled < buf.len() {
            match self.file.read_at(&mut buf[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ReadError::new(&self.name, "reading", error)),
            }
        }
        Ok(filled)
    }

    /// Whether the file is still as it was when it was opened. Asked after the last read: if not,
    /// what was read may be of different moments.
    pub fn settled(&self) -> Result<bool, ReadError> {
        let now = fstat(&self.file)
            .map_err(|errno| ReadError::new(&self.name, "asking for its size", errno))?;
        Ok(stamp(&now) == stamp(&self.opened))
    }
}

/// The room that a file takes.
fn room_of(stat: &FileStat) -> u64 {
    const STAT_BLOCK: u64 = 512;
    u64::try_from(stat.st_blocks).unwrap_or(0).saturating_mul(STAT_BLOCK)
}

fn stamp(stat: &FileStat) -> (u64, FileTime, FileTime) {
    (size_of(stat), mtime_of(stat), ctime_of(stat))
}
