//! The set of groups and how it is written.

use proptest::collection::btree_set;
use proptest::prelude::*;
use types::{Bytes, PackId};
use verified::{GROUP_LEN, GROUPS_MAX, Groups, LEN_MAX, Told};

fn told(len: u64) -> Told {
    Told::new(PackId([1; 32]), Bytes(len)).unwrap()
}

#[test]
fn a_pack_has_at_least_one_byte_and_at_most_what_packs_may_have() {
    assert_eq!(Told::new(PackId([1; 32]), Bytes(0)), None);
    assert_eq!(Told::new(PackId([1; 32]), Bytes(LEN_MAX + 1)), None);
    assert_eq!(told(LEN_MAX).groups(), GROUPS_MAX);
    assert_eq!(told(1).groups(), 1);
    assert_eq!(told(GROUP_LEN + 1).groups(), 2);
}

#[test]
fn runs_that_could_be_written_another_way_or_leave_the_pack_are_refused() {
    let told = told(10 * GROUP_LEN);
    let some = |runs: &[std::ops::Range<u16>]| Groups::from_runs(&told, runs).is_some();
    assert!(some(&[]) && some(&[0..3, 4..10]) && some(&[0..1, 2..3]));
    assert!(!some(&[0..1, 3..3]), "empty");
    assert!(!some(&[2..3, 0..1]), "out of order");
    assert!(!some(&[0..1, 1..2]), "one run in two");
    assert!(!some(&[0..2, 1..3]), "twice");
    assert!(!some(&[0..1, 9..11]), "behind the end");
}

#[test]
fn bytes_are_in_the_groups_that_hold_them() {
    let told = told(3 * GROUP_LEN + 5);
    let of = |bytes| Groups::of_bytes(&told, bytes);
    assert_eq!(of(0..1), Groups::from_iter(0..1));
    assert_eq!(of(GROUP_LEN - 1..GROUP_LEN + 1), Groups::from_iter(0..2));
    assert_eq!(of(0..u64::MAX), Groups::all(&told));
    assert_eq!(of(7..7), Groups::none());
    assert_eq!(of(4 * GROUP_LEN..9 * GROUP_LEN), Groups::none());
    assert_eq!(Groups::all(&told).len(&told), told.len());
    assert_eq!(Groups::of_bytes(&told, 3 * GROUP_LEN..told.len().0).len(&told), Bytes(5));
}

proptest! {
    #[test]
    fn a_set_behaves_like_a_set(
        ours in btree_set(0usize..GROUPS_MAX, 0..80),
        theirs in btree_set(0usize..GROUPS_MAX, 0..80),
    ) {
        let told = told(LEN_MAX);
        let (set, other): (Groups, Groups) =
            (ours.iter().copied().collect(), theirs.iter().copied().collect());
        prop_assert_eq!(Groups::from_runs(&told, &set.runs()), Some(set));
        prop_assert_eq!(set.count(), ours.len());
        prop_assert_eq!(set.is_empty(), ours.is_empty());
        let left: Vec<usize> = ours.difference(&theirs).copied().collect();
        prop_assert_eq!(set.minus(&other).iter().collect::<Vec<_>>(), left);
    }
}
