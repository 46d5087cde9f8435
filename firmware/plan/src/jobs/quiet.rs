//! Quiet hours: when nothing noisy is begun that can wait as well, and what is at work rests.
//!
//! Minutes of a local day in, answers out; which clock and which zone is the caller's affair. Since only
//! the time of day counts, a night in which the clocks change is an hour longer or shorter, and no night is
//! left out. What is resting keeps its place, so that a reading of many hours comes to its end in the days.
//! Start at [`Quiet::holds`] and [`rest`].

use std::fmt;

use super::{JobKind, Waiting, may_run_together};

/// Minutes of a day.
pub const DAY_MINUTES: u16 = 24 * 60;

/// The hours, from one time of day to another; over midnight if the second comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    from: u16,
    until: u16,
}

impl Quiet {
    /// Reads `22:00-07:00`. What is no time of day, and what would never end, is refused.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, until) = text.split_once('-')?;
        let (from, until) = (time_of_day(from)?, time_of_day(until)?);
        (from != until).then_some(Self { from, until })
    }

    /// Whether a minute of the day is among them.
    pub fn holds(self, minute: u16) -> bool {
        let after = |from: u16| (minute + DAY_MINUTES - from) % DAY_MINUTES;
        minute < DAY_MINUTES && after(self.from) < self.minutes()
    }

    /// Whether hours that hold at a minute of the day began on the day before.
    pub fn began_before(self, minute: u16) -> bool {
        self.from > self.until && minute < self.until
    }

    /// How many they are, on a day without a change of clocks.
    pub fn minutes(self) -> u16 {
        (self.until + DAY_MINUTES - self.from) % DAY_MINUTES
    }

    /// When they are over: `07:00`.
    pub fn end(self) -> String {
        clock(self.until)
    }
}

impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", clock(self.from), clock(self.until))
    }
}

fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn time_of_day(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let number = |text: &str| {
        let fits = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|_| fits)
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// Whether a job is noisy and loses nothing by waiting for the day. What somebody asked for is done when
/// it was asked for. A copy that is missing is made at once, at any hour: until then one more disk that
/// fails takes data with it, and that is worse than noise.
pub fn can_wait(kind: JobKind, asked_for: bool) -> bool {
    match kind {
        JobKind::Scrub => !asked_for,
        // Asked for by day, and at work for days.
        JobKind::BurnIn => true,
        JobKind::Restore
        | JobKind::Backup
        | JobKind::Rebuild
        | JobKind::Repair
        | JobKind::Forget
        | JobKind::Prune
        | JobKind::Check => false,
    }
}

/// What a job at work does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// It goes on.
    No,
    /// It does nothing and keeps its place.
    InPlace,
    /// It stops, since what must not wait for it waits; it begins again when the hours are over.
    GiveWay,
}

/// What a job at work does, as long as it is quiet or not. One that could wait itself, and chores of the
/// day, do not make another stop: they have time.
pub fn rest(kind: JobKind, asked_for: bool, is_quiet: bool, waiting: &[Waiting]) -> Rest {
    if !is_quiet || !can_wait(kind, asked_for) {
        return Rest::No;
    }
    let must = |job: &&Waiting| {
        let copies = matches!(job.kind, JobKind::Rebuild | JobKind::Repair);
        (copies || job.asked_for) && !can_wait(job.kind, job.asked_for)
    };
    match waiting.iter().filter(must).any(|job| !may_run_together(kind, job.kind)) {
        true => Rest::GiveWay,
        false => Rest::InPlace,
    }
}
