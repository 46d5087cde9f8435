//! An owner who brings packs as no owner should, to an honest host. Start at [`put`].

use peer_proto::limits;
use peer_proto::wire::{
    Audit, ByteRange, Cursor, Get, Kind, List, PackAsk, PackSay, Put, Why, encode,
};
use types::{Millis, PackId};

use super::{holds, wants};
use crate::host::stream;
use crate::raw::{Line, Stream};
use crate::stage::{Friend, PACK_LEN, QUOTA, Stage};
use crate::{Outcome, said};

/// The name of these bytes.
pub fn name(bytes: &[u8]) -> PackId {
    PackId(*blake3::hash(bytes).as_bytes())
}

/// Offers a pack; what is said to the offer.
pub fn offer(line: &Line, put: Put) -> Outcome<(Stream, PackSay)> {
    let mut stream = line.open()?;
    stream.write(&said("encode", encode(&PackAsk::Put(put)))?)?;
    let first = stream.read()?;
    Ok((stream, first))
}

/// Brings a pack as one should.
pub fn put(line: &Line, bytes: &[u8], kind: Kind) -> Outcome<PackId> {
    let root = name(bytes);
    match bring(line, Put { root, size: bytes.len() as u64, kind }, bytes)? {
        PackSay::Ack(ack) if ack.root == root => Ok(root),
        other => Err(format!("an honest pack: {other:?}")),
    }
}

/// Offers a pack and sends the parts that are asked for, of these bytes.
fn bring(line: &Line, put: Put, bytes: &[u8]) -> Outcome<PackSay> {
    let (mut open, first) = offer(line, put)?;
    let PackSay::Accept(missing) = first else { return Ok(first) };
    open.write(&stream(bytes, missing.items()))?;
    open.finish();
    open.read()
}

/// Nothing of this friend is kept.
fn nothing_kept(stage: &mut Stage, friend: &Friend) -> Outcome<()> {
    let line = stage.victim.friend(friend.pact.id)?;
    holds(line.kept == (0, 0), format!("it counts {:?}", line.kept))?;
    let found = stage.victim.on_disk(friend.evil.side().recovery)?;
    holds(found.good.is_empty() && found.bad == 0, format!("on the disk: {found:?}"))
}

/// Sizes that no pack has.
pub fn sizes(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    for size in [0, limits::PACK_LEN_MAX + 1, u64::MAX] {
        let put = Put { root: PackId([9; 32]), size, kind: Kind::Data };
        let (_, first) = offer(&line, put)?;
        let most = wants(&format!("{size} bytes"), &first, Why::Size)?;
        holds(most == limits::PACK_LEN_MAX, format!("the most is not {most}"))?;
    }
    nothing_kept(stage, &friend)?;
    Ok("refused 8 with the most, nothing written down".to_owned())
}

/// More than was promised, while most of it is on its way already.
pub fn quota(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    let most = limits::PACK_LEN_MAX;
    let (open, first) = offer(&line, Put { root: PackId([1; 32]), size: most, kind: Kind::Data })?;
    holds(matches!(first, PackSay::Accept(_)), format!("most of it: {first:?}"))?;
    let rest = QUOTA - most;
    let more = Put { root: PackId([2; 32]), size: rest + 1, kind: Kind::Data };
    let (_, first) = offer(&line, more)?;
    let left = wants("one byte over", &first, Why::OverQuota)?;
    holds(left == rest, format!("{left} bytes are left"))?;
    let (_, first) = offer(&line, Put { size: rest, ..more })?;
    holds(matches!(first, PackSay::Accept(_)), format!("the last byte: {first:?}"))?;
    drop(open);
    nothing_kept(stage, &friend)?;
    Ok("refused 6 before any byte, to the byte".to_owned())
}

/// Many tiny packs: each counts 256 KiB.
pub fn tiny(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    let fit = QUOTA / limits::CHARGE_STEP;
    for number in 0..fit {
        put(&line, &number.to_le_bytes(), Kind::Data)?;
    }
    let more = Put { root: name(b"one more"), size: 8, kind: Kind::Data };
    let (_, first) = offer(&line, more)?;
    wants("one tiny pack more", &first, Why::OverQuota)?;
    let counted = stage.victim.friend(friend.pact.id)?.kept;
    holds(counted == (fit, QUOTA), format!("it counts {counted:?}"))?;
    Ok(format!("{fit} of eight bytes fill 20 MiB, then refused 6"))
}

