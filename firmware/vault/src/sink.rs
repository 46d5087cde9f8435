//! Where a backup's chunks and objects go: into the vault of this computer, or over a line to another.
//!
//! The walk and the cut are the same for both; what is new and where it is kept is the sink's to know.
//! Start at [`Sink`].

use std::ops::Deref;

use format::pack::PackKind;
use tree::ObjectWriter;
use types::{ChunkId, UnixTime};

use crate::error::VaultError;

/// What takes chunks and objects, each under the name that follows from its bytes.
pub trait Sink: ObjectWriter<Error = VaultError> {
    /// The bytes of a chunk that was stored before.
    type Piece: Deref<Target = [u8]>;

    /// Names bytes and keeps them unless they are known.
    fn put_bytes(&mut self, kind: PackKind, bytes: &[u8]) -> Result<ChunkId, VaultError>;

    /// The name of a piece of a file.
    fn chunk_id(&self, bytes: &[u8]) -> ChunkId;

    /// The bytes of a chunk of an older version, where they are near: a changed block is then compared
    /// with them and stored alone. None stores the chunk whole.
    fn old_chunk(&self, id: &ChunkId) -> Option<Self::Piece>;

    /// Whether some of what older versions are made of is lost or on too few disks, so that
    /// [`Sink::is_safe`] has to be asked for each.
    fn is_doubtful(&self) -> Result<bool, VaultError>;

    /// Whether a chunk of an older version is where a new copy would be.
    fn is_safe(&self, id: &ChunkId) -> bool;

    /// This moment: a file that changed just now is read again next time.
    fn now(&self) -> UnixTime;
}
