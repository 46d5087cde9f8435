//! The own heads at a friend who is their witness, and what its memory says of this box.

use types::Millis;

use super::Owner;
use super::asks::{What, later, pause};
use super::events::{AskId, OwnHead, OwnerAction, OwnerNews};
use crate::clock::Now;
use crate::heads::is_head_of;
use crate::limits;
use crate::pact::Side;
use crate::sign::Signature;
use crate::wire::{HeadAnew, HeadPoint, OfferHead, PackAsk, PackSay};

/// A head that a friend named and that is not known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Doubt {
    pub(super) friend: HeadPoint,
    /// The own newest one then.
    own: Option<HeadPoint>,
    /// Whether it is to be shown on this line already.
    pub(super) is_asked: bool,
}

impl Owner {
    /// The friend says which head of ours it saw last.
    pub(super) fn hello(
        &mut self,
        head: Option<HeadPoint>,
        newest: Option<HeadPoint>,
        known: bool,
    ) -> Vec<OwnerAction> {
        self.friend_head = Some(head);
        // Whoever has no head of its own knows none: known means here that nobody can say yet.
        self.unjudged = head.filter(|_| known && newest.is_none());
        if known && newest.is_some() {
            // It goes on from what is known here: there is nothing to begin again from.
            self.begins = None;
        }
        // What the words say of a head is the last word on it.
        let is_settled = head.is_some() && self.begins_after() == head;
        self.strange = head.filter(|_| !known && !is_settled);
        let Some(friend) = self.strange else {
            self.doubt = None;
            self.told_unshown = false;
            return Vec::new();
        };
        // A word is no proof: whoever says that this box went back has to show what it saw.
        let is_asked = self.doubt.is_some_and(|doubt| doubt.friend == friend && doubt.is_asked);
        if self.went_back || is_asked {
            return Vec::new();
        }
        self.doubt = Some(Doubt { friend, own: newest, is_asked: true });
        vec![OwnerAction::ShowHead(friend)]
    }

    /// The friend's head that nobody could judge when it was named: the vault was locked, and whose heads
    /// count was not known. Until it is said again in a hello, nothing is deleted there.
    pub fn unjudged(&self) -> Option<HeadPoint> {
        self.unjudged
    }

    /// The head that the friend saw last, when it is not known here and no words have settled that.
    pub fn strange(&self) -> Option<HeadPoint> {
        self.strange
    }

    /// The head from which heads begin again at this friend, until it has taken it.
    pub fn begins(&self) -> Option<OwnHead> {
        self.begins
    }

    /// Heads begin again from this one at the friend, when the recovery key says so in it.
    pub fn begins_with(&mut self, head: Option<OwnHead>) {
        if let Some(head) = head.filter(|head| head.anew.is_some()) {
            self.begins = Some(head);
            self.strange = self.strange.filter(|strange| self.begins_after() != Some(*strange));
        }
    }

    /// What the friend has to have seen last for that.
    fn begins_after(&self) -> Option<HeadPoint> {
        self.begins.and_then(|head| head.anew).map(|(after, _)| after)
    }

    /// This box came back with nothing but the words: until it tells a head of its own, which only an open vault
    /// can, nothing is deleted at the friend, whatever is not needed any more.
    pub fn came_back(&mut self) {
        self.blind = true;
    }

    /// Whether it came back and has told no head since.
    pub fn is_blind(&self) -> bool {
        self.blind
    }

