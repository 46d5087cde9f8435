//! Deliberate bugs: what `tests/sabotage` switches on to show that the tests would see them.
//!
//! Nothing that ships is built with the feature `sabotage`, which only that test enables: without
//! it [`on`] is the constant false, and the compiler takes every bug out. Each bug stands where
//! its guarantee lives, in a line or two, and asks `on` by its name. Start at [`Bug`].

/// A deliberate bug, named after what it leaves out or does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A moved file's new folder is not synced.
    FolderSyncSkipped,
    /// The name of a pack that begins is not synced.
    NewNameUnsynced,
    /// Work is acknowledged before the disks have synced it.
    AcknowledgedEarly,
    /// Only the first of a pack's disks is synced and waited for.
    EarlyQuorum,
    /// A sync that failed is tried again, and believed.
    FailedSyncRetried,
    /// A disk that does not answer is waited for.
    DeadlineIgnored,
    /// A disk that joins an open pack does not get what was written before.
    PrefixNotCopied,
    /// A receipt says what was wanted, not what was done.
    ReceiptOverstated,
    /// A commit record is made durable before what it refers to.
    CommitBeforeChildren,
    /// What a crash left is removed before it is stored anew.
    OldFilesRemovedFirst,
    /// A replay of the journal leaves out what was let go.
    ForgetNotReplayed,
    /// A pack's salt is always the same.
    SaltReused,
    /// A nonce does not count frames.
    NonceReused,
    /// Bytes that do not authenticate are decrypted all the same.
    TagIgnored,
    /// Nobody asks whether a key is the one that sealed.
    CommitmentUnchecked,
    /// A frame is handed out before it was opened again and found right.
    UnverifiedWrite,
    /// A head with a wrong signature is believed.
    SignatureIgnored,
    /// Files are cut at the same places under every key.
    ChunkerUnkeyed,
    /// A pack is as long as what is in it.
    PackUnpadded,
    /// Bytes that were read are not compared with the name of the chunk.
    ChunkIdUnchecked,
    /// A copy that comes from elsewhere is not compared with its name.
    ImportUnhashed,
    /// A copy counts before it was read back.
    CopyNotReadBack,
    /// The head before a disk's newest is taken for its newest.
    OldHeadTrusted,
    /// Two histories of one vault are joined without asking.
    ForkJoined,
    /// A copy of a disk takes part like the disk itself.
    CloneAccepted,
    /// What the catalog says of the disks is not compared with them.
    CatalogTrusted,
    /// A new catalog believes the first copy of a pack, whatever the others say.
    FirstCopyBelieved,
    /// Frames of unfinished packs are told apart by the name of their file alone.
    FileNameTrusted,
    /// Two copies may lie on one disk.
    SameDiskTwice,
    /// The last part of a disk is filled as well.
    ReserveIgnored,
    /// A disk is let go though others lack what is on it.
    DrainedTooSoon,
    /// New packs go to a disk that is being emptied.
    RetiringStillFilled,
    /// A disk is let go while something is being written there.
    OpenPacksForgotten,
    /// What was sealed with too few copies is forgotten before it is acknowledged.
    LeastForgotten,
    /// Packs go without waiting.
    GraceIgnored,
    /// A pack that is to go is not looked at again.
    NoSecondLook,
    /// Packs go before a head says so.
    TombstoneUnwritten,
    /// Any part of the vault may go at once.
    LargeShareIgnored,
    /// Packs go although a disk is not there.
    AbsentDiskIgnored,
    /// Packs go although the clock went back.
    ClockJumpIgnored,
    /// Packs go by a catalog that was made anew and not checked.
    UncheckedCatalogTrusted,
    /// New versions rely on packs that are to go.
    DyingPackReused,
    /// New versions rely on packs with too few copies.
    FewCopiesReused,
    /// New versions rely on copies that a check found damaged.
    DamagedCopyReused,
    /// A new space's keys are written to one disk only.
    KeysOnOneVolume,
    /// A disk that comes back does not get the keys that it missed.
    KeysNotSpread,
    /// Of two key files that parted, one is dropped.
    PartedKeysDropped,
    /// A key file is written over one that has more than could be read when the vault was opened.
    NewerKeysReplaced,
    /// Nobody remembers which disks were there when something was stored that is not sealed.
    UnsettledForgotten,
    /// Links in the folder that is restored to are followed.
    LinkFollowed,
    /// A computer is told that a piece is there which another source has.
    OthersChunksTold,
    /// A computer's tree may refer to pieces that it has not sent.
    OthersChunksTaken,
    /// A friend's pack is acknowledged before its name is durable.
    HostedNameUnsynced,
    /// A friend is answered from bytes that were not compared with the pack's name.
    AuditUnverified,
    /// The vault fills what was promised to friends.
    PromiseIgnored,
    /// Not a bug, an accident: a bit of memory flips while a frame is sealed.
    MemoryFlips,
}

/// Whether a bug is switched on.
#[cfg(not(feature = "sabotage"))]
#[inline(always)]
pub const fn on(_: Bug) -> bool {
    false
}

#[cfg(feature = "sabotage")]
pub use switched::{MARKER, befall, hits, on, switch};

#[cfg(feature = "sabotage")]
mod switched {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::Bug;

    /// Words that stand in every program that was built with bugs, and in no other.
    pub const MARKER: &str = "this program was built with deliberate bugs in it";

    /// The bugs that are switched on, as bits.
    static SWITCHED: AtomicU64 = AtomicU64::new(0);
    /// How often the code came past one of them.
    static HITS: AtomicU64 = AtomicU64::new(0);

    const fn bit(bug: Bug) -> u64 {
        1 << bug as u32
    }

    /// Whether a bug is switched on.
    pub fn on(bug: Bug) -> bool {
        std::hint::black_box(MARKER);
        let on = SWITCHED.load(Ordering::Relaxed) & bit(bug) != 0;
        if on && bug != Bug::MemoryFlips {
            HITS.fetch_add(1, Ordering::Relaxed);
        }
        on
    }

    /// Switches these bugs on, for the whole process, and all others off.
    pub fn switch(bugs: &[Bug]) {
        SWITCHED.store(bugs.iter().fold(0, |all, bug| all | bit(*bug)), Ordering::Relaxed);
        HITS.store(0, Ordering::Relaxed);
    }

    /// Lets an accident happen from now on, beside the bugs that are on.
    pub fn befall(accident: Bug) {
        SWITCHED.fetch_or(bit(accident), Ordering::Relaxed);
    }

    /// How often the code came past the bugs that are on since they were switched.
    pub fn hits() -> u64 {
        HITS.load(Ordering::Relaxed)
    }
}
