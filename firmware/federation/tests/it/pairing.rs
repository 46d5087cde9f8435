//! Tickets: two owners say yes, and everything else that may become of one.

use federation::{FederationError, FriendId, InviteState, Log, News};
use peer_proto::invite::Ticket;
use peer_proto::limits::INVITE_FOR;
use peer_proto::wire::Why;
use types::Millis;

use crate::rig::{Pair, Running, befriend, terms};

const GIB: u64 = 1 << 30;
/// By which a ticket says that it is good for longer than it is.
const FAR: Millis = Millis(30 * 86_400_000);

fn refused(error: &FederationError) -> Option<Why> {
    match error {
        FederationError::Refused(refused) => Some(refused.why),
        _ => None,
    }
}

#[test]
fn two_owners_say_yes_and_are_friends_also_after_both_restart() {
    let mut pair = Pair::new(GIB);
    let (anna, bo) = (pair.anna.view(pair.id), pair.bo.view(pair.id));
    assert_eq!(anna.pact, bo.pact);
    assert_eq!(anna.friend().label.as_str(), "Bo");
    let invites = pair.anna.fed().invites();
    assert_eq!(invites.len(), 1);
    assert_eq!(invites[0].state, InviteState::Paired);
    pair.anna.stop();
    pair.bo.stop();
    pair.anna.start();
    pair.bo.start();
    pair.until_together();
}

#[test]
fn nobody_is_a_friend_before_both_owners_have_said_yes_and_a_no_ends_it() {
    let (anna, bo) = (Running::new(10, "Anna"), Running::new(20, "Bo"));
    let ticket = anna.fed().invite(terms(GIB)).unwrap();
    let preview = bo.fed().look_at(&ticket.text()).unwrap();
    assert_eq!((preview.terms, preview.who.label.as_str()), (terms(GIB), "Anna"));
    anna.until_knocked(ticket.invite);
    bo.fed().accept(ticket.invite, true).unwrap();
    assert!(anna.fed().friends().is_empty() && bo.fed().friends().is_empty());
    anna.fed().confirm(ticket.invite, false).unwrap();
    let why = bo.home.until("Bo hears the no", |news| {
        news.iter().find_map(|one| match one {
            News::TicketFailed { invite, why } if *invite == ticket.invite => Some(why.why),
            _ => None,
        })
    });
    assert_eq!(why, Why::Declined);
    assert!(anna.fed().friends().is_empty() && bo.fed().friends().is_empty());
}

#[test]
fn a_ticket_is_good_once_for_one_box_and_its_secret_is_needed() {
    let (anna, bo, cleo) =
        (Running::new(10, "Anna"), Running::new(20, "Bo"), Running::new(30, "Cleo"));
    let ticket = anna.fed().invite(terms(GIB)).unwrap();
    let spoiled = Ticket { secret: peer_proto::invite::Secret::of([7; 32]), ..ticket.clone() };
    let wrong = cleo.fed().look_at(&spoiled.text()).unwrap_err();
    assert_eq!(refused(&wrong), Some(Why::WrongSecret), "{wrong}");
    bo.fed().look_at(&ticket.text()).unwrap();
    let late = cleo.fed().look_at(&ticket.text()).unwrap_err();
    assert_eq!(refused(&late), Some(Why::NoInvite), "it is Bo's now: {late}");
    bo.fed().accept(ticket.invite, true).unwrap();
    anna.fed().confirm(ticket.invite, true).unwrap();
    let id = FriendId(ticket.invite);
    bo.home.until("they are friends", |news| news.contains(&News::Paired(id)).then_some(()));
    let used = cleo.fed().look_at(&ticket.text()).unwrap_err();
    assert_eq!(refused(&used), Some(Why::NoInvite), "{used}");
}

#[test]
fn what_is_over_or_taken_back_or_no_ticket_at_all_is_said_so() {
    let (anna, bo) = (Running::new(10, "Anna"), Running::new(20, "Bo"));
    let (old, back) =
        (anna.fed().invite(terms(GIB)).unwrap(), anna.fed().invite(terms(GIB)).unwrap());
    anna.fed().take_back(back.invite).unwrap();
    let error = bo.fed().look_at(&back.text()).unwrap_err();
    assert_eq!(refused(&error), Some(Why::NoInvite));
    anna.home.pass(Millis(INVITE_FOR.0 + 1));
    let third = anna.fed().invite(terms(GIB)).unwrap();
    // By Anna's clock, not by Bo's.
    let error = bo.fed().look_at(&old.text()).unwrap_err();
    assert_eq!(refused(&error), Some(Why::Expired), "{error}");
    let error = bo.fed().look_at(&third.text()).unwrap_err();
    assert_eq!(refused(&error), Some(Why::ClockFarOff), "{error}");
    assert!(matches!(bo.fed().look_at("HFI123").unwrap_err(), FederationError::Ticket(_)));
    let myself = anna.fed().look_at(&third.text()).unwrap_err();
    assert_eq!(refused(&myself), Some(Why::Oneself));
}

