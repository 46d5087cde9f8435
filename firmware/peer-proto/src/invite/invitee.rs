//! The side that took the ticket.
//!
//! It believes nobody but the box that the ticket names and that proves the secret too, shows the
//! terms and the words to its owner, and signs only what the ticket offered. A cut line costs
//! nothing: it knocks again. Start at [`Invitee::step`].

use types::{InviteId, Signer, UnixTime};

use super::proof::{CheckWords, InviteKey, Session, clock_difference};
use super::ticket::Ticket;
use crate::limits;
use crate::pact::{Pact, Part, Side, SignedPact, Terms};
use crate::sign::Signature;
use crate::wire::{Accept, Knock, Known, PairAsk, PairSay, Refused, Why};

/// One ticket, from typing it to the pact.
#[derive(Clone, Debug)]
pub struct Invitee {
    invite: InviteId,
    key: InviteKey,
    inviter: types::EndpointId,
    terms: Terms,
    expires: UnixTime,
    own: Side,
    session: Option<Session>,
    /// What the own owner agreed to and signed.
    agreed: Option<(Pact, Signature)>,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    /// The inviter has not answered.
    Knocking,
    /// It has, and the own owner is asked.
    Asking(Side),
    /// The own owner agreed.
    Accepting,
    /// Both did.
    Paired,
    /// Over.
    Failed,
}

/// What happens.
#[derive(Clone, Debug)]
pub enum InviteeEvent {
    /// There is a connection to the inviter.
    Connected(Session),
    /// The inviter answered.
    Said(PairSay),
    /// The own owner has seen terms and words, and says yes or no.
    OwnerSaid(bool),
    /// It is time to ask again.
    Again,
}

/// What is to be done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InviteeAction {
    /// Ask this, on a new stream.
    Ask(Box<PairAsk>),
    /// Show the owner who invites, on which terms, and the words.
    AskOwner {
        /// Who it is.
        who: Box<Side>,
        /// What is offered.
        terms: Terms,
        /// What the other screen shows too.
        words: CheckWords,
    },
    /// The other owner has not said yes; ask again in a few seconds.
    Wait,
    /// The pact stands. Store it; the invitation is over.
    Paired(Box<SignedPact>),
    /// Nothing comes of it.
    Failed(Refused),
}

impl Invitee {
    /// Begins with a ticket.
    pub fn new(ticket: &Ticket, own: Side, now: UnixTime) -> Result<Self, Refused> {
        if ticket.endpoint == own.endpoint {
            return Err(Why::Oneself.plain());
        }
        // Its own clock may be off; the inviter's decides. Only what is over by far is not dialled.
        if now > ticket.expires.plus(limits::CLOCK_JUMP_MAX) {
            let when = u64::try_from(ticket.expires.0).unwrap_or_default();
            return Err(Why::Expired.with(when));
        }
        Ok(Self {
            invite: ticket.invite,
            key: ticket.secret.key(),
            inviter: ticket.endpoint,
            terms: ticket.terms,
            expires: ticket.expires,
            own,
            session: None,
            agreed: None,
            state: State::Knocking,
        })
    }

    /// When the ticket is over, by the inviter's clock.
    pub fn expires(&self) -> UnixTime {
        self.expires
    }

    /// Decides.
    pub fn step(
        &mut self,
        now: UnixTime,
        event: InviteeEvent,
        signer: &dyn Signer,
    ) -> Vec<InviteeAction> {
        match event {
            InviteeEvent::Connected(session) => self.connected(now, session),
            InviteeEvent::Said(say) => self.said(now, say),
            InviteeEvent::OwnerSaid(yes) => self.owner_said(now, yes, signer),
            InviteeEvent::Again => self.again(),
        }
    }

