//! Pruning beside uploads: what is being uploaded stays, what was given up goes.

use testkit::env::noise;
use types::{Bytes, Millis};
use vault::{CheckOptions, PruneOptions};

use crate::shelf::Shelf;
use crate::uploading::{at, new};

/// Prunes until nothing waits any more; the bytes that went.
fn prune(shelf: &Shelf) -> Bytes {
    let options =
        PruneOptions { grace: Some(Millis(0)), allow_large: true, ..PruneOptions::default() };
    let mut freed = Bytes(0);
    // A catalog that was built anew has to be checked first.
    shelf.vault().check(CheckOptions::default(), &mut |_| true).unwrap();
    for _ in 0..4 {
        shelf.clock.pass(Millis::from_secs(60));
        freed.0 += shelf.vault().prune(options, &mut |_| true).unwrap().freed.0;
    }
    freed
}

#[test]
fn pruning_never_takes_what_a_live_upload_has_and_takes_what_was_given_up() {
    let mut shelf = Shelf::inline(40);
    let bytes = noise(9, 6 << 20);
    let id = shelf.files.create(shelf.space, new("a", 6 << 20)).unwrap().id;
    let mut offset = 0;
    for part in bytes.chunks(2 << 20) {
        // Nothing but the bench knows of these bytes.
        prune(&shelf);
        shelf.reopen();
        let state = shelf.files.append(shelf.space, id, "ann", at(offset), &mut &*part).unwrap();
        offset = state.offset;
    }
    prune(&shelf);
    shelf.reopen();
    assert!(shelf.read(b"a") == bytes);
    let other = noise(10, 6 << 20);
    let id = shelf.files.create(shelf.space, new("b", 7 << 20)).unwrap().id;
    shelf.files.append(shelf.space, id, "ann", at(0), &mut &*other).unwrap();
    prune(&shelf);
    let kept = shelf.vault().on_bench(shelf.space, id.to_string().as_bytes()).unwrap().unwrap();
    let mut seen = Vec::new();
    let mut visit = |piece: &[u8]| {
        seen.extend_from_slice(piece);
        Ok(())
    };
    shelf.vault().visit_range(shelf.space, &kept, 0, u64::MAX, &mut visit).unwrap();
    assert!(seen == other, "it is still waited for");
    shelf.files.terminate(shelf.space, id, "ann").unwrap();
    assert!(prune(&shelf).0 >= 6 << 20, "it was given up, and no version keeps it");
    assert!(shelf.read(b"a") == bytes);
}