#[test]
fn what_became_of_an_invite_is_said_for_a_week_also_after_a_restart_and_no_longer() {
    let (mut anna, bo) = (Running::new(10, "Anna"), Running::new(20, "Bo"));
    let dead = anna.fed().invite(terms(GIB)).unwrap();
    let spoiled = Ticket { secret: peer_proto::invite::Secret::of([7; 32]), ..dead.clone() };
    let says = |anna: &Running, ticket: &Ticket| {
        // Another invite is open, so that somebody may come at all.
        let _open = anna.fed().invite(terms(GIB)).unwrap();
        refused(&bo.fed().look_at(&ticket.text()).unwrap_err())
    };
    for _ in 1..5 {
        assert_eq!(says(&anna, &spoiled), Some(Why::WrongSecret));
    }
    assert_eq!(says(&anna, &spoiled), Some(Why::TooManyTries), "the fifth");
    assert_eq!(says(&anna, &dead), Some(Why::TooManyTries), "and from then on");
    anna.stop();
    anna.start();
    assert_eq!(says(&anna, &dead), Some(Why::TooManyTries), "and after a restart");
    let shown: Vec<_> = anna.fed().invites().iter().map(|invite| invite.invite).collect();
    assert!(!shown.contains(&dead.invite), "its owner is shown what counts");
    for (days, why) in [(9, Why::TooManyTries), (2, Why::NoInvite)] {
        anna.home.pass(Millis(days * 86_400_000));
        bo.home.pass(Millis(days * 86_400_000));
        assert_eq!(
            says(&anna, &Ticket { expires: dead.expires.plus(FAR), ..dead.clone() }),
            Some(why)
        );
    }
}

#[test]
fn no_more_than_so_many_that_came_to_nothing_are_remembered() {
    let anna = Running::new(10, "Anna");
    let mut made = Vec::new();
    for _ in 0..66 {
        anna.home.pass(Millis(1_000));
        let ticket = anna.fed().invite(terms(GIB)).unwrap();
        anna.fed().take_back(ticket.invite).unwrap();
        made.push(ticket);
    }
    let _open = anna.fed().invite(terms(GIB)).unwrap();
    let kept = |log: &[Vec<u8>], ticket: &Ticket| {
        log.iter().any(|record| record.windows(16).any(|part| part == ticket.invite.0))
    };
    let log = anna.home.logs.lock().unwrap()[&Log::Invites].clone();
    let forgotten = made.iter().filter(|ticket| !kept(&log, ticket)).count();
    assert_eq!(forgotten, 2);
    assert!(!kept(&log, &made[0]) && !kept(&log, &made[1]), "the oldest");
}

#[test]
fn an_invite_outlives_a_restart_of_the_box_that_made_it() {
    let (mut anna, bo) = (Running::new(10, "Anna"), Running::new(20, "Bo"));
    let ticket = anna.fed().invite(terms(GIB)).unwrap();
    anna.stop();
    anna.start();
    bo.fed().look_at(&ticket.text()).unwrap();
    anna.until_knocked(ticket.invite);
    bo.fed().accept(ticket.invite, true).unwrap();
    anna.fed().confirm(ticket.invite, true).unwrap();
    let id = FriendId(ticket.invite);
    bo.home.until("they are friends", |news| news.contains(&News::Paired(id)).then_some(()));
}

#[test]
fn a_box_without_an_open_invite_lets_nobody_pair() {
    let (anna, bo, cleo) =
        (Running::new(10, "Anna"), Running::new(20, "Bo"), Running::new(30, "Cleo"));
    let ticket = anna.fed().invite(terms(GIB)).unwrap();
    anna.fed().take_back(ticket.invite).unwrap();
    let error = bo.fed().look_at(&ticket.text()).unwrap_err();
    assert!(matches!(error, FederationError::NotReached(_)), "{error:?}");
    befriend(&anna, &cleo, terms(GIB));
}

/// An owner who had said yes had to find the ticket again after a restart of the box.
#[test]
fn a_yes_outlives_a_restart_and_the_pact_comes_to_be_by_itself() {
    let (anna, mut bo) = (Running::new(10, "Anna"), Running::new(20, "Bo"));
    let ticket = anna.fed().invite(terms(GIB)).unwrap();
    let preview = bo.fed().look_at(&ticket.text()).unwrap();
    bo.fed().accept(ticket.invite, true).unwrap();
    bo.stop();
    bo.start();
    let waiting = bo.fed().waiting_tickets();
    assert_eq!((waiting.len(), waiting[0].terms), (1, terms(GIB)));
    assert_eq!(waiting[0].words, preview.words.0.map(str::to_owned));
    // The line is another one, so are the words: both screens show them.
    let words = bo.home.until("it is met anew", |news| {
        news.iter().find_map(|one| match one {
            News::TicketShown { invite, words } if *invite == ticket.invite => Some(*words),
            _ => None,
        })
    });
    anna.home.until_so("so does the other screen", || anna.until_knocked(ticket.invite) == words);
    anna.fed().confirm(ticket.invite, true).unwrap();
    let id = FriendId(ticket.invite);
    for home in [&anna.home, &bo.home] {
        home.until("they are friends", |news| news.contains(&News::Paired(id)).then_some(()));
    }
    bo.home.until_so("nothing waits", || bo.fed().waiting_tickets().is_empty());
    assert!(bo.home.logs.lock().unwrap().get(&Log::Tickets).is_none_or(Vec::is_empty));
}

#[test]
fn nobody_hears_a_yes_that_could_not_be_written_down() {
    let (anna, bo) = (Running::new(10, "Anna"), Running::new(20, "Bo"));
    let ticket = anna.fed().invite(terms(GIB)).unwrap();
    bo.fed().look_at(&ticket.text()).unwrap();
    bo.home.cannot_write.store(true, std::sync::atomic::Ordering::Relaxed);
    let error = bo.fed().accept(ticket.invite, true).unwrap_err();
    assert!(matches!(error, FederationError::Records(_)), "{error}");
    assert!(bo.fed().waiting_tickets().is_empty());
}
