//! More of everything than anybody needs. Start at [`requests`].

use std::time::Duration;

use peer_proto::wire::{
    ALPN_CTL, ALPN_PACK, CtlAsk, CtlSay, Cursor, PackAsk, PackSay, Why, encode,
};

use super::holds;
use crate::raw::{Line, read_frame};
use crate::stage::Stage;
use crate::{Outcome, said};

/// With this code a box cuts a flood off (`peer_proto::wire::ByeWhy::Flood`).
const FLOOD: u64 = 6;
/// How long one answer of a flood is waited for.
const ANSWER: Duration = Duration::from_secs(5);

/// What came of many questions.
#[derive(Debug, Default)]
struct Tally {
    answered: u32,
    told_to_wait: u32,
    without_a_time: u32,
}

/// Questions as fast as they go, without waiting when told to.
pub fn requests(stage: &mut Stage) -> Outcome<String> {
    let count = if stage.is_long { 100_000 } else { 3_000 };
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    let tally = flood(stage, &line, count)?;
    let code = line.closed()?;
    holds(code == FLOOD, format!("it was cut off with {code}"))?;
    holds(tally.told_to_wait > 0, format!("nobody was told to wait: {tally:?}"))?;
    holds(tally.without_a_time == 0, format!("no time to wait: {tally:?}"))?;
    holds(tally.answered < 1_500, format!("more were answered than should: {tally:?}"))?;
    stage.victim.told(0, &["Flooded", &friend.pact.id.short()])?;
    stage.serves()?;
    let back = stage.packs(&friend)?;
    let next: PackSay = back.ask(&PackAsk::List(Cursor { after: None }))?;
    holds(
        matches!(next, PackSay::Listing(_) | PackSay::Refused(_)),
        format!("it may come again: {next:?}"),
    )?;
    let Tally { answered, told_to_wait, .. } = tally;
    Ok(format!("{answered} answered, {told_to_wait} told to wait, then cut off with 6"))
}

fn flood(stage: &Stage, line: &Line, count: u32) -> Outcome<Tally> {
    let frame = said("encode", encode(&PackAsk::List(Cursor { after: None })))?;
    let connection = line.connection.clone();
    let flooding = async move {
        let mut tally = Tally::default();
        let mut open = tokio::task::JoinSet::new();
        for _ in 0..count {
            let opened = tokio::time::timeout(ANSWER, connection.open_bi()).await;
            let Ok(Ok((mut send, mut recv))) = opened else { break };
            if send.write_all(&frame).await.is_err() {
                break;
            }
            drop(send.finish());
            open.spawn(async move {
                let reading = read_frame::<PackSay>(&mut recv);
                tokio::time::timeout(ANSWER, reading).await.ok().and_then(Result::ok)
            });
            while let Some(done) = open.try_join_next() {
                tally.count(done.ok().flatten());
            }
        }
        while let Some(done) = open.join_next().await {
            tally.count(done.ok().flatten());
        }
        tally
    };
    Ok(stage.runtime.block_on(flooding))
}

impl Tally {
    fn count(&mut self, said: Option<PackSay>) {
        match said {
            Some(PackSay::Refused(refused)) if refused.why == Why::Busy => {
                self.told_to_wait += 1;
                self.without_a_time += u32::from(refused.figure == 0);
            }
            Some(_) => self.answered += 1,
            None => {}
        }
    }
}

/// The same on the control line.
pub fn control(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.ctl(&friend)?;
    let mut told_to_wait = 0;
    for number in 0..3_000 {
        match line.ask::<_, CtlSay>(&CtlAsk::Resume) {
            Ok(CtlSay::Refused(refused)) if refused.why == Why::Busy => told_to_wait += 1,
            Ok(CtlSay::Taken) => {}
            Ok(other) => return Err(format!("word {number}: {other:?}")),
            Err(_) => break,
        }
    }
    if line.is_open() {
        // Answers one after the other may be slower than a hundred a second: then nothing is too much.
        holds(told_to_wait > 0 || !is_quick(&line), "nobody was told to wait")?;
    } else {
        let code = line.closed()?;
        holds(code == FLOOD, format!("it was cut off with {code}"))?;
    }
    stage.serves()?;
    super::frames::still_hears(&stage.ctl(&friend)?)?;
    Ok(format!("{told_to_wait} told to wait; it may come again"))
}

