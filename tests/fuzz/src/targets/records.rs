//! Every CBOR record: any bytes, and any value. What decodes, encodes to bytes that decode to it.

use std::fmt::Debug;

use format::entry::{Entry, Manifest, Node};
use format::head::{Envelope, HeadPayload};
use format::keys::{KeyFile, SealedBox, SpaceSecret};
use format::record::{Commit, PackShard, Snapshot, SnapshotSegment, State};
use format::{from_cbor, to_cbor};
use minicbor::{Decode, Encode};

use crate::feed::Feed;
use crate::seeds::{self, Seed};
use crate::values;

/// How many kinds of record there are.
const KINDS: u8 = 13;

/// The first byte chooses the record, its top bit whether a value is made of the rest.
pub fn run(data: &[u8]) {
    let mut feed = Feed::new(data);
    let choice = feed.u8();
    if choice & 0x80 == 0 {
        let bytes = feed.rest();
        return match choice % KINDS {
            0 => read::<Node>(bytes),
            1 => read::<Manifest>(bytes),
            2 => read::<Snapshot>(bytes),
            3 => read::<SnapshotSegment>(bytes),
            4 => read::<State>(bytes),
            5 => read::<PackShard>(bytes),
            6 => read::<Commit>(bytes),
            7 => read::<HeadPayload>(bytes),
            8 => read::<Entry>(bytes),
            9 => read::<KeyFile>(bytes),
            10 => read::<SealedBox>(bytes),
            11 => read::<SpaceSecret>(bytes),
            _ => read::<Envelope>(bytes),
        };
    }
    let cbor = value(choice & 0x7f, &mut feed);
    assert!(cbor.len() <= 4 << 20, "a few small values are a short record");
}

/// A value of a kind, written and read again.
fn value(kind: u8, feed: &mut Feed<'_>) -> Vec<u8> {
    match kind % 10 {
        0 => written(&values::node(feed)),
        1 => written(&values::manifest(feed)),
        2 => written(&values::snapshot(feed)),
        3 => written(&values::segment(feed)),
        4 => written(&values::state(feed)),
        5 => written(&values::shard(feed)),
        6 => written(&values::commit(feed)),
        7 => written(&values::head_payload(feed)),
        8 => written(&values::entry(feed)),
        _ => written(&values::key_file(feed)),
    }
}

fn read<T: for<'b> Decode<'b, ()> + Encode<()> + PartialEq + Debug>(bytes: &[u8]) {
    if let Ok(value) = from_cbor::<T>("record", bytes) {
        written(&value);
    }
}

fn written<T: for<'b> Decode<'b, ()> + Encode<()> + PartialEq + Debug>(value: &T) -> Vec<u8> {
    let cbor = to_cbor(value);
    let again: T = from_cbor("record", &cbor).expect("what was written is readable");
    assert_eq!(&again, value, "it reads back as written");
    assert_eq!(to_cbor(&again), cbor, "it is written the same way again");
    cbor
}

/// A record of each kind, as bytes and as the row of decisions that makes it.
pub fn seeds() -> Vec<Seed> {
    let mut all = Vec::new();
    for (_, decisions) in seeds::feeds() {
        for kind in 0..10 {
            all.push([&[0x80 | kind][..], &decisions].concat());
            let cbor = value(kind, &mut Feed::new(&decisions));
            all.push([&[kind][..], &cbor].concat());
        }
    }
    all
}
