//! Other terms, and the end, as nobody agreed to them. Start at [`bounds`].

use std::time::Duration;

use peer_proto::pact::{Pact, Terms};
use peer_proto::sign::{Signature, Statement};
use peer_proto::wire::{Agree, CtlAsk, CtlSay, Ending, Kind, Propose, Why};
use types::{Signer, UnixTime};

use super::{holds, wants};
use crate::chain::Key;
use crate::desk::Ask;
use crate::raw::Line;
use crate::stage::{Friend, Stage};
use crate::{Outcome, said};

/// For what must not be told.
const NOT_TOLD: Duration = Duration::from_millis(300);

/// The friend's pact with other terms, as the next one.
fn next(friend: &Friend, change: impl FnOnce(&mut Terms)) -> Pact {
    let mut pact = Pact { seq: friend.pact.seq + 1, ..friend.pact.clone() };
    change(&mut pact.terms);
    pact
}

fn propose(
    line: &Line,
    pact: &Pact,
    signer: &dyn Signer,
    recovery: Option<Signature>,
) -> Outcome<CtlSay> {
    let signature = pact.sign(signer);
    line.ask(&CtlAsk::Propose(Box::new(Propose { pact: pact.clone(), signature, recovery })))
}

/// The terms in force are those that were agreed, and nobody is asked anything.
fn unchanged(stage: &mut Stage, friend: &Friend) -> Outcome<()> {
    let line = stage.victim.friend(friend.pact.id)?;
    holds(line.pact_seq == 1 && !line.asked, format!("the pact is another: {line:?}"))
}

/// Numbers that no pact may name.
pub fn bounds(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.ctl(&friend)?;
    let odd: [fn(&mut Terms); 7] = [
        |terms| terms.by_inviter.not_before_days = 0,
        |terms| terms.by_inviter.not_before_days = 731,
        |terms| terms.by_invitee.silence_months = 5,
        |terms| terms.by_invitee.silence_months = 121,
        |terms| terms.notice_days = 0,
        |terms| terms.notice_days = u16::MAX,
        |terms| {
            terms.by_inviter.bytes = types::Bytes(0);
            terms.by_invitee.bytes = types::Bytes(0);
        },
    ];
    for (number, change) in odd.into_iter().enumerate() {
        let said = propose(&line, &next(&friend, change), &friend.evil.key(), None)?;
        wants(&format!("odd terms {number}"), &said, Why::Terms)?;
    }
    unchanged(stage, &friend)?;
    Ok("refused 24, nobody was asked".to_owned())
}

/// The own data are to go sooner: whoever has the owner's box has no words.
pub fn shorter_own(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.ctl(&friend)?;
    let pact = next(&friend, |terms| terms.by_inviter.not_before_days = 1);
    let key = friend.evil.key();
    wants("without the words", &propose(&line, &pact, &key, None)?, Why::Shortened)?;
    let word = Statement::Shorten.sign(&pact.signed_bytes(), &key);
    wants("by the box", &propose(&line, &pact, &key, Some(word))?, Why::Shortened)?;
    let other = next(&friend, |terms| terms.by_inviter.not_before_days = 2);
    let word = Statement::Shorten.sign(&other.signed_bytes(), &friend.evil.recovery());
    wants("of other terms", &propose(&line, &pact, &key, Some(word))?, Why::Shortened)?;
    unchanged(stage, &friend)?;
    // With the words it is a proposal like any other.
    let word = Statement::Shorten.sign(&pact.signed_bytes(), &friend.evil.recovery());
    let said = propose(&line, &pact, &key, Some(word))?;
    holds(matches!(said, CtlSay::Taken), format!("with the words: {said:?}"))?;
    holds(stage.victim.friend(friend.pact.id)?.asked, "with the words nobody is asked")?;
    Ok("refused 25 three times; with the words the owner is asked".to_owned())
}

/// The box's data are to go sooner: its owner is asked for the words, and a plain yes is none.
pub fn shorter_theirs(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.ctl(&friend)?;
    let news = stage.victim.news_count()?;
    let pact = next(&friend, |terms| terms.by_invitee.not_before_days = 1);
    let said = propose(&line, &pact, &friend.evil.key(), None)?;
    holds(matches!(said, CtlSay::Taken), format!("a proposal: {said:?}"))?;
    stage.victim.told(news, &["Proposed", "shorter: true"])?;
    let yes = stage.victim.desk.ask(&Ask::SayYes(friend.pact.id));
    holds(yes.is_err(), "a yes without the words was enough")?;
    let line = stage.victim.friend(friend.pact.id)?;
    holds(line.pact_seq == 1, format!("the pact is number {}", line.pact_seq))?;
    Ok("told that it takes the words; a plain yes is refused".to_owned())
}

