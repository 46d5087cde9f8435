//! The way in: chunks and objects from one source to the writer, hashed on this side and sealed on
//! the other, so that two cores share the work.
//!
//! Holds a few chunks at most. What was already known is not even copied. Start at [`with`].

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};

use format::pack::PackKind;
use seal::SpaceKeys;
use tree::{ObjectReader, ObjectWriter};
use types::{ChunkId, ObjectId, SpaceId};

use crate::Vault;
use crate::env::WriterMode;
use crate::error::VaultError;
use crate::store::SpaceStore;

/// Chunks between the two sides at most: with 4 MiB each the bound on memory.
const IN_FLIGHT_MAX: usize = 3;

struct Job {
    kind: PackKind,
    id: ChunkId,
    bytes: Vec<u8>,
}

/// The hashing side.
pub(crate) struct Ingest<'a> {
    pub(crate) vault: &'a Vault,
    pub(crate) space: SpaceId,
    pub(crate) keys: &'a SpaceKeys,
    out: Option<(SyncSender<Job>, Receiver<Vec<u8>>)>,
    failed: Arc<Mutex<Option<VaultError>>>,
}

/// Runs `work` with a way in to `space`; when it returns, everything it put was taken by the
/// writer (not yet synced).
pub(crate) fn with<T>(
    vault: &Vault,
    space: SpaceId,
    work: impl FnOnce(&mut Ingest<'_>) -> Result<T, VaultError>,
) -> Result<T, VaultError> {
    let keys = vault.space_keys(space)?;
    let failed = Arc::new(Mutex::new(None));
    if vault.options.writers == WriterMode::Inline {
        return work(&mut Ingest { vault, space, keys, out: None, failed });
    }
    std::thread::scope(|scope| {
        let (jobs, inbox) = sync_channel::<Job>(IN_FLIGHT_MAX);
        let (used, recycled) = channel();
        let trouble = Arc::clone(&failed);
        let sealing = scope.spawn(move || {
            for job in inbox {
                let put = vault.writer().put(space, job.kind, job.id, &job.bytes);
                if let Err(error) = put {
                    *trouble.lock().expect("held for a moment only") = Some(error);
                    return;
                }
                // The other side may be gone already: then nobody wants the buffer.
                let _unwanted = used.send(job.bytes);
            }
        });
        let mut ingest =
            Ingest { vault, space, keys, out: Some((jobs, recycled)), failed: Arc::clone(&failed) };
        let result = work(&mut ingest);
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
    /// Names bytes and hands them on unless the vault has them.
    pub(crate) fn put_bytes(
        &mut self,
        kind: PackKind,
        bytes: &[u8],
    ) -> Result<ChunkId, VaultError> {
        let id = self.keys.id_in(kind, bytes);
        if let Some(place) = self.vault.catalog.dedup_target(&id)? {
            let presence = self.vault.catalog.presence(place.pack)?;
            if self.vault.members().hold_enough(presence) {
                return Ok(id);
            }
        }
        match &self.out {
            None => {
                self.vault.writer().put(self.space, kind, id, bytes)?;
            }
            Some((jobs, recycled)) => {
                let mut buffer = recycled.try_recv().unwrap_or_default();
                buffer.clear();
                buffer.extend_from_slice(bytes);
                if jobs.send(Job { kind, id, bytes: buffer }).is_err() {
                    let trouble = self.failed.lock().expect("held for a moment only").take();
                    return Err(trouble.unwrap_or(VaultError::Stopped));
                }
            }
        }
        Ok(id)
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
