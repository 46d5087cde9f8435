//! What is kept about friends beside the packs.

use seal::{KeyRing, Words, open_beside, seal_beside};
use types::VaultId;

use crate::support::Seeded;

#[test]
fn only_the_keys_of_the_vault_open_it_and_a_changed_byte_is_noticed() {
    let rng = Seeded::new(7);
    let ring = |vault: u8| {
        let words = Words::generate(&rng);
        KeyRing::create(VaultId([vault; 16]), &words, None, &rng).1
    };
    let (ours, theirs) = (ring(1), ring(1));
    let sealed = seal_beside(&ours, b"who keeps what", &rng);
    assert_eq!(open_beside(&ours, &sealed).unwrap().as_slice(), b"who keeps what");
    assert!(!sealed.windows(3).any(|part| part == b"who"), "nothing is in the clear");
    assert!(open_beside(&theirs, &sealed).is_none());
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(open_beside(&ours, &changed).is_none(), "byte {at}");
    }
}
