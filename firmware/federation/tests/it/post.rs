//! Messages between owners.

use federation::{FriendNews, NoteEnd};
use peer_proto::wire::NoteKind;
use types::Millis;

use crate::rig::{Pair, Running, befriend, terms};

const GIB: u64 = 1 << 30;

#[test]
fn a_message_waits_for_a_friend_who_is_away_and_comes_once() {
    let mut pair = Pair::new(GIB);
    pair.bo.stop();
    pair.anna.fed().say(pair.id, NoteKind::Words, "Back on Sunday.", None).unwrap();
    assert_eq!(pair.anna.view(pair.id).notes_waiting, 1);
    pair.anna.stop();
    pair.anna.start();
    assert_eq!(pair.anna.view(pair.id).notes_waiting, 1, "it waits through a restart too");
    pair.bo.start();
    pair.bo.home.until_told("it comes", |news| matches!(news, FriendNews::Note(_)));
    pair.anna.home.until_so("and waits no more", || pair.anna.view(pair.id).notes_waiting == 0);
    pair.bo.stop();
    pair.bo.start();
    pair.until_together();
    let inbox = pair.bo.fed().inbox(pair.id).unwrap();
    assert_eq!(inbox.len(), 1);
    assert_eq!(inbox[0].text.as_str(), "Back on Sunday.");
    assert!(!pair.bo.home.was_told(|news| matches!(news, FriendNews::Note(_))), "told once");
}

#[test]
fn many_messages_come_in_their_order() {
    let pair = Pair::new(GIB);
    for n in 0..20 {
        pair.anna.fed().say(pair.id, NoteKind::Words, &format!("{n}"), None).unwrap();
    }
    pair.bo.home.until_so("all came", || pair.bo.fed().inbox(pair.id).unwrap().len() == 20);
    let inbox = pair.bo.fed().inbox(pair.id).unwrap();
    let said: Vec<&str> = inbox.iter().map(|note| note.text.as_str()).collect();
    let expected: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    assert_eq!(said, expected);
}

#[test]
fn a_message_too_long_is_refused_with_advice_and_nothing_waits() {
    let pair = Pair::new(GIB);
    let long = "a".repeat(2_001);
    let error = pair.anna.fed().say(pair.id, NoteKind::Words, &long, None).unwrap_err();
    assert!(error.advice().contains("Shorten"), "{error}");
    assert_eq!(pair.anna.view(pair.id).notes_waiting, 0);
}

#[test]
fn two_friends_of_one_box_are_kept_apart() {
    let pair = Pair::new(GIB);
    let cleo = Running::new(30, "Cleo");
    let other = befriend(&pair.anna, &cleo, terms(GIB));
    pair.anna.fed().say(other, NoteKind::Alarm, "The disk is full.", None).unwrap();
    cleo.home.until_told("Cleo hears it", |news| matches!(news, FriendNews::Note(_)));
    pair.bo.home.pass(Millis::from_secs(1));
    assert!(pair.bo.fed().inbox(pair.id).unwrap().is_empty());
    assert_eq!(pair.anna.fed().friends().len(), 2);
}

/// Of three that waited one was told to wait, and the two before it to be there.
#[test]
fn each_message_is_told_to_wait_to_be_taken_or_to_have_expired_by_its_own_number() {
    let mut pair = Pair::new(GIB);
    let say =
        |pair: &Pair, text| pair.anna.fed().say(pair.id, NoteKind::Words, text, None).unwrap();
    let first = say(&pair, "Hello.");
    pair.anna.home.until_so("the first one is there", || {
        pair.anna.fed().sent(pair.id).unwrap().ended.get(&first) == Some(&NoteEnd::Taken)
    });
    pair.bo.stop();
    let old = [say(&pair, "Are you there?"), say(&pair, "The disk hums.")];
    // What its box itself says waits beside it, and is nobody's message.
    pair.anna.fed().say(pair.id, NoteKind::Alarm, "A disk failed.", None).unwrap();
    let sent = pair.anna.fed().sent(pair.id).unwrap();
    assert_eq!(pair.anna.view(pair.id).notes_waiting, 3);
    assert!(old.iter().all(|serial| sent.waiting.contains(serial)), "{sent:?}");
    pair.anna.home.pass(Millis(31 * 86_400_000));
    pair.anna
        .home
        .until_so("nothing waits for ever", || pair.anna.view(pair.id).notes_waiting == 0);
    let young = say(&pair, "Call me.");
    pair.anna.stop();
    pair.anna.start();
    let sent = pair.anna.fed().sent(pair.id).unwrap();
    assert_eq!(sent.ended.get(&first), Some(&NoteEnd::Taken), "also after a restart");
    assert!(old.iter().all(|serial| sent.ended.get(serial) == Some(&NoteEnd::Expired)));
    assert!(sent.waiting.contains(&young) && sent.waiting.len() == 1);
}
