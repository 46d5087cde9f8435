//! What a host owes to a box that is dark, how a pact ends, and whom to tell what on the way.
//!
//! An owner whose house burned may take a year to come back. So nothing here ever ends by itself: when
//! the silence clause has passed, the host may give notice, and until a person does, everything stays.
//! Notice given while the box is dark counts from the end of the clause. All times are of the host's
//! clock. Start reading at [`duty`], then [`tells`].

use types::pact::{MONTH, NOTICE_DAYS, SILENCE_MONTHS_MIN};
use types::{Millis, UnixTime};

use super::friends::{AMBER_AFTER, RED_AFTER};

/// Between notice and end.
pub const NOTICE: Millis = Millis::from_days(NOTICE_DAYS as u64);
/// The host is reminded of what lies there this often while its owner is dark.
pub const REMIND_EVERY: Millis = Millis::from_days(91);
/// Before something becomes possible both are told this long ahead ...
pub const AHEAD: Millis = MONTH;
/// ... and once more.
pub const AHEAD_LAST: Millis = Millis::from_days(7);

/// How it is with one whose packs lie here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guest {
    /// When its box was last heard.
    pub last_heard: UnixTime,
    /// When either side gave notice, if one did.
    pub notice: Option<UnixTime>,
    /// What was agreed on; counted as [`SILENCE_MONTHS_MIN`] at least.
    pub silence_months: u8,
}

/// What the host owes now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Everything, as agreed.
    Keep,
    /// Everything, at least until then: the box is dark.
    KeepDark {
        /// When the host may give notice.
        until: UnixTime,
    },
    /// Everything, until somebody gives notice: the clause has passed.
    MayGiveNotice {
        /// Since when.
        since: UnixTime,
    },
    /// Everything until then: notice was given.
    Ending {
        /// The end.
        on: UnixTime,
    },
    /// Nothing any more. A person says that it may go; the host asks once, and lets it go.
    Over,
}

impl Guest {
    /// When the silence clause has passed, if nothing is heard until then.
    pub fn clause_ends(&self) -> UnixTime {
        let months = u64::from(self.silence_months.max(SILENCE_MONTHS_MIN));
        self.last_heard.plus(Millis(months * MONTH.0))
    }

    /// When the pact ends; none as long as nobody gave notice.
    ///
    /// A box that went dark cannot send its packs elsewhere, so its notice begins when the clause ends.
    fn ends(&self, now: UnixTime) -> Option<UnixTime> {
        let given = self.notice?;
        let ends = given.plus(NOTICE);
        // Judged at the end, not after: what was over stays over.
        let is_dark = now.min(ends).since(self.last_heard) >= RED_AFTER;
        Some(if is_dark { given.max(self.clause_ends()).plus(NOTICE) } else { ends })
    }
}

/// The guest whose box was just heard. One that was dark while notice ran has all of it before it
/// again: it had no chance to send anything elsewhere.
pub fn heard(guest: &Guest, now: UnixTime) -> Guest {
    let was_dark = now.since(guest.last_heard) >= RED_AFTER;
    let begins_anew = was_dark && duty(guest, now) != Duty::Over;
    let notice = guest.notice.map(|given| if begins_anew { given.max(now) } else { given });
    Guest { last_heard: guest.last_heard.max(now), notice, ..*guest }
}

/// What the host owes to a guest.
pub fn duty(guest: &Guest, now: UnixTime) -> Duty {
    if let Some(on) = guest.ends(now) {
        return if now >= on { Duty::Over } else { Duty::Ending { on } };
    }
    let until = guest.clause_ends();
    if now >= until {
        Duty::MayGiveNotice { since: until }
    } else if now.since(guest.last_heard) >= AMBER_AFTER {
        Duty::KeepDark { until }
    } else {
        Duty::Keep
    }
}

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whom {
    /// The owner of the packs, by the address that was left for the case that the box is silent.
    Owner,
    /// The host.
    Host,
}

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Word {
    /// The box has been dark for [`RED_AFTER`]. Nothing happens to what lies here.
    Dark,
    /// Still dark; what lies here is still wanted.
    StillKept,
    /// In a month the clause has passed.
    ClauseEndsSoon,
    /// The clause has passed: the host may give notice. Nothing goes until then.
    ClauseEnded,
    /// Notice was given; this is when the pact ends.
    NoticeGiven,
    /// The pact ends in a week.
    EndsSoon,
    /// The pact has ended.
    Ended,
}

/// Something to tell now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tell {
    /// To whom.
    pub whom: Whom,
    /// What.
    pub word: Word,
}

/// What became due after `looked` and up to `now`. Each is told once to each, however seldom anybody
/// looks; of reminders that were missed the last one is enough.
pub fn tells(guest: &Guest, looked: UnixTime, now: UnixTime) -> Vec<Tell> {
    let both = |word| [Whom::Owner, Whom::Host].map(|whom| Tell { whom, word });
    let came = |at: UnixTime| looked < at && at <= now;
    let mut out = Vec::new();
    if came(guest.last_heard.plus(RED_AFTER)) {
        out.extend(both(Word::Dark));
    }
    let clause = guest.clause_ends();
    let reminders = |at: UnixTime| at.min(clause).since(guest.last_heard).0 / REMIND_EVERY.0;
    if reminders(now) > reminders(looked) {
        out.push(Tell { whom: Whom::Host, word: Word::StillKept });
    }
    if came(clause.minus(AHEAD)) {
        out.extend(both(Word::ClauseEndsSoon));
    }
    if came(clause) {
        out.extend(both(Word::ClauseEnded));
    }
    let Some((given, ends)) = guest.notice.zip(guest.ends(now)) else { return out };
    if came(given) {
        out.extend(both(Word::NoticeGiven));
    }
    if came(ends.minus(AHEAD_LAST)) {
        out.extend(both(Word::EndsSoon));
    }
    if came(ends) {
        out.extend(both(Word::Ended));
    }
    out
}
