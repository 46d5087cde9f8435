//! The sink of a backup over the network: what is new goes into parcels, and objects of the version before are
//! read from here, or from the box.
//!
//! Start at [`Outbound`].

use std::collections::HashSet;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex};

use format::pack::PackKind;
use tree::{ObjectReader, ObjectWriter};
use types::{ChunkId, ObjectId, UnixTime};
use vault::{Sink, VaultError};

use crate::backup::{Run, locked};
use crate::error::ComputerError;
use crate::line::escaped;
use crate::parcels::{Parcel, hand_on};
use crate::versions::fetch;

/// Objects of the newest version: from here, or from the box.
pub(crate) struct Near<'n> {
    pub(crate) run: &'n Run<'n>,
    pub(crate) version: Option<&'n str>,
    pub(crate) failed: &'n Mutex<Option<ComputerError>>,
}

impl ObjectReader for Near<'_> {
    type Error = VaultError;

    fn get(&self, id: &ObjectId) -> Result<Arc<Vec<u8>>, VaultError> {
        if let Some(bytes) = locked(self.run.objects).get(id) {
            return Ok(Arc::new(bytes));
        }
        let lost = || VaultError::Lost { chunk: *id, detail: String::new() };
        let version = self.version.ok_or_else(lost)?;
        let Run { line, pairing, keys, .. } = self.run;
        match fetch((line, pairing, keys), version, &[(true, *id)]) {
            Ok(mut pieces) => {
                let bytes = pieces.pop().ok_or_else(lost)?;
                // A cache that cannot be written only costs work.
                drop(locked(self.run.objects).put(*id, &bytes));
                Ok(Arc::new(bytes))
            }
            Err(error) => {
                let refused = matches!(error, ComputerError::Refused { .. });
                if !refused {
                    locked(self.failed).get_or_insert(error);
                    return Err(VaultError::Stopped);
                }
                Err(lost())
            }
        }
    }
}

/// The sink: what is new goes to the box.
pub(crate) struct Outbound<'o> {
    run: &'o Run<'o>,
    near: &'o Near<'o>,
    out: SyncSender<Parcel>,
    parcel: Parcel,
    /// What was handed on in this walk.
    known: HashSet<ChunkId>,
    doubtful: bool,
    failed: &'o Mutex<Option<ComputerError>>,
}

impl<'o> Outbound<'o> {
    pub(crate) fn new(
        (run, near): (&'o Run<'o>, &'o Near<'o>),
        out: SyncSender<Parcel>,
        doubtful: bool,
        failed: &'o Mutex<Option<ComputerError>>,
    ) -> Self {
        let (parcel, known) = (Parcel::default(), HashSet::new());
        Self { run, near, out, parcel, known, doubtful, failed }
    }

    fn hand(&mut self, is_object: bool, id: ChunkId, bytes: &[u8]) -> Result<(), VaultError> {
        if !self.known.insert(id) {
            return Ok(());
        }
        if locked(self.failed).is_some() {
            return Err(VaultError::Stopped);
        }
        self.parcel.push(is_object, &id, bytes);
        if self.parcel.is_full() {
            hand_on(&self.out, &mut self.parcel);
        }
        Ok(())
    }

    /// Hands on what is left.
    pub(crate) fn flush(mut self) {
        if !self.parcel.is_empty() {
            hand_on(&self.out, &mut self.parcel);
        }
    }
}

impl ObjectReader for Outbound<'_> {
    type Error = VaultError;

    fn get(&self, id: &ObjectId) -> Result<Arc<Vec<u8>>, VaultError> {
        self.near.get(id)
    }
}

impl ObjectWriter for Outbound<'_> {
    fn put(&mut self, cbor: Vec<u8>) -> Result<ObjectId, VaultError> {
        self.put_bytes(PackKind::Meta, &cbor)
    }
}

impl Sink for Outbound<'_> {
    type Piece = Vec<u8>;

    fn put_bytes(&mut self, kind: PackKind, bytes: &[u8]) -> Result<ChunkId, VaultError> {
        let id = self.run.keys.id_in(kind, bytes);
        if kind == PackKind::Data {
            self.hand(false, id, bytes)?;
            return Ok(id);
        }
        let is_new = locked(self.run.objects).put(id, bytes);
        let is_new = is_new.map_err(|source| VaultError::Stream { source })?;
        // One that is here was in a version, or sent for one. If the box has none any more, it says so at
        // the end.
        if is_new || self.doubtful {
            self.hand(true, id, bytes)?;
        }
        Ok(id)
    }

    fn chunk_id(&self, bytes: &[u8]) -> ChunkId {
        self.run.keys.chunk_id(bytes)
    }

    fn old_chunk(&self, _id: &ChunkId) -> Option<Vec<u8>> {
        // To fetch it would take as long as to send the new one.
        None
    }

    fn is_doubtful(&self) -> Result<bool, VaultError> {
        Ok(self.doubtful)
    }

    fn is_safe(&self, id: &ChunkId) -> bool {
        let names = calls::afar::name(false, &id.0);
        let source = escaped(&self.run.pairing.source);
        let lacks = self.run.line.post(&format!("computers/{source}/lacking"), &names);
        lacks.is_ok_and(|lacks| lacks == [0])
    }

    fn now(&self) -> UnixTime {
        self.run.line.now()
    }
}
