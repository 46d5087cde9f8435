//! Sealing a pack: frame by frame, each verified before the caller sees it.
//!
//! A sealer only appends to the caller's buffer; when it reports an error that buffer is as it was
//! and the frame does not count. What it appended must reach every copy byte for byte: sealing the
//! same frame twice is never a way to retry a write. Start reading at [`PackSealer::add_objects`].

use std::fmt;
use std::io;

use format::pack::{
    BODY_LEN_MAX, Codec, FRAME_HEAD_LEN, FRAME_OVERHEAD, FRAMES_MAX, Footer, FrameHead, FrameType,
    HEADER_LEN, PackHeader, PackKind, RAW_LEN_MAX, SEALED_FOOTER_LEN, SEALED_HEAD_LEN, SIZE_MAX,
    SIZE_STEP, SUITE_AES256GCM_BLAKE3, TABLE_ENTRY_LEN, TAG_LEN, TableEntry, Trailer, TrailerFrame,
    encode_table, padding_for,
};
use thiserror::Error;
use types::sabotage::{self, Bug};
use types::{Bytes, ChunkId, PackId, Rng, SpaceId, VaultId};

use super::faults::{Faults, Stage};
use super::key::{PackKey, Part};
use crate::{Codecs, SpaceKeys};

/// Why nothing was appended.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SealError {
    /// The pack could not be closed within its greatest length any more.
    #[error("the pack is at {used} and has no room for {need} more")]
    Full {
        /// Length so far.
        used: Bytes,
        /// What was to be added, at worst.
        need: Bytes,
    },
    /// No pack takes a frame like this.
    #[error("a frame of {objects} objects and {len} is over the limit")]
    TooLarge {
        /// Objects.
        objects: usize,
        /// Their bytes.
        len: Bytes,
    },
    /// What was sealed did not open to what was given, or what was given is not what its id says.
    #[error("frame {number} did not read back as it was given ({part}): a memory or codec fault")]
    VerifyFailed {
        /// The frame.
        number: u32,
        /// What differed.
        part: &'static str,
    },
    /// The compressor gave up.
    #[error("frame {number} could not be compressed")]
    Codec {
        /// The frame.
        number: u32,
        /// What it said.
        source: io::Error,
    },
}

impl SealError {
    /// What the owner can do now.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Full { .. } => "Close this pack and go on in a new one.",
            Self::TooLarge { .. } => "Put fewer objects into one frame.",
            Self::VerifyFailed { .. } | Self::Codec { .. } => {
                "Test the memory of the computer that ran this; nothing wrong was stored."
            }
        }
    }
}

/// What a pack is: everything in its header that the caller decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackIdentity {
    /// Data or metadata.
    pub kind: PackKind,
    /// The vault.
    pub vault: VaultId,
    /// The space whose keys seal it.
    pub space: SpaceId,
    /// The key epoch; 0 in version 1.
    pub epoch: u32,
}

/// A frame that was sealed, verified and appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedFrame {
    /// Its number in the pack.
    pub number: u32,
    /// Where in the pack file it begins.
    pub offset: u32,
    /// Its head.
    pub head: FrameHead,
}

/// A pack whose last byte was appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishedPack {
    /// Its name.
    pub id: PackId,
    /// Its length.
    pub len: u64,
    /// What it holds.
    pub trailer: Trailer,
}

/// An open pack.
pub struct PackSealer {
    key: PackKey,
    ids: SpaceKeys,
    offset: u64,
    number: u32,
    hasher: blake3::Hasher,
    trailer: Trailer,
    /// Entries in the trailer so far.
    entries: usize,
    pub(super) faults: Faults,
}

