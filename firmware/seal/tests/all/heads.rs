//! Heads: who may write one, and what a changed one is worth.

use format::head::{Envelope, HeadPayload};
use format::to_cbor;
use seal::{HeadError, KeyRing, Secret, Words, open_head, seal_head, verify_signature};
use types::{HeadHash, UnixTime, VaultId};

use crate::support::{Seeded, VAULT};

pub(crate) fn payload() -> HeadPayload {
    HeadPayload {
        commit_seq: 41,
        commit_hash: [3; 32],
        state: None,
        recent: Vec::new(),
        gone: Vec::new(),
        volumes: Vec::new(),
        copies: 2,
        retention_floor: UnixTime(-1),
        time: UnixTime(1_700_000_000_000),
        keep: None,
        recovery: None,
    }
}

#[test]
fn a_head_opens_after_a_trip_through_its_stored_form() {
    let rng = Seeded::new(1);
    let (_, ring) = KeyRing::create(VAULT, &Words::generate(&rng), None, &rng);
    let first = seal_head(&ring, 1, HeadHash::default(), &payload(), &rng);
    let second = seal_head(&ring, 2, first.hash(), &payload(), &rng);
    for envelope in [&first, &second] {
        let read = Envelope::decode(&to_cbor(envelope)).unwrap();
        assert_eq!(open_head(&ring, &read), Ok(payload()));
        assert!(verify_signature(&read, &ring.writer_public()));
    }
    assert_ne!(first.payload, second.payload);
}

#[test]
fn a_flipped_bit_in_any_byte_of_a_head_is_refused() {
    let rng = Seeded::new(2);
    let (_, ring) = KeyRing::create(VAULT, &Words::generate(&rng), None, &rng);
    let stored = to_cbor(&seal_head(&ring, 1, HeadHash::default(), &payload(), &rng));
    for at in 0..stored.len() {
        let mut rotten = stored.clone();
        rotten[at] ^= 1 << (at % 8);
        let opened = Envelope::decode(&rotten).map(|envelope| open_head(&ring, &envelope));
        assert!(!matches!(opened, Ok(Ok(_))), "byte {at}");
    }
}

#[test]
fn each_reason_to_refuse_a_head_has_its_own_name() {
    let rng = Seeded::new(3);
    let words = Words::generate(&rng);
    let (mut file, mut ring) = KeyRing::create(VAULT, &words, None, &rng);
    let (_, stranger) = KeyRing::create(VAULT, &words, None, &rng);
    let good = seal_head(&ring, 5, HeadHash([1; 32]), &payload(), &rng);

    assert_eq!(open_head(&stranger, &good), Err(HeadError::UnknownWriter { seq: 5 }));
    let other = Envelope { vault: VaultId([8; 16]), ..good.clone() };
    assert!(matches!(open_head(&ring, &other), Err(HeadError::OtherVault { .. })));
    let later = Envelope { seq: 6, ..good.clone() };
    assert_eq!(open_head(&ring, &later), Err(HeadError::BadSignature { seq: 6 }));
    assert!(!verify_signature(&good, &stranger.writer_public()));

    // Heads of an earlier writer stay valid.
    ring.add_writer(&mut file, &rng).unwrap();
    let again = KeyRing::unlock(&file, Secret::Words(&words)).unwrap();
    assert_eq!(open_head(&again, &good), Ok(payload()));
}
