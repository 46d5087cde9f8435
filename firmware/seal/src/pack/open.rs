//! Opening a pack: header, single frames, trailer, footer.
//!
//! Every error says whether the disk refused, the bytes ended, or the bytes are not what was
//! sealed: repair differs. Nothing that fails to authenticate is ever handed out. Start reading at
//! [`PackOpener::new`].

use std::fmt;
use std::io;

use format::FormatError;
use format::pack::{
    BODY_LEN_MAX, Codec, FOOTER_LEN, FRAME_HEAD_LEN, Footer, FrameHead, FrameType, HEADER_LEN,
    PackHeader, PackKind, SEALED_FOOTER_LEN, SEALED_HEAD_LEN, SIZE_MAX, TAG_LEN, TableEntry,
    Trailer, TrailerFrame, decode_table,
};
use thiserror::Error;
use types::sabotage::{self, Bug};
use types::{Bytes, ChunkId, SpaceId, VaultId};

use super::key::{PackKey, Part};
use super::read::{ReadAt, read_full};
use crate::ring::EPOCH;
use crate::{Codecs, KeyRing, SpaceKeys};

/// Why a pack's header does not lead to its key.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// Not a pack's header.
    #[error("the pack's header cannot be read")]
    Header(#[source] FormatError),
    /// Another vault's pack.
    #[error("the pack belongs to vault {found}, not to {wanted}")]
    OtherVault {
        /// The pack's vault.
        found: VaultId,
        /// Ours.
        wanted: VaultId,
    },
    /// A space that the key file lacks.
    #[error("the pack belongs to space {space}, which the vault does not have")]
    UnknownSpace {
        /// The space.
        space: SpaceId,
    },
    /// Sealed under a key epoch of a later version.
    #[error("the pack uses key epoch {epoch}, which this Holdfast does not know")]
    UnknownEpoch {
        /// The epoch.
        epoch: u32,
    },
    /// The header's commitment is another key's: damaged, forged, or not our space's.
    #[error("the pack's header does not match the key of space {space}")]
    WrongKey {
        /// The space the header names.
        space: SpaceId,
    },
}

impl OpenError {
    /// What the owner can do now.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Header(_) | Self::WrongKey { .. } => "Read another copy of this pack.",
            Self::OtherVault { .. } => "Unlock the vault that this pack belongs to.",
            Self::UnknownSpace { .. } => "Use the newest key file of the vault.",
            Self::UnknownEpoch { .. } => "Update Holdfast, then try again.",
        }
    }
}

/// A sealed part of a pack, to say which one failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedPart {
    /// A frame's head, by frame number.
    Head(u32),
    /// A frame's body, by frame number.
    Body(u32),
    /// The footer.
    Footer,
}

impl fmt::Display for SealedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head(number) => write!(f, "the head of frame {number}"),
            Self::Body(number) => write!(f, "the body of frame {number}"),
            Self::Footer => write!(f, "the footer"),
        }
    }
}

/// Why part of a pack was not read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The disk refused.
    #[error("the pack cannot be read at {offset}")]
    Io {
        /// Where in the file.
        offset: u64,
        /// What the disk said.
        source: io::Error,
    },
    /// The file ends too early.
    #[error("the pack ends before {part} does")]
    Short {
        /// What was being read.
        part: SealedPart,
    },
    /// The bytes are not what was sealed.
    #[error("{part} is damaged or forged")]
    Damaged {
        /// What failed to authenticate.
        part: SealedPart,
    },
    /// Authentic, and not what this Holdfast reads there.
    #[error("{part} is authentic and cannot be read")]
    Malformed {
        /// What was read.
        part: SealedPart,
        /// What is wrong with it.
        source: FormatError,
    },
    /// Authentic, and the compressed payload does not decompress to what its head says.
    #[error("frame {number} is authentic and does not decompress")]
    Codec {
        /// The frame.
        number: u32,
        /// What the decompressor said.
        source: io::Error,
    },
    /// The footer is another length's: bytes were lost or added.
    #[error("the pack is {found} long and its footer says {wanted}")]
    Length {
        /// By the footer.
        wanted: Bytes,
        /// The file.
        found: Bytes,
    },
}

impl ReadError {
    /// What the owner can do now.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Io { .. } => "Check the cable, then run a disk check.",
            Self::Short { .. } | Self::Damaged { .. } | Self::Length { .. } => {
                "Repair the vault: another copy of this pack takes its place."
            }
            Self::Malformed { .. } | Self::Codec { .. } => {
                "Update Holdfast; if that does not help, report it, for the pack is as it was made."
            }
        }
    }

    fn malformed(part: SealedPart) -> impl FnOnce(FormatError) -> Self {
        move |source| Self::Malformed { part, source }
    }
}

/// One object of an opened frame.
#[derive(Clone, Copy)]
pub struct Object<'a> {
    /// The name it is stored under.
    pub id: ChunkId,
    /// Its plaintext.
    pub bytes: &'a [u8],
    kind: PackKind,
}

impl Object<'_> {
    /// Whether the plaintext is what its name says. Checked on every read.
    #[must_use]
    pub fn verify(&self, keys: &SpaceKeys) -> bool {
        keys.id_in(self.kind, self.bytes) == self.id
    }
}

impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({}, {} bytes)", self.id.short(), self.bytes.len())
    }
}

/// A frame, opened and decompressed.
pub struct OpenedFrame {
    /// Its number in the pack.
    pub number: u32,
    /// Its head.
    pub head: FrameHead,
    /// Its objects' names and lengths.
    pub table: Vec<TableEntry>,
    kind: PackKind,
    buffer: Vec<u8>,
    payload_start: usize,
}

impl OpenedFrame {
    /// The payload: all objects one after the other, or the commit record, or the trailer.
    pub fn payload(&self) -> &[u8] {
        &self.buffer[self.payload_start..]
    }

    /// Bytes of memory that it takes: its buffer may have held a longer frame before.
    pub fn memory(&self) -> u64 {
        self.buffer.capacity() as u64
    }

    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }

    /// The objects in table order.
    pub fn objects(&self) -> impl Iterator<Item = Object<'_>> {
        let mut rest = self.payload();
        self.table.iter().map(move |entry| {
            let (bytes, after) = rest.split_at(entry.len as usize);
            rest = after;
            Object { id: entry.id, bytes, kind: self.kind }
        })
    }

    /// The object at this place in the table, without walking the payload.
    pub fn object(&self, index: usize) -> Option<Object<'_>> {
        let entry = self.table.get(index)?;
        let start = self.table[..index].iter().map(|before| before.len as usize).sum::<usize>();
        let bytes = &self.payload()[start..start + entry.len as usize];
        Some(Object { id: entry.id, bytes, kind: self.kind })
    }
}

impl fmt::Debug for OpenedFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenedFrame")
            .field("number", &self.number)
            .field("head", &self.head)
            .finish_non_exhaustive()
    }
}

/// A pack whose key was found. Reads nothing by itself.
pub struct PackOpener {
    pub(super) key: PackKey,
    space_keys: SpaceKeys,
}

impl PackOpener {
    /// Finds the pack's key by the first [`HEADER_LEN`] of `header`, and checks its commitment
    /// before the key is used for anything.
    pub fn new(header: &[u8], keys: &KeyRing) -> Result<Self, OpenError> {
        let bytes = &header[..header.len().min(HEADER_LEN)];
        let header = PackHeader::decode(bytes).map_err(OpenError::Header)?;
        if header.vault != keys.vault() {
            return Err(OpenError::OtherVault { found: header.vault, wanted: keys.vault() });
        }
        if header.epoch != EPOCH {
            return Err(OpenError::UnknownEpoch { epoch: header.epoch });
        }
        let space = header.space;
        let space_keys = keys.space(space).ok_or(OpenError::UnknownSpace { space })?.clone();
        let stored = header.commitment;
        let (key, commitment) = PackKey::derive(header, &space_keys);
        // blake3::Hash compares in constant time.
        if commitment != stored && !sabotage::on(Bug::CommitmentUnchecked) {
            return Err(OpenError::WrongKey { space });
        }
        Ok(Self { key, space_keys })
    }

    /// The header.
    pub fn header(&self) -> &PackHeader {
        &self.key.header
    }

    /// The keys of the pack's space: for [`Object::verify`].
    pub fn space_keys(&self) -> &SpaceKeys {
        &self.space_keys
    }

    /// Opens the head of frame `number`.
    pub fn open_frame_head(
        &self,
        number: u32,
        sealed: &[u8; SEALED_HEAD_LEN],
    ) -> Result<FrameHead, ReadError> {
        let part = SealedPart::Head(number);
        let (bytes, tag) = sealed.split_last_chunk::<TAG_LEN>().expect("a head is longer");
        let mut bytes: [u8; FRAME_HEAD_LEN] = bytes.try_into().expect("the rest of a sealed head");
        self.key
            .open(Part::Head(number), &mut bytes, tag)
            .map_err(|_| ReadError::Damaged { part })?;
        FrameHead::decode(&bytes).map_err(ReadError::malformed(part))
    }

    /// Opens and decompresses the body of frame `number`; `sealed` is all of it, its tag last.
    pub fn open_frame_body(
        &self,
        codecs: &mut Codecs,
        number: u32,
        head: FrameHead,
        mut sealed: Vec<u8>,
    ) -> Result<OpenedFrame, ReadError> {
        let part = SealedPart::Body(number);
        if sealed.len() != head.body_len as usize + TAG_LEN {
            return Err(ReadError::Short { part });
        }
        self.key
            .open_vec(Part::Body(head.frame_type, number), &mut sealed)
            .map_err(|_| ReadError::Damaged { part })?;
        let raw_len = if head.entries == 0 { 0 } else { head.raw_len };
        let table =
            decode_table(&sealed, head.entries, raw_len).map_err(ReadError::malformed(part))?;
        let table_len = table.len() * format::pack::TABLE_ENTRY_LEN;
        let (buffer, payload_start) = match head.codec {
            Codec::Raw => (sealed, table_len),
            Codec::Zstd => {
                let payload = codecs.unpack(&sealed[table_len..], head.raw_len as usize);
                codecs.give_back(sealed);
                (payload.map_err(|source| ReadError::Codec { number, source })?, 0)
            }
        };
        let kind = self.key.header.kind;
        Ok(OpenedFrame { number, head, table, kind, buffer, payload_start })
    }

