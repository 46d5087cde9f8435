//! Whoever is no friend, and would like to be. Start at [`strangers`].

use std::time::Duration;

use peer_proto::invite::{Session, Ticket, prove_return};
use peer_proto::pact::Part;
use peer_proto::sign::Signature;
use peer_proto::wire::{
    ALPN_CTL, ALPN_PACK, ALPN_PAIR, Accept, Cursor, Knock, PackAsk, PackSay, PairAsk, PairSay,
    Return, Why,
};
use types::{Millis, Signer, UnixTime};

use super::{holds, wants};
use crate::Outcome;
use crate::desk::Ask;
use crate::raw::{Evil, Line};
use crate::stage::Stage;

/// With this code a box sends strangers away.
const STRANGER: u64 = 403;
/// With this one a line whose box came anew (`peer_proto::wire::ByeWhy::Replaced`).
const REPLACED: u64 = 3;
/// For what must not be told.
const NOT_TOLD: Duration = Duration::from_millis(300);
/// After a flood was cut off, the door hears somebody again within this.
const BREATH: Duration = Duration::from_millis(100);
const MIB: u64 = 1 << 20;

fn knocks(line: &Line, knock: Knock) -> Outcome<PairSay> {
    line.ask(&PairAsk::Knock(Box::new(knock)))
}

/// A stranger, an invite, and a line to show it on.
fn at_the_door(stage: &mut Stage) -> Outcome<(Evil, Ticket, Line)> {
    let (evil, ticket) = (stage.stranger()?, stage.victim.invite(MIB, MIB)?);
    let line = evil.dial(&stage.victim.peer, ALPN_PAIR)?;
    Ok((evil, ticket, line))
}

/// Nobody became a friend by it.
fn no_friend(stage: &mut Stage, evil: &Evil) -> Outcome<()> {
    let id = evil.id();
    let found = stage.victim.friends()?.into_iter().find(|friend| friend.endpoint == id);
    holds(found.is_none(), format!("it is a friend now: {found:?}"))
}

/// Control and packs, without any pact.
pub fn strangers(stage: &mut Stage) -> Outcome<String> {
    let evil = stage.stranger()?;
    for alpn in [ALPN_CTL, ALPN_PACK] {
        let line = evil.dial(&stage.victim.peer, alpn)?;
        // The connection may stand for a moment, but nothing on it is answered.
        let heard: Outcome<PackSay> = line.ask(&PackAsk::List(Cursor { after: None }));
        holds(heard.is_err(), format!("it was answered: {heard:?}"))?;
        let code = line.closed()?;
        holds(code == STRANGER, format!("it was sent away with {code}"))?;
    }
    Ok("sent away with 403, nothing is answered".to_owned())
}

/// A wrong secret until the invite dies of it, and then the right one.
pub fn wrong_secret(stage: &mut Stage) -> Outcome<String> {
    let (evil, ticket, line) = at_the_door(stage)?;
    let right = stage.knocking(&evil, &line, &ticket)?;
    for left in (1..5).rev() {
        let knock = Knock { proof: [left; 32], ..right.clone() };
        let told = wants("a wrong secret", &knocks(&line, knock)?, Why::WrongSecret)?;
        holds(told == u64::from(left), format!("{told} tries are left, not {left}"))?;
    }
    let knock = Knock { proof: [0; 32], ..right.clone() };
    wants("the fifth time", &knocks(&line, knock)?, Why::TooManyTries)?;
    // As long as any invite is open, a dead one says so; without any, nobody is let in.
    let _other = stage.victim.invite(MIB, MIB)?;
    let again = evil.dial(&stage.victim.peer, ALPN_PAIR)?;
    let knock = stage.knocking(&evil, &again, &ticket)?;
    wants("the right one then", &knocks(&again, knock)?, Why::TooManyTries)?;
    no_friend(stage, &evil)?;
    Ok("refused 18 with 4, 3, 2, 1 left, then 21".to_owned())
}

