//! Which versions of a source to let go.
//!
//! The older a version, the coarser the grid: of each hour, day, week or month the newest stays.
//! Grids are fixed to the calendar (UTC), not to now, so that what stayed yesterday stays today.
//! The newest version of a source always stays, and so does one that claims to be from the future:
//! the clock was wrong, now or then, and that is no reason to delete. Start at [`expired`], and at
//! [`change`] for what another rule would take.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;
use types::{Millis, UnixTime};

use crate::calendar::month;
use crate::gc::CLOCK_JUMP_MAX;

/// How long to keep versions how finely. Spans are ages counted from now; later fields cover what
/// earlier ones do not, and one a month stays for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Every version younger than this.
    pub all: Millis,
    /// One an hour up to this age.
    pub hourly: Millis,
    /// One a day up to this age.
    pub daily: Millis,
    /// One a week up to this age.
    pub weekly: Millis,
}

impl Default for Policy {
    /// Undo to any hour of the last month, without keeping every change for ever.
    fn default() -> Self {
        Self {
            all: Millis::from_days(1),
            hourly: Millis::from_days(30),
            daily: Millis::from_days(90),
            weekly: Millis::from_days(365),
        }
    }
}

/// The shortest time for which every version is kept: what was deleted by mistake today is there today.
pub const ALL_DAYS_MIN: u32 = 1;
/// The longest span that a rule may name, ten years: more is a slip, and one a month stays for ever.
pub const DAYS_MAX: u32 = 3_650;

/// A rule as people say it, in days. Each span is at least as long as the one before; two that are equal leave
/// the later step out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// Every version, so long.
    pub all: u32,
    /// One an hour, up to this age.
    pub hourly: u32,
    /// One a day, up to this age.
    pub daily: u32,
    /// One a week, up to this age.
    pub weekly: u32,
}

/// Why a rule is none.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadRule {
    /// A span is out of bounds.
    #[error("{field} is {days} days; it has to be {ALL_DAYS_MIN} to {DAYS_MAX}")]
    OutOfBounds {
        /// Which, as it is called where rules are said.
        field: &'static str,
        /// What was said.
        days: u32,
    },
    /// A coarser step ends before the finer one.
    #[error("{field} is {days} days, fewer than the {least} of {before}")]
    EndsBefore {
        /// Which, as it is called where rules are said.
        field: &'static str,
        /// What was said.
        days: u32,
        /// The step before it.
        before: &'static str,
        /// How long that is.
        least: u32,
    },
}

impl BadRule {
    /// What to say instead.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::OutOfBounds { .. } => "Name a number of days within these bounds.",
            Self::EndsBefore { .. } => "Make it at least as long; as long leaves the step out.",
        }
    }
}

