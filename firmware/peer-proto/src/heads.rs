//! A friend as witness: which head of an owner was seen last, and what may follow it.
//!
//! Once a head was seen, an older one, another one of its number, or one that does not follow it is
//! refused and told: whoever rolled a box back, or runs two of it, is noticed. A witness cannot read
//! heads. It checks number, chain, writer and signature. Whoever has the box has its writer's key too,
//! so heads that follow push no older one out before its time: of each day the first one stays for as
//! long as a pack whose deletion was asked for. Start at [`Witness::offered`].

use std::collections::BTreeMap;

use format::head::Envelope;
use serde::{Deserialize, Serialize};
use types::{Bytes, HeadHash, Millis, Signer, UnixTime, VaultId};

use crate::limits;
use crate::pact::Side;
use crate::sign::{Signature, Statement, holds, holds_over};
use crate::wire::{HeadAnew, HeadPoint, OfferHead, Refused, Why};

const DAY_MILLIS: i64 = 86_400_000;

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
    /// When it was taken, by a sure clock. [`NOT_SURE`] until there is one: then it counts as taken then.
    at: UnixTime,
}

/// Taken while the clock was not sure.
const NOT_SURE: UnixTime = UnixTime(i64::MAX);

/// How long older heads stay, and by which clock.
#[derive(Clone, Copy, Debug)]
pub struct Stay {
    /// The own clock, while it is sure.
    pub now: Option<UnixTime>,
    /// The time that has to pass before anything of the owner goes.
    pub not_before: Millis,
}

/// A head that an owner offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// It follows what was seen.
    Next(OfferHead),
    /// The owner's words say that heads begin again from it.
    Anew(HeadAnew),
}

impl Offer {
    /// Its place in the chain.
    pub fn point(&self) -> HeadPoint {
        match self {
            Self::Next(offer) => offer.point,
            Self::Anew(offer) => offer.point,
        }
    }

