//! Each thing that a tree can hold comes back as it was.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt, symlink};
use std::path::Path;

use filetree::{Folder, Segment, Target, TargetOptions};
use format::entry::{EntryKind, FileTime};
use nix::sys::stat::{Mode, SFlag, makedev, mkdirat, mknod};
use nix::unistd::geteuid;
use tempfile::{TempDir, tempdir};

use crate::common::{check_copy, mode, names, set_mode, write};
use crate::{acl, set_mtime};

const KIB: u64 = 1024;
const GIB: u64 = 1 << 30;

struct Trees {
    _both: TempDir,
    from: std::path::PathBuf,
    to: std::path::PathBuf,
}

fn trees() -> Trees {
    let both = tempdir().expect("a temporary folder");
    let (from, to) = (both.path().join("from"), both.path().join("to"));
    fs::create_dir(&from).expect("a new folder");
    Trees { _both: both, from, to }
}

#[test]
fn an_empty_folder_comes_back_empty() {
    let t = trees();
    fs::create_dir(t.from.join("empty")).unwrap();
    check_copy(&t.from, &t.to);
    assert_eq!(names(&t.to), [b"empty"]);
    assert!(names(&t.to.join("empty")).is_empty());
}

#[test]
fn names_are_bytes_sorted_as_bytes() {
    let t = trees();
    let long = [b'n'; 255];
    let odd: [&[u8]; 8] =
        [b"\x01\xff\xfe", b" lead", b"a\nb", b"caf\xe9", &long, b"~", "\u{e9}".as_bytes(), b"\xff"];
    for name in odd {
        write(t.from.join(OsStr::from_bytes(name)), name);
    }
    let read = Folder::open(&t.from).unwrap().names().unwrap();
    let mut sorted = odd.map(<[u8]>::to_vec);
    sorted.sort();
    assert_eq!(read, sorted);
    check_copy(&t.from, &t.to);
    assert_eq!(names(&t.to), sorted);
}

#[test]
fn holes_are_seen_and_restored_as_holes() {
    let t = trees();
    let path = t.from.join("sparse");
    let file = File::create(&path).unwrap();
    file.write_all_at(&[7; 8192], 256 * KIB).unwrap();
    file.write_all_at(&[9; 5], 512 * KIB).unwrap();
    file.set_len(KIB * KIB + 1).unwrap();
    let folder = Folder::open(&t.from).unwrap();
    let mut reader = folder.open_file(&folder.stat(b"sparse").unwrap()).unwrap();
    let mut segments = Vec::new();
    while let Some(segment) = reader.next_segment() {
        segments.push(segment);
    }
    let block = 4 * KIB;
    assert_eq!(
        segments,
        [
            Segment::Hole { offset: 0, len: 256 * KIB },
            Segment::Data { offset: 256 * KIB, len: 8192 },
            Segment::Hole { offset: 264 * KIB, len: 248 * KIB },
            Segment::Data { offset: 512 * KIB, len: block },
            Segment::Hole { offset: 512 * KIB + block, len: 512 * KIB - block + 1 },
        ]
    );
    check_copy(&t.from, &t.to);
    let copy = fs::metadata(t.to.join("sparse")).unwrap();
    assert_eq!(copy.len(), KIB * KIB + 1);
    assert!(copy.blocks() * 512 < 64 * KIB, "the holes took {} blocks", copy.blocks());
}

#[test]
fn a_file_over_four_gibibytes_of_holes_takes_no_time_and_no_room() {
    let t = trees();
    let file = File::create(t.from.join("huge")).unwrap();
    file.write_all_at(b"far out", 5 * GIB).unwrap();
    file.set_len(6 * GIB).unwrap();
    File::create(t.from.join("nothing but hole")).unwrap().set_len(5 * GIB).unwrap();
    check_copy(&t.from, &t.to);
    let copy = fs::metadata(t.to.join("huge")).unwrap();
    assert_eq!(copy.len(), 6 * GIB);
    assert!(copy.blocks() * 512 < 64 * KIB);
    // And the other way round: the comparison does look beyond 4 GiB.
    File::options()
        .write(true)
        .open(t.to.join("huge"))
        .unwrap()
        .write_all_at(b"!", 5 * GIB)
        .unwrap();
    let found = crate::common::differences(&t.from, &t.to);
    assert!(found.contains(&format!("huge: bytes differ from {} on", 5 * GIB)), "{found:?}");
}

