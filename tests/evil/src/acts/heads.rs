//! An owner's heads as nobody should offer them, to an honest witness. Start at [`rollback`].

use peer_proto::heads::{begin_again, link, vouch_for};
use peer_proto::limits;
use peer_proto::sign::Signature;
use peer_proto::wire::{HeadAnew, HeadPoint, OfferHead, PackAsk, PackSay, Why, encode};
use types::HeadHash;

use super::{holds, wants};
use crate::chain::{Key, head};
use crate::raw::Line;
use crate::stage::{Friend, Stage};
use crate::{Outcome, said};

const NOTHING: HeadHash = HeadHash([0; 32]);

/// A friend whose first three heads were witnessed.
struct Seen {
    friend: Friend,
    line: Line,
    heads: Vec<(HeadPoint, Vec<u8>)>,
}

impl Seen {
    fn three(stage: &mut Stage) -> Outcome<Self> {
        let friend = stage.befriend()?;
        let line = stage.packs(&friend)?;
        let mut seen = Self { friend, line, heads: Vec::new() };
        for seq in 1..=3 {
            let next = seen.next(seq, seen.last_hash());
            let said = seen.bring(&seen.plainly(next.0, &next.1), &next.1)?;
            holds(said == PackSay::HeadTaken(next.0), format!("head {seq}: {said:?}"))?;
            seen.heads.push(next);
        }
        Ok(seen)
    }

    fn last(&self) -> Option<HeadPoint> {
        self.heads.last().map(|(point, _)| *point)
    }

    fn last_hash(&self) -> HeadHash {
        self.last().map_or(NOTHING, |point| point.hash)
    }

    fn next(&self, seq: u64, previous: HeadHash) -> (HeadPoint, Vec<u8>) {
        head(self.friend.evil.vault(), seq, previous, &self.friend.evil.writer())
    }

    fn plainly(&self, point: HeadPoint, bytes: &[u8]) -> PackAsk {
        self.offer(point, bytes, self.last(), None, None)
    }

    fn offer(
        &self,
        point: HeadPoint,
        bytes: &[u8],
        previous: Option<HeadPoint>,
        link: Option<Signature>,
        vouched: Option<Signature>,
    ) -> PackAsk {
        let len = bytes.len() as u64;
        PackAsk::Head(Box::new(OfferHead { point, previous, len, link, vouched }))
    }

    /// Offers it and sends these bytes when they are wanted.
    fn bring(&self, ask: &PackAsk, bytes: &[u8]) -> Outcome<PackSay> {
        let mut stream = self.line.open()?;
        stream.write(&said("encode", encode(ask))?)?;
        let first: PackSay = stream.read()?;
        if !matches!(first, PackSay::Accept(_)) {
            return Ok(first);
        }
        stream.write(bytes)?;
        stream.finish();
        stream.read()
    }

    /// The true next head is taken all the same, and no more lie there than should.
    fn goes_on(mut self, stage: &mut Stage) -> Outcome<()> {
        let next = self.next(4, self.last_hash());
        let said = self.bring(&self.plainly(next.0, &next.1), &next.1)?;
        holds(said == PackSay::HeadTaken(next.0), format!("the true next head: {said:?}"))?;
        self.heads.push(next);
        let found = stage.victim.on_disk(self.friend.evil.side().recovery)?;
        holds(found.heads == 4, format!("{} heads lie on the disk", found.heads))
    }
}

/// Heads that were seen long ago.
pub fn rollback(stage: &mut Stage) -> Outcome<String> {
    let seen = Seen::three(stage)?;
    let news = stage.victim.news_count()?;
    let (point, bytes) = seen.heads.first().cloned().ok_or("no head")?;
    let said = seen.bring(&seen.plainly(point, &bytes), &bytes)?;
    let last = wants("the first head again", &said, Why::Rollback)?;
    holds(last == 3, format!("the last seen is not {last}"))?;
    stage.victim.told(news, &["RolledBack", &seen.friend.pact.id.short()])?;
    seen.goes_on(stage)?;
    Ok("refused 13, told".to_owned())
}

/// Another head of a number that was seen.
pub fn fork(stage: &mut Stage) -> Outcome<String> {
    let seen = Seen::three(stage)?;
    let news = stage.victim.news_count()?;
    let other = seen.next(3, HeadHash([5; 32]));
    let said = seen.bring(&seen.plainly(other.0, &other.1), &other.1)?;
    wants("another third head", &said, Why::Fork)?;
    stage.victim.told(news, &["Forked", &seen.friend.pact.id.short()])?;
    seen.goes_on(stage)?;
    Ok("refused 12, told".to_owned())
}

