//! Which versions of a source to let go.
//!
//! The older a version, the coarser the grid: of each hour, day, week or month the newest stays.
//! Grids are fixed to the calendar (UTC), not to now, so that what stayed yesterday stays today.
//! The newest version of a source always stays, and so does one that claims to be from the future:
//! the clock was wrong, now or then, and that is no reason to delete. Start at [`expired`].

use std::collections::BTreeMap;

use types::{Millis, UnixTime};

use crate::calendar::month;

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