impl PackSealer {
    /// Opens a pack under a fresh salt; the returned header is its first bytes.
    pub fn new(
        identity: PackIdentity,
        keys: &SpaceKeys,
        rng: &dyn Rng,
    ) -> (Self, [u8; HEADER_LEN]) {
        let PackIdentity { kind, vault, space, epoch } = identity;
        let (suite, drawn) = (SUITE_AES256GCM_BLAKE3, rng.array());
        let salt = if sabotage::on(Bug::SaltReused) { [7; 32] } else { drawn };
        let header = PackHeader { kind, suite, vault, space, epoch, salt, commitment: [0; 32] };
        let (mut key, commitment) = PackKey::derive(header, keys);
        key.header.commitment = *commitment.as_bytes();
        let bytes = key.header.encode();
        let mut sealer = Self {
            key,
            ids: keys.clone(),
            offset: HEADER_LEN as u64,
            number: 0,
            hasher: blake3::Hasher::new(),
            trailer: Trailer::default(),
            entries: 0,
            faults: Faults::default(),
        };
        sealer.hasher.update(&bytes);
        (sealer, bytes)
    }

    /// Bytes of the pack so far.
    pub fn len(&self) -> u64 {
        self.offset
    }

    /// Whether no frame was appended yet.
    pub fn is_empty(&self) -> bool {
        self.number == 0
    }

    /// Whether a frame with so many objects and bytes can still be added, however badly it
    /// compresses, and the pack be closed afterwards.
    pub fn room_for(&self, raw_len: usize, objects: usize) -> bool {
        let body_len = objects.saturating_mul(TABLE_ENTRY_LEN).saturating_add(raw_len);
        let frames = self.trailer.frames.len() + 1;
        let Some(entries) = self.entries.checked_add(objects) else { return false };
        if body_len > BODY_LEN_MAX as usize || self.number + 3 > FRAMES_MAX {
            return false;
        }
        let trailer_len = Trailer::encoded_len(frames, entries);
        let used = self.offset + (body_len + FRAME_OVERHEAD) as u64 + tail_len(trailer_len);
        trailer_len <= RAW_LEN_MAX as usize && closed_len(used) <= SIZE_MAX
    }

    /// Seals objects as one frame and appends it to `out`. Their ids must be this space's names for
    /// them; bytes that changed since they were named are refused.
    pub fn add_objects(
        &mut self,
        objects: &[(ChunkId, &[u8])],
        codecs: &mut Codecs,
        out: &mut Vec<u8>,
    ) -> Result<SealedFrame, SealError> {
        let raw_len = objects.iter().map(|(_, bytes)| bytes.len()).sum();
        self.check_room(raw_len, objects.len())?;
        let table =
            objects.iter().map(|(id, bytes)| TableEntry { id: *id, len: as_u32(bytes.len()) });
        let table: Vec<_> = table.collect();
        // A large object is a frame of its own, and is sealed from where it lies.
        let mut gathered = std::mem::take(&mut codecs.raw);
        let raw = match objects {
            [(_, only)] if !self.faults.plans(Stage::Raw) => only,
            _ => {
                gathered.clear();
                gathered.reserve(raw_len);
                objects.iter().for_each(|(_, bytes)| gathered.extend_from_slice(bytes));
                self.faults.strike(Stage::Raw, &mut gathered);
                &gathered[..]
            }
        };
        let start = out.len();
        let sealed = self.seal_objects(raw, &table, codecs, out);
        codecs.raw = gathered;
        let (head, verified) = sealed?;
        self.keep(head, table, verified, start, out)
    }

    /// Appends the frame of these objects, and says whether it opens to what was given.
    fn seal_objects(
        &self,
        raw: &[u8],
        table: &[TableEntry],
        codecs: &mut Codecs,
        out: &mut Vec<u8>,
    ) -> Result<(FrameHead, Result<(), &'static str>), SealError> {
        let number = self.number;
        let codec = codecs.pack(raw).map_err(|source| SealError::Codec { number, source })?;
        self.faults.strike(Stage::Packed, &mut codecs.packed);
        let payload = match codec {
            Codec::Raw => raw,
            Codec::Zstd => &codecs.packed,
        };
        let head = FrameHead {
            frame_type: FrameType::Objects,
            codec,
            entries: as_u32(table.len()),
            body_len: as_u32(table.len() * TABLE_ENTRY_LEN + payload.len()),
            raw_len: as_u32(raw.len()),
        };
        let start = out.len();
        self.append(&head, out, |out| {
            encode_table(table, out);
            out.extend_from_slice(payload);
        });
        let verified = self
            .reopen(&head, codecs, &out[start..])
            .and_then(|()| self.verify_objects(&head, table, codecs));
        Ok((head, verified))
    }

