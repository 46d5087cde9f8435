//! Copying packs between volumes, sealed or open. Needs no key: a sealed pack is checked by its
//! name, and of an open one every byte is copied as it is.

use std::sync::Arc;

use format::pack::{PackKind, SIZE_MAX};
use types::sabotage::{self, Bug};
use types::{PackId, VolumeId};
use volume::VolumeError;

use crate::error::VaultError;
use crate::members::Members;
use crate::openpack::OpenPack;

/// A pack is never longer.
const LEN_MAX: usize = 16 << 20;
const _: () = assert!(SIZE_MAX == 16 << 20);

/// Copies a pack to volume `to` from the first of `from` that has good bytes, and says which that
/// was. Durable, and read back from the disk, when it returns.
pub(crate) fn copy_pack(
    members: &Members,
    id: PackId,
    kind: PackKind,
    from: &[VolumeId],
    to: VolumeId,
) -> Result<VolumeId, VaultError> {
    let target = members.get(to).filter(|member| member.takes_writes());
    let writer = target
        .and_then(|member| member.writer.as_ref())
        .ok_or_else(|| VaultError::NoWriter { detail: format!(": {to} takes no writes") })?;
    let mut last: Option<VolumeError> = None;
    for source in from.iter().filter_map(|id| members.get(*id)) {
        // Read here, and not while the target's writer waits: a slow source must not end it.
        let mut bytes = Vec::new();
        let read = source.volume.open_pack(id, kind).and_then(|reader| {
            let len = usize::try_from(reader.len()).unwrap_or(usize::MAX);
            // A longer one is no pack; cut, it does not match its name.
            bytes.resize(len.min(LEN_MAX), 0);
            reader.read_exact_at(0, &mut bytes)
        });
        if let Err(error) = read {
            last = Some(error);
            continue;
        }
        let from = source.id();
        let copied = writer.run(move |volume| volume.import_pack(kind, id, &mut bytes.as_slice()));
        match copied.wait() {
            Ok(_) => return Ok(from),
            Err(error) if error.is_full() || error.is_disk_fault() => return Err(error.into()),
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or(VaultError::PackDamaged { pack: id }, Into::into))
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
