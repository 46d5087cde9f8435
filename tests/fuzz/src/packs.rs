//! Packs that authenticate and say anything: a small language of plaintext frames, and its sealer.
//!
//! The fuzzer changes the plaintext; lengths are put right where the input asks for it, so that a
//! change of one byte is not lost to a wrong length somewhere else. Start at [`forge_pack`].

use format::pack::{
    Codec, FOOTER_LEN, FOOTER_TYPE_CODE, FRAME_HEAD_LEN, Footer, FrameHead, FrameType, HEADER_LEN,
    NonceDomain, PackHeader, PackKind, SEALED_FOOTER_LEN, SUITE_AES256GCM_BLAKE3, TABLE_ENTRY_LEN,
    TableEntry, Trailer, TrailerFrame, decode_table, nonce,
};

use crate::feed::Feed;
use crate::forge::{Forge, encrypt};

/// Lengths in the frame's head are made true.
pub const TRUE_LENGTHS: u8 = 1;
/// The payload is compressed.
pub const ZSTD: u8 = 2;
/// An honest trailer over all frames so far stands in place of the body.
pub const TRAILER: u8 = 4;
/// The frame comes several times.
pub const AGAIN: u8 = 8;
/// The payload is repeated until it is long.
pub const LONG: u8 = 16;
/// Ids in the table are made true.
pub const TRUE_IDS: u8 = 32;
/// The frame has any number, and the next one counts on from there.
pub const NUMBER: u8 = 64;

/// Forged packs end here, so that the forging itself stays within the fuzzer's memory.
const LEN_MAX: usize = 8 << 20;
/// The longest payload that [`LONG`] makes.
const LONG_MAX: usize = 4 << 20;

/// A pack that is being forged.
struct Draft<'f> {
    forge: &'f Forge,
    header: PackHeader,
    key: [u8; 32],
    bytes: Vec<u8>,
    number: u32,
    trailer: Trailer,
    /// Where the last frame began.
    last: u32,
    /// Its number.
    last_number: u32,
}

/// Makes a pack from its description:
///
/// ```text
/// kind 1 | system 1 | frames | footer 48 (all zeros: an honest one; 0xff first: none)
/// frames = count 1, then each: flags 1 | [times 1] | [doublings 1] | [number 4] | head 16 | body (u16 length)
/// ```
pub fn forge_pack(forge: &Forge, feed: &mut Feed<'_>) -> Vec<u8> {
    let kind = [PackKind::Meta, PackKind::Data, PackKind::Index][feed.pick(3)];
    let space = forge.space_of(!feed.coin());
    let suite = SUITE_AES256GCM_BLAKE3;
    let salt = *blake3::hash(b"every forged pack").as_bytes();
    let mut header =
        PackHeader { kind, suite, vault: forge.vault, space, epoch: 0, salt, commitment: [0; 32] };
    let (key, commitment) = forge.pack_key(&header);
    header.commitment = commitment;
    let bytes = header.encode().to_vec();
    let trailer = Trailer::default();
    let (number, last, last_number) = (0, 0, 0);
    let mut draft = Draft { forge, header, key, bytes, number, trailer, last, last_number };
    for _ in 0..feed.u8() {
        if feed.is_empty() {
            break;
        }
        draft.frame(feed);
    }
    draft.footer(feed.array());
    draft.bytes
}

