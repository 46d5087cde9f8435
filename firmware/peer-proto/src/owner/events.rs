//! What happens at an owner, and what its driver is to do then, in this order.

use serde::{Deserialize, Serialize};
use types::{HeadHash, PackId};

use super::record::CopyRecord;
use crate::sign::Signature;
use crate::wire::{Audit, Figures, HeadPoint, Kind, Listed, PackAsk, PackSay, Ranges, Refused};

/// One request; never used twice by one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AskId(pub u64);

/// A pack that should be at the friend's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its name.
    pub root: PackId,
    /// Its length.
    pub size: u64,
    /// What it is.
    pub kind: Kind,
}

/// The own newest head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnHead {
    /// Its place in the chain.
    pub point: HeadPoint,
    /// The hash of the head before it.
    pub previous: HeadHash,
    /// Its length.
    pub len: u64,
    /// The recovery key's word for its writer, when the pact names another.
    pub vouched: Option<Signature>,
    /// Its writer's word that it follows an older one, and which.
    pub link: Option<(HeadPoint, Signature)>,
    /// The recovery key's word that heads begin again from it at a friend that saw this one last.
    pub anew: Option<(HeadPoint, Signature)>,
}

/// What verifying a proof came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every byte belongs to the pack.
    Matches,
    /// Some do not.
    Mismatch,
    /// The stream ended before its end: nothing is known.
    Short,
}

/// What happens.
#[derive(Clone, Debug)]
pub enum OwnerEvent {
    /// There is a connection for packs; it takes an older one's place.
    Opened,
    /// It is gone.
    Closed,
    /// What should be at this friend's and is not, most wanted first. It takes the place of what was
    /// queued before.
    Want(Vec<Item>),
    /// What need not be there any more.
    Unwant(Vec<PackId>),
    /// An answer came.
    Said {
        /// To which request.
        ask: AskId,
        /// What.
        say: PackSay,
    },
    /// A stream ended before the last answer.
    Broken(AskId),
    /// Bytes of it moved.
    Progress(AskId),
    /// These ranges are to be audited, with a nonce that nobody could know.
    Audit(Audit),
    /// What verifying a proof came to.
    Verified {
        /// The audit.
        ask: AskId,
        /// The outcome.
        verdict: Verdict,
    },
    /// The friend's hello: which head of ours it saw last.
    Hello {
        /// Its newest head of ours.
        head: Option<HeadPoint>,
        /// Our own newest.
        newest: Option<HeadPoint>,
        /// Whether the friend's is in our own chain.
        known: bool,
    },
    /// The answer to [`OwnerAction::ShowHead`]. When the line broke there is none: it is asked again.
    HeadShown {
        /// The head.
        point: HeadPoint,
        /// What the friend sent as its bytes; none when it has nothing.
        bytes: Option<Vec<u8>>,
        /// Devices that write heads of the vault, beside the one in the pact.
        writers: Vec<[u8; 32]>,
    },
    /// There is a new head to be witnessed.
    Head(Box<OwnHead>),
    /// The answer to [`OwnerAction::Link`].
    Linked {
        /// The older head.
        from: HeadPoint,
        /// The own newest.
        to: HeadPoint,
        /// The writer's word.
        word: Signature,
    },
    /// The owner has looked, and this box is right: with the head from which heads begin again at this
    /// friend, when the one that it saw last is not known here.
    Reconciled(Option<Box<OwnHead>>),
    /// The friend stopped the pact at once.
    Stopped,
    /// Time passes; every few seconds.
    Tick,
}

/// What is to be done, each only after all before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnerAction {
    /// Make this durable in the friend's record.
    Keep(CopyRecord),
    /// Ask this on a new stream.
    Ask {
        /// The request.
        ask: AskId,
        /// What.
        what: Box<PackAsk>,
    },
    /// Send these parts of a pack on the request's stream, as a bao stream.
    Send {
        /// The request.
        ask: AskId,
        /// The pack.
        root: PackId,
        /// Which parts.
        missing: Ranges,
    },
    /// Send the bytes of this head on the request's stream.
    SendHead {
        /// The request.
        ask: AskId,
        /// The head.
        point: HeadPoint,
    },
    /// Read the parts that follow, verify each against the name, and come back with
    /// [`OwnerEvent::Verified`].
    Verify {
        /// The request.
        ask: AskId,
        /// The pack.
        root: PackId,
        /// Its length.
        size: u64,
        /// Which parts.
        ranges: Ranges,
    },
    /// Give a stream up.
    Cancel(AskId),
    /// Have the writer of heads say that `to` follows `from`, and come back with
    /// [`OwnerEvent::Linked`]; a locked box does so later.
    Link {
        /// The head that the friend saw last.
        from: HeadPoint,
        /// The own newest.
        to: HeadPoint,
    },
    /// Fetch this head from the friend by its hash, whole, and come back with
    /// [`OwnerEvent::HeadShown`].
    ShowHead(HeadPoint),
    /// Tell `plan`, and this box's owner where it says so.
    Tell(OwnerNews),
}

/// Why a copy is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostWhy {
    /// The friend says that it does not have it, or its list does.
    Missing,
    /// The friend showed bytes that do not belong to it.
    Mismatch,
    /// The friend ended the pact at once.
    Stopped,
}

/// What an audit came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Right.
    Passed,
    /// Wrong bytes: the copy is lost.
    Mismatch,
    /// Not there: the copy is lost.
    Missing,
    /// Nobody answered in time. Says nothing of the copy.
    NotAnswered,
    /// The friend would not.
    Refused(Refused),
}

/// What is worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnerNews {
    /// A copy counts.
    Held(PackId),
    /// A copy counts no more, and has to be made anew.
    Lost {
        /// Of which pack.
        root: PackId,
        /// Why.
        why: LostWhy,
    },
    /// The friend stopped: this much counted there.
    AllLost(Figures),
    /// An audit is over.
    Audited {
        /// Of which pack.
        root: PackId,
        /// How it went.
        outcome: Outcome,
    },
    /// The friend will not have this pack.
    NotTaken {
        /// Which.
        root: PackId,
        /// Why.
        refused: Refused,
    },
    /// Nothing more is taken for now: full, paused, or over. Told once, until something is taken again.
    Stalled(Refused),
    /// The friend keeps something that is not in the records. It counts until somebody unwants it.
    Found(Listed),
    /// After a whole list, with nothing on its way, the two still count differently.
    FiguresDiffer {
        /// Ours.
        ours: Figures,
        /// The friend's.
        theirs: Figures,
    },
    /// The friend has seen a newer head than there is here: this box went back in time. Nothing is
    /// deleted at the friend until [`OwnerEvent::Reconciled`]. To be told to the owner at once.
    WentBack {
        /// The friend's.
        friend: HeadPoint,
        /// The own newest.
        own: Option<HeadPoint>,
    },
    /// The friend has seen a head that is not in the own chain: there are two of this box.
    Forked {
        /// The friend's.
        friend: HeadPoint,
    },
    /// The friend says that it has seen a head which it cannot show, or which is not by this vault: that
    /// is the friend's fault, and says nothing of this box. Told once, until its word is right again.
    HeadNotShown {
        /// What it named.
        friend: HeadPoint,
    },
    /// The friend has seen the own newest head.
    Witnessed(HeadPoint),
    /// The friend refuses the own newest head.
    HeadRefused(Refused),
}
