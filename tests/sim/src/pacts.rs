//! The pact between two houses, as each holds it, and how its terms change and end.
//! Start at [`World::pact_on`].

use peer_proto::host::HostEvent;
use peer_proto::owner::OwnerEvent;
use peer_proto::pact::{
    Keeping, Pact, PactAction, PactEvent, PactHash, PactLife, Part, Phase, SignedPact, Terms,
};
use peer_proto::sign::Statement;
use peer_proto::wire::{ByeWhy, CtlSay, Why};
use plan::offsite::silence::{Duty, Guest, duty};
use types::{Bytes, InviteId};

use crate::Event;
use crate::line::What;
use crate::world::{World, at};

/// A pact, as one side holds it.
#[derive(Clone, Debug)]
pub(crate) struct Bond {
    pub(crate) life: PactLife,
    /// As it was last written down.
    pub(crate) kept: PactLife,
    /// What the friend proposed and the own owner has not answered.
    asked: Option<(PactHash, bool)>,
    /// The house's own people ended it.
    pub(crate) left: bool,
    /// Since when it is durably on its way to its end, in milliseconds of the world.
    pub(crate) ends_since: Option<u64>,
}

impl Bond {
    fn new(part: Part, signed: SignedPact) -> Option<Self> {
        let life = PactLife::new(part, signed)?;
        Some(Self { kept: life.clone(), life, asked: None, left: false, ends_since: None })
    }

    pub(crate) fn is_over(&self) -> bool {
        self.life.phase() == Phase::Over
    }
}

impl World {
    /// Two houses make a pact. Both sides count by the same figures.
    pub(crate) fn make_friends(&mut self, one: usize, other: usize) {
        let mut keeping = || {
            let mib = u64::from(self.dice.within(250, 1_500));
            Keeping::usual(Bytes(mib * Bytes::MIB))
        };
        let terms = Terms { by_inviter: keeping(), by_invitee: keeping(), notice_days: 30 };
        let pact = Pact {
            id: InviteId(self.dice.seed()[..16].try_into().unwrap_or_default()),
            seq: 1,
            inviter: self.houses[one].keys.side.clone(),
            invitee: self.houses[other].keys.side.clone(),
            terms,
            made: at(0),
        };
        let keys = |house: usize| &self.houses[house].keys.device;
        let (ours, theirs) = (pact.sign(keys(one)), pact.sign(keys(other)));
        let signed = SignedPact::joined(pact, (Part::Inviter, ours), theirs);
        self.agree_anew(one, other, signed);
    }

    fn agree_anew(&mut self, one: usize, other: usize, signed: SignedPact) {
        let (inviter, invitee) = (one.min(other), one.max(other));
        self.houses[inviter].bonds[invitee] = Bond::new(Part::Inviter, signed.clone());
        self.houses[invitee].bonds[inviter] = Bond::new(Part::Invitee, signed);
        for (host, owner) in [(one, other), (other, one)] {
            self.host_on(host, owner, HostEvent::Room(crate::hosting::ROOM));
        }
    }

    /// A fresh box comes back with the words: friends go on with it, unless they had ended it themselves.
    pub(crate) fn come_back_to(&mut self, house: usize, friend: usize) {
        let Some(theirs) = &self.houses[friend].bonds[house] else { return };
        let signed = theirs.life.signed().clone();
        let ended_by_people =
            theirs.left || self.houses[house].bonds[friend].as_ref().is_none_or(|bond| bond.left);
        if !ended_by_people {
            self.agree_anew(house, friend, signed);
        }
    }

    /// An event of a pact, and everything that follows.
    pub(crate) fn pact_on(&mut self, house: usize, friend: usize, event: PactEvent) {
        let now = self.now(house);
        let me = &mut self.houses[house];
        let (false, Some(bond)) = (me.crashed, &mut me.bonds[friend]) else { return };
        let is_sure = me.shelves[friend].machine.clock_is_sure(now);
        bond.life.step(now.wall, PactEvent::Clock(is_sure), &me.keys.device);
        let done = bond.life.step(now.wall, event, &me.keys.device);
        for action in done {
            if !self.carries_on(house) {
                return;
            }
            self.do_for_pact(house, friend, action);
        }
    }

