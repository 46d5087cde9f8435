//! What a box remembers besides its jobs: when each chore was last done, the last time it knew, and on which
//! days something came.
//!
//! Lost, it costs an early or a late chore, a wait for the right time, and that somebody is missed too early. Start at [`Memory::load`].

use std::collections::{BTreeMap, BTreeSet};

use format::record::SnapshotKind;
use plan::fill::{self, Look};
use plan::jobs::JobKind;
use plan::jobs::schedule::{Chore, anchored, retry_in};
use plan::rhythm::Visits;
use serde::{Deserialize, Serialize};
use types::clock::ClockMark;
use types::{Bytes, Millis, UnixTime};
use volume::durable::IoFailure;

use crate::freshness::Came;
use crate::schedule_settings::Schedule;
use crate::state::StateFolder;

const FILE: &str = "box.json";
/// Beyond as many sources, those are forgotten that are no more: each takes some 500 bytes.
const SOURCES_MAX: usize = 1_024;

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Memory {
    /// When the box first ran.
    pub(crate) first_ms: i64,
    /// What the clock should have been when this was written.
    wall_ms: Option<i64>,
    /// Older programs wrote down what it was, and how much further that was than it should have been.
    drift_ms: i64,
    chores: BTreeMap<String, Times>,
    /// How much room each volume had, by its id: times and bytes.
    #[serde(default)]
    room: BTreeMap<String, Vec<(i64, u64)>>,
    /// When something came to each source, by its id.
    #[serde(default)]
    came: BTreeMap<String, Coming>,
}

/// When something came to a source, of late.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Coming {
    /// Whatever it was.
    all: Noted,
    /// From the computer itself.
    backups: Noted,
}

/// [`Visits`], as they are written down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Noted {
    times_ms: Vec<i64>,
    upto_ms: Option<i64>,
}