impl Draft<'_> {
    fn frame(&mut self, feed: &mut Feed<'_>) {
        let flags = feed.u8();
        let times = if flags & AGAIN > 0 { feed.u8() } else { 1 };
        let doublings = if flags & LONG > 0 { feed.u8() & 31 } else { 0 };
        if flags & NUMBER > 0 {
            self.number = feed.u32();
        }
        let mut head: [u8; FRAME_HEAD_LEN] = feed.array();
        let mut body = feed.bytes().to_vec();
        if flags & TRAILER > 0 {
            head = [FrameType::Trailer.code(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            body = self.trailer.encode();
        }
        for _ in 0..doublings {
            if body.is_empty() || 2 * body.len() > LONG_MAX {
                break;
            }
            body.extend_from_within(..);
        }
        if flags & TRUE_LENGTHS > 0 {
            self.put_right(flags, &mut head, &mut body);
        }
        for _ in 0..times {
            self.seal(&head, &body);
        }
    }

    /// Makes lengths, compression and ids of a frame true.
    fn put_right(&self, flags: u8, head: &mut [u8; FRAME_HEAD_LEN], body: &mut Vec<u8>) {
        let entries = u32::from_le_bytes([head[4], head[5], 0, 0]) as usize;
        let entries = entries.min(body.len() / TABLE_ENTRY_LEN);
        let table_len = entries * TABLE_ENTRY_LEN;
        let raw_len = body.len() - table_len;
        if flags & TRUE_IDS > 0 {
            self.name_objects(&mut body[..], entries);
        }
        head[1] &= 1;
        if flags & ZSTD > 0 {
            head[1] = Codec::Zstd.code();
            let packed = zstd::bulk::compress(&body[table_len..], 1).expect("memory is enough");
            body.truncate(table_len);
            body.extend_from_slice(&packed);
        }
        head[2..4].fill(0);
        head[4..8].copy_from_slice(&u32::try_from(entries).expect("two bytes").to_le_bytes());
        head[8..12].copy_from_slice(&u32::try_from(body.len()).expect("short").to_le_bytes());
        head[12..].copy_from_slice(&u32::try_from(raw_len).expect("short").to_le_bytes());
    }

    /// Gives every object its true id; the last one takes all that is left of the payload.
    fn name_objects(&self, body: &mut [u8], entries: usize) {
        let (table, payload) = body.split_at_mut(entries * TABLE_ENTRY_LEN);
        let mut rest = &*payload;
        let keys = self.forge.ring.space(self.header.space).expect("both spaces are known");
        for (at, entry) in table.chunks_exact_mut(TABLE_ENTRY_LEN).enumerate() {
            let (id, len) = entry.split_at_mut(32);
            let stated = u32::from_le_bytes(len.try_into().expect("four bytes")) as usize;
            let taken = if at + 1 == entries { rest.len() } else { stated.min(rest.len()) };
            let (object, after) = rest.split_at(taken);
            rest = after;
            id.copy_from_slice(&keys.id_in(self.header.kind, object).0);
            len.copy_from_slice(&u32::try_from(taken).expect("short").to_le_bytes());
        }
    }

    fn seal(&mut self, head: &[u8; FRAME_HEAD_LEN], body: &[u8]) {
        let offset = self.bytes.len();
        if offset + body.len() + 64 > LEN_MAX {
            return;
        }
        let number = u64::from(self.number);
        let associated = self.header.associated_data(0, number);
        let sealed = encrypt(&self.key, &nonce(NonceDomain::Head, number), &associated, head);
        self.bytes.extend_from_slice(&sealed);
        let associated = self.header.associated_data(head[0], number);
        let sealed = encrypt(&self.key, &nonce(NonceDomain::Body, number), &associated, body);
        self.bytes.extend_from_slice(&sealed);
        self.last = u32::try_from(offset).expect("LEN_MAX is short");
        self.list(head, body);
        self.last_number = self.number;
        self.number = self.number.wrapping_add(1);
    }

    /// Notes a sound frame for an honest trailer.
    fn list(&mut self, head: &[u8; FRAME_HEAD_LEN], body: &[u8]) {
        let Ok(head) = FrameHead::decode(head) else { return };
        if !matches!(head.frame_type, FrameType::Objects | FrameType::Commit) {
            return;
        }
        let raw_len = if head.entries == 0 { 0 } else { head.raw_len };
        let Ok(objects) = decode_table(body, head.entries, raw_len) else { return };
        let objects: Vec<TableEntry> = objects;
        let (number, offset) = (self.number, self.last);
        self.trailer.frames.push(TrailerFrame { number, offset, head, objects });
    }

    fn footer(&mut self, given: [u8; FOOTER_LEN]) {
        if given[0] == 0xff {
            return;
        }
        let pack_len = u32::try_from(self.bytes.len() + SEALED_FOOTER_LEN).expect("short");
        let (trailer_offset, trailer_number) = (self.last, self.last_number);
        let honest = Footer { trailer_offset, trailer_number, pack_len }.encode();
        let plain = if given == [0; FOOTER_LEN] { honest } else { given };
        let associated = self.header.associated_data(FOOTER_TYPE_CODE, 0);
        let nonce = nonce(NonceDomain::Footer, 0);
        self.bytes.extend_from_slice(&encrypt(&self.key, &nonce, &associated, &plain));
    }
}

/// Describes a pack in the language of [`forge_pack`]: for seeds.
#[derive(Debug)]
pub struct Description {
    bytes: Vec<u8>,
    frames: Vec<u8>,
    count: u8,
}

impl Description {
    /// A pack without frames.
    pub fn new(kind: PackKind, system: bool) -> Self {
        let kind = match kind {
            PackKind::Meta => 0,
            PackKind::Data => 1,
            PackKind::Index => 2,
        };
        Self { bytes: vec![kind, u8::from(!system)], frames: Vec::new(), count: 0 }
    }

    /// One more frame; `extra` are the bytes that some flags ask for.
    pub fn frame(mut self, flags: u8, extra: &[u8], head: [u8; 16], body: &[u8]) -> Self {
        self.frames.push(flags);
        self.frames.extend_from_slice(extra);
        self.frames.extend_from_slice(&head);
        let len = u16::try_from(body.len()).expect("a seed's body is short");
        self.frames.extend_from_slice(&len.to_le_bytes());
        self.frames.extend_from_slice(body);
        self.count += 1;
        self
    }

    /// A frame of objects with true ids.
    pub fn objects(self, objects: &[&[u8]], zstd: bool) -> Self {
        let count = u32::try_from(objects.len()).expect("few");
        let mut body = Vec::new();
        for object in objects {
            body.extend_from_slice(&[0; 32]);
            body.extend_from_slice(&u32::try_from(object.len()).expect("short").to_le_bytes());
        }
        objects.iter().for_each(|object| body.extend_from_slice(object));
        let mut head = [0; 16];
        head[0] = FrameType::Objects.code();
        head[4..8].copy_from_slice(&count.to_le_bytes());
        let flags = TRUE_LENGTHS | TRUE_IDS | if zstd { ZSTD } else { 0 };
        self.frame(flags, &[], head, &body)
    }

    /// A frame of this type with these bytes.
    pub fn plain(self, frame_type: FrameType, bytes: &[u8]) -> Self {
        let mut head = [0; 16];
        head[0] = frame_type.code();
        self.frame(TRUE_LENGTHS, &[], head, bytes)
    }

    /// Padding, an honest trailer and an honest footer.
    pub fn sealed(self) -> Vec<u8> {
        let trailer = self.plain(FrameType::Padding, &[0; 40]).frame(
            TRUE_LENGTHS | TRAILER,
            &[],
            [0; 16],
            &[],
        );
        trailer.end(&[0; FOOTER_LEN])
    }

    /// No trailer and no footer.
    pub fn open(self) -> Vec<u8> {
        self.end(&[0xff])
    }

    /// Ends with this footer.
    pub fn end(mut self, footer: &[u8]) -> Vec<u8> {
        self.bytes.push(self.count);
        self.bytes.extend_from_slice(&self.frames);
        self.bytes.extend_from_slice(footer);
        self.bytes
    }
}

const _: () = assert!(HEADER_LEN + SEALED_FOOTER_LEN < LEN_MAX, "there is room for frames");
