//! Rates by hour and weekday. Start at [`Week::rate`].
//!
//! Times are local, and hours that go over midnight belong to the day on which they begin.

use super::Rate;
use crate::jobs::quiet::{DAY_MINUTES, Quiet};

/// Rules at most: more are no plan that anybody keeps in mind.
pub const RULES_MAX: usize = 28;

/// Some days of a week, as bits; Monday is bit 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Days(pub u8);

impl Days {
    /// Every day.
    pub const ALL: Self = Self(0b111_1111);
    /// Monday to Friday.
    pub const WORK: Self = Self(0b001_1111);

    /// Whether a day is one of them, 0 for Monday.
    pub fn has(self, weekday: u8) -> bool {
        weekday < 7 && self.0 & (1 << weekday) != 0
    }
}

/// A rate at some hours of some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The days on which the hours begin.
    pub days: Days,
    /// The hours; all of the day where there are none.
    pub hours: Option<Quiet>,
    /// The rate then.
    pub rate: Rate,
}

impl Rule {
    fn holds(&self, weekday: u8, minute: u16) -> bool {
        let Some(hours) = self.hours else { return self.days.has(weekday) };
        let yesterday = (weekday + 6) % 7;
        // After midnight the hours are those that began the day before.
        let began = if hours.began_before(minute) { yesterday } else { weekday };
        hours.holds(minute) && self.days.has(began)
    }
}

/// What an owner said about the days of a week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Week {
    /// When no rule holds.
    otherwise: Rate,
    rules: Vec<Rule>,
}

impl Default for Week {
    /// At any time as fast as it can: yielding to others is no rule of the week.
    fn default() -> Self {
        Self { otherwise: Rate::UNLIMITED, rules: Vec::new() }
    }
}

impl Week {
    /// Rules and the rate beside them; none when there are more than [`RULES_MAX`].
    pub fn new(otherwise: Rate, rules: Vec<Rule>) -> Option<Self> {
        (rules.len() <= RULES_MAX).then_some(Self { otherwise, rules })
    }

    /// The rate at a minute of a day: that of the last rule that holds.
    pub fn rate(&self, weekday: u8, minute: u16) -> Rate {
        let (weekday, minute) = (weekday % 7, minute.min(DAY_MINUTES - 1));
        let rule = self.rules.iter().rev().find(|rule| rule.holds(weekday, minute));
        rule.map_or(self.otherwise, |rule| rule.rate)
    }

    /// Minutes until it is open again from a minute of a day, zero when it is; none when it never is.
    pub fn opens_in(&self, weekday: u8, minute: u16) -> Option<u32> {
        const WEEK_MINUTES: u32 = 7 * DAY_MINUTES as u32;
        let start = u32::from(weekday % 7) * u32::from(DAY_MINUTES) + u32::from(minute);
        (0..WEEK_MINUTES).find(|ahead| {
            let at = (start + ahead) % WEEK_MINUTES;
            let day = u8::try_from(at / u32::from(DAY_MINUTES)).unwrap_or(0);
            let minute = u16::try_from(at % u32::from(DAY_MINUTES)).unwrap_or(0);
            self.rate(day, minute).is_open()
        })
    }
}
