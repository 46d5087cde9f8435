//! The master key, and the keys of one space that follow from its own key.
//!
//! Keys are wiped when dropped and never shown by `Debug`. How they are wrapped and unwrapped is
//! in `ring`.

use std::fmt;

use format::pack::PackKind;
use types::{ChunkId, ObjectId, Rng};
use zeroize::Zeroizing;

use crate::contexts;

/// The vault's master key: random, wrapped in every slot, wraps everything else.
#[derive(Clone)]
pub(crate) struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    pub(crate) fn generate(rng: &dyn Rng) -> Self {
        Self(Zeroizing::new(rng.array()))
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|key| Self(Zeroizing::new(key)))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

/// The keys of one space. All follow from the space's key; none leads back to it.
#[derive(Clone)]
pub struct SpaceKeys {
    data: Zeroizing<[u8; 32]>,
    meta: Zeroizing<[u8; 32]>,
    index: Zeroizing<[u8; 32]>,
    chunk_id: Zeroizing<[u8; 32]>,
    object_id: Zeroizing<[u8; 32]>,
    chunker: Zeroizing<[u8; 32]>,
}

impl SpaceKeys {
    pub(crate) fn derive(space_key: &[u8; 32]) -> Self {
        let key = |context| Zeroizing::new(blake3::derive_key(context, space_key));
        Self {
            data: key(contexts::DATA_PACKS),
            meta: key(contexts::META_PACKS),
            index: key(contexts::INDEX_PACKS),
            chunk_id: key(contexts::CHUNK_ID),
            object_id: key(contexts::OBJECT_ID),
            chunker: key(contexts::CHUNKER),
        }
    }

    /// The name of a piece of a file, as data packs hold it.
    pub fn chunk_id(&self, plaintext: &[u8]) -> ChunkId {
        ChunkId(*blake3::keyed_hash(&self.chunk_id, plaintext).as_bytes())
    }

    /// The name of a metadata object's CBOR, as meta packs hold it.
    pub fn object_id(&self, cbor: &[u8]) -> ObjectId {
        ChunkId(*blake3::keyed_hash(&self.object_id, cbor).as_bytes())
    }

    /// The name of an object in a pack of this kind.
    pub fn id_in(&self, kind: PackKind, plaintext: &[u8]) -> ChunkId {
        match kind {
            PackKind::Data => self.chunk_id(plaintext),
            PackKind::Meta | PackKind::Index => self.object_id(plaintext),
        }
    }

    /// What packs of this kind derive their own keys from.
    pub(crate) fn pack_key(&self, kind: PackKind) -> &[u8; 32] {
        match kind {
            PackKind::Data => &self.data,
            PackKind::Meta => &self.meta,
            PackKind::Index => &self.index,
        }
    }

    pub(crate) fn chunker_key(&self) -> &[u8; 32] {
        &self.chunker
    }
}

impl fmt::Debug for SpaceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpaceKeys(..)")
    }
}
