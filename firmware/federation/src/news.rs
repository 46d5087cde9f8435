//! What a federation tells its box as it happens. Nothing has to be done at once: all of it can be
//! asked for later, but for messages that name one pack.

use peer_proto::host::HostNews;
use peer_proto::invite::CheckWords;
use peer_proto::owner::OwnerNews;
use peer_proto::pact::{PactHash, Side, Terms};
use peer_proto::presence::Seen;
use peer_proto::wire::{HeadPoint, Note, Refused};
use types::{InviteId, PackId, UnixTime};

use crate::views::FriendId;

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Somebody shows an invite that was made here: the owner compares the words and says yes or no
    /// ([`crate::Federation::confirm`]).
    Knocked {
        /// Which invite.
        invite: InviteId,
        /// Who it is, by their own word.
        who: Box<Side>,
        /// What the other screen shows too.
        words: CheckWords,
    },
    /// The box whose ticket was accepted here was met anew: both screens show other words.
    TicketShown {
        /// Which invite.
        invite: InviteId,
        /// What the other screen shows too.
        words: CheckWords,
    },
    /// The friend whose ticket was accepted here said no, or the invite was over.
    TicketFailed {
        /// Which invite.
        invite: InviteId,
        /// Why.
        why: Refused,
    },
    /// There is a new friend.
    Paired(FriendId),
    /// Something about a friend.
    Friend {
        /// Which.
        friend: FriendId,
        /// What.
        what: FriendNews,
    },
}

/// Something about one friend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FriendNews {
    /// Of what is kept for the friend.
    Host(HostNews),
    /// Of what the friend keeps.
    Owner(OwnerNews),
    /// The friend is there, or gone.
    Seen(Seen),
    /// The friend proposes other terms ([`crate::Federation::answer`]).
    Proposed {
        /// What an answer has to name.
        pact: PactHash,
        /// The terms.
        terms: Terms,
        /// Whether a yes takes the 24 words.
        shorter: bool,
        /// What was shown before and is proposed no more.
        instead_of: Option<PactHash>,
    },
    /// Other terms are in force.
    TermsChanged,
    /// The friend said no to what was proposed.
    Declined,
    /// What was sent to the friend was refused: terms, an end.
    Refused(Refused),
    /// The friend gave notice: what it keeps needs another home by then.
    Noticed(UnixTime),
    /// The friend stopped at once.
    Stopped,
    /// The friend came back with a fresh box and the 24 words, and goes on; the box of before is let in no
    /// more.
    CameBack {
        /// When the pact ends: what is kept can only be fetched until then.
        ends: Option<UnixTime>,
    },
    /// A message.
    Note(Box<Note>),
    /// Own messages wait no more: [`crate::Federation::sent`] says which, and why.
    NotesEnded,
    /// An own pack that was to be sent is on no disk, or is not what its name says. It is wanted at
    /// this friend no more.
    NotHere(PackId),
    /// The own newest head was to be sent, and its bytes are not there.
    HeadNotHere(HeadPoint),
    /// A disk that hosts failed and is given nothing more until [`crate::Federation::shelves_changed`].
    ShelfFailed {
        /// Which.
        volume: types::VolumeId,
        /// What it said, without any names of files.
        why: String,
    },
    /// Records could not be written. All lines with this friend are closed, and it is tried again.
    RecordsFailed(String),
}
