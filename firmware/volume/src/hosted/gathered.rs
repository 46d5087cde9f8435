//! A file that is written at offsets, in runs: small pieces that follow each other become one write.
//!
//! What it was given is on its way to the disk after a flush, and durable after a sync.

use super::HostedError;
use crate::disk::{Disk, DiskFile};
use crate::durable::{At, IoFailure};
use crate::volume::Core;

/// Proven bytes that are gathered before they are written: four groups. The kernel makes long runs of them,
/// so more would spare calls alone, and all of it is sent twice when the box is killed.
const GATHERED_MAX: usize = 64 << 10;

/// A file that is written in runs.
#[derive(Debug)]
pub(super) struct Gathered {
    file: Box<dyn DiskFile>,
    pub(super) path: String,
    at: u64,
    bytes: Vec<u8>,
}

impl Gathered {
    /// Opens the file, or makes it. Its name need not last: without it, it begins anew.
    pub(super) fn open(core: &Core, path: String) -> Result<Self, HostedError> {
        let disk: &dyn Disk = &*core.disk;
        let there = core.open(&path)?.is_some();
        let file = if there { disk.open_for_writing(&path) } else { disk.create_new(&path) };
        let file = core.run(file.at("open to write", &path))?;
        Ok(Self { file, path, at: 0, bytes: Vec::new() })
    }

    /// Takes bytes for a place; says whether what came before them was written for it.
    pub(super) fn put(&mut self, at: u64, bytes: &[u8]) -> Result<bool, IoFailure> {
        let goes_on = at == self.at + self.bytes.len() as u64;
        let is_written = !goes_on || self.bytes.len() + bytes.len() > GATHERED_MAX;
        if is_written {
            self.flush()?;
            self.at = at;
        }
        self.bytes.extend_from_slice(bytes);
        Ok(is_written)
    }

    pub(super) fn flush(&mut self) -> Result<(), IoFailure> {
        if !self.bytes.is_empty() {
            self.file.write_at(self.at, &self.bytes).at("write", &self.path)?;
            self.bytes.clear();
        }
        Ok(())
    }

    pub(super) fn sync(&mut self) -> Result<(), IoFailure> {
        self.flush()?;
        self.file.sync_data().at("sync", &self.path)
    }
}