    /// Length of its bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Next(offer) => offer.len,
            Self::Anew(offer) => offer.len,
        }
    }

    fn vouched(&self) -> Option<Signature> {
        match self {
            Self::Next(offer) => offer.vouched,
            Self::Anew(offer) => offer.vouched,
        }
    }
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

    /// All that are kept, in the order of their hashes, and their lengths.
    pub fn kept(&self) -> impl Iterator<Item = (HeadHash, u64)> {
        let all: BTreeMap<_, _> =
            self.seen.iter().map(|seen| (seen.point.hash, seen.len)).collect();
        all.into_iter()
    }

    /// What those count that are kept beside the newest ones.
    pub fn charged(&self) -> Bytes {
        let older = self.seen.len().saturating_sub(limits::HEADS_KEPT);
        Bytes(self.seen[..older].iter().map(|seen| limits::charge(seen.len).0).sum())
    }

    /// What its numbers say of an offer, before any byte of it came.
    pub fn offered(&self, owner: &Side, offer: &Offer) -> Offered {
        if offer.size() == 0 || offer.size() > limits::HEAD_LEN_MAX {
            return Offered::Refused(Why::Size.with(limits::HEAD_LEN_MAX));
        }
        if self.newest() == Some(offer.point()) {
            return Offered::Known;
        }
        let may_come = match offer {
            Offer::Next(offer) => self.may_follow(offer),
            Offer::Anew(offer) => self.may_begin(owner, offer),
        };
        may_come.map_or_else(Offered::Refused, |()| Offered::Send)
    }

    fn may_follow(&self, offer: &OfferHead) -> Result<(), Refused> {
        let (newest, seq) = (self.newest(), offer.point.seq);
        let last = newest.map_or(0, |newest| newest.seq);
        // Whoever has a box for a moment must not use up the numbers of its heads.
        let most = last.saturating_add(limits::HEAD_JUMP_MAX).min(limits::HEAD_SEQ_MAX);
        match newest {
            Some(_) if seq == last => Err(Why::Fork.with(last)),
            Some(_) if seq < last => Err(Why::Rollback.with(last)),
            _ if seq > most => Err(Why::TooFar.with(most)),
            Some(_) if offer.previous != newest => Err(Why::NotLinked.with(last)),
            _ => Ok(()),
        }
    }

    /// Whether the owner's words say so, of what was seen last: a word that was used is worth nothing.
    fn may_begin(&self, owner: &Side, offer: &HeadAnew) -> Result<(), Refused> {
        let last = self.newest().map_or(0, |newest| newest.seq);
        let said = link_bytes(owner.vault, offer.after, offer.point);
        if offer.point.seq > limits::HEAD_SEQ_MAX {
            return Err(Why::TooFar.with(limits::HEAD_SEQ_MAX));
        }
        if self.newest() != Some(offer.after) {
            return Err(Why::NotLinked.with(last));
        }
        if !holds(Statement::Anew, &said, &offer.recovery, &owner.recovery) {
            return Err(Why::BadProof.plain());
        }
        Ok(())
    }

    /// Whether these bytes are the head that was offered, and follow. What to forget then.
    pub fn take(
        &mut self,
        owner: &Side,
        offer: &Offer,
        bytes: &[u8],
        stay: Stay,
    ) -> Result<Vec<HeadHash>, Refused> {
        match self.offered(owner, offer) {
            Offered::Known => return Ok(Vec::new()),
            Offered::Send => {}
            Offered::Refused(refused) => return Err(refused),
        }
        let malformed = Why::Malformed.plain();
        let point = offer.point();
        let is_whole = usize::try_from(offer.size()) == Ok(bytes.len())
            && *blake3::hash(bytes).as_bytes() == point.hash.0;
        let head = Envelope::decode(bytes).map_err(|_| malformed)?;
        if !is_whole || head.vault != owner.vault || head.seq != point.seq {
            return Err(malformed);
        }
        if head.writer != owner.writer && !self.writers.contains(&head.writer) {
            self.vouch(owner, &head, offer.vouched())?;
        }
        if !holds_over(&head.signed_bytes(), &head.signature, &head.writer) {
            return Err(Why::BadProof.plain());
        }
        if let (Some(newest), Offer::Next(offer)) = (self.newest(), offer) {
            let follows = head.seq - 1 == newest.seq && head.previous == newest.hash;
            let said = link_bytes(owner.vault, newest, offer.point);
            let is_linked =
                offer.link.is_some_and(|word| holds(Statement::Link, &said, &word, &head.writer));
            if !follows && !is_linked {
                return Err(Why::NotLinked.with(newest.seq));
            }
        }
        // Heads may begin again from one that is still here.
        self.seen.retain(|seen| seen.point.hash != point.hash);
        self.seen.push(Seen { point, len: offer.size(), at: NOT_SURE });
        Ok(self.thin(stay))
    }

    /// Forgets what need not stay: all but the newest few, the first one of each day, and of those no
    /// one that was followed longer ago than anything of the owner has to stay. Which ones went.
    pub fn thin(&mut self, stay: Stay) -> Vec<HeadHash> {
        // By a clock that is right nothing was taken later than now.
        for seen in &mut self.seen {
            seen.at = seen.at.min(stay.now.unwrap_or(NOT_SURE));
        }
        let newest = self.seen.len().saturating_sub(limits::HEADS_KEPT);
        let (mut day_before, mut went) = (None, Vec::new());
        let all = std::mem::take(&mut self.seen);
        for (place, seen) in all.iter().enumerate() {
            let is_first = day_before.replace(day(seen.at)) != Some(day(seen.at));
            let is_over = all.get(place + 1).is_some_and(|next| {
                stay.now.is_some_and(|now| now.since(next.at) > stay.not_before)
            });
            if place >= newest || (is_first && !is_over) {
                self.seen.push(*seen);
            } else {
                went.push(seen.point.hash);
            }
        }
        went
    }

    fn vouch(
        &mut self,
        owner: &Side,
        head: &Envelope,
        vouched: Option<Signature>,
    ) -> Result<(), Refused> {
        let said = writer_bytes(owner.vault, &head.writer);
        let is_vouched =
            vouched.is_some_and(|word| holds(Statement::Writer, &said, &word, &owner.recovery));
        if !is_vouched || self.writers.len() >= limits::WRITERS_MAX {
            return Err(Why::UnknownWriter.plain());
        }
        self.writers.push(head.writer);
        Ok(())
    }
}

fn day(at: UnixTime) -> i64 {
    at.0.div_euclid(DAY_MILLIS)
}

/// Whether these bytes are that head of the owner's vault, by the writer in the pact or one of these.
#[must_use]
pub fn is_head_of(owner: &Side, writers: &[[u8; 32]], point: HeadPoint, bytes: &[u8]) -> bool {
    let Ok(head) = Envelope::decode(bytes) else { return false };
    *blake3::hash(bytes).as_bytes() == point.hash.0
        && (head.vault, head.seq) == (owner.vault, point.seq)
        && (head.writer == owner.writer || writers.contains(&head.writer))
        && holds_over(&head.signed_bytes(), &head.signature, &head.writer)
}

/// The writer's word that `point` follows `newest` although the heads between them are not shown.
pub fn link(vault: VaultId, newest: HeadPoint, point: HeadPoint, writer: &dyn Signer) -> Signature {
    Statement::Link.sign(&link_bytes(vault, newest, point), writer)
}

/// The recovery key's word that heads begin again from `point` at a friend that saw `after` last.
pub fn begin_again(
    vault: VaultId,
    after: HeadPoint,
    point: HeadPoint,
    recovery: &dyn Signer,
) -> Signature {
    Statement::Anew.sign(&link_bytes(vault, after, point), recovery)
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
