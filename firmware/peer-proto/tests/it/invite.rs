//! Invites: one ticket, one friend, and a clear no for everybody else.

use peer_proto::invite::{
    Invitee, InviteeAction, InviteeEvent, Inviter, InviterAction, InviterEvent, Offer, Secret,
    Session, Ticket,
};
use peer_proto::limits::{INVITE_FOR, INVITE_TRIES};
use peer_proto::pact::{SignedPact, TermsError};
use peer_proto::wire::{Knock, List, PairAsk, PairSay, Refused, Text, Why};
use types::{Millis, UnixTime};

use crate::boxes::{NOON, Person, anna, bo, terms};

/// Anna's invite and the ticket.
pub(crate) fn invite() -> (Inviter, Ticket) {
    let addresses = List::new(vec![Text::new("192.0.2.7:4433").unwrap()]).unwrap();
    let offer = Offer { own: anna().side, terms: terms(1 << 40), addresses };
    Inviter::new(offer, ([5; 16], [6; 32]), NOON).unwrap()
}

pub(crate) fn session(line: u8, inviter: &Person, invitee: &Person) -> Session {
    Session { exported: [line; 32], inviter: inviter.id(), invitee: invitee.id() }
}

pub(crate) fn knock(
    ticket: &Ticket,
    session: Session,
    who: &Person,
    now: UnixTime,
) -> InviterEvent {
    let proof = session.proof(peer_proto::pact::Part::Invitee, &ticket.secret.key());
    let who = who.side.clone();
    let knock = Box::new(Knock { invite: ticket.invite, proof, time: now, who });
    InviterEvent::Knocked { session, knock }
}

pub(crate) fn answer(actions: &[InviterAction]) -> Option<PairSay> {
    actions.iter().find_map(|action| match action {
        InviterAction::Answer(say) => Some(say.clone()),
        _ => None,
    })
}

pub(crate) fn refusal(actions: &[InviterAction]) -> Option<Refused> {
    match answer(actions)? {
        PairSay::Refused(refused) => Some(refused),
        _ => None,
    }
}

fn words_of(actions: &[InviterAction]) -> Option<String> {
    actions.iter().find_map(|action| match action {
        InviterAction::AskOwner { words, .. } => Some(words.to_string()),
        _ => None,
    })
}

/// Asks until nothing more is asked; what the invitee's side did on the way.
fn talk(
    inviter: &mut Inviter,
    invitee: &mut Invitee,
    mut actions: Vec<InviteeAction>,
) -> (Vec<InviterAction>, Vec<InviteeAction>) {
    let (mut of_inviter, mut of_invitee) = (Vec::new(), Vec::new());
    while let Some(action) = actions.pop() {
        of_invitee.push(action.clone());
        let InviteeAction::Ask(ask) = action else { continue };
        let event = match *ask {
            PairAsk::Knock(knock) => {
                let session = session(1, &anna(), &bo());
                InviterEvent::Knocked { session, knock }
            }
            PairAsk::Accept(accept) => InviterEvent::Accepted { from: bo().id(), accept },
            PairAsk::Decline(_) => InviterEvent::Declined { from: bo().id() },
            PairAsk::Return(_) => panic!("nobody returns here"),
        };
        let done = inviter.step(NOON, event, &anna().key);
        of_inviter.extend(done.clone());
        for say in done.into_iter().filter_map(|action| match action {
            InviterAction::Answer(say) => Some(say),
            _ => None,
        }) {
            actions.extend(invitee.step(NOON, InviteeEvent::Said(say), &bo().key));
        }
    }
    (of_inviter, of_invitee)
}

fn paired(actions: &[InviteeAction]) -> Option<SignedPact> {
    actions.iter().find_map(|action| match action {
        InviteeAction::Paired(pact) => Some((**pact).clone()),
        _ => None,
    })
}

