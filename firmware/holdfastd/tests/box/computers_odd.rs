//! Trees that are odd and that some computer could have: kept as they came, and harmless in every way out.
//!
//! What no computer has is in `computers_forged`. Start at [`Forger::odd`].

use std::ffi::OsString;
use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use calls::{JobSpec, RawPath};
use format::entry::{Entry, EntryKind, Extent, FileTime};
use format::to_cbor;
use serde_json::Value;
use zip::ZipArchive;

use crate::computers::Computer;
use crate::forger::{Forger, fifo, file, link, named, xattr};
use crate::rig::{Rig, bytes_of};
use crate::running::Running;
use crate::sticks::{BIG, everything};
use crate::web::{Guest, SETTINGS};

/// Names that file systems, shells, browsers or programs for zips could take for something else.
fn odd_names() -> Vec<Vec<u8>> {
    let texts = [
        "\n",
        "\u{1b}[2J",
        " ",
        "$(reboot)",
        "-rf",
        "..\\..\\evil",
        ".holdfast",
        "...",
        "<script>",
        "C:\\x",
        "CON",
        "README",
        "Readme",
        "SHA256SUMS",
        "a",
        "a.",
        "a:b",
        "com1.txt",
        "e\u{301}",
        "manifest.json",
        "x ~0123abcd.txt",
        "\u{202e}gpj.exe",
        "\u{e9}",
    ];
    let mut names: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    names.extend([vec![0xff, 0xfe], b"..\xc0\xaf".to_vec(), vec![b'x'; 256], vec![0xe4; 1_024]]);
    names.sort();
    names
}

/// An entry with a field that nobody knows, as CBOR: arrays in arrays, deep enough for any stack.
fn with_unknown_field(entry: &Entry) -> Vec<u8> {
    let mut cbor = to_cbor(entry);
    assert_eq!(cbor[0] & 0xe0, 0xa0, "a map of few fields");
    cbor[0] += 1;
    cbor.extend_from_slice(&[0x18, 99]);
    cbor.extend_from_slice(&[0x81; 500_000]);
    cbor.push(0);
    cbor
}

impl Forger<'_> {
    /// Odd, and yet what some computer could have.
    fn odd(&self) -> Entry {
        let x = self.chunk(b"x");
        let names = odd_names().iter().map(|name| file(name, vec![x])).collect();
        let mut mine = file(b"mine", vec![self.chunk(b"rooted")]);
        (mine.attrs.mode, mine.attrs.uid) = (0o6755, 0);
        mine.attrs.mtime = FileTime { secs: i64::MIN, nanos: 999_999_999 };
        mine.attrs.xattrs = vec![
            xattr(b"user.holdfast.fault", b"\r\nset-cookie: a=b"),
            xattr(b"user.holdfast.objects", &[7; 32]),
            xattr(b"user.mime_type", &[b'm'; 1 << 16]),
        ];
        let mut late = file(b"late.jpg", vec![x]);
        late.attrs.mtime = FileTime { secs: i64::MAX, nanos: 0 };
        // One file by its number, two by what they hold.
        let linked = |name: &[u8], extents| Entry { link: Some(5), ..file(name, extents) };
        let one = linked(b"one", vec![x]);
        let two = linked(b"two", vec![self.chunk(b"another")]);
        let kinds = vec![
            late,
            link(b"link", b"/etc/passwd"),
            mine,
            one,
            fifo(b"pipe"),
            two,
            link(b"up", b"../../.."),
        ];
        let mut kinds = kinds;
        kinds.sort_by(|a, b| a.name.as_slice().cmp(b.name.as_slice()));
        let mut deep = self.folder(b"d", vec![file(b"bottom", vec![x])]);
        for _ in 0..150 {
            deep = self.folder(&[0xe4; 200], vec![Entry { name: vec![0xe4; 200].into(), ..deep }]);
        }
        let unknown = [&[0x82, 0, 0x81, 0x81][..], &with_unknown_field(&file(b"known", vec![x]))];
        let unknown = Some(self.piece(true, &unknown.concat()));
        self.top(vec![
            Entry { name: b"deep".to_vec().into(), ..deep },
            file(b"huge.jpg", vec![Extent::hole(1 << 40)]),
            self.folder(b"kinds", kinds),
            self.folder(b"names", names),
            Entry { node: unknown, ..named(b"unknown", EntryKind::Folder) },
        ])
    }
}

fn spelled(name: &Value) -> String {
    match name["hex"].as_str() {
        Some(hex) => format!("path_hex={}{hex}", "6e616d65732f"),
        None => {
            let bytes = name.as_str().unwrap().bytes();
            let escaped: String = bytes.map(|byte| format!("%{byte:02x}")).collect();
            format!("path=names/{escaped}")
        }
    }
}

