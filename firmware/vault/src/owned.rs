//! What a source that another computer sends has: in its newest version, and received since.
//!
//! It is all that such a computer is ever told to be there, or may refer to, so that nobody learns from a
//! name what others have stored. Sets in memory, made anew from what is stored; nothing is kept here.
//! Start at [`Vault::own`].

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use format::entry::Entry;
use format::pack::PackKind;
use tree::Reference;
use types::{ChunkId, ObjectId, SpaceId};

use crate::Vault;
use crate::afar::objects_in;
use crate::error::VaultError;
use crate::store::SpaceStore;

/// Sources whose sets are remembered; each takes some 20 bytes a chunk.
const SOURCES_MAX: usize = 8;
/// Versions whose sets are remembered: those that are being read.
const VERSIONS_MAX: usize = 4;

/// Names of chunks and of objects, apart: neither passes for the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids {
    chunks: HashSet<u128>,
    objects: HashSet<u128>,
}

/// Half of a name tells it from all others, and takes half the room.
fn half(id: &ChunkId) -> u128 {
    let mut front = [0; 16];
    front.copy_from_slice(&id.0[..16]);
    u128::from_le_bytes(front)
}

impl Ids {
    pub(crate) fn has(&self, kind: PackKind, id: &ChunkId) -> bool {
        match kind {
            PackKind::Data => self.chunks.contains(&half(id)),
            PackKind::Meta | PackKind::Index => self.objects.contains(&half(id)),
        }
    }

    pub(crate) fn add(&mut self, kind: PackKind, id: &ChunkId) -> bool {
        match kind {
            PackKind::Data => self.chunks.insert(half(id)),
            PackKind::Meta | PackKind::Index => self.objects.insert(half(id)),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.chunks.len() + self.objects.len()
    }
}

/// What one source has received since its newest version.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) ids: Ids,
    /// Bytes of it.
    pub(crate) bytes: u64,
}

/// Sources by space and name.
type BySource<T> = BTreeMap<(SpaceId, String), T>;

/// What each has.
#[derive(Debug, Default)]
pub(crate) struct Owned {
    received: Mutex<BySource<Arc<Mutex<Received>>>>,
    versions: Mutex<Vec<(ObjectId, Arc<Ids>)>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Sets: a thread that ended half way has left out a name at most.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a source has received, held.
pub(crate) fn held(received: &Mutex<Received>) -> MutexGuard<'_, Received> {
    locked(received)
}

impl Vault {
    /// What a source has received since its newest version.
    pub(crate) fn received(
        &self,
        space: SpaceId,
        name: &str,
    ) -> Result<Arc<Mutex<Received>>, VaultError> {
        let key = (space, name.to_owned());
        if let Some(known) = locked(&self.owned.received).get(&key) {
            return Ok(Arc::clone(known));
        }
        let mut found = Received::default();
        for entry in self.on_run(space, name)? {
            found.bytes = found.bytes.saturating_add(entry.size);
            for id in objects_in(&entry) {
                found.ids.add(PackKind::Meta, &id);
            }
            let store = SpaceStore { vault: self, space };
            for placed in entry.content.iter().flat_map(|content| tree::extents(&store, content)) {
                if let Some(id) = placed?.extent.chunk {
                    found.ids.add(PackKind::Data, &id);
                }
            }
        }
        let mut all = locked(&self.owned.received);
        if all.len() >= SOURCES_MAX {
            all.pop_first();
        }
        // Another may have been quicker; both have read the same.
        Ok(Arc::clone(all.entry(key).or_insert_with(|| Arc::new(Mutex::new(found)))))
    }

    /// It is in a version now.
    pub(crate) fn forget_received(&self, space: SpaceId, name: &str) {
        locked(&self.owned.received).remove(&(space, name.to_owned()));
    }

    /// Everything that a version refers to.
    pub(crate) fn ids_of(
        &self,
        space: SpaceId,
        version: ObjectId,
        root: &Entry,
    ) -> Result<Arc<Ids>, VaultError> {
        let known = |all: &[(ObjectId, Arc<Ids>)]| {
            all.iter().find(|(id, _)| *id == version).map(|(_, ids)| Arc::clone(ids))
        };
        if let Some(known) = known(&locked(&self.owned.versions)) {
            return Ok(known);
        }
        let store = SpaceStore { vault: self, space };
        let (mut objects, mut ids) = (HashSet::new(), Ids::default());
        let mut seen = |id: &ObjectId| !objects.insert(half(id));
        let mut chunks = HashSet::new();
        let mut visit = |reference| {
            if let Reference::Chunk(id) = reference {
                chunks.insert(half(&id));
            }
        };
        tree::references(&store, root, &mut seen, &mut visit)?;
        (ids.chunks, ids.objects) = (chunks, objects);
        let ids = Arc::new(ids);
        let mut all = locked(&self.owned.versions);
        if all.len() >= VERSIONS_MAX {
            all.remove(0);
        }
        all.push((version, Arc::clone(&ids)));
        Ok(ids)
    }
}
