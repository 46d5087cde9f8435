//! What a power cut took from a disk, in numbers: a search that never tore an append, or never lost
//! a name, has shown nothing about either.

/// What happened to what no sync had made durable. Counts, but for nothing else a reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Appends that left nothing.
    pub missing: u64,
    /// Appends that left zeros, or a hole before one that was kept.
    pub zeros: u64,
    /// Appends that tore at a 512-byte sector.
    pub torn_at_512: u64,
    /// Appends that tore at a 4 KiB block.
    pub torn_at_4096: u64,
    /// Changes that were kept though an earlier one of the same disk was not.
    pub reordered: u64,
    /// New names that were lost.
    pub names_lost: u64,
    /// Moves that were lost.
    pub moves_lost: u64,
    /// Removals that were undone.
    pub removals_undone: u64,
    /// Appends and names that a failed sync had given up on.
    pub given_up: u64,
    /// Files of a lying disk that show another file's bytes.
    pub stale: u64,
}

impl Left {
    /// Whether anything at all is missing, or stands elsewhere.
    pub fn lost_anything(&self) -> bool {
        let Self { missing, zeros, torn_at_512, torn_at_4096, .. } = *self;
        let bytes = missing + zeros + torn_at_512 + torn_at_4096 + self.stale;
        bytes + self.names_lost + self.moves_lost + self.removals_undone > 0
    }
}

impl std::ops::AddAssign for Left {
    fn add_assign(&mut self, other: Self) {
        self.missing += other.missing;
        self.zeros += other.zeros;
        self.torn_at_512 += other.torn_at_512;
        self.torn_at_4096 += other.torn_at_4096;
        self.reordered += other.reordered;
        self.names_lost += other.names_lost;
        self.moves_lost += other.moves_lost;
        self.removals_undone += other.removals_undone;
        self.given_up += other.given_up;
        self.stale += other.stale;
    }
}
