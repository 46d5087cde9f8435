//! Sealed packs: listing, reading, checking by name, and importing a copy from elsewhere.
//!
//! A pack is good when the BLAKE3 of its file is its name; nothing else is asked, and no key is
//! needed. An imported copy counts only after it was read back from the medium (write rule 6).

use std::io::Read;
use std::sync::Arc;

use format::pack::{PackKind, SIZE_MAX};
use nix::errno::Errno;
use types::sabotage::{self, Bug};
use types::{Bytes, PackId};

use crate::disk::{DiskFile, EntryKind};
use crate::durable::{self, At};
use crate::error::{Finding, VolumeError};
use crate::layout;
use crate::reader::PackReader;
use crate::volume::{Volume, lock};

/// Bytes read at a time when a pack is hashed or copied: large enough that a disk streams, small
/// enough for a box with little memory.
const BUFFER_LEN: usize = 1 << 20;

/// A sealed pack on a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackFile {
    /// Its name.
    pub id: PackId,
    /// Which folder it is in.
    pub kind: PackKind,
    /// Length of the file.
    pub len: Bytes,
}

/// What a check of one pack found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackVerdict {
    /// The file is what its name says.
    Good,
    /// The file's bytes have another hash.
    Damaged {
        /// The hash they have.
        found: PackId,
        /// How many they are.
        len: Bytes,
    },
    /// The disk cannot read it (EIO): one bad sector, or the end of the disk.
    Unreadable {
        /// Bytes read before it failed.
        at: Bytes,
    },
    /// No such file.
    Missing,
}

/// What an import changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// The pack is here now, and was read back.
    Created,
    /// A good copy was here; it was read anew to be sure.
    AlreadyThere,
}

impl Volume {
    /// All sealed packs here by name, unchecked, and what else lies in their folders.
    pub fn list_packs(&self) -> Result<(Vec<PackFile>, Vec<Finding>), VolumeError> {
        let mut packs = Vec::new();
        let strays = self.visit_packs(|pack| packs.push(pack))?;
        Ok((packs, strays))
    }

    /// Shows all sealed packs here, a folder at a time; returns what else lies in their folders.
    pub fn visit_packs(
        &self,
        mut visit: impl FnMut(PackFile),
    ) -> Result<Vec<Finding>, VolumeError> {
        let mut strays = Vec::new();
        for kind in [PackKind::Data, PackKind::Meta] {
            let top = layout::kind_folder(kind);
            for folder in self.core.list(top)? {
                let path = format!("{top}/{}", folder.name);
                if folder.kind != EntryKind::Folder {
                    strays.push(Finding::Stray { path });
                    continue;
                }
                for entry in self.core.list(&path)? {
                    let id = layout::pack_of_name(&entry.name).filter(|id| {
                        entry.kind == EntryKind::File && layout::pack_folder(*id, kind) == path
                    });
                    match id {
                        Some(id) => visit(PackFile { id, kind, len: Bytes(entry.len) }),
                        None => {
                            strays.push(Finding::Stray { path: format!("{path}/{}", entry.name) });
                        }
                    }
                }
            }
        }
        Ok(strays)
    }

    /// True when a file of that name is here, good or not.
    pub fn has_pack(&self, id: PackId, kind: PackKind) -> Result<bool, VolumeError> {
        Ok(self.core.open(&layout::pack(id, kind))?.is_some())
    }

    /// Length of the file of that name; none when there is none.
    pub fn pack_len(&self, id: PackId, kind: PackKind) -> Result<Option<Bytes>, VolumeError> {
        let path = layout::pack(id, kind);
        let file = self.core.open(&path)?;
        file.map(|file| self.core.run(file.len().at("measure", &path)).map(Bytes)).transpose()
    }

    /// Several small things with this volume as one, see [`Disk::at_once`]. Whatever goes in is lost
    /// when the disk does not answer.
    pub fn at_once<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, VolumeError> {
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        let volume = Arc::clone(self);
        // Nobody listens any more when it came too late.
        let work = Box::new(move || drop(tell.try_send(work(&volume))));
        self.core.run(self.core.disk.at_once(work).at("read", "."))?;
        let unheard = |_| std::io::Error::from(std::io::ErrorKind::TimedOut);
        self.core.run(told.try_recv().map_err(unheard).at("read", "."))
    }

    /// Opens a sealed pack for reading.
    pub fn open_pack(&self, id: PackId, kind: PackKind) -> Result<PackReader, VolumeError> {
        let path = layout::pack(id, kind);
        self.reader(path)?.ok_or_else(|| self.core.missing("pack", &id.to_string()))
    }

    pub(crate) fn reader(&self, path: String) -> Result<Option<PackReader>, VolumeError> {
        self.core.open(&path)?.map(|file| PackReader::new(&self.core, file, path)).transpose()
    }

    /// Reads a pack to the end and compares it with its name; `cold` asks for the medium's bytes
    /// rather than the cache's.
    pub fn verify_pack(
        &self,
        id: PackId,
        kind: PackKind,
        cold: bool,
    ) -> Result<PackVerdict, VolumeError> {
        self.verify_file(layout::pack(id, kind), id, cold)
    }

