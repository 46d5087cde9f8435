//! When a computer backs itself up: now, or later and why.
//!
//! The agent is woken often and looks each time; what it finds goes in here, and nothing is remembered but when
//! it last came to an end and last tried. A computer that was away long is late, and begins as soon as nothing
//! speaks against it. Start at [`decide`].

use std::fmt;

use types::{Millis, UnixTime};

/// After a try that failed the next one waits this long, doubled with each.
pub const TRY_AGAIN: Millis = Millis::from_secs(15 * 60);
/// And never longer than this: a box that is back is not missed for a day.
pub const TRY_AGAIN_MOST: Millis = Millis::from_secs(6 * 3_600);
/// What speaks against it now is looked at again after this.
pub const LOOK_AGAIN: Millis = Millis::from_secs(15 * 60);
/// How often at least it may be wanted.
pub const EVERY_LEAST: Millis = Millis::from_secs(15 * 60);

/// What its owner wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// A backup is wanted this long after the last one.
    pub every: Millis,
    /// On battery only with at least so many percent; over 100 is never.
    pub battery_least: u8,
    /// Also over a line that is paid by what it carries.
    pub metered: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { every: Millis::from_secs(4 * 3_600), battery_least: 50, metered: false }
    }
}

/// What the computer runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// A socket in the wall, or nothing says otherwise.
    Mains,
    /// A battery, and how full it is where that is known.
    Battery(Option<u8>),
}

/// What is the case now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// When it is.
    pub now: UnixTime,
    /// When the last backup was acknowledged.
    pub last_success: Option<UnixTime>,
    /// When it was last tried, whatever came of it.
    pub last_try: Option<UnixTime>,
    /// Tries that failed since the last one that did not.
    pub failures: u32,
    /// What it runs on.
    pub power: Power,
    /// Whether the line is paid by what it carries; none when nobody says.
    pub metered: Option<bool>,
    /// Whether something answers where the box is.
    pub box_answers: bool,
}

/// Why not now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The last one is recent enough.
    NotDue,
    /// The battery has fewer percent than are wanted, or nobody says how many.
    Battery(Option<u8>),
    /// The line is paid by what it carries.
    Metered,
    /// Nothing answers where the box is.
    NoBox,
    /// It failed a moment ago.
    Failed(u32),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDue => write!(f, "the last backup is recent enough"),
            Self::Battery(Some(percent)) => write!(f, "the battery is at {percent}%"),
            Self::Battery(None) => {
                write!(f, "it runs on battery, and how full that is nobody says")
            }
            Self::Metered => write!(f, "the line is metered"),
            Self::NoBox => write!(f, "the box cannot be reached"),
            Self::Failed(1) => write!(f, "the last try failed"),
            Self::Failed(times) => write!(f, "the last {times} tries failed"),
        }
    }
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Back up.
    Run,
    /// Look again then.
    Wait {
        /// Not before.
        until: UnixTime,
        /// What speaks against it.
        why: Why,
    },
}

/// Now, or when and why.
pub fn decide(rules: &Rules, facts: &Facts) -> Decision {
    let now = facts.now;
    // What lies in the future was noted under another clock, and says nothing.
    let passed = |time: Option<UnixTime>| time.filter(|time| *time <= now);
    let due = passed(facts.last_success).map(|last| last.plus(rules.every.max(EVERY_LEAST)));
    if let Some(until) = due.filter(|due| *due > now) {
        return Decision::Wait { until, why: Why::NotDue };
    }
    if facts.failures > 0
        && let Some(tried) = passed(facts.last_try)
    {
        let until = tried.plus(pause(facts.failures));
        if until > now {
            return Decision::Wait { until, why: Why::Failed(facts.failures) };
        }
    }
    match against(rules, facts) {
        Some(why) => Decision::Wait { until: now.plus(LOOK_AGAIN), why },
        None => Decision::Run,
    }
}

/// What speaks against it whenever it is due.
fn against(rules: &Rules, facts: &Facts) -> Option<Why> {
    if let Power::Battery(percent) = facts.power
        && percent.is_none_or(|percent| percent < rules.battery_least)
    {
        return Some(Why::Battery(percent));
    }
    if facts.metered == Some(true) && !rules.metered {
        return Some(Why::Metered);
    }
    (!facts.box_answers).then_some(Why::NoBox)
}

fn pause(failures: u32) -> Millis {
    let doubled = 1_u64.checked_shl(failures.saturating_sub(1)).unwrap_or(u64::MAX);
    Millis(TRY_AGAIN.0.saturating_mul(doubled)).min(TRY_AGAIN_MOST)
}
