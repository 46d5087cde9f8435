//! How fast bytes may go to a friend or come from one: hours and days, the month's cap, relays, and who
//! else needs the line.
//!
//! Both boxes ask this, each by its own clock and its own rules, one for what it sends and one for what
//! it takes; the slower answer is what happens. Nothing here sends or sleeps. Start reading at
//! [`allowed`]; the rate is then held by a [`Bucket`].

mod bucket;
mod week;

pub use bucket::{BURST, Bucket, PIECE_MAX, PIECE_MIN, piece};
pub use week::{Days, RULES_MAX, Rule, Week};

use types::{Bytes, Millis};

/// Bytes in a second. Zero is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(pub u64);

impl Rate {
    /// Nothing goes.
    pub const CLOSED: Self = Self(0);
    /// As fast as it can.
    pub const UNLIMITED: Self = Self(u64::MAX);

    /// So many million bits in a second, as lines are sold.
    pub const fn from_mbit(mbit: u32) -> Self {
        Self(mbit as u64 * 125_000)
    }

    /// Whether anything goes at all.
    pub fn is_open(self) -> bool {
        self > Self::CLOSED
    }
}

/// Through a relay, unless the owner says otherwise: it is somebody else's line. 2 Mbit/s bring a day's
/// changes of most homes in a night.
pub const RELAYED_DEFAULT: Rate = Rate::from_mbit(2);
/// What is left to friends while somebody uses the box or the line, one part in so many.
pub const YIELD_PART: u64 = 4;
/// Waiting on the line this much longer than at its quietest is somebody else's traffic, or our own that
/// fills a queue: people notice calls that lag by a tenth of a second.
pub const QUEUE_MAX: Millis = Millis(100);
/// Never slower than this for other traffic's sake, so that a line that is always busy still moves
/// 345 MB in a day: 32 kbit/s.
pub const YIELD_MIN: Rate = Rate(4_000);
/// What an owner wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// By hour and day.
    pub week: Week,
    /// Through a relay.
    pub relayed: Rate,
    /// Bytes in a calendar month; none when nobody counts.
    pub month_cap: Option<Bytes>,
}

impl Default for Rules {
    fn default() -> Self {
        Self { week: Week::default(), relayed: RELAYED_DEFAULT, month_cap: None }
    }
}

/// How it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The local day, 0 for Monday.
    pub weekday: u8,
    /// The local minute of the day.
    pub minute: u16,
    /// The friend is reached through a relay.
    pub is_relayed: bool,
    /// Bytes that went this month.
    pub this_month: Bytes,
}

/// What keeps the rate down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Because {
    /// Nothing does.
    Nothing,
    /// The hour.
    Hours,
    /// A relay is between.
    Relayed,
    /// The month's cap is reached: nothing until the next.
    MonthCap,
}

/// What may go now, and what keeps it down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// How fast.
    pub rate: Rate,
    /// Why not faster.
    pub because: Because,
}

/// What the rules allow now.
pub fn allowed(rules: &Rules, line: &Line) -> Allowance {
    if rules.month_cap.is_some_and(|cap| line.this_month >= cap) {
        return Allowance { rate: Rate::CLOSED, because: Because::MonthCap };
    }
    let hours = rules.week.rate(line.weekday, line.minute);
    let relayed = if line.is_relayed { rules.relayed } else { Rate::UNLIMITED };
    let rate = hours.min(relayed);
    let because = match rate {
        Rate::UNLIMITED => Because::Nothing,
        _ if relayed < hours => Because::Relayed,
        _ => Because::Hours,
    };
    Allowance { rate, because }
}

/// How much of the line friends may have, in 256ths, as far as the line itself says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u16);

impl Share {
    /// All of it.
    pub const FULL: Self = Self(256);
    const LEAST: Self = Self(1);
    /// Sixteen looks, one a second, bring it back.
    const STEP: u16 = 16;

    /// The share after one more look at the line: half as much as soon as answers wait longer than
    /// [`QUEUE_MAX`], and back step by step. `queue` is how much longer an answer takes than at the
    /// line's quietest, where that is known.
    pub fn after(self, queue: Option<Millis>) -> Self {
        if queue.is_some_and(|queue| queue > QUEUE_MAX) {
            Self(self.0 / 2).max(Self::LEAST)
        } else {
            Self(self.0 + Self::STEP).min(Self::FULL)
        }
    }
}

/// Who else needs the line or the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Others {
    /// Somebody looks at the page, or a computer backs up or restores over the network.
    pub people: bool,
    /// What the line leaves.
    pub share: Share,
    /// The fastest second of the last minutes: what a share is of where nothing else limits.
    pub best: Rate,
}

/// What may go of what is allowed, once others had their part.
pub fn yielded(allowed: Rate, others: &Others) -> Rate {
    if !allowed.is_open() || !others.people && others.share == Share::FULL {
        return allowed;
    }
    let whole = if allowed == Rate::UNLIMITED { others.best } else { allowed };
    let part = u128::from(whole.0) * u128::from(others.share.0) / u128::from(Share::FULL.0);
    let part = part / if others.people { u128::from(YIELD_PART) } else { 1 };
    let part = Rate(u64::try_from(part).unwrap_or(u64::MAX));
    part.max(YIELD_MIN).min(allowed)
}
