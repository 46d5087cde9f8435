//! A host who lies to an honest owner about what it keeps. Start at [`fetched`].

use peer_proto::owner::CopyStage;
use peer_proto::wire::{
    Ack, ByteRange, CtlAsk, Figures, HeadPoint, Kind, List, Listed, Listing, PackAsk, PackSay,
    Ranges, Refused, Why,
};
use types::{Bytes, HeadHash, Millis, PackId, UnixTime};

use super::holds;
use crate::Outcome;
use crate::desk::{Ask, Say};
use crate::host::{Host, Kept, Reply, figures, listing, stream};
use crate::stage::{PACK_LEN, Stage};

pub(super) fn say(say: PackSay) -> Option<Reply> {
    Some(Reply::Say(say, Vec::new()))
}

/// What is fetched back comes wrong, short, of another length, or with more behind it.
pub fn fetched(stage: &mut Stage) -> Outcome<String> {
    let (friend, host, _lines) = stage.keeper()?;
    let root = stage.kept_by(&friend)?;
    let id = friend.pact.id;
    stage.victim.desk.ask(&Ask::Fetch(id, root))?;
    let found =
        |bytes: &[u8], body: Vec<u8>| Some(Reply::Say(PackSay::Found(bytes.len() as u64), body));
    type Twist = fn(&[u8], Vec<u8>) -> (u64, Vec<u8>);
    let twists: [(&str, Twist); 4] = [
        ("a wrong byte", |bytes, mut body| {
            let middle = body.len() / 2;
            body[middle] ^= 4;
            (bytes.len() as u64, body)
        }),
        ("half of it", |bytes, mut body| {
            body.truncate(body.len() / 2);
            (bytes.len() as u64, body)
        }),
        ("another length", |bytes, body| (bytes.len() as u64 - 1, body)),
        ("far too long", |_, body| (1 << 40, body)),
    ];
    for (what, twist) in twists {
        host.lies(move |ask, kept| match ask {
            PackAsk::Get(get) => {
                let bytes = kept.get(&get.root)?;
                let (len, body) = twist(bytes, stream(bytes, get.ranges.items()));
                Some(Reply::Say(PackSay::Found(len), body))
            }
            _ => None,
        });
        match stage.victim.desk.hear(&Ask::Fetch(id, root))? {
            Say::No(_) => {}
            other => return Err(format!("{what} was taken: {other:?}")),
        }
    }
    host.lies(move |ask, kept| match ask {
        PackAsk::Get(get) => {
            let bytes = kept.get(&get.root)?;
            let more = [stream(bytes, get.ranges.items()), vec![9; 1 << 20]].concat();
            found(bytes, more)
        }
        _ => None,
    });
    stage.victim.desk.ask(&Ask::Fetch(id, root))?;
    stage.serves()?;
    Ok("refused each time; what came behind the pack is not looked at".to_owned())
}

/// No room, for ever, and every other no that there is.
pub fn refuses(stage: &mut Stage) -> Outcome<String> {
    let (friend, host, _lines) = stage.keeper()?;
    let id = friend.pact.id;
    host.lies(|ask, _| {
        let no = PackSay::Refused(Refused { why: Why::NoRoom, figure: 0 });
        matches!(ask, PackAsk::Put(_)).then_some(Reply::Say(no, Vec::new()))
    });
    let root = stage.new_pack()?;
    let news = stage.victim.news_count()?;
    stage.victim.desk.ask(&Ask::Want(id, vec![root]))?;
    stage.victim.told(news, &["Stalled", "NoRoom", &id.short()])?;
    let puts =
        |host: &Host| host.asked().iter().filter(|ask| matches!(ask, PackAsk::Put(_))).count();
    let first = puts(&host);
    stage.pass(Millis(3_000_000))?;
    stage.serves()?;
    holds(puts(&host) <= first + 4, "it is asked again and again")?;
    let copy = stage.victim.stage(id, root)?;
    holds(copy == Some(CopyStage::Queued), format!("the copy is {copy:?}"))?;
    for code in 1..=31 {
        host.lies(move |_, _| {
            let why = Why::from(code);
            say(PackSay::Refused(Refused { why, figure: u64::MAX }))
        });
        let next = stage.packs(&friend)?;
        host.serve(&next, stage.runtime.handle());
        let asked = host.asked().len();
        let heard = stage.until(|_| Ok(host.asked().len() > asked))?;
        holds(heard, format!("after reason {code} nothing is asked any more"))?;
    }
    stage.serves()?;
    Ok("told once, waits in the queue; no reason of 31 harms".to_owned())
}

