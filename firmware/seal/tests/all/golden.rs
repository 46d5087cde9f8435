//! Fixed inputs, fixed outputs: what version 1 wrote once it writes, and reads, for ever.
//!
//! A value here changes only together with a new format version. Randomness is `Seeded`: draw `n`
//! is BLAKE3's extended output of seed and `n`, both 64-bit little-endian. Nothing here compresses,
//! so that another zstd changes nothing.

use format::keys::KeyFile;
use format::pack::{Codec, PackKind};
use format::to_cbor;
use seal::chunker::MAX_LEN;
use seal::{Chunker, KeyRing, Secret, Words, open_head, seal_head};
use types::{HeadHash, SpaceId};

use crate::heads::payload;
use crate::support::{HOME, Home, Seeded, VAULT, Writing, noise};

fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_key_file_comes_out_as_it_always_did() {
    let rng = Seeded::new(42);
    let words = Words::generate(&rng);
    assert_eq!(
        words.phrase().as_str(),
        "ivory candy runway cry guard quantum crumble opinion cage \
         smile route blade object board object danger maximum dance \
         broccoli valve moral ozone crystal make"
    );
    assert_eq!(
        hex(&words.recovery_public()),
        "86efe99982b79ed4ce4402e60d67d22209231fcef8aef7bdc4e822e0effb5528"
    );
    let (file, ring) = KeyRing::create(VAULT, &words, Some(b"password"), &rng);
    assert_eq!(
        hash(&file.encode()),
        "60e1208e6e2f96b9c34748628b44591a787951cdf437bc2d01df7c46f493cb12"
    );
    assert_eq!(
        hex(&ring.writer_public()),
        "c6ff9cb4c26b48cd8fa2e0e01af88698b5199e43311c8c541dfdcb4dd2db9a4d"
    );
    let system = ring.space(SpaceId::SYSTEM).unwrap();
    assert_eq!(
        system.chunk_id(b"holdfast").to_string(),
        "8908a444c905f7ddd61d3d3885beb259cc905a65cc651ea7e145a98f3e099656"
    );
    assert_eq!(
        system.object_id(b"holdfast").to_string(),
        "4337ac63c3101d530d2156694a947f0c165120ed709ef47558c90a1951089a81"
    );
    let opened = KeyFile::decode(&file.encode()).unwrap();
    assert!(KeyRing::unlock(&opened, Secret::Password(b"password")).is_ok());
}

#[test]
fn a_head_comes_out_as_it_always_did() {
    let home = Home::new(43);
    let envelope = seal_head(&home.ring, 7, HeadHash([9; 32]), &payload(), &home.rng);
    assert_eq!(
        hash(&to_cbor(&envelope)),
        "dd71888e6d4256405c4698ec0c85a0a0840ea150530155d3be8ff6548cba7d98"
    );
    assert_eq!(open_head(&home.ring, &envelope), Ok(payload()));
}

#[test]
fn packs_come_out_as_they_always_did() {
    for (kind, golden) in [
        (PackKind::Data, "78b05fa4ef5ecbbbacb7c9961e79b847f5b438aa4f188e5e4a97fe0c59ae4af9"),
        (PackKind::Meta, "0f3186b47dd7a19bf34d893666d9ced13869e2cdcb792e4ef765e00c05f0d776"),
    ] {
        let home = Home::new(44);
        let mut writing = Writing::new(&home, kind);
        writing.objects(&home, &[noise(1, 1000), noise(2, 0), noise(3, 70_000)]);
        writing.commit(b"a commit");
        writing.objects(&home, &[noise(4, 1)]);
        assert!(writing.frames.iter().all(|frame| frame.head.codec == Codec::Raw));
        let (finished, bytes, _) = writing.finish();
        assert_eq!(finished.id.to_string(), golden);
        assert_eq!(hash(&bytes), golden);
    }
}

#[test]
fn the_chunker_cuts_where_it_always_did() {
    let bytes = noise(9, 6 << 20);
    let chunker = Chunker::new(HOME.keys());
    let (mut rest, mut lens) = (bytes.as_slice(), Vec::new());
    while !rest.is_empty() {
        let len = chunker.cut(&rest[..rest.len().min(MAX_LEN)]);
        lens.push(len);
        rest = &rest[len..];
    }
    assert_eq!(lens, [1149088, 747972, 1087644, 1652118, 1092657, 561977]);
}