/// Numbers that would use up all that follow.
pub fn far_ahead(stage: &mut Stage) -> Outcome<String> {
    let seen = Seen::three(stage)?;
    let from = seen.last().ok_or("no head")?;
    for seq in [3 + limits::HEAD_JUMP_MAX + 1, limits::HEAD_SEQ_MAX + 1, u64::MAX] {
        let (point, bytes) = seen.next(seq, from.hash);
        let word = link(seen.friend.evil.vault(), from, point, &seen.friend.evil.writer());
        let ask = seen.offer(point, &bytes, Some(from), Some(word), None);
        let most = wants(&format!("head {seq}"), &seen.bring(&ask, &bytes)?, Why::TooFar)?;
        holds(most == 3 + limits::HEAD_JUMP_MAX, format!("the highest is not {most}"))?;
    }
    seen.goes_on(stage)?;
    Ok("refused 29 with the highest, though linked and signed".to_owned())
}

/// By nobody, by a writer whom nobody vouched for, vouched for by the wrong words, changed afterwards.
pub fn writers(stage: &mut Stage) -> Outcome<String> {
    let seen = Seen::three(stage)?;
    let (vault, from) = (seen.friend.evil.vault(), seen.last_hash());
    let stranger = Key::of(4_242);
    let (point, bytes) = head(vault, 4, from, &stranger);
    let said = seen.bring(&seen.plainly(point, &bytes), &bytes)?;
    wants("by another writer", &said, Why::UnknownWriter)?;
    let word = vouch_for(vault, &types::Signer::public(&stranger), &stranger);
    let ask = seen.offer(point, &bytes, seen.last(), None, Some(word));
    wants("vouched for by itself", &seen.bring(&ask, &bytes)?, Why::UnknownWriter)?;
    let (_, mut unsigned) = seen.next(4, from);
    if let Some(byte) = unsigned.last_mut() {
        *byte ^= 1;
    }
    let hash = HeadHash(*blake3::hash(&unsigned).as_bytes());
    let point = HeadPoint { seq: 4, hash };
    let said = seen.bring(&seen.plainly(point, &unsigned), &unsigned)?;
    wants("with a broken signature", &said, Why::BadProof)?;
    seen.goes_on(stage)?;
    Ok("refused 15, 15, 14".to_owned())
}

/// Bytes that are not the head that was offered, and lengths that no head has.
pub fn other_bytes(stage: &mut Stage) -> Outcome<String> {
    let seen = Seen::three(stage)?;
    let (point, bytes) = seen.next(4, seen.last_hash());
    let mut other = bytes.clone();
    other.reverse();
    let said = seen.bring(&seen.plainly(point, &bytes), &other)?;
    wants("other bytes", &said, Why::Malformed)?;
    let (foreign, foreign_bytes) = head(types::VaultId([9; 16]), 4, seen.last_hash(), &Key::of(1));
    let said = seen.bring(&seen.plainly(foreign, &foreign_bytes), &foreign_bytes)?;
    wants("of another vault", &said, Why::Malformed)?;
    for len in [0, limits::HEAD_LEN_MAX + 1, u64::MAX] {
        let previous = seen.last();
        let long = OfferHead { point, previous, len, link: None, vouched: None };
        let said: PackSay = seen.line.ask(&PackAsk::Head(Box::new(long)))?;
        wants(&format!("{len} bytes"), &said, Why::Size)?;
    }
    seen.goes_on(stage)?;
    Ok("refused 17, 17, 8".to_owned())
}

/// Not after the last one seen; linked by somebody else; after one that was never seen.
pub fn unlinked(stage: &mut Stage) -> Outcome<String> {
    let seen = Seen::three(stage)?;
    let from = seen.last().ok_or("no head")?;
    let (point, bytes) = seen.next(9, HeadHash([6; 32]));
    let said = seen.bring(&seen.plainly(point, &bytes), &bytes)?;
    wants("a gap without a link", &said, Why::NotLinked)?;
    let word = link(seen.friend.evil.vault(), from, point, &Key::of(4_243));
    let ask = seen.offer(point, &bytes, Some(from), Some(word), None);
    wants("linked by somebody else", &seen.bring(&ask, &bytes)?, Why::NotLinked)?;
    let never = HeadPoint { seq: 8, hash: HeadHash([6; 32]) };
    let ask = seen.offer(point, &bytes, Some(never), None, None);
    wants("after one never seen", &seen.bring(&ask, &bytes)?, Why::NotLinked)?;
    seen.goes_on(stage)?;
    Ok("refused 11".to_owned())
}

/// Heads are to begin again, by no word of the owner.
pub fn anew(stage: &mut Stage) -> Outcome<String> {
    let seen = Seen::three(stage)?;
    let (vault, after) = (seen.friend.evil.vault(), seen.last().ok_or("no head")?);
    let (point, bytes) = seen.next(1, HeadHash([7; 32]));
    for (what, key) in [("the writer", seen.friend.evil.writer()), ("a stranger", Key::of(7))] {
        let recovery = begin_again(vault, after, point, &key);
        let len = bytes.len() as u64;
        let ask = PackAsk::Anew(Box::new(HeadAnew { point, after, len, recovery, vouched: None }));
        wants(&format!("by {what}"), &seen.bring(&ask, &bytes)?, Why::BadProof)?;
    }
    seen.goes_on(stage)?;
    Ok("refused 14".to_owned())
}
