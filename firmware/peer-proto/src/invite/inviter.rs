//! The side that made the ticket.
//!
//! It keeps a hash of the secret, counts wrong proofs before it answers them, and makes no pact
//! before its own owner has seen the words and said yes. The machine is its own record: after each
//! [`InviterAction::Keep`] the driver stores it before it goes on. Start at [`Inviter::step`].

use serde::{Deserialize, Serialize};
use types::{EndpointId, InviteId, Signer, UnixTime};

use super::events::{InviterAction, InviterEvent, Offer};
use super::proof::{InviteKey, Secret, Session, clock_difference};
use super::ticket::Ticket;
use crate::limits;
use crate::pact::{Pact, Part, Side, SignedPact, Terms, TermsError};
use crate::sign::Signature;
use crate::wire::{Accept, Knock, Known, PairSay, Refused, Why};

/// One invite, from the ticket to the pact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inviter {
    invite: InviteId,
    key: InviteKey,
    own: Side,
    terms: Terms,
    expires: UnixTime,
    wrong: u8,
    pub(super) state: State,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum State {
    /// Nobody has shown the secret.
    Open,
    /// This box has, and no other may any more.
    Claimed { who: Side, accepted: Option<(Pact, Signature)>, confirmed: bool },
    /// Both owners said yes.
    Paired(SignedPact),
    /// Over.
    Dead(Why),
}

impl Inviter {
    /// A new invite, good for 72 hours, and its ticket. `random` is 48 bytes that nobody can predict.
    pub fn new(
        offer: Offer,
        random: ([u8; 16], [u8; 32]),
        now: UnixTime,
    ) -> Result<(Self, Ticket), TermsError> {
        offer.terms.check()?;
        let (invite, secret) = (InviteId(random.0), Secret::of(random.1));
        let expires = now.plus(limits::INVITE_FOR);
        let inviter = Self {
            invite,
            key: secret.key(),
            own: offer.own.clone(),
            terms: offer.terms,
            expires,
            wrong: 0,
            state: State::Open,
        };
        let ticket = Ticket {
            invite,
            secret,
            endpoint: offer.own.endpoint,
            addresses: offer.addresses,
            expires,
            label: offer.own.label,
            terms: offer.terms,
        };
        Ok((inviter, ticket))
    }

    /// Which invite this is.
    pub fn invite(&self) -> InviteId {
        self.invite
    }

    /// The pact that came of it.
    pub fn paired(&self) -> Option<&SignedPact> {
        match &self.state {
            State::Paired(pact) => Some(pact),
            State::Open | State::Claimed { .. } | State::Dead(_) => None,
        }
    }

    /// Whether it can be forgotten: it is dead, or over without anybody having shown it.
    pub fn is_over(&self, now: UnixTime) -> bool {
        match self.state {
            State::Dead(_) => true,
            State::Open | State::Claimed { .. } => now > self.expires,
            State::Paired(_) => false,
        }
    }

    /// Decides.
    pub fn step(
        &mut self,
        now: UnixTime,
        event: InviterEvent,
        signer: &dyn Signer,
    ) -> Vec<InviterAction> {
        match event {
            InviterEvent::Knocked { session, knock } => self
                .knocked(now, &session, &knock)
                .unwrap_or_else(|(changed, refused)| refusal(changed, refused)),
            InviterEvent::Accepted { from, accept } => self
                .accepted(now, from, *accept, signer)
                .unwrap_or_else(|refused| refusal(false, refused)),
            InviterEvent::Declined { from } => self.declined(from),
            InviterEvent::OwnerSaid(yes) => self.owner_said(now, yes, signer),
            InviterEvent::Superseded => self.superseded(),
            InviterEvent::Withdrawn => self.withdrawn(),
        }
    }

    /// Actions, or whether something changed and why it is refused.
    fn knocked(
        &mut self,
        now: UnixTime,
        session: &Session,
        knock: &Knock,
    ) -> Result<Vec<InviterAction>, (bool, Refused)> {
        self.usable(now, knock.invite).map_err(|refused| (false, refused))?;
        // The connection proves who is there; whoever says otherwise is an impostor.
        if knock.who.endpoint != session.invitee || session.inviter != self.own.endpoint {
            return Err((false, Why::BadProof.plain()));
        }
        if session.invitee == self.own.endpoint || knock.who.vault == self.own.vault {
            return Err((false, Why::Oneself.plain()));
        }
        if !session.is_proved(Part::Invitee, &self.key, knock.proof) {
            return Err((true, self.wrong_secret()));
        }
        let apart = clock_difference(now, knock.time);
        if apart > limits::CLOCK_JUMP_MAX {
            return Err((false, Why::ClockFarOff.with(apart.0 / 1_000)));
        }
        match &mut self.state {
            State::Claimed { who, .. } if who.endpoint != knock.who.endpoint => {
                return Err((false, Why::NoInvite.plain()));
            }
            State::Paired(pact) if pact.pact.invitee != knock.who => {
                return Err((false, Why::NoInvite.plain()));
            }
            State::Paired(_) => return Ok(vec![self.known(now, session)]),
            // The same box on another line: whoever has said yes to it need not say so again.
            State::Claimed { who, confirmed: true, .. } if *who == knock.who => {
                return Ok(vec![self.known(now, session)]);
            }
            State::Claimed { who, .. } if *who == knock.who => {}
            State::Open | State::Claimed { .. } | State::Dead(_) => {
                let who = knock.who.clone();
                self.state = State::Claimed { who, accepted: None, confirmed: false };
            }
        }
        Ok(vec![
            InviterAction::Keep,
            self.known(now, session),
            InviterAction::AskOwner {
                who: Box::new(knock.who.clone()),
                words: session.words(self.invite),
            },
        ])
    }

