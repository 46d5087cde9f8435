//! Tickets as people copy them, and owners who come back with nothing but their words.

use peer_proto::invite::{Session, Ticket, TicketError, prove_return, welcome_back};
use peer_proto::wire::Why;
use proptest::prelude::*;

use crate::boxes::{NOON, Person, anna, bo, pact, terms};
use crate::invite::{invite, session};

/// Written once, and never edited.
const GOLDEN: &str = include_str!("../golden/ticket.txt");

#[test]
fn tickets_of_version_1_are_written_and_read_as_they_were() {
    let (_, ticket) = invite();
    assert_eq!(ticket.text().as_str(), GOLDEN.trim());
    assert_eq!(Ticket::parse(GOLDEN), Ok(ticket));
}

#[test]
fn a_ticket_reads_however_it_was_typed_and_never_with_a_letter_wrong() {
    let (_, ticket) = invite();
    let text = ticket.text();
    for typed in [
        text.to_string(),
        format!("holdfast:{}", text.to_lowercase()),
        ticket.spaced().replace('0', "O").replace('1', "l"),
        format!("  {}\n", ticket.spaced().replace('-', " ")),
    ] {
        assert_eq!(Ticket::parse(&typed).as_ref(), Ok(&ticket), "{typed}");
    }
    assert_eq!(Ticket::parse("hello"), Err(TicketError::Other));
    let other = Ticket::parse("HFI*").unwrap_err();
    assert_eq!(other.to_string(), "letter 4 of the invite, \"*\", cannot be one");
    let (at, letter) = text.char_indices().nth(40).unwrap();
    let wrong = if letter == 'A' { "B" } else { "A" };
    let mut typo = text.to_string();
    typo.replace_range(at..=at, wrong);
    assert_eq!(Ticket::parse(&typo), Err(TicketError::Sum));
    assert!(!format!("{ticket:?}").contains("6, 6, 6"), "nothing shows the secret");
}

#[test]
fn the_words_bring_a_fresh_box_back_and_nothing_else_does() {
    let signed = pact(terms(1 << 40));
    let (host, lost) = (anna(), bo());
    let mut fresh = Person::new(60, "Bo again");
    fresh.side.vault = lost.side.vault;
    fresh.side.recovery = lost.side.recovery;
    let line = session(1, &host, &fresh);
    let back = |asked, line: &Session| welcome_back(&signed.pact, host.id(), line, &asked, NOON);
    let asked = prove_return(&line, fresh.side.clone(), NOON, &lost.recovery);
    let next = back(asked.clone(), &line).unwrap();
    assert_eq!((next.seq, &next.invitee, next.terms), (2, &fresh.side, signed.pact.terms));

    let thief = prove_return(&line, fresh.side.clone(), NOON, &fresh.recovery);
    assert_eq!(back(thief, &line), Err(Why::BadProof.plain()));
    let elsewhere = session(2, &host, &fresh);
    assert_eq!(
        back(asked.clone(), &elsewhere),
        Err(Why::BadProof.plain()),
        "a proof of another line"
    );
    let mut writer = asked;
    writer.who.writer = [9; 32];
    assert_eq!(back(writer, &line), Err(Why::BadProof.plain()), "the writer is vouched for too");
    let stranger = prove_return(&line, Person::new(80, "x").side, NOON, &lost.recovery);
    assert_eq!(back(stranger, &line), Err(Why::NoPact.plain()));
}

proptest! {
    #[test]
    fn no_text_is_read_as_a_ticket_that_says_something_else(
        at in any::<prop::sample::Index>(),
        with in "[0-9A-Za-z* -]{0,3}",
    ) {
        let (_, ticket) = invite();
        let text = ticket.text();
        let place = at.index(text.len());
        let changed = format!("{}{with}{}", &text[..place], &text[place + 1..]);
        if let Ok(read) = Ticket::parse(&changed) {
            prop_assert_eq!(read, ticket);
        }
    }
}