/// An invite that another box has shown.
pub fn reused(stage: &mut Stage) -> Outcome<String> {
    let (first, ticket, line) = at_the_door(stage)?;
    let known = stage.knock(&first, &line, &ticket)?;
    let thief = stage.stranger()?;
    let other = thief.dial(&stage.victim.peer, ALPN_PAIR)?;
    let knock = stage.knocking(&thief, &other, &ticket)?;
    wants("before the pact", &knocks(&other, knock)?, Why::NoInvite)?;
    stage.victim.desk.ask(&Ask::Confirm(ticket.invite))?;
    let pact = stage.pact(&first, &ticket, &known);
    let signature = pact.sign(&first.key());
    let said: PairSay = line.ask(&PairAsk::Accept(Box::new(Accept { pact, signature })))?;
    holds(matches!(said, PairSay::Agreed(_)), format!("the first box: {said:?}"))?;
    let _other = stage.victim.invite(MIB, MIB)?;
    let late = thief.dial(&stage.victim.peer, ALPN_PAIR)?;
    let knock = stage.knocking(&thief, &late, &ticket)?;
    wants("after it", &knocks(&late, knock)?, Why::NoInvite)?;
    no_friend(stage, &thief)?;
    Ok("refused 19 before and after the pact".to_owned())
}

/// An invite after its 72 hours.
pub fn expired(stage: &mut Stage) -> Outcome<String> {
    let (evil, ticket) = (stage.stranger()?, stage.victim.invite(MIB, MIB)?);
    stage.pass(Millis(73 * 3_600_000))?;
    let _other = stage.victim.invite(MIB, MIB)?;
    let line = evil.dial(&stage.victim.peer, ALPN_PAIR)?;
    let knock = stage.knocking(&evil, &line, &ticket)?;
    let when = wants("after 73 hours", &knocks(&line, knock)?, Why::Expired)?;
    let meant = u64::try_from(ticket.expires.0).unwrap_or_default();
    holds(when == meant, format!("it ended at {when}, not at {meant}"))?;
    no_friend(stage, &evil)?;
    stage.serves()?;
    Ok("refused 20 with the time".to_owned())
}

/// In the name of another box, and of the box itself.
pub fn impostor(stage: &mut Stage) -> Outcome<String> {
    let (evil, ticket, line) = at_the_door(stage)?;
    let right = stage.knocking(&evil, &line, &ticket)?;
    let other = stage.stranger()?;
    let knock = Knock { who: other.side(), ..right.clone() };
    wants("in another's name", &knocks(&line, knock)?, Why::BadProof)?;
    let mut own = right.clone();
    own.who.vault = crate::house::vault(1);
    wants("with the box's own vault", &knocks(&line, own)?, Why::Oneself)?;
    // The pact: with another's side in it, and signed by another.
    let known = stage.knock(&evil, &line, &ticket)?;
    stage.victim.desk.ask(&Ask::Confirm(ticket.invite))?;
    let pact = stage.pact(&evil, &ticket, &known);
    let mut foreign = pact.clone();
    foreign.invitee = other.side();
    let signature = foreign.sign(&other.key());
    let accept = Accept { pact: foreign, signature };
    wants("a pact of another", &line.ask::<_, PairSay>(&accepting(accept))?, Why::Terms)?;
    let accept = Accept { signature: pact.sign(&other.key()), pact };
    wants("signed by another", &line.ask::<_, PairSay>(&accepting(accept))?, Why::BadProof)?;
    no_friend(stage, &evil)?;
    no_friend(stage, &other)?;
    Ok("refused 14, 27, 24, 14".to_owned())
}

fn accepting(accept: Accept) -> PairAsk {
    PairAsk::Accept(Box::new(accept))
}

