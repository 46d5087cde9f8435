//! Where files are cut: FastCDC with a gear table that only the space's key can make.
//!
//! Cutting decides what is stored once, never what can be read: packs cut by other rules stay
//! readable. The scan itself is the `fastcdc` crate's, which takes a whole table; why not its seed,
//! nor our own loop, is in `docs/adr/0002-keyed-chunker.md`.

use std::fmt;

use fastcdc::v2020::{Normalization, cut_gear, select_masks};
use types::sabotage::{self, Bug};
use zeroize::Zeroizing;

use crate::{NamingKeys, SpaceKeys};

/// No chunk is shorter, except the last of a file. From `defaults.md`.
pub const MIN_LEN: usize = 512 << 10;
/// Where cutting turns from unlikely to likely.
pub const AVERAGE_LEN: usize = 1 << 20;
/// No chunk is longer.
pub const MAX_LEN: usize = 4 << 20;
/// What the chunker key is hashed with to make the gear table.
const GEAR_INPUT: &[u8] = b"holdfast gear table v1";

// The scan takes two bytes a step and tests whole pairs.
const _: () = assert!(MIN_LEN.is_multiple_of(2) && AVERAGE_LEN.is_multiple_of(2));
const _: () = assert!(MAX_LEN.is_multiple_of(2));

/// Cuts the files of one space.
#[derive(Clone)]
pub struct Chunker {
    gear: Box<Zeroizing<[u64; 256]>>,
    /// The same, shifted left by one: what the first byte of a pair adds.
    gear_shifted: Box<Zeroizing<[u64; 256]>>,
    mask_before: u64,
    mask_after: u64,
}

impl Chunker {
    /// The chunker of a space.
    pub fn new(keys: &SpaceKeys) -> Self {
        Self::of(keys.naming())
    }

    /// The same for whoever has no more than the keys to cut and name.
    pub fn of(keys: &NamingKeys) -> Self {
        let mut bytes = Zeroizing::new([0_u8; 256 * 8]);
        let key = if sabotage::on(Bug::ChunkerUnkeyed) { &[0; 32] } else { keys.chunker_key() };
        blake3::Hasher::new_keyed(key).update(GEAR_INPUT).finalize_xof().fill(bytes.as_mut_slice());
        let (words, _) = bytes.as_chunks::<8>();
        let mut gear = Box::new(Zeroizing::new([0; 256]));
        let mut gear_shifted = Box::new(Zeroizing::new([0; 256]));
        for (at, word) in words.iter().enumerate() {
            gear[at] = u64::from_le_bytes(*word);
            gear_shifted[at] = gear[at] << 1;
        }
        // Level 2 keeps lengths closest together: better for frames, and lengths say less.
        let (mask_before, mask_after) = select_masks(AVERAGE_LEN, Normalization::Level2);
        Self { gear, gear_shifted, mask_before, mask_after }
    }

    /// The length of the first chunk of `bytes`, which must hold [`MAX_LEN`] bytes or reach to the
    /// end of the file. Zero only for no bytes.
    pub fn cut(&self, bytes: &[u8]) -> usize {
        let (_, len) = cut_gear(
            bytes,
            MIN_LEN,
            AVERAGE_LEN,
            MAX_LEN,
            self.mask_before,
            self.mask_after,
            self.mask_before << 1,
            self.mask_after << 1,
            self.gear.as_slice(),
            self.gear_shifted.as_slice(),
        );
        len
    }
}

impl fmt::Debug for Chunker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chunker(..)")
    }
}
