//! What an upload is, what is told of it, and how it lies on the bench.
//!
//! Data only. Start at [`OnBench`].

use format::entry::{Attrs, Entry, Xattr};
use format::upload::{IfExists, UPLOAD_XATTR, Upload, UploadKind, UploadWord};
use format::{from_cbor, to_cbor};
use tree::Tag;
use types::UnixTime;
use vault::Receipt;

use crate::tag::{from_hex, hex};

/// The number of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UploadId([u8; 16]);

impl UploadId {
    /// The number that was written as 32 hex digits.
    pub fn read(text: &str) -> Option<Self> {
        Some(Self(from_hex(text)?.try_into().ok()?))
    }

    pub(crate) fn new(id: [u8; 16]) -> Self {
        Self(id)
    }

    pub(crate) fn name(self) -> Vec<u8> {
        hex(&self.0).into_bytes()
    }

    /// Where bytes wait whose checksum was not compared yet.
    pub(crate) fn doubtful_name(self) -> Vec<u8> {
        format!("{}.doubtful", hex(&self.0)).into_bytes()
    }
}

impl std::fmt::Display for UploadId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// What an upload is to be.
#[derive(Clone, Debug, Default)]
pub struct NewUpload {
    /// Who begins it.
    pub owner: String,
    /// How long it is to be, where that is known.
    pub length: Option<u64>,
    /// A piece is joined with others later; it has no path.
    pub piece: bool,
    /// The source that it goes to.
    pub source: String,
    /// The path there; the folders above it are made.
    pub path: Vec<u8>,
    /// What its sender says of it: `mtime`, `filetype`, checksums, words of their own.
    pub words: Vec<UploadWord>,
    /// What becomes of it where something stands.
    pub if_exists: IfExists,
    /// The tag of what it is to replace: where that has changed by then, both are kept.
    pub expected: Option<Tag>,
    /// What its owner may still store.
    pub room: Option<u64>,
}

/// How an upload stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadState {
    /// Its number.
    pub id: UploadId,
    /// Bytes that are durable.
    pub offset: u64,
    /// How long it is to be.
    pub length: Option<u64>,
    /// When it is thrown away.
    pub expires: UnixTime,
    /// Whether it is a piece.
    pub piece: bool,
    /// The file that it became.
    pub finished: Option<Vec<u8>>,
    /// What its sender said of it.
    pub words: Vec<UploadWord>,
    /// On how many disks all of it is, and on how many it shall be; none where nobody knows any more,
    /// because the file that it became was moved or changed since.
    pub receipt: Option<Receipt>,
}

/// An upload as it lies on the bench.
#[derive(Clone, Debug)]
pub(crate) struct OnBench {
    pub(crate) id: UploadId,
    pub(crate) entry: Entry,
    pub(crate) record: Upload,
}

impl OnBench {
    /// Reads an entry of the bench; none when it is something else.
    pub(crate) fn read(entry: Entry) -> Option<Self> {
        let name = std::str::from_utf8(&entry.name).ok()?;
        let id = UploadId::read(name.strip_suffix(".doubtful").unwrap_or(name))?;
        let record =
            entry.attrs.xattrs.iter().find(|x| x.name.as_slice() == UPLOAD_XATTR.as_bytes());
        let record = from_cbor("upload", &record?.value).ok()?;
        Some(Self { id, entry, record })
    }

    pub(crate) fn offset(&self) -> u64 {
        // A finished one has given its bytes away.
        if self.record.finished.is_some() {
            self.record.length.unwrap_or(0)
        } else {
            self.entry.size
        }
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.record.length == Some(self.offset())
    }

    pub(crate) fn state(&self, receipt: Option<Receipt>) -> UploadState {
        UploadState {
            id: self.id,
            offset: self.offset(),
            length: self.record.length,
            expires: self.record.expires,
            piece: self.record.kind == UploadKind::Piece,
            finished: self.record.finished.as_ref().map(|path| path.to_vec()),
            words: self.record.words.clone(),
            receipt,
        }
    }
}

/// The attributes of a bench's entry.
pub(crate) fn attrs_of(record: &Upload) -> Attrs {
    let (name, value) = (UPLOAD_XATTR.as_bytes().to_vec(), to_cbor(record));
    let xattrs = vec![Xattr { name: name.into(), value: value.into() }];
    Attrs { mode: 0o600, xattrs, ..Attrs::default() }
}
