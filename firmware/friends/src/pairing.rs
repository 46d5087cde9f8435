//! From an invite to a pact, as an owner goes through it on either side.
//!
//! Room is looked at before anything is offered or agreed to; the words are compared by people. Tickets are
//! told once and kept nowhere here. Start at [`Service::invite`] and [`Service::look`].

use calls::{
    Answer, Fault, FaultCode, Invited, OfferShown, OfferState, PactTerms, Reach, SecretText,
};
use federation::{InviteState, Preview, WaitingTicket};
use peer_proto::host::may_promise;
use peer_proto::invite::CheckWords;
use peer_proto::pact::{Part, Side};
use peer_proto::wire::Why;
use types::{Bytes, InviteId};

use crate::faults;
use crate::limits;
use crate::service::Service;

impl Service {
    /// How boxes outside this house find this one.
    pub(crate) fn set_reach(&self, reach: Reach) -> Result<Answer, Fault> {
        if let Reach::Relay { url } = &reach
            && !(url.starts_with("https://") && url.len() <= 256)
        {
            let sentence = "A relay's address begins with `https://`.";
            return Err(Fault::new(FaultCode::BadRequest, sentence, "Ask whoever runs it for it."));
        }
        {
            let mut desk = self.parts.desk();
            if desk.notes.reach.as_ref() == Some(&reach) {
                drop(desk);
                return Ok(self.friends());
            }
            desk.notes.reach = Some(reach);
            desk.dirty = true;
        }
        self.parts.write_notes();
        self.begin().map_err(|error| {
            Fault::new(FaultCode::Failed, limits::capital(&error.to_string()), error.advice())
        })?;
        self.parts.home.changed();
        Ok(self.friends())
    }

    /// What can still be promised; none while no disk is here.
    pub(crate) fn may_give(&self) -> Option<Bytes> {
        let shelves = self.parts.home.shelves();
        let free = shelves.iter().filter(|shelf| shelf.takes);
        let free: Vec<Bytes> = free.filter_map(|shelf| shelf.volume.free().ok()).collect();
        // What was promised is taken off already.
        (!free.is_empty()).then(|| may_promise(free.into_iter().sum(), &[]).unwrap_or(Bytes(0)))
    }

    fn has_room(&self, terms: &PactTerms) -> Result<(), Fault> {
        let wanted = Bytes(terms.here.bytes);
        let room = self.may_give().unwrap_or(Bytes(0));
        if wanted <= room {
            return Ok(());
        }
        let sentence = format!("This box has {room} left to give, and {wanted} were to be given.");
        Err(Fault::new(FaultCode::Full, sentence, "Give less, or add a disk."))
    }

    pub(crate) fn must_have_reach(&self) -> Result<(), Fault> {
        if self.parts.desk().notes.reach.is_none() {
            return Err(faults::no_reach());
        }
        Ok(())
    }

    /// Makes an invite.
    pub(crate) fn invite(&self, said: &PactTerms) -> Result<Answer, Fault> {
        self.must_have_reach()?;
        self.must_have_place()?;
        self.has_room(said)?;
        let terms = limits::terms(said, Part::Inviter)?;
        let talk = self.federation()?;
        let ticket = talk.invite(terms).map_err(|error| faults::of(&error))?;
        let id = ticket.invite.to_string();
        let invite = calls::InviteShown {
            id,
            terms: *said,
            expires_ms: ticket.expires.0,
            by: None,
            words: None,
        };
        self.parts.home.changed();
        let (text, spaced) = (ticket.text().to_string(), ticket.spaced().to_string());
        Ok(Answer::FriendInvited(Box::new(Invited {
            invite,
            ticket: text.into(),
            spaced: spaced.into(),
        })))
    }

    /// The own owner has compared the words; or takes the invite back.
    pub(crate) fn confirm(&self, said: &str, yes: bool) -> Result<Answer, Fault> {
        let talk = self.federation()?;
        let invites = talk.invites();
        let invite: InviteId =
            pick("invite", said, invites.iter().map(|one| (one.invite, one.invite.to_string())))?;
        let found = invites.iter().find(|one| one.invite == invite);
        let asks = found.is_some_and(|one| matches!(one.state, InviteState::Asking { .. }));
        let done = match (asks, yes) {
            (true, yes) => talk.confirm(invite, yes),
            (false, false) => talk.take_back(invite),
            (false, true) => {
                let sentence = "Nobody has taken this invite yet.";
                let advice = "Send it to your friend; the words come when their box has it.";
                return Err(Fault::new(FaultCode::WrongState, sentence, advice));
            }
        };
        done.map_err(|error| faults::of(&error))?;
        self.parts.wants_round();
        self.parts.home.changed();
        Ok(self.friends())
    }

