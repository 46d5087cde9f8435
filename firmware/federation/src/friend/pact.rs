//! What the two agree on: the pact's life, driven, and all that is said on the control connection.
//! Start at [`Friend::pact_step`] and [`Friend::ctl_asked`].

use peer_proto::host::{HostEvent, LineId};
use peer_proto::owner::{OwnHead, OwnerEvent};
use peer_proto::pact::{PactAction, PactEvent, Phase};
use peer_proto::presence::PresenceEvent;
use peer_proto::rate::Over;
use peer_proto::wire::{ByeWhy, CtlAsk, CtlSay, Hello, Refused, VERSION, Why};
use tokio::sync::oneshot;

use super::ctl::ToCtl;
use super::{Broke, Friend, Step};
use crate::endpoint;
use crate::gate::Entry;
use crate::news::FriendNews;
use crate::pacts::Claim;
use crate::record::Record;

impl Friend {
    /// Feeds the pact; what an answer is for is answered through `reply`. The reason when the own owner
    /// wants what cannot be.
    pub(super) fn pact_step(
        &mut self,
        event: PactEvent,
        mut reply: Option<oneshot::Sender<CtlSay>>,
    ) -> Result<Option<Refused>, Broke> {
        let (now, mut not_possible) = (self.core.now(), None);
        // Said before each event, it is never late. Nothing follows from it alone.
        let is_sure = PactEvent::Clock(self.m.host.clock_is_sure(now));
        let mut done = self.m.life.step(now.wall, is_sure, &self.core.signer);
        done.extend(self.m.life.step(now.wall, event, &self.core.signer));
        for action in done {
            match action {
                PactAction::Keep => self.keep(&[Record::Pact(Box::new(self.m.life.clone()))])?,
                PactAction::Answer(say) => answer(&mut reply, say),
                PactAction::Ask(what) => self.ask_of_pact(*what)?,
                PactAction::AskOwner { pact, terms, shorter, instead_of } => {
                    self.tell(FriendNews::Proposed { pact, terms, shorter, instead_of });
                }
                PactAction::InForce => {
                    self.core.superseded(self.id)?;
                    self.promise_and_room()?;
                    self.tell(FriendNews::TermsChanged);
                }
                PactAction::Declined => self.tell(FriendNews::Declined),
                PactAction::NotPossible(why) => not_possible = Some(why),
                PactAction::Release(at) => self.host_step(HostEvent::Release(at))?,
                PactAction::Noticed(at) => self.tell(FriendNews::Noticed(at)),
                PactAction::Stopped => {
                    self.owner_step(OwnerEvent::Stopped)?;
                    self.tell(FriendNews::Stopped);
                }
                PactAction::CloseLive(why) => self.close_live(why)?,
            }
        }
        Ok(not_possible)
    }

    fn ask_of_pact(&mut self, what: CtlAsk) -> Step {
        if matches!(what, CtlAsk::End(_)) && self.m.end_told.is_none() {
            self.m.end_told = Some(false);
            self.keep(&[Record::End { told: false }])?;
        }
        // Without a line it is said on the next one: the pact says all of it anew there.
        self.ask_ctl(what);
        Ok(())
    }

    /// Nothing more with this friend: what it keeps counts no more, and lines end.
    fn close_live(&mut self, why: ByeWhy) -> Step {
        self.host_step(HostEvent::Revoked(why))?;
        self.owner_step(OwnerEvent::Stopped)?;
        if why == ByeWhy::Ended {
            self.core.superseded(self.id)?;
        }
        self.allow()?;
        self.close_lines(why);
        Ok(())
    }

    /// What the friend may connect for.
    pub(super) fn entry(&self) -> Entry {
        match self.m.life.phase() {
            _ if self.m.life.is_blocked() => Entry::Shut(ByeWhy::Blocked),
            Phase::Over if self.m.end_told == Some(false) => Entry::OnlyCtl,
            Phase::Over => Entry::Shut(ByeWhy::Ended),
            Phase::Standing | Phase::Ending(_) => Entry::Open,
        }
    }

    pub(crate) fn look_at_gate(&self) {
        self.core.pacts.set(self.id, Some(Claim::of(&self.m.life)));
        self.core.gate.set(self.endpoint, self.id, self.entry());
        // Whoever keeps something for an owner is there when that owner has lost everything.
        let is_over = self.m.life.phase() == Phase::Over;
        let may_come = self.m.life.may_come_back().is_ok();
        self.core.gate.awaits(self.id, may_come && !(is_over && self.m.host.kept().packs == 0));
    }

    /// Opens or shuts the gate, and dials or not, as the pact says.
    pub(super) fn allow(&mut self) -> Step {
        self.look_at_gate();
        let allowed = !matches!(self.entry(), Entry::Shut(_));
        self.presence_step(PresenceEvent::Allowed(allowed))
    }

    pub(super) fn is_open(&self) -> bool {
        self.entry() == Entry::Open
    }