#[test]
fn times_before_1970_come_back_to_the_nanosecond() {
    let t = trees();
    for (name, secs, nanos) in
        [("moon", -2, 500_000_000), ("old", -1_000_000_000, 1), ("new", 1_700_000_000, 999_999_999)]
    {
        write(t.from.join(name), b"");
        set_mtime(&t.from.join(name), secs, nanos);
    }
    symlink("nowhere", t.from.join("link")).unwrap();
    set_mtime(&t.from.join("link"), -3, 250_000_000);
    fs::create_dir(t.from.join("folder")).unwrap();
    write(t.from.join("folder/inside"), b"");
    set_mtime(&t.from.join("folder"), -86_400, 7);
    let moon = Folder::open(&t.from).unwrap().stat(b"moon").unwrap();
    assert_eq!(moon.entry.attrs.mtime, FileTime { secs: -2, nanos: 500_000_000 }, "-1.5 s");
    check_copy(&t.from, &t.to);
    let copy = fs::symlink_metadata(t.to.join("moon")).unwrap();
    assert_eq!((copy.mtime(), copy.mtime_nsec()), (-2, 500_000_000));
}

#[test]
fn pipes_sockets_and_links_to_nowhere_come_back() {
    let t = trees();
    mknod(&t.from.join("pipe"), SFlag::S_IFIFO, Mode::from_bits_truncate(0o640), 0).unwrap();
    mknod(&t.from.join("socket"), SFlag::S_IFSOCK, Mode::from_bits_truncate(0o600), 0).unwrap();
    symlink(OsStr::from_bytes(b"../\xff nowhere"), t.from.join("dangling")).unwrap();
    symlink("/", t.from.join("to the root")).unwrap();
    let kinds: Vec<EntryKind> = Folder::open(&t.from)
        .unwrap()
        .read()
        .unwrap()
        .entries
        .iter()
        .map(|found| found.entry.kind)
        .collect();
    use EntryKind::{Fifo, Socket, Symlink};
    assert_eq!(kinds, [Symlink, Fifo, Socket, Symlink]);
    check_copy(&t.from, &t.to);
    assert_eq!(
        fs::read_link(t.to.join("dangling")).unwrap().as_os_str().as_bytes(),
        b"../\xff nowhere"
    );
}

#[test]
fn devices_come_back_for_root_and_are_refused_by_name_for_others() {
    let t = trees();
    if geteuid().is_root() {
        let rw = Mode::from_bits_truncate(0o666);
        mknod(&t.from.join("null"), SFlag::S_IFCHR, rw, makedev(1, 3)).unwrap();
        mknod(&t.from.join("disk"), SFlag::S_IFBLK, rw, makedev(259, 70_000)).unwrap();
        let disk = Folder::open(&t.from).unwrap().stat(b"disk").unwrap();
        assert_eq!(disk.entry.device, Some(259 << 32 | 70_000));
        check_copy(&t.from, &t.to);
    } else {
        let target = Target::open(&t.to, TargetOptions::default()).unwrap();
        let refused = target.folder().device(b"null", EntryKind::CharDevice, 1 << 32 | 3);
        assert_eq!(refused.unwrap_err().to_string(), "null: no permission for making the device");
    }
}

#[test]
fn hard_links_stay_one_file() {
    let t = trees();
    fs::create_dir_all(t.from.join("deep/er")).unwrap();
    write(t.from.join("a"), b"one file");
    fs::hard_link(t.from.join("a"), t.from.join("deep/er/b")).unwrap();
    fs::hard_link(t.from.join("a"), t.from.join("z")).unwrap();
    symlink("x", t.from.join("deep/link")).unwrap();
    fs::hard_link(t.from.join("deep/link"), t.from.join("link too")).unwrap();
    assert_eq!(Folder::open(&t.from).unwrap().stat(b"a").unwrap().links, 3);
    check_copy(&t.from, &t.to);
    let ino = |name: &str| fs::symlink_metadata(t.to.join(name)).unwrap().ino();
    assert_eq!((ino("a"), ino("a")), (ino("z"), ino("deep/er/b")));
    assert_eq!(ino("deep/link"), ino("link too"));
}

