//! What an ordinary user may not read or restore is named, and all the rest is there.
//!
//! Run by root, each test becomes an ordinary user for a while, for the whole process; so these
//! tests have a program of their own and take turns. Run by anyone else they test that user.

mod common;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use common::{copy, mode, names, set_mode, write};
use filetree::{Compare, Folder, ReadError, Shortfall, Target, TargetOptions, WriteError, compare};
use format::entry::{Entry, EntryKind};
use nix::unistd::{Gid, Uid, getegid, geteuid, setegid, seteuid};
use tempfile::tempdir;

const USER: u32 = 54_321;

static TURN: Mutex<()> = Mutex::new(());

/// Root again when it goes, even after a panic.
struct Back {
    uid: Uid,
    gid: Gid,
}

impl Drop for Back {
    fn drop(&mut self) {
        seteuid(self.uid).expect("the saved user is allowed");
        setegid(self.gid).expect("the saved group is allowed");
    }
}

/// Runs `prepare` as whoever runs the tests and `act` as an ordinary user, in a folder of its own.
fn check(prepare: impl FnOnce(&Path), act: impl FnOnce(&Path)) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let dir = tempdir().expect("a temporary folder");
    set_mode(dir.path(), 0o777);
    prepare(dir.path());
    let back = geteuid().is_root().then(|| {
        let back = Back { uid: geteuid(), gid: getegid() };
        setegid(Gid::from_raw(USER)).expect("root may change its group");
        seteuid(Uid::from_raw(USER)).expect("root may change its user");
        back
    });
    assert!(!geteuid().is_root());
    act(dir.path());
    drop(back);
    open_up(dir.path());
}

/// Only what is in open folders can be deleted by anyone but root.
fn open_up(folder: &Path) {
    set_mode(folder, 0o700);
    for name in names(folder) {
        let below = folder.join(OsStr::from_bytes(&name));
        if fs::symlink_metadata(&below).expect("it is there").is_dir() {
            open_up(&below);
        }
    }
}

#[test]
fn what_may_not_be_read_is_named_and_the_rest_is_read() {
    check(
        |dir| {
            fs::create_dir_all(dir.join("from/closed")).unwrap();
            write(dir.join("from/closed/inside"), b"");
            write(dir.join("from/open"), b"read");
            write(dir.join("from/secret"), b"not read");
            set_mode(&dir.join("from/secret"), 0o000);
            set_mode(&dir.join("from/closed"), 0o000);
        },
        |dir| {
            let folder = Folder::open(&dir.join("from")).unwrap();
            let closed = folder.child(b"closed").unwrap_err();
            assert_eq!(closed.to_string(), "closed may not be read: no permission for opening");
            assert!(matches!(closed, ReadError::Denied { .. }));
            let missing = copy(&dir.join("from"), &dir.join("to"), TargetOptions::default());
            let unreadable = |name| format!("{name} may not be read: no permission for opening");
            assert!(missing.contains(&unreadable("secret")), "{missing:?}");
            assert!(missing.contains(&unreadable("closed")), "{missing:?}");
            assert_eq!(fs::read(dir.join("to/open")).unwrap(), b"read");
            assert_eq!(names(&dir.join("to")), [b"closed".to_vec(), b"open".to_vec()]);
            let found = compare(&dir.join("from"), &dir.join("to"), &Compare::default());
            assert!(
                found.iter().any(|one| one.to_string().starts_with("closed: not compared")),
                "what cannot be read is not called equal: {found:?}"
            );
        },
    );
}

#[test]
fn a_folder_that_may_be_listed_but_not_searched_names_all_it_withholds() {
    check(
        |dir| {
            fs::create_dir(dir.join("names only")).unwrap();
            write(dir.join("names only/a"), b"");
            set_mode(&dir.join("names only"), 0o444);
        },
        |dir| {
            let listing = Folder::open(&dir.join("names only")).unwrap().read().unwrap();
            assert!(listing.entries.is_empty());
            assert_eq!(listing.skipped.len(), 1);
            assert_eq!(listing.skipped[0].name, b"a");
            assert!(!listing.skipped[0].error.is_vanished());
            assert!(!listing.skipped[0].error.is_partial());
        },
    );
}

#[test]
fn files_of_others_are_read_where_the_access_time_cannot_be_spared() {
    check(
        |dir| {
            fs::create_dir(dir.join("from")).unwrap();
            write(dir.join("from/theirs"), b"for all to read");
            set_mode(&dir.join("from"), 0o755);
        },
        |dir| {
            copy(&dir.join("from"), &dir.join("to"), TargetOptions::default());
            let options = Compare { ignore_owners: true, ..Compare::default() };
            let found = compare(&dir.join("from"), &dir.join("to"), &options);
            assert!(found.is_empty(), "{found:?}");
        },
    );
}

