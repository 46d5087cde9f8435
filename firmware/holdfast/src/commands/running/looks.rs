//! `holdfast status`, `health` and `support bundle`: how a running box is.
//!
//! Start at [`status`].

use calls::{Answer, Call, Clock, Lock, Severity};
use types::Bytes;

use super::lists::json_of;
use crate::Result;
use crate::client::{RunningBox, unexpected};
use crate::session::{Context, Done};
use crate::show;

/// What the box is doing.
pub(super) fn status(context: &Context, running: &mut RunningBox) -> Result<Done> {
    let Answer::Status(status) = running.ask(Call::Status {})? else { return Err(unexpected()) };
    let out = &context.out;
    let lock = match status.lock {
        Lock::Locked => "locked",
        Lock::Opening => "being opened",
        Lock::Unlocked => "unlocked",
        Lock::None => "",
    };
    if status.lock == Lock::None {
        out.line("this box is new and has no vault yet: `holdfast disks`, then `holdfast create`");
    } else {
        out.line(format_args!("vault {} is {lock}", status.vault));
    }
    out.line(format_args!(
        "{} at work, {} waiting, {} paused",
        show::count(status.running.into(), "job"),
        status.queued,
        status.paused
    ));
    if status.clock == Clock::Jumped {
        out.line("the clock jumped: nothing old is let go until it is right");
    }
    out.line(match status.verdict {
        None => "all is well",
        Some(Severity::Notice) => "something is worth knowing: `holdfast health` says what",
        Some(Severity::Warning) => "not all is well: `holdfast health` says what to do",
        Some(Severity::Alarm) => "data is in danger: `holdfast health` says what to do",
    });
    out.line(format_args!("Holdfast {}, up for {}", status.version, span(status.uptime_ms)));
    out.document(&json_of(&status));
    Ok(Done::imperfect_if(status.verdict >= Some(Severity::Warning)))
}

/// What is wrong, and what to do.
pub(super) fn health(context: &Context, running: &mut RunningBox) -> Result<Done> {
    let Answer::Health(health) = running.ask(Call::Health {})? else { return Err(unexpected()) };
    let out = &context.out;
    for finding in &health.findings {
        let word = match finding.severity {
            Severity::Notice => "notice",
            Severity::Warning => "warning",
            Severity::Alarm => "alarm",
        };
        out.line(format_args!("{word}: {}", finding.sentence));
        out.line(format_args!("  do: {}", finding.action));
    }
    if health.findings.is_empty() {
        out.line("all is well");
    }
    for volume in &health.volumes {
        let id = volume.id.get(..8).unwrap_or(&volume.id);
        let room = match volume.size {
            0 => String::new(),
            size => format!(", {} of {} free", Bytes(volume.free), Bytes(size)),
        };
        let why = volume.detail.as_ref().map(|why| format!(": {}", why.escape_debug()));
        let why = why.unwrap_or_default();
        out.line(format_args!("volume {id} {} {}{room}{why}", volume.state, volume.path));
    }
    out.document(&json_of(&health));
    let worst = health.findings.first().map(|finding| finding.severity);
    Ok(Done::imperfect_if(worst >= Some(Severity::Warning)))
}

/// Everything a helper needs to see: JSON always, for it is sent on.
pub(super) fn bundle(context: &Context, running: &mut RunningBox) -> Result<Done> {
    let Answer::SupportBundle(bundle) = running.ask(Call::SupportBundle {})? else {
        return Err(unexpected());
    };
    let document = json_of(&bundle);
    context.out.line(format_args!("{document:#}"));
    context.out.document(&document);
    Ok(Done::Clean)
}

/// A span as people say it, to its largest unit.
pub(super) fn span(millis: u64) -> String {
    let secs = millis / 1_000;
    let (number, unit) = match secs {
        0..=119 => (secs, "second"),
        120..=7_199 => (secs / 60, "minute"),
        7_200..=172_799 => (secs / 3_600, "hour"),
        _ => (secs / 86_400, "day"),
    };
    show::count(number, unit)
}
