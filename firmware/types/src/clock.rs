//! Both clocks of a box, and whether the one that may jump is to be believed: it may have none that
//! runs without power.
//!
//! The wall clock is compared with the time that the box has been up, from a moment at which it was
//! known to be right. More than a day between them, in either direction, and nothing is deleted until
//! somebody who knows says that the clock is right. How far they were apart outlives a restart, so a
//! clock that is moved by a little at each start is noticed too. Nothing is read or stored here: both
//! times and the mark are the caller's. Start at [`ClockWatch`].

use crate::{Millis, UnixTime};

/// A clock that moved by more than this against the time that the box has been up is not believed.
pub const CLOCK_JUMP_MAX: Millis = Millis::from_days(1);

/// One moment by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// May jump.
    pub wall: UnixTime,
    /// Only counts, from an arbitrary start.
    pub uptime: Millis,
}

/// What is written down of the clock, now and then and at each start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ClockMark {
    /// What it should have been then.
    pub wall: UnixTime,
}

/// A moment at which the clock was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockWatch {
    anchor: Moment,
}

impl ClockWatch {
    /// At a start, with what was written down. How long the box was off nobody can tell, so all of that
    /// counts as a jump: off for more than a day, it waits to be told the time. One that never ran
    /// believes its clock.
    pub fn at_start(before: Option<ClockMark>, now: Moment) -> Self {
        let wall = before.map_or(now.wall, |mark| mark.wall);
        Self { anchor: Moment { wall, uptime: now.uptime } }
    }

    /// Somebody who knows says that the clock is right.
    pub fn agreed(now: Moment) -> Self {
        Self { anchor: now }
    }

    /// What the clock should be.
    fn expected(self, now: Moment) -> UnixTime {
        self.anchor.wall.plus(Millis(now.uptime.0.saturating_sub(self.anchor.uptime.0)))
    }

    /// How much further the clock is than it should be, in milliseconds; negative when it is behind.
    pub fn drift(self, now: Moment) -> i64 {
        now.wall.0.saturating_sub(self.expected(now).0)
    }

    /// The later of both clocks: what is promised for a time is counted from here. The earlier one may stand
    /// still or lag while the box is off.
    pub fn latest(self, now: Moment) -> UnixTime {
        now.wall.max(self.expected(now))
    }

    /// The earlier of both clocks: what was promised until a time is kept until this one has passed it.
    pub fn earliest(self, now: Moment) -> UnixTime {
        now.wall.min(self.expected(now))
    }

    /// By how much what was expected is behind the clock. When somebody says that the clock is right, so
    /// much time has passed that nobody counted: the box was off for it.
    pub fn behind(self, now: Moment) -> Millis {
        Millis(u64::try_from(self.drift(now)).unwrap_or(0))
    }

    /// Whether deletions may go by it.
    pub fn is_sure(self, now: Moment) -> bool {
        self.drift(now).unsigned_abs() <= CLOCK_JUMP_MAX.0
    }

    /// What to write down.
    pub fn mark(self, now: Moment) -> ClockMark {
        ClockMark { wall: self.expected(now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;
    const HOUR: u64 = 3_600_000;

    fn moment(wall: i64, uptime: u64) -> Moment {
        Moment { wall: UnixTime(wall), uptime: Millis(uptime) }
    }

    #[test]
    fn a_jump_of_more_than_a_day_freezes_until_the_clock_is_back() {
        let watch = ClockWatch::agreed(moment(1_000 * DAY, 0));
        let after_an_hour = 1_000 * DAY + 3_600_000;
        for (wall, is_sure) in [
            (after_an_hour, true),
            (after_an_hour + DAY, true),
            (after_an_hour + DAY + 1, false),
            (after_an_hour - DAY, true),
            (after_an_hour - DAY - 1, false),
            (after_an_hour + 3_650 * DAY, false),
            (0, false),
            (i64::MIN, false),
            (i64::MAX, false),
        ] {
            assert_eq!(watch.is_sure(moment(wall, HOUR)), is_sure, "{wall}");
        }
        assert!(watch.is_sure(moment(after_an_hour + 60_000, HOUR + 60_000)));
    }

    #[test]
    fn a_box_that_was_off_for_long_waits_to_be_told_the_time() {
        let before =
            ClockWatch::agreed(moment(1_000 * DAY, 0)).mark(moment(1_001 * DAY, 24 * HOUR));
        assert_eq!(before, ClockMark { wall: UnixTime(1_001 * DAY) });
        let overnight = moment(1_001 * DAY + DAY / 2, 0);
        assert!(ClockWatch::at_start(Some(before), overnight).is_sure(overnight));
        let holiday = moment(1_020 * DAY, 0);
        let watch = ClockWatch::at_start(Some(before), holiday);
        assert!(!watch.is_sure(holiday));
        assert!(ClockWatch::agreed(holiday).is_sure(holiday), "told the time");
        assert!(ClockWatch::at_start(None, holiday).is_sure(holiday), "a new box");
    }

    #[test]
    fn restarting_does_not_make_a_wrong_clock_right() {
        let watch = ClockWatch::agreed(moment(1_000 * DAY, 0));
        let mark = watch.mark(moment(4_000 * DAY, 5_000));
        let restarted = moment(4_000 * DAY + 60_000, 0);
        assert!(!ClockWatch::at_start(Some(mark), restarted).is_sure(restarted));
        let set_right = moment(1_000 * DAY + 120_000, 0);
        assert!(ClockWatch::at_start(Some(mark), set_right).is_sure(set_right));
    }

    /// A host once wrote down what its clock showed whenever that was believed: moved by 23 hours at each
    /// of thirty restarts, it let go of what it had promised to keep for a month.
    #[test]
    fn a_clock_that_is_moved_by_less_than_a_day_at_each_start_is_noticed_at_the_second() {
        let (mut mark, mut believed) = (ClockMark { wall: UnixTime(1_000 * DAY) }, 0);
        for start in 1..=30 {
            let now = moment(1_000 * DAY + start * (DAY - 3_600_000), 0);
            let watch = ClockWatch::at_start(Some(mark), now);
            believed += i64::from(watch.is_sure(now));
            mark = watch.mark(now);
        }
        assert_eq!(believed, 1);
    }
}
