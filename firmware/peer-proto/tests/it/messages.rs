//! Messages: kept until they are taken, carried unchanged, and never without an end.

use peer_proto::limits;
use peer_proto::messages::{Heard, Post, WriteError};
use peer_proto::wire::{NoteKind, SignedNote, Why};
use proptest::prelude::*;
use types::{EndpointId, Millis};

use crate::boxes::{NOON, Person, anna, bo};

fn carl() -> Person {
    Person::new(40, "Carl")
}

fn write(post: &mut Post, from: &Person, text: &str) -> Result<u64, WriteError> {
    post.write((NoteKind::Words, text), None, NOON, &from.key)
}

fn nobody(_: EndpointId) -> bool {
    false
}

/// Anna's message to Bo, as it travels.
fn note(text: &str) -> SignedNote {
    let mut post = Post::new(anna().id(), bo().id());
    write(&mut post, &anna(), text).unwrap();
    post.next().unwrap().clone()
}

#[test]
fn a_message_is_sent_until_it_is_taken_and_shown_once() {
    let mut at_anna = Post::new(anna().id(), bo().id());
    let mut at_bo = Post::new(bo().id(), anna().id());
    write(&mut at_anna, &anna(), "Back on Sunday.").unwrap();
    let sent = at_anna.next().unwrap().clone();
    assert!(matches!(at_bo.heard(sent.clone(), nobody), Heard::New(_)));
    // The answer got lost.
    assert_eq!(at_anna.next(), Some(&sent));
    assert_eq!(at_bo.heard(sent.clone(), nobody), Heard::Again);
    at_anna.settled(&sent);
    assert_eq!(at_anna.next(), None);
    let shown: Vec<_> = at_bo.inbox().map(|note| note.text.as_str()).collect();
    assert_eq!(shown, ["Back on Sunday."]);
}

#[test]
fn nobody_writes_in_anothers_name_or_changes_a_word() {
    let mut at_bo = Post::new(bo().id(), anna().id());
    let mut forged = note("Yes");
    forged.note.text = peer_proto::wire::Text::new("No").unwrap();
    assert_eq!(at_bo.heard(forged, nobody), Heard::Refused(Why::BadProof.plain()));
    let mut post = Post::new(anna().id(), bo().id());
    write(&mut post, &carl(), "I am Anna").unwrap();
    let forged = post.next().unwrap().clone();
    assert_eq!(at_bo.heard(forged, nobody), Heard::Refused(Why::BadProof.plain()));
    assert_eq!(at_bo.inbox().count(), 0);
}

#[test]
fn a_friend_of_both_carries_a_message_and_strangers_are_not_served() {
    let sent = note("Bo, your box is dark.");
    let mut from_anna = Post::new(carl().id(), anna().id());
    let stranger = from_anna.heard(sent.clone(), nobody);
    assert_eq!(stranger, Heard::Refused(Why::NoPact.plain()));
    let Heard::Carry(carried) = from_anna.heard(sent.clone(), |id| id == bo().id()) else {
        panic!("both know Bo");
    };
    let mut to_bo = Post::new(carl().id(), bo().id());
    assert!(to_bo.carry(*carried));
    let brought = to_bo.next().unwrap().clone();
    let mut from_carl = Post::new(bo().id(), carl().id());
    let Heard::Brought(brought) = from_carl.heard(brought, |id| id == anna().id()) else {
        panic!("Anna is a friend");
    };
    let mut at_bo = Post::new(bo().id(), anna().id());
    assert!(matches!(at_bo.brought(*brought), Heard::New(_)));
    assert_eq!(at_bo.heard(sent, nobody), Heard::Again, "both ways, and shown once");
    // What was carried once is carried no further.
    let mut onward = Post::new(bo().id(), carl().id());
    let other = onward.heard(note("x"), |_| true);
    assert!(matches!(other, Heard::Brought(_)));
}

#[test]
fn every_queue_ends() {
    let mut post = Post::new(anna().id(), bo().id());
    for _ in 0..limits::NOTES_OUT_MAX {
        write(&mut post, &anna(), "x").unwrap();
    }
    let full = write(&mut post, &anna(), "x").unwrap_err();
    assert_eq!(full.to_string(), "256 messages to this friend wait already");
    assert!(matches!(write(&mut post, &anna(), &"x".repeat(2_001)), Err(WriteError::Text(_))));
    let mut at_bo = Post::new(bo().id(), anna().id());
    let sent = post.next().unwrap().clone();
    let mut to_bo = Post::new(carl().id(), bo().id());
    let mut writer = Post::new(anna().id(), bo().id());
    let mut carried = 0;
    for _ in 0..2 * limits::NOTES_CARRIED_MAX {
        write(&mut writer, &anna(), "x").unwrap();
        let one = writer.next().unwrap().clone();
        writer.settled(&one);
        carried += usize::from(to_bo.carry(one.clone()));
        at_bo.heard(one, nobody);
    }
    assert_eq!(carried, limits::NOTES_CARRIED_MAX);
    assert!(!post.expire(NOON.plus(limits::NOTES_FOR)));
    assert!(post.expire(NOON.plus(Millis(limits::NOTES_FOR.0 + 1))));
    assert_eq!(post.next(), None);
    assert_eq!(at_bo.heard(sent, nobody), Heard::Again, "numbers count from one for each friend");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// However the numbers come, each message is shown once, and the machine stays small.
    #[test]
    fn each_number_is_new_once(serials in prop::collection::vec(1_u64..60, 1..120)) {
        let mut at_bo = Post::new(bo().id(), anna().id());
        let mut seen = std::collections::BTreeSet::new();
        let mut writer = Post::new(anna().id(), bo().id());
        let mut notes = Vec::new();
        for _ in 1..60 {
            write(&mut writer, &anna(), "x").unwrap();
            let one = writer.next().unwrap().clone();
            writer.settled(&one);
            notes.push(one);
        }
        for serial in serials {
            let note = notes[usize::try_from(serial).unwrap() - 1].clone();
            let is_new = matches!(at_bo.heard(note, nobody), Heard::New(_));
            prop_assert_eq!(is_new, seen.insert(serial));
        }
    }
}
