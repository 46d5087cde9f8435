//! What the vault's disks keep about friends, for a box that lost its own disk.

use std::collections::BTreeMap;

use friends::mirror::{Mirror, Secret, is_fresh};
use friends::notes::Notes;
use types::UnixTime;
use zeroize::Zeroizing;

fn mirror() -> Mirror {
    let mut notes = Notes { mirrored: 9, ..Notes::default() };
    notes.friend("0a", "attic", UnixTime(5));
    let logs = BTreeMap::from([
        ("0a".to_owned(), vec![b"pact".to_vec(), Vec::new()]),
        ("0b".to_owned(), vec![]),
    ]);
    Mirror { turn: 9, secret: Secret(Zeroizing::new([7; 32])), notes, logs }
}

#[test]
fn what_was_written_is_read_again_and_nothing_that_is_cut_or_longer_is() {
    let bytes = mirror().bytes().unwrap();
    assert_eq!(Mirror::of(&bytes), Some(mirror()));
    for len in 0..bytes.len() {
        assert_eq!(Mirror::of(&bytes[..len]), None, "{len}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(Mirror::of(&longer), None);
    let newer = [&[9, 9], &bytes[2..]].concat();
    assert_eq!(Mirror::of(&newer), None, "of a version that nobody here knows");
    assert!(!format!("{:?}", mirror()).contains("7, 7"), "the key is shown to nobody");
}

#[test]
fn it_counts_only_in_a_box_that_has_nothing_of_its_own() {
    let new = Notes::default();
    assert!(is_fresh(&new, 0));
    assert!(!is_fresh(&new, 1), "there are records: whatever they say is newer");
    let mut some = Notes::default();
    some.friend("0a", "attic", UnixTime(5));
    assert!(
        !is_fresh(&some, 0),
        "there is a friend whose records are lost: that is told, not hidden"
    );
    let kept = Notes { mirrored: 3, ..Notes::default() };
    assert!(!is_fresh(&kept, 0), "it has forgotten its friends itself");
    some.restoring = true;
    assert!(is_fresh(&some, 1), "a cut came between");
}
