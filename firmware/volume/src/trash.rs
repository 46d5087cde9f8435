//! Taking packs out of use: into the trash, back, and for good. Only these verbs unlink packs.
//!
//! Whether a pack may go is decided by the vault's garbage collector; here it is only done, in
//! steps that a power cut can separate but not lose.

use format::pack::{HEADER_LEN, PackHeader, PackKind};
use types::{Bytes, PackId};

use crate::disk::EntryKind;
use crate::durable::{self, TEMPORARY};
use crate::error::VolumeError;
use crate::layout::{self, OPEN, TRASH};
use crate::packs::PackVerdict;
use crate::volume::Volume;

/// A pack in the trash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trashed {
    /// Its name.
    pub id: PackId,
    /// Length of the file.
    pub len: Bytes,
    /// True when it was put aside because it was damaged.
    pub damaged: bool,
}

impl Volume {
    /// Moves a pack to the trash.
    pub fn trash_pack(&self, id: PackId, kind: PackKind) -> Result<(), VolumeError> {
        self.put_aside(id, kind, &layout::trashed(id))
    }

    /// Moves a damaged pack aside, so that a good copy can take its name.
    pub fn delete_damaged(&self, id: PackId, kind: PackKind) -> Result<(), VolumeError> {
        self.put_aside(id, kind, &layout::damaged(id))
    }

    fn put_aside(&self, id: PackId, kind: PackKind, to: &str) -> Result<(), VolumeError> {
        self.core.writable()?;
        if !self.has_pack(id, kind)? {
            return Err(self.core.missing("pack", &id.to_string()));
        }
        self.core.ensure_folder(TRASH)?;
        self.core.run(durable::move_file(&*self.core.disk, &layout::pack(id, kind), to))
    }

    /// Puts a pack from the trash back where it was (its header says which kind it is), once it
    /// was read to the end and is what its name says.
    pub fn restore_from_trash(&self, id: PackId) -> Result<PackKind, VolumeError> {
        self.core.writable()?;
        let path = layout::trashed(id);
        let missing = || self.core.missing("pack in the trash", &id.to_string());
        let reader = self.reader(path.clone())?.ok_or_else(missing)?;
        if self.verify_file(path.clone(), id, true)? != PackVerdict::Good {
            return Err(VolumeError::WrongContent { volume: self.name(), pack: id });
        }
        let mut header = [0; HEADER_LEN];
        let read = reader.read_at(0, &mut header)?;
        let kind = match PackHeader::decode(&header[..read]) {
            Ok(header) => header.kind,
            Err(source) => {
                return Err(VolumeError::Format { volume: self.name(), path, source });
            }
        };
        self.core.ensure_folder(&layout::pack_folder(id, kind))?;
        self.core.run(durable::move_file(&*self.core.disk, &path, &layout::pack(id, kind)))?;
        Ok(kind)
    }

    /// What is in the trash, in order of name.
    pub fn list_trash(&self) -> Result<Vec<Trashed>, VolumeError> {
        let files = self.core.list(TRASH)?.into_iter();
        let files = files.filter(|entry| entry.kind == EntryKind::File);
        let known = files.filter_map(|entry| {
            let whole = layout::pack_of_name(&entry.name);
            let id = whole.or_else(|| layout::damaged_of_name(&entry.name))?;
            Some(Trashed { id, len: Bytes(entry.len), damaged: whole.is_none() })
        });
        Ok(known.collect())
    }

    /// Removes a pack from the trash for good, damaged or not; says whether anything was there.
    pub fn delete_trashed(&self, id: PackId) -> Result<bool, VolumeError> {
        self.core.writable()?;
        let disk = &*self.core.disk;
        let whole = self.core.run(durable::remove_file(disk, &layout::trashed(id)))?;
        let damaged = self.core.run(durable::remove_file(disk, &layout::damaged(id)))?;
        Ok(whole || damaged)
    }

    /// Removes a damaged pack that was put aside, once a good copy has taken its place.
    pub fn delete_put_aside(&self, id: PackId) -> Result<bool, VolumeError> {
        self.core.writable()?;
        self.core.run(durable::remove_file(&*self.core.disk, &layout::damaged(id)))
    }

    /// Removes what interrupted imports and replacements left behind. Open packs are not touched.
    /// Only for the one process that writes here, before it begins: another's work in progress
    /// looks just like this.
    pub fn delete_leftovers(&self) -> Result<usize, VolumeError> {
        self.core.writable()?;
        let mut old = Vec::new();
        for folder in ["", layout::HEADS] {
            let entries = self.core.list(folder)?.into_iter();
            let temporary = entries
                .filter(|entry| entry.kind == EntryKind::File && entry.name.ends_with(TEMPORARY));
            let slash = if folder.is_empty() { "" } else { "/" };
            old.extend(temporary.map(|entry| format!("{folder}{slash}{}", entry.name)));
        }
        let imports = self.core.list(OPEN)?.into_iter();
        let imports = imports.filter(|entry| layout::is_import(&entry.name));
        old.extend(imports.map(|entry| format!("{OPEN}/{}", entry.name)));
        for path in &old {
            self.core.run(durable::remove_file(&*self.core.disk, path))?;
        }
        Ok(old.len())
    }
}
