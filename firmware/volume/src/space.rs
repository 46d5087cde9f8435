//! How much of a disk may be filled.

use types::Bytes;
use types::sabotage::{self, Bug};

use crate::disk::Space;

/// The reserve in parts of the disk: 2 %.
const RESERVE_PERCENT: u64 = 2;
/// The reserve is at least this much, so that deletion and repair have room on small disks: a
/// repair needs a whole pack, a merge several, the file system its own share.
const RESERVE_MIN: Bytes = Bytes(2 * Bytes::GIB);
/// The reserve is never more than an eighth of the disk. Without this limit a disk under 2 GiB
/// (a test's, a small stick's) would be all reserve and could hold nothing.
const RESERVE_SHARE_MAX: u64 = 8;

/// What is never filled on a disk: 2 % or 2 GiB, whichever is more, but at most an eighth.
pub fn reserve(total: Bytes) -> Bytes {
    let wanted = (total.0 / 100 * RESERVE_PERCENT).max(RESERVE_MIN.0);
    Bytes(wanted.min(total.0 / RESERVE_SHARE_MAX))
}

/// What may still be filled.
pub(crate) fn to_spare(space: Space) -> Bytes {
    if sabotage::on(Bug::ReserveIgnored) {
        return space.free;
    }
    space.free.saturating_sub(reserve(space.total))
}

#[cfg(test)]
mod tests {
    use super::{Bytes, reserve};

    #[test]
    fn the_reserve_is_two_percent_or_two_gibibytes_but_never_over_an_eighth() {
        for (total, expected) in [
            (Bytes(0), 0),
            (Bytes(800), 100),
            (Bytes(8 * Bytes::GIB), Bytes::GIB),
            (Bytes(20 * Bytes::GIB), 2 * Bytes::GIB),
            (Bytes(4_000_000_000_000), 80_000_000_000),
        ] {
            assert_eq!(reserve(total), Bytes(expected), "{total}");
        }
    }
}
