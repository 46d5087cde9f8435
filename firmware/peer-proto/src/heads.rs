//! A friend as witness: which head of an owner was seen last, and what may follow it.
//!
//! Once a head was seen, an older one, another one of its number, or one that does not follow it is
//! refused and told: whoever rolled a box back, or runs two of it, is noticed. A witness cannot read
//! heads. It checks number, chain, writer and signature. Start at [`Witness::offered`].

use format::head::Envelope;
use serde::{Deserialize, Serialize};
use types::{HeadHash, Signer, VaultId};

use crate::limits;
use crate::pact::Side;
use crate::sign::{Signature, Statement, holds, holds_over};
use crate::wire::{HeadPoint, OfferHead, Refused, Why};

/// What a witness remembers of one owner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// The heads that are kept, oldest first; the last one is the newest seen.
    seen: Vec<Seen>,
    /// Devices that the recovery key vouched for, beside the one in the pact.
    writers: Vec<[u8; 32]>,
}

/// A head that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    point: HeadPoint,
    len: u64,
}

/// What is to be said to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// It is the newest one already.
    Known,
    /// Its bytes may come.
    Send,
    /// No.
    Refused(Refused),
}

impl Witness {
    /// The newest head seen.
    pub fn newest(&self) -> Option<HeadPoint> {
        self.seen.last().map(|seen| seen.point)
    }

    /// The length of a head that is kept.
    pub fn len_of(&self, hash: HeadHash) -> Option<u64> {
        self.seen.iter().find(|seen| seen.point.hash == hash).map(|seen| seen.len)
    }

    /// What its numbers say of an offer, before any byte of it came.
    pub fn offered(&self, offer: &OfferHead) -> Offered {
        let refused = |why: Why, figure| Offered::Refused(why.with(figure));
        if offer.len == 0 || offer.len > limits::HEAD_LEN_MAX {
            return refused(Why::Size, limits::HEAD_LEN_MAX);
        }
        let Some(newest) = self.newest() else { return Offered::Send };
        if offer.point == newest {
            return Offered::Known;
        }
        if offer.point.seq == newest.seq {
            return refused(Why::Fork, newest.seq);
        }
        if offer.point.seq < newest.seq {
            return refused(Why::Rollback, newest.seq);
        }
        if offer.previous != Some(newest) {
            return refused(Why::NotLinked, newest.seq);
        }
        Offered::Send
    }

    /// Whether these bytes are the head that was offered, and follow. What to forget then.
    pub fn take(
        &mut self,
        owner: &Side,
        offer: &OfferHead,
        bytes: &[u8],
    ) -> Result<Vec<HeadHash>, Refused> {
        match self.offered(offer) {
            Offered::Known => return Ok(Vec::new()),
            Offered::Send => {}
            Offered::Refused(refused) => return Err(refused),
        }
        let malformed = Why::Malformed.plain();
        let is_whole = usize::try_from(offer.len) == Ok(bytes.len())
            && *blake3::hash(bytes).as_bytes() == offer.point.hash.0;
        let head = Envelope::decode(bytes).map_err(|_| malformed)?;
        if !is_whole || head.vault != owner.vault || head.seq != offer.point.seq {
            return Err(malformed);
        }
        if head.writer != owner.writer && !self.writers.contains(&head.writer) {
            self.vouch(owner, &head, offer)?;
        }
        if !holds_over(&head.signed_bytes(), &head.signature, &head.writer) {
            return Err(Why::BadProof.plain());
        }
        if let Some(newest) = self.newest() {
            let follows = head.seq - 1 == newest.seq && head.previous == newest.hash;
            let said = link_bytes(owner.vault, newest, offer.point);
            let is_linked =
                offer.link.is_some_and(|word| holds(Statement::Link, &said, &word, &head.writer));
            if !follows && !is_linked {
                return Err(Why::NotLinked.with(newest.seq));
            }
        }
        self.seen.push(Seen { point: offer.point, len: offer.len });
        let over = self.seen.len().saturating_sub(limits::HEADS_KEPT);
        Ok(self.seen.drain(..over).map(|seen| seen.point.hash).collect())
    }

    fn vouch(&mut self, owner: &Side, head: &Envelope, offer: &OfferHead) -> Result<(), Refused> {
        let said = writer_bytes(owner.vault, &head.writer);
        let is_vouched = offer
            .vouched
            .is_some_and(|word| holds(Statement::Writer, &said, &word, &owner.recovery));
        if !is_vouched || self.writers.len() >= limits::WRITERS_MAX {
            return Err(Why::UnknownWriter.plain());
        }
        self.writers.push(head.writer);
        Ok(())
    }
}

/// The writer's word that `point` follows `newest` although the heads between them are not shown.
pub fn link(vault: VaultId, newest: HeadPoint, point: HeadPoint, writer: &dyn Signer) -> Signature {
    Statement::Link.sign(&link_bytes(vault, newest, point), writer)
}

/// The recovery key's word that this device writes heads of the vault.
pub fn vouch_for(vault: VaultId, writer: &[u8; 32], recovery: &dyn Signer) -> Signature {
    Statement::Writer.sign(&writer_bytes(vault, writer), recovery)
}

fn link_bytes(vault: VaultId, newest: HeadPoint, point: HeadPoint) -> Vec<u8> {
    crate::wire::plain(&(vault, newest, point))
}

fn writer_bytes(vault: VaultId, writer: &[u8; 32]) -> Vec<u8> {
    [&vault.0[..], writer].concat()
}