    /// Appends one commit record, verified like everything else.
    pub fn add_commit(
        &mut self,
        cbor: &[u8],
        codecs: &mut Codecs,
        out: &mut Vec<u8>,
    ) -> Result<SealedFrame, SealError> {
        self.check_room(cbor.len(), 0)?;
        self.add_plain(FrameType::Commit, cbor, codecs, out)
    }

    /// Appends padding, trailer and footer. The pack's name is only known now.
    pub fn finish(
        mut self,
        codecs: &mut Codecs,
        out: &mut Vec<u8>,
    ) -> Result<FinishedPack, SealError> {
        let start = out.len();
        let finished = self.append_tail(codecs, out);
        if finished.is_err() {
            out.truncate(start);
        }
        let len = finished?;
        let id = PackId(*self.hasher.finalize().as_bytes());
        Ok(FinishedPack { id, len, trailer: self.trailer })
    }

    fn append_tail(&mut self, codecs: &mut Codecs, out: &mut Vec<u8>) -> Result<u64, SealError> {
        let trailer = self.trailer.encode();
        let padding_len = padding_for(self.offset + tail_len(trailer.len()));
        let padding = vec![0; usize::try_from(padding_len).expect("below SIZE_STEP")];
        self.add_plain(FrameType::Padding, &padding, codecs, out)?;
        let sealed = self.add_plain(FrameType::Trailer, &trailer, codecs, out)?;
        let pack_len = self.offset + SEALED_FOOTER_LEN as u64;
        assert!(pack_len.is_multiple_of(SIZE_STEP) && pack_len <= SIZE_MAX, "room_for holds");
        let footer = Footer {
            trailer_offset: sealed.offset,
            trailer_number: sealed.number,
            pack_len: u32::try_from(pack_len).expect("at most SIZE_MAX"),
        };
        let start = out.len();
        let mut bytes = footer.encode();
        let tag = self.key.seal(Part::Footer, &mut bytes);
        out.extend_from_slice(&bytes);
        out.extend_from_slice(&tag);
        self.faults.strike(Stage::Footer, &mut out[start..]);
        codecs.check.clear();
        codecs.check.extend_from_slice(&out[start..]);
        let opened = self.key.open_vec(Part::Footer, &mut codecs.check);
        if opened.is_err() || codecs.check != footer.encode() {
            return Err(SealError::VerifyFailed { number: self.number, part: "footer" });
        }
        self.hasher.update(&out[start..]);
        self.offset = pack_len;
        Ok(pack_len)
    }

    /// Appends a frame without a table, stored as it is.
    fn add_plain(
        &mut self,
        frame_type: FrameType,
        bytes: &[u8],
        codecs: &mut Codecs,
        out: &mut Vec<u8>,
    ) -> Result<SealedFrame, SealError> {
        let len = as_u32(bytes.len());
        let head =
            FrameHead { frame_type, codec: Codec::Raw, entries: 0, body_len: len, raw_len: len };
        let start = out.len();
        self.append(&head, out, |out| out.extend_from_slice(bytes));
        let verified = self
            .reopen(&head, codecs, &out[start..])
            .and_then(|()| if codecs.check == bytes { Ok(()) } else { Err("content") });
        self.keep(head, Vec::new(), verified, start, out)
    }

    fn check_room(&self, raw_len: usize, objects: usize) -> Result<(), SealError> {
        let body_len = objects.saturating_mul(TABLE_ENTRY_LEN).saturating_add(raw_len);
        let len = Bytes(raw_len as u64);
        if body_len > BODY_LEN_MAX as usize {
            Err(SealError::TooLarge { objects, len })
        } else if self.room_for(raw_len, objects) {
            Ok(())
        } else {
            Err(SealError::Full { used: Bytes(self.offset), need: Bytes(body_len as u64) })
        }
    }

