//! Whether a file has to be read again. Never looks at the file: only at what its folder says of it.
//!
//! Start at [`unchanged`].

use format::entry::{Entry, EntryKind, FileTime};
use types::UnixTime;

/// Whether a file is as it was: length, modification, change of inode, inode number. The device's
/// number is left out: it may differ after a restart.
pub(crate) fn unchanged(before: &Entry, now: &Entry) -> bool {
    let (Some(was), Some(is)) = (before.origin, now.origin) else { return false };
    before.kind == EntryKind::File
        && !before.unsettled
        && before.size == now.size
        && before.attrs.mtime == now.attrs.mtime
        && was.ino == is.ino
        && was.ctime == is.ctime
}

/// Whether a file changed so shortly before it was read that another change could carry the same
/// time: file systems count in ticks of some milliseconds. Such a file is read again next time.
pub(crate) fn is_racy(changed: FileTime, now: UnixTime) -> bool {
    const TICK_MS: u64 = 1_000;
    let changed_ms =
        changed.secs.saturating_mul(1_000).saturating_add(i64::from(changed.nanos / 1_000_000));
    changed_ms.abs_diff(now.0) < TICK_MS
}
