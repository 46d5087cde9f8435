//! Sources and devices of which nothing comes any more, and for how long each is waited for.
//!
//! A time that is still to come, of a clock that was ahead then or is behind now, counts as unknown: nobody is up
//! to date by it, however far ahead it is ([`is_to_come`]).
//!
//! Part of the verdict in [`crate::health`]. Start at [`device_findings`].

use types::{Millis, UnixTime};

use crate::health::{Finding, Severity, days, push};

/// A device or source is late after this many of its learned rhythms ...
pub const SILENT_RHYTHMS: u64 = 3;
/// ... and never before this.
pub const SILENT_AT_LEAST: Millis = Millis::from_days(2);
/// The rhythm of what came once: its owner meant it to come again.
pub const RHYTHM_UNKNOWN: Millis = Millis::from_days(1);

/// A clock that is set right goes back by less, an hour of summer or a wrong time zone: that is no sign of anything.
const AHEAD_MAX: Millis = Millis::from_days(1);

/// Whether nobody can say how old something of this time is.
#[must_use]
pub fn is_to_come(at: UnixTime, now: UnixTime) -> bool {
    at > now.plus(AHEAD_MAX)
}

/// One source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceHealth {
    /// As its owner knows it.
    pub name: String,
    /// When its newest version was received.
    pub last: Option<UnixTime>,
    /// How long it usually is between two.
    pub rhythm: Millis,
}

/// One device that stores by itself: a computer that is paired, a phone with a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceHealth {
    /// As whoever reads the verdict knows it, with whose it is.
    pub name: String,
    /// When it was let in.
    pub since: UnixTime,
    /// When it was last up to date: its newest version, or that it came at all where it only adds.
    pub last: Option<UnixTime>,
    /// When the box last heard of it, whether or not it stored anything.
    pub heard: Option<UnixTime>,
    /// How often it usually comes, see [`crate::rhythm`]; none while that is not known.
    pub rhythm: Option<Millis>,
}

pub(crate) fn source_findings(source: &SourceHealth, now: UnixTime, out: &mut Vec<Finding>) {
    let name = &source.name;
    let Some(last) = source.last else {
        let sentence = format!("{name} has never been backed up.");
        push(out, Severity::Warning, sentence, "Run its first backup.");
        return;
    };
    if is_to_come(last, now) {
        push(out, Severity::Warning, undated(name), CHECK_CLOCK);
        return;
    }
    let age = now.since(last);
    if age > late_after(source.rhythm) {
        let sentence = format!("{name} was last backed up {} days ago.", days(age));
        push(out, Severity::Warning, sentence, "Check that it is on and reaches the box.");
    }
}

/// What is to be done about a time that is still to come.
const CHECK_CLOCK: &str = "Check that the box's clock is right, then run a backup.";

/// Of what came by a clock that was wrong, or is.
fn undated(name: &str) -> String {
    format!("{name} came last at a time that is still to come, so nobody knows how old that is.")
}

/// How long something of this rhythm may be silent.
fn late_after(rhythm: Millis) -> Millis {
    Millis(rhythm.0.saturating_mul(SILENT_RHYTHMS)).max(SILENT_AT_LEAST)
}

pub(crate) fn device_findings(device: &DeviceHealth, now: UnixTime, out: &mut Vec<Finding>) {
    let DeviceHealth { name, since, last, heard, rhythm } = device;
    let known = |at: &UnixTime| !is_to_come(*at, now);
    // One that goes on with an old source has its time from when it was let in.
    let begun = Some(*since).filter(known).max(last.filter(known));
    let Some(age) = begun.map(|begun| now.since(begun)) else {
        push(out, Severity::Warning, undated(name), CHECK_CLOCK);
        return;
    };
    if age <= late_after(rhythm.unwrap_or(RHYTHM_UNKNOWN)) {
        return;
    }
    if last.is_some_and(|last| is_to_come(last, now)) {
        push(out, Severity::Warning, undated(name), CHECK_CLOCK);
        return;
    }
    let days = days(age);
    let usually = match rhythm.map(whole_days) {
        None => String::new(),
        Some(1) => "; it usually comes every day".to_owned(),
        Some(days) => format!("; it usually comes every {days} days"),
    };
    let is_heard = heard.filter(known).is_some_and(|heard| now.since(heard) <= SILENT_AT_LEAST);
    let (sentence, action) = match last {
        None => (
            format!("{name} was let in {days} days ago and has stored nothing since."),
            "Set it up to store by itself, or take its token back.",
        ),
        Some(_) if is_heard => (
            format!("{name} reaches the box and has stored nothing for {days} days{usually}."),
            "Look at what it says; its own log has the reason.",
        ),
        Some(_) => (
            format!("{name} has been silent for {days} days{usually}."),
            "Check that it is on and reaches the box; if it is gone for good, take its token back.",
        ),
    };
    push(out, Severity::Warning, sentence, action);
}

/// To the nearest day, and one at least.
fn whole_days(span: Millis) -> u64 {
    let day = Millis::from_days(1).0;
    (span.0.saturating_add(day / 2) / day).max(1)
}