#[test]
fn extended_attributes_and_access_lists_come_back() {
    let t = trees();
    let file = t.from.join("file");
    write(&file, b"x");
    xattr::set(&file, "user.comment", b"\0bytes\xff").unwrap();
    xattr::set(&file, "user.empty", b"").unwrap();
    let list = acl(&[(1, 6, !0), (2, 4, 1234), (4, 0, !0), (16, 4, !0), (32, 0, !0)]);
    xattr::set(&file, "system.posix_acl_access", &list).unwrap();
    let folder = t.from.join("folder");
    fs::create_dir(&folder).unwrap();
    let passed_on = acl(&[(1, 7, !0), (2, 7, 4321), (4, 5, !0), (16, 7, !0), (32, 0, !0)]);
    xattr::set(&folder, "system.posix_acl_default", &passed_on).unwrap();
    // What is made in such a folder inherits a list; what was not made there has none.
    write(folder.join("plain"), b"");
    xattr::remove(folder.join("plain"), "system.posix_acl_access").unwrap();
    set_mode(&folder.join("plain"), 0o604);
    let found = &Folder::open(&t.from).unwrap().read().unwrap().entries[0];
    let read: Vec<&[u8]> = found.entry.attrs.xattrs.iter().map(|x| x.name.as_slice()).collect();
    assert_eq!(read, [&b"system.posix_acl_access"[..], b"user.comment", b"user.empty"]);
    check_copy(&t.from, &t.to);
    assert_eq!(mode(&t.to.join("file")), 0o640, "the mask stands in the group's place");
    assert_eq!(xattr::get(t.to.join("file"), "system.posix_acl_access").unwrap(), Some(list));
}

#[test]
fn special_mode_bits_and_closed_folders_come_back() {
    let t = trees();
    for (name, bits) in [("set-user", 0o4755), ("set-group", 0o2711), ("nothing", 0o000)] {
        write(t.from.join(name), b"#!");
        set_mode(&t.from.join(name), bits);
    }
    fs::create_dir(t.from.join("closed")).unwrap();
    write(t.from.join("closed/inside"), b"kept");
    set_mode(&t.from.join("closed"), 0o500);
    fs::create_dir(t.from.join("sticky")).unwrap();
    set_mode(&t.from.join("sticky"), 0o3777);
    if !geteuid().is_root() {
        set_mode(&t.from.join("nothing"), 0o400);
    }
    check_copy(&t.from, &t.to);
    assert_eq!(mode(&t.to.join("set-user")), 0o4755);
    assert_eq!(mode(&t.to.join("closed")), 0o500);
    assert_eq!(mode(&t.to.join("sticky")), 0o3777);
    set_mode(&t.from.join("closed"), 0o700);
    set_mode(&t.to.join("closed"), 0o700);
}

#[test]
fn owners_come_back_for_root_with_set_user_bits() {
    let t = trees();
    write(t.from.join("theirs"), b"");
    if geteuid().is_root() {
        std::os::unix::fs::chown(t.from.join("theirs"), Some(12_345), Some(54_321)).unwrap();
        set_mode(&t.from.join("theirs"), 0o6755);
    }
    check_copy(&t.from, &t.to);
    let copy = fs::metadata(t.to.join("theirs")).unwrap();
    let source = fs::metadata(t.from.join("theirs")).unwrap();
    assert_eq!((copy.uid(), copy.gid(), copy.mode()), (source.uid(), source.gid(), source.mode()));
}

#[test]
fn the_owners_names_are_read() {
    let t = trees();
    write(t.from.join("mine"), b"");
    let folder = Folder::open(&t.from).unwrap();
    let mut found = folder.stat(b"mine").unwrap();
    assert_eq!(found.entry.attrs.user, None, "one stat does not ask for names");
    folder.details(&mut found).unwrap();
    let name = nix::unistd::User::from_uid(geteuid()).unwrap().map(|user| user.name.into_bytes());
    assert_eq!(found.entry.attrs.user.map(|user| user.to_vec()), name);
}

#[test]
fn paths_longer_than_the_system_takes_can_be_read_written_and_compared() {
    let t = trees();
    let name = "d".repeat(250);
    let mut folder = fs::File::open(&t.from).unwrap();
    for _ in 0..20 {
        mkdirat(&folder, name.as_str(), Mode::S_IRWXU).unwrap();
        let path =
            Path::new("/proc/self/fd").join(std::os::fd::AsRawFd::as_raw_fd(&folder).to_string());
        folder = fs::File::open(path.join(&name)).unwrap();
    }
    let bottom = format!("/proc/self/fd/{}/bottom", std::os::fd::AsRawFd::as_raw_fd(&folder));
    write(&bottom, b"5000 bytes down");
    check_copy(&t.from, &t.to);
    write(&bottom, b"5000 Bytes down");
    let found = crate::common::differences(&t.from, &t.to);
    assert!(found.iter().any(|line| line.ends_with("/bottom: bytes differ from 5 on")));
}
