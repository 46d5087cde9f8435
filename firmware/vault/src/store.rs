//! Objects of one space, as `tree` and everybody else in this crate sees them.
//!
//! Looks in the catalog first, then in what is not sealed yet. Never holds the writer longer than
//! one object takes.

use std::sync::Arc;

use format::pack::PackKind;
use seal::SpaceKeys;
use tree::{ObjectReader, ObjectWriter};
use types::{ChunkId, ObjectId, SpaceId};

use crate::Vault;
use crate::error::VaultError;
use crate::fresh::Fresh;
use crate::reader::Ghost;

/// The bytes of a chunk or object: whole, or within its frame.
#[derive(Clone, Debug)]
pub(crate) enum Bytes {
    Piece(crate::reader::Piece),
    Owned(Vec<u8>),
}

impl std::ops::Deref for Bytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            Self::Piece(piece) => piece.bytes(),
            Self::Owned(bytes) => bytes,
        }
    }
}

impl Vault {
    pub(crate) fn space_keys(&self, space: SpaceId) -> Result<SpaceKeys, VaultError> {
        let ring = self.keys.ring();
        ring.space(space)
            .cloned()
            .ok_or_else(|| VaultError::NotFound { what: "space", name: space.to_string() })
    }

    /// An object's bytes, checked against its id.
    pub(crate) fn object(
        &self,
        space: SpaceId,
        kind: PackKind,
        id: &ChunkId,
    ) -> Result<Bytes, VaultError> {
        // Lost where the catalog has it, it may have been stored anew since.
        let lost = match self.reader.object(id) {
            Ok(Some(piece)) => return Ok(Bytes::Piece(piece)),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        let fresh = self.writer().fresh(space, kind, id)?;
        let Some(fresh) = fresh else { return self.sealed_meanwhile(id, lost) };
        match self.read_fresh(space, kind, id, fresh) {
            Ok(bytes) => Ok(bytes),
            // The pack may be on its way to its final name since we asked: in no list for a moment.
            // Asked again, the writer waits for that.
            Err(error) => match self.writer().fresh(space, kind, id)? {
                Some(Fresh::Bytes(bytes)) => Ok(Bytes::Owned(bytes)),
                _ => self.sealed_meanwhile(id, Some(error)),
            },
        }
    }

    fn read_fresh(
        &self,
        space: SpaceId,
        kind: PackKind,
        id: &ChunkId,
        fresh: Fresh,
    ) -> Result<Bytes, VaultError> {
        let (name, header, placed, on) = match fresh {
            Fresh::Bytes(bytes) => return Ok(Bytes::Owned(bytes)),
            Fresh::InOpen { name, header, placed, on } => (name, header, placed, on),
        };
        let volumes: Vec<_> = {
            let members = self.members();
            let found = on.iter().filter_map(|id| members.get(*id));
            found.map(|member| Arc::clone(&member.volume)).collect()
        };
        let mut last = VaultError::Lost { chunk: *id, detail: String::new() };
        for volume in volumes {
            let header = header.clone();
            let ghost = Ghost { volume, name, header, space, kind };
            match self.reader.read_open_pack(&ghost, id, placed) {
                Ok(piece) => return Ok(Bytes::Piece(piece)),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn sealed_meanwhile(
        &self,
        id: &ChunkId,
        last: Option<VaultError>,
    ) -> Result<Bytes, VaultError> {
        match self.reader.object(id)? {
            Some(piece) => Ok(Bytes::Piece(piece)),
            None => {
                Err(last.unwrap_or_else(|| VaultError::Lost { chunk: *id, detail: String::new() }))
            }
        }
    }
}

/// One space's metadata objects, for `tree`.
#[derive(Debug)]
pub(crate) struct SpaceStore<'a> {
    pub(crate) vault: &'a Vault,
    pub(crate) space: SpaceId,
}

impl ObjectReader for SpaceStore<'_> {
    type Error = VaultError;

    fn get(&self, id: &ObjectId) -> Result<Arc<Vec<u8>>, VaultError> {
        let bytes = self.vault.object(self.space, PackKind::Meta, id)?;
        Ok(Arc::new(bytes.to_vec()))
    }
}

impl ObjectWriter for SpaceStore<'_> {
    fn put(&mut self, cbor: Vec<u8>) -> Result<ObjectId, VaultError> {
        let id = self.vault.space_keys(self.space)?.object_id(&cbor);
        self.vault.writer().put(self.space, PackKind::Meta, id, &cbor)?;
        Ok(id)
    }
}

impl<E: std::error::Error + Send + Sync + Into<Self> + 'static> From<tree::TreeError<E>>
    for VaultError
{
    fn from(error: tree::TreeError<E>) -> Self {
        match error {
            tree::TreeError::Store(inner) => inner.into(),
            tree::TreeError::NotFound { path } => {
                // Put in quotes, and its odd signs escaped, where the sentence is made.
                let name = String::from_utf8_lossy(&path).into_owned();
                Self::NotFound { what: "file or folder", name }
            }
            tree::TreeError::NotAFolder { path } => {
                Self::NotA { path: tree::shown(&path).to_string(), wanted: "folder" }
            }
            other => Self::Tree(other.to_string()),
        }
    }
}
