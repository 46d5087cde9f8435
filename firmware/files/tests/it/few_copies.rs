//! What is said of an upload while fewer disks are there than its owner wants copies on.

use files::NewUpload;
use testkit::env::noise;
use vault::Receipt;

use crate::shelf::Shelf;
use crate::uploading::{at, new};

fn on(copies: u8) -> Option<Receipt> {
    Some(Receipt { copies, wanted: 2 })
}

/// With one disk away an offset was acknowledged on one copy, and nobody was told.
#[test]
fn an_answer_says_on_how_many_disks_all_of_an_upload_is_also_when_only_its_front_is_on_fewer() {
    let mut shelf = Shelf::inline(31);
    let bytes = noise(1, 3 << 20);
    let begun = shelf.files.create(shelf.space, new("a", 3 << 20)).unwrap();
    assert_eq!(begun.receipt, on(2));
    let id = begun.id;
    let goes_on = |shelf: &Shelf, from: usize, to: usize| {
        let body = &mut &bytes[from << 20..to << 20];
        shelf.files.append(shelf.space, id, "ann", at((from << 20) as u64), body).unwrap()
    };
    assert_eq!(goes_on(&shelf, 0, 1).receipt, on(2));
    let away = shelf.disks.pop().unwrap();
    shelf.reopen();
    assert_eq!(shelf.files.upload(shelf.space, id, "ann").unwrap().receipt, on(1));
    assert_eq!(goes_on(&shelf, 1, 2).receipt, on(1));
    // It is back, and nobody has copied anything yet: new bytes are on both, those in the middle are not.
    shelf.vault().close().unwrap();
    shelf.disks.push(away);
    shelf.reopen();
    assert_eq!(shelf.files.upload(shelf.space, id, "ann").unwrap().receipt, on(1));
    let done = goes_on(&shelf, 2, 3);
    assert_eq!((done.finished.as_deref(), done.receipt), (Some(&b"a"[..]), on(1)));
    shelf.vault().rebuild(&mut |_| true).unwrap();
    assert_eq!(shelf.files.upload(shelf.space, id, "ann").unwrap().receipt, on(2));
    assert!(shelf.read(b"a") == bytes);
    // A small file that comes with its beginning, too.
    let small = NewUpload { length: Some(5), ..new("b", 5) };
    let done = shelf.files.create_with(shelf.space, small, at(0), &mut &b"small"[..]).unwrap();
    assert_eq!(done.receipt, on(2));
}