/// Whether more than a hundred words a second go at all.
fn is_quick(line: &Line) -> bool {
    let clock = host::env().clock;
    let began = clock.uptime();
    for _ in 0..100 {
        drop(line.ask::<_, CtlSay>(&CtlAsk::Resume));
    }
    clock.uptime().0 - began.0 < 500
}

/// Streams without number, each left as soon as it is opened.
pub fn streams(stage: &mut Stage) -> Outcome<String> {
    let count = if stage.is_long { 1_000_000 } else { 10_000 };
    let friend = stage.befriend()?;
    let mut opened = 0_u32;
    let mut lines = 0_u32;
    while opened < count && lines < count / 50 {
        let line = stage.packs(&friend)?;
        lines += 1;
        let connection = line.connection.clone();
        let left = count - opened;
        opened += stage.runtime.block_on(async move {
            let mut opened = 0;
            while opened < left {
                let next = tokio::time::timeout(ANSWER, connection.open_bi()).await;
                let Ok(Ok((mut send, recv))) = next else { break };
                drop(send.write(&[1]).await);
                drop(send.reset(0_u32.into()));
                drop(recv);
                opened += 1;
            }
            opened
        });
    }
    stage.serves()?;
    let peak = stage.peak_kib()?;
    holds(peak < crate::meter::LIMIT_KIB, format!("{peak} KiB"))?;
    super::frames::still_answers(&stage.packs(&friend)?)?;
    holds(opened >= count, format!("only {opened} of {count} could be opened on {lines} lines"))?;
    Ok(format!("{opened} opened on {lines} lines; others are served"))
}

/// Lines without number, for both protocols, none closed in good order.
pub fn connections(stage: &mut Stage) -> Outcome<String> {
    let count = if stage.is_long { 10_000 } else { 300 };
    let friend = stage.befriend()?;
    let (evil, peer) = (friend.evil.clone(), stage.victim.peer.clone());
    let dialling = async move {
        let mut all = tokio::task::JoinSet::new();
        for number in 0..count {
            let (evil, peer) = (evil.clone(), peer.clone());
            let alpn = if number % 2 == 0 { ALPN_CTL } else { ALPN_PACK };
            all.spawn(async move { evil.dialled(&peer, alpn).await });
            if all.len() >= 100 {
                drop(all.join_next().await);
            }
        }
        let mut there = Vec::new();
        while let Some(done) = all.join_next().await {
            there.extend(done.ok().and_then(Result::ok));
        }
        there
    };
    let there = stage.runtime.block_on(dialling);
    stage.serves()?;
    // Only the newest of each kind is held.
    let held = stage
        .until(|_| Ok(there.iter().filter(|line| line.close_reason().is_none()).count() <= 2))?;
    holds(held, "older lines are held as well")?;
    super::frames::still_answers(&stage.packs(&friend)?)?;
    Ok(format!("{count} lines; the newest is heard, others are served"))
}

/// What is no frame, without end.
pub fn noise(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    let mut sent = 0;
    while sent < 3_000 && line.is_open() {
        match line.open().and_then(|mut stream| stream.write(&Line::framed(&[0, 1]))) {
            Ok(()) => sent += 1,
            Err(_) => break,
        }
    }
    holds(!line.is_open(), format!("{sent} that are no frames were borne"))?;
    let code = line.closed()?;
    holds(code == FLOOD, format!("it was cut off with {code}"))?;
    stage.serves()?;
    Ok(format!("cut off with 6 after {sent}"))
}
