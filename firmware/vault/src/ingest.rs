//! The way in: chunks and objects from one source to the writer, hashed on this side and sealed on
//! the other, so that two cores share the work.
//!
//! Holds a few parcels of chunks at most. What was already known is not even copied. Start at [`with`].

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};

use format::pack::PackKind;
use seal::SpaceKeys;
use tree::{ObjectReader, ObjectWriter};
use types::{ChunkId, ObjectId, SpaceId, UnixTime};

use crate::Vault;
use crate::env::WriterMode;
use crate::error::VaultError;
use crate::sink::Sink;
use crate::store::{Bytes, SpaceStore};

/// Parcels between the two sides at most: with 4 MiB each the bound on memory.
const IN_FLIGHT_MAX: usize = 3;
/// A parcel goes when it holds this much: waking the other side for each small file would cost more
/// than naming it.
const PARCEL_LEN: usize = 256 << 10;

/// Chunks and objects on their way, their bytes one after the other.
#[derive(Default)]
struct Parcel {
    items: Vec<(PackKind, ChunkId, usize)>,
    bytes: Vec<u8>,
}

impl Parcel {
    fn unpack(
        &self,
        mut put: impl FnMut(PackKind, ChunkId, &[u8]) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        let mut rest = &self.bytes[..];
        for (kind, id, len) in &self.items {
            let (bytes, after) = rest.split_at(*len);
            put(*kind, *id, bytes)?;
            rest = after;
        }
        Ok(())
    }
}

/// The hashing side.
pub(crate) struct Ingest<'a> {
    pub(crate) vault: &'a Vault,
    pub(crate) space: SpaceId,
    pub(crate) keys: &'a SpaceKeys,
    out: Option<(SyncSender<Parcel>, Receiver<Parcel>)>,
    parcel: Parcel,
    failed: Arc<Mutex<Option<VaultError>>>,
}

/// Runs `work` with a way in to `space`; when it returns, everything it put was taken by the
/// writer (not yet synced).
pub(crate) fn with<T>(
    vault: &Vault,
    space: SpaceId,
    work: impl FnOnce(&mut Ingest<'_>) -> Result<T, VaultError>,
) -> Result<T, VaultError> {
    let keys = &vault.space_keys(space)?;
    let failed = Arc::new(Mutex::new(None));
    if vault.options.writers == WriterMode::Inline {
        let parcel = Parcel::default();
        return work(&mut Ingest { vault, space, keys, out: None, parcel, failed });
    }
    std::thread::scope(|scope| {
        let (parcels, inbox) = sync_channel::<Parcel>(IN_FLIGHT_MAX);
        let (used, recycled) = channel();
        let trouble = Arc::clone(&failed);
        let sealing = scope.spawn(move || {
            for parcel in inbox {
                let taken = parcel.unpack(|kind, id, bytes| {
                    vault.writer().put(space, kind, id, bytes).map(|_is_new| ())
                });
                if let Err(error) = taken {
                    *trouble.lock().expect("held for a moment only") = Some(error);
                    return;
                }
                // The other side may be gone already: then nobody wants the buffers.
                let _unwanted = used.send(parcel);
            }
        });
        let (out, failed_here) = (Some((parcels, recycled)), Arc::clone(&failed));
        let parcel = Parcel::default();
        let mut ingest = Ingest { vault, space, keys, out, parcel, failed: failed_here };
        let result = work(&mut ingest).and_then(|done| ingest.send().map(|()| done));
        drop(ingest);
        let joined = sealing.join();
        let trouble = failed.lock().expect("held for a moment only").take();
        match (trouble, joined) {
            (Some(error), _) => Err(error),
            (None, Ok(())) => result,
            (None, Err(panic)) => std::panic::resume_unwind(panic),
        }
    })
}

impl Ingest<'_> {
    /// Hands on bytes of this name unless the vault has them.
    pub(crate) fn put_named(
        &mut self,
        kind: PackKind,
        id: ChunkId,
        bytes: &[u8],
    ) -> Result<ChunkId, VaultError> {
        if let Some(place) = self.vault.catalog.dedup_target(&id)? {
            let presence = self.vault.catalog.presence(place.pack)?;
            if self.vault.members().hold_enough(presence) {
                return Ok(id);
            }
        }
        if self.out.is_none() {
            self.vault.writer().put(self.space, kind, id, bytes)?;
            return Ok(id);
        }
        self.parcel.items.push((kind, id, bytes.len()));
        self.parcel.bytes.extend_from_slice(bytes);
        if self.parcel.bytes.len() >= PARCEL_LEN {
            self.send()?;
        }
        Ok(id)
    }

    /// Sends what has gathered.
    fn send(&mut self) -> Result<(), VaultError> {
        let Some((parcels, recycled)) = &self.out else { return Ok(()) };
        let mut next = recycled.try_recv().unwrap_or_default();
        next.items.clear();
        next.bytes.clear();
        if parcels.send(std::mem::replace(&mut self.parcel, next)).is_err() {
            let trouble = self.failed.lock().expect("held for a moment only").take();
            return Err(trouble.unwrap_or(VaultError::Stopped));
        }
        Ok(())
    }
}

impl Sink for Ingest<'_> {
    type Piece = Bytes;

    fn put_bytes(&mut self, kind: PackKind, bytes: &[u8]) -> Result<ChunkId, VaultError> {
        self.put_named(kind, self.keys.id_in(kind, bytes), bytes)
    }

    fn chunk_id(&self, bytes: &[u8]) -> ChunkId {
        self.keys.chunk_id(bytes)
    }

    fn old_chunk(&self, id: &ChunkId) -> Option<Bytes> {
        // An old version that cannot be read must not keep the new one from being stored.
        self.vault.object(self.space, PackKind::Data, id).ok()
    }

    fn is_doubtful(&self) -> Result<bool, VaultError> {
        self.vault.is_doubtful()
    }

    fn is_safe(&self, id: &ChunkId) -> bool {
        let safe = || -> Result<bool, VaultError> {
            let Some(place) = self.vault.catalog.dedup_target(id)? else { return Ok(false) };
            let presence = self.vault.catalog.presence(place.pack)?;
            Ok(self.vault.members().hold_enough(presence))
        };
        safe().unwrap_or(false)
    }

    fn now(&self) -> UnixTime {
        self.vault.env.clock.now()
    }
}

impl ObjectReader for Ingest<'_> {
    type Error = VaultError;

    fn get(&self, id: &ObjectId) -> Result<Arc<Vec<u8>>, VaultError> {
        SpaceStore { vault: self.vault, space: self.space }.get(id)
    }
}

impl ObjectWriter for Ingest<'_> {
    fn put(&mut self, cbor: Vec<u8>) -> Result<ObjectId, VaultError> {
        self.put_bytes(PackKind::Meta, &cbor)
    }
}
