//! Heads: any envelope, and any payload that is sealed and signed as it should be.

use std::sync::OnceLock;

use format::head::{Envelope, HeadPayload};
use format::{from_cbor, to_cbor};
use seal::KeyRing;
use types::{HeadHash, VaultId};

use crate::feed::Feed;
use crate::forge::{self, Forge};
use crate::seeds::{self, Seed};
use crate::values;

fn forge() -> &'static Forge {
    static MADE: OnceLock<Forge> = OnceLock::new();
    MADE.get_or_init(|| {
        let rng = testkit::env::SeededRng::new(2);
        Forge::of(KeyRing::create(VaultId([6; 16]), &forge::words(), None, &rng).0)
    })
}

/// The first byte chooses: raw envelope, raw payload, any payload, a re-signed envelope.
pub fn run(data: &[u8]) {
    let mut feed = Feed::new(data);
    match feed.u8() & 3 {
        0 => envelope(feed.rest()),
        1 => {
            let (seq, previous) = (feed.number(), HeadHash(values::id(&mut feed)));
            payload(seq, previous, feed.rest());
        }
        2 => {
            let (seq, previous) = (feed.number(), HeadHash(values::id(&mut feed)));
            let value = values::head_payload(&mut feed);
            let read = payload(seq, previous, &to_cbor(&value));
            assert_eq!(read, Some(value), "it reads back as written");
        }
        _ => {
            // Signed by the right key over an envelope that says anything.
            let Ok(mut envelope) = Envelope::decode(feed.rest()) else { return };
            envelope.vault = forge().vault;
            envelope.writer = forge().ring.writer_public();
            forge().sign(&mut envelope);
            drop(seal::open_head(&forge().ring, &envelope));
        }
    }
}

fn envelope(bytes: &[u8]) {
    let Ok(read) = Envelope::decode(bytes) else { return };
    let written = to_cbor(&read);
    assert_eq!(Envelope::decode(&written).as_ref(), Ok(&read), "it reads back as written");
    assert_eq!(Envelope::decode(&written).map(|again| again.hash()), Ok(read.hash()));
    if seal::open_head(&forge().ring, &read).is_ok() {
        assert!(seal::verify_signature(&read, &forge().ring.writer_public()));
    }
}

fn payload(seq: u64, previous: HeadHash, bytes: &[u8]) -> Option<HeadPayload> {
    let envelope = forge().head(seq, previous, bytes);
    let read = seal::open_head(&forge().ring, &envelope).ok()?;
    let again: HeadPayload = from_cbor("head payload", &to_cbor(&read)).expect("just written");
    assert_eq!(again, read, "it reads back as written");
    Some(read)
}

/// The golden volumes' heads, and payloads of each shape.
pub fn seeds() -> Vec<Seed> {
    let mut all = Vec::new();
    for head in seeds::golden(|name| name.ends_with(".head")).into_iter().take(4) {
        all.push([&[0][..], &head].concat());
        all.push([&[3][..], &head].concat());
    }
    for (_, value) in seeds::feeds() {
        all.push([&[2][..], &value].concat());
        let cbor = to_cbor(&values::head_payload(&mut Feed::new(&value)));
        all.push([&[1, 1, 1][..], &cbor].concat());
    }
    all
}
