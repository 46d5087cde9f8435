//! What one upload does, and does not do: checksums, times, pieces, owners, ends, two at once.

use files::{Append, At, Checksum, IfExists, Kind, NewUpload, UploadId, UploadWord};
use testkit::env::noise;
use types::{Bytes, Millis};

use crate::shelf::Shelf;

pub(crate) fn new(path: &str, length: u64) -> NewUpload {
    NewUpload {
        owner: "ann".into(),
        length: Some(length),
        source: "pictures".into(),
        path: path.as_bytes().to_vec(),
        ..NewUpload::default()
    }
}

pub(crate) fn at(offset: u64) -> Append {
    Append { offset, ..Append::default() }
}

fn word(key: &str, value: &[u8]) -> UploadWord {
    UploadWord { key: key.into(), value: value.to_vec().into() }
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).to_vec()
}

#[test]
fn an_upload_goes_on_where_it_stood_and_becomes_a_file_with_its_time_and_words() {
    let mut shelf = Shelf::inline(10);
    let bytes = noise(1, 300_000);
    let words = vec![
        word("mtime", b"1500000000123"),
        word("filetype", b"image/png"),
        word("camera", "K\u{f6}ln".as_bytes()),
        word("sha256", &sha256(&bytes)),
    ];
    let begun = shelf.files.create(shelf.space, NewUpload { words, ..new("2024/a.png", 300_000) });
    let id = begun.unwrap().id;
    let state = shelf.files.append(shelf.space, id, "ann", at(0), &mut &bytes[..100_000]).unwrap();
    assert_eq!((state.offset, state.finished), (100_000, None));
    shelf.reopen();
    let state = shelf.files.upload(shelf.space, id, "ann").unwrap();
    assert_eq!(state.offset, 100_000);
    let wrong =
        shelf.files.append(shelf.space, id, "ann", at(99_999), &mut &bytes[..1]).unwrap_err();
    assert_eq!(wrong.kind(), Kind::Conflict);
    let state =
        shelf.files.append(shelf.space, id, "ann", at(100_000), &mut &bytes[100_000..]).unwrap();
    assert_eq!(state.finished.as_deref(), Some(&b"2024/a.png"[..]));
    assert!(shelf.read(b"2024/a.png") == bytes);
    let shown = shelf.files.open(&shelf.place(), &At::Newest, b"2024/a.png").unwrap().shown;
    assert_eq!((shown.mtime.secs, shown.mtime.nanos), (1_500_000_000, 123_000_000));
    assert_eq!(shown.mime.as_deref(), Some("image/png"));
    // Told again what it became, and nothing of it is left on the bench.
    let again = shelf.files.upload(shelf.space, id, "ann").unwrap();
    assert_eq!((again.offset, again.finished.as_deref()), (300_000, Some(&b"2024/a.png"[..])));
    assert_eq!(
        shelf.vault().on_bench(shelf.space, id.to_string().as_bytes()).unwrap().unwrap().size,
        0
    );
}

#[test]
fn bytes_with_a_wrong_checksum_are_not_kept_and_right_ones_are() {
    let shelf = Shelf::inline(11);
    // Longer than a part, so that some of it is on a disk before it can be compared.
    let bytes = noise(2, 20 << 20);
    let id = shelf.files.create(shelf.space, new("a", 20 << 20)).unwrap().id;
    let sum = |value| Append { checksum: Checksum::new("sha256", value), ..Append::default() };
    for len in [1_000, 10 << 20, 20 << 20] {
        let sent = sum(sha256(b"something else"));
        let error =
            shelf.files.append(shelf.space, id, "ann", sent, &mut &bytes[..len]).unwrap_err();
        assert_eq!(error.kind(), Kind::Checksum);
        assert_eq!(shelf.files.upload(shelf.space, id, "ann").unwrap().offset, 0);
    }
    let sent = sum(sha256(&bytes[..9 << 20]));
    let state = shelf.files.append(shelf.space, id, "ann", sent, &mut &bytes[..9 << 20]).unwrap();
    assert_eq!(state.offset, 9 << 20);
    let sent = Append { offset: 9 << 20, ..sum(sha256(&bytes[9 << 20..])) };
    let state = shelf.files.append(shelf.space, id, "ann", sent, &mut &bytes[9 << 20..]).unwrap();
    assert!(state.finished.is_some() && shelf.read(b"a") == bytes);
}

#[test]
fn a_file_that_is_not_what_was_announced_is_never_made() {
    let shelf = Shelf::inline(12);
    let words = vec![word("sha256", &sha256(b"hello"))];
    let id = shelf.files.create(shelf.space, NewUpload { words: words.clone(), ..new("a", 5) });
    let id = id.unwrap().id;
    let error = shelf.files.append(shelf.space, id, "ann", at(0), &mut &b"hellO"[..]).unwrap_err();
    assert_eq!(error.kind(), Kind::Checksum);
    assert_eq!(shelf.files.upload(shelf.space, id, "ann").unwrap_err().kind(), Kind::NotFound);
    let right = NewUpload { words, ..new("a", 5) };
    let state = shelf.files.create_with(shelf.space, right, at(0), &mut &b"hello"[..]).unwrap();
    assert_eq!(state.finished.as_deref(), Some(&b"a"[..]));
    assert_eq!(shelf.names(b""), [b"a"]);
}

