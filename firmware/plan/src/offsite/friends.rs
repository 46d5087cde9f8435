//! The facts about friends that several decisions share. Start at [`FriendFacts`].

use types::{Bytes, Millis, UnixTime};

/// A friend that was not seen for this long is worth a word, and gets nothing new. A long week-end
/// with the router off is over by then.
pub const AMBER_AFTER: Millis = Millis::from_days(3);
/// What a friend holds that was not seen for this long is copied elsewhere: a holiday is two weeks,
/// and a whole vault sent again costs days of somebody's line.
pub const RED_AFTER: Millis = Millis::from_days(14);
/// Friends at most: their places are bits of a [`FriendSet`].
pub const FRIENDS_MAX: u8 = 64;

slots! {
    /// Some friends, as bits by slot.
    FriendSet
}

/// How it stands between two boxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// As agreed.
    Active,
    /// One of them wants no transfers for now. What is held stays, is audited, and counts.
    Paused,
    /// One of them gave notice: nothing new, and what is there needs another home.
    Leaving,
    /// Lost or falsified copies again after a warning: nothing new, and nothing there counts.
    /// What it still has is taken gladly; every byte is checked.
    Distrusted,
    /// Over: nothing is asked and nothing is expected.
    Ended,
}

/// How long ago a friend was seen, as far as that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Presence {
    /// Not long ago.
    Seen,
    /// [`AMBER_AFTER`] ago or longer.
    Amber,
    /// [`RED_AFTER`] ago or longer.
    Red,
}

/// What it means that a friend was last seen then. A clock that went back makes nobody late; once it is
/// right, whoever keeps that time sets what is still to come to now, or a friend would be there for years.
pub fn presence(last_seen: UnixTime, now: UnixTime) -> Presence {
    match now.since(last_seen) {
        away if away >= RED_AFTER => Presence::Red,
        away if away >= AMBER_AFTER => Presence::Amber,
        _ => Presence::Seen,
    }
}

/// One friend, as one who may hold copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FriendFacts {
    /// Its bit in a [`FriendSet`], below [`FRIENDS_MAX`]; no two friends share one.
    pub slot: u8,
    /// How it stands.
    pub standing: Standing,
    /// When its box last answered.
    pub last_seen: UnixTime,
    /// Bytes that it gives.
    pub given: Bytes,
    /// Bytes of whole packs that it counts, those that it was asked to let go among them.
    pub used: Bytes,
    /// It is connected, and the hours and the caps of both sides let bytes go now.
    pub open: bool,
    /// Where its box stands: two with one number burn together.
    pub place: u16,
}

impl FriendFacts {
    /// Whether a copy there is worth what a copy promises.
    pub fn counts(&self, now: UnixTime) -> bool {
        matches!(self.standing, Standing::Active | Standing::Paused)
            && presence(self.last_seen, now) < Presence::Red
    }

    /// Whether new packs may be meant for it.
    pub fn takes(&self, now: UnixTime) -> bool {
        self.standing == Standing::Active && presence(self.last_seen, now) == Presence::Seen
    }

    /// Whether it may be asked for a pack.
    pub fn answers(&self, now: UnixTime) -> bool {
        self.standing != Standing::Ended && presence(self.last_seen, now) == Presence::Seen
    }

    /// What is left of what it gives.
    pub fn room(&self) -> Bytes {
        self.given.saturating_sub(self.used)
    }
}
