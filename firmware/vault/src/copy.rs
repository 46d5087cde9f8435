//! Copying sealed packs between volumes. Needs no key: a pack is checked by its name.

use format::pack::PackKind;
use types::{PackId, VolumeId};
use volume::VolumeError;

use crate::error::VaultError;
use crate::members::Members;

/// Copies a pack to volume `to` from the first of `from` that has good bytes. Durable, and read
/// back from the disk, when it returns.
pub(crate) fn copy_pack(
    members: &Members,
    id: PackId,
    kind: PackKind,
    from: &[VolumeId],
    to: VolumeId,
) -> Result<(), VaultError> {
    let target = members
        .get(to)
        .filter(|member| member.takes_writes())
        .ok_or_else(|| VaultError::NoWriter { detail: format!(": {to} takes no writes") })?;
    let mut last: Option<VolumeError> = None;
    for source in from.iter().filter_map(|id| members.get(*id)) {
        let tried = source.volume.open_pack(id, kind).and_then(|reader| {
            let mut stream = reader.stream();
            target.volume.import_pack(kind, id, &mut stream)
        });
        match tried {
            Ok(_) => return Ok(()),
            Err(error) if error.is_full() || error.is_disk_fault() => return Err(error.into()),
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or(VaultError::PackDamaged { pack: id }, Into::into))
}