    pub(crate) fn verify_file(
        &self,
        path: String,
        id: PackId,
        cold: bool,
    ) -> Result<PackVerdict, VolumeError> {
        let Some(reader) = self.reader(path)? else { return Ok(PackVerdict::Missing) };
        if cold {
            reader.forget_cache()?;
        }
        let mut hasher = blake3::Hasher::new();
        let mut at = 0;
        self.with_buffer(|buffer| {
            loop {
                match reader.read_at(at, buffer) {
                    Ok(0) => break,
                    Ok(read) => {
                        hasher.update(&buffer[..read]);
                        at += read as u64;
                    }
                    Err(error) if is_unreadable(&error) => {
                        return Ok(PackVerdict::Unreadable { at: Bytes(at) });
                    }
                    Err(error) => return Err(error),
                }
            }
            let found = PackId(*hasher.finalize().as_bytes());
            let damaged = PackVerdict::Damaged { found, len: Bytes(at) };
            Ok(if found == id { PackVerdict::Good } else { damaged })
        })
    }

    /// Stores a pack that comes from another volume, a courier or a friend. The bytes are hashed
    /// on the way in and again from the medium before this returns; a damaged file of that name is
    /// replaced. Does not ask for room: repair may use the reserve.
    pub fn import_pack(
        &self,
        kind: PackKind,
        id: PackId,
        source: &mut dyn Read,
    ) -> Result<Imported, VolumeError> {
        self.core.writable()?;
        let _mine = ImportInProgress::begin(self, id)?;
        let folder = layout::pack_folder(id, kind);
        if self.verify_pack(id, kind, true)? == PackVerdict::Good {
            // It may be the work of an attempt that was cut short before its last sync.
            self.core.ensure_folder(&folder)?;
            self.core.run(durable::sync_folder(&*self.core.disk, &folder))?;
            return Ok(Imported::AlreadyThere);
        }
        self.core.ensure_folder(layout::OPEN)?;
        self.core.ensure_folder(&folder)?;
        let temporary = layout::import(id);
        let disk = &*self.core.disk;
        let file = self.core.run(durable::create_over_leftover(disk, &temporary))?;
        if let Err(error) = self.copy_in(file, id, &temporary, source) {
            // Best effort: what is left is swept by `delete_leftovers`, and never taken for a pack.
            drop(durable::remove_file(disk, &temporary));
            return Err(error);
        }
        let place = layout::pack(id, kind);
        self.core.unobstructed(&place, || durable::move_file(disk, &temporary, &place))?;
        if sabotage::on(Bug::CopyNotReadBack) {
            return Ok(Imported::Created);
        }
        match self.verify_pack(id, kind, true)? {
            PackVerdict::Good => Ok(Imported::Created),
            _ => Err(VolumeError::ReadBack { volume: self.name(), pack: id }),
        }
    }

    fn copy_in(
        &self,
        mut file: Box<dyn DiskFile>,
        id: PackId,
        path: &str,
        source: &mut dyn Read,
    ) -> Result<(), VolumeError> {
        let mut hasher = blake3::Hasher::new();
        let mut len = 0;
        self.with_buffer(|buffer| {
            loop {
                let read = match source.read(buffer) {
                    Ok(0) => break,
                    Ok(read) => read,
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                    Err(error) => {
                        let source = std::sync::Arc::new(error);
                        return Err(VolumeError::Source { volume: self.name(), pack: id, source });
                    }
                };
                len += read as u64;
                if len > SIZE_MAX {
                    let (volume, path) = (self.name(), path.to_owned());
                    return Err(VolumeError::TooLong { volume, path, limit: Bytes(SIZE_MAX) });
                }
                hasher.update(&buffer[..read]);
                self.core.run(file.append(&buffer[..read]).at("write", path))?;
            }
            Ok(())
        })?;
        if hasher.finalize().as_bytes() != &id.0 && !sabotage::on(Bug::ImportUnhashed) {
            return Err(VolumeError::WrongContent { volume: self.name(), pack: id });
        }
        self.core.run(file.sync_data().at("sync", path))
    }

    fn with_buffer<T>(&self, work: impl FnOnce(&mut [u8]) -> T) -> T {
        let spare = lock(&self.buffers).pop();
        let mut buffer = spare.unwrap_or_else(|| vec![0; BUFFER_LEN]);
        let done = work(&mut buffer);
        lock(&self.buffers).push(buffer);
        done
    }
}

/// One import of a pack at a time: the temporary file is named after it.
struct ImportInProgress<'a> {
    volume: &'a Volume,
    id: PackId,
}

impl<'a> ImportInProgress<'a> {
    fn begin(volume: &'a Volume, id: PackId) -> Result<Self, VolumeError> {
        if lock(&volume.importing).insert(id) {
            Ok(Self { volume, id })
        } else {
            Err(VolumeError::Busy { volume: volume.name(), pack: id })
        }
    }
}

impl Drop for ImportInProgress<'_> {
    fn drop(&mut self) {
        lock(&self.volume.importing).remove(&self.id);
    }
}

/// Whether a file cannot be read just there.
pub(crate) fn is_unreadable(error: &VolumeError) -> bool {
    matches!(error, VolumeError::Io { source, .. } if is_bad_sector(source))
}

/// Whether a disk said that it cannot read just there.
pub(crate) fn is_bad_sector(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(Errno::EIO as i32)
}