    fn known(&self, now: UnixTime, session: &Session) -> InviterAction {
        InviterAction::Answer(PairSay::Known(Box::new(Known {
            proof: session.proof(Part::Inviter, &self.key),
            time: now,
            who: self.own.clone(),
            terms: self.terms,
        })))
    }

    /// Whether anything may be done with the invite at all.
    fn usable(&self, now: UnixTime, invite: InviteId) -> Result<(), Refused> {
        match &self.state {
            _ if invite != self.invite => Err(Why::NoInvite.plain()),
            State::Dead(why) => Err(why.plain()),
            State::Paired(_) => Ok(()),
            State::Open | State::Claimed { .. } if now > self.expires => Err(self.expired()),
            State::Open | State::Claimed { .. } => Ok(()),
        }
    }

    fn expired(&self) -> Refused {
        Why::Expired.with(u64::try_from(self.expires.0).unwrap_or_default())
    }

    /// A wrong proof kills an invite that nobody has shown yet, never a pact on its way.
    fn wrong_secret(&mut self) -> Refused {
        self.wrong = self.wrong.saturating_add(1);
        if self.wrong < limits::INVITE_TRIES {
            return Why::WrongSecret.with((limits::INVITE_TRIES - self.wrong).into());
        }
        if matches!(self.state, State::Open) {
            self.state = State::Dead(Why::TooManyTries);
        }
        Why::TooManyTries.plain()
    }

    fn accepted(
        &mut self,
        now: UnixTime,
        from: EndpointId,
        accept: Accept,
        signer: &dyn Signer,
    ) -> Result<Vec<InviterAction>, Refused> {
        self.usable(now, accept.pact.id)?;
        let (who, confirmed) = match &self.state {
            State::Paired(signed) if signed.pact == accept.pact => {
                let agreed = signed.by_inviter;
                return Ok(vec![InviterAction::Answer(PairSay::Agreed(agreed))]);
            }
            State::Paired(_) if now > self.expires.plus(limits::INVITE_AGAIN_FOR) => {
                return Err(self.expired());
            }
            // It lost what it had signed before the answer came, and signed the same terms anew.
            State::Paired(signed) => (signed.pact.invitee.clone(), true),
            State::Claimed { who, confirmed, .. } => (who.clone(), *confirmed),
            State::Open | State::Dead(_) => return Err(Why::NoInvite.plain()),
        };
        if who.endpoint != from {
            return Err(Why::NoInvite.plain());
        }
        let pact = &accept.pact;
        let as_offered = pact.seq == 1
            && pact.inviter == self.own
            && pact.invitee == who
            && pact.terms == self.terms;
        if !as_offered {
            return Err(Why::Terms.plain());
        }
        if !pact.is_signed_by(Part::Invitee, &accept.signature) {
            return Err(Why::BadProof.plain());
        }
        let accepted = Some((accept.pact, accept.signature));
        self.state = State::Claimed { who, accepted, confirmed };
        Ok(self
            .settle(signer)
            .unwrap_or_else(|| vec![InviterAction::Keep, InviterAction::Answer(PairSay::Waiting)]))
    }

    /// The pact, once both owners have said yes.
    fn settle(&mut self, signer: &dyn Signer) -> Option<Vec<InviterAction>> {
        let State::Claimed { accepted: Some((pact, theirs)), confirmed: true, .. } = &self.state
        else {
            return None;
        };
        let ours = pact.sign(signer);
        let pact = SignedPact::joined(pact.clone(), (Part::Inviter, ours), *theirs);
        self.state = State::Paired(pact.clone());
        Some(vec![
            InviterAction::Keep,
            InviterAction::Paired(Box::new(pact)),
            InviterAction::Answer(PairSay::Agreed(ours)),
        ])
    }

    fn owner_said(&mut self, now: UnixTime, yes: bool, signer: &dyn Signer) -> Vec<InviterAction> {
        if now > self.expires {
            return Vec::new();
        }
        match &mut self.state {
            State::Claimed { confirmed, .. } if yes => {
                *confirmed = true;
                let mut done = self.settle(signer).unwrap_or_else(|| vec![InviterAction::Keep]);
                // Nobody asked just now: the other box hears of it when it asks again.
                done.retain(|action| !matches!(action, InviterAction::Answer(_)));
                done
            }
            State::Claimed { .. } => {
                self.state = State::Dead(Why::Declined);
                vec![InviterAction::Keep]
            }
            State::Open | State::Paired(_) | State::Dead(_) => Vec::new(),
        }
    }
}

/// No, after it was written down if something changed.
pub(super) fn refusal(changed: bool, refused: Refused) -> Vec<InviterAction> {
    let answer = InviterAction::Answer(PairSay::Refused(refused));
    if changed { vec![InviterAction::Keep, answer] } else { vec![answer] }
}