/// Receipts for what was not sent, of other packs, and parts that are none.
pub fn receipts(stage: &mut Stage) -> Outcome<String> {
    let (friend, host, _lines) = stage.keeper()?;
    let id = friend.pact.id;
    let root = stage.new_pack()?;
    type Nonsense = fn(PackId) -> PackSay;
    let all: [Nonsense; 6] = [
        |root| PackSay::Ack(Ack { root, kept: Figures { packs: 1, bytes: Bytes(1 << 18) } }),
        |_| PackSay::Ack(Ack { root: PackId([1; 32]), kept: Figures::default() }),
        |_| PackSay::Found(PACK_LEN),
        |_| PackSay::Marked(UnixTime(0)),
        |_| PackSay::HeadTaken(HeadPoint { seq: 1, hash: HeadHash([1; 32]) }),
        |_| {
            let beyond: Ranges = List::first([ByteRange { from: 0, to: PACK_LEN + 1 }]);
            PackSay::Accept(beyond)
        },
    ];
    for (number, nonsense) in all.into_iter().enumerate() {
        host.lies(move |ask, _| match ask {
            PackAsk::Put(put) => say(nonsense(put.root)),
            _ => None,
        });
        let puts =
            |host: &Host| host.asked().iter().filter(|ask| matches!(ask, PackAsk::Put(_))).count();
        let before = puts(&host);
        stage.victim.desk.ask(&Ask::Want(id, vec![root]))?;
        let asked = stage.until(|stage| {
            stage.pass(Millis(1_000))?;
            Ok(puts(&host) > before)
        })?;
        holds(asked, format!("nonsense {number}: it was not offered"))?;
        stage.serves()?;
        let copy = stage.victim.stage(id, root)?;
        holds(copy != Some(CopyStage::Held), format!("nonsense {number} was believed"))?;
    }
    holds(stage.victim.friend(id)?.held == (0, 0), "something counts")?;
    host.is_honest();
    let honest = stage.until(|stage| {
        stage.pass(Millis(1_000))?;
        Ok(stage.victim.stage(id, root)? == Some(CopyStage::Held))
    })?;
    holds(honest, "an honest answer is not believed afterwards")?;
    Ok("none is believed; an honest one is".to_owned())
}

/// Lists: out of order, without end, of what never was, and figures to match.
pub fn lists(stage: &mut Stage) -> Outcome<String> {
    let (friend, host, _lines) = stage.keeper()?;
    let root = stage.kept_by(&friend)?;
    let id = friend.pact.id;
    let item = |number: u8, size| Listed {
        root: PackId([number; 32]),
        size,
        kind: Kind::Data,
        until: None,
    };
    let with = move |kept: &Kept, more: bool, extra: Vec<Listed>| {
        let page = listing(kept);
        let mut items = page.items.into_items();
        items.extend(extra);
        items.sort_by_key(|item| item.root);
        let kept = Figures { packs: u64::MAX, bytes: Bytes(u64::MAX) };
        say(PackSay::Listing(Box::new(Listing { items: List::first(items), more, kept })))
    };
    // Sizes that no pack has, and one that was never sent.
    host.lies(move |ask, kept| match ask {
        PackAsk::List(_) => {
            with(kept, false, vec![item(0, 0), item(1, u64::MAX), item(2, PACK_LEN)])
        }
        _ => None,
    });
    let news = stage.victim.news_count()?;
    let next = stage.packs(&friend)?;
    host.serve(&next, stage.runtime.handle());
    stage.victim.told(news, &["Found", &PackId([2; 32]).short()])?;
    let held = stage.victim.friend(id)?.held;
    holds(held.0 == 2, format!("it counts {held:?}"))?;
    // More without anything, and the same page again and again.
    host.lies(|ask, kept| match ask {
        PackAsk::List(_) => {
            let page = Listing { more: true, ..listing(kept) };
            say(PackSay::Listing(Box::new(page)))
        }
        _ => None,
    });
    let before = host.asked().len();
    let next = stage.packs(&friend)?;
    host.serve(&next, stage.runtime.handle());
    stage.serves()?;
    let asked = host.asked().len() - before;
    holds(asked < 200, format!("it was asked {asked} times"))?;
    let copy = stage.victim.stage(id, root)?;
    holds(copy == Some(CopyStage::Held), format!("the copy is {copy:?}"))?;
    Ok(format!("sizes that no pack has count nothing; asked {asked} times for a list without end"))
}

