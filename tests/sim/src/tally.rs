//! What happened in a world, and what was wrong. Start at [`Tally`].

use std::collections::BTreeMap;
use std::ops::AddAssign;

/// Something that may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A box lived through a step.
    BoxStep,
    /// A pack was stored.
    Stored,
    /// A disk died.
    DiskDied,
    /// A disk was away for a while, and came back with everything.
    DiskAway,
    /// A disk that was given up came back with what it had.
    StaleDisk,
    /// A house burned.
    Burned,
    /// A box was taken over, and told all friends to delete everything.
    TakenOver,
    /// A pact ended.
    Ended,
    /// A box vanished for ever.
    Vanished,
    /// A pack was thrown away by a host that said otherwise.
    Feigned,
    /// A copy was found lost: by an audit, a list, or a fetch.
    FoundLost,
    /// A copy counts at a friend.
    Held,
    /// A pack came back from a friend.
    Fetched,
    /// A box lost its power between two actions of a machine.
    Crashed,
    /// A connection was cut with something on its way.
    Cut,
    /// A clock jumped.
    ClockJumped,
    /// A deletion was carried out at a host.
    Removed,
    /// Other terms came into force.
    OtherTerms,
    /// Terms that only the 24 words allow were refused without them.
    ShorterRefused,
    /// A friend witnessed a head.
    Witnessed,
    /// A host was offered an older head or another one, and told its owner.
    HeadTold,
    /// A box was told that it went back in time, with proof.
    WentBack,
    /// A friend named a head that it could not show.
    HeadNotShown,
    /// A frame came twice.
    Replayed,
    /// No good copy of a pack was left.
    Lost,
}

/// Something that must never happen, counted in packs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// Lost, although it could have been saved for a long time, or because a host let go too soon.
    Blamed,
    /// Could have been made safer for as long, lost or not.
    Neglected,
    /// An honest host had no room for it, though the owner's box counted on it.
    Refused,
    /// A good copy is left, and it did not come back.
    Unrecovered,
    /// Lost, and nobody names it.
    Unnamed,
    /// Called lost, and is not.
    CriedWolf,
    /// Removed at an honest host before its time.
    Early,
    /// Counted by its owner at an honest host that does not have it, though no disk lost it.
    Unkept,
    /// The two sides of a pact count differently in the end, or go by other terms.
    Apart,
}

/// What happened in a world, and what was wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often each thing happened.
    pub happened: BTreeMap<Event, u64>,
    /// How often each wrong did.
    pub wrongs: BTreeMap<Wrong, u64>,
}

impl Tally {
    pub(crate) fn note(&mut self, event: Event) {
        self.notes(event, 1);
    }

    pub(crate) fn notes(&mut self, event: Event, times: u64) {
        if times > 0 {
            *self.happened.entry(event).or_default() += times;
        }
    }

    pub(crate) fn wrong(&mut self, wrong: Wrong, times: u64) {
        if times > 0 {
            *self.wrongs.entry(wrong).or_default() += times;
        }
    }

    /// How often something happened.
    pub fn count(&self, event: Event) -> u64 {
        self.happened.get(&event).copied().unwrap_or(0)
    }

    /// How often a wrong did.
    pub fn count_wrong(&self, wrong: Wrong) -> u64 {
        self.wrongs.get(&wrong).copied().unwrap_or(0)
    }

    /// Whether all that must hold held.
    pub fn is_right(&self) -> bool {
        self.wrongs.is_empty()
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        other.happened.into_iter().for_each(|(event, times)| self.notes(event, times));
        other.wrongs.into_iter().for_each(|(wrong, times)| self.wrong(wrong, times));
    }
}
