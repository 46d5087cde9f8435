//! What was taken in and is in no sealed pack yet: where to read it meanwhile.
//!
//! Nothing is written here, but what waits in a volume's queue is waited for. Start at
//! [`Writer::fresh`].

use format::pack::PackKind;
use types::{ChunkId, SpaceId, VolumeId};

use crate::error::VaultError;
use crate::members::Member;
use crate::openpack::{InPack, Placed};
use crate::writer::Writer;

/// Where an object is that no sealed pack of the catalog holds yet.
pub(crate) enum Fresh {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// In the open pack of this name, synced as far as this place.
    InOpen { name: [u8; 16], header: Vec<u8>, placed: Placed, on: Vec<VolumeId> },
}

impl Writer {
    /// Where an object is that is not in the catalog yet.
    pub(crate) fn fresh(
        &mut self,
        space: SpaceId,
        kind: PackKind,
        id: &ChunkId,
    ) -> Result<Option<Fresh>, VaultError> {
        if self.in_sealing.contains_key(id) {
            let mut settled = self.settle();
            // One that could not be finished is not the last: what is asked for may be in the next.
            while settled.is_err() && self.in_sealing.contains_key(id) {
                settled = self.settle();
            }
            let stuck = self.fresh_stuck(space, kind, id);
            return stuck.map_or_else(|| settled.map(|()| None), |found| Ok(Some(found)));
        }
        let in_open =
            self.open.get(&(space, kind)).and_then(|pack| Some((pack, pack.index.get(id)?)));
        let Some((pack, place)) = in_open else { return Ok(self.fresh_stuck(space, kind, id)) };
        match place {
            InPack::Gathering { from, len } => {
                Ok(Some(Fresh::Bytes(pack.gathering(*from, *len).to_vec())))
            }
            InPack::Framed(placed) => {
                let placed = *placed;
                // The bytes may still be in a writer's queue: a sync drains it. Whoever stores hears
                // of it when that fails; what was acknowledged can be read all the same.
                while self.sync_round().unwrap_or(false) {}
                let Some(pack) = self.open.get(&(space, kind)) else {
                    return Ok(self.fresh_stuck(space, kind, id));
                };
                // In the order in which all packs are read, not the one in which they are placed.
                let all = self.members();
                let on = all.attached.iter().map(Member::id).filter(|id| pack.targets.contains(id));
                let (name, header, on) = (pack.name, pack.header.clone(), on.collect());
                Ok(Some(Fresh::InOpen { name, header, placed, on }))
            }
        }
    }
}
