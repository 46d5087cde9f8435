//! Which bytes of which packs a friend is asked for today, and what that proves.
//!
//! Every day some ranges are drawn over all bytes that the friend holds, so that a lost byte is as
//! likely to be asked for as any other, whatever packs it lies in. Whoever draws the seed draws a new
//! one each day and shows it to nobody: a friend that knew what will be asked could keep just that.
//! Start reading at [`today`]; why there are that many is in [`chance_to_see`].

use std::collections::BTreeSet;

use types::clock::CLOCK_JUMP_MAX;
use types::{Bytes, Millis, UnixTime};

/// Ranges drawn each day. 150 would see one lost byte in a thousand within 30 days with a chance of
/// 98.9 %, 160 do with 99.2 %: ten mebibytes a day.
pub const RANGES_A_DAY: u32 = 160;
/// Bytes of a range, fewer at the end of a pack. Four groups of the hash tree that proves them.
pub const RANGE_LEN: Bytes = Bytes(64 * Bytes::KIB);
/// Bytes of the one range by which a pack is looked at as a whole: one group of that tree.
pub const LOOK_LEN: Bytes = Bytes(16 * Bytes::KIB);
/// Every pack is looked at this often, so that one that was thrown away is found however small it is:
/// drawing by bytes alone would find a quarter of a megabyte in a terabyte once in many years. 38 MB a
/// day for a terabyte.
pub const LOOK_EVERY: Millis = Millis::from_days(30);
/// Packs looked at in a day at most, beside the ranges that are drawn: 64 MiB. A full terabyte is
/// through in sixteen days.
pub const LOOKS_A_DAY: usize = 4_096;

/// A pack that a friend holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldPack {
    /// The catalog's number for it.
    pub no: u32,
    /// Length of the file.
    pub len: Bytes,
    /// Wants to be looked at; see [`wants_look`].
    pub unproved: bool,
}

/// Whether a pack is to be looked at: the friend never proved that it has it, not for [`LOOK_EVERY`], or not
/// since it was found to have lost another. A proof at a time that is still to come is none.
pub fn wants_look(proved: Option<UnixTime>, lost_another: Option<UnixTime>, now: UnixTime) -> bool {
    let Some(proved) = proved else { return true };
    now.since(proved) >= LOOK_EVERY
        || proved.since(now) > CLOCK_JUMP_MAX
        || lost_another.is_some_and(|lost| lost >= proved)
}

/// Bytes to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range {
    /// The pack.
    pub pack: u32,
    /// The first byte.
    pub from: u64,
    /// How many.
    pub len: u64,
}

/// What to ask a friend today: first one range of each pack that wants to be looked at, oldest first
/// as they stand in `held`; then `count` ranges drawn over all bytes, fewer only where there are not
/// as many. The same seed draws the same.
pub fn today(held: &[HeldPack], count: u32, seed: [u8; 32]) -> Vec<Range> {
    let mut dice = Dice::new(seed);
    let mut out = Vec::new();
    for pack in held.iter().filter(|pack| pack.unproved && pack.len.0 > 0).take(LOOKS_A_DAY) {
        out.push(dice.range(pack, LOOK_LEN));
    }
    out.extend(draw(held, count, &mut dice));
    out
}

fn draw(held: &[HeldPack], count: u32, dice: &mut Dice) -> BTreeSet<Range> {
    let mut ends = Vec::with_capacity(held.len());
    let mut blocks = 0;
    for pack in held {
        blocks += pack.len.0.div_ceil(RANGE_LEN.0);
        ends.push(blocks);
    }
    let mut drawn = BTreeSet::new();
    let range_of = |block: u64| {
        let index = ends.partition_point(|end| *end <= block);
        let pack = &held[index];
        let before = index.checked_sub(1).map_or(0, |index| ends[index]);
        let from = (block - before) * RANGE_LEN.0;
        Range { pack: pack.no, from, len: RANGE_LEN.0.min(pack.len.0 - from) }
    };
    if blocks <= u64::from(count) {
        return (0..blocks).map(range_of).collect();
    }
    // No range twice on one day: there are more than are wanted, so this ends.
    while u64::try_from(drawn.len()).is_ok_and(|have| have < u64::from(count)) {
        drawn.insert(range_of(dice.below(blocks)));
    }
    drawn
}

/// The chance that at least one of `ranges` drawn ranges falls into what is lost, when of a million
/// bytes `lost_ppm` are: every draw misses it with the same chance.
///
/// It is somewhat larger for what lies scattered, since a range that only touches a lost byte sees it
/// as well.
pub fn chance_to_see(lost_ppm: u32, ranges: u32) -> f64 {
    let missed = 1.0 - f64::from(lost_ppm.min(1_000_000)) / 1e6;
    1.0 - missed.powf(f64::from(ranges))
}

/// Numbers that follow from a seed; good enough to draw lots with, and nothing is kept secret by it.
struct Dice(u64);

impl Dice {
    fn new(seed: [u8; 32]) -> Self {
        let (words, _) = seed.as_chunks::<8>();
        let mut dice = Self(0x9e37_79b9_7f4a_7c15);
        for word in words {
            dice.0 ^= u64::from_le_bytes(*word);
            dice.0 = dice.next();
        }
        dice
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, each as likely as any other to one part in 2^64 / `end`.
    fn below(&mut self, end: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(end);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    fn range(&mut self, pack: &HeldPack, len: Bytes) -> Range {
        let from = self.below(pack.len.0.div_ceil(len.0)) * len.0;
        Range { pack: pack.no, from, len: len.0.min(pack.len.0 - from) }
    }
}
