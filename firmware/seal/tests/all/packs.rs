//! Packs: what goes in comes out, and what does not fit is refused beforehand.

use std::io;

use format::pack::{FrameType, HEADER_LEN, PackKind, SIZE_MAX, SIZE_STEP};
use proptest::prelude::*;
use seal::{Codecs, OpenError, PackOpener, PackSealer, PrefixEnd, ReadError, SealError};
use types::PackId;

use crate::support::{HOME, Home, Writing, noise, text};

/// Reads everything back through the trailer and compares it with what was put in.
fn assert_reads_back(home: &Home, bytes: &[u8], codecs: &mut Codecs, given: &[Vec<Vec<u8>>]) {
    let opener = PackOpener::new(bytes, &home.ring).expect("just sealed");
    let trailer = opener.read_trailer(codecs, bytes.len() as u64, bytes).expect("just sealed");
    assert_eq!(trailer.frames.len(), given.len());
    for (listed, objects) in trailer.frames.iter().zip(given) {
        let frame = opener
            .read_frame(codecs, listed.offset.into(), listed.number, bytes)
            .expect("just sealed");
        assert_eq!((frame.head, &frame.table), (listed.head, &listed.objects));
        assert_eq!(frame.objects().count(), objects.len());
        for (at, (object, wanted)) in frame.objects().zip(objects).enumerate() {
            assert_eq!(object.bytes, wanted);
            assert!(object.verify(opener.space_keys()));
            assert_eq!(frame.object(at).expect("just sealed").bytes, wanted);
        }
        assert!(frame.object(objects.len()).is_none());
    }
}

