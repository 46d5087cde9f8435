//! Streams: what is received is what was sent, and nothing that differs in one bit gets in.

use std::io::{self, Write};

use proptest::prelude::*;
use verified::{
    GROUP_LEN, Groups, Outboard, Piece, ReadAt, ReceiveError, SendError, Told, check, receive,
    send, valid,
};

use crate::common::{GROUP, LENGTHS, bytes, told};

fn outboard(told: &Told, bytes: &[u8]) -> Outboard {
    Outboard::of(told, bytes).unwrap().expect("these are the bytes that were named")
}

fn stream(bytes: &[u8], groups: &Groups) -> Vec<u8> {
    let mut sent = Vec::new();
    send(&outboard(&told(bytes), bytes), &bytes, groups, &mut sent).unwrap();
    sent
}

/// What a receiver has after a stream: bytes, outboard, and the groups that came.
fn received(
    told: &Told,
    groups: &Groups,
    stream: &[u8],
) -> (Vec<u8>, Outboard, Groups, Result<(), ReceiveError<()>>) {
    let mut have = vec![0; usize::try_from(told.len().0).unwrap()];
    let (mut outboard, mut came) = (Outboard::empty(told), Groups::none());
    let ended = receive(told, groups, stream, |piece| {
        match piece {
            Piece::Pair { at, pair } => outboard.put(at, &pair),
            Piece::Group { group, at, bytes } => {
                assert_eq!(at, group as u64 * GROUP_LEN);
                have[group * GROUP..][..bytes.len()].copy_from_slice(bytes);
                came.insert(group);
            }
        }
        Ok(())
    });
    (have, outboard, came, ended)
}

#[test]
fn a_whole_pack_arrives_with_its_outboard_whatever_its_length() {
    for len in LENGTHS {
        let bytes = bytes(len);
        let (told, all) = (told(&bytes), Groups::all(&told(&bytes)));
        let (have, outboard, came, ended) = received(&told, &all, &stream(&bytes, &all));
        ended.unwrap();
        assert_eq!((have, came), (bytes.clone(), all), "{len}");
        assert!(outboard.is_whole());
        assert_eq!(outboard.bytes().len(), Outboard::len_for(&told));
        assert_eq!(outboard, Outboard::of(&told, &bytes[..]).unwrap().unwrap());
        assert_eq!(valid(&told, &outboard, &&bytes[..], &all).unwrap(), all);
    }
}

#[test]
fn one_group_of_the_longest_pack_is_proven_by_little_more_than_itself() {
    let bytes = bytes(verified::LEN_MAX);
    let told = told(&bytes);
    let one = Groups::from_iter([700]);
    let sent = stream(&bytes, &one);
    assert_eq!(sent.len() as u64, GROUP_LEN + 10 * 64);
    check(&told, &one, &sent[..]).unwrap();
    assert_eq!(Outboard::len_for(&told), 65_472);
}

#[test]
fn whatever_is_missing_can_be_asked_for_and_joins_what_is_there() {
    let bytes = bytes(21 * GROUP_LEN - 1);
    let (told, all) = (told(&bytes), Groups::all(&told(&bytes)));
    let first = Groups::from_iter([0, 3, 4, 20]);
    let (mut have, mut outboard, ..) = received(&told, &first, &stream(&bytes, &first));
    assert_eq!(valid(&told, &outboard, &&have[..], &all).unwrap(), first);
    let rest = all.minus(&first);
    let joined: Result<(), ReceiveError<()>> =
        receive(&told, &rest, &stream(&bytes, &rest)[..], |piece| {
            match piece {
                Piece::Pair { at, pair } => outboard.put(at, &pair),
                Piece::Group { group, bytes, .. } => {
                    have[group * GROUP..][..bytes.len()].copy_from_slice(bytes);
                }
            }
            Ok(())
        });
    joined.unwrap();
    assert_eq!(have, bytes);
    assert_eq!(valid(&told, &outboard, &&have[..], &all).unwrap(), all);
}