#[test]
fn owners_that_cannot_be_restored_are_named_and_set_user_bits_left_off() {
    check(
        |_| {},
        |dir| {
            let target = Target::open(&dir.join("to"), TargetOptions::default()).unwrap();
            let folder = target.folder();
            folder.create_file(b"tool").unwrap().finish().unwrap();
            let mut entry = Entry::new(*b"tool", EntryKind::File);
            entry.attrs.mode = 0o6755;
            (entry.attrs.uid, entry.attrs.gid) = (0, 0);
            entry.attrs.mtime.secs = -5;
            let lost = folder.set_attrs(b"tool", &entry);
            let (uid, gid) = (geteuid().as_raw(), getegid().as_raw());
            let text: Vec<String> = lost.iter().map(ToString::to_string).collect();
            assert_eq!(
                text,
                [
                    format!("the group of tool stays {gid} instead of 0"),
                    format!("the owner of tool stays {uid} instead of 0"),
                    "tool is not set-user and set-group any more, as its owner or group differs"
                        .to_owned(),
                ]
            );
            assert_eq!(lost[1].advice(), "Restore as root to bring back owners and groups.");
            assert_eq!(mode(&dir.join("to/tool")), 0o755);
            assert_eq!(fs::metadata(dir.join("to/tool")).unwrap().mtime(), -5);

            (entry.attrs.uid, entry.attrs.gid) = (uid, gid);
            assert!(folder.set_attrs(b"tool", &entry).is_empty());
            assert_eq!(mode(&dir.join("to/tool")), 0o6755, "their own may act for them");
        },
    );
}

#[test]
fn attributes_and_devices_that_need_root_are_named() {
    check(
        |_| {},
        |dir| {
            let target = Target::open(&dir.join("to"), TargetOptions::default()).unwrap();
            let folder = target.folder();
            let refused = folder.device(b"null", EntryKind::CharDevice, 1 << 32 | 3).unwrap_err();
            assert!(matches!(refused, WriteError::Denied { .. }), "{refused}");
            folder.create_file(b"file").unwrap().finish().unwrap();
            let mut entry = Entry::new(*b"file", EntryKind::File);
            (entry.attrs.uid, entry.attrs.gid) = (geteuid().as_raw(), getegid().as_raw());
            entry.attrs.mode = 0o444;
            for name in ["security.holdfast", "trusted.holdfast", "user.comment"] {
                entry.attrs.xattrs.push(format::entry::Xattr {
                    name: name.as_bytes().to_vec().into(),
                    value: b"1".to_vec().into(),
                });
            }
            let lost = folder.set_attrs(b"file", &entry);
            let [Shortfall::Xattr { attribute: a, .. }, Shortfall::Xattr { attribute: b, .. }] =
                &lost[..]
            else {
                panic!("{lost:?}");
            };
            assert_eq!((&a[..], &b[..]), (&b"security.holdfast"[..], &b"trusted.holdfast"[..]));
            let file = dir.join("to/file");
            assert_eq!(xattr::get(&file, "user.comment").unwrap().as_deref(), Some(&b"1"[..]));
            assert_eq!(mode(&file), 0o444);
            // Once closed, the file takes no attribute; but it has this one already.
            entry.attrs.xattrs.retain(|xattr| xattr.name.starts_with(b"user."));
            assert!(folder.set_attrs(b"file", &entry).is_empty());
        },
    );
}

#[test]
fn closed_files_and_folders_come_back_and_can_be_restored_over() {
    check(
        |_| {},
        |dir| {
            let [from, to] = ["from", "to"].map(|name| dir.join(name));
            fs::create_dir_all(from.join("closed")).unwrap();
            write(from.join("closed/file"), b"read only");
            xattr::set(from.join("closed/file"), "user.a", b"1").unwrap();
            set_mode(&from.join("closed/file"), 0o400);
            set_mode(&from.join("closed"), 0o500);
            common::check_copy(&from, &to);
            let options = TargetOptions {
                existing: filetree::Existing::Overwrite,
                ..TargetOptions::default()
            };
            assert_eq!(copy(&from, &to, options), [""; 0]);
            assert_eq!(common::differences(&from, &to), [""; 0]);
            assert_eq!(mode(&to.join("closed")), 0o500);
        },
    );
}

#[test]
fn a_target_that_may_not_be_written_refuses_each_entry_by_name() {
    check(
        |dir| {
            fs::create_dir(dir.join("to")).unwrap();
            set_mode(&dir.join("to"), 0o555);
        },
        |dir| {
            let target = Target::open(&dir.join("to"), TargetOptions::default()).unwrap();
            let refused = target.folder().create_file(b"file").unwrap_err();
            assert_eq!(refused.to_string(), "file: no permission for creating the file");
            let above = Target::open(&dir.join("to/new"), TargetOptions::default());
            assert!(matches!(above, Err(WriteError::Denied { .. })), "{above:?}");
        },
    );
}
