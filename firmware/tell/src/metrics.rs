//! Numbers for Prometheus, in its text format, version 0.0.4.
//!
//! Pure. Names of volumes and sources are in it: whoever may read it is decided elsewhere. Start at
//! [`render`].

use std::fmt::Write;

use calls::{Clock, Health, Job, JobState, Lock, Severity, Status};

/// What the numbers are made from.
#[derive(Clone, Debug)]
pub struct Facts<'f> {
    /// What the box is doing.
    pub status: &'f Status,
    /// What is wrong, and the volumes.
    pub health: &'f Health,
    /// The jobs that the box remembers.
    pub jobs: &'f [Job],
    /// Each source: name, versions, and when the newest was received, milliseconds since 1970; none
    /// while the box is locked.
    pub sources: &'f [(String, u64, Option<i64>)],
}

/// All lines.
pub fn render(facts: &Facts<'_>) -> String {
    let mut page = Page::default();
    of_status(&mut page, facts.status);
    of_health(&mut page, facts.health);
    of_jobs(&mut page, facts.jobs);
    for (name, versions, last) in facts.sources {
        let labels = [("source", name.as_str())];
        page.gauge("source_versions", "Versions of a source.", &labels, *versions);
        if let Some(last) = last {
            let help = "When the newest version of a source was received, in seconds since 1970.";
            page.put("source_last_backup_timestamp_seconds", help, &labels, &seconds(*last));
        }
    }
    page.finish()
}

fn of_status(page: &mut Page, status: &Status) {
    let labels = [("version", status.version.as_str())];
    page.gauge("build_info", "The version of the program.", &labels, 1);
    let uptime = i64::try_from(status.uptime_ms).unwrap_or(i64::MAX);
    let help = "Seconds since the program started.";
    page.put("uptime_seconds", help, &[], &seconds(uptime));
    let unlocked = u64::from(status.lock == Lock::Unlocked);
    page.gauge("unlocked", "1 when the vault is open.", &[], unlocked);
    let trusted = u64::from(status.clock == Clock::Trusted);
    page.gauge("clock_trusted", "1 when the clock is believed.", &[], trusted);
}

fn of_health(page: &mut Page, health: &Health) {
    for (severity, name) in
        [(Severity::Notice, "notice"), (Severity::Warning, "warning"), (Severity::Alarm, "alarm")]
    {
        let count = health.findings.iter().filter(|one| one.severity == severity).count() as u64;
        page.gauge("findings", "What is wrong now.", &[("severity", name)], count);
    }
    for volume in &health.volumes {
        let labels = [("volume", volume.id.as_str())];
        let works = u64::from(volume.state == "member");
        page.gauge("volume_member", "1 when a volume takes part.", &labels, works);
        page.gauge("volume_size_bytes", "All that a volume can hold.", &labels, volume.size);
        page.gauge("volume_free_bytes", "Room left on a volume.", &labels, volume.free);
        if let Some(packs) = volume.packs {
            page.gauge("volume_packs", "Packs on a volume.", &labels, packs);
        }
    }
}

fn of_jobs(page: &mut Page, jobs: &[Job]) {
    for (state, name) in [
        (JobState::Queued, "queued"),
        (JobState::Running, "running"),
        (JobState::Paused, "paused"),
        (JobState::Failed, "failed"),
    ] {
        let count = jobs.iter().filter(|job| job.state == state).count() as u64;
        page.gauge("jobs", "Jobs that are remembered, by state.", &[("state", name)], count);
    }
}

/// Milliseconds as seconds, exactly.
fn seconds(ms: i64) -> String {
    let (sign, ms) = (if ms < 0 { "-" } else { "" }, ms.unsigned_abs());
    format!("{sign}{}.{:03}", ms / 1_000, ms % 1_000)
}

#[derive(Default)]
struct Page {
    /// A name's lines stand together, below its help.
    groups: Vec<(&'static str, String)>,
}

impl Page {
    fn gauge(&mut self, name: &'static str, help: &str, labels: &[(&str, &str)], value: u64) {
        self.put(name, help, labels, &value.to_string());
    }

    fn put(&mut self, name: &'static str, help: &str, labels: &[(&str, &str)], value: &str) {
        let at = self.groups.iter().position(|(known, _)| *known == name);
        let at = at.unwrap_or_else(|| {
            let head = format!("# HELP holdfast_{name} {help}\n# TYPE holdfast_{name} gauge\n");
            self.groups.push((name, head));
            self.groups.len() - 1
        });
        let lines = &mut self.groups[at].1;
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let braces =
            if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        // Writing to a string cannot fail.
        writeln!(lines, "holdfast_{name}{braces} {value}").ok();
    }

    fn finish(self) -> String {
        self.groups.into_iter().map(|(_, lines)| lines).collect()
    }
}

/// A label's value: backslashes, quotes and line ends are written out, so that no name makes a line.
fn escaped(value: &str) -> String {
    let mut out = String::new();
    for c in value.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
