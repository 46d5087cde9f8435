//! Which detector is to catch which bug, and of what it is to complain. Start at [`CASES`].

use types::sabotage::Bug;

use crate::{
    afar, apart, beside, failing, history, hosting, keys, letting_go, mixed_up, power, receipts,
    sealed, single, stored,
};

/// A test that can be run on a product with a bug in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Detector {
    /// What it looks at.
    pub name: &'static str,
    /// Content, or a complaint. Deterministic, and bounded by counts.
    pub run: fn() -> Result<(), String>,
}

/// One bug.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    /// The bug.
    pub bug: Bug,
    /// Who is to catch it.
    pub detector: Detector,
    /// Words that the complaint must hold: another complaint would be luck.
    pub complaint: &'static str,
}

impl Case {
    /// The bug's name, as the command line has it.
    pub(crate) fn name(&self) -> String {
        let mut name = String::new();
        for letter in format!("{:?}", self.bug).chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }
}

const fn case(bug: Bug, detector: Detector, complaint: &'static str) -> Case {
    Case { bug, detector, complaint }
}

/// Every bug, in the order of `types::sabotage::Bug`.
pub(crate) const CASES: &[Case] = &[
    case(Bug::FolderSyncSkipped, single::IMPORTS, "has no name"),
    case(Bug::NewNameUnsynced, power::CUTS, "at change"),
    case(Bug::AcknowledgedEarly, power::CUTS, "at change"),
    case(Bug::EarlyQuorum, power::CUTS, "at change"),
    case(Bug::FailedSyncRetried, failing::FAULT_THEN_CUT, "lost"),
    case(Bug::DeadlineIgnored, failing::DISK_HANGS, "waits for the disk"),
    case(Bug::PrefixNotCopied, failing::ONE_FAILS_ANOTHER_GOES, "alone"),
    case(Bug::ReceiptOverstated, receipts::WITH_ONE_DISK_AWAY, "promises 2"),
    case(Bug::CommitBeforeChildren, power::CUTS, "read a version"),
    case(Bug::OldFilesRemovedFirst, power::CUTS_OF_RECOVERY, "at change"),
    case(Bug::ForgetNotReplayed, history::REPLAY, "came back"),
    case(Bug::SaltReused, power::CUTS, "a salt was used twice"),
    case(Bug::NonceReused, sealed::KEY_STREAMS, "key stream"),
    case(Bug::TagIgnored, sealed::DAMAGED_FRAMES, "handed out"),
    case(Bug::CommitmentUnchecked, sealed::OTHER_KEYS, "accepted"),
    case(Bug::UnverifiedWrite, stored::BAD_MEMORY, "stored as good"),
    case(Bug::SignatureIgnored, history::FORGED_HEADS, "believed"),
    case(Bug::ChunkerUnkeyed, sealed::BORDERS, "same places"),
    case(Bug::PackUnpadded, sealed::LENGTHS, "room_for holds"),
    case(Bug::ChunkIdUnchecked, stored::LYING_CATALOG, "other bytes"),
    case(Bug::ImportUnhashed, stored::OTHER_BYTES_FROM_ELSEWHERE, "under the name"),
    case(Bug::CopyNotReadBack, stored::ROTTING_DISK, "counted"),
    case(Bug::OldHeadTrusted, history::FORK, "is forgotten"),
    case(Bug::ForkJoined, history::FORK, "joined"),
    case(Bug::CloneAccepted, history::CLONE, "2 disks take part"),
    case(Bug::CatalogTrusted, history::STALE_CATALOG, "open"),
    case(Bug::FirstCopyBelieved, mixed_up::SEALED, "is lost"),
    case(Bug::FileNameTrusted, mixed_up::UNFINISHED, "is lost"),
    case(Bug::SameDiskTwice, apart::TARGETS, "one disk"),
    case(Bug::ReserveIgnored, apart::FULL_DISKS, "reserve"),
    case(Bug::DrainedTooSoon, apart::DRAINING, "let go"),
    case(Bug::RetiringStillFilled, beside::LEAVING, "is lost"),
    case(Bug::OpenPacksForgotten, beside::LEAVING, "is lost"),
    case(Bug::LeastForgotten, beside::CLOSED, "promises 2"),
    case(Bug::GraceIgnored, letting_go::GRACE, "before its time"),
    case(Bug::NoSecondLook, letting_go::LAST_COPY_IS_TO_GO, "the last copy is lost"),
    case(Bug::TombstoneUnwritten, letting_go::CUTS_WHILE_PRUNING, "counted on"),
    case(Bug::LargeShareIgnored, letting_go::LARGE_SHARE, "at once"),
    case(Bug::AbsentDiskIgnored, letting_go::DISK_AWAY, "not refused"),
    case(Bug::ClockJumpIgnored, letting_go::CLOCK_BACK, "not refused"),
    case(Bug::UncheckedCatalogTrusted, letting_go::NEW_CATALOG, "not refused"),
    case(Bug::DyingPackReused, letting_go::BYTES_COME_BACK, "lost"),
    case(Bug::FewCopiesReused, receipts::STORED_AGAIN, "alone"),
    case(Bug::DamagedCopyReused, receipts::AFTER_DAMAGE, "put again"),
    case(Bug::KeysOnOneVolume, keys::ONE_DIES, "is lost"),
    case(Bug::KeysNotSpread, keys::ONE_COMES_BACK, "is lost"),
    // The rule that the next bug breaks keeps this one from losing anything: it refuses.
    case(Bug::PartedKeysDropped, keys::APART, "newer keys"),
    case(Bug::NewerKeysReplaced, keys::UNREAD, "is lost"),
    case(Bug::UnsettledForgotten, apart::ONE_WAS_ALONE, "is lost"),
    case(Bug::LinkFollowed, stored::PLANTED_LINK, "outside"),
    case(Bug::OthersChunksTold, afar::ASKED, "told of"),
    case(Bug::OthersChunksTaken, afar::REFERRED_TO, "is read by"),
    case(Bug::HostedNameUnsynced, hosting::RECEIPTS, "is lost"),
    case(Bug::AuditUnverified, hosting::AUDITS, "were sent"),
    case(Bug::PromiseIgnored, hosting::PROMISES, "what was promised"),
];