    pub(super) fn head_shown(
        &mut self,
        own: &Side,
        point: HeadPoint,
        (bytes, writers): (Option<&[u8]>, &[[u8; 32]]),
    ) -> Vec<OwnerAction> {
        let Some(doubt) = self.doubt.take_if(|doubt| doubt.friend == point) else {
            return Vec::new();
        };
        let Doubt { friend, own: newest, .. } = doubt;
        if !bytes.is_some_and(|bytes| is_head_of(own, writers, point, bytes)) {
            // Nothing is offered before its next hello says something else.
            self.friend_head = None;
            let was_told = std::mem::replace(&mut self.told_unshown, true);
            let told = (!was_told).then_some(OwnerNews::HeadNotShown { friend });
            return told.into_iter().map(OwnerAction::Tell).collect();
        }
        self.went_back = true;
        let is_ahead = newest.is_none_or(|own| friend.seq > own.seq);
        let news = if is_ahead {
            OwnerNews::WentBack { friend, own: newest }
        } else {
            OwnerNews::Forked { friend }
        };
        vec![OwnerAction::Tell(news)]
    }

    pub(super) fn fill_head(&mut self, now: Now) -> Vec<OwnerAction> {
        let Some(seen) = self.friend_head else { return Vec::new() };
        let is_open = self.open(|what| matches!(what, What::Head(_))) > 0;
        let begins = self.begins.and_then(|head| head.anew.map(|anew| (head, anew)));
        if let Some((head, (after, recovery))) = begins.filter(|(_, (of, _))| Some(*of) == seen) {
            // Before it is taken no other one follows anything there.
            if is_open || now.uptime < self.head_from {
                return Vec::new();
            }
            let (point, len, vouched) = (head.point, head.len, head.vouched);
            let offer = HeadAnew { point, after, len, recovery, vouched };
            return vec![self.ask(now, What::Head(point), PackAsk::Anew(Box::new(offer)))];
        }
        let Some(head) = self.head else { return Vec::new() };
        let is_unclear = self.went_back || self.doubt.is_some();
        if is_open || is_unclear || now.uptime < self.head_from || seen == Some(head.point) {
            return Vec::new();
        }
        let link = match seen {
            None => None,
            Some(seen)
                if seen.seq.checked_add(1) == Some(head.point.seq)
                    && seen.hash == head.previous =>
            {
                None
            }
            Some(seen) => match head.link.filter(|(from, _)| *from == seen) {
                Some((_, word)) => Some(word),
                None => {
                    self.head_from = later(now, limits::PUSH_AGAIN_AFTER);
                    return vec![OwnerAction::Link { from: seen, to: head.point }];
                }
            },
        };
        let offer = OfferHead {
            point: head.point,
            previous: seen,
            len: head.len,
            link,
            vouched: head.vouched,
        };
        vec![self.ask(now, What::Head(head.point), PackAsk::Head(Box::new(offer)))]
    }

    pub(super) fn linked(
        &mut self,
        from: HeadPoint,
        to: HeadPoint,
        word: Signature,
    ) -> Vec<OwnerAction> {
        if let Some(head) = self.head.as_mut().filter(|head| head.point == to) {
            head.link = Some((from, word));
            self.head_from = Millis(0);
        }
        Vec::new()
    }

    pub(super) fn said_to_head(
        &mut self,
        now: Now,
        ask: AskId,
        point: HeadPoint,
        say: PackSay,
    ) -> Vec<OwnerAction> {
        match say {
            PackSay::Accept(_) => vec![OwnerAction::SendHead { ask, point }],
            PackSay::HeadTaken(taken) if taken == point => self.witnessed(ask, point),
            PackSay::Have => self.witnessed(ask, point),
            PackSay::Refused(refused) => {
                self.asks.remove(&ask);
                self.head_from = later(now, pause(refused));
                // What it saw last is not what we thought: its next hello says.
                self.friend_head = None;
                vec![OwnerAction::Tell(OwnerNews::HeadRefused(refused))]
            }
            _ => self.nonsense(now, ask),
        }
    }

    fn witnessed(&mut self, ask: AskId, point: HeadPoint) -> Vec<OwnerAction> {
        self.asks.remove(&ask);
        self.friend_head = Some(Some(point));
        if self.begins.is_some_and(|head| head.point == point) {
            self.begins = None;
        }
        vec![OwnerAction::Tell(OwnerNews::Witnessed(point))]
    }
}
