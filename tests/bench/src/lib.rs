//! What the micro-benchmarks work on: one vault's keys, and bytes that compress or do not.
//!
//! Everything is the same on every machine. It measures nothing itself; `benches/micro.rs` does,
//! with `cargo bench -p bench`. Start at [`Home`].

use format::pack::PackKind;
use seal::{KeyRing, PackIdentity, SpaceKeys, Words};
use testkit::env::SeededRng;
use types::{Rng, SpaceId, VaultId};

const VAULT: VaultId = VaultId([7; 16]);

/// Keys of a vault that exists only here.
#[derive(Debug)]
pub struct Home {
    /// All its keys.
    pub ring: KeyRing,
    /// Where the salts of its packs come from.
    pub rng: SeededRng,
    space: SpaceId,
}

impl Home {
    /// The same vault every time.
    pub fn new() -> Self {
        let rng = SeededRng::new(1);
        let (_, ring) = KeyRing::create(VAULT, &Words::generate(&rng), None, &rng);
        let space = ring.space_named(seal::FIRST_SPACE_NAME).expect("made with the vault");
        Self { ring, rng, space }
    }

    /// The keys of its first space.
    pub fn keys(&self) -> &SpaceKeys {
        self.ring.space(self.space).expect("just created, so unlocked")
    }

    /// What a data pack says of itself.
    pub fn identity(&self) -> PackIdentity {
        PackIdentity { kind: PackKind::Data, vault: VAULT, space: self.space, epoch: 0 }
    }
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

/// Bytes that do not compress.
pub fn noise(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    SeededRng::new(2).fill(&mut bytes);
    bytes
}

/// Words and lines, which compress as documents do.
pub fn text(length: usize) -> Vec<u8> {
    const WORDS: [&str; 16] = [
        "harbour", "of", "lantern", "the", "quiet", "ledger", "and", "winter", "copper", "a",
        "thread", "orchard", "in", "signal", "meadow", "by",
    ];
    let choices = noise(length / 3);
    let mut bytes = Vec::with_capacity(length + 16);
    for choice in choices.iter().cycle() {
        if bytes.len() >= length {
            break;
        }
        bytes.extend_from_slice(WORDS[usize::from(choice & 15)].as_bytes());
        bytes.push(if *choice < 24 { b'\n' } else { b' ' });
    }
    bytes.truncate(length);
    bytes
}

#[test]
fn bytes_are_as_long_as_asked_and_only_one_kind_repeats_itself() {
    let distinct = |bytes: &[u8]| {
        let mut all: Vec<&[u8]> = bytes.chunks_exact(4).collect();
        all.sort_unstable();
        all.dedup();
        all.len()
    };
    let (noise, text) = (noise(100_000), text(100_000));
    assert_eq!((noise.len(), text.len()), (100_000, 100_000));
    assert!(distinct(&noise) > 24_000 && distinct(&text) < 5_000);
}
