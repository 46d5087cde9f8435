//! What this box writes down of friends beside what the boxes agreed on: names, limits, how they were seen.
//!
//! Plain data and pure changes of it; `store` writes it. All of it is for the owner's eyes, and a box that
//! lost it has the same friends under other names. Start at [`Notes`].

use std::collections::{BTreeMap, BTreeSet};

use calls::{FriendLimits, Reach};
use plan::offsite::friends::FRIENDS_MAX;
use serde::{Deserialize, Serialize};
use types::{Bytes, Millis, UnixTime};

use crate::listening::Ports;
use crate::proving::DayNote;

/// Days of which it is remembered at which hours a friend's box was there: four weeks show a habit.
pub const DAYS_SEEN: usize = 28;
/// Own messages that are shown beside the friend's.
pub const SAID_MAX: usize = 256;
/// The longest name and place, in bytes.
pub const NAME_LEN_MAX: usize = 64;

const HOUR_MS: i64 = 3_600_000;

/// Everything that is written down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notes {
    /// How boxes outside this house find this one; none until the owner said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<Reach>,
    /// Where it listens.
    #[serde(default)]
    pub ports: Ports,
    /// By the number of the pact, as hex.
    #[serde(default)]
    pub friends: BTreeMap<String, FriendNote>,
}

/// What is written down of one friend.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FriendNote {
    /// Its bit in sets of friends.
    pub slot: u8,
    /// As the owner calls the friend.
    pub name: String,
    /// Where the box stands, in the owner's words.
    #[serde(default)]
    pub place: String,
    /// When the pact was made here.
    pub since_ms: i64,
    /// How fast packs go.
    #[serde(default)]
    pub limits: FriendLimits,
    /// Bytes that went both ways, and in which month: years since 0 times 12 and the month.
    #[serde(default)]
    pub month: (i32, u64),
    /// Hours at which the friend's box was there.
    #[serde(default)]
    pub seen: Strip,
    /// What it answered, by day.
    #[serde(default)]
    pub history: Vec<DayNote>,
    /// When it proved something last.
    #[serde(default)]
    pub proved_ms: Option<i64>,
    /// When the questions of a day were drawn last.
    #[serde(default)]
    pub drawn_ms: Option<i64>,
    /// Since when something waits to be sent to it.
    #[serde(default)]
    pub waiting_since_ms: Option<i64>,
    /// Since when it holds something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_ms: Option<i64>,
    /// As long as it holds nothing: since when it is offered something that it could take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_ms: Option<i64>,
    /// When either side gave notice.
    #[serde(default)]
    pub notice_ms: Option<i64>,
    /// Up to when it was looked what there is to say to whom about a silent box.
    #[serde(default)]
    pub looked_ms: Option<i64>,
    /// The number of the friend's newest message that this owner has read.
    #[serde(default)]
    pub read: u64,
    /// What was written here, the oldest first: when, and what.
    #[serde(default)]
    pub said: Vec<(i64, String)>,
    /// What is to be told about it until somebody has looked.
    #[serde(default)]
    pub trouble: Vec<Trouble>,
}

/// How it is with what a friend could prove or take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// It holds something.
    pub holds: bool,
    /// It may be sent packs: the pact stands, and it has not paused.
    pub takes: bool,
    /// Packs are on their way to it, or would be if it took them.
    pub offered: bool,
}

/// Something about a friend that stays true until somebody has looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// The friend has seen a newer head than there is here: this box went back in time.
    WentBack,
    /// The friend has seen a head that is not in the own chain: there are two of this box.
    Forked,
    /// The friend names a head of ours that it cannot show.
    HeadNotShown,
    /// The friend's box offers an older head than before: it was rolled back.
    TheyWentBack,
    /// There are two heads of the friend's of one number.
    TheyForked,
    /// The friend's box asked without end.
    Flooded,
    /// The friend takes nothing more: what it gives, or its disks, are full.
    Full,
    /// The friend has a fresh box, and showed the words.
    CameBack,
    /// What the two count differs.
    FiguresDiffer,
    /// The friend stopped the pact at once.
    Stopped,
    /// So much lies at the friend's that this box does not know that nothing is let go.
    Strange,
    /// Packs kept for the friend were lost here.
    LostHere,
    /// What is written down of the friend cannot be read or written.
    RecordsFailed,
    /// A disk on which something lies for the friend failed.
    DiskFailed,
    /// The clock is not sure, and nothing of the friend's is let go until it is.
    ClockUnsure,
}

/// At which hours of the last days somebody was there: a word of 24 bits for each day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strip {
    /// The number of the newest day, in UTC since 1970.
    day: i64,
    /// Of each day, the oldest first: hours at which this box looked, and at which the other was there.
    days: Vec<(u32, u32)>,
}

impl Strip {
    /// This box looked now, and the friend's was there or not.
    pub fn look(&mut self, now: UnixTime, there: bool) {
        let day = now.0.div_euclid(24 * HOUR_MS);
        // A clock that went back adds to the newest day.
        let ahead = if self.days.is_empty() { 1 } else { day.saturating_sub(self.day) };
        if ahead > 0 {
            let new = usize::try_from(ahead).unwrap_or(DAYS_SEEN).min(DAYS_SEEN);
            self.days.extend(std::iter::repeat_n((0, 0), new));
            self.days.drain(..self.days.len().saturating_sub(DAYS_SEEN));
            self.day = day;
        }
        let hour = now.0.div_euclid(HOUR_MS).rem_euclid(24);
        if let Some((looked, seen)) = self.days.last_mut() {
            *looked |= 1 << hour;
            *seen |= u32::from(there) << hour;
        }
    }