#[test]
fn two_owners_who_see_the_same_words_and_say_yes_have_a_pact() {
    let (mut inviter, ticket) = invite();
    let ticket = Ticket::parse(&ticket.spaced()).unwrap();
    let mut invitee = Invitee::new(&ticket, bo().side, NOON).unwrap();
    let line = session(1, &anna(), &bo());
    let first = invitee.step(NOON, InviteeEvent::Connected(line), &bo().key);
    let (of_inviter, of_invitee) = talk(&mut inviter, &mut invitee, first);
    let words = words_of(&of_inviter).unwrap();
    let shown = of_invitee.iter().find_map(|action| match action {
        InviteeAction::AskOwner { words, terms, .. } => Some((words.to_string(), *terms)),
        _ => None,
    });
    assert_eq!(shown, Some((words.clone(), terms(1 << 40))));
    assert_eq!(words.split(' ').count(), 3);

    let yes = invitee.step(NOON, InviteeEvent::OwnerSaid(true), &bo().key);
    let (_, waiting) = talk(&mut inviter, &mut invitee, yes);
    assert!(waiting.contains(&InviteeAction::Wait), "Anna has not said yes: {waiting:?}");
    assert_eq!(inviter.paired(), None);
    let confirmed = inviter.step(NOON, InviterEvent::OwnerSaid(true), &anna().key);
    assert!(matches!(confirmed[..], [InviterAction::Keep, InviterAction::Paired(_)]));
    let again = invitee.step(NOON, InviteeEvent::Again, &bo().key);
    let (_, done) = talk(&mut inviter, &mut invitee, again);
    let pact = paired(&done).unwrap();
    assert!(pact.holds());
    assert_eq!(inviter.paired(), Some(&pact), "both hold the same");
}

#[test]
fn a_line_cut_before_any_answer_costs_nothing() {
    // Cut after each frame of the talk in turn; Bo's box dials again and both get the same pact.
    for cut in 0..4 {
        let (mut inviter, ticket) = invite();
        let mut invitee = Invitee::new(&ticket, bo().side, NOON).unwrap();
        let mut frames = 0;
        let mut found = None;
        for line in 1..4 {
            let on = session(line, &anna(), &bo());
            let mut asks = invitee.step(NOON, InviteeEvent::Connected(on), &bo().key);
            while let Some(action) = asks.pop() {
                let event = match action {
                    InviteeAction::AskOwner { .. } => {
                        inviter.step(NOON, InviterEvent::OwnerSaid(true), &anna().key);
                        asks.extend(invitee.step(NOON, InviteeEvent::OwnerSaid(true), &bo().key));
                        continue;
                    }
                    InviteeAction::Paired(pact) => {
                        found = Some(*pact);
                        continue;
                    }
                    InviteeAction::Ask(ask) => match *ask {
                        PairAsk::Knock(knock) => InviterEvent::Knocked { session: on, knock },
                        PairAsk::Accept(accept) => {
                            InviterEvent::Accepted { from: bo().id(), accept }
                        }
                        other => panic!("{other:?}"),
                    },
                    other => panic!("cut {cut}: {other:?}"),
                };
                frames += 1;
                let lost_on_the_way = frames == cut + 1 && cut % 2 == 0;
                let lost_on_the_way_back = frames == cut + 1 && cut % 2 == 1;
                if lost_on_the_way {
                    break;
                }
                let done = inviter.step(NOON, event, &anna().key);
                if lost_on_the_way_back {
                    break;
                }
                let say = answer(&done).unwrap();
                asks.extend(invitee.step(NOON, InviteeEvent::Said(say), &bo().key));
            }
        }
        assert_eq!(found.as_ref(), inviter.paired(), "cut {cut}");
        assert!(found.is_some(), "cut {cut}");
    }
}

#[test]
fn wrong_secrets_are_counted_before_they_are_answered_and_five_end_the_invite() {
    let (mut inviter, mut ticket) = invite();
    let right = ticket.clone();
    ticket.secret = Secret::of([7; 32]);
    let line = session(1, &anna(), &bo());
    for left in (1..INVITE_TRIES).rev() {
        let done = inviter.step(NOON, knock(&ticket, line, &bo(), NOON), &anna().key);
        assert_eq!(done[0], InviterAction::Keep);
        assert_eq!(refusal(&done), Some(Why::WrongSecret.with(left.into())));
    }
    let done = inviter.step(NOON, knock(&ticket, line, &bo(), NOON), &anna().key);
    assert_eq!(refusal(&done), Some(Why::TooManyTries.plain()));
    let late = inviter.step(NOON, knock(&right, line, &bo(), NOON), &anna().key);
    assert_eq!(refusal(&late), Some(Why::TooManyTries.plain()), "the right one comes too late");
    assert!(inviter.is_over(NOON));
}

#[test]
fn an_invite_that_was_shown_is_nobody_elses_and_cannot_be_broken_by_guessing() {
    let (mut inviter, ticket) = invite();
    inviter.step(NOON, knock(&ticket, session(1, &anna(), &bo()), &bo(), NOON), &anna().key);
    let carl = Person::new(40, "Carl");
    let line = session(2, &anna(), &carl);
    let done = inviter.step(NOON, knock(&ticket, line, &carl, NOON), &anna().key);
    assert_eq!(refusal(&done), Some(Why::NoInvite.plain()));
    let mut wrong = ticket.clone();
    wrong.secret = Secret::of([7; 32]);
    for _ in 0..2 * INVITE_TRIES {
        inviter.step(NOON, knock(&wrong, line, &carl, NOON), &anna().key);
    }
    let done =
        inviter.step(NOON, knock(&ticket, session(3, &anna(), &bo()), &bo(), NOON), &anna().key);
    assert!(matches!(answer(&done), Some(PairSay::Known(_))), "Bo still may: {done:?}");
}