/// Bytes of another pack under a name.
pub fn wrong_bytes(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    let (one, other) = (testkit::env::noise(1, 90_000), testkit::env::noise(2, 90_000));
    let lie = Put { root: name(&one), size: 90_000, kind: Kind::Data };
    let (mut open, first) = offer(&line, lie)?;
    holds(matches!(first, PackSay::Accept(_)), format!("the offer: {first:?}"))?;
    open.write(&stream(&other, &[]))?;
    open.finish();
    let last = open.read::<PackSay>();
    holds(!matches!(last, Ok(PackSay::Ack(_) | PackSay::Have)), format!("believed: {last:?}"))?;
    nothing_kept(stage, &friend)?;
    let said: PackSay =
        line.ask(&PackAsk::Get(Get { root: name(&one), ranges: List::first([]) }))?;
    holds(!matches!(said, PackSay::Found(_)), format!("it is handed out: {said:?}"))?;
    // The right bytes are welcome after all.
    put(&stage.packs(&friend)?, &one, Kind::Data)?;
    Ok(format!("no receipt ({}), nothing counts", short(&last)))
}

/// A stream that ends early, and then the rest: only what is missing is asked for.
pub fn truncated(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    let bytes = testkit::env::noise(3, 8 << 14);
    let whole = stream(&bytes, &[]);
    let ask = Put { root: name(&bytes), size: bytes.len() as u64, kind: Kind::Data };
    let (mut open, _) = offer(&line, ask)?;
    open.write(&whole[..whole.len() / 2])?;
    open.finish();
    let last = open.read::<PackSay>();
    holds(!matches!(last, Ok(PackSay::Ack(_))), format!("believed: {last:?}"))?;
    nothing_kept(stage, &friend)?;
    let again = stage.until(|_| {
        let (_, first) = offer(&line, ask)?;
        Ok(match &first {
            PackSay::Accept(missing) => {
                let all: u64 = missing.items().iter().map(|range| range.to - range.from).sum();
                all > 0 && all < ask.size
            }
            _ => false,
        })
    })?;
    holds(again, "it does not go on where it was cut")?;
    Ok("no receipt; only what is missing is asked for".to_owned())
}

/// A whole pack, and a mebibyte behind it.
pub fn more_than_asked(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    let bytes = testkit::env::noise(4, 70_000);
    let ask = Put { root: name(&bytes), size: bytes.len() as u64, kind: Kind::Data };
    let (mut open, _) = offer(&line, ask)?;
    open.write(&stream(&bytes, &[]))?;
    // The box may hang up on it.
    drop(open.write(&vec![0xee; 1 << 20]));
    open.finish();
    drop(open.read::<PackSay>());
    let found = stage.victim.on_disk(friend.evil.side().recovery)?;
    holds(found.bad == 0, format!("on the disk: {found:?}"))?;
    let counted = stage.victim.friend(friend.pact.id)?.kept;
    holds(counted.1 <= limits::CHARGE_STEP, format!("it counts {counted:?}"))?;
    super::frames::still_answers(&stage.packs(&friend)?)?;
    Ok(format!("the pack counts {} bytes, what came behind it nothing", counted.1))
}

/// Packs that are begun and left.
pub fn unfinished(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let mut line = stage.packs(&friend)?;
    let begun = limits::COMING_MAX + 6;
    for number in 0..begun {
        let bytes = testkit::env::noise(500 + number as u64, 40_000);
        let ask = Put { root: name(&bytes), size: 40_000, kind: Kind::Data };
        let (mut open, first) = offer(&line, ask)?;
        if first == PackSay::Refused(Why::Busy.with(1_000)) {
            line = stage.packs(&friend)?;
            continue;
        }
        holds(
            matches!(first, PackSay::Accept(_) | PackSay::Refused(_)),
            format!("pack {number}: {first:?}"),
        )?;
        // A group and a half of three.
        drop(open.write(&stream(&bytes, &[])[..25_000]));
        open.finish();
        drop(open.read::<PackSay>());
    }
    let found = stage.victim.on_disk(friend.evil.side().recovery)?;
    let (coming, most) = (found.coming, limits::COMING_MAX);
    holds(coming == most, format!("{coming} unfinished packs lie on the disk"))?;
    nothing_kept(stage, &friend)?;
    Ok(format!("{begun} begun, {coming} lie there, nothing counts"))
}

