//! The pack file, version 1: header, sealed frames, sealed trailer, sealed footer.
//!
//! ```text
//! header 128 B | frame | frame | ... | padding frame | trailer frame | footer 64 B
//! frame  = sealed frame head (16 + 16 B) | sealed body (body_len + 16 B)
//! body   = entry table (36 B each) | payload (raw, or zstd of raw_len bytes)
//! ```
//! Only the header is in the clear: it must say which key opens the rest and, so that code without
//! keys can put every metadata pack on every volume, the pack's kind. Frame heads are sealed so
//! that chunk lengths cannot be read off the disk. All numbers are little-endian. This module lays
//! out plaintext; `seal` encrypts it. Drawn in `docs/formats/pack.md`.

use types::sabotage::{self, Bug};
use types::{Bytes, ChunkId, SpaceId, VaultId};

use crate::FormatError;
use crate::wire::Reader;

/// First eight bytes of every pack file. The line ending shows a text-mode transfer.
pub const MAGIC: [u8; 8] = *b"HFPACK\r\n";
/// The version this module writes.
pub const VERSION: u16 = 1;
/// Suite 1: AES-256-GCM, keyed BLAKE3.
pub const SUITE_AES256GCM_BLAKE3: u16 = 1;
/// Length of the header.
pub const HEADER_LEN: usize = 128;
/// Length of an AES-GCM tag.
pub const TAG_LEN: usize = 16;
/// Length of a frame head before sealing.
pub const FRAME_HEAD_LEN: usize = 16;
/// Length of a sealed frame head.
pub const SEALED_HEAD_LEN: usize = FRAME_HEAD_LEN + TAG_LEN;
/// Bytes a frame takes beside its body's plaintext.
pub const FRAME_OVERHEAD: usize = SEALED_HEAD_LEN + TAG_LEN;
/// Length of one entry of a frame's table.
pub const TABLE_ENTRY_LEN: usize = ChunkId::LEN + 4;
/// Length of the footer before sealing.
pub const FOOTER_LEN: usize = 48;
/// Length of the sealed footer, the last bytes of a pack.
pub const SEALED_FOOTER_LEN: usize = FOOTER_LEN + TAG_LEN;
/// Sealed packs are a multiple of this long, so that their length says little.
pub const SIZE_STEP: u64 = 256 * Bytes::KIB;
/// The longest pack: the unit of repair and audit.
pub const SIZE_MAX: u64 = 16 * Bytes::MIB;
/// The longest frame body. A chunk is at most 4 MiB; the rest is table and incompressible slack.
pub const BODY_LEN_MAX: u32 = 6 << 20;
/// The longest payload once decompressed.
pub const RAW_LEN_MAX: u32 = 6 << 20;
/// The most frames in one pack, so that a frame number fits two bytes in the catalog.
pub const FRAMES_MAX: u32 = 60_000;

const _: () = assert!(HEADER_LEN == 8 + 2 + 2 + 1 + 3 + 16 + 16 + 4 + 12 + 32 + 32);
const _: () = assert!(FRAME_HEAD_LEN == 1 + 1 + 2 + 4 + 4 + 4);
const _: () = assert!(SIZE_MAX.is_multiple_of(SIZE_STEP));

/// What a pack holds. Never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PackKind {
    /// Pieces of files. Kept on `copies` volumes.
    Data,
    /// Tree nodes, manifests, snapshots, commit records, state. Kept on every volume.
    Meta,
    /// Reserved: where chunks are, for a fast rebuild of a catalog. Not written by version 1.
    Index,
}

impl PackKind {
    /// The byte that stands for it.
    pub fn code(self) -> u8 {
        match self {
            Self::Data => 1,
            Self::Meta => 2,
            Self::Index => 3,
        }
    }

    /// The kind behind a byte.
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Data),
            2 => Some(Self::Meta),
            3 => Some(Self::Index),
            _ => None,
        }
    }
}

/// The first 128 bytes of a pack, the only ones in the clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackHeader {
    /// What the pack holds.
    pub kind: PackKind,
    /// Which algorithms sealed it.
    pub suite: u16,
    /// The vault it belongs to.
    pub vault: VaultId,
    /// The space whose key opens it.
    pub space: SpaceId,
    /// The key epoch; 0 in version 1.
    pub epoch: u32,
    /// Fresh randomness: the pack's key is derived from it. Never used twice.
    pub salt: [u8; 32],
    /// Commitment to the pack's key, checked before the key is used.
    pub commitment: [u8; 32],
}

