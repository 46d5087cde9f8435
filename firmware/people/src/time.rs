//! The two clocks: the wall's, which may jump, and the one that only counts.
//!
//! What has to outlive a restart is told by the wall's; how often anybody tries, and how long rights stay
//! raised, by the other, so that nobody gains by moving a clock. Start at [`Now`].

use types::{Millis, UnixTime};

/// This moment on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The wall's.
    pub wall: UnixTime,
    /// Since the box's program started.
    pub uptime: Millis,
}
