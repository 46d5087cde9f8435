//! An object store in memory that counts what is read and written. For tests only.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

use tree::{ObjectReader, ObjectWriter};
use types::ObjectId;

/// Objects by plain BLAKE3: a vault would key it.
#[derive(Debug, Default)]
pub(crate) struct MemoryStore {
    pub(crate) objects: HashMap<ObjectId, Arc<Vec<u8>>>,
    /// Bytes of objects that were new.
    pub(crate) written: usize,
    /// Objects handed out.
    pub(crate) reads: Cell<usize>,
}

/// Nothing of that id.
#[derive(Debug)]
pub(crate) struct Missing(pub(crate) ObjectId);

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no object {}", self.0)
    }
}

impl std::error::Error for Missing {}

impl ObjectReader for MemoryStore {
    type Error = Missing;

    fn get(&self, id: &ObjectId) -> Result<Arc<Vec<u8>>, Missing> {
        self.reads.set(self.reads.get() + 1);
        self.objects.get(id).cloned().ok_or(Missing(*id))
    }
}

impl ObjectWriter for MemoryStore {
    fn put(&mut self, cbor: Vec<u8>) -> Result<ObjectId, Missing> {
        let id = types::ChunkId(*blake3::hash(&cbor).as_bytes());
        if !self.objects.contains_key(&id) {
            self.written += cbor.len();
            self.objects.insert(id, Arc::new(cbor));
        }
        Ok(id)
    }
}
