//! How the golden volumes were made: `cargo test -p it --test golden -- --ignored make`, as root.
//!
//! It refuses to replace what is there: golden volumes of a version are made once. The random
//! bytes and the clock are fixed; inode numbers, which entries carry, are not, so a second run
//! makes other bytes of the same meaning. Start reading at [`make`].

use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, PermissionsExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use format::entry::{Attrs, Content, EntryKind};
use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use nix::unistd::mkfifo;
use seal::Words;
use testkit::env::{ManualClock, SeededRng};
use types::UnixTime;
use vault::{Access, BackupSpec, CreateSpec, Env, NewFile, OnVolume, Options, Vault};
use volume::{Disk, FsDisk};

use super::{DISKS, contents, golden, look, open, options, quiet};

/// When the golden vault's life begins: 2026-01-01.
const BEGIN: UnixTime = UnixTime(1_767_225_600_000);

#[test]
#[ignore = "writes tests/golden, once for each version of the format"]
fn make() {
    assert!(look::is_root(), "devices and owners need root");
    let place = golden();
    assert!(!place.join("disk1").exists(), "{} is there already", place.display());
    let tree = tempfile::tempdir().unwrap();
    let words = Words::generate(&SeededRng::new(1));
    let mut kit = String::new();
    for (at, word) in words.phrase().split(' ').enumerate() {
        kit.push_str(&format!("{:>2}. {word}\n", at + 1));
    }
    fs::write(place.join("kit.txt"), kit).unwrap();

    let vault = create(&words);
    grow(tree.path());
    backup(&vault, tree.path());
    fs::write(tree.path().join("forgotten"), b"in the snapshot that is forgotten\n").unwrap();
    backup(&vault, tree.path());
    fs::remove_file(tree.path().join("forgotten")).unwrap();
    rewrite(&tree.path().join("image"));
    backup(&vault, tree.path());
    let second = vault.snapshots(None).unwrap().remove(1);
    vault.forget(&[second]).unwrap();
    insist(&vault);
    vault.close().unwrap();

    // The last commits stay in open packs, as a power cut leaves them.
    let editor = vault.editor(None, "notes").unwrap();
    for (path, text) in [("today/note", "first\n"), ("today/note", "second\n"), ("list", "milk\n")]
    {
        let attrs = Attrs { mode: 0o644, ..Attrs::default() };
        let file = NewFile { attrs, make_parents: true };
        editor.put(path.as_bytes(), file, &mut text.as_bytes()).unwrap();
    }
    drop(vault);

    let (vault, report) = open(&place, &DISKS, Access::ReadOnly);
    assert!(report.replayed_commits > 1, "{report:?}");
    let text = format!("{:#}\n", contents(&vault));
    fs::write(place.join("expected.json"), text).unwrap();
}

fn create(words: &Words) -> Vault {
    let disk = |(disk, serial): &(&str, &str)| -> Arc<dyn Disk> {
        let folder = golden().join(disk);
        fs::create_dir(&folder).unwrap();
        Arc::new(FsDisk::create(&folder, Some((*serial).to_owned())).unwrap())
    };
    let disks = DISKS.iter().map(disk).collect();
    let env =
        Env { clock: Arc::new(ManualClock::at(BEGIN)), rng: Arc::new(SeededRng::new(1 << 32)) };
    let format_text = "See docs/formats of the Holdfast repository.\n".to_owned();
    let on_volume = OnVolume { format_text, ..OnVolume::default() };
    let options = Options { on_volume, ..options() };
    Vault::create(env, options, CreateSpec { disks, copies: 2, words, password: None }).unwrap()
}

fn backup(vault: &Vault, tree: &Path) {
    let spec = BackupSpec {
        source: "home".to_owned(),
        paths: vec![tree.to_owned()],
        excludes: vec!["*.tmp".to_owned()],
        host: "golden".to_owned(),
        ..BackupSpec::default()
    };
    let report = vault.backup(&spec, &mut quiet).unwrap();
    assert!(report.skipped.is_empty(), "{:?}", report.skipped);
}

/// Text that does not repeat and compresses well.
fn text(lines: u32) -> String {
    (0..lines).map(|line| format!("line {line:>10} of the golden image\n")).collect()
}

/// One of each kind of entry, and what files and names can be.
fn grow(top: &Path) {
    fs::create_dir_all(top.join("folder/inner")).unwrap();
    fs::create_dir(top.join("empty folder")).unwrap();
    fs::write(top.join("empty"), b"").unwrap();
    fs::write(top.join("folder/small"), b"a small file\n").unwrap();
    fs::write(top.join("folder/inner/left-out.tmp"), b"excluded\n").unwrap();
    let odd = std::ffi::OsStr::from_bytes(b"not utf-8 \xff\n");
    fs::write(top.join(odd), b"an odd name\n").unwrap();
    fs::write(top.join("image"), text(120_000)).unwrap();
    fs::write(top.join("script"), b"#!/bin/sh\n").unwrap();
    fs::set_permissions(top.join("script"), PermissionsExt::from_mode(0o4751)).unwrap();
    fs::hard_link(top.join("folder/small"), top.join("second name")).unwrap();
    symlink("folder/small", top.join("link")).unwrap();
    mkfifo(&top.join("fifo"), Mode::from_bits_truncate(0o640)).unwrap();
    drop(UnixListener::bind(top.join("socket")).unwrap());
    let mode = Mode::from_bits_truncate(0o666);
    mknod(&top.join("character"), SFlag::S_IFCHR, mode, makedev(1, 3)).unwrap();
    mknod(&top.join("block"), SFlag::S_IFBLK, mode, makedev(7, 300)).unwrap();
    xattr::set(top.join("script"), "user.colour", b"blue\xff").unwrap();
    chown(top.join("script"), Some(1000), Some(100)).unwrap();
    fs::set_permissions(top.join("script"), PermissionsExt::from_mode(0o4751)).unwrap();

    let holes = File::create(top.join("holes")).unwrap();
    for island in 0..40_u8 {
        holes.write_all_at(&[island; 5_000], u64::from(island) * 65_536).unwrap();
    }
    holes.set_len(3_000_000).unwrap();
    let old = UNIX_EPOCH - Duration::new(1, 500_000_000);
    holes.set_modified(old).unwrap();
}

/// Changes two places of a large file, so that it is stored as ranges of what was there.
fn rewrite(image: &Path) {
    let file = File::options().write(true).open(image).unwrap();
    file.write_all_at(b"REWRITTEN", 1_000_000).unwrap();
    file.write_all_at(b"REWRITTEN", 3_500_000).unwrap();
}

/// What the golden volumes are there to hold must be in them.
fn insist(vault: &Vault) {
    let found = vault.find_snapshot("latest:home").unwrap();
    let content = |path: &str| vault.entry(&found, path.as_bytes()).unwrap().content.unwrap();
    assert!(matches!(content("holes"), Content::Manifest(_)), "more than 16 extents");
    let Content::Inline(extents) = content("image") else { panic!("a few extents") };
    assert!(extents.iter().any(|extent| extent.offset > 0), "ranges of chunks: {extents:?}");
    let kind = |path: &str| vault.entry(&found, path.as_bytes()).unwrap().kind;
    assert_eq!(kind("block"), EntryKind::BlockDevice);
    assert_eq!(kind("socket"), EntryKind::Socket);
    assert_eq!(vault.snapshots(Some("home")).unwrap().len(), 2, "and one forgotten");
}
