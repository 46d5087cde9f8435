//! Where what is restored is read from: the vault of this computer, or a line to another.
//!
//! Start at [`Pieces`].

use std::ops::Deref;

use format::pack::PackKind;
use tree::ObjectReader;
use types::ChunkId;

use crate::error::VaultError;
use crate::store::{Bytes, SpaceStore};

/// Where what is restored is read from.
pub trait Pieces: ObjectReader<Error = VaultError> {
    /// The bytes of a chunk.
    type Piece: Deref<Target = [u8]>;

    /// A chunk's bytes, checked against its name.
    fn piece(&self, id: &ChunkId) -> Result<Self::Piece, VaultError>;
}

impl Pieces for SpaceStore<'_> {
    type Piece = Bytes;

    fn piece(&self, id: &ChunkId) -> Result<Bytes, VaultError> {
        self.vault.object(self.space, PackKind::Data, id)
    }
}
