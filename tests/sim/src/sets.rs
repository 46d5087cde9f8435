//! Packs as bits by their number, and as the names that friends know. Start at [`root`].

use types::PackId;

/// Packs of one house at most: they are bits.
pub(crate) const PACKS: usize = 64;

/// Some packs of one house.
pub(crate) type Set = u128;

pub(crate) fn bit(pack: u32) -> Set {
    1_u128.checked_shl(pack).unwrap_or(0)
}

/// A pack's number as a place in a list.
pub(crate) fn index(pack: u32) -> usize {
    usize::try_from(pack).unwrap_or(PACKS)
}

/// The numbers in a set.
pub(crate) fn members(set: Set) -> impl Iterator<Item = u32> {
    (0..u128::BITS).filter(move |pack| set & bit(*pack) != 0)
}

/// The name of a house's pack. A number that is used again makes another name.
pub(crate) fn root(house: usize, pack: u32, again: u32) -> PackId {
    let mut name = [7; 32];
    name[..4].copy_from_slice(&u32::try_from(house).unwrap_or(0).to_le_bytes());
    name[4..8].copy_from_slice(&pack.to_le_bytes());
    name[8..12].copy_from_slice(&again.to_le_bytes());
    PackId(name)
}

/// The number in a name.
pub(crate) fn number(root: PackId) -> u32 {
    root.0[4..8].iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
}
