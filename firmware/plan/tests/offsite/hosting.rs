//! A host takes whole packs within what it gave, and lets nothing go sooner than it promised.

use plan::offsite::hosting::{
    GIVEN_MIN, Given, HostedPack, NOT_BEFORE, NotTaken, admit, keeps_for, may_promise, reserved,
    to_unlink,
};
use proptest::prelude::*;
use types::{Bytes, Millis};

use crate::model::{NOW, days_ago};

fn given(given: u64, used: u64) -> Given {
    Given { given: Bytes(given), used: Bytes(used) }
}

#[test]
fn too_much_is_refused_before_a_byte_is_read_and_says_whose_room_it_is() {
    assert_eq!(admit(given(100, 60), Bytes(40), Bytes(40)), Ok(()));
    let quota = admit(given(100, 61), Bytes(40), Bytes(999));
    let Err(error @ NotTaken::Quota { .. }) = quota else { panic!("{quota:?}") };
    assert_eq!(error.to_string(), "100 B are given, 61 B are used, and the pack has 40 B");
    let disk = admit(given(100, 60), Bytes(40), Bytes(39));
    let Err(error @ NotTaken::Disk { .. }) = disk else { panic!("{disk:?}") };
    assert!(error.to_string().contains("39 B") && !error.advice().is_empty());
}

#[test]
fn what_was_promised_to_friends_is_not_promised_twice() {
    let friends = [given(100, 60), given(50, 70)];
    assert_eq!(reserved(&friends), Bytes(40), "who uses more than is given reserves nothing");
    assert_eq!(may_promise(Bytes(40 + GIVEN_MIN.0), &friends), Some(GIVEN_MIN));
    assert_eq!(may_promise(Bytes(39 + GIVEN_MIN.0), &friends), None);
}

proptest! {
    #[test]
    fn nothing_goes_that_was_not_asked_for_or_not_long_enough_ago_or_while_the_clock_is_in_doubt(
        asked in prop::collection::vec(prop::option::of(0_u64..60), 0..50),
        clock_jumped: bool,
    ) {
        let packs: Vec<_> = (0..).zip(&asked).map(|(no, days)| HostedPack {
            no,
            asked: days.map(days_ago),
        }).collect();
        let gone = to_unlink(&packs, NOT_BEFORE, NOW, clock_jumped);
        for (no, days) in (0..).zip(asked) {
            let due = days.is_some_and(|days| days >= 30) && !clock_jumped;
            prop_assert_eq!(gone.contains(&no), due);
        }
    }

    #[test]
    fn only_the_words_make_it_shorter(agreed in 0_u64..99, wanted in 0_u64..99, words: bool) {
        let (agreed, wanted) = (Millis::from_days(agreed), Millis::from_days(wanted));
        let now = keeps_for(agreed, wanted, words);
        prop_assert_eq!(now < agreed, words && wanted < agreed);
        prop_assert!(now == wanted || now == agreed);
    }
}
