//! Every byte layout Holdfast stores: packs, records, heads, key files, superblocks.
//!
//! This crate turns bytes into values and back. It never encrypts, hashes nothing but checksums,
//! and does no I/O; who holds the keys is `seal`'s affair. A layout that was released is never
//! edited: a new version gets a new module, and this one stays to read old disks.
//! Layouts are drawn in `docs/formats/`. Start reading at [`pack`], then [`record`].
#![warn(missing_docs)]

pub mod entry;
pub mod head;
pub mod keys;
pub mod note;
pub mod pack;
pub mod record;
pub mod superblock;
pub mod upload;
mod wire;

use thiserror::Error;

/// Why bytes are not the layout they should be.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormatError {
    /// Fewer bytes than the layout needs, or more.
    #[error("{what}: {found} bytes where {wanted} were expected")]
    Length {
        /// The layout.
        what: &'static str,
        /// Bytes wanted.
        wanted: usize,
        /// Bytes found.
        found: usize,
    },
    /// The first bytes are not this layout's.
    #[error("{what}: not a Holdfast file of this kind")]
    Magic {
        /// The layout.
        what: &'static str,
    },
    /// Written by a newer Holdfast.
    #[error("{what}: version {found} is newer than this Holdfast reads ({known})")]
    Version {
        /// The layout.
        what: &'static str,
        /// Version found.
        found: u16,
        /// Newest version known.
        known: u16,
    },
    /// A field holds a value that it may not.
    #[error("{what}: {field} holds a value that it cannot have")]
    Field {
        /// The layout.
        what: &'static str,
        /// The field.
        field: &'static str,
    },
    /// The checksum over the bytes does not match.
    #[error("{what}: the checksum does not match")]
    Checksum {
        /// The layout.
        what: &'static str,
    },
    /// A CBOR record that cannot be read.
    #[error("{what}: {detail}")]
    Cbor {
        /// The record.
        what: &'static str,
        /// What the decoder said.
        detail: String,
    },
}

/// Encodes a record as CBOR.
pub fn to_cbor<T: minicbor::Encode<()>>(record: &T) -> Vec<u8> {
    let mut out = Vec::new();
    // A Vec takes every write; the encoder itself fails only when its writer does.
    minicbor::encode(record, &mut out).expect("writing to memory does not fail");
    out
}

/// Decodes a CBOR record; bytes after it are an error.
pub fn from_cbor<'b, T: minicbor::Decode<'b, ()>>(
    what: &'static str,
    bytes: &'b [u8],
) -> Result<T, FormatError> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let record = decoder.decode().map_err(|error: minicbor::decode::Error| FormatError::Cbor {
        what,
        detail: error.to_string(),
    })?;
    if decoder.position() == bytes.len() {
        Ok(record)
    } else {
        Err(FormatError::Length { what, wanted: decoder.position(), found: bytes.len() })
    }
}
