//! A house's heads at its friends: made, linked, and begun again after a box went back in time.
//! Start at [`World::new_head`].

use format::head::Envelope;
use peer_proto::heads::{begin_again, link};
use peer_proto::host::{HostEvent, LineId, StreamId};
use peer_proto::owner::{OwnHead, OwnerEvent};
use peer_proto::wire::{HeadPoint, OfferHead, PackAsk};
use types::{HeadHash, Signer};

use crate::hosting::THIEVES;
use crate::world::{Character, World};

/// A head, as its owner has it.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) own: OwnHead,
    pub(crate) bytes: Vec<u8>,
}

impl World {
    /// A head that follows the newest one, offered to all friends.
    pub(crate) fn new_head(&mut self, house: usize) {
        let head =
            self.make_head(house, self.houses[house].chain.last().map(|head| head.own.point));
        self.houses[house].chain.push(head);
        for friend in 0..self.houses.len() {
            self.offer_newest(house, friend);
        }
    }

    fn make_head(&mut self, house: usize, before: Option<HeadPoint>) -> Head {
        let keys = &self.houses[house].keys;
        let previous = before.map_or(HeadHash([0; 32]), |before| before.hash);
        let mut envelope = Envelope {
            version: format::head::VERSION,
            vault: keys.side.vault,
            seq: before.map_or(1, |before| before.seq + 1),
            previous,
            writer: keys.side.writer,
            payload: self.dice.seed().to_vec().into(),
            signature: [0; 64],
        };
        envelope.signature = keys.writer.sign(&envelope.signed_bytes());
        let bytes = minicbor::to_vec(&envelope).unwrap_or_default();
        let hash = HeadHash(*blake3::hash(&bytes).as_bytes());
        let len = u64::try_from(bytes.len()).unwrap_or(0);
        let point = HeadPoint { seq: envelope.seq, hash };
        let own = OwnHead { point, previous, len, vouched: None, link: None, anew: None };
        Head { own, bytes }
    }

    /// The newest head is to be witnessed by a friend.
    pub(crate) fn offer_newest(&mut self, house: usize, friend: usize) {
        if let Some(head) = self.houses[house].chain.last() {
            let own = head.own;
            self.owner_on(house, friend, OwnerEvent::Head(Box::new(own)));
        }
    }

    /// A friend says which head it saw last.
    pub(crate) fn hear_hello(&mut self, owner: usize, host: usize, head: Option<HeadPoint>) {
        let chain = &self.houses[owner].chain;
        let newest = chain.last().map(|head| head.own.point);
        let known = head.is_none_or(|seen| chain.iter().any(|own| own.own.point == seen));
        self.owner_on(owner, host, OwnerEvent::Hello { head, newest, known });
        if self.behaves(owner) == Character::Forger && self.is_rough {
            self.offers_wrongly(owner, host);
        }
    }

    pub(crate) fn link(&mut self, owner: usize, host: usize, from: HeadPoint, to: HeadPoint) {
        let keys = &self.houses[owner].keys;
        let word = link(keys.side.vault, from, to, &keys.writer);
        self.owner_on(owner, host, OwnerEvent::Linked { from, to, word });
    }

    /// A friend showed a newer head: the box takes up what was written until then.
    pub(crate) fn comes_forward(&mut self, owner: usize, host: usize, seen: HeadPoint) {
        let house = &mut self.houses[owner];
        if let Some(place) = house.old_chain.iter().position(|head| head.own.point == seen) {
            house.chain = house.old_chain[..=place].to_vec();
        }
        self.owner_on(owner, host, OwnerEvent::Reconciled(None));
        for friend in 0..self.houses.len() {
            self.offer_newest(owner, friend);
        }
    }

    /// A friend showed another head than the own one: with the words, heads begin again from the own.
    pub(crate) fn begins_again(&mut self, owner: usize, host: usize, seen: HeadPoint) {
        self.owner_on(owner, host, OwnerEvent::Reconciled(None));
        let house = &self.houses[owner];
        let Some(head) = house.chain.last() else { return };
        let (vault, point) = (house.keys.side.vault, head.own.point);
        let word = begin_again(vault, seen, point, &house.keys.recovery);
        let own = OwnHead { anew: Some((seen, word)), ..head.own };
        self.owner_on(owner, host, OwnerEvent::Head(Box::new(own)));
    }

    /// An owner's box that was broken into offers heads that are old, or beside the newest.
    fn offers_wrongly(&mut self, owner: usize, host: usize) {
        let chain = self.houses[owner].chain.len();
        if chain < 2 || !self.dice.once_in(6) {
            return;
        }
        let at = self.dice.within(0, u32::try_from(chain).unwrap_or(1));
        let mut point = self.houses[owner].chain[usize::try_from(at).unwrap_or(0)].own.point;
        if self.dice.once_in(2) {
            point.hash = HeadHash(self.dice.seed());
        }
        self.fetch_count += 1;
        let stream = StreamId {
            line: LineId(self.line(owner, host).number),
            number: THIEVES + self.fetch_count,
        };
        let offer = OfferHead { point, previous: None, len: 300, link: None, vouched: None };
        let ask = PackAsk::Head(Box::new(offer));
        self.host_on(host, owner, HostEvent::Asked { stream, ask });
        self.host_on(host, owner, HostEvent::Ended(stream));
    }
}
