//! The desk at which this box's own invites lie. What an answer rests on is durable before it leaves.
//!
//! Who comes with one is heard in `knock`. Start at [`Desk`], then [`Core::desk_step`].

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, PoisonError};

use peer_proto::invite::{CheckWords, Inviter, InviterAction, InviterEvent, Offer, Ticket};
use peer_proto::pact::{PactLife, Part, Side, SignedPact, Terms};
use peer_proto::wire::{PairSay, Why};
use serde::{Deserialize, Serialize};
use types::{InviteId, Millis, UnixTime};
use zeroize::Zeroizing;

use crate::core::Core;
use crate::endpoint;
use crate::error::FederationError;
use crate::house::{House, Log};
use crate::news::News;
use crate::pacts::Claim;
use crate::record::{Reached, Record};
use crate::views::{FriendId, InviteState, InviteView};

/// Invites that may be open at once.
const OPEN_MAX: usize = 16;
/// Invites that came to nothing are remembered, so that whoever comes with one is told what became of it:
/// at most so many, the newest, and for so long after their time.
const OVER_MAX: usize = 64;
const OVER_FOR: Millis = Millis::from_secs(7 * 86_400);

/// One invite, as it is written down.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Invite {
    machine: Inviter,
    terms: Terms,
    expires: UnixTime,
    /// Who showed it.
    who: Option<Side>,
}

/// Own invites.
#[derive(Debug)]
pub(crate) struct Desk {
    invites: BTreeMap<InviteId, Invite>,
    /// The words of the connection on which one was shown.
    words: BTreeMap<InviteId, CheckWords>,
}

/// What an event at the desk came to.
#[derive(Debug, Default)]
struct Outcome {
    say: Option<PairSay>,
    paired: Option<Box<SignedPact>>,
    news: Vec<News>,
}

impl Desk {
    /// Goes on with what was written down.
    pub(crate) fn load(house: &dyn House) -> Result<Self, FederationError> {
        let mut invites = BTreeMap::new();
        let log = house.records(Log::Invites).map_err(FederationError::records)?;
        for (place, bytes) in log.iter().enumerate() {
            match postcard::take_from_bytes::<Invite>(bytes) {
                Ok((invite, [])) => drop(invites.insert(invite.machine.invite(), invite)),
                Ok(_) | Err(_) => {
                    let what = format!("record {place} of the invites does not read");
                    let error = io::Error::new(io::ErrorKind::InvalidData, what);
                    return Err(FederationError::records(error));
                }
            }
        }
        Ok(Self { invites, words: BTreeMap::new() })
    }

    /// Whether anybody may come with an invite.
    pub(crate) fn waits(&self, now: UnixTime) -> bool {
        self.invites.values().any(|invite| !invite.machine.is_over(now))
    }

    fn new_invite(&mut self, core: &Core, terms: Terms) -> Result<Ticket, FederationError> {
        let now = core.now().wall;
        let own = core.house.side().ok_or(FederationError::NoVault)?;
        let is_open =
            |invite: &&Invite| invite.machine.paired().is_none() && !invite.machine.is_over(now);
        let open = self.invites.values().filter(is_open).count();
        if open >= OPEN_MAX {
            return Err(FederationError::TooMany { open });
        }
        let rng = core.house.rng();
        let random = (rng.array::<16>(), *Zeroizing::new(rng.array::<32>()));
        let addresses = endpoint::travelling(&core.addresses());
        let (machine, ticket) = Inviter::new(Offer { own, terms, addresses }, random, now)?;
        let id = machine.invite();
        let invite = Invite { machine, terms, expires: ticket.expires, who: None };
        self.invites.insert(id, invite);
        self.forget_old(now);
        let all: Vec<Vec<u8>> = self.invites.values().map(Invite::bytes).collect();
        core.house.replace(Log::Invites, &all).map_err(|error| {
            self.invites.remove(&id);
            FederationError::records(error)
        })?;
        Ok(ticket)
    }

    fn forget_old(&mut self, now: UnixTime) {
        let mut over: Vec<(UnixTime, InviteId)> = self
            .invites
            .iter()
            .filter(|(_, invite)| invite.machine.is_over(now))
            .map(|(id, invite)| (invite.expires, *id))
            .collect();
        over.sort_unstable_by(|a, b| b.cmp(a));
        let is_old = |(place, (expires, _)): &(usize, &(UnixTime, InviteId))| {
            *place >= OVER_MAX || now > expires.plus(OVER_FOR)
        };
        for (_, (_, id)) in over.iter().enumerate().filter(is_old) {
            self.invites.remove(id);
        }
    }

    /// What the owner is shown: of those that are over only what no later one follows.
    fn views(&self, now: UnixTime) -> Vec<InviteView> {
        let goes_on = |invite: &&Invite| !invite.machine.is_over(now);
        let newest = self.invites.values().filter(goes_on).map(|invite| invite.expires).max();
        let is_shown = |invite: &Invite| goes_on(&invite) || Some(invite.expires) > newest;
        let shown = self.invites.iter().filter(|(_, invite)| is_shown(invite));
        shown.filter_map(|(id, _)| self.view(*id, now)).collect()
    }

