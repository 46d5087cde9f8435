//! Both clocks of a box, as the machines are told them.
//!
//! Whether the one that may jump is believed is decided in [`types::clock`], for the box's own packs and
//! for those of friends alike. The friend whose packs are at stake is not somebody who knows the time.

pub use types::clock::{ClockMark, ClockWatch, Moment as Now};