    /// Opens a whole sealed frame, for callers that know its length beforehand.
    pub fn open_frame(
        &self,
        codecs: &mut Codecs,
        number: u32,
        mut sealed: Vec<u8>,
    ) -> Result<OpenedFrame, ReadError> {
        let Some(head) = sealed.first_chunk::<SEALED_HEAD_LEN>() else {
            return Err(ReadError::Short { part: SealedPart::Head(number) });
        };
        let head = self.open_frame_head(number, head)?;
        sealed.drain(..SEALED_HEAD_LEN);
        self.open_frame_body(codecs, number, head, sealed)
    }

    /// Opens the footer, the last bytes of a pack.
    pub fn open_footer(&self, sealed: &[u8; SEALED_FOOTER_LEN]) -> Result<Footer, ReadError> {
        let part = SealedPart::Footer;
        let (bytes, tag) = sealed.split_last_chunk::<TAG_LEN>().expect("a footer is longer");
        let mut bytes: [u8; FOOTER_LEN] = bytes.try_into().expect("the rest of a sealed footer");
        self.key.open(Part::Footer, &mut bytes, tag).map_err(|_| ReadError::Damaged { part })?;
        Footer::decode(&bytes).map_err(ReadError::malformed(part))
    }

    /// Reads and opens the frame `number` that begins at `offset`.
    pub fn read_frame<R: ReadAt + ?Sized>(
        &self,
        codecs: &mut Codecs,
        offset: u64,
        number: u32,
        read: &R,
    ) -> Result<OpenedFrame, ReadError> {
        let mut sealed_head = [0; SEALED_HEAD_LEN];
        fill(read, offset, &mut sealed_head, SealedPart::Head(number))?;
        let head = self.open_frame_head(number, &sealed_head)?;
        let mut body = codecs.buffer(head.body_len as usize + TAG_LEN);
        fill(read, offset + SEALED_HEAD_LEN as u64, &mut body, SealedPart::Body(number))?;
        self.open_frame_body(codecs, number, head, body)
    }

    /// Reads footer and trailer of a sealed pack whose file is `len` long.
    pub fn read_trailer<R: ReadAt + ?Sized>(
        &self,
        codecs: &mut Codecs,
        len: u64,
        read: &R,
    ) -> Result<Trailer, ReadError> {
        let footer_start = len
            .checked_sub(SEALED_FOOTER_LEN as u64)
            .ok_or(ReadError::Short { part: SealedPart::Footer })?;
        let mut sealed = [0; SEALED_FOOTER_LEN];
        fill(read, footer_start, &mut sealed, SealedPart::Footer)?;
        let footer = self.open_footer(&sealed)?;
        if u64::from(footer.pack_len) != len {
            let (wanted, found) = (Bytes(footer.pack_len.into()), Bytes(len));
            return Err(ReadError::Length { wanted, found });
        }
        let (offset, number) = (u64::from(footer.trailer_offset), footer.trailer_number);
        let frame = self.read_frame(codecs, offset, number, read)?;
        trailer_of(&frame, offset)
    }
}

impl fmt::Debug for PackOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PackOpener").field("header", &self.key.header).finish_non_exhaustive()
    }
}

/// The trailer in a trailer frame that begins at `offset`, with every frame it lists before it.
pub(super) fn trailer_of(frame: &OpenedFrame, offset: u64) -> Result<Trailer, ReadError> {
    const WHAT: &str = "pack trailer";
    let malformed = ReadError::malformed(SealedPart::Body(frame.number));
    if frame.head.frame_type != FrameType::Trailer {
        return Err(malformed(FormatError::Field { what: WHAT, field: "the frame's type" }));
    }
    let trailer = match Trailer::decode(frame.payload()) {
        Ok(trailer) => trailer,
        Err(source) => return Err(malformed(source)),
    };
    let mut end = HEADER_LEN as u64;
    let mut next_number = 0;
    for TrailerFrame { number, offset, head, .. } in &trailer.frames {
        if u64::from(*offset) < end || *number < next_number {
            return Err(malformed(FormatError::Field { what: WHAT, field: "a frame's place" }));
        }
        end = u64::from(*offset) + head.sealed_len();
        next_number = number + 1;
    }
    if end > offset || next_number > frame.number {
        return Err(malformed(FormatError::Field { what: WHAT, field: "a frame's place" }));
    }
    Ok(trailer)
}

const _: () = assert!(BODY_LEN_MAX as u64 <= SIZE_MAX, "a body's buffer is bounded by a pack's");

fn fill<R: ReadAt + ?Sized>(
    read: &R,
    offset: u64,
    buf: &mut [u8],
    part: SealedPart,
) -> Result<(), ReadError> {
    let found = read_full(read, offset, buf).map_err(|source| ReadError::Io { offset, source })?;
    if found == buf.len() { Ok(()) } else { Err(ReadError::Short { part }) }
}
