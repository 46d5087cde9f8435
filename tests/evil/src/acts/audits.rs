//! A host who lies to an honest owner when it is asked for proofs. Start at [`audit`].

use peer_proto::owner::CopyStage;
use peer_proto::wire::{ByteRange, PackAsk, PackSay, Proof};
use types::{InviteId, Millis, PackId};

use super::holds;
use super::keeping::say;
use crate::Outcome;
use crate::desk::Ask;
use crate::host::{Host, Kept, Reply, stream};
use crate::stage::{Friend, Stage};

/// One group, far from another.
fn group(number: u64) -> [ByteRange; 1] {
    [ByteRange { from: number << 14, to: (number + 1) << 14 }]
}

fn proof(nonce: [u8; 16], bytes: &[u8], body: Vec<u8>) -> Option<Reply> {
    let size = bytes.len() as u64;
    Some(Reply::Say(PackSay::Proof(Proof { nonce, size }), body))
}

/// Asks for a proof of the second group and waits for what came of it.
fn audited(stage: &mut Stage, friend: &Friend, root: PackId, wanted: &str) -> Outcome<()> {
    let news = stage.victim.news_count()?;
    stage.victim.desk.ask(&Ask::Audit { friend: friend.pact.id, root, group: 1 })?;
    stage.victim.told(news, &["Audited", &root.short(), wanted]).map(drop)
}

/// The copy does not count, and is kept elsewhere all the same.
fn is_lost(stage: &mut Stage, id: InviteId, root: PackId) -> Outcome<()> {
    let copy = stage.victim.stage(id, root)?;
    holds(copy != Some(CopyStage::Held), format!("it counts still: {copy:?}"))?;
    let held = stage.victim.friend(id)?.held;
    holds(held == (0, 0), format!("held there: {held:?}"))?;
    stage.serves()
}

/// One lie about one proof: told, lost, and not believed with "have" afterwards.
fn lie(
    stage: &mut Stage,
    how: impl Fn([u8; 16], &[u8]) -> Option<Reply> + Send + Sync + 'static,
) -> Outcome<String> {
    let (friend, host, _lines) = stage.keeper()?;
    let root = stage.kept_by(&friend)?;
    audited(stage, &friend, root, "Passed")?;
    host.lies(move |ask, kept: &Kept| match ask {
        PackAsk::Audit(audit) => how(audit.nonce, kept.get(&audit.root)?),
        PackAsk::Put(_) => say(PackSay::Have),
        _ => None,
    });
    let news = stage.victim.news_count()?;
    audited(stage, &friend, root, "Mismatch")?;
    stage.victim.told(news, &["Lost", &root.short(), "Mismatch"])?;
    is_lost(stage, friend.pact.id, root)?;
    // "Have" is not believed of a friend who showed wrong bytes.
    let news = stage.victim.news_count()?;
    stage.victim.desk.ask(&Ask::Want(friend.pact.id, vec![root]))?;
    stage.victim.told(news, &["Lost", &root.short()])?;
    is_lost(stage, friend.pact.id, root)?;
    // Bytes that were sent anew are.
    host.is_honest();
    host.drops(None);
    let news = stage.victim.news_count()?;
    stage.victim.desk.ask(&Ask::Want(friend.pact.id, vec![root]))?;
    stage.victim.told(news, &["Held", &root.short()])?;
    Ok("lost and told; \"have\" is not believed; bytes sent anew are".to_owned())
}

/// Bytes that are not the pack's.
pub fn audit(stage: &mut Stage) -> Outcome<String> {
    lie(stage, |nonce, bytes| {
        let mut body = stream(bytes, &group(1));
        let last = body.last_mut()?;
        *last ^= 1;
        proof(nonce, bytes, body)
    })
}

/// The right bytes of another part.
pub fn other_part(stage: &mut Stage) -> Outcome<String> {
    lie(stage, |nonce, bytes| proof(nonce, bytes, stream(bytes, &group(2))))
}

