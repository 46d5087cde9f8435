//! The bytes of a row: chunk places in 31 bytes, packs in 82. All numbers little-endian.
//!
//! ```text
//! chunk  key 16 (front of the id) | pack 4 | frame 2 | frame offset 3 | raw offset 3 | length 3
//! pack   id 32 | kind 1 | state 1 | space 16 | len 8 | raw len 8 | objects 4 | presence 8 | check 4
//! ```
//! `check` is over the bytes before it: the database verifies its pages only after a crash, and
//! a flipped bit here could claim a copy that is not there.

use types::{ChunkId, PackId, SpaceId};

use crate::{CatalogError, ChunkEntry, ChunkPlace, PackInfo, PackNo, PackState};

/// Length of a packed [`ChunkPlace`].
pub(crate) const PLACE_LEN: usize = 15;
/// Length of a chunk's row.
pub(crate) const ROW_LEN: usize = 16 + PLACE_LEN;
/// Length of a pack's row.
pub(crate) const PACK_LEN: usize = 82;
/// Length of a check.
pub(crate) const CHECK_LEN: usize = 4;

const _: () = assert!(PLACE_LEN == 4 + 2 + 3 + 3 + 3);
const _: () = assert!(PACK_LEN == 32 + 1 + 1 + 16 + 8 + 8 + 4 + 8 + CHECK_LEN);

/// The front of a chunk's id as a number; any order will do, so little-endian.
pub(crate) type Key = u128;
/// A packed [`ChunkPlace`].
pub(crate) type Place = [u8; PLACE_LEN];

/// The key of a chunk.
pub(crate) fn key_of(id: &ChunkId) -> Key {
    Key::from_le_bytes(front(&id.0))
}

/// The first `N` bytes, which the caller knows to be there.
pub(crate) fn front<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes[..N].try_into().expect("N bytes were taken")
}

/// The check of some bytes: it catches decay, not malice (who can write here can write anything).
///
/// Four lanes of multiply and rotate, each step a bijection, so no single change is lost before
/// the end. BLAKE3 took half of the time of a look-up.
pub(crate) fn check_of(bytes: &[u8]) -> [u8; CHECK_LEN] {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut lanes = [1, 2, 3, 4_u64];
    let step = |lane: u64, word: [u8; 8]| {
        (lane ^ u64::from_le_bytes(word)).wrapping_mul(ODD).rotate_left(29)
    };
    let mut stripes = bytes.chunks_exact(32);
    for stripe in &mut stripes {
        for (lane, word) in lanes.iter_mut().zip(stripe.chunks_exact(8)) {
            *lane = step(*lane, front(word));
        }
    }
    for tail in stripes.remainder().chunks(8) {
        let mut word = [0; 8];
        word[..tail.len()].copy_from_slice(tail);
        lanes[0] = step(lanes[0], word);
    }
    let sum = lanes.into_iter().fold(bytes.len() as u64, |sum, lane| step(sum, lane.to_le_bytes()));
    front(&step(sum, [0; 8]).to_le_bytes())
}

/// One row of a block of rows.
pub(crate) fn row_at(rows: &[u8], row: usize) -> (Key, Place) {
    let row = &rows[row * ROW_LEN..][..ROW_LEN];
    (Key::from_le_bytes(front(row)), front::<PLACE_LEN>(&row[16..]))
}

/// Where in a block `key` stands, and its place.
pub(crate) fn search(rows: &[u8], key: Key) -> Option<(usize, Place)> {
    let (mut low, mut high) = (0, rows.len() / ROW_LEN);
    while low < high {
        let middle = low.midpoint(high);
        let (found, place) = row_at(rows, middle);
        match found.cmp(&key) {
            std::cmp::Ordering::Equal => return Some((middle, place)),
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    None
}

/// Packs where a chunk is.
pub(crate) fn pack_place(pack: PackNo, entry: &ChunkEntry) -> Result<Place, CatalogError> {
    let mut out = [0; PLACE_LEN];
    out[..4].copy_from_slice(&pack.0.to_le_bytes());
    out[4..6].copy_from_slice(&entry.frame.to_le_bytes());
    for (at, what, value) in [
        (6, "the frame offset", entry.frame_offset),
        (9, "the offset", entry.raw_offset),
        (12, "the length", entry.len),
    ] {
        let bytes = value.to_le_bytes();
        if bytes[3] != 0 {
            return Err(CatalogError::OutOfRange { what });
        }
        out[at..at + 3].copy_from_slice(&bytes[..3]);
    }
    Ok(out)
}

/// The pack a place is in.
pub(crate) fn pack_of(place: &Place) -> PackNo {
    PackNo(u32::from_le_bytes(front(place)))
}

/// Unpacks where a chunk is.
pub(crate) fn unpack_place(place: &Place) -> ChunkPlace {
    let three = |at: usize| u32::from_le_bytes([place[at], place[at + 1], place[at + 2], 0]);
    ChunkPlace {
        pack: pack_of(place),
        frame: u16::from_le_bytes([place[4], place[5]]),
        frame_offset: three(6),
        raw_offset: three(9),
        len: three(12),
    }
}

/// A pack and who holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PackRow {
    pub(crate) info: PackInfo,
    pub(crate) presence: u64,
}

impl PackRow {
    /// The row as stored.
    pub(crate) fn encode(&self) -> [u8; PACK_LEN] {
        let mut out = [0; PACK_LEN];
        out[..32].copy_from_slice(&self.info.id.0);
        out[32] = self.info.kind;
        out[33] = state_code(self.info.state);
        out[34..50].copy_from_slice(&self.info.space.0);
        out[50..58].copy_from_slice(&self.info.len.to_le_bytes());
        out[58..66].copy_from_slice(&self.info.raw_len.to_le_bytes());
        out[66..70].copy_from_slice(&self.info.objects.to_le_bytes());
        out[70..78].copy_from_slice(&self.presence.to_le_bytes());
        let check = check_of(&out[..PACK_LEN - CHECK_LEN]);
        out[PACK_LEN - CHECK_LEN..].copy_from_slice(&check);
        out
    }

    /// Reads a row and its check.
    pub(crate) fn decode(bytes: &[u8; PACK_LEN]) -> Result<Self, CatalogError> {
        let (row, check) = bytes.split_at(PACK_LEN - CHECK_LEN);
        if check_of(row) != check {
            return Err(CatalogError::Broken { what: "a pack's row does not match its checksum" });
        }
        let state = state_from(row[33])
            .ok_or(CatalogError::Broken { what: "a pack is in a state that there is not" })?;
        let info = PackInfo {
            id: PackId(front(row)),
            kind: row[32],
            space: SpaceId(front(&row[34..])),
            len: u64::from_le_bytes(front(&row[50..])),
            raw_len: u64::from_le_bytes(front(&row[58..])),
            objects: u32::from_le_bytes(front(&row[66..])),
            state,
        };
        Ok(Self { info, presence: u64::from_le_bytes(front(&row[70..])) })
    }
}

fn state_code(state: PackState) -> u8 {
    match state {
        PackState::Live => 1,
        PackState::Dying => 2,
        PackState::Missing => 3,
    }
}

fn state_from(code: u8) -> Option<PackState> {
    match code {
        1 => Some(PackState::Live),
        2 => Some(PackState::Dying),
        3 => Some(PackState::Missing),
        _ => None,
    }
}
