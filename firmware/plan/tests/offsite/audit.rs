//! What is asked for is spread over all bytes, and a month of it sees what it promises to see.

use std::collections::BTreeMap;

use plan::offsite::audit::{
    HeldPack, LOOK_LEN, LOOKS_A_DAY, RANGE_LEN, RANGES_A_DAY, Range, chance_to_see, today,
    wants_look,
};
use proptest::prelude::*;
use types::{Bytes, Millis};

use crate::model::{NOW, days_ago};

const DAYS: u64 = 30;
/// Months that are lived through: enough for the third digit of the chance.
const MONTHS: u64 = 2_000;

fn held(no: u32, len: u64) -> HeldPack {
    HeldPack { no, len: Bytes(len), unproved: false }
}

fn seed(month: u64, day: u64) -> [u8; 32] {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&month.to_le_bytes());
    seed[8..16].copy_from_slice(&day.to_le_bytes());
    seed
}

/// The share of months in which at least one range falls into the first pack of a thousand.
fn seen_in_a_month(ranges: u32) -> f64 {
    let packs: Vec<_> = (0..1_000).map(|no| held(no, 2 * Bytes::MIB)).collect();
    let sees = |month: &u64| {
        let asked = |day| today(&packs, ranges, seed(*month, day));
        (0..DAYS).any(|day| asked(day).iter().any(|range| range.pack == 0))
    };
    let seen = u32::try_from((0..MONTHS).filter(sees).count()).map_or(0.0, f64::from);
    seen / 2_000.0
}

#[test]
fn one_lost_byte_in_a_thousand_is_seen_in_a_month_and_a_tenth_of_the_questions_would_not_do() {
    let all = seen_in_a_month(RANGES_A_DAY);
    assert!(all >= 0.99, "{all}");
    assert!((all - chance_to_see(1_000, RANGES_A_DAY * 30)).abs() < 0.01, "{all}");
    let tenth = seen_in_a_month(RANGES_A_DAY / 10);
    assert!(tenth < 0.5, "{tenth}");
    assert!((tenth - chance_to_see(1_000, RANGES_A_DAY / 10 * 30)).abs() < 0.03, "{tenth}");
}

#[test]
fn a_hundred_and_fifty_a_day_would_fall_just_short() {
    assert!(chance_to_see(1_000, 30 * 150) < 0.99);
    assert!(chance_to_see(1_000, 30 * RANGES_A_DAY) > 0.99);
    assert!(chance_to_see(0, 4_800) < 1e-9 && chance_to_see(1_000_000, 1) > 1.0 - 1e-9);
}

#[test]
fn packs_are_asked_for_by_their_bytes_not_by_their_number() {
    let packs = [held(1, 16 * Bytes::MIB), held(2, 4 * Bytes::MIB)];
    let mut asked = BTreeMap::<u32, u32>::new();
    for day in 0..500 {
        for range in today(&packs, 40, seed(0, day)) {
            *asked.entry(range.pack).or_default() += 1;
        }
    }
    // Four fifths of 20,000, give or take three standard deviations.
    assert!(asked[&1].abs_diff(16_000) < 170, "{asked:?}");
}

#[test]
fn what_was_never_proved_is_looked_at_first_and_not_all_of_a_terabyte_on_one_day() {
    let mut packs: Vec<_> = (0..70_000).map(|no| held(no, 16 * Bytes::MIB)).collect();
    packs[..60_000].iter_mut().for_each(|pack| pack.unproved = true);
    let ranges = today(&packs, RANGES_A_DAY, seed(1, 1));
    let (looks, drawn) = ranges.split_at(LOOKS_A_DAY);
    assert!((0..).zip(looks).all(|(no, look)| look.pack == no && look.len == LOOK_LEN.0));
    assert_eq!(u32::try_from(drawn.len()), Ok(RANGES_A_DAY));
}

#[test]
fn a_pack_is_looked_at_when_it_came_each_month_and_once_another_was_lost() {
    let (month, loss) = (days_ago(30), Some(days_ago(5)));
    assert!(wants_look(None, None, NOW) && wants_look(Some(month), None, NOW));
    assert!(!wants_look(Some(days_ago(29)), None, NOW));
    assert!(wants_look(Some(days_ago(6)), loss, NOW) && !wants_look(Some(days_ago(4)), loss, NOW));
}

/// Found by the simulation: what was proved while the clock was years ahead was not looked at for years.
#[test]
fn a_proof_at_a_time_that_is_still_to_come_is_none() {
    let ahead = |days| Some(NOW.plus(Millis::from_days(days)));
    assert!(wants_look(ahead(3_650), None, NOW));
    assert!(!wants_look(ahead(1), None, NOW), "a clock that was set back a little");
}

proptest! {
    #[test]
    fn ranges_lie_in_their_packs_are_not_repeated_and_follow_from_the_seed(
        lens in prop::collection::vec(0_u64..900_000, 0..40),
        count in 0_u32..400,
        seed: [u8; 32],
    ) {
        let packs: Vec<_> = (0..).zip(&lens).map(|(no, len)| held(no, *len)).collect();
        let ranges = today(&packs, count, seed);
        prop_assert_eq!(&ranges, &today(&packs, count, seed));
        for Range { pack, from, len } in &ranges {
            let whole = packs[usize::try_from(*pack)?].len.0;
            prop_assert!(*len > 0 && from % RANGE_LEN.0 == 0 && from + len <= whole);
            prop_assert!(*len == RANGE_LEN.0 || from + len == whole);
        }
        let mut once = ranges.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(once.len(), ranges.len());
        let blocks: u64 = lens.iter().map(|len| len.div_ceil(RANGE_LEN.0)).sum();
        prop_assert_eq!(u64::try_from(ranges.len())?, blocks.min(u64::from(count)));
    }
}
