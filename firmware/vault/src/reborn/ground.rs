//! The fresh volumes of a vault that is reborn, before it can be opened: made, filled with metadata, and
//! last of all given heads. What an earlier attempt made is found and used.
//!
//! Start at [`prepare`].

use std::collections::BTreeMap;
use std::sync::Arc;

use format::head::{HeadPayload, VolumeState};
use format::keys::KeyFile;
use format::pack::PackKind;
use types::PackId;
use volume::{Disk, PackVerdict, Volume, VolumeError};

use super::Seen;
use super::holds::{Held, Holds};
use crate::env::{Env, Options};
use crate::error::VaultError;
use crate::open::{make_volume, patient};

/// A volume of the vault on each disk: made, or found. A disk with anything else on it is refused before
/// anything is written to any.
pub(super) fn prepare(
    env: &Env,
    options: &Options,
    disks: &[Arc<dyn Disk>],
    file: &KeyFile,
) -> Result<Vec<Arc<Volume>>, VaultError> {
    if disks.is_empty() {
        return Err(VaultError::Bad { what: "a vault needs at least one disk".to_owned() });
    }
    for (n, disk) in disks.iter().enumerate() {
        if disks[..n].iter().any(|other| other.serial() == disk.serial()) {
            return Err(VaultError::Bad { what: format!("{} was named twice", disk.label()) });
        }
    }
    let mut found = Vec::new();
    for disk in disks {
        found.push(match Volume::open(patient(Arc::clone(disk), options)) {
            Ok((volume, _)) if volume.vault() == file.vault => Some(Arc::new(volume)),
            Ok((volume, _)) => {
                let (label, wanted) = (disk.label(), file.vault);
                return Err(VaultError::OtherVault { label, found: volume.vault(), wanted });
            }
            Err(VolumeError::NotAVolume { .. }) => None,
            Err(error) => return Err(error.into()),
        });
    }
    let bytes = file.encode();
    let mut volumes = Vec::new();
    for (disk, found) in disks.iter().zip(found) {
        volumes.push(match found {
            Some(volume) => {
                volume.lock_for_writing()?;
                volume
            }
            None => make_volume(env, options, Arc::clone(disk), file.vault, &bytes)?.volume,
        });
    }
    Ok(volumes)
}

/// Refuses when the metadata does not fit on each of the volumes, before any of it is fetched.
pub(super) fn room_for(volumes: &[Arc<Volume>], wanted: &[&Held]) -> Result<(), VaultError> {
    for volume in volumes {
        let mut lacks = Vec::new();
        for held in wanted {
            if !has(volume, held.id)? {
                lacks.push(*held);
            }
        }
        let (need, free) = (Holds::sum(lacks.into_iter()), volume.free()?);
        if need > free {
            return Err(VaultError::Full { label: volume.name().to_string(), free, need });
        }
    }
    Ok(())
}

/// The volumes that do not have a pack whole: what an attempt before this one brought is read again, since
/// the disk may be one that lost its metadata.
pub(super) fn without(
    volumes: &[Arc<Volume>],
    id: PackId,
) -> Result<Vec<Arc<Volume>>, VolumeError> {
    let mut lacks = Vec::new();
    for volume in volumes {
        if volume.verify_pack(id, PackKind::Meta, false)? != PackVerdict::Good {
            lacks.push(Arc::clone(volume));
        }
    }
    Ok(lacks)
}

fn has(volume: &Volume, id: PackId) -> Result<bool, VolumeError> {
    volume.has_pack(id, PackKind::Meta)
}

/// Stores a pack on each of these.
pub(super) fn import(
    volumes: &[Arc<Volume>],
    (id, kind): (PackId, PackKind),
    bytes: &[u8],
) -> Result<(), VolumeError> {
    volumes.iter().try_for_each(|volume| {
        let mut bytes = bytes;
        volume.import_pack(kind, id, &mut bytes).map(drop)
    })
}

/// Gives each volume the heads, oldest first: the newest says that what it names is there.
pub(super) fn write_heads(
    volumes: &[Arc<Volume>],
    heads: &BTreeMap<u64, Seen>,
) -> Result<(), VolumeError> {
    volumes.iter().try_for_each(|volume| {
        heads
            .values()
            .try_for_each(|head| volume.write_head(head.point.seq, head.point.hash, &head.bytes))
    })
}

/// Whether one of these volumes is known to the vault as it was: then this is no rebirth, but the mending of
/// a disk, and its others may still be somewhere.
pub(super) fn was_member(volumes: &[Arc<Volume>], before: &HeadPayload) -> bool {
    let stays = before.volumes.iter().filter(|known| known.state != VolumeState::Removed);
    stays.into_iter().any(|known| volumes.iter().any(|volume| volume.id() == known.id))
}

/// Whether one of these volumes has a head behind this number: it was part of a vault that went on.
pub(super) fn is_past(volumes: &[Arc<Volume>], seq: u64) -> bool {
    volumes.iter().any(|volume| {
        volume.list_heads().unwrap_or_default().last().is_some_and(|head| head.seq > seq)
    })
}