/// Deletions: gone at once, in a thousand years, and what was never to go.
pub fn deletes(stage: &mut Stage) -> Outcome<String> {
    let (friend, host, _lines) = stage.keeper()?;
    let (root, other) = (stage.kept_by(&friend)?, stage.kept_by(&friend)?);
    let id = friend.pact.id;
    host.lies(|ask, _| match ask {
        PackAsk::Delete(_) => say(PackSay::Marked(UnixTime(0))),
        _ => None,
    });
    stage.victim.desk.ask(&Ask::Unwant(id, vec![root]))?;
    let doomed = CopyStage::Doomed { until: UnixTime(0) };
    let told = stage.until(|stage| Ok(stage.victim.stage(id, root)? == Some(doomed)))?;
    holds(told, "the time that it names is not written down")?;
    // It says that what is needed goes too: it is offered again at once.
    host.lies(move |ask, kept| match ask {
        PackAsk::List(_) => {
            let page = listing(kept);
            let mut items = page.items.into_items();
            for item in &mut items {
                item.until = Some(UnixTime(1));
            }
            let page = Listing { items: List::first(items), more: false, kept: figures(kept) };
            say(PackSay::Listing(Box::new(page)))
        }
        _ => None,
    });
    let next = stage.packs(&friend)?;
    host.serve(&next, stage.runtime.handle());
    let offered = stage.until(|_| {
        let is_it = |ask: &PackAsk| matches!(ask, PackAsk::Put(put) if put.root == other);
        Ok(host.asked().iter().filter(|ask| is_it(ask)).count() > 1)
    })?;
    holds(offered, "what is needed and would go is not offered again")?;
    stage.serves()?;
    Ok("its time is written down; what is needed is offered again".to_owned())
}

/// A head of the box that never was: it must not stop what the box does elsewhere.
pub fn forged_head(stage: &mut Stage) -> Outcome<String> {
    let (friend, host, [ctl, _packs]) = stage.keeper()?;
    let root = stage.kept_by(&friend)?;
    stage.victim.desk.ask(&Ask::NewHead)?;
    let (point, bytes) =
        crate::chain::head(crate::house::vault(1), 900, HeadHash([1; 32]), &friend.evil.writer());
    let never = HeadPoint { seq: 901, hash: HeadHash([2; 32]) };
    for (head, shown) in [(never, None), (point, Some(bytes))] {
        let news = stage.victim.news_count()?;
        host.lies(move |ask, _| match (ask, &shown) {
            (PackAsk::Get(get), Some(bytes)) if get.root == PackId(head.hash.0) => {
                Some(Reply::Say(PackSay::Found(bytes.len() as u64), stream(bytes, &[])))
            }
            _ => None,
        });
        let hello = host.says(|hello| hello.head = Some(head));
        drop(ctl.ask::<_, peer_proto::wire::CtlSay>(&CtlAsk::Hello(Box::new(hello)))?);
        stage.victim.told(news, &["HeadNotShown", &friend.pact.id.short()])?;
        let line = stage.victim.friend(friend.pact.id)?;
        holds(!line.went_back, "it believes that it went back in time")?;
        // Its word is right again: the next lie is told anew.
        let hello = host.says(|hello| hello.head = None);
        drop(ctl.ask::<_, peer_proto::wire::CtlSay>(&CtlAsk::Hello(Box::new(hello)))?);
    }
    let copy = stage.victim.stage(friend.pact.id, root)?;
    holds(copy == Some(CopyStage::Held), format!("the copy is {copy:?}"))?;
    stage.serves()?;
    Ok("told that the friend cannot show it; the box believes nothing of it".to_owned())
}

/// A put that is never answered.
pub fn never_answers(stage: &mut Stage) -> Outcome<String> {
    let (friend, host, _lines) = stage.keeper()?;
    host.lies(|_, _| Some(Reply::Silence));
    let roots = stage.victim.make(8, PACK_LEN)?;
    stage.victim.desk.ask(&Ask::Want(friend.pact.id, roots))?;
    let puts =
        |host: &Host| host.asked().iter().filter(|ask| matches!(ask, PackAsk::Put(_))).count();
    let asked = stage.until(|_| Ok(puts(&host) > 0))?;
    holds(asked, "nothing is offered")?;
    stage.serves()?;
    let open = puts(&host);
    holds(open <= 4, format!("{open} are on their way at once"))?;
    holds(stage.victim.friend(friend.pact.id)?.held == (0, 0), "something counts")?;
    Ok(format!("{open} on their way and no more, others are served"))
}