/// Other terms than those of the ticket, and a yes before any knock.
pub fn other_terms(stage: &mut Stage) -> Outcome<String> {
    let (evil, ticket, line) = at_the_door(stage)?;
    let side = crate::house::side(1);
    let early = peer_proto::wire::Known {
        proof: [0; 32],
        time: stage.now(),
        who: side,
        terms: ticket.terms,
    };
    let pact = stage.pact(&evil, &ticket, &early);
    let accept = Accept { signature: pact.sign(&evil.key()), pact };
    wants("before any knock", &line.ask::<_, PairSay>(&accepting(accept))?, Why::NoInvite)?;
    let known = stage.knock(&evil, &line, &ticket)?;
    stage.victim.desk.ask(&Ask::Confirm(ticket.invite))?;
    let mut pact = stage.pact(&evil, &ticket, &known);
    pact.terms.by_inviter.bytes = types::Bytes(1 << 50);
    let accept = Accept { signature: pact.sign(&evil.key()), pact };
    wants("a petabyte", &line.ask::<_, PairSay>(&accepting(accept))?, Why::Terms)?;
    let mut pact = stage.pact(&evil, &ticket, &known);
    pact.seq = 7;
    let accept = Accept { signature: pact.sign(&evil.key()), pact };
    wants("number 7", &line.ask::<_, PairSay>(&accepting(accept))?, Why::Terms)?;
    no_friend(stage, &evil)?;
    Ok("refused 19, 24, 24".to_owned())
}

/// A proof that was made for another connection, of the same two boxes and of others.
pub fn relayed(stage: &mut Stage) -> Outcome<String> {
    let (evil, ticket, other) = at_the_door(stage)?;
    let made_there = stage.knocking(&evil, &other, &ticket)?;
    // One box has one line for pairing: this one takes the other's place.
    let line = evil.dial(&stage.victim.peer, ALPN_PAIR)?;
    let left = wants("of another line", &knocks(&line, made_there)?, Why::WrongSecret)?;
    let between = stage.stranger()?;
    let through = between.dial(&stage.victim.peer, ALPN_PAIR)?;
    let honest = stage.knocking(&evil, &line, &ticket)?;
    let knock = Knock { who: between.side(), ..honest.clone() };
    wants("handed on by another box", &knocks(&through, knock)?, Why::WrongSecret)?;
    // The role counts as well: the inviter's own proof is none of an invitee.
    let session = line.session(evil.id())?;
    let mirrored = session.proof(Part::Inviter, &ticket.secret.key());
    let knock = Knock { proof: mirrored, ..honest };
    wants("the inviter's own proof", &knocks(&line, knock)?, Why::WrongSecret)?;
    stage.knock(&evil, &line, &ticket)?;
    no_friend(stage, &evil)?;
    Ok(format!("refused 18 ({left} left) three times; on its own line it is good"))
}

/// A clock that is years off.
pub fn clock(stage: &mut Stage) -> Outcome<String> {
    let (evil, ticket, line) = at_the_door(stage)?;
    let right = stage.knocking(&evil, &line, &ticket)?;
    for time in [UnixTime(0), UnixTime(i64::MAX), UnixTime(i64::MIN)] {
        let knock = Knock { time, ..right.clone() };
        wants(&format!("at {}", time.0), &knocks(&line, knock)?, Why::ClockFarOff)?;
    }
    let told = knocks(&line, right)?;
    holds(matches!(told, PairSay::Known(_)), format!("a right clock then: {told:?}"))?;
    no_friend(stage, &evil)?;
    Ok("refused 23; with a right clock it is good".to_owned())
}