/// Right bytes with an old nonce.
pub fn nonce(stage: &mut Stage) -> Outcome<String> {
    lie(stage, |_, bytes| proof([0; 16], bytes, stream(bytes, &group(1))))
}

/// Right bytes of a pack that is said to be longer.
pub fn size(stage: &mut Stage) -> Outcome<String> {
    lie(stage, |nonce, bytes| {
        let size = bytes.len() as u64 + 1;
        Some(Reply::Say(PackSay::Proof(Proof { nonce, size }), stream(bytes, &group(1))))
    })
}

/// A proof that ends early, or a stream that is cut: says nothing of the copy.
pub fn silent_audit(stage: &mut Stage) -> Outcome<String> {
    let (friend, host, _lines) = stage.keeper()?;
    let root = stage.kept_by(&friend)?;
    host.lies(|ask, kept| match ask {
        PackAsk::Audit(audit) => {
            let bytes = kept.get(&audit.root)?;
            let mut body = stream(bytes, &group(1));
            body.truncate(body.len() / 2);
            proof(audit.nonce, bytes, body)
        }
        _ => None,
    });
    audited(stage, &friend, root, "NotAnswered")?;
    host.lies(|ask, _| matches!(ask, PackAsk::Audit(_)).then_some(Reply::Cut));
    audited(stage, &friend, root, "NotAnswered")?;
    let copy = stage.victim.stage(friend.pact.id, root)?;
    holds(copy == Some(CopyStage::Held), format!("the copy is {copy:?}"))?;
    // Nothing at all, for longer than a minute by the box's clock.
    host.lies(|ask, _| matches!(ask, PackAsk::Audit(_)).then_some(Reply::Silence));
    let news = stage.victim.news_count()?;
    stage.victim.desk.ask(&Ask::Audit { friend: friend.pact.id, root, group: 1 })?;
    let asked =
        |host: &Host| host.asked().iter().filter(|ask| matches!(ask, PackAsk::Audit(_))).count();
    let before = stage.until(|_| Ok(asked(&host) == 3))?;
    holds(before, "it was not asked")?;
    stage.pass(Millis(61_000))?;
    stage.victim.told(news, &["Audited", &root.short(), "NotAnswered"])?;
    stage.serves()?;
    Ok("not answered, the copy counts still".to_owned())
}

/// "Have" of a pack that never came, found by the first audit.
pub fn have(stage: &mut Stage) -> Outcome<String> {
    let (friend, host, _lines) = stage.keeper()?;
    host.lies(|ask, _| match ask {
        PackAsk::Put(_) => say(PackSay::Have),
        _ => None,
    });
    let root = stage.kept_by(&friend)?;
    let news = stage.victim.news_count()?;
    audited(stage, &friend, root, "Missing")?;
    stage.victim.told(news, &["Lost", &root.short(), "Missing"])?;
    is_lost(stage, friend.pact.id, root)?;
    Ok("believed until the first audit, then lost and told".to_owned())
}

/// A pack that is let go as soon as it is acknowledged.
pub fn dropped(stage: &mut Stage) -> Outcome<String> {
    let (friend, host, lines) = stage.keeper()?;
    let (one, other) = (stage.kept_by(&friend)?, stage.kept_by(&friend)?);
    host.drops(Some(one));
    let news = stage.victim.news_count()?;
    audited(stage, &friend, one, "Missing")?;
    stage.victim.told(news, &["Lost", &one.short()])?;
    // The other one is found out by the list, on the next line.
    host.drops(None);
    let news = stage.victim.news_count()?;
    let next = stage.packs(&friend)?;
    host.serve(&next, stage.runtime.handle());
    stage.victim.told(news, &["Lost", &other.short(), "Missing"])?;
    drop(lines);
    is_lost(stage, friend.pact.id, other)?;
    Ok("found by an audit, and by the list of the next line".to_owned())
}
