//! 5,000 names that somebody might send, through every way in: each is refused in words, or is there
//! afterwards byte for byte.

use files::{Append, At, Kind, NewEntry, NewUpload, check_path};
use testkit::dice::Dice;

use crate::shelf::Shelf;
use crate::uploading::{at, new};

const COUNT: usize = 5_000;

/// Names that are odd by themselves.
fn known() -> Vec<Vec<u8>> {
    let texts = [
        "",
        ".",
        "..",
        "/",
        "//",
        "a/",
        "/a",
        "a//b",
        "../a",
        "a/../b",
        "a/..",
        "./a",
        "a/.",
        "...",
        "..\\a",
        "C:\\a",
        "CON",
        "nul.txt",
        "aux",
        "a:b",
        "a*b?",
        " ",
        "a ",
        "a.",
        "-rf",
        "~",
        "$HOME",
        "%2e%2e%2f",
        "%00",
        "a\nb",
        "a\tb",
        "\u{202e}gpj.exe",
        "\u{feff}a",
        "e\u{301}",
        "\u{e9}",
        "\u{200b}",
        ".holdfast",
        ":bench",
        "<script>",
        "a'b\"c",
        "a;rm -rf",
        "\u{1f600}",
    ];
    let mut names: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    names.extend([
        b"a\0b".to_vec(),
        vec![0],
        vec![0xff, 0xfe],
        b"\xc0\xaf".to_vec(),
        b"..\xc0\xaf".to_vec(),
    ]);
    for len in [254, 255, 256, 1_000, 70_000] {
        names.push(vec![b'x'; len]);
        names.push(vec![0xe4; len]);
    }
    names.push([b"d/".repeat(300), b"x".to_vec()].concat());
    names
}

fn names() -> Vec<Vec<u8>> {
    let mut dice = Dice::new(50);
    let mut names = known();
    let bits: [&[u8]; 12] =
        [b"..", b"/", b"\0", b".", b"a", b"\\", b"\xff", b"%", b" ", b"\n", b":", b"\xc3\xa4"];
    while names.len() < COUNT {
        let parts = 1 + dice.roll(9);
        let mut name: Vec<u8> =
            (0..parts).flat_map(|_| bits[dice.roll(12) as usize].to_vec()).collect();
        if dice.roll(20) == 0 {
            name.resize(200 + dice.roll(80) as usize, b'y');
        }
        names.push(name);
    }
    names
}

/// What the rules say, told anew.
fn may_be(path: &[u8]) -> bool {
    let ok = |name: &[u8]| {
        !name.is_empty() && name.len() <= 255 && name != b"." && name != b".." && !name.contains(&0)
    };
    path.len() <= 1 << 15 && path.split(|byte| *byte == b'/').all(ok)
}

/// Sends some of the names, each every way; how many were kept and refused.
fn send(shelf: &Shelf, old: &At, names: &[(usize, Vec<u8>)]) -> (usize, usize) {
    let (place, files) = (shelf.place(), &shelf.files);
    let (mut kept, mut refused) = (0, 0);
    for (n, name) in names {
        if !may_be(name) {
            refuse(shelf, old, name);
            refused += 1;
            continue;
        }
        assert_eq!(check_path(name), Ok(()), "{name:?}");
        // Each in a folder of its own, by one of the ways in turn; then removed by name.
        let folder = format!("n{n}").into_bytes();
        let path = [&folder[..], b"/", &name[..]].concat();
        keep(shelf, *n, &path);
        assert_eq!(shelf.read(&path), b"x", "{name:?}");
        let last = name.rsplit(|byte| *byte == b'/').next().unwrap();
        let above = &path[..path.len() - last.len() - 1];
        let mut there = shelf.names(above);
        there.retain(|name| name != b"beside" || last == b"beside");
        assert_eq!(there, [last.to_vec()], "{name:?}");
        files.delete(&place, &path, false, None).unwrap();
        files.delete(&place, &folder, true, None).unwrap();
        kept += 1;
    }
    (kept, refused)
}

fn refuse(shelf: &Shelf, old: &At, name: &[u8]) {
    let (place, files) = (shelf.place(), &shelf.files);
    assert!(check_path(name).is_err(), "{name:?}");
    let upload = || files::NewUpload { path: name.to_vec(), ..new("", 1) };
    let sent = Append::default;
    let errors = [
        files.put(&place, name, NewEntry::default(), &mut &b"x"[..]).unwrap_err(),
        files.make_folder(&place, name).unwrap_err(),
        files.rename(&place, b"victim", name, true, None).unwrap_err(),
        files.rename(&place, name, b"elsewhere", true, None).unwrap_err(),
        files.delete(&place, name, true, None).unwrap_err(),
        files.bring_back(&place, name, old, None).unwrap_err(),
        files.create(shelf.space, upload()).unwrap_err(),
        files.create_with(shelf.space, upload(), sent(), &mut &b"x"[..]).unwrap_err(),
        files.concat(shelf.space, upload(), &[]).unwrap_err(),
    ];
    for (way, error) in errors.iter().enumerate() {
        assert_eq!(error.kind(), Kind::Bad, "way {way}, {name:?}: {error}");
        assert!(!error.to_string().is_empty() && error.to_string().len() < 2_000);
    }
    // Only looking at it finds nothing, and never anything else.
    assert!(files.open(&place, &At::Newest, name).is_err(), "{name:?}");
}