    /// Of each day, the oldest first, the hours at which it was there, scaled to a day of 24 hours that this
    /// box was on; none for days at which it was not.
    pub fn hours(&self) -> Vec<Option<u8>> {
        let hours = |(looked, seen): &(u32, u32)| {
            let all = looked.count_ones();
            let scaled = (seen.count_ones() * 24).div_ceil(all.max(1));
            (all > 0).then(|| u8::try_from(scaled).unwrap_or(24))
        };
        let gap = DAYS_SEEN.saturating_sub(self.days.len());
        std::iter::repeat_n(None, gap).chain(self.days.iter().map(hours)).collect()
    }
}

impl Notes {
    /// What is written down of a friend, made when there is nothing: under a name that no other has.
    pub fn friend(&mut self, id: &str, label: &str, since: UnixTime) -> &mut FriendNote {
        if !self.friends.contains_key(id) {
            let taken = |slot: u8| self.friends.values().any(|one| one.slot == slot);
            let slot = (0..FRIENDS_MAX).find(|slot| !taken(*slot)).unwrap_or(FRIENDS_MAX);
            let name = self.free_name(label);
            let note = FriendNote { slot, name, since_ms: since.0, ..FriendNote::default() };
            self.friends.insert(id.to_owned(), note);
        }
        self.friends.entry(id.to_owned()).or_default()
    }

    /// A name that no friend has, made of one that somebody may have.
    fn free_name(&self, label: &str) -> String {
        let label = if label.trim().is_empty() { "a friend" } else { label.trim() };
        let taken = |name: &str| self.named(name).is_some();
        let numbered = (2..).map(|number| format!("{label} {number}"));
        let mut names = std::iter::once(label.to_owned()).chain(numbered);
        names.find(|name| !taken(name)).unwrap_or_default()
    }

    /// Friends of whom there is a note and no talk, because what is written down of them does not read.
    /// `talked` are those with whom there is one, as in [`Self::friends`].
    pub fn unread(&self, talked: &BTreeSet<String>) -> Vec<(String, Trouble)> {
        let unread = self.friends.iter().filter(|(id, note)| {
            !talked.contains(*id) && note.trouble.contains(&Trouble::RecordsFailed)
        });
        unread.map(|(_, note)| (note.name.clone(), Trouble::RecordsFailed)).collect()
    }

    /// What was so is not, of any friend, or will be told anew; whether it was so of any.
    pub fn is_over(&mut self, trouble: Trouble) -> bool {
        let ended =
            self.friends.values_mut().filter_map(|note| note.has(trouble, false).then_some(()));
        ended.count() > 0
    }

    /// The friend of this name, whatever the case of its letters.
    pub fn named(&self, name: &str) -> Option<&str> {
        let wanted = name.trim().to_lowercase();
        let mut found = self.friends.iter().filter(|(_, one)| one.name.to_lowercase() == wanted);
        found.next().map(|(id, _)| id.as_str())
    }
}

impl FriendNote {
    /// Adds what went, in the month of now.
    pub fn moved(&mut self, bytes: Bytes, month: i32) {
        if self.month.0 != month {
            self.month = (month, 0);
        }
        self.month.1 = self.month.1.saturating_add(bytes.0);
    }

    /// Bytes that went in this month.
    pub fn this_month(&self, month: i32) -> Bytes {
        Bytes(if self.month.0 == month { self.month.1 } else { 0 })
    }

    /// Notes trouble once; whether it is new.
    pub fn has(&mut self, trouble: Trouble, is_so: bool) -> bool {
        let was = self.trouble.contains(&trouble);
        if is_so && !was {
            self.trouble.push(trouble);
        } else if !is_so {
            self.trouble.retain(|one| *one != trouble);
        }
        was != is_so
    }

    /// Writes down what was said to the friend.
    pub fn says(&mut self, text: String, now: UnixTime) {
        self.said.push((now.0, text));
        self.said.drain(..self.said.len().saturating_sub(SAID_MAX));
    }

    /// Something waits, or nothing does any more.
    pub fn waits(&mut self, waits: bool, now: UnixTime) {
        self.waiting_since_ms = waits.then(|| self.waiting_since_ms.unwrap_or(now.0));
    }

    /// When a silent box was looked at last; from the beginning of the pact on when never.
    pub fn looked(&self) -> UnixTime {
        UnixTime(self.looked_ms.unwrap_or(self.since_ms))
    }

    /// What it holds or was offered, as it is now; whether that is new. Whoever takes nothing has nothing to
    /// prove, and would be offered the same for ever if nobody remembered since when.
    pub fn tries(&mut self, now: Tried, at: UnixTime) -> bool {
        let before = (self.held_ms, self.offered_ms);
        let Tried { holds, takes, offered } = now;
        self.held_ms = holds.then(|| self.held_ms.unwrap_or(at.0));
        let begins = offered.then_some(at.0);
        self.offered_ms = self.offered_ms.or(begins).filter(|_| takes && !holds);
        before != (self.held_ms, self.offered_ms)
    }

    /// Since when it could have proved or taken something and did not; none while there is nothing to prove
    /// and nothing to take. By a clock that is right nothing of that was later than now.
    pub fn unproved_since(&self, holds: bool, now: UnixTime) -> Option<UnixTime> {
        let since = if holds { self.held_ms.max(self.proved_ms) } else { self.offered_ms };
        let since = since.or(holds.then_some(now.0));
        since.map(|since| UnixTime(since).min(now))
    }
}

/// How often the hours at which friends are there are looked at.
pub const LOOK_EVERY: Millis = Millis(10 * 60_000);
