//! Worlds in which nothing is lost by anybody's fault, and the same sabotaged, in which it is seen.

use sim::{Event, SABOTAGES, Sabotage, Tally, run};

/// Seeds that went wrong while this was written, each with what was wrong then.
const KEPT: [(u64, &str); 10] = [
    (
        10_232,
        "a clock stood still while the box was off for four days and was believed after it; what was told then went \
         four days early once it was right",
    ),
    (15, "a notice that was given by a wrong clock ended the pact as soon as the clock was right"),
    (132, "the same, heard from a friend"),
    (22, "a friend that took nothing was offered the same packs for ever, and others nothing"),
    (249, "the same, until the end"),
    (159, "two such friends were asked in turn, and neither was ever found out"),
    (38, "a friend that was last seen at a time still to come was believed to be there for ever"),
    (105, "the same, and packs that only it had were named by nobody"),
    (
        278,
        "a disk came back late with the last copies; they were more than agreed, and not believed",
    ),
    (33, "packs that came while notice was given went at its end: that is as agreed"),
];

fn live(seeds: std::ops::Range<u64>, sabotage: Sabotage) -> Tally {
    let mut sum = Tally::default();
    for seed in seeds {
        let tally = run(seed, sabotage);
        assert!(sabotage != Sabotage::None || tally.is_right(), "seed {seed}: {tally:#?}");
        sum += tally;
    }
    sum
}

/// A hundred worlds, in which everything that can happen did.
#[track_caller]
fn check(from: u64) {
    let sum = live(from..from + 100, Sabotage::None);
    let happens = [
        Event::DiskDied,
        Event::DiskAway,
        Event::StaleDisk,
        Event::Burned,
        Event::TakenOver,
        Event::Ended,
        Event::Vanished,
        Event::Feigned,
        Event::FoundLost,
        Event::Fetched,
        Event::Crashed,
        Event::Cut,
        Event::ClockJumped,
        Event::Removed,
        Event::OtherTerms,
        Event::ShorterRefused,
        Event::Witnessed,
        Event::HeadTold,
        Event::WentBack,
        Event::HeadNotShown,
        Event::Replayed,
        Event::Lost,
    ];
    for event in happens {
        assert!(sum.count(event) > 10, "{event:?}: {sum:#?}");
    }
}

#[test]
fn a_pack_comes_back_exactly_when_a_good_copy_is_left_in_the_first_hundred_worlds() {
    check(10_000);
}

#[test]
fn and_in_the_second_hundred() {
    check(10_100);
}

#[test]
fn and_in_the_third_hundred() {
    check(10_200);
}

#[test]
fn and_in_the_fourth_hundred() {
    check(10_300);
}

#[test]
fn and_in_the_fifth_hundred() {
    check(10_400);
}

#[test]
fn worlds_that_once_went_wrong_do_so_no_more() {
    for (seed, story) in KEPT {
        let tally = run(seed, Sabotage::None);
        assert!(tally.is_right(), "seed {seed}, where {story}: {tally:#?}");
    }
}

#[test]
fn the_same_seed_is_the_same_world() {
    assert_eq!(run(42, Sabotage::None), run(42, Sabotage::None));
    assert_ne!(run(42, Sabotage::None), run(43, Sabotage::None));
}

#[test]
fn whatever_is_left_out_is_seen_by_the_wrong_that_it_does() {
    for (sabotage, wrong) in SABOTAGES {
        let sum = live(1..21, sabotage);
        assert!(sum.count_wrong(wrong) > 0, "{sabotage:?}: {sum:#?}");
    }
}
