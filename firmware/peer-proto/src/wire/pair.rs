//! Frames of `holdfast/pair/1`: two boxes that do not know each other yet, or no longer.
//!
//! What they mean is decided in `invite`. Start at [`PairAsk`].

use serde::{Deserialize, Serialize};
use types::{InviteId, UnixTime, VaultId};

use super::{Frame, Refused, WireError};
use crate::pact::{Pact, Side, Terms};
use crate::sign::Signature;

/// What whoever dials asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PairAsk {
    /// 0: here is an invite.
    Knock(Box<Knock>),
    /// 1: its owner agrees to these terms.
    Accept(Box<Accept>),
    /// 2: its owner does not.
    Decline(InviteId),
    /// 3: a fresh box with the words of a friend that was here before.
    Return(Box<Return>),
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PairSay {
    /// 0: the invite is good, and this is who made it.
    Known(Box<Known>),
    /// 1: the inviter's owner has not said yes yet; ask again.
    Waiting,
    /// 2: the pact stands; the inviter's signature.
    Agreed(Signature),
    /// 3: the owner is known; the pact with the new box in it, and the friend's signature.
    Returned(Box<Returned>),
    /// 4: no.
    Refused(Refused),
    /// 5: as 3, and when it ends.
    Leaving(Box<Leaving>),
}

/// The first frame of an invitee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Knock {
    /// Which invite.
    pub invite: InviteId,
    /// Proof of its secret, bound to this connection (`invite::proof`).
    pub proof: [u8; 32],
    /// The invitee's clock.
    pub time: UnixTime,
    /// Who it is.
    pub who: Side,
}

/// Consent of the invitee's owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accept {
    /// The pact as the invitee would have it; its terms are those of [`Known`].
    pub pact: Pact,
    /// Its signature.
    pub signature: Signature,
}

/// The inviter's answer to a good proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The inviter's own proof of the secret, bound to this connection.
    pub proof: [u8; 32],
    /// The inviter's clock.
    pub time: UnixTime,
    /// Who it is.
    pub who: Side,
    /// What it offers.
    pub terms: Terms,
}

/// A fresh box of an owner who lost the old one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// The owner's vault.
    pub vault: VaultId,
    /// The fresh box.
    pub who: Side,
    /// Its clock.
    pub time: UnixTime,
    /// By the recovery key (`invite::prove_return`).
    pub proof: Signature,
}

/// The pact goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// The next version of the pact, with the fresh box in it.
    pub pact: Pact,
    /// The friend's signature.
    pub signature: Signature,
}

/// The pact goes on, and not for long: notice was given, or it was over and not all of it is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaving {
    /// The next version of the pact, with the fresh box in it.
    pub returned: Returned,
    /// The end, by the friend's clock. What is kept can be fetched until then.
    pub ends: UnixTime,
}

impl Frame for PairAsk {
    const WHAT: &'static str = "pair request";
    const VARIANTS: u32 = 4;

    fn check(&self) -> Result<(), WireError> {
        Ok(())
    }
}

impl Frame for PairSay {
    const WHAT: &'static str = "pair answer";
    const VARIANTS: u32 = 6;

    fn check(&self) -> Result<(), WireError> {
        Ok(())
    }
}
