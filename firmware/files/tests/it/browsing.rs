//! What people see and change: lists, tags, versions, searches, what was brought back.

use files::{At, Expected, FileKind, Kind, NewEntry, Query};
use types::Millis;

use crate::shelf::Shelf;

#[test]
fn a_folder_is_listed_page_by_page_and_every_name_comes_once() {
    let shelf = Shelf::inline(1);
    for n in 0..53 {
        shelf.put(&format!("folder/{n:02}"), b"x");
    }
    let (mut names, mut from, mut pages) = (Vec::new(), None, 0);
    loop {
        let at = At::Newest;
        let page = shelf.files.list(&shelf.place(), &at, b"folder", from.as_deref(), 10).unwrap();
        assert!(page.entries.len() <= 10);
        names.extend(page.entries.into_iter().map(|entry| entry.name));
        pages += 1;
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    let wanted: Vec<_> = (0..53).map(|n| format!("{n:02}").into_bytes()).collect();
    assert_eq!((names, pages), (wanted, 6));
}

#[test]
fn a_change_that_was_meant_for_something_else_is_refused_and_changes_nothing() {
    let shelf = Shelf::inline(2);
    let (place, files) = (shelf.place(), &shelf.files);
    let first = shelf.put("a", b"one").tag.unwrap();
    let second = shelf.put("a", b"two").tag.unwrap();
    assert_ne!(first, second);
    let stale = Some(Expected::Tag(first));
    let new = || NewEntry { expected: stale, ..NewEntry::default() };
    let refused = [
        files.put(&place, b"a", new(), &mut &b"three"[..]).unwrap_err(),
        files.delete(&place, b"a", false, stale).unwrap_err(),
        files.rename(&place, b"a", b"b", false, stale).unwrap_err(),
        files.bring_back(&place, b"a", &At::Newest, stale).unwrap_err(),
        files.delete(&place, b"a", false, Some(Expected::Nothing)).unwrap_err(),
    ];
    for error in refused {
        assert_eq!(error.kind(), Kind::Changed, "{error}");
        assert!(!error.advice().is_empty());
    }
    assert_eq!((shelf.read(b"a"), shelf.names(b"")), (b"two".to_vec(), vec![b"a".to_vec()]));
    // With the right tag each is done.
    let right = NewEntry { expected: Some(Expected::Tag(second)), ..NewEntry::default() };
    let third = files.put(&place, b"a", right, &mut &b"three"[..]).unwrap().tag;
    let moved = files.rename(&place, b"a", b"b", false, third.map(Expected::Tag)).unwrap();
    assert_eq!(moved.path, b"b");
    files.delete(&place, b"b", false, third.map(Expected::Tag)).unwrap();
    assert!(shelf.names(b"").is_empty());
}

#[test]
fn two_who_change_the_same_version_cannot_both_win() {
    let shelf = Shelf::new(3, 1, vault::WriterMode::Threads);
    let tag = shelf.put("a", b"start").tag;
    let wins = std::thread::scope(|scope| {
        let all: Vec<_> = (0..8_u8)
            .map(|n| {
                let shelf = &shelf;
                scope.spawn(move || {
                    let new = NewEntry { expected: tag.map(Expected::Tag), ..NewEntry::default() };
                    shelf.files.put(&shelf.place(), b"a", new, &mut &[n][..]).is_ok()
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).filter(|won| *won).count()
    });
    assert_eq!(wins, 1);
}

#[test]
fn what_is_brought_back_takes_the_place_of_nothing_newer() {
    let shelf = Shelf::inline(4);
    let (place, files) = (shelf.place(), &shelf.files);
    shelf.put("letters/a.txt", b"old");
    let old = files.list(&place, &At::Newest, b"", None, 10).unwrap().version;
    shelf.put("letters/a.txt", b"new");
    let at = At::Version(old.id.to_string());
    let back = files.bring_back(&place, b"letters/a.txt", &at, None).unwrap();
    assert_eq!(back.path, b"letters/a (2).txt");
    assert_eq!(shelf.read(b"letters/a.txt"), b"new");
    assert_eq!(shelf.read(b"letters/a (2).txt"), b"old");
    // With the tag of what is there now it takes its place, and that stays as a version.
    let now = files.open(&place, &At::Newest, b"letters/a.txt").unwrap().shown.tag;
    let expected = Some(Expected::Tag(now));
    let back = files.bring_back(&place, b"letters/a.txt", &at, expected).unwrap();
    assert_eq!(
        (back.path.as_slice(), shelf.read(b"letters/a.txt")),
        (&b"letters/a.txt"[..], b"old".to_vec())
    );
    // A whole folder comes back where it was, and what is the same already is left.
    files.delete(&place, b"letters", true, None).unwrap();
    assert!(shelf.names(b"").is_empty());
    files.bring_back(&place, b"letters", &at, None).unwrap();
    assert_eq!(shelf.read(b"letters/a.txt"), b"old");
    assert!(files.bring_back(&place, b"letters", &at, None).unwrap().was_there());
    let history = files.history(&place, b"letters/a.txt", None, 100).unwrap();
    let kept: Vec<_> = history
        .moments
        .iter()
        .map(|moment| shelf.read_at(&At::Version(moment.version.id.to_string()), b"letters/a.txt"))
        .collect();
    assert_eq!(kept, [b"old", b"new", b"old"]);
}

#[test]
fn the_slider_stops_where_something_changed_and_goes_on_where_a_page_ended() {
    let shelf = Shelf::inline(5);
    let files = &shelf.files;
    for n in 0..5_u8 {
        shelf.put("a", &[n]);
        shelf.put("beside", &[n, n]);
        shelf.clock.pass(Millis::from_secs(60));
    }
    files.delete(&shelf.place(), b"a", false, None).unwrap();
    let (mut seen, mut from) = (Vec::new(), None);
    loop {
        let page = files.history(&shelf.place(), b"a", from.as_deref(), 2).unwrap();
        for moment in page.moments {
            let at = At::Version(moment.version.id.to_string());
            seen.push(moment.entry.map(|_| shelf.read_at(&at, b"a")));
        }
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    let wanted: Vec<_> = std::iter::once(None).chain((0..5).rev().map(|n| Some(vec![n]))).collect();
    assert_eq!(seen, wanted);
}

#[test]
fn a_search_finds_what_is_there_and_what_was_deleted_a_page_at_a_time() {
    let shelf = Shelf::inline(6);
    let files = &shelf.files;
    for n in 0..30 {
        shelf.put(&format!("f{}/Holiday {n}.jpg", n % 3), b"x");
        shelf.put(&format!("f{}/other {n}", n % 3), b"x");
    }
    files.delete(&shelf.place(), b"f1", true, None).unwrap();
    files.delete(&shelf.place(), b"f0/Holiday 0.jpg", false, None).unwrap();
    let all = |deleted| {
        let mut query = Query { name: "HOLIDAY".into(), deleted, limit: 4, ..Query::default() };
        let mut hits = Vec::new();
        loop {
            let page = files.search(&shelf.place(), &query).unwrap();
            assert!(page.hits.len() <= 4);
            hits.extend(page.hits);
            match page.next {
                Some(next) => query.cursor = Some(next),
                None => return hits,
            }
        }
    };
    let now = all(false);
    assert!(now.len() == 19 && now.iter().all(|hit| !hit.deleted));
    let both = all(true);
    let gone: std::collections::BTreeSet<_> =
        both.iter().filter(|hit| hit.deleted).map(|hit| hit.path.clone()).collect();
    assert_eq!(
        (gone.len(), both.len()),
        (11, 30),
        "ten with their folder and one alone, each once"
    );
    for hit in &both {
        let at = At::Version(hit.version.id.to_string());
        assert_eq!(shelf.read_at(&at, &hit.path), b"x");
    }
    let late = Query { from_secs: Some(i64::MAX), limit: 10, ..Query::default() };
    assert!(files.search(&shelf.place(), &late).unwrap().hits.is_empty());
    let odd = Query { cursor: Some("n.zz".into()), ..Query::default() };
    assert_eq!(files.search(&shelf.place(), &odd).unwrap_err().kind(), Kind::Bad);
}

#[test]
fn what_is_on_the_bench_is_nobodys_source_and_no_version() {
    let shelf = Shelf::inline(7);
    shelf.put("a", b"x");
    let new = files::NewUpload {
        owner: "eve".into(),
        length: Some(9),
        piece: true,
        ..Default::default()
    };
    shelf.files.create(shelf.space, new).unwrap();
    let sources = shelf.files.sources(shelf.space).unwrap();
    assert_eq!(sources.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["pictures"]);
    let vault = shelf.vault();
    assert!(vault.snapshots(None).unwrap().iter().all(|one| one.source_name == "pictures"));
    assert_eq!(vault.find_snapshot("latest").unwrap().info.source_name, "pictures");
    let listing = shelf.files.list(&shelf.place(), &At::Newest, b"", None, 10).unwrap();
    assert_eq!(listing.entries[0].kind, FileKind::File);
}

/// Whoever was in a space read other people's uploads in the making, by the name of the bench.
#[test]
fn what_is_in_the_making_is_nobodys_to_look_at() {
    let shelf = Shelf::inline(40);
    let new = crate::uploading::new("a", 100);
    let id = shelf.files.create(shelf.space, new).unwrap().id;
    let half = crate::uploading::at(0);
    shelf.files.append(shelf.space, id, "ann", half, &mut &[7_u8; 50][..]).unwrap();
    let bench = files::Place { space: shelf.space, source: ":bench".to_owned() };
    let listed = shelf.files.list(&bench, &At::Newest, b"", None, 10);
    assert_eq!(listed.err().map(|error| error.kind()), Some(Kind::NotFound));
    let read = shelf.files.open(&bench, &At::Newest, id.to_string().as_bytes());
    assert_eq!(read.err().map(|error| error.kind()), Some(Kind::NotFound));
}
