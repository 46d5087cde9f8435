//! What a time server's word about the clock counts for.
//!
//! Whether the clock itself is believed is decided in [`types::clock`]. Start at [`is_new_word`].

use types::{Millis, UnixTime};

/// What a time server's file says counts only when it was touched this short a time ago: a clock that
/// jumped since has moved away from it. The conductor looks every minute.
pub const WORD_FRESH: Millis = Millis::from_secs(3_600);

/// Whether the file that a time server's client touches says anew that the clock is right. `seen` is
/// when it had last been touched, `touched` when it was now. The same word counts once: what the clock
/// does afterwards it knows nothing of.
pub fn is_new_word(seen: Option<UnixTime>, touched: UnixTime, now: UnixTime) -> bool {
    let away = now.0.saturating_sub(touched.0).unsigned_abs();
    seen != Some(touched) && away <= WORD_FRESH.0
}
