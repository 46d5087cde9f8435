//! Whether other terms may take the place of those in force.
//!
//! Both must sign. Whoever takes over a box has that box's key, but not the owner's 24 words: so
//! terms under which an owner's data are kept for a shorter time need that owner's recovery key, and
//! the *other* side checks it. Start at [`proposal`] and [`agreement`].

use crate::sign::{Signature, Statement, holds};
use crate::wire::{Agree, Propose, Refused, Why};

use super::terms::{Pact, Part, Terms};

/// Whether the data of this side's owner are less safe under `next`.
pub fn shortens(before: &Terms, next: &Terms, owner: Part) -> bool {
    let host = owner.other();
    next.by(host).is_shorter_than(before.by(host)) || next.notice_days < before.notice_days
}

/// Whether what the friend proposes may be shown to the own owner. `from` is the friend's part.
pub(super) fn proposal(before: &Pact, asked: &Propose, from: Part) -> Result<(), Refused> {
    let next = &asked.pact;
    let follows = next.id == before.id && Some(next.seq) == before.seq.checked_add(1);
    if !follows {
        return Err(Why::OutOfOrder.with(before.seq.into()));
    }
    if next.inviter != before.inviter || next.invitee != before.invitee {
        return Err(Why::Malformed.plain());
    }
    next.terms.check().map_err(|_| Why::Terms.plain())?;
    if !next.is_signed_by(from, &asked.signature) {
        return Err(Why::BadProof.plain());
    }
    may_shorten(before, next, from, asked.recovery.as_ref())
}

/// Whether the friend's yes to `next` makes it the pact.
pub(super) fn agreement(
    before: &Pact,
    next: &Pact,
    said: &Agree,
    from: Part,
) -> Result<(), Refused> {
    if said.seq != next.seq {
        return Err(Why::OutOfOrder.with(before.seq.into()));
    }
    if !next.is_signed_by(from, &said.signature) {
        return Err(Why::BadProof.plain());
    }
    may_shorten(before, next, from, said.recovery.as_ref())
}

/// Whether this owner's words stand behind it, when the own data are to be kept for a shorter time.
pub(super) fn may_shorten(
    before: &Pact,
    next: &Pact,
    owner: Part,
    recovery: Option<&Signature>,
) -> Result<(), Refused> {
    if !shortens(&before.terms, &next.terms, owner) {
        return Ok(());
    }
    let signed = next.signed_bytes();
    let key = &before.side(owner).recovery;
    let is_meant = recovery.is_some_and(|word| holds(Statement::Shorten, &signed, word, key));
    if is_meant { Ok(()) } else { Err(Why::Shortened.plain()) }
}