#[test]
fn pieces_sent_in_any_order_become_one_file() {
    let mut shelf = Shelf::inline(13);
    let bytes = noise(3, 3 << 20);
    let piece = |_: usize| NewUpload { piece: true, length: Some(1 << 20), ..new("", 0) };
    let ids: Vec<UploadId> =
        (0..3).map(|n| shelf.files.create(shelf.space, piece(n)).unwrap().id).collect();
    let joined = shelf.files.concat(shelf.space, new("film", 0), &ids).unwrap_err();
    assert_eq!(joined.kind(), Kind::Bad, "they have not come to their ends");
    for n in [2, 0, 1] {
        let part = &bytes[n << 20..(n + 1) << 20];
        let state = shelf.files.append(shelf.space, ids[n], "ann", at(0), &mut &*part).unwrap();
        assert_eq!((state.offset, state.finished), (1 << 20, None));
    }
    shelf.reopen();
    for _ in 0..2 {
        // Sent again because the answer was lost, it is the same file and no second one.
        let state = shelf.files.concat(shelf.space, new("film", 0), &ids).unwrap();
        assert_eq!((state.offset, state.finished.as_deref()), (3 << 20, Some(&b"film"[..])));
    }
    assert!(shelf.read(b"film") == bytes);
    assert_eq!(shelf.names(b""), [b"film"]);
    let foreign = NewUpload { owner: "eve".into(), ..new("theirs", 0) };
    assert_eq!(shelf.files.concat(shelf.space, foreign, &ids).unwrap_err().kind(), Kind::NotFound);
}

#[test]
fn an_upload_is_its_owners_alone() {
    let shelf = Shelf::inline(14);
    let id = shelf.files.create(shelf.space, new("a", 5)).unwrap().id;
    let files = &shelf.files;
    let refused = [
        files.upload(shelf.space, id, "eve").unwrap_err(),
        files.append(shelf.space, id, "eve", at(0), &mut &b"x"[..]).unwrap_err(),
        files.terminate(shelf.space, id, "eve").unwrap_err(),
    ];
    assert!(refused.iter().all(|error| error.kind() == Kind::NotFound));
    files.terminate(shelf.space, id, "ann").unwrap();
    assert_eq!(files.upload(shelf.space, id, "ann").unwrap_err().kind(), Kind::NotFound);
}

#[test]
fn more_than_was_announced_or_than_there_is_room_for_is_refused() {
    let shelf = Shelf::inline(15);
    let files = &shelf.files;
    let id = files.create(shelf.space, new("a", 5)).unwrap().id;
    let error = files.append(shelf.space, id, "ann", at(0), &mut &b"123456"[..]).unwrap_err();
    assert_eq!(error.kind(), Kind::TooLarge);
    let over = NewUpload { room: Some(7), ..new("b", 5) };
    assert_eq!(files.create(shelf.space, over).unwrap_err().kind(), Kind::Full, "5 wait already");
    let open = NewUpload { length: None, room: Some(100), ..new("c", 0) };
    let id = files.create(shelf.space, open).unwrap().id;
    let sent = Append { room: Some(10), ..Append::default() };
    let error = files.append(shelf.space, id, "ann", sent, &mut &[0; 11][..]).unwrap_err();
    assert_eq!(error.kind(), Kind::Full);
    let stands = files.upload(shelf.space, id, "ann").unwrap().offset;
    assert_eq!(stands, 10, "what fits is kept");
    // Its length is said with its last bytes.
    let sent = Append { length: Some(12), ..at(stands) };
    let state = files.append(shelf.space, id, "ann", sent, &mut &b"xy"[..]).unwrap();
    assert_eq!(state.finished.as_deref(), Some(&b"c"[..]));
    let put = files::NewEntry { room: Some(3), ..files::NewEntry::default() };
    let error = files.put(&shelf.place(), b"d", put, &mut &b"1234"[..]).unwrap_err();
    assert_eq!(error.kind(), Kind::Full);
    assert_eq!(shelf.names(b""), [b"c"]);
}

#[test]
fn a_full_disk_refuses_and_keeps_what_was_acknowledged() {
    let mut shelf = Shelf::of(16, vec![Bytes(48 << 20)], vault::WriterMode::Inline);
    let bytes = noise(4, 64 << 20);
    let id = shelf.files.create(shelf.space, new("a", 64 << 20)).unwrap().id;
    let error = shelf.files.append(shelf.space, id, "ann", at(0), &mut &*bytes).unwrap_err();
    assert_eq!(error.kind(), Kind::Full, "{error}");
    let told = shelf.files.upload(shelf.space, id, "ann").unwrap().offset;
    assert!(told >= 8 << 20, "{told}");
    shelf.reopen();
    assert_eq!(shelf.files.upload(shelf.space, id, "ann").unwrap().offset, told);
    // What was stored is still there to be read, and giving it up works on a full disk.
    let kept = shelf.vault().on_bench(shelf.space, id.to_string().as_bytes()).unwrap().unwrap();
    let mut at = 0;
    let mut same = true;
    let mut compare = |piece: &[u8]| {
        same &= bytes[at..at + piece.len()] == *piece;
        at += piece.len();
        Ok(())
    };
    shelf.vault().visit_range(shelf.space, &kept, 0, told, &mut compare).unwrap();
    assert!(same && at as u64 == told);
    shelf.files.terminate(shelf.space, id, "ann").unwrap();
}

