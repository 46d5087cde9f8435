//! A friend as witness: heads follow each other, or somebody is told.

use format::head::Envelope;
use format::to_cbor;
use peer_proto::heads::{link, vouch_for};
use peer_proto::host::{HostAction, HostEvent, HostNews, Record};
use peer_proto::wire::{Get, HeadPoint, List, OfferHead, PackAsk, PackSay, Why};
use types::{HeadHash, PackId, Signer};

use crate::boxes::{Key, bo, terms};
use crate::host::{Bench, no, said};

/// A head of Bo's vault, by this writer.
fn head(seq: u64, previous: HeadHash, writer: &Key) -> Vec<u8> {
    let mut envelope = Envelope {
        version: 1,
        vault: bo().side.vault,
        seq,
        previous,
        writer: writer.public(),
        payload: vec![7; 40].into(),
        signature: [0; 64],
    };
    envelope.signature = writer.sign(&envelope.signed_bytes());
    to_cbor(&envelope)
}

fn point(bytes: &[u8]) -> HeadPoint {
    let head = Envelope::decode(bytes).unwrap();
    HeadPoint { seq: head.seq, hash: head.hash() }
}

fn offer(bytes: &[u8], previous: Option<HeadPoint>) -> OfferHead {
    let (point, len) = (point(bytes), bytes.len() as u64);
    OfferHead { point, previous, len, link: None, vouched: None }
}

/// Offers it and brings what is asked for.
fn bring(bench: &mut Bench, offer: OfferHead, bytes: &[u8]) -> Vec<HostAction> {
    let stream = bench.open();
    let ask = PackAsk::Head(Box::new(offer));
    let mut done = bench.on(HostEvent::Asked { stream, ask });
    if matches!(said(&done), Some(PackSay::Accept(_))) {
        done = bench.on(HostEvent::HeadArrived { stream, bytes: bytes.to_vec() });
    }
    bench.on(HostEvent::Ended(stream));
    done
}

/// A witness that has seen the first three heads.
fn seen_three() -> (Bench, Vec<Vec<u8>>) {
    let mut bench = Bench::new(terms(1 << 40));
    let mut heads: Vec<Vec<u8>> = Vec::new();
    for seq in 1..4 {
        let before = heads.last().map(|head| point(head));
        let bytes = head(seq, before.map_or(HeadHash([0; 32]), |point| point.hash), &bo().writer());
        let done = bring(&mut bench, offer(&bytes, before), &bytes);
        assert_eq!(said(&done), Some(PackSay::HeadTaken(point(&bytes))));
        heads.push(bytes);
    }
    (bench, heads)
}

#[test]
fn a_head_is_taken_when_its_bytes_and_the_record_are_durable() {
    let (mut bench, heads) = seen_three();
    let newest = point(&heads[2]);
    let next = head(4, newest.hash, &bo().writer());
    let done = bring(&mut bench, offer(&next, Some(newest)), &next);
    assert!(matches!(
        done[..],
        [
            HostAction::KeepHead { .. },
            HostAction::Keep(Record::Witness(_)),
            HostAction::Answer { say: PackSay::HeadTaken(_), .. }
        ]
    ));
    let again = bring(&mut bench, offer(&next, Some(newest)), &next);
    assert_eq!(said(&again), Some(PackSay::Have));
    let get = PackAsk::Get(Get { root: PackId(point(&next).hash.0), ranges: List::first([]) });
    let served = bench.ask(get);
    assert!(matches!(
        served[..],
        [HostAction::Serve { first: PackSay::Found(len), .. }] if len == next.len() as u64
    ));
}

#[test]
fn a_box_that_was_rolled_back_is_noticed() {
    let (mut bench, heads) = seen_three();
    let (old, seen) = (point(&heads[1]), point(&heads[2]));
    let done = bring(&mut bench, offer(&heads[1], Some(point(&heads[0]))), &heads[1]);
    assert_eq!(said(&done), no(Why::Rollback, 3));
    assert!(done.contains(&HostAction::Tell(HostNews::RolledBack { offered: old, seen })));
    // It goes on from there: another third head.
    let third = head(3, old.hash, &bo().writer());
    let mut third = Envelope::decode(&third).unwrap();
    third.payload = vec![8; 40].into();
    third.signature = bo().writer().sign(&third.signed_bytes());
    let third = to_cbor(&third);
    let done = bring(&mut bench, offer(&third, Some(old)), &third);
    assert_eq!(said(&done), no(Why::Fork, 3));
    let forked = HostNews::Forked { offered: point(&third), seen };
    assert!(done.contains(&HostAction::Tell(forked)));
    let fourth = head(4, point(&third).hash, &bo().writer());
    let done = bring(&mut bench, offer(&fourth, Some(point(&third))), &fourth);
    assert_eq!(said(&done), no(Why::NotLinked, 3));
    let done = bring(&mut bench, offer(&fourth, Some(seen)), &fourth);
    assert_eq!(said(&done), no(Why::NotLinked, 3), "what it says of itself is not what it is");
    assert_eq!(bench.host.witness().newest(), Some(seen));
}

#[test]
fn heads_between_two_may_be_left_out_by_their_writers_word() {
    let (mut bench, heads) = seen_three();
    let newest = point(&heads[2]);
    let later = head(90, HeadHash([9; 32]), &bo().writer());
    let done = bring(&mut bench, offer(&later, Some(newest)), &later);
    assert_eq!(said(&done), no(Why::NotLinked, 3));
    let vault = bo().side.vault;
    let word = |key: &Key, from| Some(link(vault, from, point(&later), key));
    for bad in [word(&bo().key, newest), word(&bo().writer(), point(&heads[1]))] {
        let offer = OfferHead { link: bad, ..offer(&later, Some(newest)) };
        assert_eq!(said(&bring(&mut bench, offer, &later)), no(Why::NotLinked, 3));
    }
    let offer = OfferHead { link: word(&bo().writer(), newest), ..offer(&later, Some(newest)) };
    let done = bring(&mut bench, offer, &later);
    assert_eq!(said(&done), Some(PackSay::HeadTaken(point(&later))));
}

#[test]
fn a_head_by_a_stranger_or_with_a_bit_flipped_is_none() {
    let (mut bench, heads) = seen_three();
    let newest = point(&heads[2]);
    let stranger = Key::new(99);
    let foreign = head(4, newest.hash, &stranger);
    let offered = offer(&foreign, Some(newest));
    let done = bring(&mut bench, offered.clone(), &foreign);
    assert_eq!(said(&done), no(Why::UnknownWriter, 0));
    let vouched = |key: &Key| Some(vouch_for(bo().side.vault, &stranger.public(), key));
    let by_box = OfferHead { vouched: vouched(&bo().key), ..offered.clone() };
    assert_eq!(said(&bring(&mut bench, by_box, &foreign)), no(Why::UnknownWriter, 0));

    let mut flipped = head(4, newest.hash, &bo().writer());
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    let done = bring(&mut bench, offer(&flipped, Some(newest)), &flipped);
    assert_eq!(said(&done), no(Why::BadProof, 0));
    let whole = head(4, newest.hash, &bo().writer());
    let done = bring(&mut bench, offer(&whole, Some(newest)), &whole[..whole.len() - 1]);
    assert_eq!(said(&done), no(Why::Malformed, 0));

    let by_words = OfferHead { vouched: vouched(&bo().recovery), ..offered };
    let done = bring(&mut bench, by_words, &foreign);
    assert_eq!(said(&done), Some(PackSay::HeadTaken(point(&foreign))), "the words may");
}
