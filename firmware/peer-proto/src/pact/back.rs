//! A pact that goes on with a fresh box, on both sides: what the words have proved stands before the fresh
//! box has signed it.
//!
//! Nothing that was promised changes: terms, an end that was told and the own pause stay as they were. Start at
//! [`PactLife::let_back`] and [`PactLife::of_return`].

use types::{Signer, UnixTime};

use super::life::{PactLife, Phase};
use super::terms::{Pact, Part, SignedPact};
use crate::sign::Signature;
use crate::wire::{Agree, Refused, Why};

/// In the place of a signature that is not there yet. It holds under no key.
const UNSIGNED: [u8; 64] = [0; 64];

impl PactLife {
    /// Whether the owner of what is kept here may come back, whatever is proved. One who was told to stay
    /// away may not, nor one whose data this box's own owner let go.
    pub fn may_come_back(&self) -> Result<(), Refused> {
        if self.is_blocked() {
            return Err(Why::Blocked.plain());
        }
        let let_go = self.phase == Phase::Over && self.has_ended_at_once();
        if let_go { Err(Why::Ended.plain()) } else { Ok(()) }
    }

    /// The friend has a fresh box: its pact is in force, signed by this box alone until the fresh one has
    /// agreed. A pact that was over is about to end again, at `stays_until`, so that what still lies here can be
    /// fetched. The own signature, to be answered with.
    pub fn let_back(
        &mut self,
        next: Pact,
        stays_until: UnixTime,
        signer: &dyn Signer,
    ) -> (Signature, Option<UnixTime>) {
        if next != self.signed.pact {
            let own = (self.part, next.sign(signer));
            self.enter(SignedPact::joined(next, own, Signature::of(UNSIGNED)));
            self.paused_there = None;
        }
        if self.phase == Phase::Over {
            self.phase = Phase::Ending(stays_until);
        }
        (self.signed.by(self.part), self.ends())
    }

    /// When it ends, once notice was given.
    pub fn ends(&self) -> Option<UnixTime> {
        match self.phase {
            Phase::Ending(at) => Some(at),
            Phase::Standing | Phase::Over => None,
        }
    }

    /// A pact as the fresh box holds it: the friend has signed, and this box does. None when the friend's
    /// signature does not hold. It says that it agrees on each line, since nobody else knows.
    pub fn of_return(
        part: Part,
        pact: Pact,
        by_friend: Signature,
        ends: Option<UnixTime>,
        signer: &dyn Signer,
    ) -> Option<Self> {
        let (seq, signature) = (pact.seq, pact.sign(signer));
        let mut life = Self::new(part, SignedPact::joined(pact, (part, signature), by_friend))?;
        life.agreed = Some(Agree { seq, signature, recovery: None });
        life.phase = ends.map_or(Phase::Standing, Phase::Ending);
        Some(life)
    }

    /// The fresh box signed what its owner's words had put in force; whether that was not known.
    pub(super) fn signed_at_last(&mut self, signature: Signature) -> bool {
        let friend = self.part.other();
        if self.signed.by(friend) != Signature::of(UNSIGNED) {
            return false;
        }
        let own = (self.part, self.signed.by(self.part));
        self.signed = SignedPact::joined(self.signed.pact.clone(), own, signature);
        true
    }
}