#[test]
fn what_nobody_goes_on_with_expires_after_a_week_and_not_before() {
    let shelf = Shelf::inline(17);
    let (files, space) = (&shelf.files, shelf.space);
    let id = files.create(space, new("a", 5)).unwrap().id;
    shelf.clock.pass(Millis::from_days(6));
    assert_eq!(files.sweep(space, true).unwrap().expired, 0);
    // More has come: the week begins anew.
    files.append(space, id, "ann", at(0), &mut &b"1"[..]).unwrap();
    shelf.clock.pass(Millis::from_days(6));
    assert_eq!(files.upload(space, id, "ann").unwrap().offset, 1);
    shelf.clock.pass(Millis::from_days(2));
    assert_eq!(files.upload(space, id, "ann").unwrap_err().kind(), Kind::Gone);
    assert_eq!(files.sweep(space, false).unwrap().expired, 0, "a clock that jumped ends nothing");
    assert_eq!(files.sweep(space, true).unwrap().expired, 1);
    assert_eq!(files.upload(space, id, "ann").unwrap_err().kind(), Kind::NotFound);
}

#[test]
fn a_file_that_is_there_gives_way_only_when_its_sender_says_so() {
    let shelf = Shelf::inline(18);
    let send = |new: NewUpload, bytes: &[u8]| {
        let new = NewUpload { length: Some(bytes.len() as u64), ..new };
        shelf.files.create_with(shelf.space, new, at(0), &mut &*bytes).unwrap().finished.unwrap()
    };
    let timed = |path| NewUpload { words: vec![word("mtime", b"1000")], ..new(path, 0) };
    assert_eq!(send(timed("a.jpg"), b"one"), b"a.jpg");
    assert_eq!(send(timed("a.jpg"), b"one"), b"a.jpg", "the same again is no second file");
    assert_eq!(send(timed("a.jpg"), b"two"), b"a (2).jpg");
    assert_eq!(send(timed("a.jpg"), b"two"), b"a (2).jpg");
    let replacing = NewUpload { if_exists: IfExists::Replace, ..timed("a.jpg") };
    assert_eq!(send(replacing, b"three"), b"a.jpg");
    let tag = shelf.files.open(&shelf.place(), &At::Newest, b"a.jpg").unwrap().shown.tag;
    let tied = NewUpload { expected: Some(tag), ..timed("a.jpg") };
    assert_eq!(send(tied.clone(), b"four"), b"a.jpg");
    assert_eq!(send(tied, b"five"), b"a (3).jpg", "it has changed since");
    assert_eq!(shelf.read(b"a.jpg"), b"four");
}

#[test]
fn a_picture_that_breaks_off_is_marked_and_kept_as_it_came() {
    let shelf = Shelf::inline(21);
    let mut jpeg = vec![0xff, 0xd8, 0xff, 0xe1, 0, 10, 1, 2, 0xff, 0xd9, 3, 4, 5, 6];
    jpeg.extend([0xff, 0xda, 0, 4, 0, 0]);
    jpeg.extend(vec![7; 5_000]);
    let cut = jpeg.clone();
    jpeg.extend([0xff, 0xd9]);
    let fault = |path: &str, bytes: &[u8]| {
        shelf.put(path, bytes);
        assert!(shelf.read(path.as_bytes()) == bytes);
        shelf.files.open(&shelf.place(), &At::Newest, path.as_bytes()).unwrap().shown.fault
    };
    assert_eq!(fault("whole.jpg", &jpeg), None);
    assert!(fault("cut.jpg", &cut).is_some(), "the end of the small picture within is not its end");
    let boxed = |kind: &[u8; 4], len: u32| {
        let size = [24, 16, 8, 0].map(|shift| u8::try_from((len + 8) >> shift & 0xff).unwrap());
        [&size[..], &kind[..], &vec![0; len as usize]].concat()
    };
    let film = [boxed(b"ftyp", 8), boxed(b"mdat", 900), boxed(b"moov", 50)].concat();
    assert_eq!(fault("film.mp4", &film), None);
    assert!(fault("cut.mp4", &film[..500]).is_some());
    assert!(fault("headless.mp4", &film[..916 + 8]).is_some(), "nothing says what the film is");
    let png = [&b"\x89PNG\r\n\x1a\n"[..], &[1; 100], &b"\0\0\0\0IEND\xae\x42\x60\x82"[..]].concat();
    assert_eq!(fault("a.png", &png), None);
    assert!(fault("cut.png", &png[..90]).is_some());
    assert_eq!(fault("text", b"anything else is not looked at"), None);
}
