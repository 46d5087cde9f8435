//! What files kept for friends are called. Pure names; drawn in `docs/formats/hosted.md`.

use types::{HeadHash, OwnerKey, PackId};

use super::trash::Day;
use crate::layout::{hex, id_of_name, is_lower_hex};

/// The folder in which every friend has one.
pub(crate) const FRIENDS: &str = "friends";
/// Copies of every note.
pub(super) const COPIES_OF_NOTES: usize = 2;
const PACK: &str = ".pack";
const PART: &str = ".part";
const OUTBOARD: &str = ".ob";
/// Digits of a day: enough for any.
const DAY_DIGITS: usize = 8;
/// Digits of a head's hash in its name.
const HASH_BYTES: usize = 8;

pub(super) fn home(owner: OwnerKey) -> String {
    format!("{FRIENDS}/{owner}")
}

pub(super) fn owner_of_name(name: &str) -> Option<OwnerKey> {
    Some(name).filter(|name| is_lower_hex(name))?.parse().ok()
}

/// The folder of all folders for packs.
pub(super) fn all_packs(owner: OwnerKey) -> String {
    format!("{}/packs", home(owner))
}

pub(super) fn prefix_of_name(name: &str) -> Option<u8> {
    let right = name.len() == 2 && is_lower_hex(name);
    u8::from_str_radix(name, 16).ok().filter(|_| right)
}

/// The folder for packs whose names begin with that byte.
pub(super) fn packs(owner: OwnerKey, prefix: u8) -> String {
    format!("{}/{prefix:02x}", all_packs(owner))
}

/// The folder for packs on their way in.
pub(super) fn incoming(owner: OwnerKey) -> String {
    format!("{}/incoming", home(owner))
}

/// The folder for packs that were found damaged.
pub(super) fn damaged(owner: OwnerKey) -> String {
    format!("{}/damaged", home(owner))
}

pub(super) fn trash(owner: OwnerKey) -> String {
    format!("{}/trash", home(owner))
}

/// The folder for packs that may go from that day on.
pub(super) fn trash_of(owner: OwnerKey, day: Day) -> String {
    format!("{}/{:08}", trash(owner), day.0)
}

pub(super) fn day_of_name(name: &str) -> Option<Day> {
    let digits = name.len() == DAY_DIGITS && name.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| name.parse().ok().map(Day)).flatten()
}

/// A pack in one of these folders.
pub(super) fn pack_in(folder: &str, id: PackId) -> String {
    format!("{folder}/{id}{PACK}")
}

pub(super) fn part_in(folder: &str, id: PackId) -> String {
    format!("{folder}/{id}{PART}")
}

/// The outboard beside a pack or a part.
pub(super) fn outboard_in(folder: &str, id: PackId) -> String {
    format!("{folder}/{id}{OUTBOARD}")
}

pub(super) fn pack_id(name: &str) -> Option<PackId> {
    id_of_name(name, PACK)
}

pub(super) fn part_id(name: &str) -> Option<PackId> {
    id_of_name(name, PART)
}

pub(super) fn pack_folder(owner: OwnerKey, id: PackId) -> String {
    packs(owner, id.0[0])
}

pub(super) fn heads(owner: OwnerKey) -> String {
    format!("{}/heads", home(owner))
}

/// A head's note without the number of its copy.
pub(super) fn head(owner: OwnerKey, seq: u64, hash: HeadHash) -> String {
    format!("{}/{}", heads(owner), head_name(seq, hash))
}

pub(super) fn head_name(seq: u64, hash: HeadHash) -> String {
    format!("{seq:016x}-{}", hex(&hash.0[..HASH_BYTES]))
}

/// The number and the name of a head, of the file of one copy.
pub(super) fn head_of_copy(file: &str) -> Option<(u64, &str)> {
    let name = (0..COPIES_OF_NOTES).find_map(|copy| file.strip_suffix(&format!(".{copy}")))?;
    let (seq, hash) = name.split_once('-')?;
    let right = seq.len() == 16 && hash.len() == 2 * HASH_BYTES;
    let right = right && is_lower_hex(seq) && is_lower_hex(hash);
    Some((u64::from_str_radix(seq, 16).ok().filter(|_| right)?, name))
}

/// One copy of a note.
pub(super) fn copy(note: &str, copy: usize) -> String {
    format!("{note}.{copy}")
}