fn looked_at(ada: &Guest<'_>) {
    let listed = ada.get("/api/v1/files/laptop/entries?path=names");
    let names: Vec<&Value> =
        listed["entries"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names.len(), odd_names().len());
    for name in names {
        let path = format!("/api/v1/files/laptop/content?{}", spelled(name));
        let read = ada.send("GET", &path, None);
        assert_eq!((read.status, read.text().as_str()), (200, "x"), "{name}");
        assert_eq!(read.header("content-type"), Some("application/octet-stream"));
        let past = ada.get(&path.replace("content", "history"));
        assert_eq!(past["moments"].as_array().unwrap().len(), 1, "{name}");
    }
    let kinds = ada.send("GET", "/api/v1/files/laptop/entries?path=kinds", None);
    assert!(kinds.status == 200 && kinds.body.len() < 16_000, "a word of 64 KiB is not shown");
    let found = ada.get("/api/v1/files/laptop/search?name=o");
    assert!(found.to_string().contains("bottom"), "{found}");
    ada.get("/api/v1/files/laptop/photos");
    let known = ada.send("GET", "/api/v1/files/laptop/content?path=unknown/known", None);
    assert_eq!(known.text(), "x", "what nobody knows is passed over");
}

fn zipped(ada: &Guest<'_>) {
    for (path, count) in [("names", odd_names().len()), ("kinds", 7), ("deep", 151)] {
        let zip = ada.send("GET", &format!("/api/v1/files/laptop/zip?path={path}"), None);
        let mut zip = ZipArchive::new(Cursor::new(zip.body)).unwrap();
        // Of a pipe a zip knows nothing.
        assert_eq!(zip.len(), count - usize::from(path == "kinds"), "{path}");
        for at in 0..zip.len() {
            let mut one = zip.by_index(at).unwrap();
            assert!(one.enclosed_name().is_some(), "{}", one.name());
            assert!(!one.name().chars().any(char::is_control) && !one.name().contains('\\'));
            one.read_to_end(&mut Vec::new()).unwrap();
        }
    }
}

/// Nothing stands in the folder that is not below the one that was restored to.
fn nothing_beside(rig: &Rig, to: &Path, before: &[OsString]) {
    let mut now = names_in(rig);
    now.retain(|name| to.file_name() != Some(name));
    assert_eq!(now, before);
}

fn names_in(rig: &Rig) -> Vec<OsString> {
    let all = fs::read_dir(rig.dir.path()).unwrap();
    let mut names: Vec<_> = all.map(|one| one.unwrap().file_name()).collect();
    names.sort();
    names
}

fn restored(running: &Running<'_>, rig: &Rig, forger: &Forger<'_>) {
    let before = names_in(rig);
    let to = rig.path("back");
    let job = JobSpec::Restore {
        snapshot: "latest:laptop".to_owned(),
        path: RawPath(Vec::new()),
        to: RawPath(to.to_str().unwrap().into()),
        overwrite: false,
    };
    running.done(job);
    nothing_beside(rig, &to, &before);
    // A name that no file system here takes is lost by name; all others are there.
    let names = fs::read_dir(to.join("names")).unwrap().count();
    assert_eq!(names, odd_names().len() - 2);
    assert_eq!(fs::read_link(to.join("kinds/up")).unwrap(), Path::new("../../.."));
    assert_eq!(fs::metadata(to.join("huge.jpg")).unwrap().len(), 1 << 40);
    assert_eq!(bytes_of(&to.join("unknown/known")), b"x");
    remove(&to);
    // The same by the computer itself.
    let report = forger.computer.restores("latest", &to);
    assert_eq!(report.lost_count, 2, "{:?}", report.lost);
    nothing_beside(rig, &to, &before);
    remove(&to);
}

/// Deeper than the standard library's own way could follow by path.
fn remove(folder: &Path) {
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_is_odd_and_could_be_real_is_kept_as_it_is_and_harmless_in_every_way_out() {
    let rig = crate::hand::rig();
    rig.settings(&format!("[board]\nkind = \"desk\"\nfolder = \"machine\"\n{SETTINGS}"));
    let running = rig.start();
    running.create(&["red", "green"]);
    let ada = Guest::at_the_door(&rig).claims().raised();
    let forger = Forger { guest: &ada, computer: Computer::paired(&ada, "laptop") };
    forger.made(&forger.odd());
    looked_at(&ada);
    zipped(&ada);
    restored(&running, &rig, &forger);

    running.stick("kiosk", BIG, "usb-front");
    running.until_disks(|disks| disks.disks.len() == 3);
    for path in ["names", "kinds", "deep"] {
        let JobSpec::Usb { drives, sources, ago_ms, .. } = everything(&["iosk"]) else { panic!() };
        let path = RawPath(path.as_bytes().to_vec());
        let job = running.begin(JobSpec::Usb { drives, sources, path, ago_ms, anew: true }).job.id;
        let result = running.restored(job);
        assert!(result.finished && result.damaged == 0, "{result:?}");
    }
    let log = rig.log();
    assert!(!log.contains("panicked") && !log.contains('\u{1b}'), "{log}");
    running.done(JobSpec::Check { read_data: true, repair: false });
    assert_eq!(running.stop(), Some(0));
}
