//! A seeded source of randomness, a small vault, and packs to try things on.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use format::pack::{HEADER_LEN, PackKind};
use seal::{Codecs, FinishedPack, KeyRing, PackIdentity, PackSealer, SealedFrame, Words};
use types::{ChunkId, Rng, SpaceId, VaultId};

/// The vault of all tests.
pub(crate) const VAULT: VaultId = VaultId([7; 16]);

/// Draw `n` is BLAKE3 (extended output) of seed and `n`, so that any language can repeat it.
#[derive(Clone, Debug)]
pub(crate) struct Seeded {
    seed: u64,
    draws: Arc<AtomicU64>,
}

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, draws: Arc::new(AtomicU64::new(0)) }
    }
}

impl Rng for Seeded {
    fn fill(&self, out: &mut [u8]) {
        let draw = self.draws.fetch_add(1, Ordering::Relaxed);
        let input = [self.seed.to_le_bytes(), draw.to_le_bytes()].concat();
        blake3::Hasher::new().update(&input).finalize_xof().fill(out);
    }
}

/// `len` bytes that do not compress.
pub(crate) fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut out = vec![0; len];
    Seeded::new(seed).fill(&mut out);
    out
}

/// `len` bytes that compress well and differ by seed.
pub(crate) fn text(seed: u64, len: usize) -> Vec<u8> {
    let words = noise(seed, 64);
    (0..len).map(|at| b'a' + words[(at * at / 7) % 64] % 20).collect()
}

/// An unlocked vault with one person's space.
pub(crate) struct Home {
    pub(crate) ring: KeyRing,
    pub(crate) space: SpaceId,
    pub(crate) rng: Seeded,
}

impl Home {
    pub(crate) fn new(seed: u64) -> Self {
        let rng = Seeded::new(seed);
        let (_, ring) = KeyRing::create(VAULT, &Words::generate(&rng), None, &rng);
        let space = ring.space_named("everyone").expect("made with the vault");
        Self { ring, space, rng }
    }

    pub(crate) fn keys(&self) -> &seal::SpaceKeys {
        self.ring.space(self.space).expect("unlocked")
    }

    pub(crate) fn identity(&self, kind: PackKind) -> PackIdentity {
        PackIdentity { kind, vault: VAULT, space: self.space, epoch: 0 }
    }
}

/// The vault that most tests use; making one costs a signature key.
pub(crate) static HOME: LazyLock<Home> = LazyLock::new(|| Home::new(1));

/// A pack being written, with all its bytes.
pub(crate) struct Writing {
    pub(crate) sealer: PackSealer,
    pub(crate) codecs: Codecs,
    pub(crate) bytes: Vec<u8>,
    pub(crate) frames: Vec<SealedFrame>,
    kind: PackKind,
}

impl Writing {
    pub(crate) fn new(home: &Home, kind: PackKind) -> Self {
        let (sealer, header) = PackSealer::new(home.identity(kind), home.keys(), &home.rng);
        assert_eq!(header.len(), HEADER_LEN);
        let codecs = Codecs::new();
        Self { sealer, codecs, bytes: header.to_vec(), frames: Vec::new(), kind }
    }

    pub(crate) fn objects(&mut self, home: &Home, objects: &[Vec<u8>]) -> Vec<ChunkId> {
        let named: Vec<(ChunkId, &[u8])> =
            objects.iter().map(|o| (home.keys().id_in(self.kind, o), o.as_slice())).collect();
        let frame = self.sealer.add_objects(&named, &mut self.codecs, &mut self.bytes);
        self.frames.push(frame.expect("there is room"));
        named.into_iter().map(|(id, _)| id).collect()
    }

    pub(crate) fn commit(&mut self, cbor: &[u8]) {
        let frame = self.sealer.add_commit(cbor, &mut self.codecs, &mut self.bytes);
        self.frames.push(frame.expect("there is room"));
    }

    pub(crate) fn finish(mut self) -> (FinishedPack, Vec<u8>, Codecs) {
        let finished = self.sealer.finish(&mut self.codecs, &mut self.bytes);
        (finished.expect("there is room"), self.bytes, self.codecs)
    }
}