/// Not the next number, another's side, by another's hand.
pub fn forged(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.ctl(&friend)?;
    let key = friend.evil.key();
    for seq in [0, 1, 3, u32::MAX] {
        let pact = Pact { seq, ..next(&friend, |terms| terms.notice_days = 60) };
        let said = propose(&line, &pact, &key, None)?;
        let force = wants(&format!("number {seq}"), &said, Why::OutOfOrder)?;
        holds(force == 1, format!("the one in force is not {force}"))?;
    }
    let mut pact = next(&friend, |_| ());
    pact.inviter.recovery = friend.evil.recovery().public();
    wants("with another recovery key", &propose(&line, &pact, &key, None)?, Why::Malformed)?;
    let pact = next(&friend, |terms| terms.notice_days = 60);
    wants("by another's hand", &propose(&line, &pact, &Key::of(5), None)?, Why::BadProof)?;
    let never = Agree { seq: 2, signature: pact.sign(&key), recovery: None };
    wants("yes to nothing", &line.ask::<_, CtlSay>(&CtlAsk::Agree(never))?, Why::OutOfOrder)?;
    unchanged(stage, &friend)?;
    Ok("refused 26, 17, 14, 26".to_owned())
}

/// Other terms again and again: an owner is asked at most once a day.
pub fn nagging(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.ctl(&friend)?;
    let news = stage.victim.news_count()?;
    let mut refused = 0;
    for days in 31..51 {
        let pact = next(&friend, |terms| terms.notice_days = days);
        match propose(&line, &pact, &friend.evil.key(), None)? {
            CtlSay::Refused(no) if no.why == Why::Busy => refused += 1,
            CtlSay::Taken => {}
            other => return Err(format!("{days} days: {other:?}")),
        }
    }
    let id = friend.pact.id.short();
    stage.victim.told(news, &["Proposed", &id])?;
    let second = stage.victim.told_within(news, &["Proposed", &id, "notice_days: 32"], NOT_TOLD);
    holds(second.is_err(), "the owner was asked twice")?;
    holds(refused == 19, format!("{refused} of 19 were told to wait"))?;
    Ok("asked once, 19 times refused 9".to_owned())
}

/// The end of a pact, by somebody else's hand, of another pact, and by the friend's clock.
pub fn ends(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let line = stage.packs(&friend)?;
    super::packs::put(&line, &testkit::env::noise(11, 30_000), Kind::Data)?;
    let ctl = stage.ctl(&friend)?;
    let now = stage.now();
    let (id, key) = (friend.pact.id, friend.evil.key());
    let end = |pact, signer: &Key, at: UnixTime, said_at: UnixTime| -> Outcome<CtlAsk> {
        let said = said("write", postcard::to_allocvec(&(id, at, said_at)))?;
        let signature = Statement::End.sign(&said, signer);
        Ok(CtlAsk::End(Ending { pact, at, said: said_at, signature }))
    };
    let said: CtlSay = ctl.ask(&end(id, &Key::of(6), now, now)?)?;
    wants("by another's hand", &said, Why::BadProof)?;
    let said: CtlSay = ctl.ask(&end(types::InviteId([1; 16]), &key, now, now)?)?;
    wants("of another pact", &said, Why::BadProof)?;
    let before = stage.victim.friend(id)?;
    holds(before.phase == "Standing", format!("the pact is {}", before.phase))?;
    // Its own word, at once: what lies here stays as long as after any deletion.
    drop(ctl.ask::<_, CtlSay>(&end(id, &key, now, now)?));
    let over = stage.until(|stage| Ok(stage.victim.friend(id)?.phase != "Standing"))?;
    holds(over, "its own word was not heard")?;
    stage.pass(types::Millis::from_days(7))?;
    let found = stage.victim.on_disk(friend.evil.side().recovery)?;
    holds(found.good.len() == 1, format!("on the disk after a week: {found:?}"))?;
    Ok("refused 14; its own word ends the pact, and what lies here stays".to_owned())
}
