//! Packs that list objects and do not hold them: header, trailer and footer are real, the frames
//! between are a hole.
//!
//! For measuring vaults of many terabytes on a small disk, with the feature `bodiless` alone; what
//! ships is built without it. Nothing in such a pack can be read back, and its name is the hash of
//! what there is of it. Start at [`seal`].

use format::pack::{
    Codec, FRAME_OVERHEAD, Footer, FrameHead, FrameType, HEADER_LEN, PackHeader, SEALED_FOOTER_LEN,
    SIZE_MAX, SIZE_STEP, TABLE_ENTRY_LEN, TableEntry, Trailer, TrailerFrame,
};
use types::{ChunkId, PackId, Rng};

use super::key::{PackKey, Part};
use super::write::PackIdentity;
use crate::SpaceKeys;

/// The parts of a bodiless pack that there are.
#[derive(Clone, Debug)]
pub struct Bodiless {
    /// Its name: hash of header and tail.
    pub id: PackId,
    /// Its first bytes.
    pub header: [u8; HEADER_LEN],
    /// Its last bytes: trailer frame and footer.
    pub tail: Vec<u8>,
    /// Length of the file, the hole included.
    pub len: u64,
}

/// Seals a pack that claims to hold `objects`, one frame each, of incompressible bytes.
pub fn seal(
    identity: PackIdentity,
    keys: &SpaceKeys,
    rng: &dyn Rng,
    objects: &[(ChunkId, u32)],
) -> Bodiless {
    let PackIdentity { kind, vault, space, epoch } = identity;
    let (suite, salt) = (format::pack::SUITE_AES256GCM_BLAKE3, rng.array());
    let header = PackHeader { kind, suite, vault, space, epoch, salt, commitment: [0; 32] };
    let (mut key, commitment) = PackKey::derive(header, keys);
    key.header.commitment = *commitment.as_bytes();
    let header = key.header.encode();

    let (frames, end) = claim(objects);
    let number = as_u32(frames.len() as u64) + 1;
    let trailer = Trailer { frames }.encode();
    let tail_len = (FRAME_OVERHEAD + trailer.len() + SEALED_FOOTER_LEN) as u64;
    let len = (end + FRAME_OVERHEAD as u64 + tail_len).next_multiple_of(SIZE_STEP);
    assert!(len <= SIZE_MAX, "the objects fit one pack");

    let len_32 = as_u32(trailer.len() as u64);
    let head = FrameHead {
        frame_type: FrameType::Trailer,
        codec: Codec::Raw,
        entries: 0,
        body_len: len_32,
        raw_len: len_32,
    };
    let mut tail = Vec::new();
    push_sealed(&key, Part::Head(number), &head.encode(), &mut tail);
    push_sealed(&key, Part::Body(FrameType::Trailer, number), &trailer, &mut tail);
    let footer = Footer {
        trailer_offset: as_u32(len - tail_len),
        trailer_number: number,
        pack_len: as_u32(len),
    };
    push_sealed(&key, Part::Footer, &footer.encode(), &mut tail);
    let id = PackId(*blake3::Hasher::new().update(&header).update(&tail).finalize().as_bytes());
    Bodiless { id, header, tail, len }
}

/// The frames that would hold `objects`, and where the last of them would end.
fn claim(objects: &[(ChunkId, u32)]) -> (Vec<TrailerFrame>, u64) {
    let mut end = HEADER_LEN as u64;
    let mut frames = Vec::new();
    for (number, (id, len)) in (0..).zip(objects) {
        let table_len = as_u32(TABLE_ENTRY_LEN as u64);
        let head = FrameHead {
            frame_type: FrameType::Objects,
            codec: Codec::Raw,
            entries: 1,
            body_len: table_len + len,
            raw_len: *len,
        };
        let offset = as_u32(end);
        end += head.sealed_len();
        let objects = vec![TableEntry { id: *id, len: *len }];
        frames.push(TrailerFrame { number, offset, head, objects });
    }
    (frames, end)
}

fn push_sealed(key: &PackKey, part: Part, bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(bytes);
    let tag = key.seal(part, &mut out[start..]);
    out.extend_from_slice(&tag);
}

fn as_u32(len: u64) -> u32 {
    u32::try_from(len).expect("at most SIZE_MAX")
}