impl Noted {
    fn note(
        &mut self,
        times: impl Iterator<Item = UnixTime>,
        now: UnixTime,
        whole: Millis,
    ) -> Visits {
        let kept = self.times_ms.iter().map(|at| UnixTime(*at)).collect();
        let mut visits = Visits { times: kept, upto: self.upto_ms.map(UnixTime) };
        visits.note(times, now, whole);
        self.times_ms = visits.times.iter().map(|at| at.0).collect();
        self.upto_ms = visits.upto.map(|at| at.0);
        visits
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Times {
    done_ms: Option<i64>,
    failed_ms: Option<i64>,
    /// How often in a row.
    #[serde(default)]
    failures: u32,
    /// When it was last done to everything: no disk was away.
    #[serde(default)]
    whole_ms: Option<i64>,
}

/// The chores, with the name of each in the record.
const CHORES: [(JobKind, &str); 3] =
    [(JobKind::Scrub, "scrub"), (JobKind::Forget, "forget"), (JobKind::Prune, "prune")];

impl Memory {
    /// What was remembered; a box that never ran, or whose record is damaged, begins anew.
    pub(crate) fn load(folder: &StateFolder, now: UnixTime) -> Self {
        let fresh = Self { first_ms: now.0, ..Self::default() };
        let read = folder.get(FILE).map_err(|error| error.to_string());
        let parsed = read.and_then(|bytes| {
            bytes.map(|bytes| serde_json::from_slice(&bytes)).transpose().map_err(|e| e.to_string())
        });
        match parsed {
            Ok(memory) => memory.unwrap_or(fresh),
            Err(error) => {
                tracing::warn!(error, "the box's memory cannot be read and begins anew");
                fresh
            }
        }
    }

    /// Writes it down.
    pub(crate) fn save(&self, folder: &StateFolder) -> Result<(), IoFailure> {
        folder.put(FILE, &serde_json::to_vec_pretty(self).unwrap_or_default())
    }

    /// What the clock should have been when this was last written, if it ever was.
    pub(crate) fn clock(&self) -> Option<ClockMark> {
        let wall = self.wall_ms?.saturating_sub(self.drift_ms);
        Some(ClockMark { wall: UnixTime(wall) })
    }

    pub(crate) fn set_clock(&mut self, clock: ClockMark) {
        (self.wall_ms, self.drift_ms) = (Some(clock.wall.0), 0);
    }

    /// Keeps a look at a volume's room if it is time for one, and says when the volume is full if it
    /// goes on like this.
    pub(crate) fn look_at_room(&mut self, volume: String, now: Look) -> Option<UnixTime> {
        let kept = self.room.entry(volume).or_default();
        let look = |(at, free): &(i64, u64)| Look { at: UnixTime(*at), free: Bytes(*free) };
        let mut looks: Vec<Look> = kept.iter().map(look).collect();
        if fill::keep(&mut looks, now) {
            *kept = looks.iter().map(|look| (look.at.0, look.free.0)).collect();
        }
        fill::full_on(&looks, now)
    }

    /// Keeps when something came to each source, before old versions are thinned out. `whole` is the age up to
    /// which a version of each day is there.
    pub(crate) fn note_what_came(&mut self, came: &mut [Came], now: UnixTime, whole: Millis) {
        for one in came.iter_mut() {
            let kept = self.came.entry(one.id.to_string()).or_default();
            let all = one.versions.iter().map(|(at, _)| *at);
            let backups = one.versions.iter().filter(|(_, kind)| *kind == SnapshotKind::Backup);
            one.visits = kept.all.note(all, now, whole);
            one.backups = kept.backups.note(backups.map(|(at, _)| *at), now, whole);
        }
        if self.came.len() > SOURCES_MAX {
            let known: BTreeSet<String> = came.iter().map(|one| one.id.to_string()).collect();
            self.came.retain(|id, _| known.contains(id));
        }
    }

    /// When every byte of every disk was last read, if ever.
    pub(crate) fn last_scrub(&self) -> Option<UnixTime> {
        self.chores.get("scrub")?.whole_ms.map(UnixTime)
    }

    /// Whether disks were read since then, and not all of them.
    pub(crate) fn scrubbed_in_part(&self) -> bool {
        self.chores.get("scrub").is_some_and(|times| times.done_ms > times.whole_ms)
    }

    /// Every byte of the disks that were here was read.
    pub(crate) fn note_read(&mut self, now: UnixTime, whole: bool) {
        self.note(JobKind::Scrub, now, true);
        if let Some(times) = self.chores.get_mut("scrub").filter(|_| whole) {
            times.whole_ms = Some(now.0);
        }
    }

    /// A chore ended, well or not.
    pub(crate) fn note(&mut self, kind: JobKind, now: UnixTime, well: bool) {
        let Some((_, name)) = CHORES.iter().find(|(known, _)| *known == kind) else { return };
        let times = self.chores.entry((*name).to_owned()).or_default();
        match well {
            true => *times = Times { done_ms: Some(now.0), failed_ms: None, failures: 0, ..*times },
            false => {
                times.failed_ms = Some(now.0);
                times.failures = times.failures.saturating_add(1);
            }
        }
    }

    /// A clock that went back: nothing counts from a time that has not come.
    pub(crate) fn anchor(&mut self, now: UnixTime) {
        let at_most = |time| anchored(UnixTime(time), now).0;
        self.first_ms = self.first_ms.min(now.0);
        for times in self.chores.values_mut() {
            times.done_ms = times.done_ms.map(at_most);
            times.failed_ms = times.failed_ms.map(at_most);
            times.whole_ms = times.whole_ms.map(at_most);
        }
    }

    /// How often a chore failed in a row, and how long it still rests before it is tried again.
    pub(crate) fn retry_in(
        &self,
        kind: JobKind,
        schedule: Schedule,
        now: UnixTime,
    ) -> Option<(u32, Millis)> {
        let chores = self.chores(schedule, |_| false);
        let chore = chores.into_iter().find(|chore| chore.kind == kind)?;
        Some((chore.failures.max(1), retry_in(&chore, now)?))
    }

    /// The chores as they stand.
    pub(crate) fn chores(
        &self,
        schedule: Schedule,
        under_way: impl Fn(JobKind) -> bool,
    ) -> Vec<Chore> {
        let days = |kind| match kind {
            JobKind::Scrub => schedule.scrub_every_days,
            JobKind::Forget => schedule.forget_every_days,
            _ => schedule.prune_every_days,
        };
        let chore = |(kind, name): (JobKind, &str)| {
            let times = self.chores.get(name).copied().unwrap_or_default();
            let every = Some(days(kind)).filter(|days| *days > 0);
            Chore {
                kind,
                every: every.map(|days| Millis::from_days(u64::from(days))),
                done: UnixTime(times.done_ms.unwrap_or(self.first_ms)),
                failed: times.failed_ms.map(UnixTime),
                failures: times.failures,
                under_way: under_way(kind),
            }
        };
        CHORES.into_iter().map(chore).collect()
    }
}
