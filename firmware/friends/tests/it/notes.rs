//! What is written down of friends beside what the boxes agreed on.

use std::collections::BTreeSet;

use calls::MessageState;
use friends::federation::{FriendNews, NoteEnd, Sent};
use friends::news::trouble_of;
use friends::notes::{FriendNote, NO_SLOT, Notes, Strip, Tried, Trouble};
use peer_proto::host::HostNews;
use peer_proto::presence::Seen;
use types::{Bytes, Millis, UnixTime, VolumeId};

const NOW: UnixTime = UnixTime(1_790_000_000_000);
const HOUR: Millis = Millis(3_600_000);

#[test]
fn every_friend_has_a_slot_and_a_name_of_its_own() {
    let mut notes = Notes::default();
    for id in ["01", "02", "03"] {
        notes.friend(id, "attic", NOW);
    }
    let of = |id: &str| (notes.friends[id].slot, notes.friends[id].name.clone());
    assert_eq!(of("01"), (0, "attic".to_owned()));
    assert_eq!(of("02"), (1, "attic 2".to_owned()));
    assert_eq!(of("03"), (2, "attic 3".to_owned()));
    assert_eq!(notes.named("ATTIC 2"), Some("02"));
    assert_eq!(notes.named("attic 4"), None);
    // A slot that is free again is given again.
    notes.friends.remove("02");
    assert_eq!(notes.friend("04", " ", NOW).slot, 1);
    assert_eq!(notes.friends["04"].name, "a friend");
}

/// A program that was put back read no notes at all of a later one, and wrote that down: names were gone.
#[test]
fn notes_of_a_later_program_are_read_for_all_that_this_one_knows() {
    let mut notes = Notes::default();
    notes.friend("01", "attic", NOW).seen.look(NOW, true);
    let mut later = serde_json::to_value(&notes).unwrap();
    for place in ["", "/ports", "/friends/01", "/friends/01/seen"] {
        later.pointer_mut(place).unwrap()["of_later"] = 7.into();
    }
    assert_eq!(serde_json::from_value::<Notes>(later).unwrap(), notes);
}

#[test]
fn notes_are_read_as_they_were_written() {
    let mut notes = Notes::default();
    let note = notes.friend("01", "attic", NOW);
    note.seen.look(NOW, true);
    note.has(Trouble::WentBack, true);
    note.says("hello".to_owned(), 1, NOW);
    let text = serde_json::to_string(&notes).unwrap();
    assert_eq!(serde_json::from_str::<Notes>(&text).unwrap(), notes);
}

#[test]
fn hours_are_scaled_to_the_time_that_this_box_looked() {
    let mut strip = Strip::default();
    let midnight = UnixTime(NOW.0 - NOW.0.rem_euclid(86_400_000));
    for hour in 0..12 {
        strip.look(midnight.plus(Millis(hour * HOUR.0)), hour < 6);
    }
    let hours = strip.hours();
    assert_eq!(hours.len(), 28);
    assert_eq!(hours[27], Some(12), "half of the hours");
    assert_eq!(hours[26], None, "this box was off");
    strip.look(midnight.plus(Millis::from_days(2)), true);
    assert_eq!(strip.hours()[25..], [Some(12), None, Some(24)]);
    strip.look(midnight.plus(Millis::from_days(400)), false);
    assert_eq!(strip.hours().iter().filter(|day| day.is_some()).count(), 1);
}

#[test]
fn a_clock_that_went_back_loses_no_day() {
    let mut strip = Strip::default();
    strip.look(NOW, true);
    strip.look(NOW.minus(Millis::from_days(3)), true);
    assert_eq!(strip.hours().iter().filter(|day| day.is_some()).count(), 1);
}

#[test]
fn bytes_count_in_their_month_only() {
    let mut note = FriendNote::default();
    note.moved(Bytes(10), 5);
    note.moved(Bytes(5), 5);
    assert_eq!(note.this_month(5), Bytes(15));
    assert_eq!(note.this_month(6), Bytes(0));
    note.moved(Bytes(1), 6);
    assert_eq!(note.this_month(6), Bytes(1));
}

#[test]
fn what_waits_keeps_its_first_day_and_trouble_is_told_once() {
    let mut note = FriendNote::default();
    note.waits(true, NOW);
    note.waits(true, NOW.plus(HOUR));
    assert_eq!(note.waiting_since_ms, Some(NOW.0));
    note.waits(false, NOW.plus(HOUR));
    assert_eq!(note.waiting_since_ms, None);
    assert!(note.has(Trouble::Full, true) && !note.has(Trouble::Full, true));
    assert!(note.has(Trouble::Full, false) && !note.has(Trouble::Full, false));
}

const OFFERED: Tried = Tried { holds: false, takes: true, offered: true };

fn days(days: u64) -> UnixTime {
    NOW.plus(Millis::from_days(days))
}

/// A friend that took nothing was offered the same for ever: who holds nothing cannot fail to prove it.
#[test]
fn a_friend_that_takes_nothing_is_found_out_by_since_when_it_was_offered_something() {
    let mut note = FriendNote { since_ms: NOW.0, ..FriendNote::default() };
    assert_eq!(note.unproved_since(false, days(40)), None, "nothing was offered");
    assert!(note.tries(OFFERED, days(40)));
    assert!(!note.tries(Tried { offered: false, ..OFFERED }, days(60)), "its line is shut for now");
    assert!(!note.tries(OFFERED, days(70)));
    assert_eq!(note.unproved_since(false, days(80)), Some(days(40)));
    assert!(note.tries(Tried { takes: false, ..OFFERED }, days(81)));
    assert_eq!(note.unproved_since(false, days(82)), None, "it paused, which it may");
    note.tries(OFFERED, days(83));
    note.tries(Tried { holds: true, ..OFFERED }, days(90));
    assert_eq!(note.unproved_since(false, days(91)), None, "it took something");
    assert_eq!(
        note.unproved_since(true, days(91)),
        Some(days(90)),
        "and has to prove it from then on"
    );
}