    fn step(&mut self, core: &Core, id: InviteId, event: InviterEvent) -> io::Result<Outcome> {
        let now = core.now().wall;
        let Some(invite) = self.invites.get_mut(&id) else {
            let say = Some(PairSay::Refused(Why::NoInvite.plain()));
            return Ok(Outcome { say, ..Outcome::default() });
        };
        let before = invite.clone();
        let mut outcome = Outcome::default();
        for action in invite.machine.step(now, event, &core.signer) {
            match action {
                InviterAction::Keep => {
                    if let Err(error) = core.house.keep(Log::Invites, &[invite.bytes()]) {
                        // Nothing that rests on it is said or counted.
                        *invite = before;
                        return Err(error);
                    }
                }
                InviterAction::Answer(say) => outcome.say = Some(say),
                InviterAction::AskOwner { who, words } => {
                    invite.who = Some((*who).clone());
                    self.words.insert(id, words);
                    core.house.keep(Log::Invites, &[invite.bytes()])?;
                    outcome.news.push(News::Knocked { invite: id, who, words });
                }
                InviterAction::Paired(pact) => outcome.paired = Some(pact),
            }
        }
        Ok(outcome)
    }

    fn view(&self, id: InviteId, now: UnixTime) -> Option<InviteView> {
        let invite = self.invites.get(&id)?;
        let state = if invite.machine.paired().is_some() {
            InviteState::Paired
        } else if invite.machine.is_over(now) {
            InviteState::Over
        } else if let Some(who) = &invite.who {
            let words = self.words.get(&id).copied();
            InviteState::Asking { who: Box::new(who.clone()), words }
        } else {
            InviteState::Open
        };
        Some(InviteView { invite: id, terms: invite.terms, expires: invite.expires, state })
    }
}

impl Invite {
    fn bytes(&self) -> Vec<u8> {
        // Nothing in it has an unknown length, which is all that postcard refuses.
        postcard::to_allocvec(self).unwrap_or_default()
    }
}

impl Core {
    pub(crate) fn at_desk<T>(&self, act: impl FnOnce(&mut Desk) -> T) -> T {
        act(&mut self.desk.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn invite(&self, terms: Terms) -> Result<Ticket, FederationError> {
        let ticket = self.at_desk(|desk| desk.new_invite(self, terms))?;
        self.look_at_pairing();
        Ok(ticket)
    }

    pub(crate) fn invites(&self) -> Vec<InviteView> {
        let now = self.now().wall;
        self.at_desk(|desk| desk.views(now))
    }

    /// Something that the own owner says of an invite.
    pub(crate) fn owner_of_invite(
        self: &Arc<Self>,
        id: InviteId,
        event: InviterEvent,
    ) -> Result<(), FederationError> {
        if !self.at_desk(|desk| desk.invites.contains_key(&id)) {
            return Err(FederationError::NoInvite(id));
        }
        self.desk_step(id, event, Vec::new()).map(drop)
    }

    /// The pact that came of an invite was changed, or is over.
    pub(crate) fn superseded(&self, friend: FriendId) -> Result<(), crate::friend::Broke> {
        let stepped = self.at_desk(|desk| {
            if desk.invites.contains_key(&friend.0) {
                desk.step(self, friend.0, InviterEvent::Superseded).map(drop)
            } else {
                Ok(())
            }
        });
        stepped.map_err(crate::friend::Broke)
    }

    /// One event, what it makes, and the answer. The friend is there before anybody is told so.
    pub(crate) fn desk_step(
        self: &Arc<Self>,
        id: InviteId,
        event: InviterEvent,
        addresses: Vec<String>,
    ) -> Result<Option<PairSay>, FederationError> {
        let outcome =
            self.at_desk(|desk| desk.step(self, id, event)).map_err(FederationError::records)?;
        if let Some(signed) = outcome.paired {
            let bad = FederationError::Refused(Why::BadProof.plain());
            self.befriend(PactLife::new(Part::Inviter, *signed).ok_or(bad)?, addresses, false)?;
        }
        outcome.news.into_iter().for_each(|news| self.tell(news));
        self.look_at_pairing();
        Ok(outcome.say)
    }

    /// A pact stands: its log is begun, durably, and its thread. Again, it changes nothing. A box that came
    /// back is blind until it tells a head of its own.
    pub(crate) fn befriend(
        self: &Arc<Self>,
        life: PactLife,
        addresses: Vec<String>,
        is_blind: bool,
    ) -> Result<(), FederationError> {
        let id = FriendId(life.pact().id);
        if self.link(id).is_some() {
            return Ok(());
        }
        let log = Log::Friend(id);
        let is_new = self.house.records(log).map_err(FederationError::records)?.is_empty();
        if is_new {
            let claim = Claim::of(&life);
            let reached = Reached { last_seen: Some(self.now().wall), addresses };
            let mut first = vec![Record::Pact(Box::new(life)), Record::Reached(reached)];
            first.extend(is_blind.then_some(Record::Blind(true)));
            let first: Vec<Vec<u8>> = first.iter().map(Record::bytes).collect();
            // Said first: no other pact with this owner lets go of a file any more.
            self.pacts.set(id, Some(claim));
            if let Err(error) = self.house.keep(log, &first) {
                self.pacts.forget(id);
                return Err(FederationError::records(error));
            }
        }
        self.begin(id)?;
        self.tell(News::Paired(id));
        Ok(())
    }
}
