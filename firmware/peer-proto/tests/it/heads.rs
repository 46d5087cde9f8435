//! A friend as witness: heads follow each other, or somebody is told.

use format::head::Envelope;
use format::to_cbor;
use peer_proto::heads::{link, vouch_for};
use peer_proto::host::{HostAction, HostEvent, HostNews, Record};
use peer_proto::limits;
use peer_proto::wire::{
    Cursor, Get, HeadPoint, Kind, List, Listed, OfferHead, PackAsk, PackSay, Why,
};
use types::{Bytes, HeadHash, Millis, PackId, Signer};

use crate::boxes::{Key, bo, terms};
use crate::host::{Bench, no, put, said};

/// A head of Bo's vault, by this writer.
pub(crate) fn head(seq: u64, previous: HeadHash, writer: &Key) -> Vec<u8> {
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

pub(crate) fn point(bytes: &[u8]) -> HeadPoint {
    let head = Envelope::decode(bytes).unwrap();
    HeadPoint { seq: head.seq, hash: head.hash() }
}

pub(crate) fn offer(bytes: &[u8], previous: Option<HeadPoint>) -> OfferHead {
    let (point, len) = (point(bytes), bytes.len() as u64);
    OfferHead { point, previous, len, link: None, vouched: None }
}

/// Offers it and brings what is asked for.
pub(crate) fn bring(bench: &mut Bench, offer: OfferHead, bytes: &[u8]) -> Vec<HostAction> {
    bring_by(bench, PackAsk::Head(Box::new(offer)), bytes)
}

pub(crate) fn bring_by(bench: &mut Bench, ask: PackAsk, bytes: &[u8]) -> Vec<HostAction> {
    let stream = bench.open();
    let mut done = bench.on(HostEvent::Asked { stream, ask });
    if matches!(said(&done), Some(PackSay::Accept(_))) {
        done = bench.on(HostEvent::HeadArrived { stream, bytes: bytes.to_vec() });
    }
    bench.on(HostEvent::Ended(stream));
    done
}

/// A witness that has seen the first three heads.
pub(crate) fn seen_three() -> (Bench, Vec<Vec<u8>>) {
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

/// Brings the next `count` heads, one a second, each of which must be taken; which ones are dropped.
fn flood(bench: &mut Bench, count: u64) -> Vec<HeadHash> {
    let mut dropped = Vec::new();
    for _ in 0..count {
        bench.now.wall = bench.now.wall.plus(Millis::from_secs(1));
        bench.now.uptime = Millis(bench.now.uptime.0 + 1_000);
        let newest = bench.host.witness().newest().unwrap();
        let bytes = head(newest.seq + 1, newest.hash, &bo().writer());
        let done = bring(bench, offer(&bytes, Some(newest)), &bytes);
        assert_eq!(said(&done), Some(PackSay::HeadTaken(point(&bytes))));
        dropped.extend(drops(&done));
    }
    dropped
}

pub(crate) fn drops(done: &[HostAction]) -> Vec<HeadHash> {
    done.iter()
        .filter_map(|action| match action {
            HostAction::DropHead(hash) => Some(*hash),
            _ => None,
        })
        .collect()
}

fn listed(bench: &mut Bench) -> Vec<Listed> {
    match said(&bench.ask(PackAsk::List(Cursor { after: None }))) {
        Some(PackSay::Listing(page)) => page.items.items().to_vec(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn root_on_a_box_pushes_no_head_of_the_days_before_out_of_a_witness() {
    let mut bench = Bench::new(terms(1 << 40));
    let mut genuine: Vec<HeadPoint> = Vec::new();
    for seq in 1..=20 {
        let before = genuine.last().copied();
        let bytes = head(seq, before.map_or(HeadHash([0; 32]), |at| at.hash), &bo().writer());
        bring(&mut bench, offer(&bytes, before), &bytes);
        genuine.push(point(&bytes));
        assert_eq!(drops(&bench.pass(1)), [], "a head a day");
    }
    // Whoever has the box has its writer's key: garbage that is signed and linked, for 29 days.
    for _ in 0..29 {
        let dropped = flood(&mut bench, 60);
        assert!(genuine.iter().all(|at| !dropped.contains(&at.hash)));
        bench.pass(1);
    }
    let kept = bench.host.witness().kept().count();
    assert!(kept <= limits::HEADS_KEPT + 32, "{kept} heads stay");
    let last = genuine[19];
    let names = listed(&mut bench);
    let is_last = |item: &&Listed| item.root.0 == last.hash.0 && item.kind == Kind::Head;
    assert!(names.iter().any(|item| is_last(&item)), "whoever comes back finds it");
    let get = PackAsk::Get(Get { root: PackId(last.hash.0), ranges: List::first([]) });
    assert!(matches!(bench.ask(get)[..], [.., HostAction::Serve { .. }]));
    assert!(drops(&bench.pass(3)).contains(&last.hash), "its time is over");
}

#[test]
fn while_a_clock_is_not_sure_no_head_goes_because_of_its_age() {
    let (mut bench, heads) = seen_three();
    bench.pass(1);
    flood(&mut bench, 20);
    bench.now.wall = bench.now.wall.plus(Millis::from_days(400));
    assert_eq!(drops(&bench.on(HostEvent::Tick)), []);
    let dropped = flood(&mut bench, 20);
    assert!(!dropped.contains(&point(&heads[0]).hash));
    bench.on(HostEvent::ClockAgreed);
    assert!(drops(&bench.on(HostEvent::Tick)).contains(&point(&heads[0]).hash));
}

#[test]
fn heads_beside_the_newest_count_against_what_may_be_brought() {
    let mut bench = Bench::new(terms(1 << 20));
    let first = head(1, HeadHash([0; 32]), &bo().writer());
    bring(&mut bench, offer(&first, None), &first);
    bench.pass(1);
    flood(&mut bench, 7);
    assert_eq!(bench.host.used(), Bytes(0));
    flood(&mut bench, 7);
    let charged = 2 * limits::charge(1).0;
    assert_eq!(bench.host.used(), Bytes(charged), "the first of each of two days");
    assert_eq!(said(&bench.ask(put(1, 1 << 20))), no(Why::OverQuota, (1 << 20) - charged));
    let kept = bench.host.kept();
    assert_eq!((kept.packs, kept.bytes), (0, Bytes(0)), "and are in no figures");
}

#[test]
fn heads_come_one_at_a_time() {
    let (mut bench, heads) = seen_three();
    let newest = point(&heads[2]);
    let next = head(4, newest.hash, &bo().writer());
    let ask = || PackAsk::Head(Box::new(offer(&next, Some(newest))));
    let stream = bench.open();
    let first = bench.on(HostEvent::Asked { stream, ask: ask() });
    assert!(matches!(said(&first), Some(PackSay::Accept(_))));
    assert_eq!(said(&bench.ask(ask())), no(Why::Busy, 1_000));
    bench.on(HostEvent::Ended(stream));
    assert!(matches!(said(&bench.ask(ask())), Some(PackSay::Accept(_))), "the line was cut");
}
