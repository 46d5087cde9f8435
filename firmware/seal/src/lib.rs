//! Chunk, compress, encrypt, address: the only crate that meets keys.
//!
//! Bytes in, bytes out: nothing here opens a file, reads a clock or draws its own randomness.
//! Every sealed frame is opened again and its objects are named again before a caller sees it, so
//! that a fault in memory or in a codec is never stored as good. Byte layouts are in `format`; the
//! cryptography around them is drawn in `docs/formats/{keys,pack,head}.md`, precisely enough to
//! write another reader from.
//!
//! Start reading at [`KeyRing`], then [`PackSealer`] and [`PackOpener`].

mod beside;
pub mod chunker;
mod cipher;
pub mod contexts;
mod head;
mod keys;
mod pack;
mod ring;
mod sealed_box;
mod slots;
mod words;

pub use beside::{open_beside, seal_beside};
pub use chunker::Chunker;
pub use head::{HeadError, open_head, seal_head, verify_signature};
pub(crate) use keys::MasterKey;
pub use keys::{NamingKeys, SpaceKeys};
#[cfg(feature = "bodiless")]
pub use pack::bodiless;
pub use pack::{
    Codecs, FinishedPack, Object, OpenError, OpenedFrame, PackIdentity, PackOpener, PackSealer,
    Prefix, PrefixEnd, ReadAt, ReadError, SealError, SealedFrame, SealedPart,
};
pub use ring::{FIRST_SPACE_NAME, KeyFileError, KeyRing, Space, UnlockError, WriterSigner};
pub use slots::{ARGON2_LANES, ARGON2_MEMORY_KIB, ARGON2_PASSES, KeyHolder, Secret, SlotName};
pub use words::{WORD_COUNT, Words, WordsError};
