//! Worlds in which nothing is lost by the plan's fault, and the same sabotaged, in which it is seen.

use sim::{SABOTAGES, Sabotage, Tally, run};

/// Seeds that once went wrong, each with what was wrong then.
const KEPT: [(u64, &str); 10] = [
    (
        5,
        "packs that only a vanished friend had were named by nobody; health has a sentence for them now",
    ),
    (16, "a friend that kept nothing was ended, and the oracle thought that it was still asked"),
    (23, "the same, and the packs did not come back"),
    (46, "the same, by another liar"),
    (73, "the same, after a fire"),
    (100, "the same, after the box was taken over"),
    (367, "all disks of a house died on the first day, and the world never began"),
    (282, "a scrub was left out when the box was off on its day, and rot stayed for two months"),
    (
        1_047,
        "a small pack that a friend had lost was not asked for in months: each has its look now",
    ),
    (1_179, "the same, until a fire took the last copy"),
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
    let happened = [
        sum.disks_died,
        sum.burned,
        sum.taken_over,
        sum.ended,
        sum.vanished,
        sum.feigned,
        sum.found_lost,
        sum.fetched,
        sum.lost,
    ];
    assert!(happened.iter().all(|times| *times > 10), "{sum:#?}");
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
fn whatever_is_left_out_packs_are_lost_by_its_fault_and_the_oracle_says_so() {
    for sabotage in SABOTAGES {
        let sum = live(1..21, sabotage);
        assert!(sum.blamed > 0, "{sabotage:?}: {sum:#?}");
    }
}
