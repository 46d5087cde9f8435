//! The fresh volumes of a vault that is reborn, before it can be opened: made, filled with metadata, and
//! last of all given heads. What an earlier attempt made is found and used.
//!
//! Start at [`prepare`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use format::head::{Envelope, HeadPayload, VolumeState};
use format::keys::KeyFile;
use format::pack::PackKind;
use types::{Bytes, HeadHash, PackId, VolumeId};
use volume::{Disk, PackVerdict, Volume, VolumeError};

use super::Seen;
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

/// Stores a pack on each of these. Only here it is known how much room it needs: what friends say of
/// lengths decides nothing.
pub(super) fn import(
    volumes: &[Arc<Volume>],
    (id, kind): (PackId, PackKind),
    bytes: &[u8],
) -> Result<(), VolumeError> {
    volumes.iter().try_for_each(|volume| {
        let (free, need) = (volume.free()?, Bytes(bytes.len() as u64));
        if need > free {
            return Err(VolumeError::Full { volume: volume.name(), free, need });
        }
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

/// Volumes of before that burned: those that the head knows, when none of these is one. Otherwise this is no
/// rebirth but the mending of a disk, and its others may still be somewhere. One that an attempt before this
/// one made is in no head of before, and stays.
pub(super) fn burned(volumes: &[Arc<Volume>], before: &HeadPayload) -> BTreeSet<VolumeId> {
    let stays = before.volumes.iter().filter(|known| known.state != VolumeState::Removed);
    let known: BTreeSet<VolumeId> = stays.map(|known| known.id).collect();
    match volumes.iter().any(|volume| known.contains(&volume.id())) {
        true => BTreeSet::new(),
        false => known,
    }
}

/// Takes away the heads that lead past the one that was chosen: those that friends keep, as an attempt before
/// this one may have written them, and all that go on from there. Friends have them still.
pub(super) fn go_back(
    volumes: &[Arc<Volume>],
    unwanted: &BTreeSet<HeadHash>,
) -> Result<(), VolumeError> {
    for volume in volumes {
        let mut unwanted = unwanted.clone();
        let mut names = Vec::new();
        for file in volume.list_heads()? {
            let Ok(bytes) = volume.read_head(&file.name) else { continue };
            let Ok(head) = Envelope::decode(&bytes) else { continue };
            if unwanted.contains(&head.hash()) || unwanted.contains(&head.previous) {
                unwanted.insert(head.hash());
                names.push(file.name);
            }
        }
        // The newest first: cut short, those that are left still lead back to what is not wanted.
        for name in names.iter().rev() {
            volume.delete_head(name)?;
        }
    }
    Ok(())
}

/// Refuses a volume whose heads went on from another one than these: it is of an attempt that began from an older
/// state, or of another box. With it the vault would go on from there. What nobody can tell is left as it is.
pub(super) fn same_way(
    volumes: &[Arc<Volume>],
    heads: &BTreeMap<u64, Seen>,
) -> Result<(), VaultError> {
    for volume in volumes {
        for file in volume.list_heads()? {
            let Ok(bytes) = volume.read_head(&file.name) else { continue };
            let Ok(head) = Envelope::decode(&bytes) else { continue };
            let at = |seq: u64| heads.get(&seq).map(|seen| seen.point.hash);
            let other = at(head.seq).is_some_and(|hash| hash != head.hash());
            let before = head.seq.checked_sub(1).and_then(at);
            if other || before.is_some_and(|hash| hash != head.previous) {
                let what = format!(
                    "{} holds a state of this vault that does not follow from the one that friends keep, as an \
                     attempt leaves that began from an older one; erase it first, or name another disk",
                    volume.name()
                );
                return Err(VaultError::Bad { what });
            }
        }
    }
    Ok(())
}

/// Whether one of these volumes has a head behind this number: it was part of a vault that went on.
pub(super) fn is_past(volumes: &[Arc<Volume>], seq: u64) -> bool {
    volumes.iter().any(|volume| {
        volume.list_heads().unwrap_or_default().last().is_some_and(|head| head.seq > seq)
    })
}