#[test]
fn what_a_friend_has_to_prove_counts_from_when_it_held_it_and_never_from_a_time_to_come() {
    let mut note = FriendNote { since_ms: NOW.0, ..FriendNote::default() };
    assert_eq!(note.unproved_since(true, days(100)), Some(days(100)), "nobody has looked yet");
    note.tries(Tried { holds: true, ..OFFERED }, days(100));
    assert_eq!(note.unproved_since(true, days(101)), Some(days(100)), "not from the pact on");
    note.proved_ms = Some(days(105).0);
    assert_eq!(note.unproved_since(true, days(110)), Some(days(105)));
    note.proved_ms = Some(days(4_000).0);
    assert_eq!(note.unproved_since(true, days(111)), Some(days(111)), "a clock was ahead");
}

#[test]
fn records_that_fail_a_disk_that_fails_and_a_clock_that_is_unsure_are_troubles_of_a_friend() {
    let failed = FriendNews::RecordsFailed("torn".to_owned());
    assert_eq!(trouble_of(&failed), Some((Trouble::RecordsFailed, true)));
    let disk = FriendNews::ShelfFailed { volume: VolumeId([1; 16]), why: "I/O".to_owned() };
    assert_eq!(trouble_of(&disk), Some((Trouble::DiskFailed, true)));
    let clock = FriendNews::Host(HostNews::ClockUnsure);
    assert_eq!(trouble_of(&clock), Some((Trouble::ClockUnsure, true)));
    let there = FriendNews::Seen(Seen::Direct);
    assert_eq!(trouble_of(&there), Some((Trouble::RecordsFailed, false)));
    assert_eq!(trouble_of(&FriendNews::Seen(Seen::Gone)), None);
    assert_eq!(trouble_of(&FriendNews::TermsChanged), None);
}

#[test]
fn a_friend_whose_records_do_not_read_is_named_though_there_is_no_talk() {
    let mut notes = Notes::default();
    notes.friend("01", "attic", NOW).has(Trouble::RecordsFailed, true);
    notes.friend("02", "cellar", NOW).has(Trouble::Full, true);
    let unread = |notes: &Notes, talked: &[&str]| {
        let talked: BTreeSet<String> = talked.iter().map(|id| (*id).to_owned()).collect();
        notes.unread(&talked)
    };
    assert_eq!(unread(&notes, &[]), [("attic".to_owned(), Trouble::RecordsFailed)]);
    assert!(unread(&notes, &["01"]).is_empty(), "it is told with the others");
    assert!(notes.is_over(Trouble::RecordsFailed) && !notes.is_over(Trouble::RecordsFailed));
    assert!(unread(&notes, &[]).is_empty());
}

#[test]
fn a_message_of_before_there_were_numbers_still_reads_and_nobody_says_that_it_came() {
    let old = r#"{"slot":0,"name":"Ana","since_ms":1,"said":[[5,"Hello."]]}"#;
    let mut note: FriendNote = serde_json::from_str(old).unwrap();
    note.says("And now?".to_owned(), 7, NOW);
    note.says("Well?".to_owned(), 8, NOW);
    let again: FriendNote = serde_json::from_str(&serde_json::to_string(&note).unwrap()).unwrap();
    assert_eq!(again, note);
    let sent = Sent { waiting: [8].into(), ended: [(7, NoteEnd::Expired)].into() };
    let states: Vec<_> = again.said.iter().map(|said| said.state(&sent)).collect();
    assert_eq!(states, [MessageState::Unknown, MessageState::Expired, MessageState::Waiting]);
}

/// Friends of years ago had a place each, and after 64 of them nobody could become one.
#[test]
fn whose_pact_is_over_leaves_its_place_to_the_next() {
    let mut notes = Notes::default();
    for number in 0..64 {
        let id = format!("{number:02}");
        assert!(notes.know(&id, "attic", NOW));
        assert!(notes.place(&id, true), "it is over");
        assert!(!notes.place(&id, true), "and that is no news");
    }
    notes.know("new", "cellar", NOW);
    assert_eq!((notes.friends["new"].slot, notes.friends["07"].slot), (0, NO_SLOT));
    // Those that there are at once have one each; who came too late gets the next that is free.
    for number in 1..=64 {
        notes.know(&format!("n{number}"), "attic", NOW);
    }
    assert_eq!(notes.friends["n63"].slot, 63);
    assert_eq!(notes.friends["n64"].slot, NO_SLOT);
    assert!(!notes.place("n64", false), "there is none");
    notes.place("n5", true);
    assert!(notes.place("n64", false));
    assert_eq!(notes.friends["n64"].slot, 5);
}

/// One word cleared all of it: who said that the own box is right was not told any more that a pact was stopped.
#[test]
fn what_was_read_what_is_right_and_what_is_still_so_are_three_things() {
    let all = [Trouble::WentBack, Trouble::Stopped, Trouble::HeadNotShown, Trouble::DiskFailed];
    let mut note = FriendNote { trouble: all.to_vec(), ..FriendNote::default() };
    note.is_settled();
    assert_eq!(note.trouble, [Trouble::Stopped, Trouble::DiskFailed]);
    let mut note = FriendNote { trouble: all.to_vec(), ..FriendNote::default() };
    note.was_read();
    assert_eq!(note.trouble, [Trouble::WentBack, Trouble::DiskFailed]);
}
