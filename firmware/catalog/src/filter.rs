//! The Bloom filter of one block of chunk rows.
//!
//! Pure bits: it says "surely not here" or "look". Start at [`probes`].

use crate::rows::Key;

/// Bytes of a block's filter: eight bits a row.
pub(crate) const FILTER_LEN: usize = 128;
/// Bits set for each row. Four of eight bits a row let 2.4 % of strangers through.
const FILTER_PROBES: u32 = 4;
/// Bits of the key that choose one bit of the filter.
const PROBE_BITS: u32 = 10;

const _: () = assert!(FILTER_LEN * 8 == 1 << PROBE_BITS);
const _: () = assert!(FILTER_PROBES * PROBE_BITS <= 128);

/// Which bits of a filter a key sets.
pub(crate) fn probes(key: Key) -> impl Iterator<Item = (usize, u8)> {
    // Both halves, so that ids that are alike in one still spread.
    let mixed = key ^ (key >> 64);
    (0..FILTER_PROBES).map(move |probe| {
        let bit = (mixed >> (probe * PROBE_BITS)) & ((1 << PROBE_BITS) - 1);
        let bit = usize::try_from(bit).expect("ten bits fit");
        (bit / 8, 1 << (bit % 8))
    })
}
