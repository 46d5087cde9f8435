//! Choices that look random and repeat exactly: one seed, one course of events.

/// A seeded source of choices (the SplitMix64 sequence: tiny, and good enough to pick branches).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Choices for a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `sides`.
    pub fn roll(&mut self, sides: u32) -> u32 {
        let high = u32::try_from(self.next() >> 32).expect("32 bits are left");
        high % sides.max(1)
    }

    /// A number from `from` up to and without `end`.
    pub fn within(&mut self, from: u32, end: u32) -> u32 {
        from + self.roll(end.saturating_sub(from))
    }

    /// An index below `end`.
    pub fn index(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 32).unwrap_or(0) % end.max(1)
    }

    /// Whether something comes true that does so once in `times`.
    pub fn once_in(&mut self, times: u32) -> bool {
        self.roll(times) == 0
    }

    /// Each member of a set with one chance in two.
    pub fn half(&mut self, set: u128) -> u128 {
        set & (u128::from(self.next()) << 64 | u128::from(self.next()))
    }

    /// Bytes for those who want a seed of their own.
    pub fn seed(&mut self) -> [u8; 32] {
        let mut seed = [0; 32];
        for word in seed.as_chunks_mut::<8>().0 {
            *word = self.next().to_le_bytes();
        }
        seed
    }
}
