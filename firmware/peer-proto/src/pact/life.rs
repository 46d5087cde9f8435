//! A pact from its first day to its last, as one of the two boxes holds it.
//!
//! Terms change when both have signed; either side may pause what it takes, block the other, give
//! notice, or stop at once. Nothing here deletes: an end says from when on the host may let go, by
//! its own clock, and the host machine keeps to that as to any deletion. The machine is its own
//! record: after [`PactAction::Keep`] the driver stores it before it goes on.
//! Start at [`PactLife::step`].

use serde::{Deserialize, Serialize};
use types::{Signer, UnixTime};

use super::change;
use super::events::{PactAction, PactEvent};
use super::terms::{Pact, PactHash, Part, SignedPact};
use crate::sign::{Signature, Statement};
use crate::wire::{Agree, ByeWhy, CtlAsk, CtlSay, Ending, Propose, Refused, Why};

/// One pact, as one side holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PactLife {
    pub(super) part: Part,
    pub(super) signed: SignedPact,
    /// What was proposed to the friend and is not answered.
    pub(super) proposed: Option<Propose>,
    /// What the friend proposed and the own owner has not answered.
    pub(super) asked: Option<Propose>,
    /// What the own owner was shown last, and when.
    pub(super) shown: Option<(UnixTime, PactHash)>,
    /// What the own owner said no to last.
    pub(super) declined: Option<PactHash>,
    /// The own yes to the terms in force: said again when it got lost.
    pub(super) agreed: Option<Agree>,
    /// The own word that it ends.
    ending: Option<Ending>,
    paused_here: Option<Pause>,
    pub(super) paused_there: Option<Pause>,
    blocked: bool,
    pub(super) phase: Phase,
    /// Somebody who knows has said since notice was given that the clock is right.
    pub(super) notice_agreed: bool,
    /// By a clock that is not believed no notice begins or ends. Said anew after a start.
    #[serde(skip)]
    pub(super) clock_unsure: bool,
}

/// A pause, until a time or until it is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pause(pub(super) Option<UnixTime>);

impl Pause {
    fn holds(self, now: UnixTime) -> bool {
        self.0.is_none_or(|until| now < until)
    }
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// In force.
    Standing,
    /// Notice was given; it ends then, by the own clock.
    Ending(UnixTime),
    /// Over.
    Over,
}

impl PactLife {
    /// A pact that both have signed, as this side holds it; none when a signature is wrong.
    pub fn new(part: Part, signed: SignedPact) -> Option<Self> {
        signed.holds().then_some(Self {
            part,
            signed,
            proposed: None,
            asked: None,
            shown: None,
            declined: None,
            agreed: None,
            ending: None,
            paused_here: None,
            paused_there: None,
            blocked: false,
            phase: Phase::Standing,
            notice_agreed: false,
            clock_unsure: false,
        })
    }

    /// What is in force.
    pub fn pact(&self) -> &Pact {
        &self.signed.pact
    }

    /// With its signatures.
    pub fn signed(&self) -> &SignedPact {
        &self.signed
    }

    /// Which side this box is.
    pub fn part(&self) -> Part {
        self.part
    }

    /// How far it has come.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether the friend is blocked.
    pub fn is_blocked(&self) -> bool {
        self.blocked
    }

    /// Whether the friend may speak with this box at all.
    pub fn may_speak(&self) -> Result<(), Refused> {
        match self.phase {
            _ if self.blocked => Err(Why::Blocked.plain()),
            Phase::Over => Err(Why::Ended.plain()),
            Phase::Standing | Phase::Ending(_) => Ok(()),
        }
    }

    /// Whether this box takes new packs from the friend.
    pub fn may_bring(&self, now: UnixTime) -> Result<(), Refused> {
        self.may_speak()?;
        match self.phase {
            Phase::Ending(_) | Phase::Over => Err(Why::Ended.plain()),
            Phase::Standing if self.paused_here.is_some_and(|pause| pause.holds(now)) => {
                Err(Why::Paused.plain())
            }
            Phase::Standing => Ok(()),
        }
    }

    /// Whether packs may be pushed to the friend.
    pub fn may_push(&self, now: UnixTime) -> bool {
        !self.blocked
            && self.phase == Phase::Standing
            && !self.paused_there.is_some_and(|pause| pause.holds(now))
    }

    /// Decides.
    pub fn step(
        &mut self,
        now: UnixTime,
        event: PactEvent,
        signer: &dyn Signer,
    ) -> Vec<PactAction> {
        match event {
            PactEvent::Propose { terms, recovery } => self.propose(now, terms, recovery, signer),
            PactEvent::OwnerSaid { pact, yes, recovery } => {
                self.owner_said(pact, yes, recovery, signer)
            }
            PactEvent::Heard(ask) => self.heard(now, *ask).unwrap_or_else(refused),
            PactEvent::Connected => self.connected(now),
            PactEvent::Pause(until) => {
                self.paused_here = Some(Pause(until));
                vec![PactAction::Keep, ask(CtlAsk::Pause(until))]
            }
            PactEvent::Resume => {
                self.paused_here = None;
                vec![PactAction::Keep, ask(CtlAsk::Resume)]
            }
            PactEvent::Block => {
                self.blocked = true;
                vec![PactAction::Keep, PactAction::CloseLive(ByeWhy::Blocked)]
            }
            PactEvent::Unblock => {
                self.blocked = false;
                vec![PactAction::Keep]
            }
            PactEvent::GiveNotice => self.end(now, false, signer),
            PactEvent::StopNow => self.end(now, true, signer),
            PactEvent::Clock(is_sure) => {
                self.clock_unsure = !is_sure;
                Vec::new()
            }
            PactEvent::ClockAgreed(behind) => self.clock_agreed(behind),
            PactEvent::Started if self.phase == Phase::Over => {
                vec![PactAction::Release(now.plus(self.wait()))]
            }
            PactEvent::Started => Vec::new(),
            PactEvent::Tick => self.tick(now),
        }
    }

