//! A used invite: it answers what got lost, and makes no other pact.

use peer_proto::invite::{Inviter, InviterAction, InviterEvent};
use peer_proto::limits::INVITE_FOR;
use peer_proto::pact::Pact;
use peer_proto::wire::{Accept, PairSay, Refused, Why};
use types::{Millis, UnixTime};

use crate::boxes::{NOON, anna, bo, pact, terms};
use crate::invite::{answer, invite, knock, refusal, session};

/// Anna's used invite, and Bo's consent as it was signed at that time.
fn used() -> (Inviter, impl Fn(UnixTime) -> InviterEvent) {
    let (mut inviter, ticket) = invite();
    let line = session(1, &anna(), &bo());
    inviter.step(NOON, knock(&ticket, line, &bo(), NOON), &anna().key);
    inviter.step(NOON, InviterEvent::OwnerSaid(true), &anna().key);
    let accept = |made| {
        let pact = Pact { made, ..pact(terms(1 << 40)).pact };
        let signature = pact.sign(&bo().key);
        InviterEvent::Accepted { from: bo().id(), accept: Box::new(Accept { pact, signature }) }
    };
    inviter.step(NOON, accept(NOON), &anna().key);
    assert!(inviter.paired().is_some());
    (inviter, accept)
}

#[test]
fn a_used_invite_makes_no_other_pact_when_its_time_is_over() {
    let (mut inviter, accept) = used();
    let paired = inviter.paired().cloned();
    let soon = NOON.plus(INVITE_FOR);
    let anew = inviter.step(soon, accept(soon), &anna().key);
    assert!(matches!(answer(&anew), Some(PairSay::Agreed(_))), "Bo's box lost what it signed");
    assert_ne!(inviter.paired().cloned(), paired);
    let late = soon.plus(Millis::from_days(4));
    let done = inviter.step(late, accept(late), &anna().key);
    assert!(matches!(refusal(&done), Some(Refused { why: Why::Expired, .. })));
    let same = inviter.step(late, accept(soon), &anna().key);
    assert!(matches!(answer(&same), Some(PairSay::Agreed(_))), "an answer that got lost");
}

#[test]
fn an_invite_is_dead_when_its_pact_was_changed_or_has_ended() {
    let (mut inviter, accept) = used();
    let done = inviter.step(NOON, InviterEvent::Superseded, &anna().key);
    assert_eq!(done, [InviterAction::Keep]);
    assert!(inviter.is_over(NOON));
    let done = inviter.step(NOON, accept(NOON), &anna().key);
    assert_eq!(refusal(&done), Some(Why::NoInvite.plain()));
    assert_eq!(inviter.paired(), None);
}
