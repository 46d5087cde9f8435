//! Marking: what any kept version, and the newest state itself, refers to, and in which packs it
//! lies. Reads only. Start at [`Vault::mark`].
//!
//! What was seen is a bit for each row of the catalog: twenty million chunks are 2.5 MB. Pieces of
//! files gather and are looked up together, in the order in which the catalog has them.

use std::cell::Cell;
use std::collections::HashSet;

use catalog::{ChunkPlace, Numbers, PackInfo, PackNo, PackState, Rows};
use seal::Codecs;
use tree::Reference;
use types::{ChunkId, ObjectId, PackId};

use crate::Vault;
use crate::error::VaultError;
use crate::reader::open_sealed;
use crate::snapshots::SnapshotInfo;
use crate::store::SpaceStore;

/// References that are looked up together: 16 MiB of ids.
pub(crate) const TOGETHER: usize = 1 << 19;

/// A set of chunks of one catalog.
#[derive(Debug)]
pub(crate) struct ChunkSet {
    rows: Numbers,
    /// What has no row, because it came since the rows were numbered.
    others: HashSet<ChunkId>,
}

impl ChunkSet {
    pub(crate) fn none_of(rows: &Rows<'_>) -> Self {
        Self { rows: Numbers::none_of(rows), others: HashSet::new() }
    }

    /// Adds a chunk; true when it was not there.
    pub(crate) fn insert(&mut self, id: ChunkId, number: Option<u64>) -> bool {
        match number {
            Some(number) => self.rows.insert(number),
            None => self.others.insert(id),
        }
    }

    fn contains(&self, id: &ChunkId, number: Option<u64>) -> bool {
        match number {
            Some(number) => self.rows.contains(number),
            None => self.others.contains(id),
        }
    }
}

/// What is live.
#[derive(Debug)]
pub(crate) struct Mark<'v> {
    vault: &'v Vault,
    rows: Rows<'v>,
    live: ChunkSet,
    /// Live plaintext bytes by pack number.
    by_pack: Vec<u64>,
    /// Packs that are needed and that no attached volume has.
    pub(crate) missing: Vec<PackId>,
    /// Nothing is being stored meanwhile: what the catalog does not have is lost.
    knows_all: bool,
}

impl Mark<'_> {
    /// Live plaintext bytes in a pack; at least 1 when anything in it is live.
    pub(crate) fn live_in(&self, pack: PackNo) -> u64 {
        self.by_pack.get(pack.index()).copied().unwrap_or(0)
    }

    /// The same for every pack, by its number.
    pub(crate) fn live_by_pack(&self) -> &[u64] {
        &self.by_pack
    }

    /// Whether anything that is kept refers to an object.
    pub(crate) fn is_live(&mut self, id: &ChunkId) -> Result<bool, VaultError> {
        let number = self.rows.find(id)?.map(|row| row.number);
        Ok(self.live.contains(id, number))
    }

    /// Takes in everything in `ids` and empties it.
    fn take_all(&mut self, ids: &mut Vec<ChunkId>) -> Result<(), VaultError> {
        let Self { vault, rows, live, by_pack, missing, knows_all } = self;
        rows.find_all(ids, &mut |id, row| {
            if !live.insert(id, row.map(|row| row.number)) {
                return Ok(());
            }
            let place: Option<ChunkPlace> = match row {
                Some(row) => Some(row.place),
                None => vault.catalog.chunk(&id)?,
            };
            let Some(place) = place else {
                if !*knows_all {
                    return Ok(());
                }
                return Err(VaultError::Lost { chunk: id, detail: String::new() });
            };
            let pack = place.pack.index();
            if by_pack.len() <= pack {
                by_pack.resize(pack + 1, 0);
            }
            by_pack[pack] += u64::from(place.len).max(1);
            if vault.catalog.pack_state(place.pack) == Some(PackState::Missing)
                && let Some(info) = vault.catalog.pack(place.pack)?
                && missing.last() != Some(&info.id)
            {
                missing.push(info.id);
            }
            Ok(())
        })
    }
}

/// A walk over versions, which goes on from one list of them to the next.
#[derive(Debug)]
pub(crate) struct Marking<'v> {
    mark: Mark<'v>,
    rows: Rows<'v>,
    /// Folders and manifests that versions share are walked once. One that was taken for another would leave
    /// what is below it unmarked, so this set is of objects alone.
    walked: ChunkSet,
    ids: Vec<ChunkId>,
    /// References that may still be followed.
    left: usize,
}

impl<'v> Marking<'v> {
    /// Nothing is marked yet; no more than `references` are followed.
    pub(crate) fn begin(vault: &'v Vault, references: usize) -> Self {
        let rows = vault.catalog.rows();
        let live = ChunkSet::none_of(&rows);
        let (by_pack, missing) = (Vec::new(), Vec::new());
        let mark = Mark { vault, rows, live, by_pack, missing, knows_all: true };
        let rows = vault.catalog.rows();
        let walked = ChunkSet::none_of(&rows);
        Self { mark, rows, walked, ids: Vec::new(), left: references }
    }

    /// What the catalog has not yet, since it is being stored now, is no damage.
    pub(crate) fn beside_storing(mut self) -> Self {
        self.mark.knows_all = false;
        self
    }

    /// Marks what these versions refer to. False when there is more than may be followed: then some of it is
    /// not marked.
    pub(crate) fn add(&mut self, versions: &[SnapshotInfo]) -> Result<bool, VaultError> {
        let Self { mark, rows, walked, ids, left } = self;
        let vault = mark.vault;
        let left = Cell::from_mut(left);
        for info in versions {
            let snapshot = vault.read_snapshot(info)?;
            ids.push(info.id);
            let store = SpaceStore { vault, space: info.space };
            let mut failed = None;
            let mut seen = |id: &ObjectId| match rows.find(id) {
                Ok(row) => left.get() == 0 || !walked.insert(*id, row.map(|row| row.number)),
                // The catalog is damaged: the look-up of what refers to it says so.
                Err(_) => left.get() == 0,
            };
            let mut visit = |reference: Reference| {
                let (Reference::Object(id) | Reference::Chunk(id)) = reference;
                left.set(left.get().saturating_sub(1));
                ids.push(id);
                if ids.len() >= TOGETHER
                    && let Err(error) = mark.take_all(ids)
                {
                    failed.get_or_insert(error);
                }
            };
            tree::references(&store, &snapshot.root, &mut seen, &mut visit)?;
            if let Some(error) = failed {
                return Err(error);
            }
            if left.get() == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What is marked until now, and the newest state itself.
    pub(crate) fn so_far(&mut self) -> Result<&mut Mark<'v>, VaultError> {
        self.ids.extend(self.mark.vault.writer().system_objects());
        self.mark.take_all(&mut self.ids)?;
        self.mark.missing.sort();
        self.mark.missing.dedup();
        Ok(&mut self.mark)
    }
}

impl Vault {
    /// Finds everything that any kept version refers to.
    pub(crate) fn mark(&self) -> Result<Mark<'_>, VaultError> {
        let mut marking = Marking::begin(self, usize::MAX);
        marking.add(&self.snapshots_kept(None)?)?;
        marking.so_far()?;
        Ok(marking.mark)
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
            let Ok((reader, opener)) = open_sealed(&member.volume, info, &self.keys.ring()) else {
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