impl PackHeader {
    /// The header as stored.
    pub fn encode(&self) -> [u8; HEADER_LEN] {
        let mut out = [0; HEADER_LEN];
        out[..8].copy_from_slice(&MAGIC);
        out[8..10].copy_from_slice(&VERSION.to_le_bytes());
        out[10..12].copy_from_slice(&self.suite.to_le_bytes());
        out[12] = self.kind.code();
        out[16..32].copy_from_slice(&self.vault.0);
        out[32..48].copy_from_slice(&self.space.0);
        out[48..52].copy_from_slice(&self.epoch.to_le_bytes());
        out[64..96].copy_from_slice(&self.salt);
        out[96..].copy_from_slice(&self.commitment);
        out
    }

    /// Reads a header off the front of `bytes`.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        const WHAT: &str = "pack header";
        let mut r = Reader::new(WHAT, bytes);
        if r.array::<8>()? != MAGIC {
            return Err(FormatError::Magic { what: WHAT });
        }
        let version = r.u16()?;
        if version != VERSION {
            return Err(FormatError::Version { what: WHAT, found: version, known: VERSION });
        }
        let suite = r.u16()?;
        if suite != SUITE_AES256GCM_BLAKE3 {
            return Err(FormatError::Field { what: WHAT, field: "the suite" });
        }
        let kind = PackKind::from_code(r.u8()?)
            .ok_or(FormatError::Field { what: WHAT, field: "the kind" })?;
        r.zeros(3)?;
        let vault = VaultId(r.array()?);
        let space = SpaceId(r.array()?);
        let epoch = r.u32()?;
        r.zeros(12)?;
        Ok(Self { kind, suite, vault, space, epoch, salt: r.array()?, commitment: r.array()? })
    }

    /// The authenticated data of one sealed part of this pack.
    ///
    /// `frame_type` is 0 for a frame head (its type is inside), [`FrameType::code`] for a body and
    /// 5 for the footer, whose `number` is 0.
    pub fn associated_data(&self, frame_type: u8, number: u64) -> [u8; ASSOCIATED_LEN] {
        let mut out = [0; ASSOCIATED_LEN];
        out[..2].copy_from_slice(&VERSION.to_le_bytes());
        out[2..4].copy_from_slice(&self.suite.to_le_bytes());
        out[4] = self.kind.code();
        out[5] = frame_type;
        out[8..24].copy_from_slice(&self.vault.0);
        out[24..40].copy_from_slice(&self.space.0);
        out[40..44].copy_from_slice(&self.epoch.to_le_bytes());
        out[44..76].copy_from_slice(&self.salt);
        out[76..].copy_from_slice(&number.to_le_bytes());
        out
    }
}

/// Length of [`PackHeader::associated_data`].
pub const ASSOCIATED_LEN: usize = 84;

/// Which part of a frame a nonce belongs to. Domains keep nonces apart under one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonceDomain {
    /// A frame head.
    Head,
    /// A frame body.
    Body,
    /// The footer.
    Footer,
}

/// The 12-byte nonce: four bytes of domain, then the frame number.
pub fn nonce(domain: NonceDomain, number: u64) -> [u8; 12] {
    let mut out = [0; 12];
    out[..4].copy_from_slice(match domain {
        NonceDomain::Head => b"HFh\0",
        NonceDomain::Body => b"HFb\0",
        NonceDomain::Footer => b"HFf\0",
    });
    out[4..].copy_from_slice(&number.to_le_bytes());
    out
}

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameType {
    /// Chunks or metadata objects, named in the entry table.
    Objects,
    /// One commit record (CBOR). No table.
    Commit,
    /// Zeros, to round the pack up.
    Padding,
    /// The trailer.
    Trailer,
    /// Reserved for parity over the frames before it. Not written by version 1.
    Parity,
}

impl FrameType {
    /// The byte that stands for it. 5 is the footer's, in associated data only.
    pub fn code(self) -> u8 {
        match self {
            Self::Objects => 1,
            Self::Commit => 2,
            Self::Padding => 3,
            Self::Trailer => 4,
            Self::Parity => 6,
        }
    }

    /// The type behind a byte.
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Objects),
            2 => Some(Self::Commit),
            3 => Some(Self::Padding),
            4 => Some(Self::Trailer),
            6 => Some(Self::Parity),
            _ => None,
        }
    }
}

/// The footer's place in [`PackHeader::associated_data`].
pub const FOOTER_TYPE_CODE: u8 = 5;