    /// Looks at somebody's invite.
    pub(crate) fn look(&self, ticket: &SecretText) -> Result<Answer, Fault> {
        self.must_have_reach()?;
        let talk = self.federation()?;
        let preview = talk.look_at(ticket.reveal()).map_err(|error| faults::of(&error))?;
        let offer = self.offer(&preview);
        self.parts.desk().offers.insert(offer.id.clone(), offer.clone());
        self.parts.home.changed();
        Ok(Answer::FriendOffer(Box::new(offer)))
    }

    fn offer(&self, preview: &Preview) -> OfferShown {
        let terms = limits::shown(&preview.terms, Part::Invitee);
        OfferShown {
            id: preview.invite.to_string(),
            by: label(&preview.who),
            terms,
            expires_ms: preview.expires.0,
            words: words(&preview.words),
            state: OfferState::Asking,
            fits: self.has_room(&terms).is_ok(),
            fault: None,
        }
    }

    /// Says yes or no to an invite that was looked at.
    pub(crate) fn answer_offer(&self, said: &str, yes: bool) -> Result<Answer, Fault> {
        let talk = self.federation()?;
        let offers = self.parts.desk().offers.clone();
        let id = pick("offer", said, offers.keys().map(|id| (id.clone(), id.clone())))?;
        let mut offer = offers.get(&id).cloned().ok_or_else(|| faults::nothing("offer", said))?;
        if offer.state == OfferState::Failed && !yes {
            // The other box knows nothing of it any more: it is put away here.
            self.parts.desk().offers.remove(&id);
            self.parts.home.changed();
            return Ok(Answer::FriendOffer(Box::new(offer)));
        }
        let invite: InviteId = id.parse().map_err(|_| faults::nothing("offer", said))?;
        if yes {
            self.must_have_place()?;
            // What was free when the words were compared may be full by now.
            self.has_room(&offer.terms)?;
        }
        talk.accept(invite, yes).map_err(|error| faults::of(&error))?;
        offer.state = if yes { OfferState::Waiting } else { OfferState::Failed };
        let mut desk = self.parts.desk();
        if yes {
            desk.offers.insert(id, offer.clone());
        } else {
            offer.fault = Some(faults::refusal(Why::Declined.plain()));
            desk.offers.remove(&id);
        }
        drop(desk);
        self.parts.home.changed();
        Ok(Answer::FriendOffer(Box::new(offer)))
    }
}

/// An invite to which this owner said yes before a start.
pub(crate) fn waiting(ticket: WaitingTicket) -> OfferShown {
    OfferShown {
        id: ticket.invite.to_string(),
        by: label(&ticket.who),
        terms: limits::shown(&ticket.terms, Part::Invitee),
        expires_ms: ticket.expires.0,
        words: ticket.words,
        state: OfferState::Waiting,
        fits: true,
        fault: None,
    }
}

/// The words that both screens show.
pub(crate) fn words(words: &CheckWords) -> [String; 3] {
    words.0.map(str::to_owned)
}

/// What a box calls itself.
pub(crate) fn label(side: &Side) -> String {
    side.label.as_str().to_owned()
}

/// The one that was meant: by its id, or the front of it when no other begins so.
pub(crate) fn pick<T>(
    what: &str,
    said: &str,
    all: impl Iterator<Item = (T, String)>,
) -> Result<T, Fault> {
    let said = said.trim().to_lowercase();
    let mut found: Vec<T> = all
        .filter(|(_, id)| said.len() >= 2 && id.starts_with(&said))
        .map(|(one, _)| one)
        .collect();
    if found.len() > 1 {
        let sentence = format!("Several begin like {said:?}.");
        return Err(Fault::new(FaultCode::BadRequest, sentence, "Give more of it."));
    }
    found.pop().ok_or_else(|| faults::nothing(what, &said))
}
