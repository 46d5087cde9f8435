//! What a friend is worth: from how it answered audits of late.
//!
//! Wrong bytes and a missing pack are failures, and the copy is lost from that moment on. Silence is
//! none: lines break and boxes sleep. But a friend that is there and never proves anything is worth no
//! more than one that is away. Nothing ever follows without a warning before it: one bad disk is an
//! accident, and only what is lost again after the owners had time to see to it costs trust. What is
//! found missing later and was lost in the same accident is no new failure: only a copy that was proved
//! since can be lost again.
//! Start reading at [`verdict`].

use types::{Millis, UnixTime};

/// Days of answers that are remembered: a quarter, so that an accident is forgotten in time.
pub const HISTORY: Millis = Millis::from_days(90);
/// Failures this long after the first one were warned of: a week-end to put a new disk in.
pub const WARNED_FOR: Millis = Millis::from_days(7);
/// Days with failures after that until nothing there counts: one may be the tail of the accident.
pub const BAD_DAYS_MAX: usize = 2;
/// A friend that is there and proved nothing for this long is told of.
pub const UNPROVED_WARNING: Millis = Millis::from_days(14);
/// And after this nothing there counts until it proves something.
pub const UNPROVED_MAX: Millis = Millis::from_days(30);

/// How a friend answered one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The bytes, with their proof.
    Proved,
    /// Other bytes, or a proof of something else.
    Mismatch,
    /// It says that it does not have the pack.
    Missing,
    /// Nothing came, or not all of it: neither good nor bad.
    TimedOut,
    /// It would not say, and no term of the pact lets it: neither good nor bad for now.
    Refused,
}

impl Answer {
    /// Whether the copy is to be taken for lost, and made again.
    pub fn is_lost(self) -> bool {
        matches!(self, Self::Mismatch | Self::Missing)
    }
}

/// An answer about one pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// What it was.
    pub answer: Answer,
    /// When the friend had last proved that it has the pack, or said that it is durable.
    pub proved: UnixTime,
}

/// The answers of one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// When it began.
    pub at: UnixTime,
    /// [`Answer::Proved`].
    pub proved: u32,
    /// [`Answer::Mismatch`].
    pub mismatched: u32,
    /// [`Answer::Missing`].
    pub missing: u32,
    /// Of these two, those about packs that had been proved since the first failure that is
    /// remembered.
    pub again: u32,
    /// [`Answer::TimedOut`] and [`Answer::Refused`].
    pub unanswered: u32,
}

impl Day {
    fn failed(&self) -> u32 {
        self.mismatched.saturating_add(self.missing)
    }
}

/// Adds an answer to the history: one entry a day, as long as [`HISTORY`]. Days of a clock that was
/// ahead are let go.
pub fn keep(history: &mut Vec<Day>, answered: Answered, now: UnixTime) {
    history.retain(|day| day.at <= now && now.since(day.at) < HISTORY);
    let first = history.iter().find(|day| day.failed() > 0).map(|day| day.at);
    let today = UnixTime(now.0.div_euclid(DAY_MS).saturating_mul(DAY_MS));
    if history.last().is_none_or(|last| last.at < today) {
        history.push(Day { at: today, ..Day::default() });
    }
    let Some(day) = history.last_mut() else { return };
    let is_again = first.is_some_and(|first| answered.proved.since(first) >= Millis::from_days(1));
    day.again += u32::from(answered.answer.is_lost() && is_again);
    let count = match answered.answer {
        Answer::Proved => &mut day.proved,
        Answer::Mismatch => &mut day.mismatched,
        Answer::Missing => &mut day.missing,
        Answer::TimedOut | Answer::Refused => &mut day.unanswered,
    };
    *count = count.saturating_add(1);
}

const DAY_MS: i64 = 86_400_000;

/// What follows from a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Nothing.
    Good,
    /// It lost something since then: told to both, and nothing else.
    Warned {
        /// The first day on which it did.
        since: UnixTime,
    },
    /// It is there and proved nothing since then.
    Unproved {
        /// When it last did, or when the pact began.
        since: UnixTime,
    },
    /// Nothing there counts: it lost more after the warning, or proves nothing for too long.
    Distrusted,
}

/// What is known of a friend's answers.
#[derive(Clone, Copy, Debug)]
pub struct Record<'h> {
    /// Its history, as [`keep`] makes it.
    pub history: &'h [Day],
    /// When it last proved anything; before the first time, since when it held or was offered something.
    /// Not later than now: what a clock that was wrong wrote down gives way once it is right.
    pub proved: UnixTime,
    /// When it was last reached.
    pub last_seen: UnixTime,
    /// It holds something that it could prove, or is offered something that it could take.
    pub holds: bool,
}

/// What a friend is worth now.
pub fn verdict(record: &Record<'_>, now: UnixTime) -> Verdict {
    let young = |day: &&Day| day.at <= now && now.since(day.at) < HISTORY;
    let mut bad = record.history.iter().filter(young).filter(|day| day.failed() > 0);
    let first = bad.next().map(|day| day.at);
    if let Some(since) = first {
        let again = bad.filter(|day| day.again > 0 && day.at.since(since) >= WARNED_FOR);
        if again.count() >= BAD_DAYS_MAX {
            return Verdict::Distrusted;
        }
    }
    // As long as it could have answered: time away is counted by presence, not here.
    let silent = record.last_seen.since(record.proved);
    match first {
        _ if record.holds && silent >= UNPROVED_MAX => Verdict::Distrusted,
        Some(since) => Verdict::Warned { since },
        None if record.holds && silent >= UNPROVED_WARNING => {
            Verdict::Unproved { since: record.proved }
        }
        None => Verdict::Good,
    }
}

/// Proved answers among those that prove anything, in thousandths; none when there are none.
pub fn score(history: &[Day]) -> Option<u32> {
    let proved: u64 = history.iter().map(|day| u64::from(day.proved)).sum();
    let failed: u64 = history.iter().map(|day| u64::from(day.failed())).sum();
    let thousandths = (proved * 1_000).checked_div(proved + failed)?;
    u32::try_from(thousandths).ok()
}
