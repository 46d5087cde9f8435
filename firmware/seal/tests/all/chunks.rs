//! Where the chunker cuts: within bounds, by content alone, and by key.

use std::collections::HashSet;

use proptest::prelude::*;
use seal::Chunker;
use seal::chunker::{AVERAGE_LEN, MAX_LEN, MIN_LEN};

use crate::support::{HOME, Home, noise};

fn cuts(chunker: &Chunker, mut bytes: &[u8]) -> Vec<usize> {
    let mut lens = Vec::new();
    while !bytes.is_empty() {
        let len = chunker.cut(&bytes[..bytes.len().min(MAX_LEN)]);
        lens.push(len);
        bytes = &bytes[len..];
    }
    lens
}

fn pieces<'a>(chunker: &Chunker, bytes: &'a [u8]) -> Vec<&'a [u8]> {
    let mut rest = bytes;
    cuts(chunker, bytes)
        .into_iter()
        .map(|len| rest.split_off(..len).expect("cuts sum up"))
        .collect()
}

#[test]
fn chunks_keep_their_bounds_and_come_close_to_the_average() {
    let bytes = noise(1, 48 << 20);
    let chunker = Chunker::new(HOME.keys());
    let lens = cuts(&chunker, &bytes);
    assert_eq!(lens.iter().sum::<usize>(), bytes.len());
    let (_, whole) = lens.split_last().unwrap();
    assert!(whole.iter().all(|len| (MIN_LEN..=MAX_LEN).contains(len)), "{lens:?}");
    let mean = bytes.len() / lens.len();
    assert!((AVERAGE_LEN * 9 / 10..AVERAGE_LEN * 3 / 2).contains(&mean), "{mean}");
}

#[test]
fn bytes_without_a_cut_point_are_cut_at_the_maximum() {
    let chunker = Chunker::new(HOME.keys());
    assert_eq!(chunker.cut(&vec![0; MAX_LEN]), MAX_LEN);
    assert_eq!(chunker.cut(&vec![0; 2 * MAX_LEN]), MAX_LEN);
    for len in [0, 1, MIN_LEN - 1, MIN_LEN, MIN_LEN + 1] {
        assert_eq!(chunker.cut(&vec![0; len]), len);
    }
}

#[test]
fn another_key_cuts_elsewhere() {
    let bytes = noise(2, 24 << 20);
    let ends = |home: &Home| {
        let lens = cuts(&Chunker::new(home.keys()), &bytes);
        let ends = lens.into_iter().scan(0, |end, len| {
            *end += len;
            Some(*end)
        });
        ends.collect::<HashSet<_>>()
    };
    let (one, other) = (ends(&HOME), ends(&Home::new(2)));
    assert_eq!(one, ends(&HOME));
    assert!(one.intersection(&other).count() <= 1, "only the end of the bytes is shared");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn an_insertion_changes_only_the_chunks_around_it(at in 0_usize..16 << 20, len in 1_usize..5000) {
        let bytes = noise(3, 16 << 20);
        let chunker = Chunker::new(HOME.keys());
        let edited = [&bytes[..at], &noise(4, len), &bytes[at..]].concat();
        let old: HashSet<&[u8]> = pieces(&chunker, &bytes).into_iter().collect();
        let new = pieces(&chunker, &edited);
        let fresh = new.iter().filter(|piece| !old.contains(*piece)).count();
        prop_assert!(fresh <= 5, "{fresh} of {} chunks are new", new.len());
    }
}
