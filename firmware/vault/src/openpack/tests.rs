//! An object that the pack said it has room for is always taken, in whichever frames it ends up.

use seal::{KeyRing, Words};
use types::VaultId;

use super::*;

/// The same every time.
#[derive(Debug)]
struct Fixed;

impl Rng for Fixed {
    fn fill(&self, out: &mut [u8]) {
        out.fill(7);
    }
}

/// Bytes that do not compress.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let step = |state: &mut u64| {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        state.to_le_bytes()[3]
    };
    (0..len).map(|_| step(&mut state)).collect()
}

#[test]
fn the_longest_object_that_has_room_is_taken_behind_one_that_still_gathers() {
    let (_, ring) = KeyRing::create(VaultId([1; 16]), &Words::generate(&Fixed), None, &Fixed);
    let (kind, vault, space) = (PackKind::Data, ring.vault(), SpaceId::SYSTEM);
    let identity = PackIdentity { kind, vault, space, epoch: 0 };
    let (keys, members, mut codecs) = (ring.system(), Members::default(), Codecs::new());
    let mut pack = OpenPack::create(identity, keys, &Fixed, Vec::new(), &members);
    let bytes = noise(4 << 20);
    let mut put = |pack: &mut OpenPack, len: usize| {
        pack.put(keys.chunk_id(&bytes[..len]), &bytes[..len], &mut codecs, &members)
    };
    for len in [4 << 20, (4 << 20) - 1, (4 << 20) - 2, 300 << 10] {
        assert!(pack.has_room(len));
        put(&mut pack, len).unwrap();
    }
    assert!(pack.has_room(1 << 20) && !pack.has_room(4 << 20), "the limit lies between the two");
    let (mut fits, mut too_long) = (1 << 20, 4 << 20);
    while too_long - fits > 1 {
        let middle = usize::midpoint(fits, too_long);
        *(if pack.has_room(middle) { &mut fits } else { &mut too_long }) = middle;
    }
    put(&mut pack, fits).unwrap();
    assert_eq!(pack.gathering.len(), 0, "what gathered and the object became two frames");
    assert!(pack.seal(&mut codecs, &members).unwrap().finished.len > 15 << 20);
}
