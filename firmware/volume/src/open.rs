//! Open packs: files that grow in `open/` until they are sealed under their hash.
//!
//! Write rules 1, 2, 4 and 5 of the vault. After any error the file is abandoned: every later call
//! gives the same error, and nothing is tried again (after a failed sync the system believes that
//! the lost pages are clean). After a power cut the synced bytes of an open pack are there; what
//! becomes of them is for the vault to decide, with the verbs below.

use std::sync::Arc;

use format::pack::PackKind;
use types::sabotage::{self, Bug};
use types::{Bytes, PackId};

use crate::disk::{DiskFile, EntryKind};
use crate::durable::{self, At};
use crate::error::VolumeError;
use crate::layout::{self, OPEN};
use crate::reader::PackReader;
use crate::volume::{Core, Volume};

/// What an open pack is called, the same on every volume: 16 random bytes.
pub type OpenName = [u8; 16];

/// An open pack that nobody is writing any more, as a start after a crash finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpenPart {
    /// Its name.
    pub name: OpenName,
    /// Length of the file, of which the last bytes may be nonsense.
    pub len: Bytes,
}

/// An open pack that is being written. Dropping it leaves the file.
#[derive(Debug)]
pub struct OpenPack {
    core: Arc<Core>,
    file: Box<dyn DiskFile>,
    path: String,
    len: u64,
    /// True when bytes were added since the last sync.
    unsynced: bool,
    failed: Option<VolumeError>,
}

impl OpenPack {
    /// Adds bytes. They are durable after the next [`Self::sync`].
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), VolumeError> {
        self.usable()?;
        self.unsynced = true;
        let appended = self.file.append(bytes).at("write", &self.path);
        self.settle(appended)?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Makes all bytes so far durable.
    pub fn sync(&mut self) -> Result<(), VolumeError> {
        self.usable()?;
        if self.unsynced {
            let mut synced = self.file.sync_data().at("sync", &self.path);
            if synced.is_err() && sabotage::on(Bug::FailedSyncRetried) {
                synced = self.file.sync_data().at("sync", &self.path);
            }
            self.settle(synced)?;
            self.unsynced = false;
        }
        Ok(())
    }

    /// Bytes appended so far.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// True when nothing was appended yet.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Syncs the pack and gives it its name for good. The caller vouches that `id` is the BLAKE3
    /// of the bytes: hashing them once is enough for all volumes.
    pub fn seal(mut self, id: PackId, kind: PackKind) -> Result<(), VolumeError> {
        self.sync()?;
        self.core.ensure_folder(&layout::pack_folder(id, kind))?;
        let sealed = layout::pack(id, kind);
        self.core.run(durable::move_file(&*self.core.disk, &self.path, &sealed))
    }

    /// Removes the file.
    pub fn discard(self) -> Result<(), VolumeError> {
        self.core.writable()?;
        self.core.run(durable::remove_file(&*self.core.disk, &self.path)).map(|_| ())
    }

    fn usable(&self) -> Result<(), VolumeError> {
        self.core.writable()?;
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn settle(&mut self, step: Result<(), durable::IoFailure>) -> Result<(), VolumeError> {
        let step = self.core.run(step);
        if let Err(error) = &step {
            self.failed = Some(error.clone());
        }
        step
    }
}

impl Volume {
    /// Begins an open pack; the name must be new.
    pub fn create_open(&self, name: OpenName) -> Result<OpenPack, VolumeError> {
        let core = Arc::clone(&self.core);
        core.writable()?;
        core.ensure_folder(OPEN)?;
        let path = layout::part(name);
        let file = core.run(durable::create_file(&*core.disk, &path))?;
        Ok(OpenPack { core, file, path, len: 0, unsynced: false, failed: None })
    }

    /// Open packs on the disk, in order of name.
    pub fn list_open(&self) -> Result<Vec<OpenPart>, VolumeError> {
        let files = self.core.list(OPEN)?.into_iter();
        let files = files.filter(|entry| entry.kind == EntryKind::File);
        let parts = files.filter_map(|entry| {
            let name = layout::part_of_name(&entry.name)?;
            Some(OpenPart { name, len: Bytes(entry.len) })
        });
        Ok(parts.collect())
    }

    /// Reads an open pack.
    pub fn read_open(&self, name: OpenName) -> Result<PackReader, VolumeError> {
        let found = self.reader(layout::part(name))?;
        found.ok_or_else(|| self.core.missing("open pack", &layout::hex(&name)))
    }

    /// Removes an open pack; says whether it was there.
    pub fn delete_open(&self, name: OpenName) -> Result<bool, VolumeError> {
        self.core.writable()?;
        self.core.run(durable::remove_file(&*self.core.disk, &layout::part(name)))
    }
}
