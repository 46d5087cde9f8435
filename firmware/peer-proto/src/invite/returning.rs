//! A fresh box of a friend who lost the old one: the 24 words prove whose it is.
//!
//! The recovery key signs this one connection, both boxes and the vault, so the proof is worth
//! nothing anywhere else. What a fresh box cannot know yet, it leaves open: [`NO_WRITER`], an empty label.
//! Start at [`prove_return`] and [`welcome_back`], and then [`come_back`].

use types::{EndpointId, Signer, UnixTime, VaultId};

use super::proof::{Session, clock_difference};
use crate::limits::CLOCK_JUMP_MAX;
use crate::pact::{Pact, PactLife, Part, Side};
use crate::sign::{Statement, holds};
use crate::wire::{Refused, Return, Returned, Why};

/// Said by a fresh box that has not opened its vault yet: the writer of its heads is the one of before. No
/// signature holds under this key.
pub const NO_WRITER: [u8; 32] = [0; 32];

/// The fresh box's request. `recovery` signs with the recovery key.
pub fn prove_return(session: &Session, who: Side, now: UnixTime, recovery: &dyn Signer) -> Return {
    let vault = who.vault;
    let proof = Statement::Return.sign(&said(session, vault, &who), recovery);
    Return { vault, who, time: now, proof }
}

/// Whether whoever dialled has this recovery key: cheap, and asked before anything else is done for it.
#[must_use]
pub fn is_owner(session: &Session, asked: &Return, recovery: &[u8; 32]) -> bool {
    let signed = said(session, asked.vault, &asked.who);
    asked.who.endpoint == session.invitee
        && asked.who.vault == asked.vault
        && asked.who.recovery == *recovery
        && holds(Statement::Return, &signed, &asked.proof, recovery)
}

/// The pact that goes on with the fresh box, to be signed; or why not. `host` is this box.
///
/// The pact's terms stay as they were: whoever has the words gets back what was kept, and no more. Asked
/// again by the same box, it is the same pact.
pub fn welcome_back(
    pact: &Pact,
    host: EndpointId,
    session: &Session,
    asked: &Return,
    now: UnixTime,
) -> Result<Pact, Refused> {
    let part = pact.part_of(host).ok_or(Why::NoPact.plain())?;
    let old = pact.side(part.other());
    if asked.vault != old.vault || asked.who.vault != old.vault {
        return Err(Why::NoPact.plain());
    }
    let is_line = session.inviter == host && session.invitee != host;
    if !is_line || !is_owner(session, asked, &old.recovery) {
        return Err(Why::BadProof.plain());
    }
    let apart = clock_difference(now, asked.time);
    if apart > CLOCK_JUMP_MAX {
        return Err(Why::ClockFarOff.with(apart.0 / 1_000));
    }
    let mut who = asked.who.clone();
    if who.writer == NO_WRITER {
        who.writer = old.writer;
    }
    if who.label.as_str().is_empty() {
        who.label = old.label.clone();
    }
    if old.endpoint == who.endpoint && old.writer == who.writer {
        return Ok(pact.clone());
    }
    let mut next = Pact { seq: pact.seq.saturating_add(1), made: now, ..pact.clone() };
    match part {
        Part::Inviter => next.invitee = who,
        Part::Invitee => next.inviter = who,
    }
    Ok(next)
}

/// The pact as the fresh box holds it from now on, checked and signed; or why what the friend answered is
/// none. What the terms were nobody here knows any more: only that a pact may have them.
pub fn come_back(
    session: &Session,
    asked: &Return,
    (answer, ends): (Returned, Option<UnixTime>),
    signer: &dyn Signer,
) -> Result<PactLife, Refused> {
    let Returned { pact, signature } = answer;
    let bad = Why::BadProof.plain();
    let part = pact.part_of(session.invitee).ok_or(bad)?;
    let (own, friend) = (pact.side(part), pact.side(part.other()));
    let is_own = own.vault == asked.vault
        && own.recovery == asked.who.recovery
        && (own.writer == asked.who.writer || asked.who.writer == NO_WRITER);
    let is_friend = friend.endpoint == session.inviter
        && friend.endpoint != own.endpoint
        && friend.vault != own.vault;
    if !is_own || !is_friend || signer.public() != own.endpoint.0 {
        return Err(bad);
    }
    pact.terms.check().map_err(|_| Why::Terms.plain())?;
    PactLife::of_return(part, pact, signature, ends, signer).ok_or(bad)
}

/// What the recovery key signs: the connection, the vault, and the whole fresh side, so that the
/// key of its writer of heads is vouched for as well.
fn said(session: &Session, vault: VaultId, who: &Side) -> Vec<u8> {
    [session.all(), vault.0.to_vec(), crate::wire::plain(who)].concat()
}