#[test]
fn each_thing_that_is_wrong_has_its_own_no() {
    let far = NOON.plus(Millis(INVITE_FOR.0 / 2));
    let over = NOON.plus(Millis(INVITE_FOR.0 + 1));
    let line = session(1, &anna(), &bo());
    let carl = Person::new(40, "Carl");
    let expired = Why::Expired.with(u64::try_from(NOON.0).unwrap() + INVITE_FOR.0);
    for (now, event, why) in [
        (NOON, knock(&invite().1, line, &carl, NOON), Why::BadProof.plain()),
        (NOON, knock(&invite().1, line, &bo(), far), Why::ClockFarOff.with(36 * 3_600)),
        (over, knock(&invite().1, line, &bo(), over), expired),
        (
            NOON,
            knock(&invite().1, session(1, &anna(), &anna()), &anna(), NOON),
            Why::Oneself.plain(),
        ),
        (NOON, knock(&invite().1, session(1, &carl, &bo()), &bo(), NOON), Why::BadProof.plain()),
    ] {
        let done = invite().0.step(now, event, &anna().key);
        assert_eq!(refusal(&done), Some(why));
    }
    let (mut inviter, ticket) = invite();
    inviter.step(NOON, InviterEvent::Withdrawn, &anna().key);
    let done = inviter.step(NOON, knock(&ticket, line, &bo(), NOON), &anna().key);
    assert_eq!(refusal(&done), Some(Why::NoInvite.plain()));
}

#[test]
fn an_owner_who_says_no_on_either_side_ends_it_for_both() {
    let (mut inviter, ticket) = invite();
    let line = session(1, &anna(), &bo());
    inviter.step(NOON, knock(&ticket, line, &bo(), NOON), &anna().key);
    inviter.step(NOON, InviterEvent::OwnerSaid(false), &anna().key);
    let done = inviter.step(NOON, knock(&ticket, line, &bo(), NOON), &anna().key);
    assert_eq!(refusal(&done), Some(Why::Declined.plain()));

    let (mut inviter, ticket) = invite();
    let mut invitee = Invitee::new(&ticket, bo().side, NOON).unwrap();
    let first = invitee.step(NOON, InviteeEvent::Connected(line), &bo().key);
    talk(&mut inviter, &mut invitee, first);
    let no = invitee.step(NOON, InviteeEvent::OwnerSaid(false), &bo().key);
    assert!(no.contains(&InviteeAction::Failed(Why::Declined.plain())));
    talk(&mut inviter, &mut invitee, no);
    assert!(inviter.is_over(NOON));
}

#[test]
fn who_does_not_prove_the_secret_back_is_no_inviter() {
    let (mut inviter, ticket) = invite();
    let mut invitee = Invitee::new(&ticket, bo().side, NOON).unwrap();
    let line = session(1, &anna(), &bo());
    invitee.step(NOON, InviteeEvent::Connected(line), &bo().key);
    // The proof of another line, as somebody who carries frames between two lines would have it.
    let other = knock(&ticket, session(2, &anna(), &bo()), &bo(), NOON);
    let say = answer(&inviter.step(NOON, other, &anna().key)).unwrap();
    let done = invitee.step(NOON, InviteeEvent::Said(say), &bo().key);
    assert_eq!(done, [InviteeAction::Failed(Why::BadProof.plain())]);
    let mut invitee = Invitee::new(&ticket, bo().side, NOON).unwrap();
    let carl = Person::new(40, "Carl");
    let elsewhere = session(1, &carl, &bo());
    let done = invitee.step(NOON, InviteeEvent::Connected(elsewhere), &bo().key);
    assert_eq!(
        done,
        [InviteeAction::Failed(Why::BadProof.plain())],
        "another box than the ticket's"
    );
}

#[test]
fn terms_that_promise_nothing_are_not_offered() {
    let offer = Offer { own: anna().side, terms: terms(0), addresses: List::first([]) };
    assert_eq!(Inviter::new(offer, ([5; 16], [6; 32]), NOON).unwrap_err(), TermsError::Nothing);
}
