//! Sources and devices of which nothing comes any more, and for how long each is waited for.
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
    let age = now.since(last);
    if age > late_after(source.rhythm) {
        let sentence = format!("{name} was last backed up {} days ago.", days(age));
        push(out, Severity::Warning, sentence, "Check that it is on and reaches the box.");
    }
}

/// How long something of this rhythm may be silent.
fn late_after(rhythm: Millis) -> Millis {
    Millis(rhythm.0.saturating_mul(SILENT_RHYTHMS)).max(SILENT_AT_LEAST)
}

pub(crate) fn device_findings(device: &DeviceHealth, now: UnixTime, out: &mut Vec<Finding>) {
    let DeviceHealth { name, since, last, heard, rhythm } = device;
    // One that goes on with an old source has its time from when it was let in.
    let age = now.since(last.map_or(*since, |last| last.max(*since)));
    if age <= late_after(rhythm.unwrap_or(RHYTHM_UNKNOWN)) {
        return;
    }
    let days = days(age);
    let usually = match rhythm.map(whole_days) {
        None => String::new(),
        Some(1) => "; it usually comes every day".to_owned(),
        Some(days) => format!("; it usually comes every {days} days"),
    };
    let is_heard = heard.is_some_and(|heard| now.since(heard) <= SILENT_AT_LEAST);
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
