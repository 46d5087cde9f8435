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
use crate::said::Said;
pub use crate::strip::{DAYS_SEEN, Strip};
pub use crate::trouble::Trouble;

/// Own messages that are shown beside the friend's.
pub const SAID_MAX: usize = 256;
/// The longest name and place, in bytes.
pub const NAME_LEN_MAX: usize = 64;

/// The place of whoever has none.
pub const NO_SLOT: u8 = FRIENDS_MAX;

/// Everything that is written down. What a later program adds is left out by an earlier one, which would otherwise
/// read nothing, and write that down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// How boxes outside this house find this one; none until the owner said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<Reach>,
    /// Where it listens.
    #[serde(default)]
    pub ports: Ports,
    /// How often friends were kept on the vault's disks; 0 in a box that never did.
    #[serde(default)]
    pub mirrored: u64,
    /// What these disks keep is being taken over.
    #[serde(default)]
    pub restoring: bool,
    /// By the number of the pact, as hex.
    #[serde(default)]
    pub friends: BTreeMap<String, FriendNote>,
}

/// What is written down of one friend.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FriendNote {
    /// Its bit in sets of friends; [`NO_SLOT`] when it is in none.
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
    /// What was written here, the oldest first.
    #[serde(default)]
    pub said: Vec<Said>,
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

impl Notes {
    /// What is written down of a friend, made when there is nothing: under a name that no other has.
    pub fn friend(&mut self, id: &str, label: &str, since: UnixTime) -> &mut FriendNote {
        self.know(id, label, since);
        self.friends.entry(id.to_owned()).or_default()
    }

    /// Makes sure that there is a note of a friend; whether it is new.
    pub fn know(&mut self, id: &str, label: &str, since: UnixTime) -> bool {
        if self.friends.contains_key(id) {
            return false;
        }
        let (slot, name) = (self.free_slot(), self.free_name(label));
        let note = FriendNote { slot, name, since_ms: since.0, ..FriendNote::default() };
        self.friends.insert(id.to_owned(), note);
        true
    }

    /// Takes the place away from a friend whose pact is over, which holds nothing, and gives one to whoever
    /// has none; whether that is new.
    pub fn place(&mut self, id: &str, is_over: bool) -> bool {
        let free = if is_over { NO_SLOT } else { self.free_slot() };
        let Some(note) = self.friends.get_mut(id) else { return false };
        if (note.slot == NO_SLOT) == is_over {
            return false;
        }
        let before = std::mem::replace(&mut note.slot, free);
        before != free
    }

    /// The first place that nobody has.
    fn free_slot(&self) -> u8 {
        let taken = |slot: u8| self.friends.values().any(|one| one.slot == slot);
        (0..FRIENDS_MAX).find(|slot| !taken(*slot)).unwrap_or(NO_SLOT)
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

    /// The owner has read what there was to say: what only happened is told no more, what is still so is.
    pub fn was_read(&mut self) {
        self.trouble.retain(|one| one.lasts());
    }

    /// The owner has looked at what this box went back to, and it is right.
    pub fn is_settled(&mut self) {
        self.trouble.retain(|one| !one.is_of_own_heads());
    }

    /// Writes down what was said to the friend.
    pub fn says(&mut self, text: String, serial: u64, now: UnixTime) {
        self.said.push(Said { at_ms: now.0, text, serial });
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
