//! A friend who comes back with a fresh box: the pact goes on with it, durably, and the box of before is let
//! in no more. What is kept stays where it lies: nothing is sent anew, and nothing goes.
//!
//! Whose words those are was looked at before (`crate::returns`), and is again. Start at
//! [`Friend::hear_return`].

use peer_proto::host::HostEvent;
use peer_proto::invite::{Session, Sheet, welcome_back};
use peer_proto::owner::OwnerEvent;
use peer_proto::pact::{Pact, Phase};
use peer_proto::presence::Presence;
use peer_proto::wire::{ByeWhy, Leaving, PairSay, Return, Returned, Why};
use types::{EndpointId, Millis, UnixTime};

use super::lines::PackDial;
use super::machines::friend_of;
use super::{Broke, Friend, Step};
use crate::endpoint;
use crate::error::FederationError;
use crate::gate::Entry;
use crate::news::FriendNews;
use crate::record::{Reached, Record};

/// Whoever comes back after the end has at least so long to fetch what has not gone yet.
const TIME_TO_FETCH: Millis = Millis::from_days(1);

impl Friend {
    /// The own come-back address at this friend.
    pub(crate) fn sheet(&self) -> Sheet {
        let (pact, part) = (self.m.life.pact(), self.m.life.part());
        let reached = self.m.reached.addresses.iter().map(String::as_str);
        Sheet {
            vault: pact.side(part).vault,
            friend: self.endpoint,
            addresses: endpoint::travelling(&self.core.believed.of(reached)),
            label: pact.side(part.other()).label.clone(),
        }
    }

    /// The friend's come-back address here.
    pub(crate) fn help_back(&self) -> Sheet {
        let (pact, part) = (self.m.life.pact(), self.m.life.part());
        Sheet {
            vault: pact.side(part.other()).vault,
            friend: self.core.own(),
            addresses: endpoint::travelling(&self.core.addresses()),
            label: pact.side(part).label.clone(),
        }
    }

    /// Somebody with the friend's words has a fresh box. None when the pact is not one of those that are
    /// asked now: over, or not.
    pub(crate) fn hear_return(
        &mut self,
        over: bool,
        (session, asked): (&Session, &Return),
        addresses: Vec<String>,
    ) -> Result<Option<PairSay>, FederationError> {
        let (life, now) = (&self.m.life, self.core.now());
        if (life.phase() == Phase::Over) != over {
            return Ok(None);
        }
        let stays = self.m.host.stays_until(now);
        let may = life.may_come_back().and_then(|()| match stays {
            None if over => Err(Why::Ended.plain()),
            _ => welcome_back(life.pact(), self.core.own(), session, asked, now.wall),
        });
        let next = match may {
            Ok(_) if self.core.is_elsewhere(self.id, session.invitee) => {
                return Ok(Some(PairSay::Refused(Why::NoPact.plain())));
            }
            Ok(next) => next,
            Err(refused) => return Ok(Some(PairSay::Refused(refused))),
        };
        let stays = stays.unwrap_or(now.wall).max(now.wall.plus(TIME_TO_FETCH));
        let mut answer = None;
        self.durably(|friend| {
            answer = Some(friend.let_back(next, stays, addresses)?);
            Ok(())
        })?;
        Ok(answer)
    }

    /// Asked again it changes nothing, and the answer is the same.
    fn let_back(
        &mut self,
        next: Pact,
        stays: UnixTime,
        addresses: Vec<String>,
    ) -> Result<PairSay, Broke> {
        let mut life = self.m.life.clone();
        let (signature, ends) = life.let_back(next, stays, &self.core.signer);
        let returned = Returned { pact: life.pact().clone(), signature };
        let answer = match ends {
            None => PairSay::Returned(Box::new(returned)),
            Some(ends) => PairSay::Leaving(Box::new(Leaving { returned, ends })),
        };
        if life == self.m.life {
            self.note_addresses(addresses)?;
            return Ok(answer);
        }
        let fresh = friend_of(&life);
        let post = if fresh == self.endpoint {
            self.m.post.clone()
        } else {
            self.m.post.clone().moved(fresh, &self.core.signer)
        };
        let reached = Reached { last_seen: Some(self.core.now().wall), addresses };
        self.keep(&[
            Record::Pact(Box::new(life.clone())),
            Record::Post(Box::new(post.clone())),
            Record::Reached(reached.clone()),
        ])?;
        (self.m.life, self.m.post, self.m.reached) = (life, post, reached);
        self.goes_by(fresh)?;
        self.core.superseded(self.id)?;
        self.promise_and_room()?;
        self.allow()?;
        self.tell(FriendNews::CameBack { ends });
        Ok(answer)
    }

    /// The friend is known by that box from now on; what another had open ends.
    pub(super) fn goes_by(&mut self, fresh: EndpointId) -> Step {
        if fresh == self.endpoint {
            return Ok(());
        }
        let before = std::mem::replace(&mut self.endpoint, fresh);
        self.core.gate.set(before, self.id, Entry::Shut(ByeWhy::Replaced));
        self.who.set_endpoint(fresh);
        let now = self.core.now();
        self.presence = Presence::new(self.core.own(), fresh, self.m.reached.last_seen, now);
        self.host_step(HostEvent::Revoked(ByeWhy::Replaced))?;
        self.owner_step(OwnerEvent::Closed)?;
        self.close_lines(ByeWhy::Replaced);
        (self.ctl, self.pack) = (None, None);
        (self.note_is_out, self.friend_says) = (false, None);
        self.pack_dial = PackDial::default();
        Ok(())
    }
}
