//! A folder as a zip: all of it, links as links, names that are never paths.

use std::io::{Cursor, Read};

use files::{At, Kind};
use format::entry::{Attrs, Content, Entry, EntryKind, Extent};
use tree::Edit;
use zip::ZipArchive;

use crate::shelf::Shelf;

fn put(shelf: &Shelf, path: &[u8], entry: Entry) {
    let editor = |vault: &vault::Vault| {
        let put =
            Edit::Put { path: path.to_vec(), entry: Box::new(entry.clone()), make_parents: true };
        vault.editor(Some(shelf.space), "pictures").unwrap().apply(put).unwrap();
    };
    editor(&shelf.vault());
}

#[test]
fn a_folder_comes_out_whole_with_links_as_links_and_names_that_are_no_paths() {
    let shelf = Shelf::inline(60);
    shelf.put("f/a.txt", b"hello");
    shelf.put("f/deep/er/b", &vec![7; 3 << 20]);
    shelf
        .files
        .put(&shelf.place(), b"f/odd\xff", files::NewEntry::default(), &mut &b"odd"[..])
        .unwrap();
    shelf.put("f/..\\..\\evil", b"evil");
    let mut link = Entry::new("", EntryKind::Symlink);
    link.target = Some(b"../../etc/passwd".to_vec().into());
    put(&shelf, b"f/link", link);
    let empty = Entry::new("", EntryKind::File);
    let edits = (0..1_200).map(|n| {
        let path = format!("f/many/{n}").into_bytes();
        Edit::Put { path, entry: Box::new(empty.clone()), make_parents: true }
    });
    let edits: Vec<Edit> = edits.collect();
    let answers = shelf.vault().editor(Some(shelf.space), "pictures").unwrap().apply_all(edits);
    assert!(answers.iter().all(Result::is_ok));
    let max = files::ZIP_ENTRIES_MAX;
    let mut out = Vec::new();
    let written = shelf.files.zip(&shelf.place(), &At::Newest, b"f", max, &mut out).unwrap();
    let mut archive = ZipArchive::new(Cursor::new(out)).unwrap();
    assert_eq!(archive.len() as u64, written);
    let names: Vec<String> = archive.file_names().map(str::to_owned).collect();
    assert!(names.iter().all(|name| name.starts_with("f/") && !name.contains("..\\")), "{names:?}");
    assert_eq!(names.iter().filter(|name| name.starts_with("f/many/")).count(), 1_201);
    let mut read = |name: &str| {
        let mut bytes = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    assert_eq!(read("f/a.txt"), b"hello");
    assert!(read("f/deep/er/b") == vec![7; 3 << 20]);
    assert_eq!(read("f/link"), b"../../etc/passwd");
    assert_eq!(read(names.iter().find(|name| name.contains("odd")).unwrap()), b"odd");
    assert!(archive.by_name("f/link").unwrap().is_symlink());
}

/// Counts what it is given and keeps the end.
#[derive(Default)]
struct Tail {
    len: u64,
    end: Vec<u8>,
}

impl std::io::Write for Tail {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.len += bytes.len() as u64;
        self.end.extend_from_slice(bytes);
        let from = self.end.len().saturating_sub(1_000);
        self.end.drain(..from);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn too_many_entries_are_refused_before_anything_is_written() {
    let shelf = Shelf::inline(61);
    for n in 0..5 {
        shelf.put(&format!("f/{n}"), b"x");
    }
    let zip = |max, out: &mut Tail| shelf.files.zip(&shelf.place(), &At::Newest, b"f", max, out);
    let mut out = Tail::default();
    assert_eq!((zip(4, &mut out).unwrap_err().kind(), out.len), (Kind::Bad, 0));
    assert_eq!(zip(5, &mut out).unwrap(), 5);
    assert!(out.len > 0);
}

#[test]
fn a_file_longer_than_four_gib_has_the_long_kind_of_record() {
    let shelf = Shelf::inline(62);
    let mut film = Entry::new("", EntryKind::File);
    film.size = 4_400_000_000;
    film.content = Some(Content::Inline(vec![Extent::hole(film.size)]));
    film.attrs = Attrs { mode: 0o644, ..Attrs::default() };
    put(&shelf, b"film", film);
    let mut out = Tail::default();
    shelf.files.zip(&shelf.place(), &At::Newest, b"film", 1, &mut out).unwrap();
    assert!(out.len > 4_400_000_000);
    let has = |mark: &[u8]| out.end.windows(mark.len()).any(|window| window == mark);
    assert!(has(b"PK\x06\x06") && has(b"PK\x06\x07"), "the long end of a zip");
}