    fn do_for_pact(&mut self, house: usize, friend: usize, action: PactAction) {
        let elapsed = self.elapsed();
        let Some(bond) = &mut self.houses[house].bonds[friend] else { return };
        match action {
            PactAction::Keep => {
                bond.kept = bond.life.clone();
                if bond.kept.phase() != Phase::Standing {
                    bond.ends_since.get_or_insert(elapsed);
                }
            }
            PactAction::Ask(ask) => self.send(house, friend, What::Ctl(ask)),
            PactAction::AskOwner { pact, shorter, .. } => bond.asked = Some((pact, shorter)),
            PactAction::InForce => self.tally.note(Event::OtherTerms),
            PactAction::NotPossible(why) if why.why == Why::Shortened => {
                self.tally.note(Event::ShorterRefused);
            }
            PactAction::Answer(CtlSay::Refused(why)) if why.why == Why::Shortened => {
                self.tally.note(Event::ShorterRefused);
            }
            PactAction::Release(from) => self.host_on(house, friend, HostEvent::Release(from)),
            PactAction::Stopped => self.owner_on(house, friend, OwnerEvent::Stopped),
            PactAction::CloseLive(why) => {
                self.host_on(house, friend, HostEvent::Revoked(why));
                self.cut(house, friend, true);
                if why == ByeWhy::Ended {
                    self.tally.note(Event::Ended);
                    self.owner_on(house, friend, OwnerEvent::Stopped);
                }
            }
            PactAction::Answer(_)
            | PactAction::Declined
            | PactAction::NotPossible(_)
            | PactAction::Noticed(_) => {}
        }
    }

    /// Whether the house's people may end a pact with a friend's box that is dark: not before the silence
    /// that was agreed on has passed.
    pub(crate) fn may_give_notice(&self, house: usize, friend: usize) -> bool {
        let last_heard = self.houses[house].views[friend].last_seen;
        let guest = Guest { last_heard, notice: None, silence_months: 12 };
        matches!(duty(&guest, self.now(house).wall), Duty::Keep | Duty::MayGiveNotice { .. })
    }

    /// A house's people want other terms; without the words when `with_words` is not so.
    pub(crate) fn wants_other_terms(&mut self, house: usize, friend: usize, with_words: bool) {
        let wall = self.now(house).wall;
        let (more, days) = (self.dice.within(0, 2), self.dice.within(20, 61));
        let me = &self.houses[house];
        let Some(bond) = &me.bonds[friend] else { return };
        let mut terms = bond.life.pact().terms;
        // What the friend keeps for this house: that is whose words it takes.
        let theirs = match bond.life.part() {
            Part::Inviter => &mut terms.by_invitee,
            Part::Invitee => &mut terms.by_inviter,
        };
        theirs.not_before_days = u16::try_from(days.max(30)).unwrap_or(30);
        theirs.bytes += Bytes(u64::from(more) * 64 * Bytes::MIB);
        let next = bond.life.next(wall, terms).signed_bytes();
        let word = Statement::Shorten.sign(&next, &me.keys.recovery);
        let recovery = with_words.then_some(word);
        self.pact_on(house, friend, PactEvent::Propose { terms, recovery });
    }

    /// A house's people answer what friends proposed; yes, mostly.
    pub(crate) fn answers_friends(&mut self, house: usize) {
        for friend in 0..self.houses.len() {
            let Some(bond) = &mut self.houses[house].bonds[friend] else { continue };
            let Some((pact, shorter)) = bond.asked.take() else { continue };
            let yes = !shorter && !self.dice.once_in(4);
            self.pact_on(house, friend, PactEvent::OwnerSaid { pact, yes, recovery: None });
        }
    }
}

impl World {
    /// Whoever has a box says to a friend, in its name, that it is over.
    pub(crate) fn thief_ends(&mut self, house: usize, host: usize) {
        let wall = self.now(house).wall;
        let me = &self.houses[house];
        let Some(bond) = &me.bonds[host] else { return };
        let said = bond.life.clone().step(wall, PactEvent::StopNow, &me.keys.device);
        for action in said {
            if let PactAction::Ask(ask) = action {
                self.pact_on(host, house, PactEvent::Heard(ask));
            }
        }
    }
}
