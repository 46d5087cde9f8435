//! Sealed packs in the catalog's terms: entering one with its objects, and naming it in a list.

use catalog::{Batch, Catalog, ChunkEntry, PackInfo, PackState};
use format::pack::PackKind;
use format::record::PackEntry;
use types::{Bytes, VolumeId};

use crate::error::VaultError;
use crate::members::Members;

/// A catalog row as the pack list has it; none when its kind is unknown here.
pub(crate) fn entry_of(info: &PackInfo) -> Option<PackEntry> {
    let kind = PackKind::from_code(info.kind)?;
    Some(PackEntry { id: info.id, kind, space: info.space, len: Bytes(info.len) })
}

/// Enters a sealed pack and its objects into the catalog.
pub(crate) fn index_pack(
    catalog: &Catalog,
    members: &Members,
    entry: &PackEntry,
    trailer: &format::pack::Trailer,
    on: &[VolumeId],
    state: PackState,
) -> Result<(), VaultError> {
    let mut batch = catalog.batch()?;
    enter_pack(&mut batch, members, entry, trailer, on, state)?;
    batch.commit(catalog::Durability::Relaxed)?;
    Ok(())
}

/// The same within a batch: a commit for each of a million packs would take longer than the packs.
pub(crate) fn enter_pack(
    batch: &mut Batch<'_>,
    members: &Members,
    entry: &PackEntry,
    trailer: &format::pack::Trailer,
    on: &[VolumeId],
    state: PackState,
) -> Result<(), VaultError> {
    let mut rows = Vec::new();
    let mut raw_len = 0;
    for frame in &trailer.frames {
        let mut raw_offset = 0;
        for object in &frame.objects {
            rows.push(ChunkEntry {
                id: object.id,
                frame: u16::try_from(frame.number).expect("FRAMES_MAX fits two bytes"),
                frame_offset: frame.offset,
                raw_offset,
                len: object.len,
            });
            raw_offset += object.len;
        }
        raw_len += u64::from(raw_offset);
    }
    let info = PackInfo {
        id: entry.id,
        kind: entry.kind.code(),
        space: entry.space,
        len: entry.len.0,
        raw_len,
        objects: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        state,
    };
    let no = batch.add_pack(info.clone())?;
    batch.set_pack(no, info)?;
    if state == PackState::Live {
        batch.add_chunks(no, rows)?;
    } else {
        batch.add_chunks_if_absent(no, rows)?;
    }
    for id in on {
        if let Some(member) = members.get(*id) {
            batch.set_presence(no, member.slot, true)?;
        }
    }
    Ok(())
}
