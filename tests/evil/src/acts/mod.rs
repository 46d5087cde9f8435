//! What the evil friend does, by what it abuses. Each act says what it saw, or what should not have
//! been. What is documented stands beside its name in [`crate::table`]. Start at any of the modules.

pub mod audits;
pub mod floods;
pub mod frames;
pub mod heads;
pub mod keeping;
pub mod manners;
pub mod notes;
pub mod packs;
pub mod pact;
pub mod pair;
pub mod slow;

use peer_proto::wire::{CtlSay, PackSay, PairSay, Refused, Why};

use crate::Outcome;

/// An answer that may be a no.
pub trait Answer: std::fmt::Debug {
    /// The no in it.
    fn no(&self) -> Option<Refused>;
}

impl Answer for PackSay {
    fn no(&self) -> Option<Refused> {
        if let Self::Refused(refused) = self { Some(*refused) } else { None }
    }
}

impl Answer for CtlSay {
    fn no(&self) -> Option<Refused> {
        if let Self::Refused(refused) = self { Some(*refused) } else { None }
    }
}

impl Answer for PairSay {
    fn no(&self) -> Option<Refused> {
        if let Self::Refused(refused) = self { Some(*refused) } else { None }
    }
}

/// It has to be this no; its figure.
pub fn wants(doing: &str, said: &impl Answer, why: Why) -> Outcome<u64> {
    match said.no() {
        Some(refused) if refused.why == why => Ok(refused.figure),
        _ => Err(format!("{doing}: not {why:?} but {said:?}")),
    }
}

/// It has to be so.
pub fn holds(is_so: bool, otherwise: impl Into<String>) -> Outcome<()> {
    if is_so { Ok(()) } else { Err(otherwise.into()) }
}