    /// Seals head and body and appends both. The body is written by `write`, then encrypted where
    /// it lies.
    fn append(&self, head: &FrameHead, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        let number = self.number;
        let start = out.len();
        out.reserve(head.body_len as usize + FRAME_OVERHEAD);
        let mut sealed_head = head.encode();
        let tag = self.key.seal(Part::Head(number), &mut sealed_head);
        out.extend_from_slice(&sealed_head);
        out.extend_from_slice(&tag);
        let body = out.len();
        write(out);
        assert_eq!(out.len() - body, head.body_len as usize, "the head says how long its body is");
        self.faults.strike(Stage::Plain, &mut out[body..]);
        let tag = self.key.seal(Part::Body(head.frame_type, number), &mut out[body..]);
        out.extend_from_slice(&tag);
        self.faults.strike(Stage::Sealed, &mut out[body..]);
        self.faults.strike(Stage::Head, &mut out[start..body]);
    }

    /// Opens a sealed frame into `codecs.check`, as a reader would.
    fn reopen(
        &self,
        head: &FrameHead,
        codecs: &mut Codecs,
        frame: &[u8],
    ) -> Result<(), &'static str> {
        let (sealed_head, sealed_body) = frame.split_at(SEALED_HEAD_LEN);
        let (bytes, tag) = sealed_head.split_last_chunk::<TAG_LEN>().ok_or("head")?;
        let mut bytes: [u8; FRAME_HEAD_LEN] = bytes.try_into().map_err(|_| "head")?;
        self.key.open(Part::Head(self.number), &mut bytes, tag).map_err(|_| "head")?;
        if FrameHead::decode(&bytes) != Ok(*head) {
            return Err("head");
        }
        codecs.check.clear();
        codecs.check.extend_from_slice(sealed_body);
        let part = Part::Body(head.frame_type, self.number);
        self.key.open_vec(part, &mut codecs.check).map_err(|_| "body")
    }

    /// Names every object in the reopened body again.
    fn verify_objects(
        &self,
        head: &FrameHead,
        table: &[TableEntry],
        codecs: &mut Codecs,
    ) -> Result<(), &'static str> {
        let stored = format::pack::decode_table(&codecs.check, head.entries, head.raw_len);
        if stored.as_deref() != Ok(table) {
            return Err("table");
        }
        let table_len = table.len() * TABLE_ENTRY_LEN;
        let mut rest = codecs
            .unpack_check(table_len, head.codec, head.raw_len as usize)
            .map_err(|_| "compression")?;
        for entry in table {
            let (object, after) = rest.split_at_checked(entry.len as usize).ok_or("length")?;
            if self.ids.id_in(self.key.header.kind, object) != entry.id {
                return Err("object id");
            }
            rest = after;
        }
        if rest.is_empty() { Ok(()) } else { Err("length") }
    }

    /// Counts a verified frame, or takes a failed one back.
    ///
    /// A frame taken back may be sealed again under the same number: its ciphertext was never
    /// handed out, so no one ever holds two under one nonce.
    fn keep(
        &mut self,
        head: FrameHead,
        objects: Vec<TableEntry>,
        verified: Result<(), &'static str>,
        start: usize,
        out: &mut Vec<u8>,
    ) -> Result<SealedFrame, SealError> {
        let number = self.number;
        if let Err(part) = self.faults.judge(verified) {
            out.truncate(start);
            return Err(SealError::VerifyFailed { number, part });
        }
        let offset = u32::try_from(self.offset).expect("at most SIZE_MAX");
        self.hasher.update(&out[start..]);
        self.offset += (out.len() - start) as u64;
        self.number += 1;
        if matches!(head.frame_type, FrameType::Objects | FrameType::Commit) {
            self.entries += objects.len();
            self.trailer.frames.push(TrailerFrame { number, offset, head, objects });
        }
        Ok(SealedFrame { number, offset, head })
    }
}

impl fmt::Debug for PackSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PackSealer")
            .field("header", &self.key.header)
            .field("offset", &self.offset)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// Bytes of trailer frame and footer.
fn tail_len(trailer_len: usize) -> u64 {
    (FRAME_OVERHEAD + trailer_len + SEALED_FOOTER_LEN) as u64
}

/// Length of a pack of `used` bytes, tail included, once it is padded.
fn closed_len(used: u64) -> u64 {
    used + FRAME_OVERHEAD as u64 + padding_for(used)
}

fn as_u32(len: usize) -> u32 {
    u32::try_from(len).expect("lengths are checked against BODY_LEN_MAX and SIZE_MAX first")
}
