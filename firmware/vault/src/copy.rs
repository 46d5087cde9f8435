//! Copying packs between volumes, sealed or open. Needs no key: a sealed pack is checked by its
//! name, and of an open one every byte is copied as it is.
//!
//! No lock is held while the bytes of a sealed pack move: what is being stored goes on beside it.

use std::sync::Arc;

use catalog::VolumeSlot;
use format::pack::{PackKind, SIZE_MAX};
use types::sabotage::{self, Bug};
use types::{PackId, VolumeId};
use volume::{Volume, VolumeError, VolumeWriter};

use crate::error::VaultError;
use crate::members::Members;
use crate::openpack::OpenPack;

/// A pack is never longer.
const LEN_MAX: usize = 16 << 20;
const _: () = assert!(SIZE_MAX == 16 << 20);

/// Where a copy may come from and where it goes, found while the members were looked at and used
/// after that.
pub(crate) struct Route {
    sources: Vec<Arc<Volume>>,
    writer: Arc<VolumeWriter>,
    /// The target's.
    pub(crate) slot: VolumeSlot,
}

impl Route {
    /// To volume `to`, from the first of `from` that will have good bytes.
    pub(crate) fn of(
        members: &Members,
        from: &[VolumeId],
        to: VolumeId,
    ) -> Result<Self, VaultError> {
        let target = members.get(to).filter(|member| member.takes_writes());
        let (writer, slot) = target
            .and_then(|member| Some((Arc::clone(member.writer.as_ref()?), member.slot)))
            .ok_or_else(|| VaultError::NoWriter { detail: format!(": {to} takes no writes") })?;
        let sources = from.iter().filter_map(|id| members.get(*id));
        let sources = sources.map(|source| Arc::clone(&source.volume)).collect();
        Ok(Self { sources, writer, slot })
    }

    /// Copies a pack, and says from where. Durable, and read back from the disk, when it returns.
    pub(crate) fn copy(&self, id: PackId, kind: PackKind) -> Result<VolumeId, VaultError> {
        let mut last: Option<VolumeError> = None;
        for source in &self.sources {
            // Read here, and not while the target's writer waits: a slow source must not end it.
            let bytes = match read_whole(source, id, kind) {
                Ok(bytes) => bytes,
                Err(error) => {
                    last = Some(error);
                    continue;
                }
            };
            let import = move |volume: &Volume| volume.import_pack(kind, id, &mut bytes.as_slice());
            match self.writer.run(import).wait() {
                Ok(_) => return Ok(source.id()),
                Err(error) if error.is_full() || error.is_disk_fault() => return Err(error.into()),
                Err(error) => last = Some(error),
            }
        }
        Err(last.map_or(VaultError::PackDamaged { pack: id }, Into::into))
    }
}

/// All bytes of a pack, as they are on one volume. Whoever imports them checks them.
pub(crate) fn read_whole(
    source: &Volume,
    id: PackId,
    kind: PackKind,
) -> Result<Vec<u8>, VolumeError> {
    let reader = source.open_pack(id, kind)?;
    let len = usize::try_from(reader.len()).unwrap_or(usize::MAX);
    // A longer one is no pack; cut, it does not match its name.
    let mut bytes = vec![0; len.min(LEN_MAX)];
    reader.read_exact_at(0, &mut bytes)?;
    Ok(bytes)
}

/// Writes what an open pack holds so far to one more volume.
pub(crate) fn copy_open(
    pack: &OpenPack,
    to: VolumeId,
    members: &Members,
) -> Result<(), VolumeError> {
    const STEP: usize = 1 << 20;
    let Some(writer) = members.get(to).and_then(|member| member.writer.as_ref()) else {
        return Ok(());
    };
    let mut last = None;
    for from in pack.targets.iter().filter_map(|id| members.get(*id)) {
        // The source may have bytes in its queue: drain it first.
        let drained = from.writer.as_ref().map(|writer| writer.sync(pack.name).wait());
        if let Some(Err(error)) = drained {
            last = Some(error);
            continue;
        }
        let reader = from.volume.read_open(pack.name)?;
        writer.open(pack.name).wait()?;
        let mut offset = if sabotage::on(Bug::PrefixNotCopied) { pack.len } else { 0 };
        while offset < pack.len {
            let step = usize::try_from(pack.len - offset).unwrap_or(STEP).min(STEP);
            let mut bytes = vec![0; step];
            reader.read_exact_at(offset, &mut bytes)?;
            writer.append(pack.name, Arc::new(bytes))?;
            offset += step as u64;
        }
        return Ok(());
    }
    last.map_or(Ok(()), Err)
}
