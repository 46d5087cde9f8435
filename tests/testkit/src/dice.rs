//! Choices that look random and repeat exactly: one seed, one course of events.

/// A seeded source of choices (the SplitMix64 sequence: tiny, and good enough to pick branches).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Choices for a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `sides`.
    pub fn roll(&mut self, sides: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let high = u32::try_from((mixed ^ (mixed >> 31)) >> 32).expect("32 bits are left");
        high % sides.max(1)
    }
}