    /// The friend asks on a control connection.
    pub(super) fn ctl_asked(
        &mut self,
        line: LineId,
        ask: CtlAsk,
        reply: oneshot::Sender<CtlSay>,
    ) -> Step {
        let now = self.core.now();
        let mut reply = Some(reply);
        // What a box said that is the friend's no more, or on a line that another took the place of.
        if self.ctl.as_ref().is_none_or(|current| current.id != line) {
            return Ok(());
        }
        if let Err(over) = self.ctl_asks.asked(now.uptime) {
            match over {
                Over::Wait(refused) => answer(&mut reply, CtlSay::Refused(refused)),
                Over::Cut => self.cut(line),
            }
            return Ok(());
        }
        self.presence_step(PresenceEvent::Heard)?;
        match ask {
            // Whose pact is over here and does not know it may come in, to be told.
            CtlAsk::Hello(hello) if self.entry() == Entry::OnlyCtl => {
                self.heard_hello(*hello)?;
                answer(&mut reply, CtlSay::Hello(Box::new(self.hello())));
                Ok(())
            }
            CtlAsk::Hello(_) | CtlAsk::Note(_) | CtlAsk::Bye(_)
                if self.m.life.may_speak().is_err() =>
            {
                let refused = self.m.life.may_speak().err().unwrap_or(Why::Ended.plain());
                answer(&mut reply, CtlSay::Refused(refused));
                Ok(())
            }
            CtlAsk::Hello(hello) => {
                answer(&mut reply, CtlSay::Hello(Box::new(self.hello())));
                self.heard_hello(*hello)
            }
            CtlAsk::Note(note) => self.heard_note(*note, reply),
            CtlAsk::Bye(_) => {
                answer(&mut reply, CtlSay::Taken);
                Ok(())
            }
            other => {
                self.pact_step(PactEvent::Heard(Box::new(other)), reply).map(drop)?;
                self.allow()
            }
        }
    }

    /// How things are here.
    pub(super) fn hello(&self) -> Hello {
        let now = self.core.now();
        Hello {
            version: VERSION,
            time: now.wall,
            time_is_sure: self.m.host.clock_is_sure(now),
            addresses: endpoint::travelling(&self.core.addresses()),
            pact_seq: self.m.life.pact().seq,
            kept: self.m.host.kept(),
            held: self.m.owner.held(),
            head: self.m.host.witness().newest(),
        }
    }

    /// The friend's clock is never asked whether ours is right: its own packs are at stake.
    pub(super) fn heard_hello(&mut self, hello: Hello) -> Step {
        self.friend_says = Some((hello.kept, hello.held));
        let told = hello.addresses.items().iter().map(peer_proto::wire::Text::as_str);
        self.note_addresses(self.core.believed.of(told))?;
        let newest = self.core.house.newest_head();
        let known = hello.head.is_none_or(|head| self.core.house.knows_head(head));
        self.owner_step(OwnerEvent::Hello { head: hello.head, newest, known })
    }

    /// The own newest head. What the friend said while nobody here could judge it is judged first.
    pub(super) fn own_head(&mut self, own: OwnHead) -> Step {
        if let Some(head) = self.m.owner.unjudged() {
            let newest = self.core.house.newest_head();
            let known = self.core.house.knows_head(head);
            self.owner_step(OwnerEvent::Hello { head: Some(head), newest, known })?;
        }
        let was_blind = self.m.owner.is_blind();
        self.owner_step(OwnerEvent::Head(Box::new(own)))?;
        if was_blind { self.keep(&[Record::Blind(false)]) } else { Ok(()) }
    }

    pub(super) fn ask_ctl(&self, what: CtlAsk) {
        if let Some(line) = &self.ctl {
            // A line that has ended reports so.
            drop(line.to_say.send(ToCtl::Ask(Box::new(what))));
        }
    }

    /// What the friend answered.
    pub(super) fn ctl_said(&mut self, line: LineId, ask: CtlAsk, say: Option<CtlSay>) -> Step {
        let is_current = self.ctl.as_ref().is_some_and(|current| current.id == line);
        match (ask, say) {
            (CtlAsk::Hello(_), Some(CtlSay::Hello(hello))) if is_current => {
                self.heard_hello(*hello)
            }
            (CtlAsk::Note(note), say) => self.note_said(&note, say),
            // A notice begins there once it is known what time it is: until then it is said again.
            (CtlAsk::End(_), Some(CtlSay::Refused(refused))) if refused.why == Why::ClockUnsure => {
                Ok(())
            }
            (CtlAsk::End(_), Some(_)) => self.end_is_told(),
            (CtlAsk::Propose(_) | CtlAsk::Agree(_), Some(CtlSay::Refused(refused)))
                if refused.why != Why::Busy =>
            {
                self.tell(FriendNews::Refused(refused));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The friend knows that this box ended it, or will not hear it.
    pub(super) fn end_is_told(&mut self) -> Step {
        if self.m.end_told == Some(false) {
            self.m.end_told = Some(true);
            self.keep(&[Record::End { told: true }])?;
        }
        self.allow()?;
        if self.m.life.phase() == Phase::Over {
            self.close_lines(ByeWhy::Ended);
        }
        Ok(())
    }
}

pub(super) fn answer(reply: &mut Option<oneshot::Sender<CtlSay>>, say: CtlSay) {
    if let Some(reply) = reply.take() {
        // Whoever asked may have gone.
        drop(reply.send(say));
    }
}
