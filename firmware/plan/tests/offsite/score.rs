//! One accident is forgiven, a second loss after a warning is not, and silence is no failure.

use plan::offsite::score::{
    Answer, Answered, Day, HISTORY, Record, UNPROVED_MAX, UNPROVED_WARNING, Verdict, WARNED_FOR,
    keep, score, verdict,
};
use proptest::prelude::*;
use types::{Millis, UnixTime};

use crate::model::NOW;

fn day(n: u64) -> UnixTime {
    NOW.plus(Millis::from_days(n))
}

/// A friend's answers, one after the other.
#[derive(Default)]
struct Book(Vec<Day>);

impl Book {
    fn add(&mut self, at: u64, answer: Answer, proved: u64) -> &mut Self {
        keep(&mut self.0, Answered { answer, proved: day(proved) }, day(at));
        self
    }

    fn verdict(&self, at: u64) -> Verdict {
        let record = Record { history: &self.0, proved: day(at), last_seen: day(at), holds: true };
        verdict(&record, day(at))
    }
}

#[test]
fn a_disk_that_died_at_a_friend_is_one_accident_however_long_it_takes_to_find_all_of_it() {
    let mut book = Book::default();
    for at in 1..60 {
        book.add(at, Answer::Missing, 0).add(at, Answer::Proved, 0);
    }
    assert_eq!(book.verdict(60), Verdict::Warned { since: day(1) });
    assert_eq!(book.verdict(200), Verdict::Good, "forgotten in time");
}

#[test]
fn what_is_lost_again_after_a_warning_and_time_to_mend_costs_trust() {
    let mut book = Book::default();
    book.add(1, Answer::Mismatch, 0);
    assert_eq!(book.verdict(1), Verdict::Warned { since: day(1) });
    book.add(4, Answer::Missing, 3).add(5, Answer::Missing, 3).add(6, Answer::Missing, 3);
    assert_eq!(book.verdict(6), Verdict::Warned { since: day(1) }, "within the week");
    book.add(9, Answer::Missing, 7);
    assert_eq!(book.verdict(9), Verdict::Warned { since: day(1) }, "once");
    book.add(20, Answer::Missing, 7);
    assert_eq!(book.verdict(20), Verdict::Distrusted);
}

#[test]
fn a_friend_that_is_away_fails_nothing_and_one_that_is_there_has_to_prove_something() {
    let mut book = Book::default();
    for at in 0..80 {
        book.add(at, Answer::TimedOut, 0).add(at, Answer::Refused, 0);
    }
    assert_eq!((book.verdict(80), score(&book.0)), (Verdict::Good, None));
    let at = |seen: u64| {
        let last_seen = NOW.plus(Millis(seen));
        verdict(&Record { history: &book.0, proved: NOW, last_seen, holds: true }, day(80))
    };
    assert_eq!(at(UNPROVED_WARNING.0 - 1), Verdict::Good);
    assert_eq!(at(UNPROVED_WARNING.0), Verdict::Unproved { since: NOW });
    assert_eq!(at(UNPROVED_MAX.0), Verdict::Distrusted);
    let record = Record { history: &book.0, proved: NOW, last_seen: day(80), holds: false };
    assert_eq!(verdict(&record, day(80)), Verdict::Good, "it has nothing to prove");
}

#[test]
fn the_score_counts_what_was_proved_of_what_could_be() {
    let mut book = Book::default();
    for _ in 0..997 {
        book.add(1, Answer::Proved, 0);
    }
    book.add(2, Answer::Missing, 0).add(2, Answer::Mismatch, 0).add(3, Answer::Mismatch, 0);
    book.add(3, Answer::TimedOut, 0);
    assert_eq!(score(&book.0), Some(997));
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        9 => Just(Answer::Proved),
        1 => Just(Answer::Mismatch),
        1 => Just(Answer::Missing),
        2 => Just(Answer::TimedOut),
        1 => Just(Answer::Refused),
    ]
}

proptest! {
    #[test]
    fn nothing_follows_without_a_warning_that_was_there_to_be_read(
        answers in prop::collection::vec((0_u64..9, answer(), 0_u64..40), 1..200),
    ) {
        let mut book = Book::default();
        let (mut at, mut warned) = (0, None);
        for (later, answer, proved_before) in answers {
            at += later;
            book.add(at, answer, at.saturating_sub(proved_before));
            prop_assert!(book.0.windows(2).all(|two| two[0].at < two[1].at));
            prop_assert!(day(at).since(book.0[0].at) < HISTORY);
            match book.verdict(at) {
                Verdict::Distrusted => {
                    let Some(since) = warned else { panic!("distrusted on day {at} unwarned") };
                    prop_assert!(day(at).since(day(since)) >= WARNED_FOR);
                }
                Verdict::Warned { .. } => warned = warned.or(Some(at)),
                Verdict::Good => warned = None,
                Verdict::Unproved { .. } => panic!("it was proved today"),
            }
        }
    }
}
