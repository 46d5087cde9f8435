//! Numbers of heads: nobody uses them up, and the 24 words begin again.

use peer_proto::heads::{begin_again, link};
use peer_proto::limits;
use peer_proto::wire::{HeadAnew, OfferHead, PackAsk, PackSay, Why};
use types::HeadHash;

use crate::boxes::{Key, bo, terms};
use crate::heads::{bring, bring_by, drops, head, offer, point, seen_three};
use crate::host::{Bench, no, said};

/// A head that is as far ahead as this, with its writer's word that it follows.
fn leap(bench: &mut Bench, seq: u64) -> Option<PackSay> {
    let newest = bench.host.witness().newest();
    let bytes = head(seq, HeadHash([9; 32]), &bo().writer());
    let word = newest.map(|from| link(bo().side.vault, from, point(&bytes), &bo().writer()));
    said(&bring(bench, OfferHead { link: word, ..offer(&bytes, newest) }, &bytes))
}

#[test]
fn root_on_a_box_cannot_use_up_the_numbers_of_its_heads() {
    let (mut bench, _) = seen_three();
    for seq in [u64::MAX, limits::HEAD_SEQ_MAX, limits::HEAD_JUMP_MAX + 4] {
        assert_eq!(leap(&mut bench, seq), no(Why::TooFar, limits::HEAD_JUMP_MAX + 3), "{seq}");
    }
    assert!(matches!(leap(&mut bench, limits::HEAD_JUMP_MAX + 3), Some(PackSay::HeadTaken(_))));
    let mut fresh = Bench::new(terms(1 << 40));
    assert_eq!(leap(&mut fresh, u64::MAX), no(Why::TooFar, limits::HEAD_JUMP_MAX));
}

#[test]
fn the_words_begin_again_from_a_good_head_and_nothing_else_does() {
    let (mut bench, heads) = seen_three();
    let good = point(&heads[2]);
    leap(&mut bench, 5_000_000);
    let after = bench.host.witness().newest().unwrap();
    let fourth = head(4, good.hash, &bo().writer());
    let anew = |after, key: &Key| {
        let recovery = begin_again(bo().side.vault, after, point(&fourth), key);
        let (point, len) = (point(&fourth), fourth.len() as u64);
        PackAsk::Anew(Box::new(HeadAnew { point, after, len, recovery, vouched: None }))
    };
    for key in [bo().key, bo().writer(), anna_key()] {
        let done = bring_by(&mut bench, anew(after, &key), &fourth);
        assert_eq!(said(&done), no(Why::BadProof, 0));
    }
    let done = bring_by(&mut bench, anew(good, &bo().recovery), &fourth);
    assert_eq!(said(&done), no(Why::NotLinked, 5_000_000), "a word for another moment");
    let done = bring_by(&mut bench, anew(after, &bo().recovery), &fourth);
    assert_eq!(said(&done), Some(PackSay::HeadTaken(point(&fourth))));
    assert_eq!(drops(&done), [], "what was seen before stays for its time");
    let fifth = head(5, point(&fourth).hash, &bo().writer());
    let done = bring(&mut bench, offer(&fifth, Some(point(&fourth))), &fifth);
    assert_eq!(said(&done), Some(PackSay::HeadTaken(point(&fifth))), "and it goes on");
    let again = bring_by(&mut bench, anew(after, &bo().recovery), &fourth);
    assert_eq!(said(&again), no(Why::NotLinked, 5), "the word is used up");
}

fn anna_key() -> Key {
    crate::boxes::anna().recovery
}
