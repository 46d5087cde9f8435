//! Bad memory: a bit flips in each buffer of a frame's making, and the frame is refused.
//!
//! Inside the crate because the flips must happen between two lines of its own code. The last test
//! shows that without the check the same flips would have been stored.

use std::sync::atomic::{AtomicU64, Ordering};

use format::pack::PackKind;
use types::{ChunkId, Rng, SpaceId, VaultId};

use super::faults::Stage;
use super::{Codecs, PackIdentity, PackOpener, PackSealer, SealError};
use crate::{KeyRing, SpaceKeys, Words};

#[derive(Debug, Default)]
struct Counter(AtomicU64);

impl Rng for Counter {
    fn fill(&self, out: &mut [u8]) {
        let draw = self.0.fetch_add(1, Ordering::Relaxed);
        blake3::Hasher::new().update(&draw.to_le_bytes()).finalize_xof().fill(out);
    }
}

struct Bench {
    ring: KeyRing,
    rng: Counter,
    codecs: Codecs,
}

impl Bench {
    fn new() -> Self {
        let rng = Counter::default();
        let (_, ring) = KeyRing::create(VaultId([1; 16]), &Words::generate(&rng), None, &rng);
        Self { ring, rng, codecs: Codecs::new() }
    }

    fn keys(&self) -> &SpaceKeys {
        self.ring.system()
    }

    fn open_pack(&self) -> (PackSealer, Vec<u8>) {
        let (kind, vault) = (PackKind::Data, self.ring.vault());
        let identity = PackIdentity { kind, vault, space: SpaceId::SYSTEM, epoch: 0 };
        let (sealer, header) = PackSealer::new(identity, self.keys(), &self.rng);
        (sealer, header.to_vec())
    }
}

/// Two objects that compress, or that do not.
fn objects(keys: &SpaceKeys, compress: bool) -> Vec<(ChunkId, Vec<u8>)> {
    let mut noise = vec![0; 700];
    Counter::default().fill(&mut noise);
    let one = if compress { b"again and ".repeat(70) } else { noise };
    [one, b"the other".to_vec()].into_iter().map(|o| (keys.chunk_id(&o), o)).collect()
}

#[test]
fn a_bit_that_flips_while_a_frame_is_made_never_gets_into_a_pack() {
    let mut bench = Bench::new();
    let mut caught = 0;
    for compress in [true, false] {
        let objects = objects(bench.keys(), compress);
        let given: Vec<(ChunkId, &[u8])> = objects.iter().map(|(id, o)| (*id, &o[..])).collect();
        let (mut sealer, mut out) = bench.open_pack();
        let header = out.clone();
        for stage in [Stage::Raw, Stage::Packed, Stage::Plain, Stage::Sealed, Stage::Head] {
            for bit in 0..1000 {
                sealer.faults.planned = Some((stage, bit * 7));
                match sealer.add_objects(&given, &mut bench.codecs, &mut out) {
                    Err(SealError::VerifyFailed { number: 0, .. }) => caught += 1,
                    // The buffer is not used, or the bit means nothing to the decompressor; what
                    // was sealed is still what was given.
                    Ok(_) => {
                        assert!(matches!(stage, Stage::Packed | Stage::Plain), "{stage:?} {bit}");
                        let opener = PackOpener::new(&out, &bench.ring).unwrap();
                        let frame = opener.read_frame(&mut bench.codecs, 128, 0, &out[..]).unwrap();
                        assert!(frame.objects().eq_by_bytes(&objects), "{stage:?} {bit}");
                        (sealer, out) = bench.open_pack();
                        continue;
                    }
                    Err(other) => panic!("{stage:?} {bit}: {other}"),
                }
                assert_eq!((sealer.len(), out.len()), (128, header.len()));
            }
        }
        sealer.faults.planned = None;
        sealer.add_objects(&given, &mut bench.codecs, &mut out).unwrap();
    }
    assert!(caught > 8_900, "{caught} of 10,000 flips; the rest changed nothing");
}

trait EqByBytes {
    fn eq_by_bytes(self, wanted: &[(ChunkId, Vec<u8>)]) -> bool;
}

impl<'a, I: Iterator<Item = super::Object<'a>>> EqByBytes for I {
    fn eq_by_bytes(self, wanted: &[(ChunkId, Vec<u8>)]) -> bool {
        self.map(|object| (object.id, object.bytes.to_vec())).eq(wanted.iter().cloned())
    }
}

#[test]
fn a_bit_that_flips_in_a_commit_or_in_the_tail_is_refused() {
    let mut bench = Bench::new();
    for (stage, bits) in
        [(Stage::Plain, 80), (Stage::Sealed, 208), (Stage::Head, 256), (Stage::Footer, 512)]
    {
        for bit in 0..bits {
            let (mut sealer, mut out) = bench.open_pack();
            sealer.faults.planned = Some((stage, bit));
            if stage != Stage::Footer {
                let refused = sealer.add_commit(b"ten bytes.", &mut bench.codecs, &mut out);
                assert!(matches!(refused, Err(SealError::VerifyFailed { .. })), "{stage:?} {bit}");
                assert_eq!(out.len(), 128);
            }
            if bit % 16 == 0 {
                let refused = sealer.finish(&mut bench.codecs, &mut out);
                assert!(matches!(refused, Err(SealError::VerifyFailed { .. })), "{stage:?} {bit}");
                assert_eq!(out.len(), 128);
            }
        }
    }
}

#[test]
fn without_the_check_the_same_flips_would_have_been_stored() {
    let mut bench = Bench::new();
    let given = objects(bench.keys(), true);
    let named: Vec<(ChunkId, &[u8])> = given.iter().map(|(id, o)| (*id, &o[..])).collect();
    let mut stored_wrong = 0;
    for stage in [Stage::Raw, Stage::Packed, Stage::Plain, Stage::Sealed, Stage::Head] {
        for bit in 0..200 {
            let (mut sealer, mut out) = bench.open_pack();
            sealer.faults.planned = Some((stage, bit * 7));
            sealer.faults.unverified = true;
            sealer.add_objects(&named, &mut bench.codecs, &mut out).unwrap();
            let opener = PackOpener::new(&out, &bench.ring).unwrap();
            let frame = opener.read_frame(&mut bench.codecs, 128, 0, &out[..]);
            if !frame.is_ok_and(|frame| frame.objects().eq_by_bytes(&given)) {
                stored_wrong += 1;
            }
        }
    }
    assert!(stored_wrong > 900, "{stored_wrong} of 1,000");
}