    fn connected(&mut self, now: UnixTime, session: Session) -> Vec<InviteeAction> {
        if matches!(self.state, State::Paired | State::Failed) {
            return Vec::new();
        }
        if session.inviter != self.inviter || session.invitee != self.own.endpoint {
            return self.failed(Why::BadProof.plain());
        }
        self.session = Some(session);
        self.state = State::Knocking;
        vec![InviteeAction::Ask(Box::new(PairAsk::Knock(Box::new(Knock {
            invite: self.invite,
            proof: session.proof(Part::Invitee, &self.key),
            time: now,
            who: self.own.clone(),
        }))))]
    }

    fn said(&mut self, now: UnixTime, say: PairSay) -> Vec<InviteeAction> {
        match (say, &self.state) {
            (_, State::Paired | State::Failed) => Vec::new(),
            (PairSay::Refused(refused), _) => self.failed(refused),
            (PairSay::Known(known), State::Knocking) => self.known(now, *known),
            (PairSay::Waiting, State::Accepting) => vec![InviteeAction::Wait],
            (PairSay::Agreed(theirs), State::Accepting) => self.paired(theirs),
            // Late, repeated, or out of turn: nothing hangs on it.
            _ => Vec::new(),
        }
    }

    fn known(&mut self, now: UnixTime, known: Known) -> Vec<InviteeAction> {
        let Some(session) = self.session else { return Vec::new() };
        let is_it = known.who.endpoint == self.inviter
            && session.is_proved(Part::Inviter, &self.key, known.proof);
        if !is_it {
            return self.failed(Why::BadProof.plain());
        }
        if known.terms != self.terms {
            return self.failed(Why::Terms.plain());
        }
        let apart = clock_difference(now, known.time);
        if apart > limits::CLOCK_JUMP_MAX {
            return self.failed(Why::ClockFarOff.with(apart.0 / 1_000));
        }
        let words = session.words(self.invite);
        let mut done = vec![InviteeAction::AskOwner {
            who: Box::new(known.who.clone()),
            terms: self.terms,
            words,
        }];
        // Who agreed before the line was cut only sees the new words.
        if self.agreed.as_ref().is_some_and(|(pact, _)| pact.inviter == known.who) {
            self.state = State::Accepting;
            done.extend(self.again());
        } else {
            self.state = State::Asking(known.who);
        }
        done
    }

    fn paired(&mut self, theirs: Signature) -> Vec<InviteeAction> {
        let Some((pact, ours)) = &self.agreed else { return Vec::new() };
        if !pact.is_signed_by(Part::Inviter, &theirs) {
            return self.failed(Why::BadProof.plain());
        }
        let signed = SignedPact::joined(pact.clone(), (Part::Invitee, *ours), theirs);
        self.state = State::Paired;
        vec![InviteeAction::Paired(Box::new(signed))]
    }

    fn owner_said(&mut self, now: UnixTime, yes: bool, signer: &dyn Signer) -> Vec<InviteeAction> {
        let State::Asking(who) = &self.state else { return Vec::new() };
        if !yes {
            let mut done = vec![InviteeAction::Ask(Box::new(PairAsk::Decline(self.invite)))];
            done.extend(self.failed(Why::Declined.plain()));
            return done;
        }
        let pact = Pact {
            id: self.invite,
            seq: 1,
            inviter: who.clone(),
            invitee: self.own.clone(),
            terms: self.terms,
            made: now,
        };
        let signature = pact.sign(signer);
        self.agreed = Some((pact, signature));
        self.state = State::Accepting;
        self.again()
    }

    fn again(&self) -> Vec<InviteeAction> {
        match (&self.state, &self.agreed) {
            (State::Accepting, Some((pact, signature))) => {
                let accept = Accept { pact: pact.clone(), signature: *signature };
                vec![InviteeAction::Ask(Box::new(PairAsk::Accept(Box::new(accept))))]
            }
            _ => Vec::new(),
        }
    }

    fn failed(&mut self, refused: Refused) -> Vec<InviteeAction> {
        self.state = State::Failed;
        vec![InviteeAction::Failed(refused)]
    }
}
