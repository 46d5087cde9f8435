//! Lots that follow from a seed: the same world each time. Nothing else here is random.

/// SplitMix64.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Everything drawn follows from `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xd134_2543_de82_ef95) ^ 0x5851_f42d_4c95_7f2d)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `from` up to and without `end`.
    pub(crate) fn within(&mut self, from: u32, end: u32) -> u32 {
        let span = u64::from(end.saturating_sub(from).max(1));
        from + u32::try_from(self.next() % span).unwrap_or(0)
    }

    /// An index below `end`.
    pub(crate) fn index(&mut self, end: usize) -> usize {
        usize::try_from(self.next()).unwrap_or(usize::MAX) % end.max(1)
    }

    /// Whether something comes true that does so once in `times`.
    pub(crate) fn once_in(&mut self, times: u32) -> bool {
        self.within(0, times) == 0
    }

    /// Each member of a set with one chance in two.
    pub(crate) fn half(&mut self, set: u128) -> u128 {
        set & (u128::from(self.next()) << 64 | u128::from(self.next()))
    }

    /// A seed for those who want one.
    pub(crate) fn seed(&mut self) -> [u8; 32] {
        let mut seed = [0; 32];
        for word in seed.as_chunks_mut::<8>().0 {
            *word = self.next().to_le_bytes();
        }
        seed
    }
}
