//! What is kept of an upload that is not a file yet: one record, in an extended attribute of the entry on
//! the bench that holds its bytes so far. The entry's size is the upload's offset.
//!
//! CBOR map with small integer keys; a reader skips keys that it does not know. Drawn in
//! `docs/formats/records.md`.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use types::UnixTime;

/// The attribute that holds the record.
pub const UPLOAD_XATTR: &str = "holdfast.upload";

/// What becomes of a finished upload where something stands already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum IfExists {
    /// Both are kept, the new one under a name of its own.
    #[default]
    #[n(0)]
    KeepBoth,
    /// The new one takes its place; the old one stays as a version.
    #[n(1)]
    Replace,
}

/// What an upload is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum UploadKind {
    /// A file.
    #[default]
    #[n(0)]
    Whole,
    /// A piece that is to be joined with others.
    #[n(1)]
    Piece,
    /// Bytes that came with a checksum which nobody has compared yet.
    #[n(2)]
    Doubtful,
}

/// One word that came with an upload.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct UploadWord {
    /// Its key.
    #[n(0)]
    pub key: String,
    /// Its value, decoded.
    #[n(1)]
    pub value: ByteVec,
}

/// An upload.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Upload {
    /// Who began it; nobody else may touch it.
    #[n(0)]
    pub owner: String,
    /// When.
    #[n(1)]
    pub created: UnixTime,
    /// When it is thrown away, unless more comes.
    #[n(2)]
    pub expires: UnixTime,
    /// How long it is to be; none while nobody has said.
    #[n(3)]
    pub length: Option<u64>,
    /// What it is.
    #[n(4)]
    pub kind: UploadKind,
    /// The source that the file goes to.
    #[n(5)]
    pub source: String,
    /// The path there.
    #[n(6)]
    pub path: ByteVec,
    /// What its sender said of it.
    #[n(7)]
    #[cbor(default)]
    pub words: Vec<UploadWord>,
    /// What becomes of it where something stands.
    #[n(8)]
    #[cbor(default)]
    pub if_exists: IfExists,
    /// The tag of what it is to replace.
    #[n(9)]
    pub expected: Option<ByteVec>,
    /// The path of the file that it became. The entry then holds no bytes.
    #[n(10)]
    pub finished: Option<ByteVec>,
}
