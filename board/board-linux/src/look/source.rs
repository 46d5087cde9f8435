//! Bytes of a disk that nobody trusts, read at an offset and never beyond the end.
//!
//! Start at [`Source`].

use std::io;

/// A disk, or a part of one.
pub(crate) trait ReadAt {
    /// Fills `out`, or fails.
    fn read_exact_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;
}

impl ReadAt for std::fs::File {
    fn read_exact_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(self, out, offset)
    }
}

impl ReadAt for &[u8] {
    fn read_exact_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let from = usize::try_from(offset).ok().and_then(|offset| self.get(offset..));
        let found = from.and_then(|from| from.get(..out.len()));
        out.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// A part of a disk.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) disk: &'a dyn ReadAt,
    pub(crate) start: u64,
    pub(crate) len: u64,
}

impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes from {}", self.len, self.start)
    }
}

impl<'a> Source<'a> {
    /// A part of this part; `None` when it is not wholly inside.
    pub(crate) fn part(&self, start: u64, len: u64) -> Option<Source<'a>> {
        let end = start.checked_add(len)?;
        let start = self.start.checked_add(start).filter(|_| end <= self.len)?;
        Some(Source { disk: self.disk, start, len })
    }

    /// Some bytes. Nothing when they are not wholly inside, an error when the disk refuses.
    pub(crate) fn bytes<const N: usize>(&self, offset: u64) -> io::Result<Option<[u8; N]>> {
        let mut out = [0; N];
        let inside = self.part(offset, u64::try_from(N).unwrap_or(u64::MAX));
        let Some(part) = inside else { return Ok(None) };
        self.disk.read_exact_at(part.start, &mut out)?;
        Ok(Some(out))
    }

    /// As many bytes as there are, `most` of them.
    pub(crate) fn up_to(&self, offset: u64, most: u64) -> io::Result<Vec<u8>> {
        let len = self.len.saturating_sub(offset).min(most);
        let mut out = vec![0; usize::try_from(len).unwrap_or(0)];
        if !out.is_empty() {
            self.disk.read_exact_at(self.start.saturating_add(offset), &mut out)?;
        }
        Ok(out)
    }
}

/// A little-endian number inside `bytes`, 0 where they end before.
pub(crate) fn number(bytes: &[u8], at: usize, len: usize) -> u64 {
    let found = at.checked_add(len).and_then(|end| bytes.get(at..end)).unwrap_or(&[]);
    found.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}
