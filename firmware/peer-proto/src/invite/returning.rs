//! A fresh box of a friend who lost the old one: the 24 words prove whose it is.
//!
//! The recovery key signs this one connection, both boxes and the vault, so the proof is worth
//! nothing anywhere else. Start at [`prove_return`] and [`welcome_back`].

use types::{EndpointId, Signer, UnixTime, VaultId};

use super::proof::{Session, clock_difference};
use crate::limits::CLOCK_JUMP_MAX;
use crate::pact::{Pact, Part, Side};
use crate::sign::{Statement, holds};
use crate::wire::{Refused, Return, Why};

/// The fresh box's request. `recovery` signs with the recovery key.
pub fn prove_return(session: &Session, who: Side, now: UnixTime, recovery: &dyn Signer) -> Return {
    let vault = who.vault;
    let proof = Statement::Return.sign(&said(session, vault, &who), recovery);
    Return { vault, who, time: now, proof }
}

/// The pact that goes on with the fresh box, to be signed; or why not. `host` is this box.
///
/// The pact's terms stay as they were: whoever has the words gets back what was kept, and no more.
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
    let is_there = asked.who.endpoint == session.invitee && session.inviter == host;
    let signed = said(session, asked.vault, &asked.who);
    let proved = holds(Statement::Return, &signed, &asked.proof, &old.recovery);
    if !is_there || asked.who.recovery != old.recovery || !proved {
        return Err(Why::BadProof.plain());
    }
    let apart = clock_difference(now, asked.time);
    if apart > CLOCK_JUMP_MAX {
        return Err(Why::ClockFarOff.with(apart.0 / 1_000));
    }
    if old.endpoint == asked.who.endpoint && old.writer == asked.who.writer {
        return Ok(pact.clone());
    }
    let mut next = Pact { seq: pact.seq.saturating_add(1), made: now, ..pact.clone() };
    match part {
        Part::Inviter => next.invitee = asked.who.clone(),
        Part::Invitee => next.inviter = asked.who.clone(),
    }
    Ok(next)
}

/// What the recovery key signs: the connection, the vault, and the whole fresh side, so that the
/// key of its writer of heads is vouched for as well.
fn said(session: &Session, vault: VaultId, who: &Side) -> Vec<u8> {
    [session.all(), vault.0.to_vec(), crate::wire::plain(who)].concat()
}
