//! Why something about friends was not done, in words for an owner.
//!
//! Pure. Codes of another box become sentences here, and nowhere else. Start at [`of`].

use calls::{Fault, FaultCode};
use federation::FederationError;
use peer_proto::wire::{Refused, Why};
use plan::calendar::date;
use types::{Bytes, UnixTime};

use crate::limits::capital;

/// Why the federation did not do it.
pub(crate) fn of(error: &FederationError) -> Fault {
    let code = match error {
        FederationError::NoFriend(_) | FederationError::NoInvite(_) => FaultCode::NotFound,
        // It answered, and asked again it says the same.
        FederationError::Missing(_) | FederationError::Wrong(_) => FaultCode::NotFound,
        FederationError::NoVault | FederationError::Stopped | FederationError::OtherVault => {
            FaultCode::WrongState
        }
        FederationError::TooMany { .. } => FaultCode::Busy,
        FederationError::Stays(_) => FaultCode::WrongState,
        FederationError::Terms(_)
        | FederationError::Ticket(_)
        | FederationError::Sheet(_)
        | FederationError::Note(_)
        | FederationError::Setting(_) => FaultCode::BadRequest,
        FederationError::Refused(refused) => {
            return Fault::new(code_of(refused.why), refusal(*refused), error.advice());
        }
        _ => FaultCode::Failed,
    };
    Fault::new(code, capital(&error.to_string()), error.advice())
}

fn code_of(why: Why) -> FaultCode {
    match why {
        Why::NoInvite | Why::NoPact => FaultCode::NotFound,
        Why::WrongSecret | Why::TooManyTries | Why::BadProof => FaultCode::Denied,
        Why::OverQuota | Why::NoRoom => FaultCode::Full,
        Why::Busy | Why::Full => FaultCode::Busy,
        Why::Ended | Why::Paused | Why::Blocked | Why::OutOfOrder | Why::Expired => {
            FaultCode::WrongState
        }
        _ => FaultCode::Refused,
    }
}

/// What another box's no means.
pub(crate) fn refusal(refused: Refused) -> String {
    let figure = refused.figure;
    let text = match refused.why {
        Why::NoPact => "The other box knows no pact with this one.",
        Why::Blocked => "The friend wants nothing more to do with this box.",
        Why::Paused => "The friend takes no new packs for now.",
        Why::Ended => "The pact has ended.",
        Why::OverQuota => {
            return format!("What the friend gives is full: {} are left.", Bytes(figure));
        }
        Why::NoRoom => {
            return format!("The friend's disks are full: {} are left.", Bytes(figure));
        }
        Why::Busy => "The other box has no time now, or waits for an answer already.",
        Why::ClockUnsure => "The friend's box does not trust its clock.",
        Why::NotLinked | Why::Fork | Why::Rollback | Why::TooFar | Why::UnknownWriter => {
            "The friend has seen other versions of this box than it has now."
        }
        Why::BadProof => "A signature or a proof of the other box does not hold.",
        Why::Failed => "The friend's disk failed.",
        Why::WrongSecret => "The invite is not the one that the other box made.",
        Why::NoInvite => "The other box knows no such invite: it was used or taken back.",
        Why::Expired => {
            let at = i64::try_from(figure).unwrap_or(i64::MAX);
            return format!("The invite was good until {}.", date(UnixTime(at)));
        }
        Why::TooManyTries => "The invite ended because of too many wrong tries.",
        Why::Declined => "The other owner said no.",
        Why::ClockFarOff => "The clocks of the two boxes are more than a day apart.",
        Why::Terms => "The terms are outside of what a pact may say.",
        Why::Shortened => "The own data would be kept for a shorter time.",
        Why::OutOfOrder => "These terms do not follow those in force; they have changed.",
        Why::Oneself => "This is an invite of this very box.",
        Why::Full => "Too many messages wait already.",
        Why::Away => "The disk on which it lies is not there just now.",
        Why::NotUnderstood | Why::Size | Why::Malformed | Why::Unknown(_) => {
            "The other box did not understand, or was not understood."
        }
    };
    text.to_owned()
}

/// No such friend, invite or offer.
pub(crate) fn nothing(what: &str, said: &str) -> Fault {
    let said: String = said.chars().take(64).collect();
    let sentence = format!("There is no {what} {said:?}.");
    Fault::new(FaultCode::NotFound, sentence, "Look at the list: `holdfast friend list`.")
}

/// The name was not said rightly once more.
pub(crate) fn other_name(name: &str) -> Fault {
    let sentence = format!("This is about {name:?}, and another name was said.");
    Fault::new(FaultCode::BadRequest, sentence, "Say the friend's name as it is shown.")
}

/// What a friend has seen of this box is settled by the words alone.
pub(crate) fn needs_words(name: &str) -> Fault {
    let sentence = format!("{name}'s box has seen a version of this box that is not here.");
    let advice = "When this box is right all the same, say so with the 24 words: it begins again there then. \
                  `holdfast --box default friend reconciled NAME --words` asks for them.";
    Fault::new(FaultCode::BadRequest, sentence, advice)
}

/// There are as many friends as there may be.
pub(crate) fn no_place(there: usize) -> Fault {
    let sentence = format!("There are {there} friends, and no box has more.");
    Fault::new(FaultCode::Full, sentence, "End a pact that protects little; then invite again.")
}

/// A friend's box is dark, and packs of it lie here.
pub(crate) fn dark(name: &str, until: UnixTime) -> Fault {
    let sentence = format!("{name}'s box is dark and cannot take back what lies here.");
    let advice = format!(
        "Call them. If nothing is heard, notice can be given from {} on, as was agreed; or end it at once.",
        date(until)
    );
    Fault::new(FaultCode::WrongState, sentence, &advice)
}

/// Nobody has said how this box is found.
pub(crate) fn no_reach() -> Fault {
    let sentence = "Nobody has said yet how friends' boxes may find this one.";
    let advice = "Say so once: `holdfast friend reach same-house`, `meeting-point`, `relay URL` or `nothing`.";
    Fault::new(FaultCode::WrongState, sentence, advice)
}