fn object() -> impl Strategy<Value = Vec<u8>> {
    let len = prop_oneof![Just(0), 1_usize..100, 1_usize..20_000, 60_000_usize..150_000];
    (any::<u64>(), len, any::<bool>()).prop_map(|(seed, len, compresses)| {
        if compresses { text(seed, len) } else { noise(seed, len) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_objects_come_back_as_they_were_given(
        given in prop::collection::vec(prop::collection::vec(object(), 0..12), 0..6),
        meta: bool,
    ) {
        let mut writing = Writing::new(&HOME, if meta { PackKind::Meta } else { PackKind::Data });
        for objects in &given {
            writing.objects(&HOME, objects);
        }
        let before = writing.bytes.len();
        prop_assert_eq!(writing.sealer.len(), before as u64);
        let (finished, bytes, mut codecs) = writing.finish();
        prop_assert_eq!(finished.len, bytes.len() as u64);
        prop_assert_eq!(finished.id, PackId(*blake3::hash(&bytes).as_bytes()));
        prop_assert!(finished.len.is_multiple_of(SIZE_STEP) && finished.len <= SIZE_MAX);
        prop_assert!(bytes.len() - before <= usize::try_from(SIZE_STEP).unwrap() * 2);
        assert_reads_back(&HOME, &bytes, &mut codecs, &given);
    }
}

#[test]
fn the_largest_chunk_comes_back_whether_or_not_it_compresses() {
    for chunk in [noise(1, 4 << 20), text(2, 4 << 20), vec![0; 4 << 20]] {
        let mut writing = Writing::new(&HOME, PackKind::Data);
        let given = vec![vec![chunk], vec![Vec::new()], Vec::new()];
        for objects in &given {
            writing.objects(&HOME, objects);
        }
        let (_, bytes, mut codecs) = writing.finish();
        assert_reads_back(&HOME, &bytes, &mut codecs, &given);
    }
}

#[test]
fn text_takes_less_room_and_noise_hardly_more() {
    let mut writing = Writing::new(&HOME, PackKind::Data);
    writing.objects(&HOME, &[text(1, 1 << 20)]);
    assert!(writing.bytes.len() < 1 << 19, "{}", writing.bytes.len());
    let before = writing.bytes.len();
    writing.objects(&HOME, &[noise(1, 1 << 20)]);
    assert!(writing.bytes.len() - before < (1 << 20) + 128);
}

#[test]
fn a_scan_finds_what_the_trailer_lists_and_every_commit() {
    let mut writing = Writing::new(&HOME, PackKind::Meta);
    writing.objects(&HOME, &[text(1, 3000), noise(2, 100)]);
    writing.commit(b"first");
    writing.objects(&HOME, &[text(3, 90_000)]);
    writing.commit(b"second");
    let opener = PackOpener::new(&writing.bytes, &HOME.ring).unwrap();
    let open = opener
        .scan_prefix(&mut writing.codecs, writing.bytes.len() as u64, &writing.bytes[..])
        .unwrap();
    assert_eq!((open.end, open.good_len), (PrefixEnd::Open, writing.bytes.len() as u64));
    assert_eq!(open.commits, [(1, b"first".to_vec()), (3, b"second".to_vec())]);
    let (finished, bytes, mut codecs) = writing.finish();
    let whole = opener.scan_prefix(&mut codecs, finished.len, &bytes[..]).unwrap();
    assert_eq!((whole.end, whole.good_len), (PrefixEnd::Complete, finished.len));
    assert_eq!((&whole.frames, &whole.commits), (&open.frames, &open.commits));
    assert_eq!(whole.frames, finished.trailer.frames);
    assert_eq!(whole.frames[1].head.frame_type, FrameType::Commit);
}

#[test]
fn a_pack_is_filled_to_its_last_step_and_never_over_it() {
    let mut writing = Writing::new(&HOME, PackKind::Data);
    let mut frames = 0;
    for len in [4 << 20, 1 << 20, 100_000, 1000, 1] {
        let objects = [noise(7, len)];
        while writing.sealer.room_for(len, 1) {
            writing.objects(&HOME, &objects);
            frames += 1;
        }
        let id = HOME.keys().chunk_id(&objects[0]);
        let before = writing.bytes.len();
        let refused = writing.sealer.add_objects(
            &[(id, &objects[0])],
            &mut writing.codecs,
            &mut writing.bytes,
        );
        assert!(matches!(refused, Err(SealError::Full { .. })), "{refused:?}");
        assert_eq!(writing.bytes.len(), before);
    }
    let (finished, bytes, mut codecs) = writing.finish();
    assert_eq!((finished.len, finished.trailer.frames.len()), (SIZE_MAX, frames));
    let opener = PackOpener::new(&bytes, &HOME.ring).unwrap();
    let trailer = opener.read_trailer(&mut codecs, finished.len, &bytes[..]).unwrap();
    assert_eq!(trailer, finished.trailer);
}

#[test]
fn a_pack_of_empty_objects_closes_before_its_trailer_outgrows_a_frame() {
    let mut writing = Writing::new(&HOME, PackKind::Meta);
    let empty = HOME.keys().object_id(b"");
    let many: Vec<(types::ChunkId, &[u8])> = vec![(empty, b""); 20_000];
    while writing.sealer.room_for(0, many.len()) {
        writing.sealer.add_objects(&many, &mut writing.codecs, &mut writing.bytes).unwrap();
    }
    let (finished, bytes, mut codecs) = writing.finish();
    let opener = PackOpener::new(&bytes, &HOME.ring).unwrap();
    let trailer = opener.read_trailer(&mut codecs, finished.len, &bytes[..]).unwrap();
    assert_eq!(trailer, finished.trailer);
}

#[test]
fn a_frame_over_the_limit_is_refused() {
    let mut writing = Writing::new(&HOME, PackKind::Data);
    let big = vec![0; (6 << 20) + 1];
    let id = HOME.keys().chunk_id(&big);
    let refused =
        writing.sealer.add_objects(&[(id, &big)], &mut writing.codecs, &mut writing.bytes);
    assert!(matches!(refused, Err(SealError::TooLarge { objects: 1, .. })), "{refused:?}");
    assert_eq!(writing.bytes.len(), HEADER_LEN);
    assert!(writing.sealer.is_empty());
}

#[test]
fn bytes_that_changed_since_they_were_named_are_not_stored() {
    let mut writing = Writing::new(&HOME, PackKind::Data);
    let good = noise(1, 5000);
    let id = HOME.keys().chunk_id(&good);
    for bit in [0, 17, 39_999] {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        let refused =
            writing.sealer.add_objects(&[(id, &bad)], &mut writing.codecs, &mut writing.bytes);
        assert!(matches!(refused, Err(SealError::VerifyFailed { number: 0, .. })), "{refused:?}");
        assert_eq!(writing.bytes.len(), HEADER_LEN);
    }
    // An id of the other kind of pack is as wrong as a flipped bit.
    let id = HOME.keys().object_id(&good);
    let refused =
        writing.sealer.add_objects(&[(id, &good)], &mut writing.codecs, &mut writing.bytes);
    assert!(matches!(refused, Err(SealError::VerifyFailed { .. })), "{refused:?}");
    writing.objects(&HOME, std::slice::from_ref(&good));
    let (_, bytes, mut codecs) = writing.finish();
    assert_reads_back(&HOME, &bytes, &mut codecs, &[vec![good]]);
}

#[test]
fn a_pack_opens_with_its_own_space_and_vault_only() {
    let mut writing = Writing::new(&HOME, PackKind::Data);
    writing.objects(&HOME, &[b"x".to_vec()]);
    let (_, bytes, _) = writing.finish();
    // Another vault's keys under the same vault id: only the space's random id differs.
    let stranger = Home::new(77);
    let refused = PackOpener::new(&bytes, &stranger.ring).unwrap_err();
    assert_eq!(refused, OpenError::UnknownSpace { space: HOME.space });
    // Claiming a space that the stranger does have fails by the commitment, before any decryption.
    let mut forged = bytes.clone();
    forged[32..48].copy_from_slice(&stranger.space.0);
    let refused = PackOpener::new(&forged, &stranger.ring).unwrap_err();
    assert_eq!(refused, OpenError::WrongKey { space: stranger.space });
    let mut forged = bytes.clone();
    forged[16] ^= 1;
    assert!(matches!(PackOpener::new(&forged, &HOME.ring), Err(OpenError::OtherVault { .. })));
    let mut forged = bytes;
    forged[48] = 1;
    let refused = PackOpener::new(&forged, &HOME.ring).unwrap_err();
    assert_eq!(refused, OpenError::UnknownEpoch { epoch: 1 });
}

#[test]
fn no_two_packs_share_a_salt_and_the_same_content_makes_other_bytes() {
    let mut salts = std::collections::HashSet::new();
    for _ in 0..200 {
        let identity = HOME.identity(PackKind::Data);
        let (_, header) = PackSealer::new(identity, HOME.keys(), &HOME.rng);
        assert!(salts.insert(header[64..96].to_vec()));
    }
    let sealed = || {
        let mut writing = Writing::new(&HOME, PackKind::Data);
        writing.objects(&HOME, &[noise(5, 1000)]);
        writing.bytes.split_off(HEADER_LEN)
    };
    assert_ne!(sealed(), sealed());
}

#[test]
fn a_disk_that_refuses_is_told_apart_from_bytes_that_are_wrong() {
    let mut writing = Writing::new(&HOME, PackKind::Data);
    writing.objects(&HOME, &[noise(1, 1000)]);
    let (finished, bytes, mut codecs) = writing.finish();
    let opener = PackOpener::new(&bytes, &HOME.ring).unwrap();
    let failing = |_: u64, _: &mut [u8]| -> io::Result<usize> { Err(io::ErrorKind::Other.into()) };
    let error = opener.read_frame(&mut codecs, 128, 0, &failing).unwrap_err();
    assert!(matches!(error, ReadError::Io { offset: 128, .. }), "{error}");
    assert!(matches!(
        opener.scan_prefix(&mut codecs, finished.len, &failing),
        Err(ReadError::Io { .. })
    ));
    assert!(matches!(
        opener.read_trailer(&mut codecs, finished.len, &failing),
        Err(ReadError::Io { .. })
    ));
    // One byte at a time is slow, not wrong.
    let drop_by_drop = |offset: u64, buf: &mut [u8]| -> io::Result<usize> {
        let at = usize::try_from(offset).unwrap();
        let Some(byte) = bytes.get(at) else { return Ok(0) };
        buf[0] = *byte;
        Ok(1)
    };
    assert!(opener.read_frame(&mut codecs, 128, 0, &drop_by_drop).is_ok());
    let error = opener.read_frame(&mut codecs, 129, 0, &bytes[..]).unwrap_err();
    assert_eq!(error.to_string(), "the head of frame 0 is damaged or forged");
    // The right bytes under the wrong number do not open either.
    let error = opener.read_frame(&mut codecs, 128, 1, &bytes[..]).unwrap_err();
    assert!(matches!(error, ReadError::Damaged { .. }), "{error}");
}

#[test]
fn a_frame_read_in_one_piece_is_the_same_frame() {
    let mut writing = Writing::new(&HOME, PackKind::Data);
    writing.objects(&HOME, &[text(1, 9000), noise(2, 10)]);
    let end = HEADER_LEN + usize::try_from(writing.frames[0].head.sealed_len()).unwrap();
    let sealed = writing.bytes[HEADER_LEN..end].to_vec();
    let opener = PackOpener::new(&writing.bytes, &HOME.ring).unwrap();
    let frame = opener.open_frame(&mut writing.codecs, 0, sealed.clone()).unwrap();
    assert_eq!(frame.payload(), [text(1, 9000), noise(2, 10)].concat());
    let short = sealed[..sealed.len() - 1].to_vec();
    let error = opener.open_frame(&mut writing.codecs, 0, short).unwrap_err();
    assert!(matches!(error, ReadError::Short { .. }), "{error}");
}