/// Everything is to go at once: whoever has the owner's box says so.
pub fn delete_all(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    let mut roots = Vec::new();
    for number in 0..4_u8 {
        roots.push(put(&line, &testkit::env::noise(number.into(), 30_000), Kind::Data)?);
    }
    let days = friend.pact.terms.by_inviter.not_before();
    for root in &roots {
        let mut times = Vec::new();
        for _ in 0..3 {
            match line.ask(&PackAsk::Delete(*root))? {
                PackSay::Marked(time) => times.push(time),
                other => return Err(format!("a deletion: {other:?}")),
            }
        }
        let first = times.first().copied().ok_or("no time")?;
        holds(times.iter().all(|time| *time == first), format!("it changes: {times:?}"))?;
        let wait = first.since(stage.now());
        holds(wait.0 + 60_000 > days.0, format!("{} ms are no {} days", wait.0, days.0))?;
    }
    // A week later, and after any number of words, all of it is there.
    stage.pass(Millis::from_days(7))?;
    let found = stage.victim.on_disk(friend.evil.side().recovery)?;
    holds(found.good.len() == roots.len(), format!("on the disk: {found:?}"))?;
    Ok("marked 30 days ahead, the first word counts, all of it lies there".to_owned())
}

/// What is another friend's is asked for, proved, and deleted.
pub fn anothers(stage: &mut Stage) -> Outcome<String> {
    let (owner, thief) = (stage.befriend()?, stage.befriend()?);
    let theirs = put(&stage.packs(&owner)?, &testkit::env::noise(6, 50_000), Kind::Data)?;
    let line = stage.packs(&thief)?;
    let group: List<ByteRange, { limits::RANGES_MAX }> =
        List::first([ByteRange { from: 0, to: 1 << 14 }]);
    let asks = [
        PackAsk::Get(Get { root: theirs, ranges: List::first([]) }),
        PackAsk::Audit(Audit { root: theirs, ranges: group, nonce: [2; 16] }),
        PackAsk::Delete(theirs),
    ];
    for ask in asks {
        let said: PackSay = line.ask(&ask)?;
        holds(matches!(said, PackSay::Missing), format!("{ask:?}: {said:?}"))?;
    }
    match line.ask(&PackAsk::List(Cursor { after: None }))? {
        PackSay::Listing(page) if page.items.items().is_empty() => {}
        other => return Err(format!("the list: {other:?}")),
    }
    // Saying that one has its name is no way to it either: it has to be brought.
    let (_, first) = offer(&line, Put { root: theirs, size: 50_000, kind: Kind::Data })?;
    holds(matches!(first, PackSay::Accept(_)), format!("an offer of it: {first:?}"))?;
    let found = stage.victim.on_disk(owner.evil.side().recovery)?;
    holds(found.good == [theirs], format!("on the disk: {found:?}"))?;
    Ok("missing each time; it has to be brought".to_owned())
}

/// The same pack of two lengths, and on two streams.
pub fn twice(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    let bytes = testkit::env::noise(8, usize::try_from(PACK_LEN).unwrap_or_default());
    let ask = Put { root: name(&bytes), size: PACK_LEN, kind: Kind::Data };
    let (mut open, first) = offer(&line, ask)?;
    holds(matches!(first, PackSay::Accept(_)), format!("the first: {first:?}"))?;
    let (_, other) = offer(&line, Put { size: PACK_LEN - 1, ..ask })?;
    holds(matches!(other, PackSay::Refused(_)), format!("another length: {other:?}"))?;
    let (_, again) = offer(&line, ask)?;
    wants("the same on another stream", &again, Why::Busy)?;
    open.write(&stream(&bytes, &[]))?;
    open.finish();
    let last: PackSay = open.read()?;
    holds(matches!(last, PackSay::Ack(_)), format!("the first goes on: {last:?}"))?;
    Ok("refused, and the first stream goes on".to_owned())
}

fn short(said: &Outcome<PackSay>) -> String {
    match said {
        Ok(PackSay::Refused(refused)) => format!("refused {}", u8::from(refused.why)),
        Ok(other) => format!("{other:?}"),
        Err(_) => "cut".to_owned(),
    }
}
