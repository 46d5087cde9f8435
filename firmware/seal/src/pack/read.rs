//! Where packs' bytes come from. This crate opens no file: the caller lends it one.

use std::io;

/// Reads at an offset, as `pread` does: may return fewer bytes than asked, 0 only at the end.
pub trait ReadAt {
    /// Reads into `buf` from `offset` and says how many bytes.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;
}

impl<F: Fn(u64, &mut [u8]) -> io::Result<usize>> ReadAt for F {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self(offset, buf)
    }
}

impl ReadAt for [u8] {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(offset).map_or(self.len(), |start| start.min(self.len()));
        let len = buf.len().min(self.len() - start);
        buf[..len].copy_from_slice(&self[start..start + len]);
        Ok(len)
    }
}

/// Reads until `buf` is full or the source ends; says how much was read.
pub(super) fn read_full<R: ReadAt + ?Sized>(
    read: &R,
    offset: u64,
    buf: &mut [u8],
) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buf.len() {
        match read.read_at(offset + filled as u64, &mut buf[filled..]) {
            Ok(0) => break,
            Ok(len) => filled += len,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
