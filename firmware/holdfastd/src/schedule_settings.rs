//! What the settings say of chores: how often each is due, and when it has to be quiet.
//!
//! Start at [`Schedule`].

use plan::jobs::schedule::{SCRUB_EVERY, TIDY_EVERY};
use serde::Deserialize;
use types::Millis;

use crate::quiet::QuietHours;

/// The `[schedule]` table. Zero days turn a chore off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schedule {
    /// Days between two readings of every byte.
    pub scrub_every_days: u32,
    /// Days between two thinnings of old versions.
    pub forget_every_days: u32,
    /// Days between two prunings.
    pub prune_every_days: u32,
    /// From when to when nothing noisy is done that can wait: `"22:00-07:00"`.
    pub quiet: Option<QuietHours>,
}

impl Default for Schedule {
    fn default() -> Self {
        let days = |span: Millis| u32::try_from(span.0 / Millis::from_days(1).0).unwrap_or(1);
        Self {
            scrub_every_days: days(SCRUB_EVERY),
            forget_every_days: days(TIDY_EVERY),
            prune_every_days: days(TIDY_EVERY),
            quiet: None,
        }
    }
}
