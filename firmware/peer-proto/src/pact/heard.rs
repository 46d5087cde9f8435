//! What the friend says of the pact, and what of it is believed.
//!
//! Every statement is signed or undoes only what the friend said itself; all may be repeated. What
//! both remember stands in `life`. Start at [`PactLife::heard`].

use types::UnixTime;

use super::change;
use super::events::PactAction;
use super::life::{PactLife, Pause, Phase, ending_bytes};
use super::terms::SignedPact;
use crate::sign::{Statement, holds};
use crate::wire::{Agree, ByeWhy, CtlAsk, CtlSay, Ending, Refused, Why};

impl PactLife {
    pub(super) fn heard(
        &mut self,
        now: UnixTime,
        said: CtlAsk,
    ) -> Result<Vec<PactAction>, Refused> {
        self.may_speak()?;
        let taken = PactAction::Answer(CtlSay::Taken);
        match said {
            CtlAsk::Propose(asked) => self.heard_proposal(now, *asked),
            CtlAsk::Agree(said) => self.heard_agreement(&said),
            CtlAsk::Decline(seq) => {
                let ours = self.proposed.as_ref().is_some_and(|ours| ours.pact.seq == seq);
                if !ours {
                    return Ok(vec![taken]);
                }
                self.proposed = None;
                Ok(vec![PactAction::Keep, PactAction::Declined, taken])
            }
            CtlAsk::Pause(until) => Ok(self.heard_pause(Some(Pause(until)))),
            CtlAsk::Resume => Ok(self.heard_pause(None)),
            CtlAsk::End(ending) => self.heard_end(now, &ending),
            CtlAsk::Hello(_) | CtlAsk::Note(_) | CtlAsk::Bye(_) => Err(Why::Malformed.plain()),
        }
    }

    /// Only a change is written down: it is said again on every line.
    fn heard_pause(&mut self, pause: Option<Pause>) -> Vec<PactAction> {
        let before = std::mem::replace(&mut self.paused_there, pause);
        let kept = (before != pause).then_some(PactAction::Keep);
        kept.into_iter().chain([PactAction::Answer(CtlSay::Taken)]).collect()
    }

    fn heard_agreement(&mut self, said: &Agree) -> Result<Vec<PactAction>, Refused> {
        let taken = PactAction::Answer(CtlSay::Taken);
        let friend = self.part.other();
        if said.seq == self.pact().seq && self.pact().is_signed_by(friend, &said.signature) {
            let is_new = self.signed_at_last(said.signature);
            return Ok(is_new.then_some(PactAction::Keep).into_iter().chain([taken]).collect());
        }
        let Some(ours) = &self.proposed else {
            return Err(Why::OutOfOrder.with(self.pact().seq.into()));
        };
        change::agreement(self.pact(), &ours.pact, said, friend)?;
        let signed =
            SignedPact::joined(ours.pact.clone(), (self.part, ours.signature), said.signature);
        self.enter(signed);
        Ok(vec![PactAction::Keep, PactAction::InForce, taken])
    }

    fn heard_end(&mut self, now: UnixTime, ending: &Ending) -> Result<Vec<PactAction>, Refused> {
        let said = ending_bytes(self.pact(), ending.at, ending.said);
        let friend = &self.pact().side(self.part.other()).endpoint.0;
        if ending.pact != self.pact().id || !holds(Statement::End, &said, &ending.signature, friend)
        {
            return Err(Why::BadProof.plain());
        }
        // Notice runs by the own clock.
        let wait = self.wait();
        let taken = PactAction::Answer(CtlSay::Taken);
        let at_once = ending.at <= ending.said;
        match self.phase {
            Phase::Over => Ok(vec![taken]),
            Phase::Ending(_) if !at_once => Ok(vec![taken]),
            // It is said again on every line: the notice begins when it is known what time it is.
            Phase::Standing if self.clock_unsure && !at_once => Err(Why::ClockUnsure.plain()),
            Phase::Standing | Phase::Ending(_) if at_once => {
                self.phase = Phase::Over;
                Ok(vec![
                    PactAction::Keep,
                    taken,
                    PactAction::Release(now.plus(wait)),
                    PactAction::Stopped,
                    PactAction::CloseLive(ByeWhy::Ended),
                ])
            }
            Phase::Standing | Phase::Ending(_) => {
                let at = now.plus(wait);
                (self.phase, self.notice_agreed) = (Phase::Ending(at), false);
                Ok(vec![PactAction::Keep, taken, PactAction::Release(at), PactAction::Noticed(at)])
            }
        }
    }
}
