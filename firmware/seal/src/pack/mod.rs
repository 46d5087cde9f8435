//! Packs: sealed as they are written, opened frame by frame.
//!
//! [`PackSealer`] makes the bytes that every copy of a pack shares; [`PackOpener`] reads them back
//! through any [`ReadAt`]. Neither ever continues a pack that something else began: after a crash
//! what is left is read and sealed again under a new salt, because a salt and a frame number may
//! meet only one plaintext. Layout: `format::pack`; cryptography: `docs/formats/pack.md`.

#[cfg(feature = "bodiless")]
pub mod bodiless;
mod codecs;
mod faults;
mod key;
mod open;
mod read;
mod scan;
mod write;

pub use codecs::Codecs;
pub use open::{Object, OpenError, OpenedFrame, PackOpener, ReadError, SealedPart};
pub use read::ReadAt;
pub use scan::{Prefix, PrefixEnd};
pub use write::{FinishedPack, PackIdentity, PackSealer, SealError, SealedFrame};

#[cfg(test)]
mod tests;
