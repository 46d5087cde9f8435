//! Answering for a friend's pack: groups of it with their proof, each read and compared first.
//!
//! Nothing wrong is ever sent: a byte that changed on the disk ends the answer and is named. An
//! outboard that is missing or wrong is made anew from the pack. Memory: the outboard (64 KiB) and
//! one group. Start at [`Hosted::open`].

use std::io::{self, Write};
use std::sync::Arc;

use types::{Bytes, OwnerKey, PackId};
use verified::{Groups, Outboard, ReadAt, SendError, Told, valid};

use super::names;
use super::{Hosted, HostedError};
use crate::disk::DiskFile;
use crate::durable::{self, At};
use crate::error::VolumeError;
use crate::packs::is_bad_sector;
use crate::volume::Core;

/// A friend's pack that is open to be read.
#[derive(Debug)]
pub struct KeptPack {
    core: Arc<Core>,
    told: Told,
    outboard: Outboard,
    file: Box<dyn DiskFile>,
    path: String,
}

impl Hosted {
    /// Opens a pack to answer for it. One in the trash counts: it is kept until it is gone.
    pub fn open(&self, owner: OwnerKey, pack: PackId) -> Result<KeptPack, HostedError> {
        let folder = names::pack_folder(owner, pack);
        if let Some(kept) = KeptPack::open(&self.core, &folder, pack)? {
            return Ok(kept);
        }
        let trashed = self.find_in_trash(owner, pack)?;
        let folder = trashed.map(|(day, _)| names::trash_of(owner, day));
        let kept = folder.map(|folder| KeptPack::open(&self.core, &folder, pack)).transpose()?;
        let volume = self.core.name.clone();
        kept.flatten().ok_or(HostedError::Missing { volume, owner, pack })
    }

    /// Whether a pack of that name is here, good or not, and not in the trash.
    pub fn has(&self, owner: OwnerKey, pack: PackId) -> Result<bool, HostedError> {
        let path = names::pack_in(&names::pack_folder(owner, pack), pack);
        Ok(self.core.open(&path)?.is_some())
    }
}

impl KeptPack {
    /// Opens the pack in a folder; none when it is not there.
    fn open(core: &Arc<Core>, folder: &str, id: PackId) -> Result<Option<Self>, HostedError> {
        let path = names::pack_in(folder, id);
        let Some(file) = core.open(&path)? else { return Ok(None) };
        let len = core.run(file.len().at("measure", &path))?;
        let damaged = |group| HostedError::Damaged { volume: core.name.clone(), pack: id, group };
        let told = Told::new(id, Bytes(len)).ok_or_else(|| damaged(0))?;
        let beside = names::outboard_in(folder, id);
        let stored = read_outboard(core, &told, &beside)?;
        if stored.is_whole() {
            let core = Arc::clone(core);
            return Ok(Some(Self { core, told, outboard: stored, file, path }));
        }
        let Some(outboard) = core.run(make_outboard(&told, &*file).at("read", &path))? else {
            let good = core.run(good_groups(&told, &stored, &*file).at("read", &path))?;
            let first = Groups::all(&told).minus(&good).iter().next();
            return Err(damaged(first.unwrap_or(0)));
        };
        if core.writable().is_ok() {
            // It can be made again: an answer does not fail for it.
            drop(core.run(durable::replace_file(&*core.disk, &beside, outboard.bytes())));
        }
        Ok(Some(Self { core: Arc::clone(core), told, outboard, file, path }))
    }

    /// Name and length.
    pub fn told(&self) -> Told {
        self.told
    }

    /// Writes these groups with their proof. When it fails, what was written is right all the same.
    pub fn answer(&self, groups: &Groups, to: &mut dyn Write) -> Result<(), HostedError> {
        let pack = self.told.root();
        let sent = verified::send(&self.outboard, &Bytewise(&*self.file), groups, to);
        sent.map_err(|error| match error {
            SendError::Damaged { group } => {
                HostedError::Damaged { volume: self.core.name.clone(), pack, group }
            }
            // The file ends before its own length: somebody cut it off a moment ago.
            SendError::Reading(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                HostedError::Damaged { volume: self.core.name.clone(), pack, group: 0 }
            }
            SendError::Reading(error) => {
                let (volume, path) = (self.core.name.clone(), self.path.clone());
                VolumeError::io(volume, "read", path, error).into()
            }
            SendError::Writing(error) => HostedError::Receiver { pack, source: Arc::new(error) },
        })
    }
}

/// A file as `verified` reads one.
pub(super) struct Bytewise<'a>(pub(super) &'a dyn DiskFile);

impl ReadAt for Bytewise<'_> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read_at(offset, buffer)
    }
}

/// The same, but what the disk cannot read is as good as not there.
struct Patchy<'a>(&'a dyn DiskFile);

impl ReadAt for Patchy<'_> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read_at(offset, buffer) {
            Err(error) if is_bad_sector(&error) => Ok(0),
            other => other,
        }
    }
}

/// The groups of a file that are what the pack's name says, read from the medium.
pub(super) fn good_groups(
    told: &Told,
    outboard: &Outboard,
    file: &dyn DiskFile,
) -> io::Result<Groups> {
    file.forget_cache()?;
    valid(told, outboard, &Patchy(file), &Groups::all(told))
}

/// What is stored of an outboard, right or wrong; an unreadable or missing one is empty.
pub(super) fn read_outboard(core: &Core, told: &Told, path: &str) -> Result<Outboard, VolumeError> {
    let Some(file) = core.open(path)? else { return Ok(Outboard::empty(told)) };
    let mut bytes = vec![0; Outboard::len_for(told)];
    match file.forget_cache().and_then(|()| file.read_at(0, &mut bytes)) {
        Ok(read) => bytes.truncate(read),
        Err(error) if is_bad_sector(&error) => bytes.clear(),
        Err(error) => return core.run(Err(error).at("read", path)),
    }
    Ok(Outboard::from_bytes(told, bytes))
}

/// An outboard from a pack's bytes, read from the medium; none when they are not that pack.
pub(super) fn make_outboard(told: &Told, file: &dyn DiskFile) -> io::Result<Option<Outboard>> {
    file.forget_cache()?;
    Outboard::of(told, InOrder { file: Patchy(file), offset: 0 })
}

/// A file from its beginning.
struct InOrder<'a> {
    file: Patchy<'a>,
    offset: u64,
}

impl io::Read for InOrder<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(self.offset, buffer)?;
        self.offset += read as u64;
        Ok(read)
    }
}
