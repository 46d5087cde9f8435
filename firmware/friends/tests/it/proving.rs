//! What a friend is asked to prove, and what its answers come to.

use std::collections::BTreeSet;

use friends::proving::{ANSWERED_WITHIN, ASKED_MAX, Proving, Question};
use peer_proto::owner::{Copy, LostWhy, Outcome};
use plan::offsite::audit::RANGES_A_DAY;
use types::{Millis, PackId, UnixTime};

const NOW: UnixTime = UnixTime(1_790_000_000_000);
const DAY: Millis = Millis::from_days(1);

fn copies(count: u8, size: u64) -> Vec<Copy> {
    let copy = |no: u8| {
        let text =
            format!("{{\"root\":{:?},\"size\":{size},\"kind\":1,\"stage\":\"Held\"}}", [no; 32]);
        serde_json::from_str(&text).unwrap()
    };
    (0..count).map(copy).collect()
}

/// Everything that is asked when each question is answered at once.
fn all_asked(proving: &mut Proving, now: UnixTime, answer: Outcome) -> Vec<Question> {
    let mut asked = Vec::new();
    loop {
        let some = proving.next(now);
        assert!(some.len() <= ASKED_MAX);
        if some.is_empty() {
            return asked;
        }
        some.iter().for_each(|one| proving.answered(one.root, answer, now));
        asked.extend(some);
    }
}

#[test]
fn a_days_questions_are_drawn_once_a_day_and_all_of_them_are_asked() {
    let (mut proving, copies) = (Proving::default(), copies(40, 16 << 20));
    assert!(proving.is_due(NOW));
    proving.today(&copies, [7; 32], NOW);
    assert!(!proving.is_due(NOW));
    let asked = all_asked(&mut proving, NOW, Outcome::Passed);
    let drawn: u32 = asked.iter().map(|one| one.drawn).sum();
    assert!(drawn >= RANGES_A_DAY, "{drawn}");
    let packs: BTreeSet<PackId> = asked.iter().map(|one| one.root).collect();
    assert_eq!(packs.len(), 40, "each pack is looked at once at first");
    for question in &asked {
        let apart = question.ranges.windows(2).all(|two| two[0].to < two[1].from);
        assert!(apart && question.ranges.iter().all(|one| one.from < one.to && one.to <= 16 << 20));
    }
    assert!(!proving.is_due(NOW) && !proving.is_busy());
    assert!(proving.is_due(NOW.plus(DAY)));
    assert_eq!(proving.last, Some(NOW));
}

#[test]
fn another_seed_asks_for_other_bytes() {
    let copies = copies(5, 16 << 20);
    let asked = |seed| {
        let mut proving = Proving::default();
        proving.today(&copies, [seed; 32], NOW);
        all_asked(&mut proving, NOW, Outcome::Passed)
    };
    assert_eq!(asked(1), asked(1));
    assert_ne!(asked(1), asked(2));
}

#[test]
fn a_wrong_answer_is_a_failure_once_and_silence_is_none() {
    let (mut proving, copies) = (Proving::default(), copies(3, 1 << 20));
    proving.today(&copies, [1; 32], NOW);
    let first = proving.next(NOW);
    proving.answered(first[0].root, Outcome::Mismatch, NOW);
    proving.lost(first[0].root, LostWhy::Mismatch, NOW);
    proving.answered(first[1].root, Outcome::NotAnswered, NOW);
    let day = proving.history[0];
    assert_eq!((day.mismatched, day.missing, day.unanswered, day.proved), (1, 0, 1, 0));
    assert_eq!(proving.lost_since(NOW.minus(DAY)), 1);
    assert_eq!(proving.lost_since(NOW.plus(DAY)), 0);
}

#[test]
fn the_same_loss_told_in_the_other_order_is_one_too() {
    let (mut proving, copies) = (Proving::default(), copies(3, 1 << 20));
    proving.today(&copies, [1; 32], NOW);
    let first = proving.next(NOW);
    proving.lost(first[0].root, LostWhy::Missing, NOW);
    proving.answered(first[0].root, Outcome::Missing, NOW);
    assert_eq!((proving.history[0].missing, proving.history[0].mismatched), (1, 0));
    // What only a list shows counts as well.
    proving.lost(PackId([9; 32]), LostWhy::Missing, NOW);
    assert_eq!(proving.history[0].missing, 2);
}

#[test]
fn a_question_that_nobody_answers_is_given_up_and_holds_nothing_up() {
    let (mut proving, copies) = (Proving::default(), copies(64, 1 << 20));
    proving.today(&copies, [1; 32], NOW);
    assert_eq!(proving.next(NOW).len(), ASKED_MAX);
    assert!(proving.next(NOW).is_empty());
    assert_eq!(proving.next(NOW.plus(ANSWERED_WITHIN)).len(), ASKED_MAX);
}

#[test]
fn what_is_no_more_at_a_friend_is_forgotten_and_a_loss_is_remembered() {
    let mut proving = Proving::default();
    proving.held(PackId([1; 32]), NOW);
    proving.lost(PackId([2; 32]), LostWhy::Missing, NOW);
    proving.tidy(&[], NOW);
    let known: Vec<_> = proving.packs.keys().copied().collect();
    assert_eq!(known, [PackId([2; 32])]);
    proving.tidy(&[], NOW.plus(Millis::from_days(91)));
    assert!(proving.packs.is_empty());
}
