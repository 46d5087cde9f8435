//! The sealed packs of a house by their names, from whichever of its volumes has them; its heads are in
//! `heads`. Needs no key: a locked box serves its friends with this.
//!
//! Nothing is checked while it is read: whoever sends a pack sends proofs with it, and finds out. A copy
//! that turned out rotten is not read again, and is told to the vault once that is open.
//! Start at [`SealedHere::pack`].

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use format::pack::PackKind;
use types::{Bytes, PackId, VolumeId};
use verified::ReadAt;
use volume::{PackReader, PackVerdict, Volume, VolumeError};

use crate::Vault;
use crate::error::VaultError;

/// The volumes of a house, to read what is sealed on them.
#[derive(Debug)]
pub struct SealedHere {
    pub(super) volumes: Vec<Arc<Volume>>,
    /// Whose heads count, by public key.
    pub(super) writers: Vec<[u8; 32]>,
    /// Copies that are not what their names say.
    rotten: Mutex<BTreeSet<(PackId, VolumeId)>>,
}

/// A sealed pack on one volume.
#[derive(Debug)]
pub struct SealedPack {
    id: PackId,
    volume: VolumeId,
    reader: PackReader,
}

impl SealedHere {
    /// Of these volumes, all of one vault; heads are believed when one of these devices wrote them
    /// ([`Vault::writers`], remembered from when the vault was open).
    pub fn on(volumes: Vec<Arc<Volume>>, writers: Vec<[u8; 32]>) -> Self {
        Self { volumes, writers, rotten: Mutex::default() }
    }

    /// Opens a pack; none when no volume has it. Which one is read is of no matter, and an error comes only
    /// when no other volume has the pack.
    pub fn pack(&self, id: PackId) -> Result<Option<SealedPack>, VaultError> {
        let mut failed = None;
        for volume in &self.volumes {
            if self.rotten_now().contains(&(id, volume.id())) {
                continue;
            }
            match open(volume, id) {
                Ok(Some(reader)) => {
                    return Ok(Some(SealedPack { id, volume: volume.id(), reader }));
                }
                Ok(None) => {}
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(None), |error| Err(error.into()))
    }

    /// A copy failed while somebody else checked it: it is read again, to its end and from the disk. True
    /// when it is no good; then another copy is opened from now on. A disk that does not answer says
    /// nothing of the copy.
    pub fn doubt(&self, id: PackId, on: VolumeId) -> Result<bool, VaultError> {
        let Some(volume) = self.volumes.iter().find(|volume| volume.id() == on) else {
            return Ok(false);
        };
        let is_rotten = is_rotten(volume, id)?;
        if is_rotten {
            self.rotten_now().insert((id, on));
        }
        Ok(is_rotten)
    }

    /// What is no good, for [`Vault::found_rotten`] once the vault is open.
    pub fn rotten(&self) -> Vec<(PackId, VolumeId)> {
        self.rotten_now().iter().copied().collect()
    }

    fn rotten_now(&self) -> MutexGuard<'_, BTreeSet<(PackId, VolumeId)>> {
        self.rotten.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SealedPack {
    /// Its name.
    pub fn id(&self) -> PackId {
        self.id
    }

    /// Where it is read.
    pub fn volume(&self) -> VolumeId {
        self.volume
    }

    /// The length of the file, rotten or not.
    pub fn len(&self) -> Bytes {
        Bytes(self.reader.len())
    }
}

impl ReadAt for SealedPack {
    fn read_at(&self, pos: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.reader.read_at(pos, buf).map_err(io::Error::other)
    }
}

impl Vault {
    /// The sealed packs of the volumes that answer, without copies that are known to be no good. To be
    /// asked for again when disks come or go.
    pub fn sealed_here(&self) -> Result<SealedHere, VaultError> {
        let volumes = self.volumes_where(|member| member.failed.is_none()).into_iter();
        let here = SealedHere::on(volumes.map(|(_, volume)| volume).collect(), self.writers());
        here.rotten_now().extend(self.damaged_copies()?);
        Ok(here)
    }

    /// Somebody who read a copy of a pack found it rotten. It is read again; true when it is no good: then
    /// it counts no more, and the next repair makes another, from here or from a friend.
    pub fn found_rotten(&self, id: PackId, on: VolumeId) -> Result<bool, VaultError> {
        let Some(no) = self.catalog.pack_no(&id)? else { return Ok(false) };
        let Some(info) = self.catalog.pack(no)? else { return Ok(false) };
        let Some(kind) = PackKind::from_code(info.kind) else { return Ok(false) };
        let holder = self.members().get(on).map(|m| (m.slot, Arc::clone(&m.volume)));
        let Some((slot, holder)) = holder else { return Ok(false) };
        // Known already, or taken away on purpose.
        if self.catalog.presence(no)? & slot.bit() == 0 || !is_rotten(&holder, id)? {
            return Ok(false);
        }
        self.note_bad(&[crate::check::BadCopy { no, pack: id, kind, volume: on }])?;
        Ok(true)
    }
}

fn open(volume: &Volume, id: PackId) -> Result<Option<PackReader>, VolumeError> {
    for kind in [PackKind::Data, PackKind::Meta] {
        match volume.open_pack(id, kind) {
            Ok(reader) => return Ok(Some(reader)),
            Err(VolumeError::Missing { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Whether a copy on a disk that can be read at all is not what its name says, or is gone.
fn is_rotten(volume: &Volume, id: PackId) -> Result<bool, VaultError> {
    for kind in [PackKind::Data, PackKind::Meta] {
        if volume.verify_pack(id, kind, true)? == PackVerdict::Good {
            return Ok(false);
        }
    }
    // One that was pulled fails every read.
    Ok(volume.read_keys().is_ok_and(|copies| !copies.is_empty()))
}
