//! Marking: what any kept version, and the newest state itself, refers to, and in which packs it
//! lies. Reads only. Start at [`Vault::mark`].

use std::collections::{HashMap, HashSet};

use catalog::{PackInfo, PackNo, PackState};
use seal::Codecs;
use tree::Reference;
use types::{ChunkId, ObjectId, PackId};

use crate::Vault;
use crate::error::VaultError;
use crate::reader::open_sealed;
use crate::store::SpaceStore;

/// What is live.
#[derive(Debug, Default)]
pub(crate) struct Mark {
    /// First eight bytes of every id that is referred to. Two ids that share them only keep one
    /// object too many.
    pub(crate) live: HashSet<u64>,
    /// Live plaintext bytes by pack.
    pub(crate) by_pack: HashMap<PackNo, u64>,
    /// Packs that are needed and that no attached volume has.
    pub(crate) missing: Vec<PackId>,
}

pub(crate) fn front(id: &ChunkId) -> u64 {
    u64::from_le_bytes(id.0[..8].try_into().expect("an id is 32 bytes"))
}

impl Vault {
    /// Finds everything that any kept version refers to.
    pub(crate) fn mark(&self) -> Result<Mark, VaultError> {
        let mut mark = Mark::default();
        let mut missing = HashSet::new();
        // Folders and manifests that versions share are walked once. Sixteen bytes tell them apart:
        // one that was taken for another would leave what is below it unmarked.
        let mut walked: HashSet<u128> = HashSet::new();
        for info in self.snapshots(None)? {
            let snapshot = self.read_snapshot(&info)?;
            self.take(&mut mark, &mut missing, &info.id)?;
            let store = SpaceStore { vault: self, space: info.space };
            let mut failed = None;
            let mut seen = |id: &ObjectId| {
                let front = id.0.first_chunk::<16>().expect("an id is 32 bytes");
                !walked.insert(u128::from_le_bytes(*front))
            };
            let mut visit = |reference: Reference| {
                let (Reference::Object(id) | Reference::Chunk(id)) = reference;
                if let Err(error) = self.take(&mut mark, &mut missing, &id) {
                    failed.get_or_insert(error);
                }
            };
            tree::references(&store, &snapshot.root, &mut seen, &mut visit)?;
            if let Some(error) = failed {
                return Err(error);
            }
        }
        let system = self.writer().system_objects();
        for id in system {
            self.take(&mut mark, &mut missing, &id)?;
        }
        mark.missing = missing.into_iter().collect();
        mark.missing.sort();
        Ok(mark)
    }

    fn take(
        &self,
        mark: &mut Mark,
        missing: &mut HashSet<PackId>,
        id: &ChunkId,
    ) -> Result<(), VaultError> {
        if !mark.live.insert(front(id)) {
            return Ok(());
        }
        let Some(place) = self.catalog.chunk(id)? else {
            return Err(VaultError::Lost { chunk: *id, detail: String::new() });
        };
        *mark.by_pack.entry(place.pack).or_default() += u64::from(place.len).max(1);
        if self.catalog.pack_state(place.pack) == Some(PackState::Missing)
            && let Some(info) = self.catalog.pack(place.pack)?
        {
            missing.insert(info.id);
        }
        Ok(())
    }

    /// The ids of everything in a sealed pack, from its trailer on any volume.
    pub(crate) fn objects_of(
        &self,
        no: PackNo,
        info: &PackInfo,
        codecs: &mut Codecs,
    ) -> Result<Vec<ChunkId>, VaultError> {
        let presence = self.catalog.presence(no)?;
        let members = self.members();
        for member in members.attached.iter().filter(|m| presence & m.slot.bit() != 0) {
            let Ok((reader, opener)) = open_sealed(&member.volume, info, &self.keys) else {
                continue;
            };
            let read = |offset: u64, buf: &mut [u8]| {
                reader.read_at(offset, buf).map_err(std::io::Error::other)
            };
            if let Ok(trailer) = opener.read_trailer(codecs, reader.len(), &read) {
                let objects = trailer.frames.iter().flat_map(|frame| &frame.objects);
                return Ok(objects.map(|object| object.id).collect());
            }
        }
        Err(VaultError::PackDamaged { pack: info.id })
    }
}
