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
    naming: NamingKeys,
}

/// The keys with which files of one space are cut and what is stored is named. They open nothing: who has
/// them can say what a piece would be called, and neither read a pack nor make one.
#[derive(Clone)]
pub struct NamingKeys {
    chunk_id: Zeroizing<[u8; 32]>,
    object_id: Zeroizing<[u8; 32]>,
    chunker: Zeroizing<[u8; 32]>,
}

/// Bytes of [`NamingKeys`] outside of memory.
const NAMING_LEN: usize = 96;

impl NamingKeys {
    /// For a computer that cuts and names what it sends: 96 bytes.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let keys = [&self.chunk_id, &self.object_id, &self.chunker];
        // With its length at once: no copy is left behind by growing.
        let mut bytes = Zeroizing::new(Vec::with_capacity(NAMING_LEN));
        keys.iter().for_each(|key| bytes.extend_from_slice(&key[..]));
        bytes
    }

    /// And back; none when these are no such keys.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let ([chunk_id, object_id, chunker], []) = bytes.as_chunks::<32>() else { return None };
        let key = |bytes: &[u8; 32]| Zeroizing::new(*bytes);
        Some(Self { chunk_id: key(chunk_id), object_id: key(object_id), chunker: key(chunker) })
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

    pub(crate) fn chunker_key(&self) -> &[u8; 32] {
        &self.chunker
    }
}

impl fmt::Debug for NamingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NamingKeys(..)")
    }
}

impl SpaceKeys {
    pub(crate) fn derive(space_key: &[u8; 32]) -> Self {
        let key = |context| Zeroizing::new(blake3::derive_key(context, space_key));
        Self {
            data: key(contexts::DATA_PACKS),
            meta: key(contexts::META_PACKS),
            index: key(contexts::INDEX_PACKS),
            naming: NamingKeys {
                chunk_id: key(contexts::CHUNK_ID),
                object_id: key(contexts::OBJECT_ID),
                chunker: key(contexts::CHUNKER),
            },
        }
    }

    /// Those that only cut and name.
    pub fn naming(&self) -> &NamingKeys {
        &self.naming
    }

    /// The name of a piece of a file, as data packs hold it.
    pub fn chunk_id(&self, plaintext: &[u8]) -> ChunkId {
        self.naming.chunk_id(plaintext)
    }

    /// The name of a metadata object's CBOR, as meta packs hold it.
    pub fn object_id(&self, cbor: &[u8]) -> ObjectId {
        self.naming.object_id(cbor)
    }

    /// The name of an object in a pack of this kind.
    pub fn id_in(&self, kind: PackKind, plaintext: &[u8]) -> ChunkId {
        self.naming.id_in(kind, plaintext)
    }

    /// What packs of this kind derive their own keys from.
    pub(crate) fn pack_key(&self, kind: PackKind) -> &[u8; 32] {
        match kind {
            PackKind::Data => &self.data,
            PackKind::Meta => &self.meta,
            PackKind::Index => &self.index,
        }
    }
}

impl fmt::Debug for SpaceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpaceKeys(..)")
    }
}