fn keep(shelf: &Shelf, n: usize, path: &[u8]) {
    let (place, files) = (shelf.place(), &shelf.files);
    let put = |path: &[u8]| {
        files.put(&place, path, NewEntry::default(), &mut &b"x"[..]).unwrap();
    };
    match n % 3 {
        0 => put(path),
        1 => {
            let upload = files::NewUpload { path: path.to_vec(), ..new("", 1) };
            let sent = files.create_with(shelf.space, upload, Append::default(), &mut &b"x"[..]);
            assert_eq!(sent.unwrap().finished.as_deref(), Some(path));
        }
        _ => {
            let from = format!("moved{n}").into_bytes();
            put(&from);
            // The folders above it have to be there.
            let above = &path[..path.iter().rposition(|byte| *byte == b'/').unwrap()];
            put(&[above, b"/beside"].concat());
            files.rename(&place, &from, path, true, None).unwrap();
        }
    }
}

#[test]
fn every_name_is_kept_byte_for_byte_or_refused_in_words_whichever_way_it_comes() {
    let shelf = Shelf::inline(51);
    shelf.put("victim", b"victim");
    let version = shelf.files.list(&shelf.place(), &At::Newest, b"", None, 1).unwrap().version;
    let old = At::Version(version.id.to_string());
    // Several at once: their commits are shared.
    let mut shares: Vec<Vec<(usize, Vec<u8>)>> = vec![Vec::new(); 24];
    names().into_iter().enumerate().for_each(|(n, name)| shares[n % 24].push((n, name)));
    let (kept, refused) = std::thread::scope(|scope| {
        let (shelf, old) = (&shelf, &old);
        let sending: Vec<_> =
            shares.iter().map(|names| scope.spawn(move || send(shelf, old, names))).collect();
        sending
            .into_iter()
            .map(|one| one.join().unwrap())
            .fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    });
    assert_eq!((shelf.read(b"victim"), kept + refused), (b"victim".to_vec(), COUNT));
    assert_eq!(shelf.names(b""), [b"victim"], "nothing came to lie anywhere else");
    assert!(kept > 500 && refused > 500, "{kept} kept, {refused} refused");
}

/// One piece that was named five hundred times kept the box at work for more than a minute.
#[test]
fn a_piece_that_is_named_twice_is_refused_before_anything_is_read() {
    let shelf = Shelf::inline(41);
    let piece = NewUpload { piece: true, length: Some(4), ..new("", 0) };
    let ids = [0, 1].map(|_| shelf.files.create(shelf.space, piece.clone()).unwrap().id);
    for id in ids {
        shelf.files.append(shelf.space, id, "ann", at(0), &mut &b"piec"[..]).unwrap();
    }
    let often = vec![ids[0]; 500];
    for named in [&often[..], &[ids[0], ids[1], ids[0]]] {
        let refused = shelf.files.concat(shelf.space, new("film", 0), named).unwrap_err();
        assert_eq!(refused.kind(), Kind::Bad);
        assert!(refused.to_string().contains("named twice"), "{refused}");
    }
    let joined = shelf.files.concat(shelf.space, new("film", 0), &ids).unwrap();
    assert_eq!(joined.finished.as_deref(), Some(&b"film"[..]));
}

/// A time that is no number was refused when all bytes had come, and every time the upload was finished anew.
#[test]
fn a_time_that_is_none_is_refused_before_a_byte_is_taken() {
    let shelf = Shelf::inline(42);
    for (key, value) in [("mtime", "NaN"), ("lastModified", "1e3"), ("MTIME", ""), ("sha256", "zz")]
    {
        let words =
            vec![files::UploadWord { key: key.into(), value: value.as_bytes().to_vec().into() }];
        let refused =
            shelf.files.create(shelf.space, NewUpload { words, ..new("a", 10) }).unwrap_err();
        assert_eq!(refused.kind(), Kind::Bad, "{key} {value}: {refused}");
    }
    let words = vec![files::UploadWord { key: "mtime".into(), value: b"-1".to_vec().into() }];
    assert!(shelf.files.create(shelf.space, NewUpload { words, ..new("a", 10) }).is_ok());
}
