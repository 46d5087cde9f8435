//! Reading a pack, sealed or open: by offset, or as a stream for copying. Never writes.

use std::io::{self, Read};
use std::sync::Arc;

use types::Bytes;

use crate::disk::DiskFile;
use crate::durable::At;
use crate::error::VolumeError;
use crate::volume::Core;

/// A pack file opened for reading.
#[derive(Debug)]
pub struct PackReader {
    core: Arc<Core>,
    file: Box<dyn DiskFile>,
    path: String,
    len: u64,
}

impl PackReader {
    pub(crate) fn new(
        core: &Arc<Core>,
        file: Box<dyn DiskFile>,
        path: String,
    ) -> Result<Self, VolumeError> {
        let len = core.run(file.len().at("measure", &path))?;
        Ok(Self { core: Arc::clone(core), file, path, len })
    }

    /// Length when it was opened.
    #[expect(clippy::len_without_is_empty, reason = "nobody asks whether a pack is empty")]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Reads at an offset; fewer bytes than asked only at the end.
    pub fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize, VolumeError> {
        self.core.run(self.file.read_at(offset, buf).at("read", &self.path))
    }

    /// Fills `buf` from an offset; a file that ends before is an error.
    pub fn read_exact_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), VolumeError> {
        let mut filled = 0;
        while filled < buf.len() {
            let read = self.read_at(offset + filled as u64, &mut buf[filled..])?;
            if read == 0 {
                let ended = io::Error::from(io::ErrorKind::UnexpectedEof);
                return self.core.run(Err(ended).at("read", &self.path));
            }
            filled += read;
        }
        Ok(())
    }

    /// The whole file, when it is no longer than `limit`.
    pub fn read_all(&self, limit: Bytes) -> Result<Vec<u8>, VolumeError> {
        let fits = usize::try_from(self.len).ok().filter(|_| self.len <= limit.0);
        let Some(len) = fits else {
            let (volume, path) = (self.core.name.clone(), self.path.clone());
            return Err(VolumeError::TooLong { volume, path, limit });
        };
        let mut bytes = vec![0; len];
        let read = self.read_at(0, &mut bytes)?;
        bytes.truncate(read);
        Ok(bytes)
    }

    /// The file from its beginning, as a source for [`crate::Volume::import_pack`].
    pub fn stream(&self) -> PackStream<'_> {
        PackStream { file: &*self.file, offset: 0 }
    }

    /// Lets the next read come from the medium.
    pub(crate) fn forget_cache(&self) -> Result<(), VolumeError> {
        self.core.run(self.file.forget_cache().at("re-read", &self.path))
    }
}

/// A pack's bytes in order.
#[derive(Debug)]
pub struct PackStream<'a> {
    file: &'a dyn DiskFile,
    offset: u64,
}

impl Read for PackStream<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(self.offset, buf)?;
        self.offset += read as u64;
        Ok(read)
    }
}
