//! What a friend proposes and says again: shown once a day, signed as shown, written down once.

use peer_proto::pact::{Pact, PactAction, PactEvent, Terms};
use peer_proto::sign::Statement;
use peer_proto::wire::{CtlAsk, CtlSay, Why};
use types::Millis;

use crate::boxes::{NOON, bo, terms};
use crate::pact::{ANNA, BO, Two, asks, refused, shorter_for_bo};

/// Bo's box proposes this to Anna's, as a box that remembers nothing of what it proposed before.
fn proposed(two: &Two, terms: Terms) -> (Pact, PactEvent) {
    let next = two.lives[BO].next(NOON, terms);
    let signature = next.sign(&bo().key);
    let ask = peer_proto::wire::Propose { pact: next.clone(), signature, recovery: None };
    (next, PactEvent::Heard(Box::new(CtlAsk::Propose(Box::new(ask)))))
}

#[test]
fn an_owner_signs_what_was_shown_and_nothing_that_came_in_its_place() {
    let mut two = Two::new(terms(1 << 40));
    let (good, event) = proposed(&two, terms(1 << 41));
    assert!(two.alone(ANNA, NOON, event).contains(&asks(&good, false)));
    let yes = two.says(ANNA, true);
    // While Anna thinks, Bo's box proposes something else.
    let (bad, event) = proposed(&two, terms(1 << 50));
    let hour = NOON.plus(Millis::from_secs(3_600));
    let busy = Why::Busy.with(23 * 3_600_000);
    assert_eq!(refused(&two.alone(ANNA, hour, event.clone())), Some(busy));
    assert_eq!(two.lives[ANNA].asked(), Some(&good));
    let day = NOON.plus(Millis::from_days(1));
    let shown = two.alone(ANNA, day, event);
    assert!(shown.iter().any(|action| matches!(
        action,
        PactAction::AskOwner { pact, instead_of: Some(before), .. }
            if *pact == bad.hash() && *before == good.hash()
    )));
    assert_eq!(refused(&two.alone(ANNA, day, yes)), Some(Why::OutOfOrder.with(1)));
    assert_eq!(two.seqs(), [1, 1], "a yes to the first is none to the second");
    two.both(ANNA, day, two.says(ANNA, true));
    assert_eq!(two.lives[ANNA].pact(), &bad);
}

#[test]
fn a_friend_that_proposes_without_end_is_shown_once_a_day() {
    let mut two = Two::new(terms(1 << 40));
    let is_shown = |done: &[PactAction]| {
        done.iter().any(|action| matches!(action, PactAction::AskOwner { .. }))
    };
    let (_, first) = proposed(&two, terms(5));
    assert!(is_shown(&two.alone(ANNA, NOON, first.clone())));
    let again = two.alone(ANNA, NOON, first.clone());
    assert_eq!(again, [PactAction::Answer(CtlSay::Taken)], "nothing changed");
    two.alone(ANNA, NOON, two.says(ANNA, false));
    let again = two.alone(ANNA, NOON, first);
    assert!(!is_shown(&again) && matches!(again[..], [_, PactAction::Ask(_)]), "no is said again");
    let (_, second) = proposed(&two, terms(6));
    assert!(!is_shown(&two.alone(ANNA, NOON, second)), "taken, and shown tomorrow");
    assert!(!is_shown(&two.alone(ANNA, NOON.plus(Millis::from_secs(3_600)), PactEvent::Tick)));
    let day = NOON.plus(Millis::from_days(1));
    assert!(is_shown(&two.alone(ANNA, day, PactEvent::Tick)));
    assert!(!is_shown(&two.alone(ANNA, day, PactEvent::Tick)));
}

#[test]
fn what_is_said_again_is_not_written_down_again() {
    let mut two = Two::new(terms(1 << 40));
    let pause = CtlAsk::Pause(Some(NOON));
    for (said, keeps) in
        [(CtlAsk::Resume, false), (pause.clone(), true), (pause, false), (CtlAsk::Resume, true)]
    {
        let done = two.alone(ANNA, NOON, PactEvent::Heard(Box::new(said.clone())));
        assert_eq!(done.contains(&PactAction::Keep), keeps, "{said:?}");
        assert!(done.contains(&PactAction::Answer(CtlSay::Taken)), "{said:?}");
    }
}

#[test]
fn who_agrees_to_less_protection_needs_the_words_too() {
    let mut two = Two::new(terms(1 << 40));
    let [_, at_bo] = two.propose(ANNA, shorter_for_bo(), None);
    assert!(at_bo.contains(&asks(two.lives[BO].asked().unwrap(), true)));
    assert_eq!(refused(&two.alone(BO, NOON, two.says(BO, true))), Some(Why::Shortened.plain()));
    // Bo's box says yes nevertheless; Anna's does not believe it.
    let next = two.lives[BO].asked().unwrap().clone();
    let agree = |recovery| {
        let signature = next.sign(&bo().key);
        let agree = peer_proto::wire::Agree { seq: 2, signature, recovery };
        PactEvent::Heard(Box::new(CtlAsk::Agree(agree)))
    };
    let at_anna = two.alone(ANNA, NOON, agree(None));
    assert_eq!(refused(&at_anna), Some(Why::Shortened.plain()));
    let word = Statement::Shorten.sign(&next.signed_bytes(), &bo().recovery);
    two.both(BO, NOON, PactEvent::OwnerSaid { pact: next.hash(), yes: true, recovery: Some(word) });
    assert_eq!(two.seqs(), [2, 2]);
}
