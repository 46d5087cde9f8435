//! How reading that nobody waits for keeps out of the way of those who are waited for.
//!
//! A scrub reads every byte of every disk. Alone it goes as fast as the disks do, so that they may sleep
//! again the sooner. While something else is at work on them it reads for a quarter of the time: it
//! comes to its end all the same, and what is waited for has the disks for the rest. When it may be noisy
//! at all is decided in `quiet`. Pure. Start at [`pause`].

use types::Millis;

use super::JobKind;

/// For each moment of reading it rests so many.
const RESTS: u64 = 3;
/// No rest is longer, however slow the disk was: others may have gone meanwhile.
pub const PAUSE_MAX: Millis = Millis::from_secs(10);

/// Whether a job gives way to others: it was due, and nothing is worse when it ends an hour later. What
/// somebody asked for himself is waited for.
pub fn gives_way(kind: JobKind, asked_for: bool) -> bool {
    kind == JobKind::Scrub && !asked_for
}

/// Whether a job is waited for: by people, or by copies that are missing.
fn is_waited_for(kind: JobKind) -> bool {
    match kind {
        JobKind::Restore | JobKind::Backup | JobKind::Rebuild | JobKind::Repair => true,
        // Short, or no user of the vault's disks.
        JobKind::Forget | JobKind::Prune | JobKind::Check | JobKind::Scrub | JobKind::BurnIn => {
            false
        }
    }
}

/// How long a job rests that has read for so long since it last did. `at_work` are all jobs at work.
pub fn pause(kind: JobKind, asked_for: bool, read_for: Millis, at_work: &[JobKind]) -> Millis {
    let others = at_work.iter().any(|other| is_waited_for(*other));
    if !others || !gives_way(kind, asked_for) {
        return Millis(0);
    }
    Millis(read_for.0.saturating_mul(RESTS)).min(PAUSE_MAX)
}
