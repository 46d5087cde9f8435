//! How things are with friends and invites, as plain data for a page. Nothing here asks or decides.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use peer_proto::invite::CheckWords;
use peer_proto::pact::{Pact, Part, Phase, Side, Terms};
use peer_proto::presence::Seen;
use peer_proto::wire::{Figures, HeadPoint};
use serde::{Deserialize, Serialize};
use types::{Bytes, InviteId, Millis, UnixTime};

/// One friend, by the pact: the name stays when a box is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FriendId(pub InviteId);

impl fmt::Display for FriendId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How things are with one friend.
#[derive(Clone, Debug)]
pub struct FriendView {
    /// Which.
    pub id: FriendId,
    /// What is agreed; both sides and the terms are in it.
    pub pact: Pact,
    /// Which side this box is.
    pub part: Part,
    /// How far the pact has come.
    pub phase: Phase,
    /// Whether this box's owner wants nothing more to do with it.
    pub blocked: bool,
    /// What the friend proposes and waits for an answer.
    pub asked: Option<Pact>,
    /// Whether it is there, and by which way.
    pub seen: Seen,
    /// When it was there last.
    pub last_seen: Option<UnixTime>,
    /// The time to the friend and back, while it is there.
    pub round_trip: Option<Millis>,
    /// What is kept for the friend.
    pub kept: Figures,
    /// What the friend keeps, as it said durably.
    pub held: Figures,
    /// What the friend said last that it keeps, and that it counts here.
    pub friend_says: Option<(Figures, Figures)>,
    /// Packs that wait to be sent.
    pub queued: usize,
    /// What there is room for, of what was promised to the friend.
    pub room: Bytes,
    /// Audits of the friend: passed and failed since the start.
    pub audits: (u64, u64),
    /// Whether this box seems to have gone back in time, by this friend's memory.
    pub went_back: bool,
    /// The head of this box that the friend saw last, when nobody here knows it.
    pub strange: Option<HeadPoint>,
    /// Own messages that the friend has not taken.
    pub notes_waiting: usize,
    /// What is being done.
    pub doing: Doing,
    /// What went wrong last, and when: a sentence without secrets.
    pub last_error: Option<(UnixTime, String)>,
    /// The friend may be sent packs: the pact stands, and it has not paused what it takes.
    pub takes: bool,
    /// Boxes that said they were the friend's fresh one, without its words, since the start.
    pub wrong_returns: u64,
    /// This box believes its clock; as long as it does not, nothing may be concluded from times.
    pub time_is_sure: bool,
}

/// Why a friend cannot be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stays {
    /// The pact is not over.
    Standing,
    /// So much is still kept here for it.
    Here(Figures),
    /// It still keeps so much.
    There(Figures),
    /// Its box has not heard that the pact is over.
    Untold,
}

impl fmt::Display for Stays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Standing => f.write_str("the pact is not over"),
            Self::Here(figures) => write!(f, "{} packs of theirs still lie here", figures.packs),
            Self::There(figures) => write!(f, "{} packs still lie there", figures.packs),
            Self::Untold => f.write_str("the friend's box has not heard that the pact is over"),
        }
    }
}

/// What became of an own message that waits no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoteEnd {
    /// The friend has it, durably.
    Taken,
    /// The friend's box would not have it.
    Refused,
    /// The friend's box was away for too long.
    Expired,
}

/// Own messages to a friend, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Those that the friend has not taken.
    pub waiting: BTreeSet<u64>,
    /// What became of the others, of the newest ones.
    pub ended: BTreeMap<u64, NoteEnd>,
}

/// What is on its way with a friend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doing {
    /// Requests of this box that are open.
    pub asking: usize,
    /// Requests of the friend that are open.
    pub answering: usize,
    /// Bytes of bodies that went to the friend since the start.
    pub sent: Bytes,
    /// And that came.
    pub came: Bytes,
}

impl FriendView {
    /// The friend's side of the pact.
    pub fn friend(&self) -> &Side {
        self.pact.side(self.part.other())
    }

    /// This box's side of the pact.
    pub fn own(&self) -> &Side {
        self.pact.side(self.part)
    }
}

/// An invite that was made here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteView {
    /// Which.
    pub invite: InviteId,
    /// What is offered.
    pub terms: Terms,
    /// When it is over.
    pub expires: UnixTime,
    /// How far it is.
    pub state: InviteState,
}

/// How far an invite is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InviteState {
    /// Nobody has shown it.
    Open,
    /// This box has, with these words on its screen; the owner here is asked.
    Asking {
        /// Who.
        who: Box<Side>,
        /// The words; none after a restart, until it shows the invite again.
        words: Option<CheckWords>,
    },
    /// Both said yes.
    Paired,
    /// Nothing comes of it.
    Over,
}

/// A ticket to which this owner said yes, and the other one has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingTicket {
    /// Which invite.
    pub invite: InviteId,
    /// Who invites.
    pub who: Box<Side>,
    /// On which terms.
    pub terms: Terms,
    /// What the other screen showed last.
    pub words: [String; 3],
    /// When it is over, by the inviter's clock.
    pub expires: UnixTime,
}

/// What a ticket offers, once the box that made it has proved itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Which invite.
    pub invite: InviteId,
    /// Who invites.
    pub who: Box<Side>,
    /// On which terms.
    pub terms: Terms,
    /// What the other screen shows too.
    pub words: CheckWords,
    /// When it is over, by the inviter's clock.
    pub expires: UnixTime,
}
