//! What the friend proposes, until this box's owner has answered.
//!
//! An owner signs what was shown and nothing else: an answer names the pact that it is about. What is
//! not answered gives way to something else at the earliest a day after it was shown, and then the
//! owner is told so. Start at [`PactLife::asked`].

use types::{Signer, UnixTime};

use super::change;
use super::events::PactAction;
use super::life::{PactLife, ask};
use super::terms::{Pact, PactHash, Part, SignedPact};
use crate::limits;
use crate::sign::Signature;
use crate::wire::{Agree, CtlAsk, CtlSay, Propose, Refused, Why};

impl PactLife {
    /// What the friend proposes and the own owner has not answered.
    pub fn asked(&self) -> Option<&Pact> {
        self.asked.as_ref().map(|asked| &asked.pact)
    }

    pub(super) fn heard_proposal(
        &mut self,
        now: UnixTime,
        asked: Propose,
    ) -> Result<Vec<PactAction>, Refused> {
        let taken = PactAction::Answer(CtlSay::Taken);
        if asked.pact == self.signed.pact {
            // The yes got lost.
            let again = self.agreed.iter().map(|agree| ask(CtlAsk::Agree(agree.clone())));
            return Ok([taken].into_iter().chain(again).collect());
        }
        if self.asked.as_ref() == Some(&asked) {
            return Ok(vec![taken]);
        }
        if self.declined == Some(asked.pact.hash()) {
            // The no got lost.
            return Ok(vec![taken, ask(CtlAsk::Decline(asked.pact.seq))]);
        }
        change::proposal(self.pact(), &asked, self.part.other())?;
        // Both proposed at once: the inviter's proposal stands.
        if self.proposed.is_some() && self.part == Part::Inviter {
            return Err(Why::OutOfOrder.with(self.pact().seq.into()));
        }
        let wait = self.shown_again_in(now);
        if self.asked.is_some() && wait > 0 {
            return Err(Why::Busy.with(wait));
        }
        self.proposed = None;
        let before = self.asked.replace(asked).map(|before| before.pact.hash());
        let shown = self.show(now, before);
        Ok([PactAction::Keep, taken].into_iter().chain(shown).collect())
    }

    /// Milliseconds until the owner may be asked something else.
    fn shown_again_in(&self, now: UnixTime) -> u64 {
        let Some((at, _)) = self.shown else { return 0 };
        // A clock that went back makes nobody wait.
        if now < at { 0 } else { limits::SHOW_EVERY.0.saturating_sub(now.since(at).0) }
    }

    /// Shows what was not shown, when the owner may be asked again.
    fn show(&mut self, now: UnixTime, before: Option<PactHash>) -> Option<PactAction> {
        let asked = self.asked.as_ref()?;
        let pact = asked.pact.hash();
        let was_shown = self.shown.is_some_and(|(_, shown)| shown == pact);
        if was_shown || self.shown_again_in(now) > 0 {
            return None;
        }
        let terms = asked.pact.terms;
        let shorter = change::shortens(&self.pact().terms, &terms, self.part);
        self.shown = Some((now, pact));
        Some(PactAction::AskOwner { pact, terms, shorter, instead_of: before })
    }

    pub(super) fn show_late(&mut self, now: UnixTime) -> Vec<PactAction> {
        self.show(now, None).map_or_else(Vec::new, |shown| vec![PactAction::Keep, shown])
    }

    /// The own owner answers what was shown; what came in its place meanwhile is not answered by it.
    pub(super) fn owner_said(
        &mut self,
        shown: PactHash,
        yes: bool,
        recovery: Option<Signature>,
        signer: &dyn Signer,
    ) -> Vec<PactAction> {
        let Some(asked) = self.asked.clone().filter(|asked| asked.pact.hash() == shown) else {
            let other = Why::OutOfOrder.with(self.pact().seq.into());
            return vec![PactAction::NotPossible(other)];
        };
        if !yes {
            self.asked = None;
            self.declined = Some(shown);
            return vec![PactAction::Keep, ask(CtlAsk::Decline(asked.pact.seq))];
        }
        let next = &asked.pact;
        if let Err(why) = change::may_shorten(self.pact(), next, self.part, recovery.as_ref()) {
            return vec![PactAction::NotPossible(why)];
        }
        let signature = next.sign(signer);
        let seq = next.seq;
        let signed = SignedPact::joined(asked.pact, (self.part, signature), asked.signature);
        self.enter(signed);
        let agree = Agree { seq, signature, recovery };
        self.agreed = Some(agree.clone());
        vec![PactAction::Keep, PactAction::InForce, ask(CtlAsk::Agree(agree))]
    }
}