/// A fresh box in a friend's place, without the words.
pub fn returned(stage: &mut Stage) -> Outcome<String> {
    let friend = stage.befriend()?;
    let (thief, ticket, line) = at_the_door(stage)?;
    let news = stage.victim.news_count()?;
    for proof in [Signature::of([0; 64]), Signature::of([7; 64])] {
        let vault = friend.evil.vault();
        let who = peer_proto::pact::Side { vault, ..thief.side() };
        let back = Return { vault, who, time: stage.now(), proof };
        let told: PairSay = line.ask(&PairAsk::Return(Box::new(back)))?;
        holds(matches!(told, PairSay::Refused(_)), format!("without the words: {told:?}"))?;
    }
    // By the right key, and for another line: what somebody overheard.
    let (words, vault) = (friend.evil.recovery(), friend.evil.vault());
    let who = peer_proto::pact::Side { vault, recovery: words.public(), ..thief.side() };
    let other = Session { exported: [9; 32], inviter: ticket.endpoint, invitee: thief.id() };
    let overheard = prove_return(&other, who, stage.now(), &words);
    let told: PairSay = line.ask(&PairAsk::Return(Box::new(overheard)))?;
    wants("a proof of another line", &told, Why::BadProof)?;
    let id = friend.pact.id.short();
    let changed = stage.victim.told_within(news, &["TermsChanged", &id], NOT_TOLD);
    holds(changed.is_err(), "the pact has changed")?;
    let there = stage.victim.friend(friend.pact.id)?;
    holds(there.endpoint == friend.evil.id(), "the friend is another box now")?;
    no_friend(stage, &thief)?;
    Ok("refused, the friend is who it was".to_owned())
}

/// More lines for pairing than there are places, and nothing said on them.
pub fn places(stage: &mut Stage) -> Outcome<String> {
    let ticket = stage.victim.invite(MIB, MIB)?;
    let idler = stage.stranger()?;
    let mut held = Vec::new();
    for _ in 0..24 {
        held.push(idler.dial(&stage.victim.peer, ALPN_PAIR)?);
    }
    // Whoever was invited comes in all the same.
    let invited = stage.stranger()?;
    let line = invited.dial(&stage.victim.peer, ALPN_PAIR)?;
    let knocked = stage.knock(&invited, &line, &ticket);
    knocked.map_err(|error| format!("the invited box is kept out: {error}"))?;
    for line in &held[..23] {
        let code = line.closed()?;
        holds(code == REPLACED, format!("an older line of one stranger was closed with {code}"))?;
    }
    // Nor do as many boxes as there are places.
    let others = (0..9).map(|_| stage.stranger()).collect::<Outcome<Vec<_>>>()?;
    for other in &others {
        held.push(other.dial(&stage.victim.peer, ALPN_PAIR)?);
    }
    let second = stage.victim.invite(MIB, MIB)?;
    let late = stage.stranger()?;
    let line = late.dial(&stage.victim.peer, ALPN_PAIR)?;
    let knocked = stage.knock(&late, &line, &second);
    knocked.map_err(|error| format!("beside nine boxes an invited one is kept out: {error}"))?;
    Ok("the invited boxes come in; one stranger has one line, and nine boxes give way".to_owned())
}

/// Knocks without number by one stranger, and then whoever was invited.
pub fn flood(stage: &mut Stage) -> Outcome<String> {
    let ticket = stage.victim.invite(MIB, MIB)?;
    let (loud, invited) = (stage.stranger()?, stage.stranger()?);
    let door = loud.dial(&stage.victim.peer, ALPN_PAIR)?;
    let mut refused = 0;
    for _ in 0..1_500 {
        match door.ask::<_, PairSay>(&PairAsk::Decline(types::InviteId([3; 16]))) {
            Ok(PairSay::Refused(no)) if no.why == Why::Busy => refused += 1,
            Ok(_) => {}
            Err(_) => break,
        }
    }
    stage.linger(BREATH);
    let line = invited.dial(&stage.victim.peer, ALPN_PAIR)?;
    let knocked = stage.knock(&invited, &line, &ticket);
    knocked.map_err(|error| format!("the invited box is kept out: {error}"))?;
    no_friend(stage, &loud)?;
    stage.serves()?;
    Ok(format!("{refused} told to wait, then cut off; the invited box comes in"))
}