impl Days {
    fn named(&self) -> [(&'static str, u32); 4] {
        [
            ("all_days", self.all),
            ("hourly_days", self.hourly),
            ("daily_days", self.daily),
            ("weekly_days", self.weekly),
        ]
    }

    /// Whether somebody can mean this.
    pub fn check(&self) -> Result<(), BadRule> {
        let named = self.named();
        for (field, days) in named {
            if !(ALL_DAYS_MIN..=DAYS_MAX).contains(&days) {
                return Err(BadRule::OutOfBounds { field, days });
            }
        }
        for pair in named.windows(2) {
            let ((before, least), (field, days)) = (pair[0], pair[1]);
            if days < least {
                return Err(BadRule::EndsBefore { field, days, before, least });
            }
        }
        Ok(())
    }

    /// Of each step the longer of both.
    pub fn longest(self, other: Self) -> Self {
        Self {
            all: self.all.max(other.all),
            hourly: self.hourly.max(other.hourly),
            daily: self.daily.max(other.daily),
            weekly: self.weekly.max(other.weekly),
        }
    }

    /// Whether any step of this is shorter than that of `other`.
    pub fn is_shorter_than(&self, other: &Self) -> bool {
        self.named().iter().zip(other.named()).any(|((_, mine), (_, theirs))| *mine < theirs)
    }
}

impl Default for Days {
    /// The default of [`Policy`], which has the numbers.
    fn default() -> Self {
        let Policy { all, hourly, daily, weekly } = Policy::default();
        let days =
            |span: Millis| u32::try_from(span.0 / Millis::from_days(1).0).unwrap_or(DAYS_MAX);
        Self { all: days(all), hourly: days(hourly), daily: days(daily), weekly: days(weekly) }
    }
}

impl From<Days> for Policy {
    fn from(days: Days) -> Self {
        let span = |days: u32| Millis::from_days(days.into());
        let Days { all, hourly, daily, weekly } = days;
        Self { all: span(all), hourly: span(hourly), daily: span(daily), weekly: span(weekly) }
    }
}

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// 1970-01-01 was a Thursday; with these added, weeks begin on Monday.
const MONDAY_OFFSET_DAYS: i64 = 3;

/// One cell of the grid: which rule, and which hour, day, week or month.
type Cell = (u8, i64);

impl Policy {
    /// The cell of which one version stays; none for a version that stays anyway.
    fn cell(&self, received: UnixTime, now: UnixTime) -> Option<Cell> {
        let age = now.since(received);
        let days = received.0.div_euclid(DAY_MS);
        if received > now || age < self.all {
            None
        } else if age < self.hourly {
            Some((1, received.0.div_euclid(HOUR_MS)))
        } else if age < self.daily {
            Some((2, days))
        } else if age < self.weekly {
            Some((3, (days + MONDAY_OFFSET_DAYS).div_euclid(7)))
        } else {
            Some((4, month(days)))
        }
    }
}

/// Which versions are never taken: the newest, and the newest that is not from the future. Of
/// versions received at one time the later in the list is the newer.
fn untouchable<K>(snapshots: &[(K, UnixTime)], now: UnixTime) -> [Option<usize>; 2] {
    let newest = |of: &dyn Fn(UnixTime) -> bool| {
        let times = snapshots.iter().enumerate().filter(|(_, (_, received))| of(*received));
        times.max_by_key(|(index, (_, received))| (*received, *index)).map(|(index, _)| index)
    };
    [newest(&|_| true), newest(&|received| received <= now)]
}

/// The versions of one source that `policy` lets go.
pub fn expired<K: Clone>(snapshots: &[(K, UnixTime)], now: UnixTime, policy: &Policy) -> Vec<K> {
    let mut stays: BTreeMap<Cell, (UnixTime, usize)> = BTreeMap::new();
    for (index, (_, received)) in snapshots.iter().enumerate() {
        if let Some(cell) = policy.cell(*received, now) {
            let newest = stays.entry(cell).or_insert((*received, index));
            *newest = (*newest).max((*received, index));
        }
    }
    let kept = untouchable(snapshots, now);
    let goes = |(index, (_, received)): &(usize, &(K, UnixTime))| {
        let stays = |cell| stays.get(&cell).is_some_and(|(_, newest)| newest == index);
        !kept.contains(&Some(*index)) && policy.cell(*received, now).is_some_and(|c| !stays(c))
    };
    snapshots.iter().enumerate().filter(goes).map(|(_, (key, _))| key.clone()).collect()
}

/// The versions of one source that are older than `span`, never its newest.
pub fn older_than<K: Clone>(snapshots: &[(K, UnixTime)], now: UnixTime, span: Millis) -> Vec<K> {
    let kept = untouchable(snapshots, now);
    let goes = |(index, (_, received)): &(usize, &(K, UnixTime))| {
        *received <= now && now.since(*received) > span && !kept.contains(&Some(*index))
    };
    snapshots.iter().enumerate().filter(goes).map(|(_, (key, _))| key.clone()).collect()
}

/// What another rule would take of the versions of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<K> {
    /// Every version that goes as soon as the rule is this one: just what [`expired`] names.
    pub goes: Vec<K>,
    /// Of these, how many the rule until now would have kept today.
    pub sooner: usize,
    /// Versions that claim to be received more than [`CLOCK_JUMP_MAX`] after now. No rule takes them today, and
    /// none was judged: with any, the clock is or was wrong, and nobody can say what goes once it is right.
    pub ahead: usize,
}

/// What it would take of the versions of one source if the rule was `to` and no longer `from`. A longer rule
/// may take a version that a shorter one kept: of a day that the end of a step cuts in two, each part kept one.
pub fn change<K: Clone + Ord>(
    snapshots: &[(K, UnixTime)],
    now: UnixTime,
    from: &Policy,
    to: &Policy,
) -> Change<K> {
    let anyway: BTreeSet<K> = expired(snapshots, now, from).into_iter().collect();
    let goes = expired(snapshots, now, to);
    let sooner = goes.iter().filter(|key| !anyway.contains(key)).count();
    let latest = now.plus(CLOCK_JUMP_MAX);
    let ahead = snapshots.iter().filter(|(_, received)| *received > latest).count();
    Change { goes, sooner, ahead }
}
