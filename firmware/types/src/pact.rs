//! What friends promise each other unless they agree otherwise: numbers that both the talk between two
//! boxes and the decisions of each go by. Nothing is decided here; what each is for, `docs/defaults.md` says.

use crate::Millis;

/// Days by the host's clock before a deletion is carried out: root on the owner's box cannot destroy a
/// month of history.
pub const NOT_BEFORE_DAYS: u16 = 30;
/// Months that a host keeps everything for a box that is dark.
pub const SILENCE_MONTHS: u8 = 12;
/// The fewest that can be agreed on: a house is not rebuilt sooner, and nobody thinks of backups first.
pub const SILENCE_MONTHS_MIN: u8 = 6;
/// Days between notice and the end of a pact: time to send everything elsewhere over a slow line.
pub const NOTICE_DAYS: u16 = 30;
/// A month of the silence clause, counted in favour of who is silent: twelve are more than a year.
pub const MONTH: Millis = Millis::from_days(31);