    /// The own owner ended it at once: its word was to let go now.
    pub(super) fn has_ended_at_once(&self) -> bool {
        self.ending.as_ref().is_some_and(|ending| ending.at <= ending.said)
    }

    /// Whatever the friend may have missed.
    fn connected(&self, now: UnixTime) -> Vec<PactAction> {
        let agreed = self.agreed.iter().filter(|_| self.phase != Phase::Over);
        let agreed = agreed.map(|agreed| CtlAsk::Agree(agreed.clone()));
        let ours = self.proposed.iter().map(|ours| CtlAsk::Propose(Box::new(ours.clone())));
        let ending = self.ending.iter().map(|ending| CtlAsk::End(ending.clone()));
        let pause = match self.paused_here {
            Some(pause) if pause.holds(now) => CtlAsk::Pause(pause.0),
            Some(_) | None => CtlAsk::Resume,
        };
        agreed.chain(ours).chain(ending).chain([pause]).map(ask).collect()
    }

    fn propose(
        &mut self,
        now: UnixTime,
        terms: super::Terms,
        recovery: Option<Signature>,
        signer: &dyn Signer,
    ) -> Vec<PactAction> {
        // One at a time: the friend may have agreed already to one whose answer is on its way, and may
        // not be left with a yes to what it has put aside for this one.
        if self.proposed.is_some() || self.asked.is_some() || self.phase != Phase::Standing {
            return not_proposed(Why::Busy.plain());
        }
        let next = self.next(now, terms);
        if next.terms.check().is_err() {
            return not_proposed(Why::Terms.plain());
        }
        if let Err(why) = change::may_shorten(self.pact(), &next, self.part, recovery.as_ref()) {
            return not_proposed(why);
        }
        let propose = Propose { signature: next.sign(signer), pact: next, recovery };
        self.proposed = Some(propose.clone());
        vec![PactAction::Keep, ask(CtlAsk::Propose(Box::new(propose)))]
    }

    /// The pact that these terms would make; what a recovery key signs (`Statement::Shorten`).
    pub fn next(&self, now: UnixTime, terms: super::Terms) -> Pact {
        let seq = self.pact().seq.saturating_add(1);
        Pact { seq, terms, made: now, ..self.pact().clone() }
    }

    pub(super) fn enter(&mut self, signed: SignedPact) {
        self.signed = signed;
        self.proposed = None;
        self.asked = None;
        self.agreed = None;
    }

    /// The own owner ends it. What the friend keeps of ours is told, and it may let go after notice.
    fn end(&mut self, now: UnixTime, at_once: bool, signer: &dyn Signer) -> Vec<PactAction> {
        if self.phase == Phase::Over {
            return Vec::new();
        }
        if self.clock_unsure && !at_once {
            return not_proposed(Why::ClockUnsure.plain());
        }
        let at = if at_once { now } else { now.plus(self.pact().terms.notice()) };
        let ending = Ending {
            pact: self.pact().id,
            at,
            said: now,
            signature: Statement::End.sign(&ending_bytes(self.pact(), at, now), signer),
        };
        self.ending = Some(ending.clone());
        let mut done = vec![PactAction::Keep, ask(CtlAsk::End(ending))];
        if at_once {
            self.phase = Phase::Over;
            // Whose disk it is may let go of what lies on it; that it is a loss is told beforehand.
            done.extend([PactAction::Release(now), PactAction::CloseLive(ByeWhy::Ended)]);
        } else if self.phase == Phase::Standing {
            (self.phase, self.notice_agreed) = (Phase::Ending(at), false);
            done.push(PactAction::Release(at));
        }
        done
    }

    fn tick(&mut self, now: UnixTime) -> Vec<PactAction> {
        match self.phase {
            Phase::Ending(at) if now >= at && !self.clock_unsure => {
                self.phase = Phase::Over;
                // Once more, for what was still on its way when notice was given.
                let close = PactAction::CloseLive(ByeWhy::Ended);
                vec![PactAction::Keep, PactAction::Release(at), close]
            }
            Phase::Standing | Phase::Ending(_) => self.show_late(now),
            Phase::Over => Vec::new(),
        }
    }
}

pub(super) fn ending_bytes(pact: &Pact, at: UnixTime, said: UnixTime) -> Vec<u8> {
    crate::wire::plain(&(pact.id, at, said))
}

pub(super) fn ask(what: CtlAsk) -> PactAction {
    PactAction::Ask(Box::new(what))
}

fn refused(why: Refused) -> Vec<PactAction> {
    vec![PactAction::Answer(CtlSay::Refused(why))]
}

fn not_proposed(why: Refused) -> Vec<PactAction> {
    vec![PactAction::NotPossible(why)]
}
