//! What the product promises itself, as numbers that a table can be held against.
//!
//! Ratios are of processor seconds (or bytes) to those of restic of Debian trixie in the same run.
//! Nothing here measures. Start reading at [`processor`].

use super::data::Set;
use super::tool::Act;

/// Memory of the largest process of any act but unlocking with a password.
pub(super) const PEAK_BYTES: u64 = 64 << 20;

/// Processor seconds of an act, as a share of the peer's.
pub(super) fn processor(set: Set, act: Act) -> Option<f64> {
    match (act, set) {
        (_, Set::Demo) => None,
        (Act::Backup, Set::Photos | Set::Docs) => Some(0.30),
        (Act::Backup, Set::Image) => Some(0.55),
        (Act::Again, Set::Docs) => Some(0.25),
        (Act::NextDay, Set::Docs) => Some(0.35),
        (Act::NextDay, Set::Image) => Some(0.40),
        (Act::Restore, Set::Photos) => Some(0.40),
        (Act::Restore, Set::Docs) => Some(0.45),
        (Act::Verify, _) => Some(0.35),
        (Act::Prune, _) => Some(0.70),
        _ => None,
    }
}

/// Bytes of the repository after the first backup, as a share of the peer's.
pub(super) fn stored(set: Set) -> Option<f64> {
    (set == Set::Docs).then_some(0.85)
}

/// Bytes that the second day adds, as a share of what it adds to the peer.
pub(super) fn growth(set: Set) -> Option<f64> {
    (set == Set::Image).then_some(0.15)
}