/// How a payload is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// As it is.
    Raw,
    /// One zstd frame (RFC 8878).
    Zstd,
}

impl Codec {
    /// The byte that stands for it.
    pub fn code(self) -> u8 {
        match self {
            Self::Raw => 0,
            Self::Zstd => 1,
        }
    }

    /// The codec behind a byte.
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Raw),
            1 => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// The head of a frame, before sealing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHead {
    /// What the frame holds.
    pub frame_type: FrameType,
    /// How its payload is stored.
    pub codec: Codec,
    /// Entries in the table at the front of the body.
    pub entries: u32,
    /// Bytes of the body before sealing: table and payload.
    pub body_len: u32,
    /// Bytes of the payload once decompressed.
    pub raw_len: u32,
}

impl FrameHead {
    /// The head as sealed.
    pub fn encode(&self) -> [u8; FRAME_HEAD_LEN] {
        let mut out = [0; FRAME_HEAD_LEN];
        out[0] = self.frame_type.code();
        out[1] = self.codec.code();
        out[4..8].copy_from_slice(&self.entries.to_le_bytes());
        out[8..12].copy_from_slice(&self.body_len.to_le_bytes());
        out[12..].copy_from_slice(&self.raw_len.to_le_bytes());
        out
    }

    /// Reads a head and checks every length in it against this module's limits.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        const WHAT: &str = "frame head";
        let mut r = Reader::new(WHAT, bytes);
        let field = |field| FormatError::Field { what: WHAT, field };
        let frame_type = FrameType::from_code(r.u8()?).ok_or(field("the type"))?;
        let codec = Codec::from_code(r.u8()?).ok_or(field("the codec"))?;
        r.zeros(2)?;
        let head =
            Self { frame_type, codec, entries: r.u32()?, body_len: r.u32()?, raw_len: r.u32()? };
        r.end()?;
        if head.body_len > BODY_LEN_MAX {
            return Err(field("the body length"));
        }
        if head.raw_len > RAW_LEN_MAX {
            return Err(field("the raw length"));
        }
        // Only objects may be compressed: the others are kept while a pack is read, and a few bytes
        // must not stand for megabytes of them. What parity will look like is not known yet.
        if matches!(frame_type, FrameType::Commit | FrameType::Padding | FrameType::Trailer) {
            if head.codec != Codec::Raw {
                return Err(field("the codec"));
            }
            if head.entries != 0 {
                return Err(field("the entry count"));
            }
        }
        let payload = u64::from(head.body_len).checked_sub(head.table_len());
        match (payload, head.codec) {
            (None, _) => Err(field("the entry count")),
            (Some(len), Codec::Raw) if len != u64::from(head.raw_len) => {
                Err(field("the raw length"))
            }
            _ => Ok(head),
        }
    }

    /// Bytes of the entry table.
    pub fn table_len(&self) -> u64 {
        u64::from(self.entries) * TABLE_ENTRY_LEN as u64
    }

    /// Bytes of the whole frame in the file, sealed.
    pub fn sealed_len(&self) -> u64 {
        u64::from(self.body_len) + FRAME_OVERHEAD as u64
    }
}

/// One object in a frame: its id and its length in the decompressed payload. Objects follow each
/// other without gaps, in table order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableEntry {
    /// The chunk or object.
    pub id: ChunkId,
    /// Its plaintext length.
    pub len: u32,
}

/// Appends a table to `out`.
pub fn encode_table(entries: &[TableEntry], out: &mut Vec<u8>) {
    for entry in entries {
        out.extend_from_slice(&entry.id.0);
        out.extend_from_slice(&entry.len.to_le_bytes());
    }
}

/// Reads a table of `count` entries off the front of `bytes`; their lengths must sum to `raw_len`.
pub fn decode_table(
    bytes: &[u8],
    count: u32,
    raw_len: u32,
) -> Result<Vec<TableEntry>, FormatError> {
    const WHAT: &str = "frame table";
    let mut r = Reader::new(WHAT, bytes);
    let wanted = count as usize * TABLE_ENTRY_LEN;
    if bytes.len() < wanted {
        return Err(FormatError::Length { what: WHAT, wanted, found: bytes.len() });
    }
    let mut sum = 0_u64;
    let mut entries = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let entry = TableEntry { id: ChunkId(r.array()?), len: r.u32()? };
        sum += u64::from(entry.len);
        entries.push(entry);
    }
    if sum == u64::from(raw_len) {
        Ok(entries)
    } else {
        Err(FormatError::Field { what: WHAT, field: "an object's length" })
    }
}

