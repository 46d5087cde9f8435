//! What happens to a pact, and what is to be done then. Decided in `life`.

use types::{Millis, UnixTime};

use super::terms::{PactHash, Terms};
use crate::sign::Signature;
use crate::wire::{ByeWhy, CtlAsk, CtlSay, Refused};

/// What happens.
#[derive(Clone, Debug)]
pub enum PactEvent {
    /// The own owner wants other terms.
    Propose {
        /// Which.
        terms: Terms,
        /// The recovery key's word, when the own data are to be kept for a shorter time.
        recovery: Option<Signature>,
    },
    /// The own owner answers what the friend proposed.
    OwnerSaid {
        /// What was shown, as [`PactAction::AskOwner`] named it.
        pact: PactHash,
        /// Yes or no.
        yes: bool,
        /// The recovery key's word, when the own data are to be kept for a shorter time.
        recovery: Option<Signature>,
    },
    /// The friend says one of propose, agree, decline, pause, resume and end.
    Heard(Box<CtlAsk>),
    /// There is a control connection.
    Connected,
    /// Take no new packs until then, or until told otherwise.
    Pause(Option<UnixTime>),
    /// Take them again.
    Resume,
    /// Nothing more to do with this friend; what is kept stays for now.
    Block,
    /// The block is taken back.
    Unblock,
    /// The own owner ends the pact, with notice.
    GiveNotice,
    /// The own owner ends it at once.
    StopNow,
    /// Whether the own clock is believed (`crate::host::Host::clock_is_sure`): to be said at each start and
    /// whenever it changes. Until it is said, it is.
    Clock(bool),
    /// Somebody who knows says that the clock is right, and so much time has passed that was not counted
    /// (`crate::host::Host::behind`): to be said before the host machine is told the same.
    ClockAgreed(Millis),
    /// The box started: what a crash kept from being handed to the host machine is handed to it again.
    Started,
    /// Time passes.
    Tick,
}

/// What is to be done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PactAction {
    /// Store the machine before going on.
    Keep,
    /// Answer the request that this event came from.
    Answer(CtlSay),
    /// Ask this of the friend, now or when it is there again.
    Ask(Box<CtlAsk>),
    /// Show the own owner what the friend proposes.
    AskOwner {
        /// What the answer has to name.
        pact: PactHash,
        /// The terms.
        terms: Terms,
        /// Whether the own data would be kept for a shorter time, so that a yes takes the 24 words.
        shorter: bool,
        /// What was shown before, is not answered, and is proposed no more.
        instead_of: Option<PactHash>,
    },
    /// Other terms are in force: tell the host and the owner machines.
    InForce,
    /// The friend said no to what was proposed.
    Declined,
    /// What the own owner wants cannot be, and why.
    NotPossible(Refused),
    /// From then on, by the own clock, what is kept for the friend may go: hand it to the host machine.
    /// When that is now, the loss is named and a courier offered before the own owner says so.
    Release(UnixTime),
    /// The friend gave notice: what it keeps of ours needs another home by then.
    Noticed(UnixTime),
    /// The friend stopped at once: what it kept of ours counts as lost.
    Stopped,
    /// Close every connection with this friend.
    CloseLive(ByeWhy),
}
