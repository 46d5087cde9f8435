//! Ways in that were changed on one disk while another was away: the later turn counts.

use seal::{KeyRing, Secret, SlotName, Words};

use crate::keys::{TURN, Vault, vault};

/// Each sheet may be the only one that its owner still has: where two disks were given new words apart from
/// each other, both open what comes of it; an older state of the keys brings its old words back to nobody.
#[test]
fn words_that_were_made_apart_both_open_and_older_ones_do_not_come_back() {
    let Vault { mut file, mut ring, words, rng } = vault(11);
    let old = file.clone();
    let mut apart = file.clone();
    let (here, there) = (Words::generate(&rng), Words::generate(&rng));
    ring.replace_slots(&mut file, Secret::Words(&here), &rng).unwrap();
    ring.absorb(&mut file, &old, &rng).unwrap();
    assert_eq!((file.generation, file.slots.len()), (TURN + 2, 1), "the old ones are gone");
    ring.replace_slots(&mut apart, Secret::Words(&there), &rng).unwrap();
    ring.absorb(&mut file, &apart, &rng).unwrap();
    assert_eq!(file.generation, TURN + 3);
    assert!(KeyRing::unlock(&file, Secret::Words(&here)).is_ok());
    assert!(KeyRing::unlock(&file, Secret::Words(&there)).is_ok());
    assert!(KeyRing::unlock(&file, Secret::Words(&words)).is_err());
    assert!(ring.lacks_some_of(&apart, &file), "it is not written over by either");
}

/// New words were made while a disk was away, and more happened on that disk than on the one that has them:
/// its old words were taken for the newer ones, and the sheet in hand opened nothing any more.
#[test]
fn new_words_hold_however_much_happened_where_nobody_knew_of_them() {
    let Vault { mut file, mut ring, words, rng } = vault(13);
    let (mut away, mut ring_away) = (file.clone(), ring.turned_to(&file).unwrap());
    let new = Words::generate(&rng);
    ring.replace_slots(&mut file, Secret::Words(&new), &rng).unwrap();
    for name in ["ann", "ben", "cem"] {
        ring_away.add_space(&mut away, name, &rng).unwrap();
    }
    assert!(ring.lacks_some_of(&file, &away), "three spaces");
    // Whichever is opened first.
    let mut first = away.clone();
    ring_away.absorb(&mut first, &file, &rng).unwrap();
    ring.absorb(&mut file, &away, &rng).unwrap();
    for joined in [&first, &file] {
        assert!(KeyRing::unlock(joined, Secret::Words(&words)).is_err());
        let opened = KeyRing::unlock(joined, Secret::Words(&new)).unwrap();
        assert!(opened.space_named("cem").is_some());
        assert!(joined.generation > away.generation);
    }
}

/// A password that was taken away does not come back with a disk that was away meanwhile.
#[test]
fn a_way_in_that_was_taken_away_does_not_come_back() {
    let Vault { mut file, mut ring, rng, .. } = vault(14);
    ring.add_slot(&mut file, Secret::Password(b"a password"), &rng).unwrap();
    let away = file.clone();
    ring.remove_slots(&mut file, SlotName::Password).unwrap();
    ring.absorb(&mut file, &away, &rng).unwrap();
    assert!(KeyRing::unlock(&file, Secret::Password(b"a password")).is_err());
    assert!(KeyRing::unlock(&away, Secret::Password(b"a password")).is_ok());
}