/// Where one frame lies, as the trailer lists it. Padding and the trailer itself are not listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailerFrame {
    /// Counts the frames of the pack from 0; part of the nonce.
    pub number: u32,
    /// Where the sealed head begins in the file.
    pub offset: u32,
    /// The frame's head.
    pub head: FrameHead,
    /// Its objects.
    pub objects: Vec<TableEntry>,
}

/// Everything a pack holds, by id: the last frame before the footer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trailer {
    /// Frames in file order.
    pub frames: Vec<TrailerFrame>,
}

impl Trailer {
    /// Bytes of [`Self::encode`] for frames with these entry counts.
    pub fn encoded_len(frames: usize, entries: usize) -> usize {
        4 + frames * (8 + FRAME_HEAD_LEN) + entries * TABLE_ENTRY_LEN
    }

    /// The payload of the trailer frame.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let count = u32::try_from(self.frames.len()).expect("FRAMES_MAX fits");
        out.extend_from_slice(&count.to_le_bytes());
        for frame in &self.frames {
            out.extend_from_slice(&frame.number.to_le_bytes());
            out.extend_from_slice(&frame.offset.to_le_bytes());
            out.extend_from_slice(&frame.head.encode());
            encode_table(&frame.objects, &mut out);
        }
        out
    }

    /// Reads a trailer frame's payload.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        const WHAT: &str = "pack trailer";
        let mut r = Reader::new(WHAT, bytes);
        let count = r.u32()?;
        if count > FRAMES_MAX {
            return Err(FormatError::Field { what: WHAT, field: "the frame count" });
        }
        let mut frames = Vec::new();
        for _ in 0..count {
            let (number, offset) = (r.u32()?, r.u32()?);
            // Whoever indexes the pack keeps the number in two bytes.
            if number >= FRAMES_MAX {
                return Err(FormatError::Field { what: WHAT, field: "a frame's number" });
            }
            let head = FrameHead::decode(r.take(FRAME_HEAD_LEN)?)?;
            let table_len = usize::try_from(head.table_len()).expect("u32 entries fit");
            if table_len > r.left() {
                return Err(FormatError::Field { what: WHAT, field: "an entry count" });
            }
            let raw_len = if head.entries == 0 { 0 } else { head.raw_len };
            let objects = decode_table(r.take(table_len)?, head.entries, raw_len)?;
            frames.push(TrailerFrame { number, offset, head, objects });
        }
        r.end()?;
        Ok(Self { frames })
    }
}

/// Fixed-size last part of a pack: where the trailer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footer {
    /// Where the trailer frame's sealed head begins.
    pub trailer_offset: u32,
    /// The trailer frame's number.
    pub trailer_number: u32,
    /// Length of the whole pack file.
    pub pack_len: u32,
}

impl Footer {
    /// The footer before sealing.
    pub fn encode(&self) -> [u8; FOOTER_LEN] {
        let mut out = [0; FOOTER_LEN];
        out[..8].copy_from_slice(b"HFFOOT\r\n");
        out[8..12].copy_from_slice(&self.trailer_offset.to_le_bytes());
        out[12..16].copy_from_slice(&self.trailer_number.to_le_bytes());
        out[16..20].copy_from_slice(&self.pack_len.to_le_bytes());
        out
    }

    /// Reads an opened footer.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        const WHAT: &str = "pack footer";
        let mut r = Reader::new(WHAT, bytes);
        if r.array::<8>()? != *b"HFFOOT\r\n" {
            return Err(FormatError::Magic { what: WHAT });
        }
        let footer =
            Self { trailer_offset: r.u32()?, trailer_number: r.u32()?, pack_len: r.u32()? };
        r.zeros(FOOTER_LEN - 20)?;
        if footer.trailer_offset >= footer.pack_len || u64::from(footer.pack_len) > SIZE_MAX {
            return Err(FormatError::Field { what: WHAT, field: "a length" });
        }
        Ok(footer)
    }
}

/// Bytes of padding-frame payload that round `used` (header, frames, trailer frame and footer; the
/// padding frame not counted) up to a multiple of [`SIZE_STEP`].
pub fn padding_for(used: u64) -> u64 {
    if sabotage::on(Bug::PackUnpadded) {
        return 0;
    }
    (used + FRAME_OVERHEAD as u64).next_multiple_of(SIZE_STEP) - used - FRAME_OVERHEAD as u64
}
