//! Quiet hours: what the box's clock says they are, and the jobs that rest for them.
//!
//! The box's own clock counts, in the zone that its settings name, or else the system's, which is read once
//! at the start. What rests and what does not is decided in `plan::jobs::quiet`. A job at work rests inside
//! its own progress, so that it keeps its place; the disks it used may sleep meanwhile. Start at
//! [`Supervisor::keep_quiet`] and [`Supervisor::rest`].

use std::sync::atomic::Ordering;
use std::time::Duration;

use calls::{AskedBy, Event};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use plan::jobs::StopFor;
use plan::jobs::quiet::{Quiet, Rest, can_wait, rest};
use serde::Deserialize;
use types::UnixTime;

use crate::book::Begun;
use crate::jobs::kind_of;
use crate::supervisor::{Shared, Supervisor};

/// One that rests looks up at least this often; whoever wants it to stop wakes it.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The hours as they stand in the settings, or were chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct QuietHours(pub(crate) Quiet);

impl TryFrom<String> for QuietHours {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let read = Quiet::parse(&text).map(Self);
        read.ok_or_else(|| format!("{text:?} is not two times of day such as \"22:00-07:00\""))
    }
}

/// The zone in which hours are meant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Zone(TimeZone);

impl TryFrom<String> for Zone {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let found = TimeZone::get(&text).or_else(|_| TimeZone::posix(&text));
        found.map(Self).map_err(|_| {
            format!("{text:?} is no time zone that this system knows, such as \"Europe/Berlin\"")
        })
    }
}

impl Zone {
    /// The system's own.
    pub(crate) fn of_system() -> Self {
        Self(TimeZone::system())
    }

    /// As those take it who show times.
    pub(crate) fn time_zone(&self) -> TimeZone {
        self.0.clone()
    }

    /// The local day of the week, minute and month, for friends.
    pub(crate) fn local(&self, now: UnixTime) -> friends::Local {
        let local = Timestamp::from_millisecond(now.0).unwrap_or_default().to_zoned(self.0.clone());
        let weekday = u8::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0);
        let month = i32::from(local.year()) * 12 + i32::from(local.month());
        friends::Local { weekday, minute: self.minute(now), month }
    }

    /// The minute of the local day.
    pub(crate) fn minute(&self, now: UnixTime) -> u16 {
        let now = Timestamp::from_millisecond(now.0).unwrap_or_default();
        let local = now.to_zoned(self.0.clone());
        let part = |part: i8| u16::try_from(part).unwrap_or(0);
        part(local.hour()) * 60 + part(local.minute())
    }
}

impl Supervisor {
    /// When the quiet hours are over; none when it is none of them.
    fn quiet_until(&self, shared: &Shared) -> Option<String> {
        let QuietHours(hours) = shared.quiet_hours?;
        let minute = self.zone().minute(self.now());
        hours.holds(minute).then(|| hours.end())
    }

    pub(crate) fn zone(&self) -> &Zone {
        self.zone
            .get_or_init(|| self.setup.config.time_zone.clone().unwrap_or_else(Zone::of_system))
    }

    /// Looks whether it is quiet, and says of each job that rests for it that it does.
    pub(crate) fn keep_quiet(&self, shared: &mut Shared) {
        let until = self.quiet_until(shared);
        if shared.quiet != until.is_some() {
            tracing::info!(quiet = until.is_some(), "quiet hours begin or end");
        }
        shared.quiet = until.is_some();
        let why = until.map(|until| format!("it rests until {until}: these are quiet hours"));
        for job in shared.book.rest_for(why.as_deref()) {
            self.hub.tell(&Event::Job(Box::new(job)));
            self.changed.notify_all();
        }
    }

    /// Keeps a job's thread here as long as it has to rest. One that has to give way is told to stop, and
    /// hears that from its own progress.
    pub(crate) fn rest(&self, begun: &Begun) {
        let kind = kind_of(&begun.spec);
        let asked_for = begun.asked_by == AskedBy::Owner;
        if !can_wait(kind, asked_for) {
            return;
        }
        let mut shared = self.shared();
        while !begun.halt.load(Ordering::SeqCst) {
            match rest(kind, asked_for, shared.quiet, &shared.book.waiting()) {
                Rest::No => return,
                Rest::GiveWay => shared.book.halt(begun.id, StopFor::Later),
                Rest::InPlace => {
                    let waited = self.changed.wait_timeout(shared, LOOK_EVERY);
                    (shared, _) = waited.unwrap_or_else(std::sync::PoisonError::into_inner);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(zone: &str, at: &str) -> u16 {
        let at: Timestamp = at.parse().unwrap();
        Zone::try_from(zone.to_owned()).unwrap().minute(UnixTime(at.as_millisecond()))
    }

    /// Middle Europe by its rule, so that the test needs no table of zones.
    const BERLIN: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

    #[test]
    fn the_hours_are_those_of_the_wall_clock_in_winter_and_in_summer() {
        assert_eq!(minute(BERLIN, "2026-01-15T21:30:00Z"), 22 * 60 + 30);
        assert_eq!(minute(BERLIN, "2026-07-15T21:30:00Z"), 23 * 60 + 30);
        assert_eq!(minute("UTC0", "2026-07-15T21:30:00Z"), 21 * 60 + 30);
    }

    #[test]
    fn the_night_in_which_the_clocks_change_is_an_hour_longer_or_shorter_and_has_one_end() {
        let night = Quiet::parse("22:00-07:00").unwrap();
        let zone = Zone::try_from(BERLIN.to_owned()).unwrap();
        for (noon_before, hours) in
            [("2026-10-24T10:00:00Z", 10), ("2026-03-28T11:00:00Z", 8), ("2026-06-10T10:00:00Z", 9)]
        {
            let noon: Timestamp = noon_before.parse().unwrap();
            let at = |minute: i64| UnixTime(noon.as_millisecond() + minute * 60_000);
            let quiet: Vec<bool> =
                (0..24 * 60).map(|minute| night.holds(zone.minute(at(minute)))).collect();
            let changes = quiet.windows(2).filter(|pair| pair[0] != pair[1]).count();
            let held = quiet.iter().filter(|quiet| **quiet).count();
            assert_eq!((held, changes), (hours * 60, 2), "{noon_before}");
        }
    }

    #[test]
    fn a_zone_that_nobody_knows_is_refused_by_name() {
        let error = Zone::try_from("Middle/Earth".to_owned()).unwrap_err();
        assert!(error.contains("Middle/Earth"), "{error}");
    }
}