#[test]
fn an_outboard_of_other_bytes_is_none_and_a_wrong_one_is_not_whole() {
    let good = bytes(5 * GROUP_LEN);
    let told = told(&good);
    let mut other = good.clone();
    other[4 * GROUP] ^= 1;
    assert_eq!(Outboard::of(&told, &other[..]).unwrap(), None);
    assert_eq!(Outboard::of(&told, &good[1..]).unwrap(), None);
    let whole = outboard(&told, &good);
    for at in 0..whole.bytes().len() {
        let mut wrong = whole.bytes().to_vec();
        wrong[at] ^= 0x10;
        assert!(!Outboard::from_bytes(&told, wrong).is_whole(), "{at}");
    }
    assert!(!Outboard::from_bytes(&told, whole.bytes()[..64].to_vec()).is_whole());
}

#[test]
fn bytes_that_rotted_are_named_and_not_sent() {
    let mut bytes = bytes(5 * GROUP_LEN);
    let told = told(&bytes);
    let outboard = outboard(&told, &bytes);
    let before = stream(&bytes, &Groups::from_iter([0, 1, 2, 3, 4]));
    bytes[2 * GROUP + 9] ^= 4;
    let mut sent = Vec::new();
    let all = Groups::all(&told);
    let refused = send(&outboard, &&bytes[..], &all, &mut sent).unwrap_err();
    assert!(matches!(refused, SendError::Damaged { group: 2 }), "{refused:?}");
    assert!(before.starts_with(&sent) && sent.len() < before.len());
    assert_eq!(valid(&told, &outboard, &&bytes[..], &all).unwrap().runs(), [0..2, 3..5]);
    send(&outboard, &&bytes[..], &Groups::from_iter([4]), &mut sent).unwrap();
}

/// Bytes that cannot be read, and a receiver that has gone.
struct Broken;

impl ReadAt for Broken {
    fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("a bad sector"))
    }
}

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("gone"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn whose_side_failed_is_said() {
    let bytes = bytes(GROUP_LEN / 2);
    let (told, all) = (told(&bytes), Groups::all(&told(&bytes)));
    let outboard = outboard(&told, &bytes);
    let refused = send(&outboard, &Broken, &all, &mut Vec::new()).unwrap_err();
    assert!(matches!(refused, SendError::Reading(_)), "{refused:?}");
    let refused = send(&outboard, &&bytes[..], &all, &mut Broken).unwrap_err();
    assert!(matches!(refused, SendError::Writing(_)), "{refused:?}");
    assert!(valid(&told, &outboard, &Broken, &all).is_err());
    let taken = receive(&told, &all, &bytes[..], |_| Err("full"));
    assert!(matches!(taken, Err(ReceiveError::Taking("full"))), "{taken:?}");
}

#[test]
fn a_stream_that_ends_early_says_which_group_did_not_come() {
    let bytes = bytes(5 * GROUP_LEN);
    let (told, all) = (told(&bytes), Groups::all(&told(&bytes)));
    let sent = stream(&bytes, &all);
    for end in [0, 63, 64, 200, 20_000, sent.len() - 1] {
        let (have, _, came, ended) = received(&told, &all, &sent[..end]);
        assert!(matches!(ended, Err(ReceiveError::Ended { .. })), "{end}: {ended:?}");
        for group in came.iter() {
            let at = group * GROUP;
            assert_eq!(have[at..at + 1000], bytes[at..at + 1000]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_stream_with_one_bit_changed_is_refused_and_hands_out_nothing_wrong(
        which in 0..LENGTHS.len(),
        wanted in 1u32..(1 << 21),
        at in any::<prop::sample::Index>(),
        bit in 0..8u8,
    ) {
        let bytes = bytes(LENGTHS[which]);
        let told = told(&bytes);
        let bits = (0..told.groups()).filter(|group| wanted & (1 << group) != 0);
        let groups: Groups = bits.collect();
        prop_assume!(!groups.is_empty());
        let mut sent = stream(&bytes, &groups);
        let (_, _, came, ended) = received(&told, &groups, &sent);
        prop_assert!(ended.is_ok());
        prop_assert_eq!(came, groups);
        let at = at.index(sent.len());
        sent[at] ^= 1 << bit;
        let (have, _, came, ended) = received(&told, &groups, &sent);
        prop_assert!(matches!(ended, Err(ReceiveError::Wrong { .. })), "{:?}", ended);
        for group in came.iter() {
            let range = group * GROUP..bytes.len().min((group + 1) * GROUP);
            prop_assert_eq!(&have[range.clone()], &bytes[range]);
        }
    }
}
